"""``/v1/checklists`` and ``/v1/instruments``: what is asked, and on which text."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.catalogue import wire
from service.catalogue.answer_schema import answer_schema
from service.catalogue.oscal import to_oscal
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.http import answers
from service.http.given import Given
from stocktake.models.base import ChecklistId, Page, VersionText
from stocktake.models.catalogue import ChecklistInLanguage, ChecklistSummary, Instrument

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=Guarded)


Shelved = Annotated[Shelf, Given(lambda request: request.app.state.shelf)]
"""The checklists already read."""
Version = Annotated[VersionText | None, Query(description="The newest unless given")]


async def wanted(
    language: Annotated[
        str | None,
        Query(
            max_length=35,
            description="The language of the texts, as `fr`; before Accept-Language. "
            "One that is not there answers in the checklist's own: see Content-Language",
        ),
    ] = None,
    accept_language: Annotated[str | None, Header(description="The languages you read, best first")] = None,
) -> WantedLanguage:
    """The language the reader asks for."""
    return WantedLanguage(language, accept_language)


Language = Annotated[WantedLanguage, Depends(wanted)]


@router.get(
    "/checklists", summary="Every published checklist", **declares(Action.CHECKLIST_READ, Page[ChecklistSummary])
)
def list_checklists(shelf: Shelved, work: Job) -> Response:
    found = shelf.all_published(work.connection)
    return answers.page([ChecklistSummary.model_validate(one, from_attributes=True) for one in found])


@router.get(
    "/checklists/{checklist}",
    summary="One checklist, whole, in one of its languages",
    **declares(Action.CHECKLIST_READ, ChecklistInLanguage),
)
def get_checklist(
    checklist: ChecklistId,
    shelf: Shelved,
    work: Job,
    language: Language,
    version: Version = None,
) -> Response:
    published = shelf.published(work.connection, checklist, version)
    translated, languages = shelf.translated(work.connection, published.digest, language)
    view = wire.in_language_view(translated, published.digest, languages)
    return answers.in_language(answers.view(view), view.language)


def _json(action: Action, description: str) -> dict[str, Any]:
    """A document with a schema of its own, published elsewhere."""
    declared = declares(action)
    content = {"application/json": {"schema": {"type": "object"}}}
    declared["responses"][200] = {"description": description, "content": content}
    return declared


@router.get(
    "/checklists/{checklist}/oscal.json",
    summary="One checklist as an OSCAL catalog",
    response_class=Response,
    **_json(Action.CHECKLIST_READ, "A catalog of NIST's OSCAL 1.2"),
)
def get_oscal(checklist: ChecklistId, shelf: Shelved, work: Job, version: Version = None) -> Response:
    published = shelf.published(work.connection, checklist, version)
    return answers.raw(orjson.dumps(to_oscal(shelf.checklist(work.connection, published.digest))))


@router.get(
    "/checklists/{checklist}/answers.schema.json",
    summary="What answers a checklist takes, as JSON Schema",
    response_class=Response,
    **_json(Action.CHECKLIST_READ, "A JSON Schema, draft 2020-12"),
)
def get_answer_schema(checklist: ChecklistId, shelf: Shelved, work: Job, version: Version = None) -> Response:
    published = shelf.published(work.connection, checklist, version)
    return answers.raw(orjson.dumps(answer_schema(shelf.checklist(work.connection, published.digest))))


@router.get(
    "/instruments/{instrument}", summary="The text a checklist is on", **declares(Action.CHECKLIST_READ, Instrument)
)
def get_instrument(instrument: ChecklistId, shelf: Shelved, work: Job) -> Response:
    return answers.view(wire.instrument_view(shelf.of_instrument(work.connection, instrument).instrument))
