"""``/v1/assessments/{id}/shares``: what a state gives; and ``/v1/received``: what its recipient reads."""

from dataclasses import replace
from uuid import UUID

from fastapi import APIRouter, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.assessments.store import NO_ID
from service.http import answers
from service.http.paging import Pages, Paging, cursor_of, foreign_cursor
from service.sharing.usecases import Receiving, Sharing
from stocktake.models.base import Page
from stocktake.models.sharing import NewShare, Received, Share, SharedCopy
from stocktake.models.snapshot import Sealed

shares = APIRouter(prefix="/v1/assessments/{assessment}/shares", tags=["sharing"], route_class=Guarded)
received = APIRouter(prefix="/v1/received", tags=["sharing"], route_class=Guarded)


@shares.get("", summary="What was given of an assessment", **declares(Action.SHARE_READ, Page[Share]))
def list_shares(assessment: UUID, pages: Pages, work: Job) -> Response:
    found = Sharing(work.connection, work.state).given(assessment, after=_after(pages), most=pages.limit + 1)
    following = cursor_of(str(found[pages.limit - 1].id)) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@shares.post(
    "",
    summary="Give an approved revision to a recipient",
    **declares(Action.SHARE_GIVE, Share, status=201, also=(409,)),
)
def give_share(assessment: UUID, body: NewShare, work: Job) -> Response:
    given = Sharing(work.connection, work.state).give(assessment, body, work.principal.id, work.now)
    work.log(work.deed(f"{work.subject}/{given.id}"))
    return answers.view(given, 201)


@shares.delete("/{share}", summary="Take back what was given", **declares(Action.SHARE_REVOKE, status=204))
def revoke_share(assessment: UUID, share: UUID, work: Job) -> Response:
    stood = Sharing(work.connection, work.state).revoke(assessment, share, work.principal.id, work.now)
    work.changed(int(stood))
    return Response(status_code=204)


@received.get("", summary="What was given to you", **declares(Action.RECEIVED_LIST, Page[Received]))
def list_received(pages: Pages, work: Job) -> Response:
    found = Receiving(work.connection, work.state).listed(work.now, after=_after(pages), most=pages.limit + 1)
    following = cursor_of(str(found[pages.limit - 1].id)) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


_COPY = declares(Action.RECEIVED_READ)
_COPY["response_model"] = Sealed | SharedCopy


@received.get("/{copy}", summary="One copy, byte for byte as it was given", **_COPY)
def read_received(copy: UUID, work: Job) -> Response:
    found = Receiving(work.connection, work.state).read(copy, work.now)
    # In the log of the state that gave it, and of no other: whose reader it was stands before the reader
    deed = work.deed(work.subject)
    work.log(replace(deed, actor=f"{work.state}/{deed.actor}"), state=found.from_state)
    return answers.raw(found.content)


def _after(pages: Paging) -> UUID:
    (text,) = pages.key(1)
    try:
        return UUID(text) if text else NO_ID
    except ValueError as error:
        raise foreign_cursor() from error
