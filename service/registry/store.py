"""Member states, agencies and sites in the database; always of one state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, exists, or_, select

from service.db.signoff_tables import Assignment
from service.db.tables import Agency, MemberState, Site
from service.db.types import Record
from service.db.versioned import Versioned

STATES = Versioned(MemberState.__table__, ("code",))
AGENCIES = Versioned(Agency.__table__, ("state", "code"))
SITES = Versioned(Site.__table__, ("state", "code"))
_M, _A, _S, _T = (table.__table__ for table in (MemberState, Agency, Site, Assignment))
_STATE = select(_M).where(_M.c.code == bindparam("of_state"))
_HOLD = _STATE.with_for_update(key_share=True)  # whoever refers to the state need not wait
_KEEP_STILL = _STATE.with_for_update(read=True)
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
_REACHED = or_(
    _S.c.code.in_(bindparam("reached_sites", expanding=True)),
    _S.c.agency.in_(bindparam("reached_agencies", expanding=True)),
    exists().where(
        _T.c.state == _S.c.state,
        _T.c.site == _S.c.code,
        _T.c.agency.in_(bindparam("reached_agencies", expanding=True)),
    ),
)
_REACHED_SITE = _SITE.where(_REACHED)
_ALL_REACHED_SITES = _ALL_SITES.where(_REACHED)
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
    )
    .order_by(None)
    .order_by(_S.c.code)
    .limit(bindparam("most"))
)
_THESE_OPEN_SITES = _OPEN_SITES.where(_S.c.code.in_(bindparam("these", expanding=True)))
_AGENCY_CODES = select(_A.c.code).where(_A.c.state == bindparam("of_state"))
_CODES = select(_S.c.code).where(_S.c.state == bindparam("of_state"))


@dataclass(frozen=True, slots=True)
class SiteReach:
    """The sites somebody reaches: these, and those of these agencies or assigned to them in some assessment."""

    codes: frozenset[str]
    agencies: frozenset[str]

    def where(self) -> dict[str, object]:
        return {"reached_sites": sorted(self.codes), "reached_agencies": sorted(self.agencies)}


@dataclass(frozen=True, slots=True)
class SiteFilter:
    """Which sites of a list are wanted; empty for all."""

    type: str = ""
    agency: str = ""
    within: SiteReach | None = None


@dataclass(frozen=True, slots=True)
class OpenSites:
    """Which of the sites in operation on a day are wanted: one, some, or all."""

    on_day: date
    code: str = ""
    these: frozenset[str] | None = None


def state(connection: Connection, code: str) -> Record | None:
    return connection.execute(_STATE, {"of_state": code}).one_or_none()


def hold(connection: Connection, code: str) -> Record | None:
    """The state's record; other writers of its register wait until the transaction ends."""
    return connection.execute(_HOLD, {"of_state": code}).one_or_none()


def keep_still(connection: Connection, code: str) -> None:
    """Keep those who change the register waiting until the transaction ends, but not those who read it."""
    connection.execute(_KEEP_STILL, {"of_state": code})


def agency(connection: Connection, of_state: str, code: str) -> Record | None:
    return connection.execute(_AGENCY, {"of_state": of_state, "with_code": code}).one_or_none()


def agencies(connection: Connection, of_state: str, *, after: str, most: int) -> Sequence[Record]:
    return connection.execute(_ALL_AGENCIES, {"of_state": of_state, "after": after, "most": most}).all()


def agency_codes(connection: Connection, of_state: str) -> frozenset[str]:
    """The codes of every agency of the state."""
    return frozenset(connection.execute(_AGENCY_CODES, {"of_state": of_state}).scalars())


def site(connection: Connection, of_state: str, code: str, within: SiteReach | None = None) -> Record | None:
    where: dict[str, object] = {"of_state": of_state, "with_code": code}
    if within is None:
        return connection.execute(_SITE, where).one_or_none()
    return connection.execute(_REACHED_SITE, where | within.where()).one_or_none()


def sites(connection: Connection, of_state: str, wanted: SiteFilter, *, after: str, most: int) -> Sequence[Record]:
    where: dict[str, object] = {"of_state": of_state, "after": after, "most": most}
    where |= {"of_type": wanted.type, "of_agency": wanted.agency}
    if wanted.within is None:
        return connection.execute(_ALL_SITES, where).all()
    return connection.execute(_ALL_REACHED_SITES, where | wanted.within.where()).all()


def sites_in_operation(connection: Connection, of_state: str, on_day: date) -> Sequence[Record]:
    """The sites open on this day, by type and code."""
    return connection.execute(_IN_OPERATION, {"of_state": of_state, "on_day": on_day}).all()


def open_sites(connection: Connection, of_state: str, wanted: OpenSites, *, start: str, most: int) -> Sequence[Record]:
    """The sites in operation from this code on, by code."""
    where: dict[str, object] = {"of_state": of_state, "on_day": wanted.on_day, "with_code": wanted.code}
    where |= {"start": start, "most": most}
    if wanted.these is None:
        return connection.execute(_OPEN_SITES, where).all()
    return connection.execute(_THESE_OPEN_SITES, where | {"these": sorted(wanted.these)}).all()


def site_codes(connection: Connection, of_state: str) -> frozenset[str]:
    """Every code the state ever gave."""
    return frozenset(connection.execute(_CODES, {"of_state": of_state}).scalars())


def every_site(connection: Connection, of_state: str) -> dict[str, Record]:
    """Every site of the state by its code, for comparing a whole file with it."""
    where = {"of_state": of_state, "after": "", "most": 2**31 - 1, "of_type": "", "of_agency": ""}
    return {row.code: row for row in connection.execute(_ALL_SITES, where)}
