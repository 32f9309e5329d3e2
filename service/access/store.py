"""Keys, people, their roles and sessions in the database; of one state, but where all that have any are counted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, or_, select, union, update

from service.access.policy import Grant, Role, Scope
from service.db.access_tables import ApiKey, Issuer, Person, PersonSession, RoleGrant
from service.db.types import Record

_K, _P, _G, _S, _I = (table.__table__ for table in (ApiKey, Person, RoleGrant, PersonSession, Issuer))
_FIND_KEY = select(_K.c.secret_sha256, _K.c.scopes, _K.c.created_by, _K.c.expires_at, _K.c.revoked_at).where(
    _K.c.state == bindparam("of_state"), _K.c.id == bindparam("with_id")
)
_REVOKE_KEY = (
    update(_K)
    .where(_K.c.state == bindparam("of_state"), _K.c.id == bindparam("with_id"), _K.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("moment"))
)
_FIND_SESSION = (
    select(
        _S.c.secret_sha256, _S.c.person, _S.c.authenticated_at, _S.c.two_factors, _S.c.seen_at, _S.c.expires_at,
        _S.c.ended_at, _P.c.disabled_at,
    )
    .join(_P, (_P.c.state == _S.c.state) & (_P.c.id == _S.c.person))
    .where(_S.c.state == bindparam("of_state"), _S.c.id == bindparam("with_id"))
)  # fmt: skip
_TENANTS = union(select(_K.c.state), select(_P.c.state), select(_I.c.bound_to))
_FIND_SUBJECT = select(_P.c.id, _P.c.disabled_at).where(
    _P.c.state == bindparam("of_state"), _P.c.issuer == bindparam("from_issuer"), _P.c.subject == bindparam("known_as")
)
_GRANTS = (
    select(_G.c.role, _G.c.agency, _G.c.sections, _G.c.sites)
    .where(_G.c.state == bindparam("of_state"), _G.c.person == bindparam("of_person"))
    .order_by(_G.c.role)
)
_SHOWN = tuple(column for column in _K.c if column.name not in {"state", "secret_sha256"})
_ONE_KEY = select(*_SHOWN).where(_K.c.state == bindparam("of_state"), _K.c.id == bindparam("with_id"))
_HELD_KEY = _ONE_KEY.with_for_update()
_LIST_KEYS = (
    select(*_SHOWN)
    .where(_K.c.state == bindparam("of_state"), _K.c.id > bindparam("after"))
    .order_by(_K.c.id)
    .limit(bindparam("most"))
)
_STANDING = (_K.c.state == bindparam("of_state"), _K.c.revoked_at.is_(None), _K.c.expires_at > bindparam("moment"))
_LINE = (
    select(_K.c.id)
    .where(*_STANDING, or_(_K.c.id == bindparam("before"), _K.c.replaces == bindparam("with_id")))
    .order_by(_K.c.id)
)
_END_KEY = (
    update(_K)
    .where(_K.c.state == bindparam("of_state"), _K.c.id == bindparam("with_id"))
    .values(expires_at=bindparam("end"))
)
_MADE_BY = select(_K.c.id, _K.c.scopes).where(*_STANDING, _K.c.created_by == bindparam("maker")).order_by(_K.c.id)
_REVOKE_KEYS = (
    update(_K)
    .where(_K.c.state == bindparam("of_state"), _K.c.id.in_(bindparam("with_ids", expanding=True)))
    .values(revoked_at=bindparam("moment"))
)
_LIST_ISSUERS = select(_I).order_by(_I.c.issuer)
_DROP_ISSUER = delete(_I).where(_I.c.issuer == bindparam("named"), _I.c.bound_to == bindparam("of_state"))
_KEEP_ISSUER = update(_I).where(_I.c.issuer == bindparam("named"))
_FIND_ISSUER = select(_I).where(_I.c.issuer == bindparam("named"))


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as identifying looks at it."""

    secret_sha256: str
    scopes: frozenset[Scope]
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What making a key enters."""

    id: str
    state: str
    name: str
    secret_sha256: str
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime
    replaces: str | None = None


def find_key(connection: Connection, state: str, key_id: str) -> KeyRow | None:
    row = connection.execute(_FIND_KEY, {"of_state": state, "with_id": key_id}).one_or_none()
    return None if row is None else KeyRow(row[0], scopes_of(row[1]), row[2], row[3], row[4])


def add_key(connection: Connection, key: NewKey) -> None:
    row = {name: getattr(key, name) for name in NewKey.__slots__}
    connection.execute(insert(_K), {**row, "scopes": " ".join(sorted(key.scopes))})


def revoke_key(connection: Connection, state: str, key_id: str, *, at: datetime) -> bool:
    """Revoke a key of this state; whether there was one to revoke."""
    return connection.execute(_REVOKE_KEY, {"of_state": state, "with_id": key_id, "moment": at}).rowcount == 1


def key(connection: Connection, state: str, key_id: str) -> Record | None:
    """A key as it is shown: without its digest."""
    return connection.execute(_ONE_KEY, {"of_state": state, "with_id": key_id}).one_or_none()


def hold_key(connection: Connection, state: str, key_id: str) -> Record | None:
    """The key, which nobody else changes until the transaction ends."""
    return connection.execute(_HELD_KEY, {"of_state": state, "with_id": key_id}).one_or_none()


def keys(connection: Connection, state: str, *, after: str, most: int) -> Sequence[Record]:
    return connection.execute(_LIST_KEYS, {"of_state": state, "after": after, "most": most}).all()


def line(connection: Connection, state: str, key_id: str, before: str | None, *, now: datetime) -> list[str]:
    """The keys that still open and took over from this one, or from which it did."""
    where = {"of_state": state, "with_id": key_id, "before": before, "moment": now}
    return list(connection.execute(_LINE, where).scalars())


def end_key(connection: Connection, state: str, key_id: str, *, at: datetime) -> None:
    connection.execute(_END_KEY, {"of_state": state, "with_id": key_id, "end": at})


def made_by(connection: Connection, state: str, person: str, *, now: datetime) -> Sequence[Record]:
    """The keys that this person made and that still open, with their scopes."""
    return connection.execute(_MADE_BY, {"of_state": state, "maker": person, "moment": now}).all()


def revoke_keys(connection: Connection, state: str, key_ids: Collection[str], *, at: datetime) -> None:
    connection.execute(_REVOKE_KEYS, {"of_state": state, "with_ids": list(key_ids), "moment": at})


def scopes_of(text: str) -> frozenset[Scope]:
    return frozenset(Scope(word) for word in text.split())


def find_session(connection: Connection, state: str, session: str) -> Record | None:
    """A session with its person's standing."""
    return connection.execute(_FIND_SESSION, {"of_state": state, "with_id": session}).one_or_none()


