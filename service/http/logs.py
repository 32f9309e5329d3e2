"""The log: one line for each request, warning and error. It holds ids and places, never what anybody wrote.

What an error says is left out, for it may quote an answer: its kind, its code and where it was raised are kept.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"})
"""The methods that are said by name; whatever else a caller makes up is OTHER."""
OURS = frozenset({"stocktake", "uvicorn"})
"""Whose words are known to quote nobody; of others only the place in their code is said."""
MOST_FRAMES = 12
_TOLD_ALREADY = "Exception in ASGI application\n"
_log = logging.getLogger("stocktake.requests")

Fields = Mapping[str, object]


class Requests:
    """Tells the log of every request once it is answered: the route, not the address, and who called if known."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _log.isEnabledFor(logging.INFO):
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            taken = round((time.perf_counter() - began) * 1000, 1)
            _log.info("request", extra={"fields": _of_request(scope, status, taken)})


def _of_request(scope: Scope, status: int, taken: float) -> Fields:
    state = scope.get("state", {})
    caller = state.get("caller")  # set at the door once it is known; its id is public
    return {
        "request_id": state.get("request_id"),
        "method": scope["method"] if scope["method"] in METHODS else "OTHER",
        "route": getattr(scope.get("route"), "path", None),
        "status": status,
        "ms": taken,
        "state": getattr(caller, "state", None),
        "caller": getattr(caller, "id", None),
    }


class Lines(logging.Formatter):
    """A record as one line of JSON; in ASCII, so that no field can end a line or colour a screen."""

    def __init__(self, *, quoting: bool = False) -> None:
        super().__init__()
        self.quoting = quoting
        """Whether errors and other libraries are quoted: for a developer's own machine."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), default=str).replace("\x7f", "\\u007f")

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """What is said of a record, in this order."""
        given: Fields = getattr(record, "fields", {})
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        return {
            "at": at.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "event": self._event(record),
            **given,
            **self._error(record),
        }

    def _event(self, record: logging.LogRecord) -> str:
        if self.quoting or record.name.partition(".")[0] in OURS:
            return record.getMessage()
        return f"{record.name} at {record.filename}:{record.lineno}"

    def _error(self, record: logging.LogRecord) -> Fields:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return {}
        said = {"said": [str(one) for one in _chain(error)]} if self.quoting else {}
        return {"error": [_kind(one) for one in _chain(error)], "raised": _frames(error), **said}


class Readable(Lines):
    """The same for a screen: the moment, the event, and the fields that have a value."""

    def format(self, record: logging.LogRecord) -> str:
        said = self.fields(record)
        at, level, event = str(said.pop("at"))[11:19], said.pop("level"), said.pop("event")
        rest = " ".join(f"{name}={value}" for name, value in said.items() if value is not None)
        return f"{at} {level} {event} {rest}".encode("unicode_escape").decode("ascii").replace("\x7f", "\\x7f")


class Once(logging.Filter):
    """Leaves out what the server says of an error that was told already, with its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.msg != _TOLD_ALREADY


def configuration(*, terminal: bool, quoting: bool = False) -> dict[str, Any]:
    """All logs of the process on standard error (as ``logging.config`` takes it); readable lines for a terminal."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": Readable if terminal else Lines, "quoting": quoting}},
        "filters": {"once": {"()": Once}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "lines",
                "filters": ["once"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {"stocktake": {"level": "INFO"}},
    }


def line(event: str, fields: Fields, *, terminal: bool) -> str:
    """A warning as the log would say it, for what happens before there is one."""
    given = {"name": "stocktake", "levelname": "WARNING", "msg": event, "fields": fields}
    return (Readable() if terminal else Lines()).format(logging.makeLogRecord(given))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it came from."""
    at: BaseException | None = error
    seen: set[int] = set()
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or at.__context__


def _kind(error: BaseException) -> str:
    code = getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__


def _frames(error: BaseException) -> list[str]:
    """Where it was raised, outermost first: file, line and function, without their text."""
    found, at = [], error.__traceback__
    while at is not None:
        code = at.tb_frame.f_code
        found.append(f"{'/'.join(code.co_filename.split('/')[-3:])}:{at.tb_lineno} {code.co_name}")
        at = at.tb_next
    return found[-MOST_FRAMES:]
