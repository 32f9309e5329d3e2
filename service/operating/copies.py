"""Copies of a database that are whole: made in one moment while the service runs, and put back into an empty place."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from io import BufferedIOBase
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection


class CopyFailed(Exception):
    """Nothing was copied; the text says why, and what to do."""


class Copies(Protocol):
    """How one kind of database is copied. Both ways end whole, or with CopyFailed when they are left."""

    def reading(self, connection: Connection, /) -> AbstractContextManager[BufferedIOBase]:
        """The bytes of a copy of what this frozen connection sees."""

    def filling(self, into: URL, /) -> AbstractContextManager[BufferedIOBase]:
        """What takes such bytes and puts them into an empty place, all or, if it is left by an error, none."""

    def fresh(self, near: URL, folder: Path, /) -> AbstractContextManager[URL]:
        """An empty place for a drill, gone afterwards. Raises CopyFailed."""


@contextlib.contextmanager
def passing_file(near: Path) -> Iterator[Path]:
    """An empty file beside another, which only its owner may read, and which is gone afterwards."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{near.name}.", dir=near.parent)
    except OSError as error:
        raise CopyFailed(f"{near.parent} cannot be written to: {error.strerror}.") from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextlib.contextmanager
def new_file(to: Path) -> Iterator[Path]:
    """A file that is whole or not there: written under another name, kept from others, and flushed to disk."""
    if to.exists():
        raise CopyFailed(f"{to} is there already; name a new file.")
    with passing_file(to) as part:
        yield part
        _flush(part)
        part.rename(to)
    _flush(to.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
