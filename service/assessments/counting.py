"""How many questions a state has to answer: of a made-up state, and at most. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from math import prod
from typing import NamedTuple, cast, get_args

from service.assessments.conditions import Surroundings, leaves
from service.assessments.facts import Given, Picture, SiteGroup, StateFacts
from service.assessments.profiles import given_value
from service.catalogue.checklist import Checklist
from service.catalogue.question import (
    MOST,
    Choice,
    Choices,
    Condition,
    Day,
    Duration,
    Maturity,
    Number,
    Percent,
    Question,
    YesPartialNo,
)
from service.errors import WrongAnswer
from stocktake.models.answers import Value
from stocktake.models.registry import SiteType

END = date(2026, 12, 31)
SITE_TYPES: tuple[SiteType, ...] = get_args(SiteType)
_TOGETHER = 4000
"""Combinations of answers that are tried at once to make one more question apply."""


class Count(NamedTuple):
    """Questions that are asked, and those of them that wait for another answer to be told."""

    asked: int
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    state: Count
    sites: Sequence[tuple[SiteType, Count]]
    left_out: tuple[str, ...]
    """Questions that are asked nowhere."""


def count(picture: Picture) -> Counts:
    """What is asked of a state with these answers, and of each of its sites."""
    around = Surroundings.of(picture)
    of_state, of_site = picture.checklist.of_scope("state"), picture.checklist.of_scope("site")
    places = [around.at(group) for group in picture.groups]
    asked_somewhere = {q.id for q in of_state if around.applies(q) is not False}
    asked_somewhere |= {q.id for place in places for q in of_site if place.applies(q) is not False}
    return Counts(
        _count(around, of_state),
        [(group.type, _count(place, of_site)) for group, place in zip(picture.groups, places, strict=True)],
        tuple(q.id for q in picture.checklist.questions if q.id not in asked_somewhere),
    )


def most(checklist: Checklist, types: Sequence[SiteType] = SITE_TYPES) -> Picture:
    """A state with one site of each type that is asked as many questions as a search finds."""
    return _Search(checklist, types).run()


def site_forms(checklist: Checklist) -> dict[SiteType, int]:
    """The longest form of a site, for each type of site; empty where no question is asked of sites."""
    if not checklist.of_scope("site"):
        return {}
    return {kind: _Search(checklist, [kind], state_counts=False).best for kind in SITE_TYPES}


def _count(around: Surroundings, questions: Sequence[Question]) -> Count:
    told = {question.id: around.applies(question) for question in questions}
    waiting = tuple(name for name, truth in told.items() if truth is None)
    return Count(sum(truth is not False for truth in told.values()), waiting)


# ── the most there can be ────────────────────────────────────────────────────────────────────────────────────────────

Key = tuple[str, SiteType | None]
"""A question that conditions look at, at the state or at the site of a type; or a fact of the state."""


class _Search:
    """Change the answers that conditions look at, one at a time and then several together, while more is asked."""

    def __init__(self, checklist: Checklist, types: Sequence[SiteType], *, state_counts: bool = True) -> None:
        self._checklist, self._types, self._state_counts = checklist, types, state_counts
        self._choices = dict(self._keys())
        self._now = {key: choices[0] for key, choices in self._choices.items()}
        self.best = self._score(self._now)
        while self._improve_singly() or self._improve_together():
            pass

    def run(self) -> Picture:
        return self._picture(self._now)

    def _keys(self) -> Iterator[tuple[Key, Sequence[Given | bool]]]:
        tests: dict[str, list[Condition]] = {}
        for question in self._checklist.questions:
            for test in leaves(question.applies_when) if question.applies_when else ():
                tests.setdefault(test.question or test.state or "", []).append(test)
        for name in ("un_member", "interpol_member"):
            yield (name, None), (True, False)
        for name, question in self._checklist.by_id().items():
            if name in tests:
                answers = list(_answers(question, tests[name]))
                for kind in self._types if question.scope == "site" else [None]:
                    yield (name, kind), answers

    def _improve_singly(self) -> bool:
        return sum(self._improve((key,)) for key in self._choices) > 0

    def _improve_together(self) -> bool:
        """Make one question more apply that no single change reaches."""
        for name in count(self._picture(self._now)).left_out:
            looked_at = self._looked_at(self._checklist.question(name), set())
            keys = tuple(key for key in self._choices if key[0] in looked_at and key[1] in (None, self._types[0]))
            if prod(len(self._choices[key]) for key in keys) <= _TOGETHER and self._improve(keys):
                return True
        return False

    def _looked_at(self, question: Question, seen: set[str]) -> set[str]:
        """What decides whether it applies, at any remove."""
        for test in leaves(question.applies_when) if question.applies_when else ():
            name = test.question or test.state
            if name and name not in seen:
                seen.add(name)
                if test.question:
                    self._looked_at(self._checklist.question(test.question), seen)
        return seen

    def _improve(self, keys: tuple[Key, ...]) -> bool:
        before = self.best
        for chosen in product(*(self._choices[key] for key in keys)):
            tried = self._now | dict(zip(keys, chosen, strict=True))
            if (score := self._score(tried)) > self.best:
                self._now, self.best = tried, score
        return self.best > before

    def _score(self, answers: Mapping[Key, Given | bool]) -> int:
        counts = count(self._picture(answers))
        at_sites = sum(at_site.asked for _, at_site in counts.sites)
        return at_sites + (counts.state.asked if self._state_counts else 0)

    def _picture(self, answers: Mapping[Key, Given | bool]) -> Picture:
        at: dict[SiteType | None, dict[str, Given]] = {kind: {} for kind in (None, *self._types)}
        for (name, kind), answer in answers.items():
            if isinstance(answer, Given):
                at[kind][name] = answer
        facts = StateFacts(bool(answers["un_member", None]), bool(answers["interpol_member", None]))
        groups = [SiteGroup(kind, 1, at[kind], 1, None) for kind in self._types]
        return Picture(self._checklist, facts, END, at[None], groups)


def _answers(question: Question, tests: Sequence[Condition]) -> Iterator[Given]:
    """Answers between which the conditions can tell."""
    found: list[Given] = []
    for value in _values(question, tests):
        try:
            given = given_value(question, value, END)
        except WrongAnswer:
            continue
        if given not in found:
            found.append(given)
            yield given


def _values(question: Question, tests: Sequence[Condition]) -> Sequence[Value]:  # noqa: PLR0911  # one a type
    """Values on both sides of each limit, best first; some may be none that the question takes."""
    match question.answer:
        case Maturity():
            return [4, 3, 2, 1, 0]
        case Choice(options=options):
            return [option.id for option in options]
        case Choices(options=options):
            several = [option.id for option in options if not option.alone]
            return [cast("Value", several), *([option.id] for option in options)]
        case YesPartialNo():
            return ["yes", "partial", "no"]
        case Percent(levels=levels) | Number(levels=levels) | Duration(levels=levels):
            limits = {limit for test in tests for limit in (test.above, test.below) if limit is not None}
            for step in levels or ():
                limits |= {n for n in (step.at_least, step.above, step.at_most, step.below) if n is not None}
            near = sorted(
                {float(limit + by) for limit in limits for by in (-1, Decimal("-0.0001"), 0, Decimal("0.0001"), 1)}
            )
            return [*near, 0, 100, MOST]
        case Day():
            return [END.isoformat(), "1900-01-01"]
        case _:
            return ["text"]
