"""Both databases, migrated once and copied for each test; an application on either; keys for whoever calls."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Connection, insert, make_url
from starlette.testclient import TestClient

from postgres_server import PostgresServer, postgres_server
from service.access import keys, people_store
from service.access.policy import Role, Scope
from service.access.usecases import OPERATOR, create_key
from service.app import create_app
from service.catalogue.store import publish
from service.db.access_tables import Person, PersonSession, RoleGrant
from service.db.migrating import upgrade
from service.db.roles import grant
from service.db.session import Database
from service.settings import Settings
from statement_guard import StatementGuard

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "checklists" / "unga-73-11" / "checklist.lock.json"
EVERY_SCOPE = frozenset(Scope)
OWNER, RUNTIME, BACKUP = "stocktake_owner", "stocktake_run", "stocktake_backup"
"""The roles of PostgreSQL: who migrates, who serves, who makes backups."""
FEW = {"STOCKTAKE_RATE": "1000000", "STOCKTAKE_PASSWORD_MEMORY": "19"}
"""More requests a minute than any test sends, and the least that checking a password may cost."""
UNHURRIED = 1_000_000
"""Requests a minute: more than any test makes, as long as it is not about that."""
INVENTED = ROOT / "tests" / "invented" / "tide-bells"


@pytest.fixture(scope="session", autouse=True)
def _without_hurry() -> Iterator[None]:
    """No test but those of the limits meets one."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in FEW.items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def invented() -> Path:
    """The folder of a checklist on an instrument that nobody ever adopted, with every type of answer."""
    return INVENTED


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One throw-away PostgreSQL for the whole session (of this worker)."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """Migrated by its owner; the service runs as a role with less. Neither is a superuser, whom no wall would hold."""
    for role in (OWNER, RUNTIME, f"{BACKUP} BYPASSRLS"):
        _run(postgres, f"CREATE ROLE {role} LOGIN")
    _run(postgres, f"CREATE DATABASE template_migrated OWNER {OWNER}")
    _prepare(postgres.url("template_migrated", user=OWNER))
    grant(make_url(postgres.url("template_migrated", user=OWNER)), RUNTIME, BACKUP)
    return "template_migrated"


def _prepare(url: str) -> None:
    """Migrate, and publish the real checklist."""
    upgrade(make_url(url))
    database = Database(url, 2)
    with database.transaction(writes=True) as connection:
        publish(connection, LOCK.read_bytes(), datetime(2026, 1, 1, tzinfo=UTC))
    database.close()


def _run(server: PostgresServer, statement: str) -> None:
    address = server.url().replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite file, migrated, with the checklist published."""
    path = tmp_path / f"{uuid4().hex}.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: PostgresServer, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database, migrated, with the checklist published."""
    name = f"test_{uuid4().hex}"
    _run(postgres, f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {postgres_template} STRATEGY FILE_COPY")
    yield postgres.url(name, user=OWNER)
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def served_by(owner_url: str) -> str:
    """The address of the same database for the role that runs the service."""
    return owner_url.replace(f"//{OWNER}@", f"//{RUNTIME}@")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database; the test runs on both kinds."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@dataclass
class World:
    """An application on one database, and callers of as many states as a test needs."""

    app: FastAPI
    settings: Settings
    owner_url: str
    """The same database for the role that owns it: who migrates, and publishes checklists."""
    guard: StatementGuard = field(default_factory=StatementGuard)
    """Looks at what requests ask of the database."""
    portal: BlockingPortal | None = None
    """The event loop that all callers share; without it each request makes one, which costs more than the request."""
    _clients: list[TestClient] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.guard.watch(self.app)

    @property
    def database(self) -> Database:
        found: Database = self.app.state.database
        return found

    @contextmanager
    def publishing(self) -> Iterator[Connection]:
        """A transaction of the database's owner, who alone enters checklists."""
        database = Database(self.owner_url, 2)
        try:
            with database.transaction(writes=True) as connection:
                yield connection
        finally:
            database.close()

    def key(self, state: str = "QZA", scopes: frozenset[Scope] = EVERY_SCOPE, by: str = OPERATOR) -> str:
        """A new key of this state, and whose."""
        with self.database.transaction(writes=True, state=state) as connection:
            return create_key(connection, state, "test", scopes=scopes, days=30, now=datetime.now(UTC), by=by)

    def person(  # whose, which roles, what a contributor reaches, and since when
        self,
        state: str,
        *roles: Role,
        agency: str | None = None,
        sections: Sequence[str] = (),
        sites: Sequence[str] = (),
        signed_in: datetime | None = None,
        two_factors: bool = True,
    ) -> TestClient:
        """Somebody with these roles in a state, who has just signed in with two factors; ``who`` says their id."""
        now = datetime.now(UTC)
        credential = keys.new("sts", state)
        entered = {"state": state, "person": credential.id, "granted_at": now, "granted_by": "operator"}
        reached = {"agency": agency, "sections": json.dumps([*sections]), "sites": json.dumps([*sites])}
        session: dict[str, object] = {
            "id": credential.id,
            "secret_sha256": keys.digest(credential.secret),
            "ended_at": None,
        }
        session |= {"authenticated_at": signed_in or now, "two_factors": two_factors, "seen_at": now}
        session |= {"expires_at": now + timedelta(hours=8)}
        with self.database.transaction(writes=True, state=state) as connection:
            row = {"state": state, "id": credential.id, "login": credential.id, "created_at": now, "version": 1}
            connection.execute(insert(Person.__table__), row)
            for role in roles:
                connection.execute(insert(RoleGrant.__table__), {**entered, **reached, "role": role})
            connection.execute(insert(PersonSession.__table__), {"state": state, "person": credential.id, **session})
        return self.bearer(keys.write(credential))

    def signed_in(self, state: str, person: str, *, two_factors: bool = True) -> TestClient:
        """This person, who has signed in just now with two factors."""
        credential, now = keys.new("sts", state), datetime.now(UTC)
        secret, end = keys.digest(credential.secret), now + timedelta(hours=8)
        with self.database.transaction(writes=True, state=state) as connection:
            session = people_store.NewSession(state, credential.id, person, secret, now, two_factors, now, end)
            people_store.add_session(connection, session)
        return self.bearer(keys.write(credential))

    def caller(self, state: str = "QZA", scopes: frozenset[Scope] = EVERY_SCOPE, by: str = OPERATOR) -> TestClient:
        """Someone with a key of this state."""
        return self.bearer(self.key(state, scopes, by))

    def bearer(self, credential: str) -> TestClient:
        """Someone who sends this."""
        client = TestClient(self.app, headers={"authorization": f"Bearer {credential}"})
        client.portal = self.portal
        self._clients.append(client)
        return client

    def state(self, state: str = "QZA", *, sites: int = 2) -> TestClient:
        """Someone with a key of a state that is in the register, with airports A01, A02 …"""
        caller = self.caller(state)
        entry = {"name": f"State {state}", "un_member": True, "interpol_member": True}
        assert caller.put(f"/v1/states/{state}", json=entry, headers={"if-none-match": "*"}).status_code == 200
        for number in range(1, sites + 1):
            site = {
                "code": f"A{number:02}",
                "name": f"Airport {number}",
                "type": "airport",
                "travellers": 1000 * number,
            }
            assert caller.post(f"/v1/states/{state}/sites", json=site).status_code == 201
        return caller

    def agency(self, state: str, code: str, *sites: str) -> None:
        """An agency, which answers for these of the state's airports."""
        caller = self.caller(state)
        put = {"name": f"Agency {code}", "kind": "police"}
        url = f"/v1/states/{state}"
        assert caller.put(f"{url}/agencies/{code}", json=put, headers={"if-match": "*"}).status_code == 200
        for site in sites:
            entry = {"name": f"Airport {site}", "type": "airport", "agency": code}
            assert caller.put(f"{url}/sites/{site}", json=entry, headers={"if-match": "*"}).status_code == 200

    def assessment(self, caller: TestClient, state: str = "QZA", cycle: str = "2026") -> str:
        """The id of a new assessment of this state."""
        body = {"checklist": "unga-73-11", "cycle": cycle}
        answer = caller.post(f"/v1/states/{state}/assessments", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


def who(person: TestClient) -> str:
    """The id of somebody made by ``World.person``, as it stands beside what they do."""
    return f"person:{person.headers['authorization'].split('_')[2]}"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An application on a fresh database, on both kinds."""
    os.environ.pop("STOCKTAKE_DATABASE_URL", None)
    settings = Settings(database_url=served_by(database_url), pool=4, rate=UNHURRIED)
    app = create_app(settings)
    with start_blocking_portal() as portal:
        made = World(app, settings, database_url, portal=portal)
        yield made
    app.state.database.close()
    assert made.guard.breaches == []
