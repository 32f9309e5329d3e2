"""Tables of checklists, of the register, and of assessments; ``access_tables`` and ``signoff_tables`` hold the rest.

What belongs to a state has the state first in its key, and refers to its own state only.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from service.db.rows import Row
from service.db.types import Code, Moment


class ChecklistVersion(Row, table=True):
    """A published version of a checklist: its lock, for ever."""

    __tablename__ = "checklist_version"
    __table_args__ = (UniqueConstraint("digest"),)

    checklist: str = Field(primary_key=True, sa_type=Code)
    version: str = Field(primary_key=True, sa_type=Code)
    digest: str
    instrument: str
    title: str
    status: str
    questions: int
    lock: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=Moment)


class ChecklistLanguage(Row, table=True):
    """A language that a published version can be read in; replaced when its texts change: the lock does not hold them.

    The checklist's own language has a row without texts.
    """

    __tablename__ = "checklist_language"
    __table_args__ = (
        ForeignKeyConstraint(["checklist", "version"], ["checklist_version.checklist", "checklist_version.version"]),
    )

    checklist: str = Field(primary_key=True, sa_type=Code)
    version: str = Field(primary_key=True, sa_type=Code)
    language: str = Field(primary_key=True, sa_type=Code)
    digest: str
    status: str
    """``source``, ``unofficial`` or ``reviewed``."""
    texts: str = Field(sa_type=Text)
    """JSON: text by key."""
    published_at: datetime = Field(sa_type=Moment)


class MemberState(Row, table=True):
    __tablename__ = "member_state"

    code: str = Field(primary_key=True, sa_type=Code)
    name: str
    un_member: bool
    interpol_member: bool
    version: int


class Agency(Row, table=True):
    __table_args__ = (ForeignKeyConstraint(["state"], ["member_state.code"]),)

    state: str = Field(primary_key=True, sa_type=Code)
    code: str = Field(primary_key=True, sa_type=Code)
    name: str
    kind: str
    version: int


class Site(Row, table=True):
    """A strategic location. Never deleted: closed."""

    __table_args__ = (
        ForeignKeyConstraint(["state"], ["member_state.code"]),
        ForeignKeyConstraint(["state", "agency"], ["agency.state", "agency.code"]),
        CheckConstraint("tier BETWEEN 1 AND 3", name="tier"),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    code: str = Field(primary_key=True, sa_type=Code)
    name: str
    type: str = Field(sa_type=Code)
    unlocode: str | None = None
    iata: str | None = None
    icao: str | None = None
    operating_state: str | None = None
    host_state: str | None = None
    agency: str | None = Field(default=None, sa_type=Code)
    opened: date | None = None
    closed: date | None = None
    travellers: int | None = Field(default=None, sa_type=BigInteger)
    tier: int
    version: int


class Assessment(Row, table=True):
    """One state, one checklist version, one cycle."""

    __table_args__ = (
        ForeignKeyConstraint(["state"], ["member_state.code"]),
        ForeignKeyConstraint(
            ["checklist", "checklist_version"], ["checklist_version.checklist", "checklist_version.version"]
        ),
        UniqueConstraint("state", "checklist", "cycle"),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    id: UUID = Field(primary_key=True)
    checklist: str = Field(sa_type=Code)
    checklist_version: str = Field(sa_type=Code)
    digest: str
    cycle: str
    period_start: date
    period_end: date
    status: str
    """``draft``, ``submitted`` or ``approved``."""
    revision: int
    """1, and one more each time an approved assessment is opened again for a correction."""
    version: int
    """Counts every change of the assessment and of its answers."""
    opened_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)


class Given(Row):
    """What is kept of an answer, the same in the answer and in its history."""

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    question: str = Field(primary_key=True, sa_type=Code)
    site: str = Field(primary_key=True, sa_type=Code)
    """Empty for a question asked of the state."""
    kind: str
    """As on the wire, or ``cleared`` where the answer was taken back."""
    value: str | None = Field(default=None, sa_type=Text)
    """JSON."""
    level: int | None = None
    reason: str | None = Field(default=None, sa_type=Text)
    remark: str | None = Field(default=None, sa_type=Text)
    evidence: str = Field(sa_type=Text)
    """JSON list."""
    grade: int
    evidence_on: date | None = None
    certainty: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    source: str | None = Field(default=None, sa_type=Text)
    """JSON."""
    change: str
    """Why it differs from what stood before: ``real``, ``correction`` or ``upgrade``."""
    reconfirm: bool
    """Whether it stands from an earlier version and is still to be confirmed."""
    checklist_version: str
    """The version whose question it answers."""
    updated_at: datetime = Field(sa_type=Moment)
    updated_by: str
    author: str
    """The person answerable for what it says: who wrote it, or whoever made the key that did. An upgrade keeps them."""


class Answer(Given, table=True):
    """The answer that stands."""

    __table_args__ = (
        ForeignKeyConstraint(["state", "assessment"], ["assessment.state", "assessment.id"]),
        CheckConstraint("level BETWEEN 0 AND 4", name="level"),
        CheckConstraint("grade BETWEEN 0 AND 3", name="grade"),
        Index(None, "state", "assessment", "site"),
    )

    version: int


class AnswerHistory(Given, table=True):
    """Every answer that ever stood; rows are only added."""

    __tablename__ = "answer_history"
    __table_args__ = (ForeignKeyConstraint(["state", "assessment"], ["assessment.state", "assessment.id"]),)

    version: int = Field(primary_key=True)


class AssessmentUpgrade(Row, table=True):
    """An assessment's step to a newer version of its checklist: who, when, and how many answers went which way."""

    __tablename__ = "assessment_upgrade"
    __table_args__ = (ForeignKeyConstraint(["state", "assessment"], ["assessment.state", "assessment.id"]),)

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    from_version: str = Field(primary_key=True, sa_type=Code)
    to_version: str = Field(sa_type=Code)
    at: datetime = Field(sa_type=Moment)
    by: str
    kept: int
    reconfirm: int
    mapped: int
    history: int


class AnswerProposal(Row, table=True):
    """An answer of an earlier cycle, proposed for this one; it is no answer before somebody confirms it."""

    __tablename__ = "answer_proposal"
    __table_args__ = (
        ForeignKeyConstraint(["state", "assessment"], ["assessment.state", "assessment.id"]),
        ForeignKeyConstraint(
            ["state", "from_assessment"],
            ["assessment.state", "assessment.id"],
            name="fk_answer_proposal_assessment_from",
        ),
    )

    state: str = Field(primary_key=True, sa_type=Code)
    assessment: UUID = Field(primary_key=True)
    question: str = Field(primary_key=True, sa_type=Code)
    site: str = Field(primary_key=True, sa_type=Code)
    """Empty for a question asked of the state."""
    kind: str
    value: str | None = Field(default=None, sa_type=Text)
    """JSON, on the scale of this assessment's version."""
    reason: str | None = Field(default=None, sa_type=Text)
    remark: str | None = Field(default=None, sa_type=Text)
    evidence: str = Field(sa_type=Text)
    """JSON list."""
    certainty: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    source: str | None = Field(default=None, sa_type=Text)
    """JSON."""
    fate: str
    """How it came through the maps: ``kept``, ``reconfirm`` or ``mapped``."""
    from_assessment: UUID
    from_question: str = Field(sa_type=Code)
    from_version: str
    """The version whose question was answered then."""
    answered_at: datetime = Field(sa_type=Moment)
    checklist_version: str
    """The version it was proposed for; after an upgrade it has to be proposed anew."""
    proposed_at: datetime = Field(sa_type=Moment)
    proposed_by: str
