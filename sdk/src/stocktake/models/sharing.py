"""Sharing: what a state gives of an approved self-assessment, to whom and until when, and the copy that is read."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from stocktake.models.answers import AnswerKind, Certainty, Value
from stocktake.models.assessments import Gap, ParagraphScore, Score
from stocktake.models.base import Body, Instant, Sha256, StateCode, View
from stocktake.models.catalogue import Instrument, Question
from stocktake.models.registry import SiteType

Edition = Literal["national", "redacted"]
"""``national``: as it was approved. ``redacted``: sites by a number, and no text that the state wrote."""
Purpose = Literal["secretary_general_report", "assistance", "cooperation", "information"]
"""What it is given for. ``secretary_general_report`` is the contribution to the Secretary-General's report."""
ParagraphId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]


class NewShare(Body):
    """Give an approved revision to one recipient."""

    recipient: StateCode
    """The member state, or the body by its code from XAA to XZZ."""
    revision: Annotated[int, Strict(), Field(ge=1, le=2**31 - 1)]
    edition: Edition
    paragraphs: Annotated[list[ParagraphId], Field(min_length=1, max_length=100)] | None
    """Those that are given; ``null`` gives the whole, and has to be said."""
    purpose: Purpose
    expires_at: Instant


class Share(View):
    """What a state gave, to whom and until when."""

    id: UUID
    assessment: UUID
    revision: int
    recipient: StateCode
    edition: Edition
    paragraphs: list[str] | None
    purpose: Purpose
    digest: Sha256
    """Of the copy, byte for byte as the recipient reads it."""
    created_at: Instant
    created_by: str
    expires_at: Instant
    revoked_at: Instant | None
    revoked_by: str | None


class Received(View):
    """A copy that was given to you and can be read today."""

    id: UUID
    from_state: StateCode
    title: str
    """Of the checklist."""
    cycle: str
    revision: int
    edition: Edition
    paragraphs: list[str] | None
    purpose: Purpose
    digest: Sha256
    """Of the copy, byte for byte."""
    shared_at: Instant
    expires_at: Instant


class SharedState(View):
    code: StateCode
    name: str


class SharedChecklist(View):
    id: str
    version: str
    digest: Sha256
    title: str
    cited_as: str | None


class SharedSite(View):
    """A site; a redacted copy tells its type only, and a number in place of its code."""

    code: str
    type: SiteType
    name: str | None
    unlocode: str | None
    iata: str | None
    icao: str | None
    travellers: int | None
    tier: int | None


class SharedEvidence(View):
    """A proof that the state holds; a redacted copy tells its grade and its day only."""

    grade: int
    dated: date
    title: str | None
    reference: str | None
    holder: str | None
    classification: str | None
    sha256: Sha256 | None


class SharedAnswer(View):
    """An answer; a withheld one is shown as withheld. A redacted copy leaves out texts in the state's own words."""

    question: str
    site: str | None
    kind: AnswerKind
    value: Value | None = Field(union_mode="left_to_right")
    level: int | None
    reason: str | None
    remark: str | None
    evidence: list[SharedEvidence]
    certainty: Certainty | None
    period_start: date | None
    period_end: date | None


class SharedScores(View):
    """Scores of what is given; those of the whole only where the whole is."""

    scoring_model: str
    in_place: Score | None
    in_use: Score | None
    paragraphs: list[ParagraphScore]


class SharedCopy(View):
    """What a recipient reads where not the whole is given as it was approved.

    Made once, when it is given, from a snapshot; its digest is the SHA-256 of its canonical JSON (RFC 8785). A question
    is of each paragraph that its answer is credited to.
    """

    format: Literal["stocktake/shared/1"]
    state: SharedState
    instrument: Instrument
    """With the text of the given paragraphs."""
    checklist: SharedChecklist
    cycle: str
    period_start: date
    period_end: date
    revision: Annotated[int, Strict(), Field(ge=1)]
    approved_at: Instant
    snapshot: Sha256
    """The digest of the snapshot it was made from; the snapshot's salt keeps it from being guessed at."""
    edition: Edition
    paragraphs: list[str] | None
    """Those that are given, in the instrument's order; ``null`` for all."""
    questions: list[Question]
    sites: list[SharedSite]
    """Those the given questions are asked of; none where no question is asked of sites."""
    answers: list[SharedAnswer]
    scores: SharedScores
    gaps: list[Gap]
