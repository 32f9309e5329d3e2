"""Member states, agencies and sites in the database; always of one state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, or_, select

from service.db.tables import Agency, MemberState, Site
from service.db.types import Record
from service.db.versioned import Versioned

STATES = Versioned(MemberState.__table__, ("code",))
AGENCIES = Versioned(Agency.__table__, ("state", "code"))
SITES = Versioned(Site.__table__, ("state", "code"))
_M, _A, _S = MemberState.__table__, Agency.__table__, Site.__table__
_STATE = select(_M).where(_M.c.code == bindparam("of_state"))
_AGENCY_COLUMNS = (_A.c.code, _A.c.name, _A.c.kind, _A.c.version)
_AGENCY = select(*_AGENCY_COLUMNS).where(_A.c.state == bindparam("of_state"), _A.c.code == bindparam("with_code"))
_ALL_AGENCIES = (
    select(*_AGENCY_COLUMNS)
    .where(_A.c.state == bindparam("of_state"), _A.c.code > bindparam("after"))
    .order_by(_A.c.code)
    .limit(bindparam("most"))
)
SITE_COLUMNS = tuple(column for column in _S.c if column.name != "state")
_SITE = select(*SITE_COLUMNS).where(_S.c.state == bindparam("of_state"), _S.c.code == bindparam("with_code"))
_ALL_SITES = (
    select(*SITE_COLUMNS)
    .where(
        _S.c.state == bindparam("of_state"),
        _S.c.code > bindparam("after"),
        or_(bindparam("of_type") == "", _S.c.type == bindparam("of_type")),
        or_(bindparam("of_agency") == "", _S.c.agency == bindparam("of_agency")),
    )
    .order_by(_S.c.code)
    .limit(bindparam("most"))
)
_IN_OPERATION = (
    select(*SITE_COLUMNS)
    .where(
        _S.c.state == bindparam("of_state"),
        or_(_S.c.opened.is_(None), _S.c.opened <= bindparam("on_day")),
        or_(_S.c.closed.is_(None), _S.c.closed > bindparam("on_day")),
    )
    .order_by(_S.c.type, _S.c.code)
)
_OPEN_SITES = (
    _IN_OPERATION.where(
        _S.c.code >= bindparam("start"),
        or_(bindparam("with_code") == "", _S.c.code == bindparam("with_code")),
        or_(bindparam("of_agency") == "", _S.c.agency == bindparam("of_agency")),
    )
    .order_by(None)
    .order_by(_S.c.code)
    .limit(bindparam("most"))
)
_AGENCY_CODES = select(_A.c.code).where(_A.c.state == bindparam("of_state"))
_CODES = select(_S.c.code).where(_S.c.state == bindparam("of_state"))


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites of a list are wanted; empty for all."""

    type: str = ""
    agency: str = ""


@dataclass(frozen=True, slots=True)
class OpenSites:
    """Which of the sites in operation on a day are wanted; empty for all."""

    on_day: date
    code: str = ""
    agency: str = ""


def state(connection: Connection, code: str) -> Record | None:
    return connection.execute(_STATE, {"of_state": code}).one_or_none()


def hold(connection: Connection, code: str) -> None:
    """Keep other writers of this state's register waiting until the transaction ends."""
    connection.execute(_STATE.with_for_update(), {"of_state": code})


def agency(connection: Connection, of_state: str, code: str) -> Record | None:
    return connection.execute(_AGENCY, {"of_state": of_state, "with_code": code}).one_or_none()


def agencies(connection: Connection, of_state: str, *, after: str, most: int) -> Sequence[Record]:
    return connection.execute(_ALL_AGENCIES, {"of_state": of_state, "after": after, "most": most}).all()


def agency_codes(connection: Connection, of_state: str) -> frozenset[str]:
    """The codes of every agency of the state."""
    return frozenset(connection.execute(_AGENCY_CODES, {"of_state": of_state}).scalars())


def site(connection: Connection, of_state: str, code: str) -> Record | None:
    return connection.execute(_SITE, {"of_state": of_state, "with_code": code}).one_or_none()


def sites(connection: Connection, of_state: str, wanted: SiteFilter, *, after: str, most: int) -> Sequence[Record]:
    where = {"of_state": of_state, "after": after, "most": most, "of_type": wanted.type, "of_agency": wanted.agency}
    return connection.execute(_ALL_SITES, where).all()


def sites_in_operation(connection: Connection, of_state: str, on_day: date) -> Sequence[Record]:
    """The sites open on this day, by type and code."""
    return connection.execute(_IN_OPERATION, {"of_state": of_state, "on_day": on_day}).all()


def open_sites(connection: Connection, of_state: str, wanted: OpenSites, *, start: str, most: int) -> Sequence[Record]:
    """The sites in operation from this code on, by code."""
    where = {"of_state": of_state, "on_day": wanted.on_day, "with_code": wanted.code, "of_agency": wanted.agency}
    return connection.execute(_OPEN_SITES, where | {"start": start, "most": most}).all()


def site_codes(connection: Connection, of_state: str) -> frozenset[str]:
    """Every code the state ever gave."""
    return frozenset(connection.execute(_CODES, {"of_state": of_state}).scalars())


def every_site(connection: Connection, of_state: str) -> dict[str, Record]:
    """Every site of the state by its code, for comparing a whole file with it."""
    where = {"of_state": of_state, "after": "", "most": 2**31 - 1, "of_type": "", "of_agency": ""}
    return {row.code: row for row in connection.execute(_ALL_SITES, where)}
