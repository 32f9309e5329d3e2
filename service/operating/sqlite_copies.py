"""Copies of an SQLite file, by its online backup."""

import contextlib
import sqlite3
from collections.abc import Iterator
from io import BufferedIOBase
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, Connection

from service.operating.copies import CopyFailed, new_file, passing_file

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite would take for a part of the file."""


class SqliteCopies:
    """One file, whole, checked."""

    @contextlib.contextmanager
    def reading(self, connection: Connection) -> Iterator[BufferedIOBase]:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError("not a connection to SQLite")
        # Beside the database, where the same bytes lie anyway: the place of backups may be anybody's
        with passing_file(Path(connection.engine.url.database or "")) as part:
            with _checked(part) as copy:
                source.backup(copy)
            with part.open("rb") as plain:
                yield plain

    @contextlib.contextmanager
    def filling(self, into: URL) -> Iterator[BufferedIOBase]:
        place = Path(into.database or "")
        for end in BESIDE:
            if Path(f"{place}{end}").exists():
                raise CopyFailed(f"{place}{end} is there already; move it away, it is not overwritten.")
        with new_file(place) as part:
            with part.open("wb") as file:
                yield file
            with _checked(part):
                pass

    @contextlib.contextmanager
    def fresh(self, near: URL, folder: Path) -> Iterator[URL]:
        yield near.set(database=str(folder / f"{uuid4().hex}.db"))


@contextlib.contextmanager
def _checked(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a copy, which when it is left is one sound file with nothing beside it."""
    try:
        with contextlib.closing(sqlite3.connect(file)) as copy:
            yield copy
            copy.execute("PRAGMA journal_mode=DELETE")
            wrong = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
            wrong += [f"a row of {row[0]} refers to nothing" for row in copy.execute("PRAGMA foreign_key_check")]
    except sqlite3.DatabaseError as error:
        raise CopyFailed(f"It cannot be copied: {error}.") from error
    if wrong:
        raise CopyFailed(f"The copy is damaged, and the original may be: {wrong[0]}.")
