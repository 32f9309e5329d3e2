"""``/v1/sessions`` and ``/v1/me``: signing in and out, one's own password, second factor and sessions, who one is.

A password takes half a second and 64 MiB to check. That happens at most twice at once, in no transaction, and only
after it was asked whether somebody is guessing.
"""

from collections.abc import Callable
from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import Connection

from service.access import people_store, proving, signing_in
from service.access.api import Guarded, Job, caller_place, declares, identify, moment, transacted
from service.access.passwords import Passwords
from service.access.policy import Action, Principal, authorize
from service.access.proving import Proof
from service.access.rates import Guesses
from service.access.usecases import state_of
from service.audit.chain import Deed
from service.db.types import Record
from service.http import answers
from service.http.openapi import problems
from service.http.paging import Pages, cursor_of
from service.http.strict_routes import Strict
from stocktake.models.base import Page
from stocktake.models.people import (
    Me,
    OwnSession,
    PasswordChange,
    PublicId,
    SecondFactorEntry,
    SecondFactorProposal,
    Session,
    SignIn,
)

public = APIRouter(tags=["sessions"], route_class=Strict)
router = APIRouter(prefix="/v1", tags=["sessions"], route_class=Guarded)


async def _proved(request: Request, account: str, prove: Callable[[Passwords], Proof]) -> Proof:
    """Check a password of an account, and its code, in line; who guesses is held up."""
    guesses: Guesses = request.app.state.guesses
    passwords: Passwords = request.app.state.passwords
    line: CapacityLimiter = request.app.state.signing_in
    place = caller_place(request)
    async with line:
        guesses.admit(account, place, moment())
        try:
            proof = await to_thread.run_sync(prove, passwords)
        except proving.WrongPassword:
            guesses.wrong(account, place)
            raise
    if proof.whole:
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
        lambda passwords: proving.prove(passwords, found, body, moment()),
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


async def _own(request: Request, find: Callable[[Connection, Principal], Record]) -> Record:
    """The caller's own account, before the door opens its transaction, which must not wait for a password."""

    def recall(connection: Connection) -> Record:
        principal = identify(request, connection, moment())
        authorize(principal, Action.ME_WRITE, moment())
        return find(connection, principal)

    return await transacted(request, state_of(request.state.credential), recall, writes=False)


async def proved_change(request: Request, body: PasswordChange) -> Proof:
    """Check the old password."""
    account = await _own(request, signing_in.account_of)
    return await _proved(
        request,
        f"{account.state} {account.login}",
        lambda passwords: proving.prove_change(passwords, account, body),
    )


@router.put("/me/password", summary="Change your own password", **declares(Action.ME_WRITE, status=204, also=(409,)))
def change_password(proof: Annotated[Proof, Depends(proved_change)], work: Job) -> Response:
    signing_in.change_password(work.connection, work.principal, proof, work.now)
    work.log(Deed(work.principal.id, Action.ME_WRITE, work.subject))  # no digest: it would be one of passwords
    return Response(status_code=204)


@router.get(
    "/me/second-factor",
    summary="A secret for your authenticator app, shown this once and kept nowhere until you enter it",
    **declares(Action.ME_WRITE, SecondFactorProposal, also=(409,)),
)
def propose_second_factor(work: Job) -> Response:
    return answers.once(signing_in.propose_factor(work.connection, work.principal), 200)


async def proved_factor(request: Request, body: SecondFactorEntry) -> Proof:
    """Check password and code."""
    account = await _own(
        request, lambda connection, principal: signing_in.account_for_factor(connection, principal, moment())
    )
    return await _proved(
        request,
        f"{account.state} {account.login}",
        lambda passwords: proving.prove_factor(passwords, account, body, moment()),
    )


@router.put(
    "/me/second-factor",
    summary="Enter your second factor; this session counts as begun now with it, your other sessions end",
    **declares(Action.ME_WRITE, status=204, also=(409,)),
)
def enter_second_factor(proof: Annotated[Proof, Depends(proved_factor)], work: Job) -> Response:
    signing_in.enter_factor(work.connection, work.principal, proof, work.now)
    work.log(Deed(work.principal.id, Action.ME_WRITE, work.subject))  # no digest: it would be one of a password
    return Response(status_code=204)


@router.get("/me/sessions", summary="Your own open sessions", **declares(Action.ME_READ, Page[OwnSession]))
def list_sessions(pages: Pages, work: Job) -> Response:
    found = signing_in.own_sessions(
        work.connection, work.principal, work.now, after=pages.key(1)[0], most=pages.limit + 1
    )
    following = cursor_of(found[pages.limit - 1].id) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.delete(
    "/me/sessions/{session}", summary="End one of your own sessions", **declares(Action.SESSION_END, status=204)
)
def end_own_session(
    session: Annotated[PublicId, Path(description="The id that the list of your sessions gives")], work: Job
) -> Response:
    signing_in.end_own_session(work.connection, work.principal, session, work.now)
    return Response(status_code=204)
