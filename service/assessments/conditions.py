"""Whether conditions hold and questions apply, in three truths: yes, no, and not yet told (none).

A test on an answer that is missing, unknown or withheld is not yet told; a test on a question that does not apply does
not hold. Only a condition that does not hold takes a question away; until it is told, the question waits.
The linter refuses questions that wait for one another in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Self

from service.assessments.facts import Given, Picture, SiteGroup, StateFacts
from service.catalogue.checklist import Checklist, SiteShare
from service.catalogue.question import Condition, Question
from stocktake.models.answers import Value

Truth = bool | None
NUMBERS = ("maturity", "percent", "number", "duration")
"""The types of answer whose value is a number."""
ONE_WORD = ("choice", "yes_partial_no")
"""Those whose value is one word of a list."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What conditions look at: the state, its answers, all its sites and, at a site, that site."""

    questions: Mapping[str, Question]
    state: StateFacts
    answers: Mapping[str, Given]
    groups: Sequence[SiteGroup]
    group: SiteGroup | None = None
    recorded: bool = False
    """For cross-checks: look at every recorded answer, also of a question that does not apply and should have none."""
    of_state: "Surroundings | None" = None
    """At a site: the same without the site."""
    told: dict[str, Truth] = field(default_factory=dict)
    """Which questions apply, as far as already asked."""
    anywhere: dict[int, Truth] = field(default_factory=dict)
    """Which conditions hold at one site at least, by identity: the checklist outlives these surroundings."""

    @classmethod
    def of(cls, picture: Picture, *, recorded: bool = False) -> Self:
        return cls(picture.checklist.by_id(), picture.state, picture.answers, picture.groups, recorded=recorded)

    def at(self, group: SiteGroup) -> Self:
        """The same at one site or at sites that are alike."""
        return replace(self, group=group, of_state=self.of_state or self, told={})

    def applies(self, question: Question) -> Truth:
        """Whether the question is asked here; none while another answer has to tell."""
        if question.applies_when is None:
            return True
        if question.scope == "state" and self.of_state is not None:
            return self.of_state.applies(question)
        if question.id not in self.told:
            self.told[question.id] = holds(question.applies_when, self)
        return self.told[question.id]

    def passes_over(self, question: Question) -> bool:
        """Whether an answer to it is not to be looked at here, because the question does not apply."""
        return not self.recorded and self.applies(question) is False

    def given(self, question: Question) -> Given | None:
        """The answer to the question here; none when there is none, or no site to look at."""
        if question.scope == "state":
            return self.answers.get(question.id)
        return None if self.group is None else self.group.gates.get(question.id)


def applies(picture: Picture, question: Question, group: SiteGroup | None = None) -> Truth:
    """Whether one question is asked of the state or at the sites of a group. For many, keep ``Surroundings``."""
    around = Surroundings.of(picture)
    return (around if group is None else around.at(group)).applies(question)


def holds(condition: Condition, around: Surroundings) -> Truth:
    """Whether a condition holds in these surroundings."""
    if condition.all is not None:
        return every(holds(part, around) for part in condition.all)
    if condition.any is not None:
        return some(holds(part, around) for part in condition.any)
    if condition.negate is not None:
        return negated(holds(condition.negate, around))
    if condition.any_site is not None:
        return _at_some_site(condition.any_site, around)
    return _test(condition, around)


def every(truths: Iterable[Truth]) -> Truth:
    """No as soon as one is no; else not told as soon as one is not told."""
    result: Truth = True
    for truth in truths:
        if truth is False:
            return False
        if truth is None:
            result = None
    return result


def some(truths: Iterable[Truth]) -> Truth:
    """Yes as soon as one is yes; else not told as soon as one is not told."""
    return negated(every(negated(truth) for truth in truths))


def negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _at_some_site(condition: Condition, around: Surroundings) -> Truth:
    key = id(condition)
    if key not in around.anywhere:
        around.anywhere[key] = some(holds(condition, around.at(group)) for group in around.groups)
    return around.anywhere[key]


def _test(condition: Condition, around: Surroundings) -> Truth:
    words = condition.one_of or ()
    if condition.state is not None:
        member = around.state.un_member if condition.state == "un_member" else around.state.interpol_member
        return ("true" if member else "false") in words
    if condition.site is not None:
        return None if around.group is None else around.group.type in words
    question = around.questions[condition.question or ""]
    if around.passes_over(question):
        return False
    given = around.given(question)
    if given is None or given.kind in ("unknown", "withheld"):
        return None
    return False if given.kind == "not_applicable" else _meets(condition, given)


