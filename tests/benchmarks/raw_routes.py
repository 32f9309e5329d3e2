"""The same routes with nothing between: the same statements on the bare driver, no rule checked, orjson out.

A bound on what any service in this language can do with this SQL; not a service. It knows the key and the transaction,
and no more.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Any, Protocol, TypeAlias
from uuid import UUID

import orjson
import psycopg
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from sqlalchemy import make_url
from starlette.requests import Request

from benchmarks.scene import STATE as OF_STATE
from benchmarks.statements import Bound, Recorded
from service.db.session import PRAGMAS, STATE

Values = Mapping[str, Any]  # columns are of many types
Rows = Sequence[Sequence[Any]]
Given: TypeAlias = Any
"""Values in the driver's own form."""
Run = Callable[[Bound, Given], Rows]
"""Executes a statement and gives its rows."""
BEGIN = {
    writes: f"BEGIN ISOLATION LEVEL {level}; SELECT set_config('{STATE}', '{OF_STATE}', true)".encode()
    for writes, level in ((False, "REPEATABLE READ"), (True, "READ COMMITTED"))
}
JSON_TEXTS = ("value", "evidence", "source")
ABSENT = {
    "kind": "value", "value": None, "reason": None, "remark": None, "certainty": None, "evidence": "[]",
    "period_start": None, "period_end": None, "source": None, "site": "",
}  # fmt: skip


class Driver(Protocol):
    def transaction(self, *, writes: bool) -> AbstractContextManager[Run]: ...
    def moment(self) -> str | datetime: ...
    def identity(self, number: UUID) -> str | UUID: ...


class Sqlite:
    """One connection writes, behind a lock; each thread has one that reads."""

    def __init__(self, url: str) -> None:
        self._path = str(make_url(url).database)
        self._own = threading.local()
        self._line = threading.Lock()
        self._writer = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Run]:
        if writes:
            with self._line, self._writer as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield _sqlite_run(connection)
            return
        found: sqlite3.Connection | None = getattr(self._own, "reader", None)
        if found is None:
            found = self._own.reader = self._connect()
        found.execute("BEGIN")
        yield _sqlite_run(found)
        found.rollback()

    def moment(self) -> str:
        return datetime.now(UTC).isoformat(timespec="microseconds")

    def identity(self, number: UUID) -> str:
        return number.hex


def _sqlite_run(connection: sqlite3.Connection) -> Run:
    def run(bound: Bound, values: Given) -> Rows:
        if bound.many:
            return connection.executemany(bound.sql, values).fetchall()
        return connection.execute(bound.sql, values).fetchall()

    return run


class Postgres:
    """Each thread has one connection; a transaction begins and learns its state in one round trip."""

    def __init__(self, url: str) -> None:
        self._address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._own = threading.local()

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Run]:
        connection: psycopg.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = psycopg.connect(self._address, autocommit=True)
        connection.execute(BEGIN[writes])

        def run(bound: Bound, values: Given) -> Rows:
            cursor = connection.execute(bound.query, values)
            return cursor.fetchall() if bound.columns else ()

        try:
            yield run
        except BaseException:
            connection.rollback()
            raise
        if writes:
            connection.commit()
        else:
            connection.rollback()

    def moment(self) -> datetime:
        return datetime.now(UTC)

    def identity(self, number: UUID) -> UUID:
        return number


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]
Key = Annotated[str, Header(alias="authorization")]


