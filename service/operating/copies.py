"""Copies of a database that are whole: made in one moment while the service runs, and put back into an empty place."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection


class CopyFailed(Exception):
    """Nothing was copied; the text says why, and what to do."""


class Copies(Protocol):
    """How one kind of database is copied."""

    def back_up(self, connection: Connection, to: Path) -> None:
        """Write what this frozen connection sees into one new file. Raises CopyFailed."""

    def restore(self, source: Path, into: URL) -> None:
        """Put such a file into an empty place. Raises CopyFailed, also where the place is not empty."""

    def fresh(self, near: URL, folder: Path, /) -> AbstractContextManager[URL]:
        """An empty place for a drill, gone afterwards. Raises CopyFailed."""


@contextlib.contextmanager
def new_file(to: Path) -> Iterator[Path]:
    """A file that is whole or not there: written under another name, kept from others, and flushed to disk."""
    if to.exists():
        raise CopyFailed(f"{to} is there already; name a new file.")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{to.name}.", dir=to.parent)  # readable by its owner only
    except OSError as error:
        raise CopyFailed(f"{to.parent} cannot be written to: {error.strerror}.") from error
    part = Path(name)
    try:
        yield part
        os.fsync(handle)
        part.rename(to)
    finally:
        os.close(handle)
        part.unlink(missing_ok=True)
    folder = os.open(to.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
