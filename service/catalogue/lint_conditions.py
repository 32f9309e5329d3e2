"""What the linter says of conditions: their form, what they refer to, and where they may look."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import get_args

from service.catalogue.findings import Finding
from service.catalogue.lint_answers import NUMERIC
from service.catalogue.question import Choice, Choices, Condition, Question, YesPartialNo
from service.catalogue.yaml_text import Spot
from stocktake.models.registry import SiteType

_FORMS = ("all", "any", "not", "any_site", "question", "site", "state")
_TESTS = ("question", "site", "state")
_COMPARISONS = ("in", "level_at_least", "level_below", "above", "below")


@dataclass(frozen=True, slots=True)
class Look:
    """From where a condition looks: whose questions it may test."""

    questions: Mapping[str, Question]
    owner: str = ""
    """The question it is a condition of; empty for checks and indicators."""
    at_site: bool = False
    """Whether it is put for one site, so that it may look at that site."""
    inside_any_site: bool = False


def condition_findings(condition: Condition, spot: Spot, look: Look) -> Iterator[Finding]:
    """Everything wrong with a condition and those within it."""
    given = _given(condition)
    forms = [name for name in _FORMS if name in given]
    comparisons = [name for name in _COMPARISONS if name in given]
    if len(forms) != 1:
        found = ", ".join(forms) or "none of them"
        yield spot.finding("condition", f"a condition has exactly one of {', '.join(_FORMS)}; here is {found}")
        return
    if forms[0] in _TESTS:
        yield from _test(condition, comparisons, spot, look)
    else:
        if comparisons:
            message = f"{comparisons[0]} beside {forms[0]}; it belongs to the test of a question"
            yield spot.at(comparisons[0]).finding("condition", message)
        yield from _combination(condition, spot, look)


def _given(condition: Condition) -> set[str]:
    aliases = {"negate": "not", "one_of": "in"}
    return {aliases.get(name, name) for name in condition.model_fields_set}


def _combination(condition: Condition, spot: Spot, look: Look) -> Iterator[Finding]:
    for name, parts in (("all", condition.all), ("any", condition.any)):
        if parts is not None and not parts:
            yield spot.at(name).finding("condition", f"{name} has no conditions; write some or remove it")
        for number, part in enumerate(parts or ()):
            yield from condition_findings(part, spot.at(name, number), look)
    if condition.negate is not None:
        yield from condition_findings(condition.negate, spot.at("not"), look)
    if condition.any_site is not None:
        below = spot.at("any_site")
        if look.inside_any_site:
            yield below.finding("condition", "any_site within any_site; it already looks at each site, remove one")
        elif not any(_of_site(test, look) for test in tests(condition.any_site)):
            message = "any_site looks at no site question and at no site; test the state's answer without it"
            yield below.finding("condition", message)
        inside = Look(look.questions, look.owner, at_site=True, inside_any_site=True)
        yield from condition_findings(condition.any_site, below, inside)


def _of_site(test: Condition, look: Look) -> bool:
    asked = look.questions.get(test.question or "")
    return test.site is not None or (asked is not None and asked.scope == "site")


def _test(condition: Condition, comparisons: list[str], spot: Spot, look: Look) -> Iterator[Finding]:
    if len(comparisons) != 1:
        found = ", ".join(comparisons) or "none of them"
        yield spot.finding("condition", f"a test has exactly one of {', '.join(_COMPARISONS)}; here is {found}")
        return
    words = condition.one_of
    if words is not None and (not words or len(set(words)) < len(words)):
        yield spot.at("in").finding("condition", "in lists no value or one twice; list each value once")
    if condition.question is not None:
        yield from _question_test(condition, comparisons[0], spot, look)
        return
    if words is None:
        name = "site" if condition.site else "state"
        yield spot.at(comparisons[0]).finding("condition", f"a test of {name} is written with in")
        return
    known = get_args(SiteType) if condition.site else ("true", "false")
    yield from _words(words, known, spot)
    if condition.site and not look.at_site:
        message = "a condition on the site where no one site is looked at; put it in any_site"
        yield spot.at("site").finding("condition", message)


def _words(words: tuple[str, ...], known: tuple[str, ...], spot: Spot) -> Iterator[Finding]:
    for number, word in enumerate(words):
        if word not in known:
            message = f"{word} can never be; known here: {', '.join(known)}"
            yield spot.at("in", number).finding("condition", message)


def _question_test(condition: Condition, comparison: str, spot: Spot, look: Look) -> Iterator[Finding]:
    here = spot.at("question")
    asked = look.questions.get(condition.question or "")
    if asked is None:
        yield here.finding("condition", f"there is no question {condition.question}; correct the id")
        return
    if asked.id == look.owner:
        yield here.finding("condition", f"{asked.id} looks at its own answer; name another question")
    if asked.scope == "site" and not look.at_site:
        message = f"{asked.id} is asked of each site and here no one site is looked at; put the test in any_site"
        yield here.finding("condition", message)
    if asked.scope == "state" and look.inside_any_site:
        yield here.finding("condition", f"{asked.id} is asked of the state; put its test beside any_site, not inside")
    yield from _comparison(condition, comparison, asked, spot)


def _comparison(condition: Condition, comparison: str, asked: Question, spot: Spot) -> Iterator[Finding]:
    at = spot.at(comparison)
    if comparison == "in":
        match asked.answer:
            case Choice(options=options) | Choices(options=options):
                yield from _words(condition.one_of or (), tuple(option.id for option in options), spot)
            case YesPartialNo():
                yield from _words(condition.one_of or (), ("yes", "partial", "no"), spot)
            case _:
                message = f"{asked.id} is answered with a {asked.answer.type}; in needs options, compare it otherwise"
                yield at.finding("condition", message)
    elif comparison in ("above", "below"):
        if not isinstance(asked.answer, NUMERIC):
            yield at.finding("condition", f"{asked.id} is answered with a {asked.answer.type}, not with a number")
    elif not asked.scored:
        yield at.finding("condition", f"{asked.id} is context and has no level; compare its value")
    elif condition.level_at_least == 0 or condition.level_below == 0:
        always = "always" if comparison == "level_at_least" else "never"
        yield at.finding("condition", f"{comparison} 0 {always} holds; write a level from 1 to 4")


def tests(condition: Condition) -> Iterator[Condition]:
    """The single tests within a condition."""
    if condition.question or condition.site or condition.state:
        yield condition
    below = (*(condition.all or ()), *(condition.any or ()), condition.negate, condition.any_site)
    for part in below:
        if part is not None:
            yield from tests(part)


def looks_at_one_site(condition: Condition, questions: Mapping[str, Question]) -> bool:
    """Whether it is put for one site: it looks, outside ``any_site``, at a site question or at the site."""
    if condition.any_site is not None:
        return False
    if _of_site(condition, Look(questions)):
        return True
    parts = (*(condition.all or ()), *(condition.any or ()), condition.negate)
    return any(looks_at_one_site(part, questions) for part in parts if part is not None)


def circle(questions: Mapping[str, Question]) -> list[str]:
    """Questions that wait for one another in a circle, the first again at the end; empty when there are none."""
    waits = {
        question.id: {test.question for test in tests(question.applies_when) if test.question in questions}
        for question in questions.values()
        if question.applies_when is not None
    }
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found if len(set(found)) > 1 else []
    return []
