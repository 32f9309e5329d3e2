"""A frozen export with its texts in some language."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from service.assessments import results
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.reports import translation
from service.reports.wording import Wording
from service.signoff.freezing import Frozen, frozen
from stocktake.models.export import Export


@dataclass(frozen=True, slots=True)
class Told:
    """A frozen export with its texts in one language; digest and canonical bytes stay those of the frozen one."""

    frozen: Frozen
    export: Export
    wording: Wording


def tell(connection: Connection, shelf: Shelf, state: str, assessment: UUID, language: str) -> Told:
    """Everything of one assessment with the texts in this language, as far as the checklist is translated."""
    results.keep_still(connection, state, assessment)
    read = results.read(connection, shelf, state, assessment)
    kept = frozen(connection, read)
    found, _ = shelf.translated(connection, read.row.digest, WantedLanguage(language))
    checklist, wording = translation.printed(read.picture.checklist, found, language)
    in_words = read if checklist is read.picture.checklist else read.told_in(checklist)
    texts = {
        "checklist": translation.checklist_view(checklist, read.row.digest),
        "coverage": in_words.coverage(),
        "gaps": in_words.gaps(),
        "checks": in_words.checks(),
    }
    return Told(kept, kept.export.model_copy(update=texts), wording)