class Raw:
    """The three routes over one driver and what was recorded."""

    def __init__(self, driver: Driver, recorded: Recorded) -> None:
        self._driver = driver
        self._bound = {name: [Bound(statement) for statement in found] for name, found in recorded.items()}
        written = next(bound for bound in self._bound["many"] if bound.writes_answer)
        # what only a rule can tell (level, grade) stays as it was recorded
        self._kept = written.firsts()

    def read(self, assessment: UUID, authorization: Key, limit: int) -> Response:
        values = self._said(authorization, assessment) | {"most": limit + 1}
        with self._driver.transaction(writes=False) as run:
            columns, rows = self._all("read", run, values, authorization)
        items = [_passed_on(dict(zip(columns, row, strict=True))) for row in rows[:limit]]
        last = items[-1]
        following = [last["question"], last["site"]] if len(rows) > limit else None
        return _json({"items": items, "next": following})

    def one(self, assessment: UUID, question: str, authorization: Key, body: Body, site: str = "") -> Response:
        content = ABSENT | _columns(orjson.loads(body)) | {"question": question, "site": site}
        values = content | self._said(authorization, assessment)
        with self._driver.transaction(writes=True) as run:
            written: dict[str, Any] = {}
            for bound in self._bound["one"]:
                rows = run(bound, bound.bind(values))
                if bound.finds_key:
                    _open(bound, rows, authorization)
                elif bound.writes_answer:
                    written = {**bound.constants, **values, "version": rows[0][0]}
                elif bound.holds_log:
                    values = values | _following(rows)
        return _json(_passed_on({name: written[name] for name in self._shown()}), written["version"])

    def many(self, assessment: UUID, authorization: Key, body: Body) -> Response:
        given = [ABSENT | _columns(row) for row in orjson.loads(body)["rows"]]
        values = self._said(authorization, assessment)
        written: list[dict[str, Any]] = []
        with self._driver.transaction(writes=True) as run:
            for bound in self._bound["many"]:
                if bound.finds_standing:
                    values |= _spots(given)
                    rows = run(bound, bound.bind(values))
                    written = _numbered(given, rows, bound, self._kept | values)
                elif bound.many:
                    run(bound, bound.rows(written))
                elif bound.writes_answer:
                    arrays = {name: [row[name] for row in written] for name in bound.arrays}
                    run(bound, bound.bind(values | arrays))
                else:
                    rows = run(bound, bound.bind(values))
                    if bound.finds_key:
                        _open(bound, rows, authorization)
                    elif bound.holds_log:
                        values |= _following(rows)
        counts = {"created": 0, "changed": len(written), "unchanged": 0, "refused": 0}
        return _json({"dry_run": False, **counts, "rows": [_verdict(n, row) for n, row in enumerate(written, 1)]})

    def _shown(self) -> tuple[str, ...]:
        return self._bound["read"][-1].columns

    def _said(self, authorization: str, assessment: UUID) -> dict[str, Any]:
        number = authorization.split("_")[2]
        said = {"key": number, "updated_by": f"key:{number}", "actor": f"key:{number}"}
        return said | {"assessment": self._driver.identity(assessment), "updated_at": self._driver.moment()}

    def _all(self, name: str, run: Run, values: Values, authorization: str) -> tuple[tuple[str, ...], Rows]:
        """Every statement of a route in order; columns and rows of the last."""
        columns: tuple[str, ...] = ()
        rows: Rows = ()
        for bound in self._bound[name]:
            columns, rows = bound.columns, run(bound, bound.bind(values))
            if bound.finds_key:
                _open(bound, rows, authorization)
        return columns, rows


def _open(bound: Bound, rows: Rows, authorization: str) -> None:
    """Compare the digest of the secret: its last 43 characters before the checksum of 6."""
    secret = authorization[-49:-6]
    digest = sha256(secret.encode()).hexdigest()
    if not rows or not compare_digest(digest, rows[0][bound.columns.index("secret_sha256")]):
        raise HTTPException(401)


def _following(rows: Rows) -> dict[str, Any]:
    """What the log's next event is numbered and bound to; its own hash stays as it was recorded."""
    number, hashed = rows[0]
    return {"number": number + 1, "previous": hashed}


def _columns(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the request as columns: what is JSON goes in as text."""
    for name in JSON_TEXTS:
        if name in row:
            row[name] = orjson.dumps(row[name]).decode()
    return row


def _spots(given: Sequence[Values]) -> dict[str, Any]:
    """Where the rows go: as JSON on SQLite, as two arrays on PostgreSQL."""
    questions, sites = [row["question"] for row in given], [row["site"] for row in given]
    return {
        "spots": orjson.dumps(list(zip(questions, sites, strict=True))).decode(),
        "questions": questions,
        "sites": sites,
    }


def _numbered(given: Sequence[dict[str, Any]], rows: Rows, bound: Bound, values: Values) -> list[dict[str, Any]]:
    """The rows with the version that follows the one that stands."""
    question, site, version = (bound.columns.index(name) for name in ("question", "site", "version"))
    standing = {(row[question], row[site]): row[version] for row in rows}
    return [{**values, **row, "version": standing.get((row["question"], row["site"]), 0) + 1} for row in given]


def _verdict(number: int, row: Values) -> dict[str, Any]:
    key = f"{row['question']}@{row['site']}"
    return {"row": number, "key": key, "outcome": "changed", "version": row["version"], "code": None, "detail": None}


def _passed_on(item: dict[str, Any]) -> dict[str, Any]:
    item["site"] = item["site"] or None
    for name in JSON_TEXTS:
        if item[name] is not None:
            item[name] = orjson.Fragment(item[name])
    return item


def _json(value: object, version: int | None = None) -> Response:
    headers = None if version is None else {"etag": f'"{version}"'}
    return Response(orjson.dumps(value), 200, headers, "application/json")


def create_raw_app(url: str, recorded: Recorded) -> FastAPI:
    """The raw routes at the service's own addresses."""
    raw = Raw(Sqlite(url) if url.startswith("sqlite") else Postgres(url), recorded)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    address = "/v1/assessments/{assessment}/answers"
    app.add_api_route(address, raw.read, methods=["GET"], response_model=None)
    app.add_api_route(address, raw.many, methods=["POST"], response_model=None)
    app.add_api_route(address + "/{question}", raw.one, methods=["PUT"], response_model=None)
    return app
