"""From one version of a checklist to the next, and from one cycle to the next: what becomes of answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from stocktake.models.answers import AnswerKind, Certainty, Evidence, Source, Value
from stocktake.models.base import Body, Day, VersionText, View

Fate = Literal["kept", "reconfirm", "mapped", "history"]
"""It stands as it is; it stands until somebody confirms it; its value is put into the new scale; it no longer stands
and is read in the history."""
Cause = Literal["unchanged", "real", "reading_corrected", "question_changed", "new", "retired", "not_comparable"]


class UpgradeTo(Body):
    to: VersionText | None = None
    """The newest published version unless given."""


class FateCounts(View):
    kept: int
    reconfirm: int
    mapped: int
    history: int


class Carried(View):
    """Answers to one question that go one way."""

    question: str
    to: str | None
    """The question they are answers to from then on; the same one where it stays."""
    fate: Fate
    answers: int
    sites: list[str]
    """Where, by code; empty for a question asked of the state."""


class UpgradeStep(View):
    """A move to a newer version that was made."""

    from_version: str
    to_version: str
    at: datetime
    by: str
    """The API key that asked for it, by its public id."""
    counts: FateCounts


class Upgrade(View):
    """What a move to another version does to the answers of an assessment, or did."""

    assessment: UUID
    from_version: str
    to_version: str
    applied: bool
    """Whether it was made just now; a preview and a move to where the assessment is already change nothing."""
    version: int
    """Of the assessment: name it in ``If-Match`` to apply exactly this preview."""
    counts: FateCounts
    answers: list[Carried]
    """In the earlier version's order of questions."""
    new_questions: list[str]
    earlier: list[UpgradeStep]


class ProposeFrom(Body):
    """Where proposals come from."""

    model_config = ConfigDict(extra="forbid", frozen=True, serialize_by_alias=True, populate_by_name=True)

    from_: UUID = Field(alias="from")
    """An earlier assessment of the same state and checklist."""


class Proposed(View):
    """How many answers of the earlier assessment are proposed, and how they came through the maps."""

    assessment: UUID
    from_assessment: UUID
    proposed: int
    """Without those already answered here and those of sites no longer in operation."""
    counts: FateCounts


class Proposal(View):
    """An answer of an earlier cycle on the scale of this version: confirm it, dismiss it, or answer anew."""

    question: str
    site: str | None
    title: str
    kind: AnswerKind
    value: Value | None = Field(union_mode="left_to_right")
    reason: str | None
    remark: str | None
    evidence: list[Evidence]
    certainty: Certainty | None
    period_start: Day | None
    period_end: Day | None
    source: Source | None
    fate: Fate
    from_assessment: UUID
    from_question: str
    from_version: str
    """The version of the checklist that was answered then."""
    answered_at: datetime


class Move(View):
    """So many sites (or the state, once) that went from one level to another."""

    before: int | None
    now: int | None
    cause: Cause
    count: int


class LevelCounts(View):
    """How many answers there are at each level, 0 to 4, and without a level."""

    levels: list[int]
    without: int
    """Non-answers, and answers to questions of context."""


class ComparedQuestion(View):
    """One question in both assessments; for the state the counts are of one."""

    question: str | None
    """In this assessment's version; none for one that is no longer asked."""
    earlier: str | None
    """In the other's; none for a new one."""
    title: str
    scope: Literal["state", "site"]
    alike: bool
    """Whether both asked the same on the same scale."""
    before: LevelCounts
    now: LevelCounts
    moves: list[Move]
    """Of the state, or of sites that answered both times; ``new`` and ``retired`` count what has no other side."""


class ComparedScore(View):
    """The score over what can be compared: levels that both assessments hold for the same question and site.

    Fractions are exact, as ``numerator/denominator``.
    """

    before: str | None
    now: str | None
    difference: str | None
    real: str | None
    """Of the difference: what changed in the world, as declared."""
    reading_corrected: str | None
    """Of the difference: what had been read wrongly, as declared."""
    questions: int


class Comparison(View):
    """Two assessments of one state, like for like."""

    assessment: UUID
    version: str
    with_assessment: UUID
    with_version: str
    in_place: ComparedScore
    in_use: ComparedScore
    questions: list[ComparedQuestion]
