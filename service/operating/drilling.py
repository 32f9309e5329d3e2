"""The drill: back up, restore into a fresh place, and prove that nothing is missing. The service may run meanwhile."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Identity
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from service.db.session import frozen
from service.errors import Problem
from service.operating.copies import Copies, CopyFailed
from service.operating.keeping import require_there, restore, unread, write
from service.operating.proofs import PROOFS, compare
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


def drill(settings: Settings, copies: Copies) -> Iterator[Step]:
    """Each step as it is done; it ends with the first that fails to copy. Everything it made is gone afterwards."""
    watch = Watch()
    try:
        with tempfile.TemporaryDirectory(prefix="stocktake-drill-") as folder:
            yield from _drill(settings, copies, Path(folder), watch)
    except CopyFailed as failed:
        yield Step("stopped", good=False, detail=str(failed), seconds=watch.lap())
    except DBAPIError as error:
        yield Step("stopped", good=False, detail=str(unread(error)), seconds=watch.lap())
    except Problem as problem:
        yield Step("stopped", good=False, detail=problem.detail, seconds=watch.lap())


def _drill(settings: Settings, copies: Copies, folder: Path, watch: Watch) -> Iterator[Step]:
    require_there(settings)
    copy, identity = folder / "copy", Identity.generate()
    with frozen(settings.backup) as connection:
        before = [proof.read(connection) for proof in PROOFS]
        yield Step("read before", good=True, detail=f"{len(PROOFS)} proofs", seconds=watch.lap())
        write(copies, connection, copy, (identity.to_public(),))
    yield Step("back up", good=True, detail=f"{copy.stat().st_size:,} bytes, encrypted", seconds=watch.lap())
    with copies.fresh(settings.drill, folder) as place:
        restore(copies, copy, place, (identity,))
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
