"""Telling who calls, and giving out and taking back keys."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, store
from service.access.policy import Principal, Scope
from service.errors import NotFound, Unauthenticated

ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def identify(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    """The principal behind a well-formed key; the same refusal for unknown, wrong, expired and revoked."""
    row = store.find(connection, credential.id)
    if row is None or not credential.opens(row.secret_sha256) or row.revoked_at is not None or now >= row.expires_at:
        raise Unauthenticated("This API key is unknown, has expired or was revoked. Ask your coordinator for another.")
    return Principal(row.state, credential.id, row.scopes)


def create_key(
    connection: Connection, state: str, name: str, *, scopes: frozenset[Scope], days: int, now: datetime
) -> str:
    """Make a key of this state and return it whole, this once: only its digest is kept."""
    credential = keys.Credential(_random(ID_LETTERS, 10), _random(keys.ALPHABET, keys.SECRET_LENGTH))
    expires_at = now + timedelta(days=days)
    row = store.NewKey(credential.id, state, name, keys.digest(credential.secret), scopes, now, expires_at)
    store.add(connection, row)
    return keys.write(credential)


def revoke_key(connection: Connection, state: str, key_id: str, *, now: datetime) -> None:
    """Revoke a key from the next request on."""
    if not store.revoke(connection, state, key_id, at=now):
        raise NotFound("{state} has no key {key} that is still valid.", state=state, key=key_id)


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
