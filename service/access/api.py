"""The door: every route declares its action, and passes through one transaction that knows who calls.

An endpoint runs in one worker thread from the look-up of the key to the commit. Waiting for a connection happens
before, in an async line without a thread, so that a crowd cannot starve the pool.
"""

import functools
import re
import secrets
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Annotated, Any, Self, TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Request, Response
from fastapi.routing import iter_route_contexts
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from service.access import keys, people_store, rates, tokens, usecases
from service.access.policy import POLICY, Action, Limits, NotYours, Principal, authorize, require_own
from service.audit import store as log
from service.audit.chain import REFUSED, Deed, Event
from service.db.session import Database, act_for
from service.errors import Forbidden, Invalid, Place, Unauthenticated
from service.http import idempotency, requests
from service.http.given import given, hidden
from service.http.openapi import problems
from service.http.strict_routes import Strict
from service.languages.words import Words

PUBLIC = frozenset({"/health", "/openapi.json", "/v1/sessions"})
"""The addresses that need no credential; nothing else may lack an action."""
_SAFE = frozenset({"GET", "HEAD"})
NOTED = timedelta(minutes=5)
"""How seldom it is noted that a session is in use."""
_KEY = re.compile("[!-~]{1,255}")
T = TypeVar("T")


class Undeclared(RuntimeError):
    """A route without an action: the service does not start."""


class Work:
    """What one request works with: its transaction, who calls, and the moment it is."""

    connection: Connection
    principal: Principal

    def __init__(self, request: Request) -> None:
        self.request = request
        self.action: Action = request.state.action
        self.now = moment()
        self.body = b""
        self.acts = request.method not in _SAFE
        self.writes = self.acts or POLICY[self.action].logged
        self._unlogged = self.writes
        self._subject: str | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        database: Database = self.request.app.state.database
        state = usecases.state_of(self.request.state.credential)
        self.connection = self._stack.enter_context(database.transaction(writes=self.writes, state=state))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    @property
    def state(self) -> str:
        """The state everything is read from and written to."""
        return self.principal.state

    @property
    def limits(self) -> Limits:
        """What the caller reaches in what this request does; none for everything of the state."""
        return self.principal.limits(self.action)

    @property
    def words(self) -> Words:
        """The words of the caller's language."""
        return requests.words(self.request)

    def release(self) -> None:
        """End the transaction before long work that needs no connection."""
        self.settle()
        self._stack.pop_all().close()

    def identify(self) -> None:
        """Find out who calls and whether they may."""
        self.principal = identify(self.request, self.connection, self.now)
        authorize(self.principal, self.action, self.now)

    def log(self, deed: Deed, state: str | None = None) -> Event:
        """Write this request's event now, in place of the one it would have left; in another state's log if named."""
        self._unlogged = False
        if state is None:
            return log.append(self.connection, self.state, deed, self.now)
        act_for(self.connection, state)
        event = log.append(self.connection, state, deed, self.now)
        act_for(self.connection, self.state)
        return event

    def changed(self, things: int) -> None:
        """Say how many things this request changed; one that changed nothing, such as a dry run, leaves no event."""
        self._unlogged = self._unlogged and things > 0

    def about(self, subject: str) -> None:
        """Name what this made, where the request's address does not."""
        self._subject = subject

    def settle(self) -> None:
        """Leave the event of what was done, unless it is written already."""
        if self._unlogged:
            self.log(self.deed(self.subject))

    def deed(self, subject: str) -> Deed:
        """What this request does to the thing at this address, with the digest of what it says."""
        deed = Deed(self.principal.id, self.action, subject)
        return deed.saying(secrets.token_bytes(32), self.body) if self.body else deed

    @property
    def subject(self) -> str:
        """The address of what this is about, as the log names it."""
        return _address(self.request) if self._subject is None else self._subject


def moment() -> datetime:
    """What time it is: the one place where a request learns it."""
    return datetime.now(UTC)


def caller_place(request: Request) -> str:
    """Where a request comes from, as it is counted."""
    return rates.place(request.client.host if request.client else "")


def identify(request: Request, connection: Connection, now: datetime) -> Principal:
    """Who calls; it is counted to them, and to where it came from when the credential opens nothing."""
    counted: rates.Rates = request.app.state.rates
    fingerprint: str = request.state.fingerprint
    try:
        principal = usecases.identify(connection, request.state.credential, now)
    except Unauthenticated:
        counted.in_vain(fingerprint, caller_place(request))
        raise
    counted.known(fingerprint, f"{principal.state} {principal.id}", now)
    request.state.caller = principal
    return principal


async def transacted(request: Request, state: str | None, act: Callable[[Connection], T], *, writes: bool) -> T:
    """Wait in line, then do this in a thread and a transaction of its own: for what one transaction must not span."""
    database: Database = request.app.state.database

    def run() -> T:
        with database.transaction(writes=writes, state=state) as connection:
            return act(connection)

    gate: CapacityLimiter = request.app.state.gates[writes]
    async with gate:
        return await to_thread.run_sync(run)


Job = Annotated[Work, "made at the door for each request"]
"""What an endpoint works with."""


