"""Every error answer: problem+json (RFC 9457) with a stable code and the request's id, and nothing from the inside."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from service.errors import Invalid, Message, Place, Problem, TooMany, VersionConflict
from service.expected import expected
from service.http.requests import request_id, stamp
from service.http.requests import words as words_for
from service.languages.words import mark

MEDIA_TYPE = "application/problem+json"
MOST_PLACES = 50
_log = logging.getLogger("stocktake")
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_TITLES = {
    404: mark("Not Found"),
    405: mark("Method Not Allowed"),
    413: mark("Request Entity Too Large"),
    500: mark("Internal Server Error"),
    503: mark("Service Unavailable"),
}
_DETAILS = {
    404: mark("There is nothing at this address."),
    405: mark("This address does not take this method; see Allow."),
    413: mark("The body is too large; send it in smaller parts."),
}


def install(app: FastAPI) -> None:
    """Answer everything that can go wrong as a problem."""
    app.exception_handler(Problem)(_problem)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(_validation)
    for busy in (OperationalError, InterfaceError, PoolTimeout):
        app.exception_handler(busy)(_unavailable)
    app.exception_handler(Exception)(_crash)


def answer(request: Request, error: Problem) -> Response:
    """The answer that tells the caller of this problem."""
    more = {"yours": error.yours, "current": error.current} if isinstance(error, VersionConflict) else {}
    headers = {"www-authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else {}
    if isinstance(error, TooMany):
        headers = {"retry-after": str(error.seconds)}
    return _answer(request, _Said(error.status, error.code, error.message, error.title, error.places, more, headers))


@dataclass(frozen=True, slots=True)
class _Said:
    """One problem as it is said to the caller."""

    status: int
    code: str
    detail: Message
    title: str = ""
    places: Sequence[Place] = ()
    more: Mapping[str, int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def _answer(request: Request, said: _Said) -> Response:
    words = words_for(request)
    body = {
        "type": f"urn:stocktake:problem:{said.code}",
        "title": words.text(said.title or _TITLES.get(said.status) or HTTPStatus(said.status).phrase),
        "status": said.status,
        "code": said.code,
        "detail": said.detail.said(words),
        "request_id": request_id(request),
        "errors": [{"at": place.at, "detail": place.message.said(words)} for place in said.places[:MOST_PLACES]],
        **said.more,
    }
    headers = {**said.headers, "content-language": words.language, "vary": "Accept-Language"}
    return Response(orjson.dumps(body), said.status, headers, MEDIA_TYPE)


async def _problem(request: Request, error: Problem) -> Response:
    return answer(request, error)


async def _http(request: Request, error: HTTPException) -> Response:
    status = error.status_code
    headers = {"allow": ", ".join(_allowed(request))} if status == HTTPStatus.METHOD_NOT_ALLOWED else {}
    detail = Message(_DETAILS.get(status) or HTTPStatus(status).phrase + ".")
    return _answer(request, _Said(status, _CODES.get(status, "refused"), detail, headers=headers))


def _allowed(request: Request) -> list[str]:
    """The methods of every route with this path: the framework names those of the first only."""
    path = request.scope["path"]
    found: set[str] = set()
    for context in iter_route_contexts(request.app.routes):
        pattern = getattr(context, "path_regex", None) or getattr(context.original_route, "path_regex", None)
        if pattern is not None and pattern.match(path):
            found |= set(context.methods or ())
    return sorted(found)


async def _validation(request: Request, error: RequestValidationError) -> Response:
    found = error.errors()
    places = [Place(_pointer(one["loc"]), expected(one)) for one in found[:MOST_PLACES]]
    at, first, more = places[0].at or "body", places[0].message, len(found) - 1
    detail = (
        Message("{at}: {detail} and {more} more.", at=at, detail=first, more=more)
        if more
        else Message("{at}: {detail}.", at=at, detail=first)
    )
    return _answer(request, _Said(422, Invalid.code, detail, Invalid.title, places))


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer into the body, or ``query:name``, ``path:name``, ``header:name``."""
    where, *rest = location
    if where == "body":
        return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in rest)
    return f"{where}:{'.'.join(str(part) for part in rest)}"


async def _unavailable(request: Request, error: Exception) -> Response:
    cause = getattr(error, "orig", None) or error
    why = next(iter(str(cause).splitlines()), "")  # of servers and files; the lines after it may quote rows
    fields = {"request_id": request_id(request), "why": why}
    _log.warning("database not available", extra={"fields": fields}, exc_info=error)
    detail = Message(
        "The database does not answer just now. It may not be known whether this was done: read it, or repeat it."
    )
    return _answer(request, _Said(503, "unavailable", detail, headers={"retry-after": "2"}))


async def _crash(request: Request, error: Exception) -> Response:
    _log.error("unexpected error", extra={"fields": {"request_id": request_id(request)}}, exc_info=error)
    said = _Said(500, "internal", Message("Something went wrong on our side. Tell the operator the request id."))
    made = _answer(request, said)
    stamp(made.headers, request_id(request))  # this answer is made outside of the Envelope
    return made
