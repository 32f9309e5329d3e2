"""``/v1/checklists`` and ``/v1/instruments``: what is asked, and on which text."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.catalogue import wire
from service.catalogue.store import Shelf
from service.http import answers
from stocktake.models.base import ChecklistId, Page, VersionText
from stocktake.models.catalogue import Checklist, ChecklistSummary, Instrument

router = APIRouter(prefix="/v1", tags=["catalogue"], route_class=Guarded)


async def shelf(request: Request) -> Shelf:
    """The checklists already read."""
    found: Shelf = request.app.state.shelf
    return found


Shelved = Annotated[Shelf, Depends(shelf)]


@router.get(
    "/checklists", summary="Every published checklist", **declares(Action.CHECKLIST_READ, Page[ChecklistSummary])
)
def list_checklists(shelf: Shelved, work: Job) -> Response:
    found = shelf.all_published(work.connection)
    return answers.page([ChecklistSummary.model_validate(one, from_attributes=True) for one in found])


@router.get("/checklists/{checklist}", summary="One checklist, whole", **declares(Action.CHECKLIST_READ, Checklist))
def get_checklist(
    checklist: ChecklistId,
    shelf: Shelved,
    work: Job,
    version: Annotated[VersionText | None, Query(description="The newest unless given")] = None,
) -> Response:
    published = shelf.published(work.connection, checklist, version)
    return answers.view(wire.checklist_view(shelf.checklist(work.connection, published.digest), published.digest))


@router.get(
    "/instruments/{instrument}", summary="The text a checklist is on", **declares(Action.CHECKLIST_READ, Instrument)
)
def get_instrument(instrument: ChecklistId, shelf: Shelved, work: Job) -> Response:
    return answers.view(wire.instrument_view(shelf.of_instrument(work.connection, instrument).instrument))
