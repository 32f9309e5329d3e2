"""An approved assessment: its frozen content, who signed it off, and the file that proves both."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from stocktake.models.base import Instant, QuestionId, Sha256, SiteCode, StateCode, View
from stocktake.models.export import Export
from stocktake.models.log import Event


class Signoff(View):
    """A step on the way to approval, and who took it. Persons are ids without a name."""

    step: Literal["submitted", "approved"]
    role: str
    """The role in which the person acted, such as ``coordinator``."""
    person: str
    at: Instant


class Accepted(View):
    """An answer that a second person accepted, in the version that was looked at."""

    question: QuestionId
    site: SiteCode | None
    version: Annotated[int, Strict(), Field(ge=1)]
    by: str
    at: Instant


class Snapshot(View):
    """The frozen content of an approved assessment. Its digest is the SHA-256 of its canonical JSON (RFC 8785)."""

    format: Literal["stocktake/snapshot/1"]
    revision: Annotated[int, Strict(), Field(ge=1)]
    """Counted from 1; an approved assessment never changes, it is followed by another revision."""
    replaces: Sha256 | None
    """The digest of the revision before; none for the first."""
    salt: Sha256
    """256 random bits, so that nobody finds the content by trying which one has the digest."""
    approved_at: Instant
    signoffs: list[Signoff]
    accepted: list[Accepted]
    export: Export


class Sealed(View):
    """A snapshot with its digest and the event of its approval: what a report carries, and what is verified."""

    format: Literal["stocktake/sealed/1"]
    digest: Sha256
    """Of the snapshot."""
    state: StateCode
    event: Event
    snapshot: Snapshot
