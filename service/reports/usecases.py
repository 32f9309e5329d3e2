"""The export of an assessment: everything, frozen as canonical JSON, its digest, and its texts in some language."""

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
from service.catalogue.translations import WantedLanguage
from service.db.types import Record
from service.registry import store as registry
from service.registry.usecases import Register
from service.reports import translation
from service.reports.wording import Wording
from stocktake.models.answers import Answer
from stocktake.models.export import Export
from stocktake.models.registry import Site

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


@dataclass(frozen=True, slots=True)
class Told:
    """A frozen export with its texts in one language; digest and canonical bytes stay those of the frozen one."""

    frozen: Frozen
    export: Export
    wording: Wording


def freeze(connection: Connection, shelf: Shelf, state: str, assessment: UUID) -> Frozen:
    """Everything of one assessment of this state, read in one transaction."""
    return _frozen(connection, results.read(connection, shelf, state, assessment))


def tell(connection: Connection, shelf: Shelf, state: str, assessment: UUID, language: str) -> Told:
    """The same with the texts in this language, as far as the checklist is translated."""
    read = results.read(connection, shelf, state, assessment)
    frozen = _frozen(connection, read)
    found, _ = shelf.translated(connection, read.row.digest, WantedLanguage(language))
    checklist, wording = translation.printed(read.picture.checklist, found, language)
    in_words = read if checklist is read.picture.checklist else read.told_in(checklist)
    texts = {
        "checklist": translation.checklist_view(checklist, read.row.digest),
        "coverage": in_words.coverage(),
        "gaps": in_words.gaps(),
        "checks": in_words.checks(),
    }
    return Told(frozen, frozen.export.model_copy(update=texts), wording)


def _frozen(connection: Connection, read: Results) -> Frozen:
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


def _answers(connection: Connection, read: results.Results, sites: AbstractSet[str]) -> list[Answer]:
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
