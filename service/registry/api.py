"""``/v1/states/{state}``: the state, its agencies, its sites."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.errors import Unreadable, WrongMediaType
from service.http import answers
from service.http.paging import Pages, cursor_of
from service.http.preconditions import Precondition
from service.http.strict_json import check_text
from service.registry.store import SiteFilter
from service.registry.usecases import Register, changes, reach_of
from stocktake.models.base import AgencyCode, Page, SiteCode, StateCode
from stocktake.models.registry import (
    Agency,
    AgencyEntry,
    NewSite,
    Site,
    SiteEntry,
    SiteType,
    State,
    StateEntry,
    Verdicts,
)

router = APIRouter(prefix="/v1/states/{state}", tags=["register"], route_class=Guarded)
_CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}

StateInPath = Annotated[StateCode, Path(description="ISO 3166-1 alpha-3 code of your own state")]


async def csv_text(request: Request) -> str:
    """The body of a CSV upload as clean text."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "text/csv":
        raise WrongMediaType("Send the body as Content-Type: text/csv.")
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("The CSV is not UTF-8; save it as CSV UTF-8.") from error
    return check_text(text.replace("\r\n", "\n"))


@router.get("", summary="Your state's record", **declares(Action.STATE_READ, State))
def get_state(state: StateInPath, work: Job) -> Response:
    found = Register(work.connection, state).get_state()
    return answers.view(found, version=found.version)


@router.put("", summary="Enter or change your state's record", **declares(Action.STATE_WRITE, State, also=(412, 428)))
def put_state(state: StateInPath, body: StateEntry, replaces: Precondition, work: Job) -> Response:
    written = Register(work.connection, state).put_state(body, replaces.version)
    return answers.view(written, version=written.version)


@router.get("/agencies", summary="Your agencies", **declares(Action.AGENCY_READ, Page[Agency]))
def list_agencies(state: StateInPath, pages: Pages, work: Job) -> Response:
    found = Register(work.connection, state).agencies(after=pages.key(1)[0], most=pages.limit + 1)
    following = cursor_of(found[pages.limit - 1].code) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.get("/agencies/{code}", summary="One agency", **declares(Action.AGENCY_READ, Agency))
def get_agency(state: StateInPath, code: AgencyCode, work: Job) -> Response:
    found = Register(work.connection, state).get_agency(code)
    return answers.view(found, version=found.version)


@router.put(
    "/agencies/{code}", summary="Enter or change an agency", **declares(Action.AGENCY_WRITE, Agency, also=(412, 428))
)
def put_agency(state: StateInPath, code: AgencyCode, body: AgencyEntry, replaces: Precondition, work: Job) -> Response:
    written = Register(work.connection, state).put_agency(code, body, replaces.version)
    return answers.view(written, version=written.version)


@router.get("/sites", summary="Your sites", **declares(Action.SITE_READ, Page[Site]))
def list_sites(
    state: StateInPath,
    pages: Pages,
    work: Job,
    type: Annotated[SiteType | None, Query()] = None,  # noqa: A002  # the field's own word
    agency: Annotated[AgencyCode | None, Query()] = None,
) -> Response:
    wanted = SiteFilter(type or "", agency or "", reach_of(work.limits))
    found = Register(work.connection, state).sites(wanted, after=pages.key(1)[0], most=pages.limit + 1)
    following = cursor_of(found[pages.limit - 1].code) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.post("/sites", summary="Enter a site", **declares(Action.SITE_WRITE, Site, status=201, also=(409,)))
def add_site(state: StateInPath, body: NewSite, work: Job) -> Response:
    added = Register(work.connection, state).add_site(body)
    return answers.view(added, 201, version=added.version)


_IMPORT = declares(Action.SITE_WRITE, Verdicts, also=(409,))
_IMPORT["openapi_extra"] = {**_IMPORT["openapi_extra"], **_CSV}


@router.post("/sites/import", summary="Enter and change sites from CSV, with a verdict on every row", **_IMPORT)
def import_sites(
    state: StateInPath, text: Annotated[str, Depends(csv_text)], work: Job, dry_run: Annotated[bool, Query()] = False
) -> Response:
    verdicts = Register(work.connection, state).import_sites(text, work.words, dry_run=dry_run)
    work.changed(changes(verdicts))
    return answers.view(verdicts)


@router.get("/sites/{code}", summary="One site", **declares(Action.SITE_READ, Site))
def get_site(state: StateInPath, code: SiteCode, work: Job) -> Response:
    found = Register(work.connection, state).get_site(code, reach_of(work.limits))
    return answers.view(found, version=found.version)


@router.put("/sites/{code}", summary="Enter or change a site", **declares(Action.SITE_WRITE, Site, also=(412, 428)))
def put_site(state: StateInPath, code: SiteCode, body: SiteEntry, replaces: Precondition, work: Job) -> Response:
    written = Register(work.connection, state).put_site(code, body, replaces.version)
    return answers.view(written, version=written.version)
