"""``/v1/states/{state}/log``: what was done and read, for the state's own auditor. Reading it is an event too."""

from dataclasses import asdict
from typing import Annotated

import rfc8785
from fastapi import APIRouter, Path, Query, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.audit import store
from service.audit.chain import moment
from service.audit.store import Sought
from service.errors import Invalid, Place
from service.http import answers
from service.http.paging import Pages, cursor_of, foreign_cursor
from stocktake.models.base import Instant, Page, StateCode
from stocktake.models.log import Event, Log

router = APIRouter(prefix="/v1/states/{state}/log", tags=["log"], route_class=Guarded)
MOST = 10_000
"""Events of one export; a longer log is exported in parts."""

StateInPath = Annotated[StateCode, Path(description="Code of your own state")]
Word = Annotated[str | None, Query(max_length=200)]


@router.get("", summary="Your state's log", **declares(Action.LOG_READ, Page[Event]))
def list_events(
    state: StateInPath,
    pages: Pages,
    work: Job,
    action: Annotated[
        str | None, Query(max_length=200, description="As it is named; `refused` for all that was refused")
    ] = None,
    actor: Word = None,
    subject: Annotated[str | None, Query(max_length=500, description="How the subject begins")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="Included")] = None,
    before: Annotated[Instant | None, Query(alias="to", description="Not included")] = None,
) -> Response:
    wanted = Sought(
        action or "",
        actor or "",
        subject or "",
        "" if since is None else moment(since),
        "" if before is None else moment(before),
    )
    after, last = (_number(part) for part in pages.key(2))
    # Where the log ended when the first page was read: each page read adds an event, and the list must have an end
    last = last or store.head(work.connection, state)[0]
    found = store.sought(work.connection, state, wanted, (after, last), pages.limit + 1)
    following = cursor_of(str(found[pages.limit - 1].number), str(last)) if len(found) > pages.limit else None
    return answers.rows([asdict(event) for event in found[: pages.limit]], following)


@router.get(
    "/export", summary="A part of your state's log, as canonical JSON (RFC 8785)", **declares(Action.LOG_READ, Log)
)
def export_events(
    state: StateInPath,
    work: Job,
    after: Annotated[int, Query(ge=0, le=2**53 - 1, description="The number of the last event you have")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> Response:
    event = work.log(work.deed(work.subject))  # first, so that the log says in itself that it was exported
    if after >= event.number:
        raise Invalid.at(Place("query:after", "the log ends with event {number}", number=event.number - 1))
    events = store.listed(work.connection, state, after=after, most=limit)
    work.release()
    return answers.raw(
        rfc8785.dumps({"format": "stocktake/log/1", "state": state, "events": [asdict(event) for event in events]})
    )


def _number(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 16):
        raise foreign_cursor()
    return int(text or 0)
