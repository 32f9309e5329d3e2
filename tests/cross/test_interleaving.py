"""Requests of two states in one crowd on two connections, some broken off, some failing half-way: nothing crosses.

A thousand in the everyday suite; ``make interleave`` sends ten thousand on each database.
"""

import asyncio
import os
import random
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import psycopg
import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url, select

from conftest import OWNER, UNHURRIED, World
from route_calls import ANY, SITE_QUESTION, Holding, fill
from service.app import create_app
from service.assessments import answers
from service.audit import store as log
from service.audit.chain import faults
from service.db.rows import of_states, owner
from service.settings import Settings

pytestmark = pytest.mark.long

MANY = int(os.environ.get("INTERLEAVED", "1000"))
AT_ONCE = 16
BROKEN_OFF, FAILING, KILLED = 0.1, 0.02, 0.001
"""How many requests their caller gives up, how many statements fail, how many connections the server ends."""
STATES = (("QZA", "ownmark"), ("QZB", "othermark"))
Exchange = tuple[str, str, dict[str, Any]]


class Broken(Exception):
    """What goes wrong on purpose."""


def exchanges(of: Holding, other: Holding) -> Sequence[Exchange]:
    """What tools of a state send: method, address, and the rest; of their own things, and of another's."""
    state, assessment = f"/v1/states/{of.state}", f"/v1/assessments/{of.assessment}"
    answer = f"{assessment}/answers/{SITE_QUESTION}"
    row = {"question": SITE_QUESTION, "site": of.site, "value": "find", "remark": of.mark}
    site = {"name": of.mark, "type": "airport", "agency": of.agency}
    return (
        ("GET", state, {}),
        ("GET", f"{state}/sites", {}),
        ("GET", f"{state}/agencies/{of.agency}", {}),
        ("GET", assessment, {}),
        ("GET", f"{assessment}/answers", {}),
        ("GET", answer, {"params": {"site": of.site}}),
        ("GET", f"{answer}/history", {"params": {"site": of.site, "limit": 5}}),
        ("GET", f"{assessment}/export.json", {}),
        ("PUT", answer, {"params": {"site": of.site}, "headers": ANY, "json": {"value": "find", "remark": of.mark}}),
        ("POST", f"{assessment}/answers", {"json": {"rows": [row]}}),
        ("POST", f"{assessment}/answers", {"json": {"rows": [row]}, "headers": {"idempotency-key": of.mark}}),
        ("PUT", f"{state}/sites/{of.site}", {"headers": ANY, "json": site}),
        ("PUT", f"{state}/sites/{of.site}", {"headers": {"if-match": '"9999"'}, "json": site}),
        ("PUT", answer, {"params": {"site": of.site}, "headers": ANY, "json": {"value": "no such value"}}),
        ("GET", f"/v1/states/{other.state}/sites", {}),
        ("GET", f"/v1/assessments/{other.assessment}/answers", {}),
        ("GET", answer, {"params": {"site": other.site}}),
    )


