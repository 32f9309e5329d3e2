"""Assessments in the database; always of one state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.db.tables import Assessment, Site
from service.db.types import Record

_T = Assessment.__table__
_MINE = (_T.c.state == bindparam("of_state"), _T.c.id == bindparam("with_id"))
_GET = select(_T).where(*_MINE)
_HOLD = _GET.with_for_update()
_KEEP_STILL = _GET.with_for_update(read=True)
_LIST = (
    select(_T)
    .where(_T.c.state == bindparam("of_state"), _T.c.id > bindparam("after"))
    .order_by(_T.c.id)
    .limit(bindparam("most"))
)
_BUMP = update(_T).where(*_MINE).values(version=_T.c.version + 1, updated_at=bindparam("moment"))
_SITE = Site.__table__
_HAS_SITE = exists().where(_SITE.c.state == bindparam("of_state"), _SITE.c.code == bindparam("at_site"))
_JUDGED_BY = (_T.c.state, _T.c.id, _T.c.status, _T.c.digest, _T.c.checklist_version, _T.c.period_end)
_BUMP_AT = _BUMP.returning(*_JUDGED_BY, _HAS_SITE.label("has_site"))
_BUMP = _BUMP.returning(_T)
_OPEN = {
    name: dialect.insert(_T).on_conflict_do_nothing(index_elements=["state", "checklist", "cycle"]).returning(_T.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
NO_ID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class NewRow:
    """What opening an assessment enters."""

    state: str
    id: UUID
    checklist: str
    checklist_version: str
    digest: str
    cycle: str
    period_start: date
    period_end: date
    opened_at: datetime


def open_new(connection: Connection, new: NewRow) -> bool:
    """Enter it; whether there was none for this checklist and cycle."""
    row = {name: getattr(new, name) for name in NewRow.__slots__}
    row |= {"status": "draft", "revision": 1, "version": 1, "updated_at": new.opened_at}
    return connection.execute(_OPEN[connection.dialect.name], row).one_or_none() is not None


def get(connection: Connection, state: str, assessment: UUID) -> Record | None:
    return connection.execute(_GET, {"of_state": state, "with_id": assessment}).one_or_none()


def hold(connection: Connection, state: str, assessment: UUID) -> Record | None:
    """The assessment, held against other writers until the transaction ends."""
    return connection.execute(_HOLD, {"of_state": state, "with_id": assessment}).one_or_none()


def keep_still(connection: Connection, state: str, assessment: UUID) -> None:
    """Keep those who change the assessment waiting until the transaction ends, but not those who read it."""
    connection.execute(_KEEP_STILL, {"of_state": state, "with_id": assessment})


def bump(connection: Connection, state: str, assessment: UUID, *, moment: datetime) -> Record | None:
    """Count a change and hold the assessment until the transaction ends."""
    where = {"of_state": state, "with_id": assessment, "moment": moment}
    return connection.execute(_BUMP, where).one_or_none()


def bump_at(connection: Connection, state: str, assessment: UUID, site: str, *, moment: datetime) -> Record | None:
    """Count a change and hold the assessment; what an answer is judged by, and whether the register has the site."""
    where = {"of_state": state, "with_id": assessment, "at_site": site, "moment": moment}
    return connection.execute(_BUMP_AT, where).one_or_none()


def all_of(connection: Connection, state: str, *, after: UUID, most: int) -> Sequence[Record]:
    return connection.execute(_LIST, {"of_state": state, "after": after, "most": most}).all()
