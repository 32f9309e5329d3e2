"""People, their roles and their sessions in the database; always of one state."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from service.access.policy import Grant
from service.db.access_tables import Person, PersonSession, RoleGrant
from service.db.tables import Agency, Site
from service.db.types import Record
from service.db.versioned import Versioned

PEOPLE = Versioned(Person.__table__, ("state", "id"))
_P, _G, _S = Person.__table__, RoleGrant.__table__, PersonSession.__table__
_A, _L = Agency.__table__, Site.__table__
_MINE = _P.c.state == bindparam("of_state")
_ONE = select(_P).where(_MINE, _P.c.id == bindparam("with_id"))
_HELD = _ONE.with_for_update()
_BY_LOGIN = select(_P).where(_MINE, _P.c.login == bindparam("with_login"))
_BY_SUBJECT = select(_P.c.id).where(
    _MINE, _P.c.issuer == bindparam("from_issuer"), _P.c.subject == bindparam("known_as")
)
_PAGE = select(_P).where(_MINE, _P.c.id > bindparam("after")).order_by(_P.c.id).limit(bindparam("most"))
_GRANTED = (_G.c.person, _G.c.role, _G.c.agency, _G.c.sections, _G.c.sites, _G.c.granted_at, _G.c.granted_by)
_GRANTS = (
    select(*_GRANTED)
    .where(_G.c.state == bindparam("of_state"), _G.c.person.in_(bindparam("of_people", expanding=True)))
    .order_by(_G.c.person, _G.c.role)
)
_THIS_GRANT = (
    _G.c.state == bindparam("of_state"),
    _G.c.person == bindparam("of_person"),
    _G.c.role == bindparam("named"),
)
_TAKE_ROLE = delete(_G).where(*_THIS_GRANT)
_TAKE_ALL = delete(_G).where(_G.c.state == bindparam("of_state"), _G.c.person == bindparam("of_person"))
_ADD, _GIVE = {}, {}
for _name, _dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    _ADD[_name] = _dialect.insert(_P).on_conflict_do_nothing().returning(_P.c.id)
    _new = _dialect.insert(_G)
    _GIVE[_name] = _new.on_conflict_do_update(
        index_elements=["state", "person", "role"],
        set_={
            name: _new.excluded[name] for name in ("agency", "sections", "sites", "granted_at", "granted_by")
        },
    )  # fmt: skip
_KEEP = (
    update(_P)
    .where(_MINE, _P.c.id == bindparam("with_id"))
    .values(
        password=bindparam("new_password"),
        factor=bindparam("new_factor"),
        factor_step=bindparam("new_step"),
        one_time_until=None,
    )
)
_OWN = (_S.c.state == bindparam("of_state"), _S.c.person == bindparam("of_person"))
_OPEN = (*_OWN, _S.c.ended_at.is_(None), _S.c.expires_at > bindparam("moment"), _S.c.seen_at > bindparam("idle_since"))
_SESSIONS = (
    select(_S.c.id, _S.c.authenticated_at, _S.c.seen_at, _S.c.expires_at, _S.c.two_factors)
    .where(*_OPEN, _S.c.id > bindparam("after"))
    .order_by(_S.c.id)
    .limit(bindparam("most"))
)
_END_OWN = update(_S).where(*_OPEN, _S.c.id == bindparam("with_id")).values(ended_at=bindparam("moment"))
_THIS_SESSION = (_S.c.state == bindparam("of_state"), _S.c.id == bindparam("with_id"))
_SEEN = update(_S).where(*_THIS_SESSION, _S.c.seen_at < bindparam("moment")).values(seen_at=bindparam("moment"))
_RENEW = update(_S).where(*_THIS_SESSION).values(authenticated_at=bindparam("moment"), two_factors=true())
_END_SESSION = update(_S).where(*_THIS_SESSION, _S.c.ended_at.is_(None)).values(ended_at=bindparam("moment"))
_END_SESSIONS = (
    update(_S)
    .where(
        *_OWN,
        _S.c.id != bindparam("except_for"),
        _S.c.ended_at.is_(None),
    )
    .values(ended_at=bindparam("moment"))
)
_AGENCIES = select(_A.c.code).where(_A.c.state == bindparam("of_state"), _A.c.code == bindparam("with_code"))
_SITES = select(_L.c.code).where(
    _L.c.state == bindparam("of_state"), _L.c.code.in_(bindparam("with_codes", expanding=True))
)


@dataclass(frozen=True, slots=True)
class NewSession:
    """What signing in enters."""

    state: str
    id: str
    person: str
    secret_sha256: str
    authenticated_at: datetime
    two_factors: bool
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of what somebody signs in with: password, sealed second factor, time step of its last code."""

    password: str
    factor: str | None
    step: int | None

    @classmethod
    def of(cls, row: Record) -> "Kept":
        """What a person's row holds."""
        return cls(row.password, row.factor, row.factor_step)


