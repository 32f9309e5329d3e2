"""Tables of work inside a state: who fills what, reviews, comments, sign-offs, snapshots and what was shared."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKeyConstraint, Text
from sqlmodel import Field

from service.db.rows import Row
from service.db.types import Code, Moment

_ASSESSMENT = (["state", "assessment"], ["assessment.state", "assessment.id"])


class Assignment(Row, table=True):
    """A section, or a site, of an assessment that an agency is to fill until a day."""

    __table_args__ = (
        ForeignKeyConstraint(*_ASSESSMENT),
        ForeignKeyConstraint(["state", "agency"], ["agency.state", "agency.code"]),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    section: str = Field(primary_key=True, sa_type=Code)
    """Empty where a site is assigned."""
    site: str = Field(primary_key=True, sa_type=Code)
    """Empty where a section is assigned."""
    agency: str = Field(sa_type=Code)
    due: date | None = None
    version: int


class AnswerReview(Row, table=True):
    """What a validator said of one version of an answer; another version has no review until somebody looks."""

    __tablename__ = "answer_review"
    __table_args__ = (
        ForeignKeyConstraint(
            ["state", "assessment", "question", "site", "version"],
            [
                "answer_history.state",
                "answer_history.assessment",
                "answer_history.question",
                "answer_history.site",
                "answer_history.version",
            ],
        ),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    question: str = Field(primary_key=True, sa_type=Code)
    site: str = Field(primary_key=True, sa_type=Code)
    version: int = Field(primary_key=True)
    verdict: str
    """``accepted`` or ``returned``."""
    reason: str | None = Field(default=None, sa_type=Text)
    by: str
    at: datetime = Field(sa_type=Moment)


class Comment(Row, table=True):
    """A remark between those who work on an assessment; it stays as it was written."""

    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    id: UUID = Field(primary_key=True)
    question: str = Field(sa_type=Code)
    """Empty for one on the whole assessment."""
    site: str = Field(sa_type=Code)
    text: str = Field(sa_type=Text)
    by: str
    at: datetime = Field(sa_type=Moment)


class Signoff(Row, table=True):
    """One step of an assessment on its way to approval; never changed."""

    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    revision: int
    step: str
    """``submitted``, ``returned``, ``approved`` or ``reopened``."""
    role: str
    by: str
    at: datetime = Field(sa_type=Moment)
    reason: str | None = Field(default=None, sa_type=Text)


class Snapshot(Row, table=True):
    """What was approved, for ever: canonical JSON and its SHA-256."""

    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    revision: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    digest: str
    content: str = Field(sa_type=Text)
    """The snapshot's canonical JSON (RFC 8785)."""
    event: int = Field(sa_type=BigInteger)
    """The number of its approval in the state's log."""
    approved_at: datetime = Field(sa_type=Moment)
    approved_by: str


class Share(Row, table=True):
    """What a state gave to whom, and until when."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["state", "assessment", "revision"], ["snapshot.state", "snapshot.assessment", "snapshot.revision"]
        ),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    id: UUID = Field(primary_key=True)
    assessment: UUID
    revision: int
    recipient: str = Field(sa_type=Code)
    edition: str
    paragraphs: str | None = Field(default=None, sa_type=Text)
    """JSON list; none for the whole."""
    purpose: str
    digest: str
    """SHA-256 of the copy."""
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    revoked_by: str | None = None


class ReceivedCopy(Row, table=True):
    """The copy a recipient reads: it belongs to the recipient's tenant, and holds nothing that was not shared."""

    __tablename__ = "received_copy"

    state: str = Field(primary_key=True, sa_type=Code)
    """The recipient."""
    id: UUID = Field(primary_key=True)
    """The share's."""
    from_state: str = Field(sa_type=Code)
    title: str
    """Of the checklist."""
    cycle: str
    revision: int
    edition: str
    paragraphs: str | None = Field(default=None, sa_type=Text)
    """JSON list; none for the whole."""
    purpose: str
    digest: str
    content: str = Field(sa_type=Text)
    """What is read, byte for byte; emptied when it is taken back."""
    shared_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
