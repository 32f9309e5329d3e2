"""PostgreSQL with the three roles of the operators' page: one owns, one serves, one copies."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from conftest import LOCK
from postgres_server import PostgresServer, packaged
from service.catalogue.store import publish
from service.db.migrating import upgrade
from service.db.session import Database

GRANTS = """
GRANT SELECT ON ALL TABLES IN SCHEMA public TO {backup};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {run};
"""
WALL = """
ALTER TABLE answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE answer FORCE ROW LEVEL SECURITY;
CREATE POLICY of_state ON answer USING (state = nullif(current_setting('app.state', true), ''));
"""


@dataclass(frozen=True)
class Walled:
    """A database whose rows row-level security can hide, and the address of each role."""

    owner: str
    run: str
    backup: str
    admin: str

    def execute(self, statements: str) -> None:
        """As the superuser."""
        with psycopg.connect(self.admin.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statements.encode())

    def build_wall(self) -> None:
        """Let row-level security hide the answers, from their table's owner too."""
        self.execute(WALL)


@pytest.fixture
def programs() -> Path:
    """The folder of pg_dump and pg_restore."""
    return packaged() / "pginstall" / "bin"


@pytest.fixture
def walled(postgres: PostgresServer) -> Iterator[Walled]:
    mark = uuid4().hex[:12]
    names = {role: f"{role}_{mark}" for role in ("owner", "run", "backup")}
    database = f"walled_{mark}"
    urls = {role: postgres.url(database, user=name) for role, name in names.items()}
    place = Walled(**urls, admin=postgres.url(database))
    server = Walled("", "", "", postgres.url())
    server.execute(f"CREATE ROLE {names['owner']} LOGIN CREATEDB")
    server.execute(f"CREATE ROLE {names['run']} LOGIN; CREATE ROLE {names['backup']} LOGIN BYPASSRLS")
    server.execute(f"CREATE DATABASE {database} OWNER {names['owner']}")
    upgrade(make_url(place.owner))
    opened = Database(place.owner, 2)
    with opened.transaction(writes=True) as connection:
        publish(connection, LOCK.read_bytes(), datetime(2026, 1, 1, tzinfo=UTC))
    opened.close()
    place.execute(GRANTS.format_map(names))
    yield place
    server.execute(f"DROP DATABASE {database} WITH (FORCE)")
    server.execute("DROP ROLE " + ", ".join(names.values()))
