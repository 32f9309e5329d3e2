"""An approved assessment as it lies in the database: its snapshot, and the event of its approval in the log."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import rfc8785
from sqlalchemy import Connection, insert

from service.audit import store as log
from service.audit.chain import Deed, moment
from service.db.signoff_tables import ReceivedCopy
from service.db.signoff_tables import Snapshot as SnapshotRow
from service.sharing.copying import Extent, copy_of
from stocktake.models.export import Export
from stocktake.models.snapshot import Signoff, Snapshot

SUBMITTER, APPROVER = "person:aa11bb22cc", "person:dd33ee44ff"


@dataclass(frozen=True, slots=True)
class Approved:
    """One approved revision."""

    state: str
    assessment: UUID
    snapshot: Snapshot
    content: str
    digest: str


def snapshot_of(export: Export, at: datetime, revision: int = 1, replaces: str | None = None) -> Snapshot:
    """The snapshot of an export that was submitted and approved."""
    before = at - timedelta(hours=1)
    return Snapshot(
        format="stocktake/snapshot/1",
        revision=revision,
        replaces=replaces,
        salt=sha256(f"salt {revision}".encode()).hexdigest(),
        approved_at=at,
        signoffs=[
            Signoff(step="submitted", role="coordinator", person=SUBMITTER, at=before),
            Signoff(step="approved", role="approver", person=APPROVER, at=at),
        ],
        accepted=[],
        export=export,
    )


def owned_by(export: Export, state: str, assessment: UUID | str) -> Export:
    """The export as one of this state's assessment."""
    named = {"state": state, "id": UUID(str(assessment))}
    return export.model_copy(
        update={
            "state": export.state.model_copy(update={"code": state}),
            "assessment": export.assessment.model_copy(update=named),
        }
    )


def approve(connection: Connection, export: Export, revision: int = 1, replaces: str | None = None) -> Approved:
    """Enter an approved revision of the export's assessment, which must be in the database."""
    at = datetime.now(UTC)
    snapshot = snapshot_of(export, at, revision, replaces)
    content = rfc8785.dumps(snapshot.model_dump(mode="json"))
    digest = sha256(content).hexdigest()
    state, assessment = export.assessment.state, export.assessment.id
    deed = Deed(APPROVER, "assessment.approve", f"/v1/assessments/{assessment}/approve", digest)
    event = log.append(connection, state, deed, at)
    assert event.at == moment(at)
    row = {
        "state": state,
        "assessment": assessment,
        "revision": revision,
        "digest": digest,
        "content": content.decode(),
    }
    row |= {"event": event.number, "approved_at": at, "approved_by": APPROVER}
    connection.execute(insert(SnapshotRow.__table__), row)
    return Approved(state, assessment, snapshot, content.decode(), digest)


def receive(connection: Connection, state: str, export: Export) -> UUID:
    """Enter a copy that the export's state gave to this one; its id."""
    now, copy, checklist = datetime.now(UTC), uuid4(), export.checklist
    shared = copy_of(snapshot_of(export, now), "ab" * 32, Extent("redacted", None))
    content = rfc8785.dumps(shared.model_dump(mode="json"))
    row = {"state": state, "id": copy, "from_state": export.state.code, "title": checklist.title, "cycle": "2026"}
    row |= {"revision": 1, "edition": "redacted", "purpose": "information", "digest": sha256(content).hexdigest()}
    row |= {"content": content.decode(), "shared_at": now, "expires_at": now + timedelta(days=30)}
    connection.execute(insert(ReceivedCopy.__table__), row)
    return copy
