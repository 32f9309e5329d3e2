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
    read = results.read(connection, shelf, row.state, row.id)
    kept = frozen(connection, read)
    found, _ = shelf.translated(connection, row.digest, WantedLanguage(language))
    checklist, wording = translation.printed(read.picture.checklist, found, language)
    in_words = read if checklist is read.picture.checklist else read.told_in(checklist)
    texts = {
        "checklist": translation.checklist_view(checklist, row.digest),
        "coverage": in_words.coverage(),
        "gaps": in_words.gaps(),
        "checks": in_words.checks(),
    }
    export = kept.export.model_copy(update=texts)
    return Told(export, wording, Seal(kept.digest), kept.canonical, kept.moment)


def _approved(connection: Connection, shelf: Shelf, row: Record, language: str) -> Told:
    """From the snapshot alone: the register may have changed since."""
    file = sealed(connection, row.state, row.id, row.revision)
    snapshot = file.sealed.snapshot
    found, _ = shelf.translated(connection, row.digest, WantedLanguage(language))
    source = shelf.checklist(connection, row.digest)
    checklist, wording = translation.printed(source, found, language)
    texts: dict[str, object] = {"checklist": translation.checklist_view(checklist, row.digest)}
    if checklist is not source:
        texts |= translation.retold(snapshot.export, checklist, wording)
    export = snapshot.export.model_copy(update=texts)
    return Told(export, wording, Seal(file.sealed.digest, snapshot), file.canonical, snapshot.approved_at)