@dataclass
class Crowd:
    """Callers of two states, what they were told, and what was seen of the connections."""

    world: World
    holdings: Sequence[Holding]
    keys: Mapping[str, str]
    """Of each state its key, made before anything fails."""
    seed: int
    statuses: Counter[int] = field(default_factory=Counter)
    crossings: list[str] = field(default_factory=list)
    given_up: int = 0
    checked_out: int = 0

    def send(self, many: int) -> None:
        """So many requests, in no order; then nobody holds a place in line any more."""
        asyncio.run(self._send(many))
        assert {gate.borrowed_tokens for gate in self.world.app.state.gates.values()} == {0}

    async def _send(self, many: int) -> None:
        chosen = random.Random(self.seed)  # noqa: S311  # what comes next is no secret
        transport = httpx2.ASGITransport(self.world.app, raise_app_exceptions=False)
        line = asyncio.Semaphore(AT_ONCE)
        async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:

            async def one(of: Holding, other: Holding, sent: Exchange, patience: float | None) -> None:
                method, address, rest = sent
                headers = {"authorization": f"Bearer {self.keys[of.state]}", **rest.get("headers", {})}
                async with line:
                    try:
                        call = client.request(method, address, **{**rest, "headers": headers})
                        self._judge(await asyncio.wait_for(call, patience), of, other)
                    except TimeoutError:
                        self.given_up += 1

            jobs = []
            for _ in range(many):
                of, other = chosen.sample(self.holdings, 2)
                patience = chosen.uniform(0, 0.02) if chosen.random() < BROKEN_OFF else None
                jobs.append(one(of, other, chosen.choice(exchanges(of, other)), patience))
            await asyncio.gather(*jobs)

    def _judge(self, answer: httpx2.Response, of: Holding, other: Holding) -> None:
        self.statuses[answer.status_code] += 1
        told = f"{answer.headers} {answer.text}".replace(other.assessment, "").replace(other.site, "")
        address = str(answer.request.url)
        if any(mark in told for mark in other.texts()):
            self.crossings.append(f"{of.state} was told of {other.state}: {address}")
        asked_theirs = any(name in address for name in (other.state, other.assessment, other.site))
        if answer.is_success and (asked_theirs or not any(mark in told for mark in of.texts())):
            self.crossings.append(f"{of.state} was not answered of its own: {address}")

    def look_at_connections(self) -> None:
        """Whenever one comes from the pool: it is about no state, and in no transaction."""
        for engine in {self.world.database._reader, self.world.database._writer}:
            event.listen(engine, "checkout", self._look)

    def _look(self, connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # of either driver
        self.checked_out += 1
        if not isinstance(connection, psycopg.Connection):
            if connection.in_transaction:
                self.crossings.append("a connection came back in a transaction")
            return
        if connection.info.transaction_status is not TransactionStatus.IDLE:
            self.crossings.append("a connection came back in a transaction")
            return
        left = connection.execute("SELECT current_setting('app.state', true)").fetchone()
        if left not in ((None,), ("",)):
            self.crossings.append(f"a connection came back about {left}")


@contextmanager
def failing(world: World, seed: int) -> Iterator[Counter[str]]:
    """Let some statements of requests fail: in the service, in the database, or by the end of the connection."""
    chosen, line, happened = random.Random(seed), threading.Lock(), Counter[str]()  # noqa: S311  # no secret either
    engines: list[Engine] = list({world.database._reader, world.database._writer})

    def harm(connection: Connection, _cursor: object, sql: str, *_: object) -> None:
        with line:
            fate = chosen.random()
        if sql == "SELECT 1/0":
            return
        driver = connection.connection.driver_connection
        if fate < KILLED and isinstance(driver, psycopg.Connection):
            happened["killed"] += 1
            end(world, driver.info.backend_pid)
        elif fate < FAILING / 2:
            happened["failed in the database"] += 1
            connection.exec_driver_sql("SELECT 1/0" if isinstance(driver, psycopg.Connection) else "SELECT * FROM gone")
        elif fate < FAILING:
            happened["failed in the service"] += 1
            raise Broken

    for engine in engines:
        event.listen(engine, "after_cursor_execute", harm)
    try:
        yield happened
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", harm)


def end(world: World, process: int) -> None:
    """Let the server end one of its connections."""
    with psycopg.connect(everybody(world).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(%s)", [process])


def everybody(world: World) -> str:
    """The database for somebody who sees the rows of all states."""
    return world.owner_url.replace(f"//{OWNER}@", "//postgres@")


def misplaced(world: World, holdings: Sequence[Holding]) -> list[str]:
    """Rows of a state in which another's mark stands; a copy that was given holds the giver's."""
    found = []
    engine = create_engine(make_url(everybody(world)), poolclass=NullPool)
    with engine.connect() as connection:
        for table in of_states():
            for row in connection.execute(select(table)).mappings():
                entitled = {row[owner(table) or ""], row.get("from_state")}
                others = [of for of in holdings if of.state not in entitled]
                found += [f"{table.name}: {row}" for of in others if of.mark in str(dict(row)).lower()]
    engine.dispose()
    return found


@pytest.fixture
def crowd(database_url: str) -> Iterator[Crowd]:
    """Two full states on a pool of two."""
    url = database_url.replace(f"//{OWNER}@", "//stocktake_run@")
    settings = Settings(database_url=url, pool=2, renderers=1, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, database_url)
    holdings = [fill(world, state, mark)[1] for state, mark in STATES]
    keys = {state: world.key(state) for state, _ in STATES}
    yield Crowd(world, holdings, keys, seed=random.randrange(2**32))  # noqa: S311  # it is printed
    app.state.database.close()


def chains_hold(world: World) -> bool:
    """Both logs are whole."""
    for state, _ in STATES:
        with world.database.transaction(writes=False, state=state) as connection:
            if faults(state, log.listed(connection, state, after=0, most=2**31 - 1)):
                return False
    return True


@pytest.mark.timeout(1800)
def test_nothing_crosses_in_a_crowd(crowd: Crowd) -> None:
    print(f"seed {crowd.seed}")
    crowd.look_at_connections()
    with failing(crowd.world, crowd.seed) as happened:
        crowd.send(MANY)
    assert crowd.crossings == []
    assert misplaced(crowd.world, crowd.holdings) == []
    assert chains_hold(crowd.world)
    assert crowd.world.guard.breaches == []
    # It was a crowd, things did go wrong, and most were answered all the same
    assert {200, 404, 412, 422, 500} <= crowd.statuses.keys() <= {200, 404, 409, 412, 422, 500, 503}
    assert crowd.given_up + sum(crowd.statuses.values()) == MANY
    assert crowd.given_up > MANY * BROKEN_OFF / 10
    assert crowd.statuses[200] > MANY / 4
    assert happened["failed in the database"]
    assert happened["failed in the service"]
    crowd.send(20)  # and afterwards all is well
    assert crowd.crossings == []


def test_a_connection_that_keeps_its_state_is_seen(crowd: Crowd) -> None:
    """The control: on PostgreSQL a variable that outlives its transaction; on SQLite a transaction left open."""
    crowd.look_at_connections()
    engine = crowd.world.database._reader
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if isinstance(driver, psycopg.Connection):
            driver.execute("SELECT set_config('app.state', 'QZB', false)")
    if isinstance(driver, sqlite3.Connection):
        driver.execute("BEGIN")
    crowd.send(40)
    assert any("a connection came back" in crossing for crossing in crowd.crossings)


def test_a_statement_that_lost_its_state_crosses(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both walls of PostgreSQL would have to fall; on SQLite the one that is there."""
    if not crowd.world.database.is_sqlite:
        with crowd.world.publishing() as connection:
            connection.exec_driver_sql("ALTER TABLE answer DISABLE ROW LEVEL SECURITY")
    monkeypatch.setattr(answers, "_LIST", select(*answers.SHOWN))
    crowd.send(200)
    assert any("was told of" in crossing for crossing in crowd.crossings)
    assert crowd.world.guard.breaches
