"""The operator's three roles on PostgreSQL: one owns, one serves, one copies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from conftest import BACKUP, OWNER, World, served_by
from postgres_server import packaged
from route_calls import Holding, fill
from service.access.usecases import revoke_key
from service.cli import app
from service.operating.copies import Copies
from service.operating.keeping import copies_of
from service.settings import Settings


@dataclass(frozen=True)
class Roles:
    """The addresses of one database, for each role."""

    owner: str
    run: str
    backup: str
    admin: str

    def execute(self, statements: str) -> None:
        """As the superuser, outside of any transaction."""
        with psycopg.connect(self.admin.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statements.encode())


def roles_of(owner_url: str) -> Roles:
    """The same database as each role sees it."""
    as_role = {role: owner_url.replace(f"//{OWNER}@", f"//{role}@") for role in (BACKUP, "postgres")}
    return Roles(owner_url, served_by(owner_url), as_role[BACKUP], as_role["postgres"])


def settings_of(world: World) -> Settings:
    """As an operator sets them for a drill; on SQLite there is one address only."""
    if world.database.is_sqlite:
        return world.settings
    roles = roles_of(world.owner_url)
    roles.execute(f"ALTER ROLE {OWNER} CREATEDB")  # only drills need that
    return Settings(database_url=roles.run, backup_url=roles.backup, drill_url=roles.owner)


@pytest.fixture
def programs() -> Path:
    """The folder of pg_dump and pg_restore."""
    return packaged() / "pginstall" / "bin"


@pytest.fixture
def roles(postgres_url: str) -> Roles:
    """A fresh PostgreSQL database, migrated."""
    return roles_of(postgres_url)


@pytest.fixture
def copies(world: World, programs: Path) -> Copies:
    return copies_of(world.settings.database, programs)


@pytest.fixture
def settings(world: World) -> Settings:
    return settings_of(world)


@pytest.fixture
def held(world: World) -> Holding:
    """A state with answers and an approval, and another with a key that was revoked."""
    _, held = fill(world, "QZA", "north")
    south, _ = fill(world, "QZB", "south")
    with world.database.transaction(writes=True, state="QZB") as connection:
        revoke_key(connection, "QZB", south.headers["authorization"].split("_")[2], now=datetime.now(UTC))
    return held


@pytest.fixture
def command(settings: Settings, programs: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line, with an operator's settings."""
    for name in ("database_url", "backup_url", "drill_url"):
        if (value := getattr(settings, name)) is not None:
            monkeypatch.setenv(f"STOCKTAKE_{name.upper()}", value)

    def run(*words: str, programs: Path | None = programs) -> Result:
        return CliRunner().invoke(app, [*words, *(() if programs is None else ("--programs", str(programs)))])

    return run
