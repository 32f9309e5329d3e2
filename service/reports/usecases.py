"""What a report is made of: a draft as it stands, or what was approved, with its texts in some language."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Status
from service.assessments import results
from service.assessments.opening import Assessments
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.db.types import Record
from service.reports import translation
from service.reports.seal import Seal
from service.reports.wording import Wording
from service.signoff.freezing import frozen
from service.signoff.sealing import sealed
from stocktake.models.export import Export


@dataclass(frozen=True, slots=True)
class Told:
    """What a report says, in one language; the attached bytes and the seal are the same in every language."""

    export: Export
    wording: Wording
    seal: Seal
    attached: bytes
    moment: datetime


def tell(connection: Connection, shelf: Shelf, state: str, assessment: UUID, language: str) -> Told:
    """One assessment with the texts in this language, as far as the checklist is translated."""
    results.keep_still(connection, state, assessment)
    row = Assessments(connection, shelf, state).row(assessment)
    told = _approved if row.status == Status.APPROVED else _draft
    return told(connection, shelf, row, language)


def _draft(connection: Connection, shelf: Shelf, row: Record, language: str) -> Told:
    kept = frozen(connection, results.read(connection, shelf, row.state, row.id))
    export, wording = _in_words(connection, shelf, kept.export, language)
    return Told(export, wording, Seal(kept.digest), kept.canonical, kept.moment)


def _approved(connection: Connection, shelf: Shelf, row: Record, language: str) -> Told:
    """From the snapshot alone: the register may have changed since."""
    file = sealed(connection, row.state, row.id, row.revision)
    snapshot = file.sealed.snapshot
    export, wording = _in_words(connection, shelf, snapshot.export, language)
    return Told(export, wording, Seal(file.sealed.digest, snapshot), file.canonical, snapshot.approved_at)


def _in_words(connection: Connection, shelf: Shelf, export: Export, language: str) -> tuple[Export, Wording]:
    """The export with the texts of its checklist in this language; its figures stay as they are."""
    digest = export.checklist.digest
    found, _ = shelf.translated(connection, digest, WantedLanguage(language))
    source = shelf.checklist(connection, digest)
    checklist, wording = translation.printed(source, found, language)
    texts: dict[str, object] = {"checklist": translation.checklist_view(checklist, digest)}
    if checklist is not source:
        texts |= translation.retold(export, checklist, wording)
    return export.model_copy(update=texts), wording
