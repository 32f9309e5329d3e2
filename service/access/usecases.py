"""Telling who calls, and making and revoking keys."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, store, tokens
from service.access.policy import Principal, Scope
from service.db.session import act_for
from service.db.types import Record
from service.errors import NotFound, Unauthenticated

OPERATOR = "operator"
"""Who does what is done at the command line."""


IDLE = timedelta(minutes=30)
"""After how long without a request a session opens nothing any more."""
Credential = keys.Credential | tokens.Presented
"""What a caller sends: a key, a session, or an identity provider's access token."""


def state_of(credential: Credential) -> str | None:
    """The state whose rows are looked at; a token's is known once its issuer is found."""
    return credential.state if isinstance(credential, keys.Credential) else None


def identify(connection: Connection, credential: Credential, now: datetime) -> Principal:
    """The principal behind a well-formed credential; the same refusal for unknown, wrong, expired and revoked."""
    if isinstance(credential, tokens.Presented):
        return _token(connection, credential, now)
    return (_key if credential.kind == "stk" else _session)(connection, credential, now)


def _key(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    row = store.find_key(connection, credential.state, credential.id)
    if row is None or not credential.opens(row.secret_sha256) or row.revoked_at is not None or now >= row.expires_at:
        raise Unauthenticated("This API key is unknown, has expired or was revoked. Ask your coordinator for another.")
    return Principal(credential.state, f"key:{credential.id}", row.created_by, row.scopes)


def _session(connection: Connection, credential: keys.Credential, now: datetime) -> Principal:
    row = store.find_session(connection, credential.state, credential.id)
    known = row is not None and credential.opens(row.secret_sha256)
    if row is None or not known or row.ended_at or row.disabled_at or now >= min(row.expires_at, row.seen_at + IDLE):
        raise Unauthenticated("This session is unknown, has expired or was ended. Sign in again.")
    who = f"person:{row.person}"
    grants = store.grants(connection, credential.state, row.person)
    return Principal(
        credential.state,
        who,
        who,
        grants=grants,
        signed_in=row.authenticated_at,
        two_factors=row.two_factors,
        session=credential.id,
        seen_at=row.seen_at,
    )


def _token(connection: Connection, token: tokens.Presented, now: datetime) -> Principal:
    """Whom an identity provider names, among the people of the one state that it is bound to."""
    row = store.find_issuer(connection, token.issuer)
    named = None if row is None else tokens.believed(token, trust_of(row), now)
    if row is None or named is None:
        raise _not_taken()
    act_for(connection, row.bound_to)
    person = store.find_subject(connection, row.bound_to, token.issuer, named.subject)
    if person is None or person.disabled_at:
        raise _not_taken()
    who = f"person:{person.id}"
    grants = store.grants(connection, row.bound_to, person.id)
    return Principal(row.bound_to, who, who, grants=grants, signed_in=named.signed_in, two_factors=named.two_factors)


def _not_taken() -> Unauthenticated:
    return Unauthenticated("This access token is not taken here. Sign in at your identity provider again.")


def trust_of(issuer: Record) -> tokens.Trust:
    """What is to be believed of an identity provider, from its row."""
    algorithms, second_factor = (frozenset(text.split()) for text in (issuer.algorithms, issuer.second_factor))
    return tokens.Trust(issuer.issuer, issuer.audience, algorithms, issuer.jwks, second_factor)


def create_key(  # noqa: PLR0913  # whose, what for, what it may, how long, by whom and when
    connection: Connection,
    state: str,
    name: str,
    *,
    scopes: frozenset[Scope],
    days: int,
    now: datetime,
    by: str = OPERATOR,
    replaces: str | None = None,
) -> str:
    """Make a key of this state and return it whole, this once: only its digest is kept."""
    credential = keys.new("stk", state)
    secret, expires_at = keys.digest(credential.secret), now + timedelta(days=days)
    row = store.NewKey(credential.id, state, name, secret, scopes, now, by, expires_at, replaces)
    store.add_key(connection, row)
    return keys.write(credential)


def revoke_key(connection: Connection, state: str, key_id: str, *, now: datetime) -> None:
    """Revoke a key from the next request on."""
    if not store.revoke_key(connection, state, key_id, at=now):
        raise NotFound("{state} has no key {key} that is still valid.", state=state, key=key_id)
