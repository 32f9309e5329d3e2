"""The operator's three roles on PostgreSQL: one owns, one serves, one copies."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from conftest import BACKUP, OWNER, World, served_by
from postgres_server import packaged
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
