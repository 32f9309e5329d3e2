"""An assessment frozen: everything of it as canonical JSON, and the snapshot that an approval makes of that."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import orjson
import rfc8785
from sqlalchemy import Connection

from service.assessments import answers, results
from service.assessments.answers import Wanted
from service.assessments.opening import summary
from service.assessments.results import Results
from service.catalogue import wire
from service.catalogue.store import Shelf
from service.db.types import Record
from service.registry import store as registry
from service.registry.usecases import Register
from stocktake.models.answers import Answer
from stocktake.models.export import Export
from stocktake.models.registry import Site
from stocktake.models.snapshot import Accepted, Signoff, Snapshot

MOST_AGENCIES = 10_000


@dataclass(frozen=True, slots=True)
class Frozen:
    """An export, its canonical bytes (RFC 8785) and the moment of its last change."""

    export: Export
    canonical: bytes
    moment: datetime

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hexadecimal."""
        return sha256(self.canonical).hexdigest()


def freeze(connection: Connection, shelf: Shelf, state: str, assessment: UUID) -> Frozen:
    """Everything of one assessment of this state, which nobody changes meanwhile."""
    return frozen(connection, results.read(connection, shelf, state, assessment))


def frozen(connection: Connection, read: Results) -> Frozen:
    """The same of an assessment that is read already."""
    scope, checklist = read.scope, read.picture.checklist
    register = Register(connection, scope.state)
    sites = [
        Site.model_validate(row._mapping)
        for row in registry.sites_in_operation(connection, scope.state, scope.period_end)
    ]
    export = Export(
        format="stocktake/export/1",
        assessment=summary(read.row),
        state=register.get_state(),
        agencies=register.agencies(after="", most=MOST_AGENCIES),
        instrument=wire.instrument_view(checklist.instrument),
        checklist=wire.checklist_view(checklist, read.row.digest),
        sites=sites,
        answers=_answers(connection, read, {"", *(site.code for site in sites)}),
        progress=read.progress(),
        scores=read.scores(),
        coverage=read.coverage(),
        gaps=read.gaps(),
        checks=read.checks(),
    )
    return Frozen(export, rfc8785.dumps(export.model_dump(mode="json")), read.row.updated_at)


def _answers(connection: Connection, read: Results, sites: AbstractSet[str]) -> list[Answer]:
    """In the checklist's order, then by site; of the sites that are counted, which are those in operation."""
    place = {question.id: n for n, question in enumerate(read.picture.checklist.questions)}
    rows = answers.listed(connection, read.scope.state, read.scope.assessment, Wanted())
    found = [_answer(row) for row in rows if row.site in sites]
    return sorted(found, key=lambda answer: (place[answer.question], answer.site or ""))


def _answer(row: Record) -> Answer:
    fields = dict(row._mapping)
    fields["site"] = fields["site"] or None
    for name in ("value", "evidence", "source"):
        fields[name] = None if fields[name] is None else orjson.loads(fields[name])
    return Answer.model_validate(fields)


@dataclass(frozen=True, slots=True)
class Approval:
    """What an approval adds to the content: which revision it is, who signed, and which answers were accepted."""

    revision: int
    replaces: str | None
    salt: str
    signoffs: Sequence[Signoff]
    accepted: Iterable[Record]


@dataclass(frozen=True, slots=True)
class Snapped:
    """A snapshot's canonical bytes and their SHA-256, by which it is known."""

    canonical: bytes
    digest: str


def snap(export: Export, approval: Approval) -> Snapped:
    """The snapshot of an export, approved by the last of the sign-offs."""
    snapshot = Snapshot(
        format="stocktake/snapshot/1",
        revision=approval.revision,
        replaces=approval.replaces,
        salt=approval.salt,
        approved_at=approval.signoffs[-1].at,
        signoffs=list(approval.signoffs),
        accepted=[
            Accepted(question=row.question, site=row.site or None, version=row.version, by=row.by, at=row.at)
            for row in approval.accepted
        ],
        export=export,
    )
    canonical = rfc8785.dumps(snapshot.model_dump(mode="json"))
    return Snapped(canonical, sha256(canonical).hexdigest())
