"""Signing in with a password, changing it, signing out. The password is checked outside of any transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, people_store
from service.access.passwords import Passwords, require_good
from service.access.policy import FRESH, Action, Principal, may
from service.access.store import key as find_key
from service.audit import store as log
from service.audit.chain import Deed
from service.db.types import Record
from service.errors import Conflict, Forbidden, Invalid, NotFound, Place, Unauthenticated
from service.languages.words import mark
from stocktake.models.people import Me, OwnGrant, PasswordChange, Session, SignIn

LASTS = timedelta(hours=8)
"""How long a session opens."""
SIGN_IN = "session.start"
"""As the log names a sign-in, which needs no policy: whoever knows the password may."""


class WrongPassword(Unauthenticated):
    """The same for an unknown login, a wrong password, one whose time is over, and a disabled account."""

    code = "wrong_password"
    title = mark("Login or password is wrong")


class MustChange(Forbidden):
    """The password was for one sign-in, which has to choose the next."""

    code = "password_must_change"
    title = mark("Choose a password of your own")


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody who knew their password, with what is to be kept of it from now on."""

    state: str
    person: str
    before: str
    after: str
    chosen: bool
    """Whether their password is another from now on; else at most kept at another cost."""


def prove(passwords: Passwords, account: Record | None, sign_in: SignIn, now: datetime) -> Proof:
    """Check a password, with everything that takes time; WrongPassword takes the same time for every reason."""
    opened = passwords.opens(None if account is None else account.password, sign_in.password)
    if account is None or not opened or account.disabled_at or _over(account, now):
        raise wrong()
    if sign_in.new_password is not None:
        return _chosen(passwords, account, (sign_in.password, sign_in.new_password), "/new_password")
    if account.one_time_until is not None:
        raise MustChange("This password is for one sign-in. Send it again, with one of your own as new_password.")
    before: str = account.password
    after = passwords.kept(sign_in.password) if passwords.stale(before) else before
    return Proof(account.state, account.id, before, after, chosen=False)


def prove_change(passwords: Passwords, account: Record, change: PasswordChange) -> Proof:
    """Check the old password and keep the new one."""
    if not passwords.opens(account.password, change.old):
        raise wrong()
    return _chosen(passwords, account, (change.old, change.new), "/new")


def _chosen(passwords: Passwords, account: Record, pair: tuple[str, str], at: str) -> Proof:
    old, new = pair
    if old == new:
        raise Invalid.at(Place(at, "the old password again; choose another"))
    require_good(new, (account.login or "", account.name or ""), at)
    return Proof(account.state, account.id, account.password, passwords.kept(new), chosen=True)


def open_session(connection: Connection, proof: Proof, now: datetime) -> Session:
    """Open a session for who has proved themselves, unless that changed meanwhile. An event in their state's log."""
    row = people_store.held(connection, proof.state, proof.person)
    if row is None or row.disabled_at or row.password != proof.before:
        raise wrong()
    who = f"person:{proof.person}"
    if proof.before != proof.after:
        people_store.set_password(connection, proof.state, proof.person, proof.before, proof.after)
    if proof.chosen:
        people_store.end_sessions(connection, proof.state, proof.person, at=now)
        log.append(connection, proof.state, Deed(who, Action.ME_WRITE, "/v1/me/password"), now)
    credential = keys.new("sts", proof.state)
    ends, secret = now + LASTS, keys.digest(credential.secret)
    session = people_store.NewSession(proof.state, credential.id, proof.person, secret, now, ends)
    people_store.add_session(connection, session)
    log.append(connection, proof.state, Deed(who, SIGN_IN, f"/v1/sessions/{credential.id}"), now)
    return Session(token=keys.write(credential), id=credential.id, person=who, signed_in=now, expires_at=ends)


def account_of(connection: Connection, principal: Principal) -> Record:
    """The caller's own account, for changing its password."""
    row = people_store.one(connection, principal.state, principal.id.removeprefix("person:"))
    if row is None or row.password is None:
        raise Conflict("You sign in at an identity provider, which has your password.")
    return row


def change_password(connection: Connection, principal: Principal, proof: Proof, now: datetime) -> None:
    """Keep the new password; every other session ends, for somebody else may have known the old one."""
    if not people_store.set_password(connection, proof.state, proof.person, proof.before, proof.after):
        raise wrong()
    people_store.end_sessions(connection, proof.state, proof.person, at=now, except_for=principal.session or "")


def sign_out(connection: Connection, principal: Principal, now: datetime) -> None:
    """End the session that the caller came with."""
    if principal.session is None:
        raise NotFound("You did not come with a session; sign out at your identity provider.")
    people_store.end_session(connection, principal.state, principal.session, at=now)


def me(connection: Connection, principal: Principal) -> Me:
    """Who calls, as they see themselves."""
    find = find_key if principal.is_key else people_store.one
    row = find(connection, principal.state, principal.id.partition(":")[2])
    grants = [
        OwnGrant(role=one.role.value, agency=one.agency, sections=sorted(one.sections), sites=sorted(one.sites))
        for one in principal.grants
    ]
    return Me(
        id=principal.id,
        state=principal.state,
        name=None if row is None else row.name,
        login=None if row is None or principal.is_key else row.login,
        person=principal.person,
        roles=grants,
        scopes=sorted(principal.scopes),
        may=[action for action in Action if may(principal, action)],
        signed_in=principal.signed_in,
        fresh_until=None if principal.signed_in is None else principal.signed_in + FRESH,
    )


def wrong() -> WrongPassword:
    return WrongPassword("There is no such login with this password here. Ask your coordinator if you forgot it.")


def _over(account: Record, now: datetime) -> bool:
    return account.one_time_until is not None and now >= account.one_time_until
