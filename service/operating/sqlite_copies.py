"""Copies of an SQLite file, by its online backup."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import URL, Connection

from service.operating.copies import CopyFailed, new_file

BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite would take for a part of the file."""


class SqliteCopies:
    """One file, whole, checked."""

    def back_up(self, connection: Connection, to: Path) -> None:
        source = connection.connection.driver_connection
        if not isinstance(source, sqlite3.Connection):
            raise TypeError("not a connection to SQLite")
        with new_file(to) as part, contextlib.closing(sqlite3.connect(part)) as copy:
            _fill(copy, source)

    def restore(self, source: Path, into: URL) -> None:
        place = Path(into.database or "")
        for end in BESIDE:
            if Path(f"{place}{end}").exists():
                raise CopyFailed(f"{place}{end} is there already; move it away, it is not overwritten.")
        if not source.is_file() or Path(f"{source}-wal").exists():
            raise CopyFailed(f"{source} is no backup: it has to be one file.")
        address = f"file:{quote(str(source.resolve()))}?mode=ro&immutable=1"
        with (
            contextlib.closing(sqlite3.connect(address, uri=True)) as backup,
            new_file(place) as part,
            contextlib.closing(sqlite3.connect(part)) as copy,
        ):
            _fill(copy, backup)

    @contextlib.contextmanager
    def fresh(self, near: URL, folder: Path) -> Iterator[URL]:
        yield near.set(database=str(folder / f"{uuid4().hex}.db"))


def _fill(copy: sqlite3.Connection, source: sqlite3.Connection) -> None:
    try:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        wrong = [row[0] for row in copy.execute("PRAGMA integrity_check") if row[0] != "ok"]
        wrong += [f"a row of {row[0]} refers to nothing" for row in copy.execute("PRAGMA foreign_key_check")]
    except sqlite3.DatabaseError as error:
        raise CopyFailed(f"It cannot be copied: {error}.") from error
    if wrong:
        raise CopyFailed(f"The copy is damaged, and the original may be: {wrong[0]}.")
