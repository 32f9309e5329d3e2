"""Copies of a PostgreSQL database, by its own pg_dump and pg_restore."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from service.operating.copies import CopyFailed, new_file

_SNAPSHOT = text("SELECT pg_export_snapshot()")
_DUMP = ("--format=custom", "--no-password", "--lock-wait-timeout=60000")
"""Row security stays off, which is the default: where it would hide rows, pg_dump fails instead of leaving them out."""
_RESTORE = ("--no-owner", "--single-transaction", "--exit-on-error", "--no-password")


class PostgresCopies:
    """One file in pg_dump's custom format; its programs come from one folder, or from the system's path."""

    def __init__(self, programs: Path | None) -> None:
        self._programs = programs

    def back_up(self, connection: Connection, to: Path) -> None:
        snapshot = connection.execute(_SNAPSHOT).scalar_one()
        with new_file(to) as part:
            self._run("pg_dump", connection.engine.url, *_DUMP, f"--snapshot={snapshot}", f"--file={part}")

    def restore(self, source: Path, into: URL) -> None:
        if not source.is_file():
            raise CopyFailed(f"{source} is no file.")
        try:
            with _line(into) as connection:
                there = inspect(connection).get_table_names()
        except DBAPIError as error:
            raise CopyFailed(f"The database does not answer: {_first_line(error)}.") from error
        if there:
            raise CopyFailed("The database has tables already; make an empty one, nothing is overwritten.")
        self._run("pg_restore", into, *_RESTORE, str(source))

    @contextlib.contextmanager
    def fresh(self, near: URL, _folder: Path) -> Iterator[URL]:
        name = f"stocktake_drill_{uuid4().hex}"
        with contextlib.ExitStack() as stack:
            try:
                connection = stack.enter_context(_line(near))
                connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
            except DBAPIError as error:
                said = f"STOCKTAKE_DRILL_URL must name a role that may create databases: {_first_line(error)}."
                raise CopyFailed(said) from error
            try:
                yield near.set(database=name)
            finally:
                # Without FORCE: it waits for those who leave, and may not send away another role's connection
                connection.exec_driver_sql(f"DROP DATABASE {name}")

    def _run(self, program: str, address: URL, *arguments: str) -> None:
        """Run a client program; the password travels in its environment, where other users do not see it."""
        found = program if self._programs is None else str(self._programs / program)
        # None of the address's parts is optional to libpq but these two
        target = address._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)
        environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
        command = [found, *arguments, f"--dbname={target}"]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
        except OSError as error:
            said = f"{found} cannot be run ({error.strerror}); install PostgreSQL's client programs, or say --programs."
            raise CopyFailed(said) from error
        if done.returncode:
            raise CopyFailed(f"{program} failed: {done.stderr.strip()[-500:]}{_advice(done.stderr)}")


@contextlib.contextmanager
def _line(address: URL) -> Iterator[Connection]:
    """A connection outside of transactions, in which databases are made."""
    engine = create_engine(address, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _advice(said: str) -> str:
    if "row-level security" in said or "row security" in said:
        return "\nSTOCKTAKE_BACKUP_URL must name a role with BYPASSRLS, or rows would be missing."
    return ""


def _first_line(error: DBAPIError) -> str:
    return next(iter(str(error.orig).splitlines()), type(error).__name__)
