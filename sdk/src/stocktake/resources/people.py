"""The people of a member state, and signing in as one of them."""

from stocktake._call import JSON, Call, encoded, keyed, nothing, path, precondition, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.people import (
    GrantEntry,
    Invitation,
    NewPerson,
    OwnSession,
    PasswordChange,
    Person,
    PersonEntry,
    RoleName,
    SecondFactorEntry,
    SecondFactorProposal,
    Session,
    SignIn,
)


class _People:
    @listing
    def list(self, state: str, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[Person]]:
        """The people of a member state; ``limit`` is the size of a page."""
        return Call(
            "GET", path("states", state, "people"), Page[Person].model_validate_json, query(cursor=cursor, limit=limit)
        )

    @operation
    def get(self, state: str, person: str) -> Call[Person]:
        """One person, by their id."""
        return Call("GET", path("states", state, "people", person), Person.model_validate_json)

    @operation
    def invite(self, state: str, new: NewPerson, *, idempotency_key: str | None = None) -> Call[Invitation]:
        """Let somebody in. The answer holds the password for their first sign-in, this once.

        A ``Conflict`` with the code ``already_shown`` says that an earlier attempt did it: renew the password then.
        """
        return Call(
            "POST",
            path("states", state, "people"),
            Invitation.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(new),
        )

    @operation
    def put(self, state: str, person: str, entry: PersonEntry, *, version: int | None = None) -> Call[Person]:
        """Rename, disable or enable somebody; ``version`` as for an answer."""
        return Call(
            "PUT",
            path("states", state, "people", person),
            Person.model_validate_json,
            headers=precondition(version),
            body=encoded(entry),
        )

    @operation
    def erase(self, state: str, person: str, *, version: int | None) -> Call[None]:
        """Empty somebody's record: their id stays, and nothing that tells who it was."""
        return Call("DELETE", path("states", state, "people", person), nothing, headers=precondition(version))

    @operation
    def renew_password(self, state: str, person: str, *, idempotency_key: str | None = None) -> Call[Invitation]:
        """Give somebody a password for their next sign-in, shown this once; their sessions end."""
        return Call(
            "POST",
            path("states", state, "people", person, "password"),
            Invitation.model_validate_json,
            headers=keyed(idempotency_key),
        )

    @operation
    def grant(
        self,
        state: str,
        person: str,
        role: RoleName,
        reach: GrantEntry | None = None,
        *,
        version: int | None = None,
    ) -> Call[Person]:
        """Give somebody a role, or change what a contributor's reaches; ``version`` is the person's."""
        return Call(
            "PUT",
            path("states", state, "people", person, "roles", role),
            Person.model_validate_json,
            headers=precondition(version),
            body=encoded(reach or GrantEntry()),
        )

    @operation
    def take(self, state: str, person: str, role: RoleName, *, version: int | None = None) -> Call[Person]:
        """Take a role away; ``version`` is the person's."""
        return Call(
            "DELETE",
            path("states", state, "people", person, "roles", role),
            Person.model_validate_json,
            headers=precondition(version),
        )


class People(_People, SyncResource):
    """Accounts: who is let in, and what they are there for."""


class AsyncPeople(_People, AsyncResource):
    """Accounts: who is let in, and what they are there for."""


def signing_in(person: SignIn) -> Call[Session]:
    """The call that opens a session."""
    return Call(
        "POST", path("sessions"), Session.model_validate_json, headers={"content-type": JSON}, body=encoded(person)
    )


class _Sessions:
    @operation
    def start(
        self, state: str, login: str, password: str, *, new_password: str | None = None, code: str | None = None
    ) -> Call[Session]:
        """Sign in; the session's token is used as a key is. ``new_password`` is needed with a one-time password.

        ``code`` is what an authenticator app shows: without it, an account with a second factor is answered with
        ``Unauthenticated`` and the code ``code_needed``. A code opens once.
        """
        return signing_in(SignIn(state=state, login=login, password=password, new_password=new_password, code=code))

    @listing
    def list(self, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[OwnSession]]:
        """One's own open sessions; ``limit`` is the size of a page."""
        return Call(
            "GET", path("me", "sessions"), Page[OwnSession].model_validate_json, query(cursor=cursor, limit=limit)
        )

    @operation
    def end_one(self, session: str) -> Call[None]:
        """End one of one's own open sessions, by its id."""
        return Call("DELETE", path("me", "sessions", session), nothing)

    @operation
    def end(self) -> Call[None]:
        """Sign out: the token that this client was made with opens nothing any more."""
        return Call("DELETE", path("sessions", "current"), nothing)

    @operation
    def change_password(self, old: str, new: str) -> Call[None]:
        """Change one's own password; every other session of one's own ends."""
        return Call(
            "PUT",
            path("me", "password"),
            nothing,
            headers={"content-type": JSON},
            body=encoded(PasswordChange(old=old, new=new)),
        )

    @operation
    def propose_second_factor(self) -> Call[SecondFactorProposal]:
        """A secret for one's authenticator app; it counts once it was entered."""
        return Call("GET", path("me", "second-factor"), SecondFactorProposal.model_validate_json)

    @operation
    def enter_second_factor(self, password: str, secret: str, code: str) -> Call[None]:
        """Enter the secret that one's app was given, with the code it shows now.

        This session then counts as begun now with two factors, and one's other sessions end.
        """
        return Call(
            "PUT",
            path("me", "second-factor"),
            nothing,
            headers={"content-type": JSON},
            body=encoded(SecondFactorEntry(password=password, secret=secret, code=code)),
        )


class Sessions(_Sessions, SyncResource):
    """Signing in and out with a password and a second factor, and one's own sessions."""


class AsyncSessions(_Sessions, AsyncResource):
    """Signing in and out with a password and a second factor, and one's own sessions."""
