"""API keys in the database."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from service.access.policy import Scope
from service.db.tables import ApiKey

_T = ApiKey.__table__
_FIND = select(_T.c.state, _T.c.secret_sha256, _T.c.scopes, _T.c.expires_at, _T.c.revoked_at).where(
    _T.c.id == bindparam("id")
)
_REVOKE = update(_T).where(
    _T.c.state == bindparam("of_state"), _T.c.id == bindparam("key_id"), _T.c.revoked_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    state: str
    secret_sha256: str
    scopes: frozenset[Scope]
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    id: str
    state: str
    name: str
    secret_sha256: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime


def find(connection: Connection, key_id: str) -> KeyRow | None:
    """The key with this public id: the one look-up made before the state is known."""
    row = connection.execute(_FIND, {"id": key_id}).one_or_none()
    return None if row is None else KeyRow(row[0], row[1], _scopes(row[2]), row[3], row[4])


def add(connection: Connection, key: NewKey) -> None:
    connection.execute(
        insert(_T),
        {
            "id": key.id,
            "state": key.state,
            "name": key.name,
            "secret_sha256": key.secret_sha256,
            "scopes": " ".join(sorted(key.scopes)),
            "created_at": key.created_at,
            "expires_at": key.expires_at,
        },
    )


def revoke(connection: Connection, state: str, key_id: str, *, at: datetime) -> bool:
    """Revoke a key of this state; whether there was one to revoke."""
    done = connection.execute(_REVOKE.values(revoked_at=at), {"of_state": state, "key_id": key_id})
    return done.rowcount == 1


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(Scope(word) for word in text.split())
