"""Proving who somebody is, with everything that takes time: in no transaction, on what was read of their account."""

from dataclasses import dataclass
from datetime import datetime

from service.access import second_factor
from service.access.passwords import Passwords, require_good
from service.access.people_store import Kept
from service.db.types import Record
from service.errors import Forbidden, Invalid, Place, Unauthenticated
from service.languages.words import mark
from stocktake.models.people import PasswordChange, SecondFactorEntry, SignIn


class WrongPassword(Unauthenticated):
    """The same for an unknown login, a wrong password, one whose time is over, a wrong code, and a disabled account."""

    code = "wrong_password"
    title = mark("Login or password is wrong")


class CodeNeeded(Unauthenticated):
    """The password was right, and the account has a second factor."""

    code = "code_needed"
    title = mark("A code of your second factor is needed")


class MustChange(Forbidden):
    """The password was for one sign-in, which has to choose the next."""

    code = "password_must_change"
    title = mark("Choose a password of your own")


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody who proved who they are, with what was kept of that and what is to be kept from now on."""

    state: str
    person: str
    before: Kept
    after: Kept
    chosen: bool
    """Whether their password is another from now on; else at most kept at another cost."""
    two_factors: bool
    """Whether they sent a code of their second factor too."""

    @property
    def whole(self) -> bool:
        """Whether everything was proved that the account has: the password alone does not excuse guessed codes."""
        return self.two_factors or self.before.factor is None


def prove(passwords: Passwords, account: Record | None, sign_in: SignIn, now: datetime) -> Proof:
    """Check a password, and a code if one was sent.

    WrongPassword takes the same time for every reason; CodeNeeded tells who knows the password that it is not enough.
    """
    opened = passwords.opens(None if account is None else account.password, sign_in.password)
    secret = None if sign_in.code is None else _secret(passwords, account, sign_in.password)
    if account is None or not opened or account.disabled_at or _over(account, now):
        raise wrong()
    if account.factor is not None and sign_in.code is None:
        raise CodeNeeded("The password is right. Send it again, with a code of your second factor as code.")
    step = None
    if account.factor is not None:
        step = _step(secret, sign_in.code, now, account.factor_step)
        if step is None:
            raise wrong()
    opener = _Opener(passwords, account, sign_in.password, secret, step)
    if sign_in.new_password is not None:
        return opener.renewed(sign_in.new_password, "/new_password")
    if account.one_time_until is not None:
        raise MustChange("This password is for one sign-in. Send it again, with one of your own as new_password.")
    return opener.as_it_was()


def prove_change(passwords: Passwords, account: Record, change: PasswordChange) -> Proof:
    """Check the old password and keep the new one, and the second factor under it."""
    if not passwords.opens(account.password, change.old):
        raise wrong()
    secret = None if account.factor is None else _secret(passwords, account, change.old)
    if account.factor is not None and secret is None:
        raise wrong()
    return _Opener(passwords, account, change.old, secret, None).renewed(change.new, "/new")


def prove_factor(passwords: Passwords, account: Record, entry: SecondFactorEntry, now: datetime) -> Proof:
    """Check the password, and that whoever enters this secret has it in an app that shows its codes."""
    if not passwords.opens(account.password, entry.password):
        raise wrong()
    step = second_factor.step_of(entry.secret, entry.code, now, after=None)
    if step is None:
        raise Invalid.at(Place("/code", "no code that this secret gives now; look at the clock of your device"))
    sealed = second_factor.seal(passwords, entry.password, entry.secret, _whose(account))
    before = Kept.of(account)
    after = Kept(before.password, sealed, step)
    return Proof(account.state, account.id, before, after, chosen=False, two_factors=True)


def wrong() -> WrongPassword:
    """The one refusal for whatever is wrong with what somebody signs in with."""
    return WrongPassword(
        "There is no such login with this password here, or the code is wrong or was used."
        " Ask your coordinator if you forgot it."
    )


@dataclass(frozen=True, slots=True)
class _Opener:
    """An account and the password that opened it, with the secret of its second factor, and the step of a code."""

    passwords: Passwords
    account: Record
    password: str
    secret: str | None
    step: int | None

    def renewed(self, new: str, at: str) -> Proof:
        """With another password from now on; ``at`` says where it was sent."""
        if self.password == new:
            raise Invalid.at(Place(at, "the old password again; choose another"))
        require_good(new, (self.account.login or "", self.account.name or ""), at)
        return self._proof(self.passwords.kept(new), self._sealed(new), chosen=True)

    def as_it_was(self) -> Proof:
        """With the password it has, kept anew where that was at another cost."""
        if self.passwords.stale(self.account.password):
            return self._proof(self.passwords.kept(self.password), self._sealed(self.password), chosen=False)
        return self._proof(self.account.password, self.account.factor, chosen=False)

    def _sealed(self, password: str) -> str | None:
        if self.secret is None:
            return None
        return second_factor.seal(self.passwords, password, self.secret, _whose(self.account))

    def _proof(self, password: str, factor: str | None, *, chosen: bool) -> Proof:
        before = Kept.of(self.account)
        after = Kept(password, factor, before.step if self.step is None else self.step)
        return Proof(self.account.state, self.account.id, before, after, chosen, self.step is not None)


def _secret(passwords: Passwords, account: Record | None, password: str) -> str | None:
    """The secret of an account's second factor; it takes the same time where there is none."""
    sealed, whose = (None, "") if account is None else (account.factor, _whose(account))
    return second_factor.unseal(passwords, password, sealed, whose)


def _step(secret: str | None, code: str | None, now: datetime, after: int | None) -> int | None:
    return None if secret is None or code is None else second_factor.step_of(secret, code, now, after=after)


def _whose(account: Record) -> str:
    return f"{account.state} person:{account.id}"


def _over(account: Record, now: datetime) -> bool:
    return account.one_time_until is not None and now >= account.one_time_until
