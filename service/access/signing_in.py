"""Signing in, signing out, one's own password, second factor and sessions: with what was proved in no transaction."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, people_store, second_factor
from service.access.people_store import Kept, NewSession, Sessions
from service.access.policy import FRESH, Action, Principal, may, require_fresh
from service.access.proving import Proof, wrong
from service.access.store import key as find_key
from service.access.usecases import IDLE
from service.audit import store as log
from service.audit.chain import Deed
from service.db.types import Record
from service.errors import Conflict, NotFound
from stocktake.models.people import Me, OwnGrant, OwnSession, SecondFactorProposal, Session

LASTS = timedelta(hours=8)
"""How long a session opens."""
SIGN_IN = "session.start"
"""As the log names a sign-in, which needs no policy: whoever knows the password may."""


def open_session(connection: Connection, proof: Proof, now: datetime) -> Session:
    """Open a session for who has proved themselves, unless that changed meanwhile. An event in their state's log."""
    _keep(connection, proof)
    who = f"person:{proof.person}"
    if proof.chosen:
        people_store.end_sessions(connection, proof.state, proof.person, at=now)
        log.append(connection, proof.state, Deed(who, Action.ME_WRITE, "/v1/me/password"), now)
    credential = keys.new("sts", proof.state)
    ends, secret = now + LASTS, keys.digest(credential.secret)
    session = NewSession(proof.state, credential.id, proof.person, secret, now, proof.two_factors, now, ends)
    people_store.add_session(connection, session)
    log.append(connection, proof.state, Deed(who, SIGN_IN, f"/v1/sessions/{credential.id}"), now)
    return Session(
        token=keys.write(credential),
        id=credential.id,
        person=who,
        signed_in=now,
        two_factors=proof.two_factors,
        expires_at=ends,
    )


def account_of(connection: Connection, principal: Principal) -> Record:
    """The caller's own account, for changing what it is opened with."""
    row = people_store.one(connection, principal.state, principal.id.removeprefix("person:"))
    if row is None or row.password is None:
        raise Conflict("You sign in at an identity provider, which has your password and your second factor.")
    return row


def change_password(connection: Connection, principal: Principal, proof: Proof, now: datetime) -> None:
    """Keep the new password; every other session ends, for somebody else may have known the old one."""
    _keep(connection, proof)
    people_store.end_sessions(connection, proof.state, proof.person, at=now, except_for=principal.session or "")


def propose_factor(connection: Connection, principal: Principal) -> SecondFactorProposal:
    """A secret for the caller's authenticator app; it is kept nowhere until they enter it with a code."""
    account, secret = account_of(connection, principal), second_factor.new()
    return SecondFactorProposal(secret=secret, uri=second_factor.uri(secret, account.state, account.login))


def account_for_factor(connection: Connection, principal: Principal, now: datetime) -> Record:
    """The caller's account; where it has a second factor, only who has just used it puts another in its place."""
    account = account_of(connection, principal)
    if account.factor is not None:
        require_fresh(principal, now)
    return account


def enter_factor(connection: Connection, principal: Principal, proof: Proof, now: datetime) -> None:
    """Keep the second factor. This session counts as begun now with two factors, every other one ends."""
    _keep(connection, proof)
    own = principal.session or ""
    people_store.end_sessions(connection, proof.state, proof.person, at=now, except_for=own)
    people_store.renew_session(connection, proof.state, own, at=now)


def sign_out(connection: Connection, principal: Principal, now: datetime) -> None:
    """End the session that the caller came with."""
    if principal.session is None:
        raise NotFound("You did not come with a session; sign out at your identity provider.")
    people_store.end_session(connection, principal.state, principal.session, at=now)


def own_sessions(
    connection: Connection, principal: Principal, now: datetime, *, after: str, most: int
) -> list[OwnSession]:
    """The caller's open sessions."""
    return [
        OwnSession(
            id=row.id,
            signed_in=row.authenticated_at,
            seen_at=row.seen_at,
            expires_at=row.expires_at,
            two_factors=row.two_factors,
            current=row.id == principal.session,
        )
        for row in _open(connection, principal, now).listed(after=after, most=most)
    ]


def end_own_session(connection: Connection, principal: Principal, session: str, now: datetime) -> None:
    """End one of the caller's own open sessions."""
    if not _open(connection, principal, now).end(session):
        raise NotFound("You have no such session, or it is over.")


def me(connection: Connection, principal: Principal) -> Me:
    """Who calls, as they see themselves."""
    find = find_key if principal.is_key else people_store.one
    row = find(connection, principal.state, principal.id.partition(":")[2])
    grants = [
        OwnGrant(role=one.role.value, agency=one.agency, sections=sorted(one.sections), sites=sorted(one.sites))
        for one in principal.grants
    ]
    since = principal.signed_in
    return Me(
        id=principal.id,
        state=principal.state,
        name=None if row is None else row.name,
        login=None if row is None or principal.is_key else row.login,
        person=principal.person,
        roles=grants,
        scopes=sorted(principal.scopes),
        may=[action for action in Action if may(principal, action)],
        signed_in=since,
        two_factors=principal.two_factors,
        fresh_until=None if since is None or not principal.two_factors else since + FRESH,
        second_factor=row is not None and not principal.is_key and row.factor is not None,
    )


def _keep(connection: Connection, proof: Proof) -> None:
    """Keep what was proved, if the account stands as it was read: a code that was used meanwhile opens no more."""
    row = people_store.held(connection, proof.state, proof.person)
    if row is None or row.disabled_at or Kept.of(row) != proof.before:
        raise wrong()
    if proof.before != proof.after:
        people_store.keep(connection, proof.state, proof.person, proof.after)


def _open(connection: Connection, principal: Principal, now: datetime) -> Sessions:
    return Sessions(connection, principal.state, principal.id.removeprefix("person:"), now, now - IDLE)