def add(connection: Connection, row: Mapping[str, object]) -> bool:
    """Enter a person; whether nobody signs in like this yet."""
    return connection.execute(_ADD[connection.dialect.name], dict(row)).one_or_none() is not None


def one(connection: Connection, state: str, person: str) -> Record | None:
    return connection.execute(_ONE, {"of_state": state, "with_id": person}).one_or_none()


def held(connection: Connection, state: str, person: str) -> Record | None:
    """The person, whom nobody else changes until the transaction ends."""
    return connection.execute(_HELD, {"of_state": state, "with_id": person}).one_or_none()


def by_login(connection: Connection, state: str, login: str) -> Record | None:
    return connection.execute(_BY_LOGIN, {"of_state": state, "with_login": login}).one_or_none()


def has_subject(connection: Connection, state: str, issuer: str, subject: str) -> bool:
    where = {"of_state": state, "from_issuer": issuer, "known_as": subject}
    return connection.execute(_BY_SUBJECT, where).first() is not None


def page(connection: Connection, state: str, *, after: str, most: int) -> Sequence[Record]:
    return connection.execute(_PAGE, {"of_state": state, "after": after, "most": most}).all()


def grants(connection: Connection, state: str, people: Collection[str]) -> dict[str, list[Record]]:
    """The roles of these people, by person."""
    found = defaultdict[str, list[Record]](list)
    for row in connection.execute(_GRANTS, {"of_state": state, "of_people": list(people)}):
        found[row.person].append(row)
    return found


def give_role(connection: Connection, state: str, person: str, grant: Grant, *, at: datetime, by: str) -> None:
    """Grant a role, or change what it reaches."""
    row = {
        "state": state,
        "person": person,
        "role": grant.role.value,
        "agency": grant.agency,
        "sections": orjson.dumps(sorted(grant.sections)).decode(),
        "sites": orjson.dumps(sorted(grant.sites)).decode(),
        "granted_at": at,
        "granted_by": by,
    }
    connection.execute(_GIVE[connection.dialect.name], row)


def take_role(connection: Connection, state: str, person: str, role: str) -> bool:
    """Take a role away; whether it was there."""
    return connection.execute(_TAKE_ROLE, {"of_state": state, "of_person": person, "named": role}).rowcount == 1


def take_roles(connection: Connection, state: str, person: str) -> None:
    connection.execute(_TAKE_ALL, {"of_state": state, "of_person": person})


def keep(connection: Connection, state: str, person: str, kept: Kept) -> None:
    """Keep this of what somebody signs in with from now on; no one-time password opens any more."""
    new = {"new_password": kept.password, "new_factor": kept.factor, "new_step": kept.step}
    connection.execute(_KEEP, {"of_state": state, "with_id": person, **new})


def add_session(connection: Connection, session: NewSession) -> None:
    connection.execute(insert(_S), {name: getattr(session, name) for name in NewSession.__slots__})


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of one person that are open now."""

    connection: Connection
    state: str
    person: str
    now: datetime
    idle_since: datetime
    """Up to when a session that was last used then is over."""

    def listed(self, *, after: str, most: int) -> Sequence[Record]:
        """By their ids."""
        return self.connection.execute(_SESSIONS, {**self._open(), "after": after, "most": most}).all()

    def end(self, session: str) -> bool:
        """End one of them; whether there was one."""
        return self.connection.execute(_END_OWN, {**self._open(), "with_id": session}).rowcount == 1

    def _open(self) -> dict[str, object]:
        return {
            "of_state": self.state, "of_person": self.person, "moment": self.now, "idle_since": self.idle_since,
        }  # fmt: skip


def seen(connection: Connection, state: str, session: str, *, at: datetime) -> None:
    """Note that a session is in use, unless that was noted later already."""
    connection.execute(_SEEN, {"of_state": state, "with_id": session, "moment": at})


def renew_session(connection: Connection, state: str, session: str, *, at: datetime) -> None:
    """Let a session count as begun just now, with two factors."""
    connection.execute(_RENEW, {"of_state": state, "with_id": session, "moment": at})


def end_session(connection: Connection, state: str, session: str, *, at: datetime) -> bool:
    """End one session; whether it was still open."""
    return connection.execute(_END_SESSION, {"of_state": state, "with_id": session, "moment": at}).rowcount == 1


def end_sessions(connection: Connection, state: str, person: str, *, at: datetime, except_for: str = "") -> None:
    """End every session of a person but, if named, one."""
    where = {"of_state": state, "of_person": person, "except_for": except_for, "moment": at}
    connection.execute(_END_SESSIONS, where)


def has_agency(connection: Connection, state: str, code: str) -> bool:
    return connection.execute(_AGENCIES, {"of_state": state, "with_code": code}).first() is not None


def known_sites(connection: Connection, state: str, codes: Collection[str]) -> frozenset[str]:
    """Those of the codes that are sites of the state."""
    return frozenset(connection.execute(_SITES, {"of_state": state, "with_codes": list(codes)}).scalars())
