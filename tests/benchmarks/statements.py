"""The SQL of a request as the service sends it to the driver, recorded, and bound again to other values."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from starlette.testclient import TestClient

from benchmarks.scene import Request, Scene
from service.app import create_app
from service.settings import Settings

ALIASES = {
    "of_state": "state",
    "of_assessment": "assessment",
    "with_id": "assessment",
    "to_question": "question",
    "at_site": "site",
    "with_code": "site",
    "moment": "updated_at",
    "to_number": "number",
    "on_moment": "updated_at",
}
"""Parameter names of the service for what a request says in one place."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver got it, with its first set of values by name."""

    sql: str
    names: tuple[str, ...]
    values: Mapping[str, object]
    columns: tuple[str, ...]
    """What its rows hold; empty when it gives none."""
    many: bool
    positional: bool

    @property
    def finds_key(self) -> bool:
        return "secret_sha256" in self.sql

    def slot(self, name: str) -> str:
        """What a parameter is called in a request."""
        return "key" if self.finds_key and name == "with_id" else ALIASES.get(name, name)


class Bound:
    """A statement made ready once: per request only the values are picked."""

    def __init__(self, statement: Statement) -> None:
        self.sql = statement.sql
        self.query = statement.sql.encode()
        self.columns = statement.columns
        self.many = statement.many
        self.names = statement.names
        self.finds_key = statement.finds_key
        self.holds_log = "audit_head" in statement.sql and bool(statement.columns)
        self.finds_standing = "AS spot" in statement.sql and bool(statement.columns)
        self.writes_answer = "INTO answer " in statement.sql
        self.arrays = tuple(name for name, value in statement.values.items() if isinstance(value, list))
        self.constants = {statement.slot(name): value for name, value in statement.values.items()}
        self._positional = statement.positional
        slots = [statement.slot(name) for name in statement.names]
        self._pick = itemgetter(*slots, slots[0]) if slots else None  # one too many: a tuple even for one name

    def bind(self, values: Mapping[str, object]) -> tuple[object, ...] | dict[str, object]:
        """The values in the driver's form; what a request does not say keeps what was recorded."""
        if self._pick is None:
            return ()
        picked = self._pick({**self.constants, **values})[:-1]
        return picked if self._positional else dict(zip(self.names, picked, strict=True))

    def firsts(self) -> dict[str, object]:
        """The recorded values; of an array its first."""
        return {name: value[0] if isinstance(value, list) else value for name, value in self.constants.items()}

    def rows(self, rows: Sequence[Mapping[str, object]]) -> Sequence[tuple[object, ...]]:
        """Whole rows for a statement that is executed for each."""
        pick = itemgetter(*self.names)
        return [pick(row) for row in rows]


Recorded = Mapping[str, Sequence[Statement]]


def record(url: str, scene: Scene) -> Recorded:
    """What the service executes for each kind of request, in order, once its checklist is in memory."""
    app = create_app(Settings(database_url=url, pool=4, rate=1_000_000))
    client = TestClient(app)
    try:
        kinds = {"read": scene.read, "one": scene.one, "many": scene.many}
        return {name: _record(client, requests) for name, requests in kinds.items()}
    finally:
        app.state.database.close()


def _record(client: TestClient, requests: Sequence[Request]) -> Sequence[Statement]:
    """The statements of the last: the first fills what is kept in memory."""
    with _listening() as found:
        for request in (requests[0], requests[-1]):
            found.clear()
            headers = {**request.headers, "content-type": "application/json"}
            answer = client.request(request.method, request.target, headers=headers, content=request.body)
            assert answer.is_success, answer.text
    return found


@contextmanager
def _listening() -> Iterator[list[Statement]]:
    found: list[Statement] = []

    def hear(  # the parameters are SQLAlchemy's
        _: Connection,
        cursor: DBAPICursor,
        sql: str,
        values: object,
        context: ExecutionContext | None,
        many: bool,  # noqa: FBT001  # by position
    ) -> None:
        columns = tuple(str(column[0]) for column in cursor.description or ())
        found.append(_statement(sql, values, context, columns, many=many))

    event.listen(Engine, "after_cursor_execute", hear)
    try:
        yield found
    finally:
        event.remove(Engine, "after_cursor_execute", hear)


def _statement(
    sql: str, parameters: object, context: ExecutionContext | None, columns: tuple[str, ...], *, many: bool
) -> Statement:
    first = cast("Sequence[object]", parameters)[0] if many else parameters
    if isinstance(first, Mapping):
        values = dict(cast("Mapping[str, object]", first))
        return Statement(sql, tuple(values), values, columns, many, positional=False)
    compiled = context.compiled if isinstance(context, DefaultExecutionContext) else None
    names = tuple(compiled.positiontup or ()) if isinstance(compiled, SQLCompiler) else ()
    places = tuple(cast("Sequence[object]", first or ()))
    assert len(names) == len(places), sql
    # a name that stands twice has one value: both places get it
    return Statement(sql, names, dict(zip(names, places, strict=True)), columns, many, positional=True)