def _meets(condition: Condition, given: Given) -> Truth:
    """By other means a level is told, but none of the question's own values is."""
    value = None if given.kind == "other_means" else given.value
    tests: list[Truth] = []
    if condition.one_of is not None:
        tests.append(None if value is None else any(word in condition.one_of for word in _words(value)))
    if condition.level_at_least is not None:
        tests.append(None if given.level is None else given.level >= condition.level_at_least)
    if condition.level_below is not None:
        tests.append(None if given.level is None else given.level < condition.level_below)
    if condition.above is not None or condition.below is not None:
        tests.append(_between(condition, number_of(value)))
    return every(tests)


def _between(condition: Condition, number: Fraction | None) -> Truth:
    if number is None:
        return None
    above = condition.above is None or number > Fraction(condition.above)
    return above and (condition.below is None or number < Fraction(condition.below))


def _words(value: Value) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def number_of(value: Value | None) -> Fraction | None:
    """A canonical number, exact; none for any other value."""
    return Fraction(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def leaves(condition: Condition, *, any_site: bool = True) -> Iterator[Condition]:
    """The single tests of a condition; without those inside ``any_site`` when so asked."""
    parts = [*(condition.all or ()), *(condition.any or ())]
    parts += [condition.negate] if condition.negate else []
    parts += [condition.any_site] if condition.any_site and any_site else []
    if condition.question or condition.site or condition.state:
        yield condition
    for part in parts:
        yield from leaves(part, any_site=any_site)


def looks_at_site(condition: Condition, questions: Mapping[str, Question]) -> bool:
    """Whether the condition is about one site: it looks at a site's type or answers outside ``any_site``."""
    return any(
        test.site is not None or (test.question is not None and questions[test.question].scope == "site")
        for test in leaves(condition, any_site=False)
    )


def asks_everywhere(asked: Iterable[Question], questions: Mapping[str, Question]) -> bool:
    """Whether telling if these questions apply can take a look at every site, through ``any_site`` at any remove."""
    waiting, seen = list(asked), set[str]()
    while waiting:
        question = waiting.pop()
        if question.applies_when is None or question.id in seen:
            continue
        seen.add(question.id)
        tests = list(leaves(question.applies_when))
        if len(tests) > len(list(leaves(question.applies_when, any_site=False))):
            return True
        waiting += [questions[test.question] for test in tests if test.question]
    return False


@dataclass(frozen=True, slots=True)
class Looked:
    """What conditions look at in the answers to one site question, besides their kind."""

    value: bool = False
    """At the value itself, whatever it is."""
    words: tuple[tuple[str, str], ...] = ()
    """At these words, each with the first of those that every condition judges the same; all others are alike."""
    levels: tuple[int, ...] = ()
    """At whether the level is at least these, lowest first."""
    above: tuple[Decimal, ...] = ()
    below: tuple[Decimal, ...] = ()
    """At whether the number is above or below these, lowest first."""


def gates(checklist: Checklist) -> dict[str, Looked]:
    """The site questions that some condition looks at, and what it looks at: so far sites have to be alike."""
    site = {question.id: question for question in checklist.of_scope("site")}
    conditions = [q.applies_when for q in checklist.questions if q.applies_when]
    conditions += [check.when for check in checklist.head.checks if check.when]
    conditions += [i.of.where for i in checklist.head.indicators if isinstance(i.of, SiteShare)]
    tests: dict[str, list[Condition]] = defaultdict(list)
    for condition in conditions:
        for test in leaves(condition):
            if test.question in site:
                tests[test.question].append(test)
    return {id_: _looked(site[id_], those) for id_, those in tests.items()}


def _looked(question: Question, tests: Sequence[Condition]) -> Looked:
    lists = [frozenset(test.one_of) for test in tests if test.one_of is not None]
    one_word = question.answer.type in ONE_WORD
    a_number = question.answer.type in NUMBERS
    levels = {n for test in tests for n in (test.level_at_least, test.level_below) if n is not None}
    return Looked(
        value=bool(lists) and not one_word,
        words=_alike(lists) if one_word else (),
        levels=tuple(sorted(levels)),
        above=tuple(sorted({test.above for test in tests if test.above is not None})) if a_number else (),
        below=tuple(sorted({test.below for test in tests if test.below is not None})) if a_number else (),
    )


def _alike(lists: Sequence[frozenset[str]]) -> tuple[tuple[str, str], ...]:
    """Each word of these lists with the first one that is in the same lists."""
    first: dict[tuple[bool, ...], str] = {}
    return tuple(
        (word, first.setdefault(tuple(word in those for those in lists), word))
        for word in sorted(frozenset().union(*lists))
    )
