"""Reads the facts: of a database, of the file it is in, and of the server it is on."""

import os
import stat
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, text

from service.access import store as access
from service.db.session import Database
from service.db.walls import breaches, excess
from service.operating.rules import Postgres, Sqlite, SqliteFile, Walls, file_system_of, password_of

MOUNTS = Path("/proc/self/mountinfo")
_SERVER = text(
    "SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,"
    " current_setting('full_page_writes') AS full_page_writes,"
    " current_setting('synchronous_commit') AS synchronous_commit, rolsuper AS superuser, rolbypassrls AS bypasses,"
    " EXISTS (SELECT FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND client_dn IS NOT NULL)"
    " OR EXISTS (SELECT FROM pg_stat_gssapi WHERE pid = pg_backend_pid() AND gss_authenticated) AS proven"
    ", EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
    " AND pg_has_role(relowner, 'USAGE')) AS owns"
    " FROM pg_roles WHERE rolname = current_user"
)


def exists(address: URL) -> bool:
    """Whether there is something to look at; looking must not make an empty file."""
    path = _path(address)
    return path is None or path.is_file()


def facts(address: URL) -> Sqlite | Postgres:
    """What a connection of the service finds; the settings are those it runs with, not those of a file."""
    database = Database(address, 2)
    try:
        with database.transaction(writes=False) as connection:
            return _sqlite(connection, _path(address)) if database.is_sqlite else _postgres(connection)
    finally:
        database.close()


def walls(address: URL) -> Walls:
    """What is wrong with the walls between states, as they stand around the role that serves."""
    database = Database(address, 2)
    try:
        with database.transaction(writes=False) as connection:
            role = connection.exec_driver_sql("SELECT current_user").scalar_one()
            return Walls(tuple(breaches(connection)), tuple(excess(connection, str(role))))
    finally:
        database.close()


def tenants(address: URL) -> list[str]:
    """The states and bodies that have a credential in an SQLite file."""
    database = Database(address, 2)
    try:
        with database.transaction(writes=False) as connection:
            return access.tenants(connection)
    finally:
        database.close()


def _path(address: URL) -> Path | None:
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return None
    return Path(address.database or "").resolve()


def _sqlite(connection: Connection, path: Path | None) -> Sqlite:
    def pragma(name: str) -> str:
        return str(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one())

    version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    return Sqlite(
        version=tuple(int(part) for part in version.split(".")),
        journal=pragma("journal_mode"),
        synchronous=int(pragma("synchronous")),
        foreign_keys=pragma("foreign_keys") == "1",
        file=None if path is None else _file(path),
    )


def _file(path: Path) -> SqliteFile:
    kind = file_system_of(str(path), MOUNTS.read_text(encoding="latin-1")) if MOUNTS.is_file() else None
    if os.name != "posix":
        return SqliteFile(None, None, kind)
    return SqliteFile(stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode), kind)


def _postgres(connection: Connection) -> Postgres:
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError(f"expected a connection of psycopg, got {type(driver).__name__}")
    info, line = driver.info, driver.pgconn
    row = connection.execute(_SERVER).one()._mapping
    return Postgres(
        **row,
        host=info.host,
        password=password_of(info.password if line.used_password else "", info.user, info.dbname),
        encrypted=bool(line.ssl_in_use),
    )