def declares(
    action: Action, answers: type[Any] | None = None, *, status: int = 200, also: tuple[int, ...] = ()
) -> dict[str, Any]:
    """What a guarded route says of itself: its action, what it answers and which problems, beside the usual ones."""
    return {
        "openapi_extra": {"x-action": str(action)},
        "response_model": answers,
        "status_code": status,
        "responses": problems(401, 403, 404, 413, 415, 422, 429, 500, 503, *also),
    }


class Guarded(Strict):
    """A route that declares one action; its endpoint takes ``work: Job`` and, of a state, ``state``."""

    def __init__(self, path: str, endpoint: Callable[..., Response], **options: Any) -> None:  # noqa: ANN401  # as its base's
        declared = (options.get("openapi_extra") or {}).get("x-action")
        if declared is None:
            raise Undeclared(f"{path} declares no action; say declares(Action…) on the route.")
        self.action = Action(declared)
        documented = [parameter for mark in given(endpoint).values() for parameter in mark.documented]
        if documented:
            options["openapi_extra"] = {**options["openapi_extra"], "parameters": documented}
        super().__init__(path, _through_the_door(endpoint), **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Look at the credential's form, and at how often it came, before anything else."""
        handle = super().get_route_handler()

        async def look(request: Request) -> Response:
            request.state.action = self.action
            request.state.credential, request.state.fingerprint = _credential(request)
            counted: rates.Rates = request.app.state.rates
            counted.admit(request.state.fingerprint, caller_place(request), moment())
            try:
                return await handle(request)
            except (Forbidden, NotYours):
                await _leave_refusal(request)
                raise

        return look


def _through_the_door(endpoint: Callable[..., Response]) -> Callable[..., Coroutine[Any, Any, Response]]:
    read = given(endpoint)

    def act(work: Work, arguments: dict[str, Any]) -> Response:
        response = endpoint(work=work, **arguments)
        work.settle()
        return response

    def transact(work: Work, arguments: dict[str, Any]) -> Response:
        with work:
            work.identify()
            if "state" in arguments:
                require_own(work.principal, arguments["state"])
            do = functools.partial(act, work, arguments)
            keyed = _keyed(work)
            return do() if keyed is None else idempotency.once(work.connection, keyed, do)

    @functools.wraps(endpoint)
    async def run(request: Request, **arguments: Any) -> Response:  # noqa: ANN401  # whatever the endpoint takes
        """Wait in line, without a thread, until this request may hold a connection."""
        work = Work(request)
        if work.acts:
            work.body = await request.body()
        arguments |= {name: mark.read(request) for name, mark in read.items()}
        gate: CapacityLimiter = request.app.state.gates[work.writes]
        try:
            async with gate:
                return await to_thread.run_sync(transact, work, arguments)
        finally:
            await _note(request)

    return hidden(run, {"work", *read})


async def _leave_refusal(request: Request) -> None:
    """Leave one event, in the caller's own log, of what they may not do: what they did meanwhile is rolled back."""
    caller: Principal = request.state.caller
    deed = Deed(caller.id, f"{REFUSED}:{request.state.action}", _address(request))

    def leave(connection: Connection) -> None:
        log.append(connection, caller.state, deed, moment())

    await transacted(request, caller.state, leave, writes=True)


def _address(request: Request) -> str:
    """The address of a request, as the log names it: with the site, and nothing else that was asked."""
    site = request.query_params.get("site")
    path: str = request.scope["path"]
    return path if site is None else f"{path}?site={site}"


async def _note(request: Request) -> None:
    """Note that a session is in use, now and then and for itself: a request that only reads writes nothing else."""
    caller: Principal | None = getattr(request.state, "caller", None)
    now = moment()
    if caller is None or caller.session is None or caller.seen_at is None or now - caller.seen_at < NOTED:
        return
    state, session = caller.state, caller.session
    with suppress(DBAPIError):  # what was done is done: the next request notes it
        await transacted(
            request, state, lambda connection: people_store.seen(connection, state, session, at=now), writes=True
        )


def _keyed(work: Work) -> idempotency.Keyed | None:
    key = work.request.headers.get("idempotency-key")
    if key is None or work.request.method != "POST":
        return None
    if not _KEY.fullmatch(key):
        raise Invalid.at(Place("header:idempotency-key", "1 to 255 printable ASCII characters, no space"))
    path = work.request.scope["path"]
    target = f"{path}?{work.request.scope['query_string'].decode('latin-1')}"
    mark = idempotency.fingerprint(target, work.body)
    return idempotency.Keyed(work.state, work.principal.id, path, key, mark, work.now)


def _credential(request: Request) -> tuple[usecases.Credential, str]:
    """What the caller sends, and a digest of it to count calls by."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    text = rest.strip() if scheme.lower() == "bearer" else ""
    credential = keys.read(text) or tokens.read(text)
    if credential is None:
        raise Unauthenticated("Send your key, session or access token as Authorization: Bearer stk_…")
    return credential, keys.digest(text)


def require_declared(app: FastAPI) -> None:
    """Refuse to start when a route is neither guarded nor public."""
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, Guarded) and context.path not in PUBLIC:
            raise Undeclared(f"{context.path} is neither guarded nor listed as public.")


def declared_actions(app: FastAPI) -> Mapping[tuple[str, str], Action]:
    """Method and path of every guarded route, with its action."""
    return {
        (method, str(context.path)): context.original_route.action
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, Guarded)
        for method in context.methods or ()
    }
