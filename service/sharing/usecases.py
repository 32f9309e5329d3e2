"""Giving an approved self-assessment to somebody, taking it back, and reading what was given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast
from uuid import UUID

import orjson
import rfc8785
from sqlalchemy import Connection

from service.assessments import store as assessments
from service.assessments.opening import new_id, there
from service.db.types import Record
from service.errors import Invalid, NotFound, Place
from service.sharing import store
from service.sharing.copying import Extent, copy_of, paragraphs
from service.signoff.sealing import SealedFile, sealed
from stocktake.models.export import Export
from stocktake.models.sharing import NewShare, Received, Share

LONGEST = timedelta(days=731)
"""How far ahead a share may end."""
CONTRIBUTION = "secretary_general_report"


@dataclass(frozen=True, slots=True)
class Sharing:
    """What one state gives, in one transaction."""

    connection: Connection
    state: str

    def give(self, assessment: UUID, new: NewShare, by: str, now: datetime) -> Share:
        """Make the copy now and give it: nothing that changes later changes what was given."""
        self._check(new, now)
        approved = sealed(self.connection, self.state, assessment, new.revision)
        export = approved.sealed.snapshot.export
        extent = Extent(new.edition, _in_order(new.paragraphs, paragraphs(export)))
        content = _content(approved, extent)
        given = Share(
            id=new_id(now),
            assessment=assessment,
            revision=new.revision,
            recipient=new.recipient,
            edition=new.edition,
            paragraphs=None if extent.paragraphs is None else list(extent.paragraphs),
            purpose=new.purpose,
            digest=sha256(content).hexdigest(),
            created_at=now,
            created_by=by,
            expires_at=new.expires_at,
            revoked_at=None,
            revoked_by=None,
        )
        self._enter(given, export, content.decode())
        return given

    def given(self, assessment: UUID, *, after: UUID, most: int) -> list[Share]:
        """Everything that was given of an assessment, what has ended too."""
        there(assessments.get(self.connection, self.state, assessment))
        rows = store.given(self.connection, self.state, assessment, after=after, most=most)
        return [Share.model_validate(_listed(row)) for row in rows]

    def revoke(self, assessment: UUID, share: UUID, by: str, now: datetime) -> bool:
        """Take a share back; whether it still stood."""
        this = {"of_state": self.state, "of_assessment": assessment, "with_id": share}
        if store.revoke(self.connection, {**this, "moment": now, "person": by}):
            return True
        if store.one(self.connection, self.state, assessment, share) is None:
            raise NotFound("There is no such share, or it is not yours.")
        return False

    def _check(self, new: NewShare, now: datetime) -> None:
        if new.recipient == self.state:
            raise Invalid.at(Place("/recipient", "this is your own state; name another"))
        if not now < new.expires_at <= now + LONGEST:
            raise Invalid.at(Place("/expires_at", "a moment to come, at most {days} days ahead", days=LONGEST.days))
        if new.purpose == CONTRIBUTION and new.paragraphs is None:
            raise Invalid.at(Place("/paragraphs", "name the paragraphs that you contribute, one by one"))

    def _enter(self, given: Share, export: Export, content: str) -> None:
        listed = None if given.paragraphs is None else orjson.dumps(given.paragraphs).decode()
        share = {**given.model_dump(), "state": self.state, "paragraphs": listed}
        same = {name: share[name] for name in ("id", "revision", "edition", "paragraphs", "purpose", "digest")}
        copy = {
            **same,
            "state": given.recipient,
            "from_state": self.state,
            "title": export.checklist.title,
            "cycle": export.assessment.cycle,
            "content": content,
            "shared_at": given.created_at,
            "expires_at": given.expires_at,
        }
        store.give(self.connection, share, copy)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy as it is read: whose it is, and its bytes."""

    from_state: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Receiving:
    """What one recipient was given, in one transaction."""

    connection: Connection
    recipient: str

    def listed(self, now: datetime, *, after: UUID, most: int) -> list[Received]:
        """What can be read at this moment."""
        rows = store.received(self.connection, self.recipient, now=now, after=after, most=most)
        return [Received.model_validate(_listed(row)) for row in rows]

    def read(self, copy: UUID, now: datetime) -> Copy:
        """One copy; the same refusal for one that ended, that was taken back, and that never was."""
        row = store.read(self.connection, self.recipient, copy, now=now)
        if row is None:
            raise NotFound("There is no such copy, or it is not yours, or not any more.")
        return Copy(row.from_state, row.content.encode())


def _content(approved: SealedFile, extent: Extent) -> bytes:
    """What the recipient reads: the sealed file as it stands, or the canonical copy."""
    if extent.everything:
        return approved.canonical
    copy = copy_of(approved.sealed.snapshot, approved.sealed.digest, extent)
    written: bytes = rfc8785.dumps(copy.model_dump(mode="json"))
    return written


def _in_order(wanted: Sequence[str] | None, known: Sequence[str]) -> tuple[str, ...] | None:
    """The wanted paragraphs in the instrument's order, each once."""
    if wanted is None:
        return None
    for place, paragraph in enumerate(wanted):
        if paragraph not in known:
            raise Invalid.at(
                Place(
                    f"/paragraphs/{place}", "no question is about this; name some of: {known}", known=", ".join(known)
                )
            )
    return tuple(paragraph for paragraph in known if paragraph in wanted)


def _listed(row: Record) -> dict[str, object]:
    """A row with its paragraphs as a list."""
    fields = dict(row._mapping)
    listed = cast("str | None", fields["paragraphs"])
    return {**fields, "paragraphs": None if listed is None else orjson.loads(listed)}
