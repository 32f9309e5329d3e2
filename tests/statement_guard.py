"""Looks at every statement that a request makes: on a table of states it must be held by the state of the caller.

The second layer between states on PostgreSQL, and the one that SQLite has; ``World`` puts it into every application.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from fastapi import FastAPI
from sqlalchemy import Connection, event
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.access import keys
from service.db.session import Database
from sql_reading import read

_READ_COPY = re.compile(r"GET /v1/received/[^/]+")
REVIEWED: Mapping[str, re.Pattern[str]] = {
    "received_copy": re.compile(r"(POST|DELETE) /v1/assessments/[^/]+/shares(/[^/]+)?"),
    "audit_head": _READ_COPY,
    "audit_event": _READ_COPY,
}
"""Where two states meet: tables that requests to these addresses read or write in the other state's name."""


@dataclass
class Caller:
    """Who makes the request at hand. Without a credential that names a state it is the first state looked at."""

    address: str
    state: str | None


_CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)


class Callers:
    """Tells the guard whose request it is, from what came in and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            text = Headers(scope=scope).get("authorization", "").partition(" ")[2]
            credential = keys.read(text.strip())
            address = f"{scope['method']} {scope['path']}"
            _CALLER.set(Caller(address, None if credential is None else credential.state))
        await self.app(scope, receive, send)


@dataclass
class StatementGuard:
    """What requests to one application asked of the database, and what of that no state held."""

    breaches: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    """How many statements met each table of states."""

    def watch(self, app: FastAPI) -> None:
        """From now on; before the first request."""
        app.add_middleware(Callers)
        database: Database = app.state.database
        for engine in {database._reader, database._writer}:
            event.listen(engine, "before_cursor_execute", self._look)

    def _look(  # the parameters are SQLAlchemy's
        self,
        connection: Connection,
        _cursor: object,
        sql: str,
        values: Sequence[object] | Mapping[str, object],
        _context: object,
        _many: bool,  # noqa: FBT001  # by position
    ) -> None:
        caller = _CALLER.get()
        if caller is None:
            return
        reading = read(sql, connection.dialect.name)
        if not reading.tables:
            return
        self.seen.update(reading.tables)
        self.breaches += [f"{caller.address}: {fault} in {sql}" for fault in reading.faults]
        for name in reading.states:
            for row in values if isinstance(values, list) else [values]:  # a list only where it is executed many times
                self._compare(caller, reading.tables, _picked(row, name), sql)

    def _compare(self, caller: Caller, tables: frozenset[str], state: object, sql: str) -> None:
        caller.state = caller.state or str(state)
        if state == caller.state:
            return
        if any(table not in REVIEWED or not REVIEWED[table].match(caller.address) for table in tables):
            self.breaches.append(f"{caller.address}: {caller.state} asks in the name of {state}: {sql}")


def _picked(values: object, name: str) -> object:
    """One parameter of one row: by name, or by its place."""
    if isinstance(values, Mapping):
        return values[name]
    assert isinstance(values, Sequence)
    return values[int(name.removeprefix("p"))]
