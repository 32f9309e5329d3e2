"""What is done to every request and answer: an id, and headers that keep answers private."""

from collections.abc import MutableMapping
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.languages.words import Words, choose, words_of

_HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",  # browsers heed it behind TLS only
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class Envelope:
    """Gives each request an id of ours, repeats it in the answer, marks the answer private, and limits the body.

    The framework's own limit is not used: it answers in plain text, without an id, whatever else was to be said.
    """

    def __init__(self, app: ASGIApp, max_body: int) -> None:
        self.app = app
        self.max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = uuid4().hex
        _state(scope)["request_id"] = number
        read = 0

        async def limited() -> Message:
            nonlocal read
            if _announced(scope) > self.max_body:
                raise HTTPException(413)
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.max_body:
                raise HTTPException(413)
            return message

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                stamp(MutableHeaders(scope=message), number)
            await send(message)

        await self.app(scope, limited, stamped)


def _announced(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def stamp(headers: MutableHeaders, number: str) -> None:
    """What every answer carries."""
    headers["x-request-id"] = number
    for name, value in _HEADERS.items():
        headers[name] = value


def request_id(request: Request) -> str:
    """The id of this request, as the caller sees it in ``X-Request-Id``."""
    return str(request.state.request_id)


def words(request: Request) -> Words:
    """The words of the language the caller asks for, by ``?language=`` or ``Accept-Language``."""
    return words_of(choose(request.headers.get("accept-language"), request.query_params.get("language")))


def _state(scope: Scope) -> MutableMapping[str, object]:
    found: MutableMapping[str, object] = scope.setdefault("state", {})
    return found
