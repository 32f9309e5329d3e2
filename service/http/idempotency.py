"""Keyed POSTs: the key, the effect and the answer are kept in one transaction (draft-ietf-httpapi-idempotency-key)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import Response
from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.db.access_tables import Idempotency
from service.errors import Conflict, Invalid
from service.http.answers import JSON, ShownOnce
from service.languages.words import mark

KEPT = timedelta(hours=72)
_T = Idempotency.__table__
_KEY = ("state", "caller", "route", "key")
_HERE = tuple(_T.c[name] == bindparam(f"k_{name}") for name in _KEY)
_FIND = select(_T.c.fingerprint, _T.c.status, _T.c.body, _T.c.etag).where(*_HERE)
_STORE = update(_T).where(*_HERE)
_FORGET = delete(_T).where(_T.c.state == bindparam("of_state"), _T.c.created_at < bindparam("before"))
_CLAIM = {
    name: dialect.insert(_T).on_conflict_do_nothing().returning(_T.c.key)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


@dataclass(frozen=True, slots=True)
class Keyed:
    """One keyed request: whose it is, which route it is for, and a digest of all that it says."""

    state: str
    caller: str
    route: str
    key: str
    fingerprint: str
    now: datetime


class KeyReused(Invalid):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    title = mark("This Idempotency-Key was used for something else")


class AlreadyShown(Conflict):
    """It was done before, and what it answered is shown only once."""

    code = "already_shown"
    title = mark("It was done before, and its secret is shown only once")


def fingerprint(target: str, body: bytes) -> str:
    """A digest of the address with its query, and the body."""
    return sha256(target.encode() + b"\0" + body).hexdigest()


def once(connection: Connection, keyed: Keyed, act: Callable[[], Response]) -> Response:
    """Do it, or answer again what was answered before under the same key."""
    row = {name: getattr(keyed, name) for name in _KEY}
    where = {f"k_{name}": value for name, value in row.items()}
    fresh = {**row, "fingerprint": keyed.fingerprint, "status": 0, "body": "", "created_at": keyed.now}
    connection.execute(_FORGET, {"of_state": keyed.state, "before": keyed.now - KEPT})
    # On PostgreSQL this waits for another transaction that holds the same key
    if connection.execute(_CLAIM[connection.dialect.name], fresh).one_or_none() is None:
        return _again(connection, where, keyed)
    response = act()
    if isinstance(response, ShownOnce):
        return response
    done = {"status": response.status_code, "body": bytes(response.body).decode(), "etag": response.headers.get("etag")}
    connection.execute(_STORE.values(done), where)
    return response


def _again(connection: Connection, where: dict[str, str], keyed: Keyed) -> Response:
    found = connection.execute(_FIND, where).one_or_none()
    if found is None:
        raise Conflict("A request with this Idempotency-Key is still at work; try again in a moment.")
    if found.fingerprint != keyed.fingerprint:
        raise KeyReused(
            "This Idempotency-Key came with another address or body before; take a new key for a new request."
        )
    if found.status == 0:  # seen in a finished transaction: its answer was not kept
        raise AlreadyShown(
            "This was done under this Idempotency-Key before, and the secret it gave out is kept nowhere. "
            "Look at the list, and make a new one if it was lost."
        )
    headers = {"idempotent-replayed": "true"} | ({"etag": found.etag} if found.etag else {})
    return Response(found.body, found.status, headers, JSON)