def find_subject(connection: Connection, state: str, issuer: str, subject: str) -> Record | None:
    """The person an identity provider means."""
    where = {"of_state": state, "from_issuer": issuer, "known_as": subject}
    return connection.execute(_FIND_SUBJECT, where).one_or_none()


def grants(connection: Connection, state: str, person: str) -> tuple[Grant, ...]:
    """A person's roles, as they are now."""
    return grants_of(connection.execute(_GRANTS, {"of_state": state, "of_person": person}).all())


def grants_of(rows: Sequence[Record]) -> tuple[Grant, ...]:
    return tuple(
        Grant(
            Role(row.role), row.agency, frozenset(orjson.loads(row.sections)), frozenset(orjson.loads(row.sites))
        )
        for row in rows
    )  # fmt: skip


def find_issuer(connection: Connection, issuer: str) -> Record | None:
    """An identity provider and the state it is bound to: the one look-up made before the state is known."""
    return connection.execute(_FIND_ISSUER, {"named": issuer}).one_or_none()


def issuers(connection: Connection) -> Sequence[Record]:
    """Every identity provider, by its name."""
    return connection.execute(_LIST_ISSUERS).all()


def enter_issuer(connection: Connection, row: dict[str, str]) -> None:
    """Enter an identity provider, or what is now to be trusted of it; the state it is bound to stays."""
    if find_issuer(connection, row["issuer"]) is None:
        connection.execute(insert(_I), row)
    else:
        changed = {name: value for name, value in row.items() if name not in {"issuer", "bound_to"}}
        connection.execute(_KEEP_ISSUER.values(changed), {"named": row["issuer"]})


def drop_issuer(connection: Connection, state: str, issuer: str) -> bool:
    """Trust an identity provider no more; whether it was bound to this state."""
    return connection.execute(_DROP_ISSUER, {"of_state": state, "named": issuer}).rowcount == 1


def tenants(connection: Connection) -> list[str]:
    """The states and bodies that have a credential, of whatever kind, as far as this transaction may see them."""
    return sorted(str(row[0]) for row in connection.execute(_TENANTS))
