"""Keys, people, their roles and sessions in the database; always of one state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, insert, select, update

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
        _S.c.secret_sha256, _S.c.person, _S.c.authenticated_at, _S.c.expires_at, _S.c.ended_at, _P.c.disabled_at,
    )
    .join(_P, (_P.c.state == _S.c.state) & (_P.c.id == _S.c.person))
    .where(_S.c.state == bindparam("of_state"), _S.c.id == bindparam("with_id"))
)  # fmt: skip
_FIND_SUBJECT = select(_P.c.id, _P.c.disabled_at).where(
    _P.c.state == bindparam("of_state"), _P.c.issuer == bindparam("from_issuer"), _P.c.subject == bindparam("known_as")
)
_GRANTS = (
    select(_G.c.role, _G.c.agency, _G.c.sections, _G.c.sites)
    .where(_G.c.state == bindparam("of_state"), _G.c.person == bindparam("of_person"))
    .order_by(_G.c.role)
)
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
