"""A call as data, and everything about its exchange that needs no network: retries, waits, keys, errors.

A sender runs the generator that ``exchange`` or ``play`` makes: it is given an ``Attempt`` and sends back what came,
a ``Reply`` or a ``TransportError``.
"""

import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from random import random
from time import monotonic
from typing import Generic, TypeVar, cast
from urllib.parse import quote

from pydantic import ValidationError

from stocktake.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ServerError,
    StocktakeError,
    TransportError,
    Unauthenticated,
    UnreadableAnswer,
    VersionConflict,
)
from stocktake.models.base import Body, Problem

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

JSON = "application/json"
CSV = "text/csv"
PDF = "application/pdf"

_BY_STATUS: dict[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: RateLimited,
}
_PASSING = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Retries:
    """When a call is tried again: after no answer, 429, 502, 503 and 504, and only if doing it twice is harmless."""

    times: int = 3
    """Attempts after the first."""
    first: float = 0.5
    """Seconds, at most, before the second attempt; doubled for each further one and drawn at random below that."""
    longest: float = 8.0
    """Seconds no wait of our own exceeds."""
    longest_asked: float = 60.0
    """Seconds no wait exceeds that the service asks for with ``Retry-After``."""
    deadline: float = 120.0
    """Seconds after which nothing more is tried or read, waits included; a call's own longer ``timeout`` extends it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response(Generic[T_co]):
    """An answer with what surrounds it; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    data: T_co

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-request-id")


@dataclass(frozen=True, slots=True)
class Call(Generic[T_co]):
    """One request and how to read its answer."""

    method: str
    path: str
    read: Callable[[bytes], T_co]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    accept: str = JSON
    timeout: float | None = None
    """Seconds, in place of the client's."""

    @property
    def repeatable(self) -> bool:
        """Whether doing it twice is doing it once: reads, and writes under a precondition or an idempotency key."""
        return self.method == "GET" or not self.headers.keys().isdisjoint(
            ("if-match", "if-none-match", "idempotency-key")
        )

    def at(self, cursor: str) -> "Call[T_co]":
        """The same list, from a cursor on."""
        return replace(self, query={**self.query, "cursor": cursor})


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a sender has to do next: wait, then send."""

    call: Call[object]
    wait: float
    """Seconds to wait first."""
    timeout: float
    """Seconds to connect, and between two pieces of the answer."""
    until: float
    """Moment of the monotonic clock at which reading stops."""


Exchange = Generator[Attempt, Reply | TransportError, T]
Script = Generator[Call[object], Response[object], T]
"""Several calls in a row, where one depends on another."""


def exchange(
    call: Call[T],
    retries: Retries,
    timeout: float,
    *,
    clock: Callable[[], float] = monotonic,
    draw: Callable[[], float] = random,
) -> Exchange[Response[T]]:
    """Make one call, trying again where that is allowed and harmless; ``draw`` gives a number from 0 to 1."""
    end = clock() + max(retries.deadline, call.timeout or 0.0)
    wait, tried, uncertain = 0.0, 0, False
    while True:
        left = max(0.01, end - clock() - wait)
        came = yield Attempt(call, wait, timeout=min(call.timeout or timeout, left), until=end)
        if isinstance(came, Reply) and 200 <= came.status < 300:
            return Response(came.status, came.headers, _read(call, came))
        error = came if isinstance(came, TransportError) else _error(call, came, uncertain=uncertain)
        tried += 1
        wait = _wait(error, tried, retries, draw)
        if tried > retries.times or not call.repeatable or not _passing(error) or clock() + wait >= end:
            raise error
        uncertain = uncertain or _may_have_acted(error)


def play(script: Script[T], retries: Retries, timeout: float) -> Exchange[T]:
    """Make the calls of a script; a call's error is raised where the script yielded the call."""
    try:
        call = next(script)
        while True:
            try:
                response = yield from exchange(call, retries, timeout)
            except StocktakeError as error:
                call = script.throw(error)
            else:
                call = script.send(response)
    except StopIteration as done:
        result: T = done.value
        return result


def ask(call: Call[T]) -> Script[Response[T]]:
    """Make a call within a script, with the answer's type kept."""
    response = yield call
    return cast("Response[T]", response)


