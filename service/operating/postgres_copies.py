"""Copies of a PostgreSQL database, by its own pg_dump and pg_restore."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import IO
from uuid import uuid4

from sqlalchemy import URL, Connection, NullPool, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from service.operating.copies import CopyFailed

_SNAPSHOT = text("SELECT pg_export_snapshot()")
_DUMP = ("--format=custom", "--no-password", "--lock-wait-timeout=60000")
"""Row security stays off, which is the default: where it would hide rows, pg_dump fails instead of leaving them out."""
_RESTORE = ("--no-owner", "--single-transaction", "--exit-on-error", "--no-password")


class PostgresCopies:
    """One file in pg_dump's custom format; its programs come from one folder, or from the system's path."""

    def __init__(self, programs: Path | None) -> None:
        self._programs = programs

    @contextlib.contextmanager
    def reading(self, connection: Connection) -> Iterator[BufferedIOBase]:
        snapshot = connection.execute(_SNAPSHOT).scalar_one()
        with self._running("pg_dump", connection.engine.url, *_DUMP, f"--snapshot={snapshot}") as program:
            yield _pipe(program.stdout)

    @contextlib.contextmanager
    def filling(self, into: URL) -> Iterator[BufferedIOBase]:
        try:
            with _line(into) as connection:
                there = inspect(connection).get_table_names()
        except DBAPIError as error:
            raise CopyFailed(f"The database does not answer: {_first_line(error)}.") from error
        if there:
            raise CopyFailed("The database has tables already; make an empty one, nothing is overwritten.")
        with self._running("pg_restore", into, *_RESTORE) as program:
            yield _pipe(program.stdin)

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

    @contextlib.contextmanager
    def _running(self, program: str, address: URL, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """A client program at work. When it is left, it has ended well; where not, CopyFailed has its words."""
        with tempfile.TemporaryFile() as said:
            process = self._started(program, address, arguments, said)
            broken = False
            try:
                yield process
                _pipe(process.stdin).close()
            except BrokenPipeError:
                broken = True  # it ended by itself, and says why
            except BaseException:
                process.kill()  # before its input ends: what is not whole must not be committed
                raise
            finally:
                process.wait()
                with contextlib.suppress(BrokenPipeError):
                    _pipe(process.stdin).close()
                _pipe(process.stdout).close()
            if process.returncode or broken:
                said.seek(0)
                words = said.read().decode(errors="replace").strip()
                raise CopyFailed(f"{program} failed: {words[-500:]}{_advice(words)}")

    def _started(
        self, program: str, address: URL, arguments: tuple[str, ...], said: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """Start a client program; the password travels in its environment, where other users do not see it."""
        found = program if self._programs is None else str(self._programs / program)
        # None of the address's parts is optional to libpq but these two
        target = address._replace(drivername="postgresql", password=None).render_as_string(hide_password=False)
        environment = {**os.environ, **({"PGPASSWORD": str(address.password)} if address.password else {})}
        command = [found, *arguments, f"--dbname={target}"]
        try:
            return subprocess.Popen(  # noqa: S603  # the operator's own client programs
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
            )
        except OSError as error:
            told = f"{found} cannot be run ({error.strerror}); install PostgreSQL's client programs, or say --programs."
            raise CopyFailed(told) from error


def _pipe(end: IO[bytes] | None) -> BufferedIOBase:
    if not isinstance(end, BufferedIOBase):
        raise TypeError("the program was started without this pipe")
    return end


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
