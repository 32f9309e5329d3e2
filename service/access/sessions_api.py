"""``/v1/sessions`` and ``/v1/me``: signing in and out, one's own password, and who one is.

A password takes half a second and 64 MiB to check. That happens at most twice at once, in no transaction, and only
after it was asked whether somebody is guessing.
"""

from collections.abc import Callable
from typing import Annotated, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request, Response
from sqlalchemy import Connection

from service.access import people_store, signing_in
from service.access.api import Guarded, Job, caller_place, declares, identify, moment, transacted
from service.access.passwords import Passwords
from service.access.policy import Action, Principal, authorize
from service.access.rates import Guesses
from service.access.usecases import state_of
from service.audit.chain import Deed
from service.db.types import Record
from service.http import answers
from service.http.openapi import problems
from service.http.strict_routes import Strict
from stocktake.models.people import Me, PasswordChange, Session, SignIn

T = TypeVar("T")
public = APIRouter(tags=["sessions"], route_class=Strict)
router = APIRouter(prefix="/v1", tags=["sessions"], route_class=Guarded)


async def _proved(request: Request, account: str, prove: Callable[[Passwords], T]) -> T:
    """Check a password of an account, in line; who guesses is held up."""
    guesses: Guesses = request.app.state.guesses
    passwords: Passwords = request.app.state.passwords
    line: CapacityLimiter = request.app.state.signing_in
    place = caller_place(request)
    async with line:
        guesses.admit(account, place, moment())
        try:
            proof = await to_thread.run_sync(prove, passwords)
        except signing_in.WrongPassword:
            guesses.wrong(account, place)
            raise
    guesses.right(account, place)
    return proof


@public.post(
    "/v1/sessions",
    summary="Sign in with a password; the session's token is shown this once",
    response_model=Session,
    status_code=201,
    responses=problems(401, 403, 413, 415, 422, 429, 500, 503),
)
async def start_session(request: Request, body: SignIn) -> Response:
    def find(connection: Connection) -> Record | None:
        return people_store.by_login(connection, body.state, body.login)

    found = await transacted(request, body.state, find, writes=False)
    proof = await _proved(
        request,
        f"{body.state} {body.login}",
        lambda passwords: signing_in.prove(passwords, found, body, moment()),
    )

    def open_one(connection: Connection) -> Session:
        return signing_in.open_session(connection, proof, moment())

    return answers.once(await transacted(request, body.state, open_one, writes=True))


@router.delete("/sessions/current", summary="Sign out", **declares(Action.SESSION_END, status=204))
def end_session(work: Job) -> Response:
    signing_in.sign_out(work.connection, work.principal, work.now)
    return Response(status_code=204)


@router.get("/me", summary="Who you are, and what you may", **declares(Action.ME_READ, Me))
def get_me(work: Job) -> Response:
    return answers.view(signing_in.me(work.connection, work.principal))


async def proved_change(request: Request, body: PasswordChange) -> signing_in.Proof:
    """Check the old password before the door opens its transaction, which must not wait for it."""

    def recall(connection: Connection) -> tuple[Principal, Record]:
        principal = identify(request, connection, moment())
        authorize(principal, Action.ME_WRITE, moment())
        return principal, signing_in.account_of(connection, principal)

    principal, account = await transacted(request, state_of(request.state.credential), recall, writes=False)
    return await _proved(
        request,
        f"{principal.state} {account.login}",
        lambda passwords: signing_in.prove_change(passwords, account, body),
    )


@router.put("/me/password", summary="Change your own password", **declares(Action.ME_WRITE, status=204, also=(409,)))
def change_password(proof: Annotated[signing_in.Proof, Depends(proved_change)], work: Job) -> Response:
    signing_in.change_password(work.connection, work.principal, proof, work.now)
    work.log(Deed(work.principal.id, Action.ME_WRITE, work.subject))  # no digest: it would be one of passwords
    return Response(status_code=204)
