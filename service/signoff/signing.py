"""The steps of an assessment: submitted, returned, approved, opened again; each under the lock of its row."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Principal
from service.assessments.opening import Assessments
from service.assessments.tallies import Scope
from service.audit.chain import Event
from service.catalogue.store import Shelf
from service.db.types import Record
from service.errors import VersionConflict
from service.registry.usecases import Register
from service.signoff import store
from service.signoff.freezing import Approval, freeze, snap
from service.signoff.rules import APPROVE, REOPEN, RETURN, SUBMIT, Step, require_another, require_ready
from stocktake.models.snapshot import Signoff

Log = Callable[[str], Event]
"""Writes the event of an approval with the digest of its snapshot."""


@dataclass(frozen=True, slots=True)
class Signing:
    """The steps that one person takes on one assessment of their state, in one transaction."""

    connection: Connection
    shelf: Shelf
    principal: Principal
    assessment: UUID
    now: datetime

    def submit(self, replaces: int | None) -> None:
        """Put it before the approver: nobody can change an answer from now on."""
        row = self._held(SUBMIT, replaces)
        require_ready(store.unsettled(self.connection, _scope(row)))
        self._take(SUBMIT, row)

    def give_back(self, replaces: int | None, reason: str) -> None:
        """Return it to those who fill it, with a reason."""
        self._take(RETURN, self._held(RETURN, replaces), reason)

    def reopen(self, replaces: int | None, reason: str) -> None:
        """Open an approved assessment for a correction: another revision begins, and the snapshot stays."""
        self._take(REOPEN, self._held(REOPEN, replaces), reason)

    def approve(self, replaces: int | None, log: Log) -> None:
        """Approve it: its snapshot is made and kept while nobody can change anything."""
        row = self._held(APPROVE, replaces)
        scope = _scope(row)
        require_another(own_work=store.took_part(self.connection, scope, self.principal.person, row.revision))
        require_ready(store.unsettled(self.connection, scope))
        self._take(APPROVE, row)
        before = store.snapshot(self.connection, scope, row.revision - 1)
        approval = Approval(
            row.revision,
            None if before is None else before.digest,
            secrets.token_hex(32),
            self._signoffs(row),
            store.accepted(self.connection, scope),
        )
        export = freeze(self.connection, self.shelf, row.state, row.id).export
        snapped = snap(export, approval)
        event = log(snapped.digest)
        kept = {"state": row.state, "assessment": row.id, "revision": row.revision, "digest": snapped.digest}
        kept |= {"content": snapped.canonical.decode(), "event": event.number}
        kept |= {"approved_at": approval.signoffs[-1].at, "approved_by": self.principal.person}
        store.keep(self.connection, kept)

    def _held(self, step: Step, replaces: int | None) -> Record:
        """The assessment in the version that was seen, with nobody able to change it or the register."""
        row = Assessments(self.connection, self.shelf, self.principal.state).held(self.assessment, step.action)
        if replaces is not None and replaces != row.version:
            raise VersionConflict(
                "You saw version {yours} of the assessment, but version {current} stands. Read it and decide anew.",
                yours=replaces,
                current=row.version,
            )
        Register(self.connection, self.principal.state).hold()
        return row

    def _take(self, step: Step, row: Record, reason: str | None = None) -> None:
        scope = _scope(row)
        number, at = store.last_step(self.connection, scope) or (0, self.now)
        at = max(at, self.now)  # whoever waited longest in line may have come before the step that let them in
        taken: dict[str, object] = {"number": number + 1, "revision": row.revision, "step": step.name}
        taken |= {"role": step.role(self.principal.roles), "by": self.principal.person, "at": at, "reason": reason}
        store.add_step(self.connection, scope, taken)
        store.move(self.connection, scope, step.status, row.revision + step.revisions, at)

    def _signoffs(self, row: Record) -> list[Signoff]:
        """The submission that led to the approval, and the approval: the last two steps."""
        steps = store.steps(self.connection, _scope(row))[-2:]
        return [Signoff(step=one.step, role=one.role, person=one.by, at=one.at) for one in steps]


def _scope(row: Record) -> Scope:
    return Scope(row.state, row.id, row.period_end)
