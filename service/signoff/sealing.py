"""The sealed file of an approved revision: its snapshot as it was kept, with the event of its approval."""

from dataclasses import asdict, dataclass
from uuid import UUID

import rfc8785
from sqlalchemy import Connection

from service.assessments import store as assessments
from service.assessments.opening import there
from service.assessments.tallies import Scope
from service.audit import store as log
from service.db.types import Record
from service.errors import NotFound
from service.signoff import store
from stocktake.models.signoff import SnapshotSummary
from stocktake.models.snapshot import Sealed


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file: what it says, and its exact bytes."""

    sealed: Sealed
    canonical: bytes


def sealed(connection: Connection, state: str, assessment: UUID, revision: int) -> SealedFile:
    """The sealed file of an approved revision; NotFound where it was not approved."""
    canonical = sealed_bytes(connection, state, assessment, revision)
    return SealedFile(Sealed.model_validate_json(canonical), canonical)


def sealed_bytes(connection: Connection, state: str, assessment: UUID, revision: int) -> bytes:
    """The same, unread: the snapshot stands in it as it was kept, byte by byte."""
    row = store.snapshot(connection, _scope(connection, state, assessment), revision)
    if row is None:
        raise NotFound("Revision {revision} of this assessment was not approved.", revision=revision)
    event = log.one(connection, state, row.event)
    if event is None:  # the log's numbers have no gap: a database that was tampered with
        raise RuntimeError("the event of an approval is not in the log")
    # Canonical JSON has its members in order of their names, and both parts are canonical already
    said = rfc8785.dumps({"digest": row.digest, "event": asdict(event), "format": "stocktake/sealed/1"})
    state_said = rfc8785.dumps({"state": state})
    kept: str = row.content
    return said[:-1] + b',"snapshot":' + kept.encode() + b"," + state_said[1:]


def snapshots(connection: Connection, state: str, assessment: UUID) -> list[SnapshotSummary]:
    """The approved revisions of an assessment."""
    rows = store.snapshots(connection, _scope(connection, state, assessment))
    return [SnapshotSummary.model_validate(row._mapping) for row in rows]


def _scope(connection: Connection, state: str, assessment: UUID) -> Scope:
    row: Record = there(assessments.get(connection, state, assessment))
    return Scope(state, assessment, row.period_end)