def path(*segments: object) -> str:
    """A path of segments, each quoted whole, so that no value can lead elsewhere."""
    texts = [str(segment) for segment in segments]
    for text in texts:
        if text in {"", ".", ".."}:
            raise ValueError(f"{text!r} cannot be part of an address: {'/'.join(texts)}")
    return "/v1/" + "/".join(quote(text, safe="") for text in texts)


def query(**parameters: object) -> dict[str, str]:
    """Query parameters, without those that are ``None``."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in parameters.items()
        if value is not None
    }


def encoded(body: Body) -> bytes:
    """The body as JSON; fields left at ``None`` are left out."""
    return body.model_dump_json(exclude_none=True).encode()


def precondition(version: int | None) -> dict[str, str]:
    """The header for a write: the version it replaces, 0 for *create, never replace*, None for *whatever stands*."""
    if version is None:
        return {"content-type": JSON, "if-match": "*"}
    if version == 0:
        return {"content-type": JSON, "if-none-match": "*"}
    if version < 0:
        raise ValueError(f"A version is 0 or above, not {version}.")
    return {"content-type": JSON, "if-match": f'"{version}"'}


def keyed(key: str | None = None, content_type: str = JSON) -> dict[str, str]:
    """The headers of a POST, with a key under which the service does it once, however often it is sent."""
    return {"content-type": content_type, "idempotency-key": key or secrets.token_hex(16)}


def nothing(_: bytes) -> None:
    """Read an answer that has no body."""


def _read(call: Call[T], reply: Reply) -> T:
    media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    request_id = reply.headers.get("x-request-id")
    if reply.status != 204 and media_type != call.accept:
        message = f"{call.method} {call.path} answered {media_type or 'no media type'}, not {call.accept}."
        raise UnreadableAnswer(message, status=reply.status, request_id=request_id)
    try:
        return call.read(reply.body)
    except ValidationError as wrong:
        # Without the input: what the service holds does not belong in anybody's log.
        first = wrong.errors(include_input=False, include_url=False, include_context=False)[0]
        at = "/".join(str(step) for step in first["loc"])
        message = f"{call.method} {call.path}: the answer is not a {wrong.title}; {at or 'body'}: {first['msg']}."
        raise UnreadableAnswer(message, status=reply.status, request_id=request_id) from None


def _error(call: Call[object], reply: Reply, *, uncertain: bool) -> StocktakeError:
    """The error for an answer that is no success."""
    request_id = reply.headers.get("x-request-id")
    if reply.status < 400:
        message = f"{call.method} {call.path} answered {reply.status}; redirects are not followed. Is the URL right?"
        return UnreadableAnswer(message, status=reply.status, request_id=request_id)
    try:
        problem = Problem.model_validate_json(reply.body).model_copy(update={"status": reply.status})
    except ValidationError:
        detail = f"{call.method} {call.path} answered {reply.status} without a problem description."
        problem = Problem(
            type="about:blank", title="", status=reply.status, code="", detail=detail, request_id=request_id or ""
        )
    kind = ServerError if reply.status >= 500 else _BY_STATUS.get(reply.status, ApiError)
    if reply.status == 412 and problem.yours is not None and problem.current is not None:
        kind = VersionConflict
    return kind(problem, retry_after=_retry_after(reply.headers), uncertain=uncertain)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the service asks to wait. A date is counted from its own ``Date``, so clocks need not agree."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        asked = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, asked.total_seconds())


def _wait(error: StocktakeError, tried: int, retries: Retries, draw: Callable[[], float]) -> float:
    """Seconds before the next attempt: full jitter, or what was asked and a little jitter on top."""
    own = draw() * min(retries.longest, retries.first * 2.0 ** (tried - 1))
    if isinstance(error, ApiError) and error.retry_after is not None:
        return min(error.retry_after, retries.longest_asked) + draw() * retries.first
    return own


def _passing(error: StocktakeError) -> bool:
    """Whether it may be over by the next attempt."""
    return isinstance(error, TransportError) or (isinstance(error, ApiError) and error.status in _PASSING)


def _may_have_acted(error: StocktakeError) -> bool:
    return error.sent if isinstance(error, TransportError) else isinstance(error, ServerError)
