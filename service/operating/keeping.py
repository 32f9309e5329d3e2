"""A database as one file that is kept, and back: encrypted where it is for somebody."""

import shutil
from pathlib import Path

from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError

from service.db.session import frozen
from service.operating.copies import Copies, CopyFailed, new_file
from service.operating.encryption import Identities, Recipients, decrypt, encrypt, is_encrypted
from service.operating.postgres_copies import PostgresCopies
from service.operating.sqlite_copies import SqliteCopies
from service.operating.store import exists
from service.settings import Settings


def copies_of(address: URL, programs: Path | None) -> Copies:
    """How this kind of database is copied."""
    return SqliteCopies() if address.get_backend_name() == "sqlite" else PostgresCopies(programs)


def back_up(settings: Settings, copies: Copies, to: Path, whom: Recipients) -> None:
    """Copy the database into one new file, encrypted if it is for somebody. Raises CopyFailed."""
    require_there(settings)
    try:
        with frozen(settings.backup) as connection:
            write(copies, connection, to, whom)
    except DBAPIError as error:
        raise unread(error) from error


def write(copies: Copies, connection: Connection, to: Path, whom: Recipients) -> None:
    """Copy what a frozen connection sees into one new file. Raises CopyFailed."""
    try:
        with new_file(to) as part, part.open("wb") as file, copies.reading(connection) as plain:
            if whom:
                encrypt(plain, file, whom)
            else:
                shutil.copyfileobj(plain, file)
    except OSError as error:
        raise CopyFailed(f"{to} cannot be written: {error}.") from error


def restore(copies: Copies, source: Path, into: URL, who: Identities) -> None:
    """Put such a file into an empty place. Raises CopyFailed, also where the place is not empty."""
    if not source.is_file() or Path(f"{source}-wal").exists():
        raise CopyFailed(f"{source} is no backup: it has to be one file.")
    try:
        with source.open("rb") as file:
            if is_encrypted(file) and not who:
                raise CopyFailed(f"{source} is encrypted: say --identity and the file with the private key.")
            if who and not is_encrypted(file):
                raise CopyFailed(
                    f"{source} is not encrypted, or its beginning is damaged: leave --identity out if it is."
                )
            with copies.filling(into) as place:
                if who:
                    decrypt(file, place, who)
                else:
                    shutil.copyfileobj(file, place)
    except OSError as error:
        raise CopyFailed(f"{source} cannot be restored: {error}.") from error


def require_there(settings: Settings) -> None:
    """Opening an SQLite file that is not there would make an empty one, and copy that."""
    if not exists(settings.backup):
        raise CopyFailed(f"There is no database at {settings.backup.database}.")


def unread(error: DBAPIError) -> CopyFailed:
    """What to say of a database that does not let itself be read whole."""
    said = next(iter(str(error.orig).splitlines()), type(error).__name__)
    if "row-level security" in said or "permission denied" in said:
        said += "; STOCKTAKE_BACKUP_URL must name a role that reads every table and has BYPASSRLS"
    return CopyFailed(f"The database cannot be read whole: {said}.")
