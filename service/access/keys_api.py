"""``/v1/states/{state}/keys``: the keys of your state's tools."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.key_giving import Keys, giver
from service.access.policy import Action
from service.http import answers
from service.http.paging import Pages, cursor_of
from stocktake.models.base import Page, StateCode
from stocktake.models.keys import Key, KeyEntry, NewKey, Rotation
from stocktake.models.people import PublicId

router = APIRouter(prefix="/v1/states/{state}/keys", tags=["keys"], route_class=Guarded)
StateInPath = Annotated[StateCode, Path(description="ISO 3166-1 alpha-3 code of your own state")]


def _keys(state: str, work: Work) -> Keys:
    return Keys(work.connection, state, work.now)


def _made(work: Work, new: NewKey) -> Response:
    work.about(f"/v1/states/{work.state}/keys/{new.key.id}")
    return answers.once(new)


@router.get("", summary="The keys of your state, without their secrets", **declares(Action.KEY_READ, Page[Key]))
def list_keys(state: StateInPath, pages: Pages, work: Job) -> Response:
    found = _keys(state, work).listed(after=pages.key(1)[0], most=pages.limit + 1)
    following = cursor_of(found[pages.limit - 1].id) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.post("", summary="Make a key, shown this once", **declares(Action.KEY_WRITE, NewKey, status=201, also=(409,)))
def create_key(state: StateInPath, body: KeyEntry, work: Job) -> Response:
    return _made(work, _keys(state, work).create(body, giver(work.connection, work.principal)))


@router.delete("/{key}", summary="Revoke a key", **declares(Action.KEY_WRITE, status=204))
def revoke_key(state: StateInPath, key: PublicId, work: Job) -> Response:
    _keys(state, work).revoke(key)
    return Response(status_code=204)


@router.post(
    "/{key}/rotate",
    summary="Make the key that takes over from one, shown this once; both open for a while",
    **declares(Action.KEY_WRITE, NewKey, status=201, also=(409,)),
)
def rotate_key(state: StateInPath, key: PublicId, body: Rotation, work: Job) -> Response:
    return _made(work, _keys(state, work).rotate(key, body, giver(work.connection, work.principal)))
