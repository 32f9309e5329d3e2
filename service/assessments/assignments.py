"""Who is to fill what, in the database, and statements kept to what somebody reaches; always of one state."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    union_all,
)

from service.assessments.reach import Assigned, Reach
from service.db.signoff_tables import Assignment
from service.db.tables import Site
from service.db.types import Record
from service.db.versioned import Versioned

_T, _S = Assignment.__table__, Site.__table__
_KEY = ("state", "assessment", "section", "site")
ASSIGNMENTS = Versioned(_T, _KEY)
_MINE = (_T.c.state == bindparam("of_state"), _T.c.assessment == bindparam("of_assessment"))
_LIST = select(_T.c.section, _T.c.site, _T.c.agency, _T.c.due, _T.c.version).where(*_MINE)
_LIST = _LIST.order_by(_T.c.section, _T.c.site)
_DROP = (
    delete(_T)
    .where(*_MINE, _T.c.section == bindparam("to_section"), _T.c.site == bindparam("at_site"))
    .returning(_T.c.version)
)
_THEIRS: BindParameter[str] = bindparam("agencies", expanding=True)
_ASSIGNED = union_all(
    select(_T.c.section, _T.c.site).where(*_MINE, _T.c.agency.in_(_THEIRS)),
    select(literal_column("''"), _S.c.code).where(_S.c.state == bindparam("of_state"), _S.c.agency.in_(_THEIRS)),
)


def listed(connection: Connection, state: str, assessment: UUID) -> Sequence[Record]:
    """Every assignment, sites first, by code."""
    return connection.execute(_LIST, {"of_state": state, "of_assessment": assessment}).all()


def drop(connection: Connection, state: str, assessment: UUID, section: str, site: str) -> int | None:
    """Take an assignment back; the version it had, if there was one."""
    where = {"of_state": state, "of_assessment": assessment, "to_section": section, "at_site": site}
    version: int | None = connection.execute(_DROP, where).scalar_one_or_none()
    return version


def assigned(connection: Connection, state: str, assessment: UUID, agencies: Iterable[str]) -> Assigned:
    """The sections and sites assigned to these agencies, and the sites they answer for: one statement, or none."""
    if not (named := sorted(agencies)):
        return Assigned()
    where = {"of_state": state, "of_assessment": assessment, "agencies": named}
    rows = connection.execute(_ASSIGNED, where).all()
    return Assigned(frozenset(row[0] for row in rows if row[0]), frozenset(row[1] for row in rows if row[1]))


@lru_cache(maxsize=64)
def within(
    statement: Select[Any], question: ColumnElement[str], site: ColumnElement[str]
) -> Select[Any]:  # whatever it selects
    """The same statement, kept to answers within a reach; built once."""
    return statement.where(
        or_(
            question.in_(bindparam("reached_questions", expanding=True)),
            site.in_(bindparam("reached_sites", expanding=True)),
        )
    )


def reached(reach: Reach) -> dict[str, object]:
    """What a statement made by ``within`` is to be given."""
    return {"reached_questions": sorted(reach.questions), "reached_sites": sorted(reach.sites)}
