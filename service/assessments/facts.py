"""What the rules look at: answers, groups of like sites, and tallies. Plain values; nothing here fetches or decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from service.catalogue.checklist import Checklist
from stocktake.models.answers import AnswerKind, Value
from stocktake.models.registry import SiteType


@dataclass(frozen=True, slots=True)
class Given:
    """One recorded answer, as far as rules look at it."""

    kind: AnswerKind
    value: Value | None = None
    level: int | None = None
    grade: int = 0
    """Best evidence grade, 0 to 3, before ageing."""
    evidence_on: date | None = None
    """Day of that evidence."""


@dataclass(frozen=True, slots=True)
class StateFacts:
    un_member: bool
    interpol_member: bool


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """Sites in operation that are alike in everything a condition, a score or a check looks at."""

    type: SiteType
    tier: int
    gates: Mapping[str, Given]
    """Their answers to the site questions that some condition refers to; unanswered ones are absent."""
    sites: int
    travellers: int | None
    """Travellers a year at all of them; none when one of them does not know."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many sites of one group gave one and the same kind of answer to one question."""

    question: str
    group: int
    """Index into the picture's groups."""
    kind: AnswerKind
    level: int | None
    grade: int
    """Best evidence grade, before ageing."""
    age: int
    """Of that evidence at the end of the period: 0 within 12 months, 1 within 36, 2 older or without a day."""
    sites: int
    travellers: int | None
    """Travellers a year at these sites; none when one of them does not know."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One assessment at one moment: all that scores, coverage, gaps, checks and progress are computed from."""

    checklist: Checklist
    state: StateFacts
    period_end: date
    answers: Mapping[str, Given] = field(default_factory=dict)
    """The state's answers, by question."""
    groups: Sequence[SiteGroup] = ()
    tallies: Sequence[Tally] = ()
