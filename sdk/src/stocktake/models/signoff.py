"""Work inside a state: who is to fill what, reviews, comments, and the steps to approval."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, Strict, StringConstraints

from stocktake.models.answers import AnswerKind
from stocktake.models.base import AgencyCode, Body, Day, QuestionId, SiteCode, View

Verdict = Literal["accepted", "returned"]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"\S")]


class AssignmentEntry(Body):
    """To whom a section or a site is assigned, and until when it is to be filled."""

    agency: AgencyCode
    due: Day | None = None


class Assignment(View):
    """A section or a site that an agency is to fill."""

    section: str | None
    site: str | None
    """Of section and site one is given."""
    agency: str
    due: Day | None
    open: int
    """Questions that apply, or may, and have no answer yet."""
    overdue: bool
    """Its day has passed, the assessment is a draft, and something is open."""
    version: int


class ReviewRow(Body):
    """What a second person says of one version of an answer."""

    question: QuestionId
    site: SiteCode | None = None
    version: Annotated[int, Strict(), Field(ge=1, le=2**31 - 1)]
    """The version that was looked at; refused when another one stands."""
    verdict: Verdict
    reason: Reason | None = None
    """Needed where it is returned."""


class ReviewRows(Body):
    rows: Annotated[list[ReviewRow], Field(min_length=1, max_length=1000)]


class Review(View):
    """An answer that stands, with what was said of this very version; without a verdict where nobody looked yet."""

    question: str
    site: str | None
    version: int
    kind: AnswerKind
    updated_by: str
    """Who answered."""
    verdict: Verdict | None
    reason: str | None
    by: str | None
    at: datetime | None


class NewComment(Body):
    """A remark to those who work on the assessment: on a question, on a site, on both, or on the whole."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=r"\S")]
    question: QuestionId | None = None
    site: SiteCode | None = None


class Comment(View):
    """A remark as it was written; it stays."""

    id: UUID
    question: str | None
    site: str | None
    text: str
    by: str
    at: datetime


class StepReason(Body):
    """Why an assessment is returned or opened again."""

    reason: Reason


class SignoffStep(View):
    """A step of an assessment: who took it, in which role, and why where a reason is needed."""

    number: int
    """Counted from 1."""
    revision: int
    """The revision it was taken on."""
    step: Literal["submitted", "returned", "approved", "reopened"]
    role: str
    person: str
    at: datetime
    reason: str | None
    """Not shown to whoever sees a part of the assessment only."""


class SnapshotSummary(View):
    """An approved revision."""

    revision: int
    digest: str
    """SHA-256 of the snapshot, as the report and the log name it."""
    approved_at: datetime
