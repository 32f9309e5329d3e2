"""A picture read once: for every question, who gave which kind of answer, what is not asked, and what is missing.

The state's own answer is a reading of one place with weight 1, so that state and site questions score alike.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from service.assessments.age import age_of, aged_grade
from service.assessments.conditions import Surroundings
from service.assessments.facts import Picture, SiteGroup, Tally
from service.catalogue.question import Question
from stocktake.models.answers import AnswerKind
from stocktake.models.registry import SiteType

Kind = AnswerKind | Literal["unanswered", "inapplicable"]
"""``inapplicable``: its condition does not hold here, so it is not asked."""


@dataclass(frozen=True, slots=True)
class Row:
    """Like answers to one question, from so many sites or from the state."""

    kind: Kind
    level: int | None = None
    grade: int = 0
    """Best evidence grade, after ageing."""
    tier: int = 1
    type: SiteType | None = None
    """None for the state."""
    sites: int = 1
    travellers: int | None = None

    @property
    def asked(self) -> bool:
        return self.kind != "inapplicable"

    @property
    def scored(self) -> bool:
        """Whether it counts in a denominator."""
        return self.kind not in ("not_applicable", "inapplicable")


@dataclass(frozen=True, slots=True)
class Reading:
    question: Question
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many answers of each kind there are, of those asked for. Together they are what is asked."""

    answered: int = 0
    """With a value or a level by other means."""
    unanswered: int = 0
    unknown: int = 0
    withheld: int = 0
    not_applicable: int = 0

    @property
    def asked(self) -> int:
        return self.answered + self.unanswered + self.unknown + self.withheld + self.not_applicable


@dataclass(frozen=True, slots=True)
class Readings:
    """A picture with every question's rows, in the checklist's order: what all results are computed from."""

    picture: Picture
    each: tuple[Reading, ...]

    def __iter__(self) -> Iterator[Reading]:
        return iter(self.each)


def read(picture: Picture) -> Readings:
    """Read a picture, once for all results."""
    around = Surroundings.of(picture)
    places = [(group, around.at(group)) for group in picture.groups]
    tallies: dict[str, dict[int, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for tally in picture.tallies:
        tallies[tally.question][tally.group].append(tally)
    each = (
        Reading(
            question,
            (_state_row(question, picture, around),)
            if question.scope == "state"
            else tuple(_site_rows(question, places, tallies.get(question.id, {}))),
        )
        for question in picture.checklist.questions
    )
    return Readings(picture, tuple(each))


def counted(rows: Iterable[Row]) -> Counts:
    """What is asked, by the kind of answer that came."""
    totals: Counter[Kind] = Counter()
    for row in rows:
        totals[row.kind] += row.sites
    return Counts(
        answered=totals["value"] + totals["other_means"],
        unanswered=totals["unanswered"],
        unknown=totals["unknown"],
        withheld=totals["withheld"],
        not_applicable=totals["not_applicable"],
    )


def _state_row(question: Question, picture: Picture, around: Surroundings) -> Row:
    if around.applies(question) is False:
        return Row("inapplicable")
    given = picture.answers.get(question.id)
    if given is None:
        return Row("unanswered")
    age = age_of(given.evidence_on, picture.period_end)
    return Row(given.kind, given.level, aged_grade(given.grade, age, question.dimension))


def _site_rows(
    question: Question, places: list[tuple[SiteGroup, Surroundings]], tallies: Mapping[int, list[Tally]]
) -> Iterable[Row]:
    for index, (group, place) in enumerate(places):
        if place.applies(question) is False:
            yield _rest("inapplicable", group, [])
            continue
        answered = tallies.get(index, [])
        for tally in answered:
            grade = aged_grade(tally.grade, tally.age, question.dimension)
            yield Row(tally.kind, tally.level, grade, group.tier, group.type, tally.sites, tally.travellers)
        rest = _rest("unanswered", group, answered)
        if rest.sites:
            yield rest


def _rest(kind: Kind, group: SiteGroup, answered: list[Tally]) -> Row:
    """The sites of a group that are in none of the tallies."""
    sites = group.sites - sum(tally.sites for tally in answered)
    if sites < 0:
        raise ValueError(f"{-sites} more sites answered {answered[0].question} than there are in their group")
    known = [tally.travellers for tally in answered if tally.travellers is not None]
    complete = group.travellers is not None and len(known) == len(answered)
    travellers = (group.travellers or 0) - sum(known) if complete else None
    return Row(kind, tier=group.tier, type=group.type, sites=sites, travellers=travellers)
