"""The drill: back up, restore into a fresh place, and prove that nothing is missing. The service may run meanwhile."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from service.db.session import frozen
from service.errors import Problem
from service.operating.copies import Copies, CopyFailed
from service.operating.postgres_copies import PostgresCopies
from service.operating.proofs import PROOFS, compare
from service.operating.sqlite_copies import SqliteCopies
from service.operating.store import exists
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a drill that is done."""

    name: str
    good: bool
    detail: str
    seconds: float


class Watch:
    """Tells the seconds since it was last asked."""

    def __init__(self) -> None:
        self._at = time.perf_counter()

    def lap(self) -> float:
        before, self._at = self._at, time.perf_counter()
        return round(self._at - before, 2)


def copies_of(address: URL, programs: Path | None) -> Copies:
    """How this kind of database is copied."""
    return SqliteCopies() if address.get_backend_name() == "sqlite" else PostgresCopies(programs)


def back_up(settings: Settings, copies: Copies, to: Path) -> None:
    """Copy the database into one new file. Raises CopyFailed."""
    _require_there(settings)
    try:
        with frozen(settings.backup) as connection:
            copies.back_up(connection, to)
    except DBAPIError as error:
        raise _failed(error) from error


def drill(settings: Settings, copies: Copies) -> Iterator[Step]:
    """Each step as it is done; it ends with the first that fails to copy. Everything it made is gone afterwards."""
    watch = Watch()
    try:
        with tempfile.TemporaryDirectory(prefix="stocktake-drill-") as folder:
            yield from _drill(settings, copies, Path(folder), watch)
    except CopyFailed as failed:
        yield Step("stopped", good=False, detail=str(failed), seconds=watch.lap())
    except DBAPIError as error:
        yield Step("stopped", good=False, detail=str(_failed(error)), seconds=watch.lap())
    except Problem as problem:
        yield Step("stopped", good=False, detail=problem.detail, seconds=watch.lap())


def _drill(settings: Settings, copies: Copies, folder: Path, watch: Watch) -> Iterator[Step]:
    _require_there(settings)
    copy = folder / "copy"
    with frozen(settings.backup) as connection:
        before = [proof.read(connection) for proof in PROOFS]
        yield Step("read before", good=True, detail=f"{len(PROOFS)} proofs", seconds=watch.lap())
        copies.back_up(connection, copy)
    yield Step("back up", good=True, detail=f"{copy.stat().st_size:,} bytes", seconds=watch.lap())
    with copies.fresh(settings.drill, folder) as place:
        copies.restore(copy, place)
        yield Step("restore", good=True, detail="into a fresh place", seconds=watch.lap())
        with frozen(seen_whole(settings, place)) as connection:
            for proof, was in zip(PROOFS, before, strict=True):
                outcome = compare(proof.name, was, proof.read(connection))
                detail = "; ".join(outcome.differences) or f"{outcome.compared:,} equal"
                yield Step(outcome.proof, not outcome.differences, detail, watch.lap())


def seen_whole(settings: Settings, place: URL) -> URL:
    """The restored database, as the role of backups where there is one."""
    if settings.backup_url is None or place.get_backend_name() == "sqlite":
        return place
    return settings.backup._replace(host=place.host, port=place.port, database=place.database)


def _require_there(settings: Settings) -> None:
    """Opening an SQLite file that is not there would make an empty one, and copy that."""
    if not exists(settings.backup):
        raise CopyFailed(f"There is no database at {settings.backup.database}.")


def _failed(error: DBAPIError) -> CopyFailed:
    said = next(iter(str(error.orig).splitlines()), type(error).__name__)
    if "row-level security" in said or "permission denied" in said:
        said += "; STOCKTAKE_BACKUP_URL must name a role that reads every table and has BYPASSRLS"
    return CopyFailed(f"The database cannot be read whole: {said}.")
