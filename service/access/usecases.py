"""Telling who calls, and giving out and taking back keys."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, store
from service.access.policy import Principal, Scope
from service.errors import NotFound, Unauthenticated

OPERATOR = "operator"
"""Who does what is done at the command line."""


def identify(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    """The principal behind a well-formed credential; the same refusal for unknown, wrong, expired and revoked."""
    return (_key if credential.kind == "stk" else _session)(connection, credential, now)


def _key(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    row = store.find_key(connection, credential.state, credential.id)
    if row is None or not credential.opens(row.secret_sha256) or row.revoked_at is not None or now >= row.expires_at:
        raise Unauthenticated("This API key is unknown, has expired or was revoked. Ask your coordinator for another.")
    return Principal(credential.state, f"key:{credential.id}", row.created_by, row.scopes)


def _session(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    row = store.find_session(connection, credential.state, credential.id)
    known = row is not None and credential.opens(row.secret_sha256)
    if row is None or not known or row.ended_at or row.disabled_at or now >= row.expires_at:
        raise Unauthenticated("This session is unknown, has expired or was ended. Sign in again.")
    who = f"person:{row.person}"
    grants = store.grants(connection, credential.state, row.person)
    return Principal(credential.state, who, who, grants=grants, signed_in=row.authenticated_at, session=credential.id)


def create_key(  # noqa: PLR0913  # whose, what for, what it may, how long, by whom and when
    connection: Connection,
    state: str,
    name: str,
    *,
    scopes: frozenset[Scope],
    days: int,
    now: datetime,
    by: str = OPERATOR,
) -> str:
    """Make a key of this state and return it whole, this once: only its digest is kept."""
    credential = keys.new("stk", state)
    expires_at = now + timedelta(days=days)
    row = store.NewKey(credential.id, state, name, keys.digest(credential.secret), scopes, now, by, expires_at)
    store.add_key(connection, row)
    return keys.write(credential)


def revoke_key(connection: Connection, state: str, key_id: str, *, now: datetime) -> None:
    """Revoke a key from the next request on."""
    if not store.revoke_key(connection, state, key_id, at=now):
        raise NotFound("{state} has no key {key} that is still valid.", state=state, key=key_id)
