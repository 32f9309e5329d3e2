"""People: accounts in a member state or another body, what they are there for, and how they sign in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from stocktake.models.base import AgencyCode, Body, Name, SiteCode, StateCode, Truth, View

PublicId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{10}$")]
"""The id of a person, a key or a session: ten letters and digits."""
Login = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@-]{0,63}$")]
"""What somebody signs in as, in small letters; unique within the state."""
Password = Annotated[str, StringConstraints(min_length=15, max_length=128)]
"""One that is chosen: 15 to 128 characters, any of them, and none of the well-known ones."""
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=128)]
"""One that is checked."""
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
"""What an authenticator app shows for half a minute."""
Secret = Annotated[str, StringConstraints(pattern=r"^[A-Z2-7]{32}$")]
"""What an authenticator app makes its codes from: 160 bits in base32."""
SectionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]
RoleName = Literal[
    "coordinator", "contributor", "validator", "approver", "auditor", "recipient", "secretariat", "operator"
]


class NewPerson(Body):
    """Somebody to be let in: with a login and password of their own, or through an identity provider."""

    name: Name
    login: Login | None = None
    """For an account with a password."""
    issuer: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    """The identity provider, as it names itself; the operator has bound it to the state."""
    subject: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    """Who they are there, exactly as the provider says it."""


class PersonEntry(Body):
    """What is kept of somebody; a disabled one cannot sign in, and their sessions and keys end."""

    name: Name
    disabled: Truth = False


class GrantEntry(Body):
    """What a contributor's role reaches; empty for every other role."""

    agency: AgencyCode | None = None
    """The agency's own sites, and what is assigned to it."""
    sections: list[SectionId] = Field(default_factory=list, max_length=100)
    sites: list[SiteCode] = Field(default_factory=list, max_length=1000)


class Grant(View):
    """One role of a person, and what it reaches."""

    role: RoleName
    agency: str | None
    sections: list[str]
    sites: list[str]
    granted_at: datetime
    granted_by: str
    """``person:…``, or ``operator`` for one given at the command line."""


class Person(View):
    """Somebody with an account. Erased, only ``id`` and the moments are left."""

    id: PublicId
    name: str | None
    login: str | None
    issuer: str | None
    subject: str | None
    roles: list[Grant]
    disabled: bool
    second_factor: bool
    """Whether they have entered one here; what an identity provider asks for is not seen."""
    one_time_until: datetime | None
    """Until when the one-time password opens; absent once a password of their own is chosen."""
    created_at: datetime
    version: int


class Invitation(View):
    """A person let in, with the password for their first sign-in: it is shown this once."""

    person: Person
    one_time_password: str | None
    """None for somebody who comes through an identity provider."""


class SignIn(Body):
    """Who wants to come in; ``new_password`` replaces the password, which a one-time password needs.

    ``code`` is of the second factor, for an account that has one.
    """

    state: StateCode
    login: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    password: GivenPassword
    new_password: Password | None = None
    code: Code | None = None


class Session(View):
    """Somebody who has signed in: the token is sent as a key is, and is shown this once."""

    token: str
    id: PublicId
    person: str
    """``person:…``"""
    signed_in: datetime
    two_factors: bool
    """Whether a code was sent with the password: only then are steps possible that need a fresh sign-in."""
    expires_at: datetime


class PasswordChange(Body):
    old: GivenPassword
    new: Password


class SecondFactorProposal(View):
    """A secret for an authenticator app. It is kept nowhere until it is entered, and shown this once."""

    secret: str
    """In base32, to be typed into the app."""
    uri: str
    """The same as ``otpauth://…``, to be shown to the app as a square of dots."""


class SecondFactorEntry(Body):
    """The secret that an authenticator app was given, with the code it shows now and one's password."""

    password: GivenPassword
    secret: Secret
    code: Code


class OwnSession(View):
    """One of the caller's open sessions."""

    id: PublicId
    signed_in: datetime
    seen_at: datetime
    """When it was last used, give or take five minutes; after half an hour without use it is over."""
    expires_at: datetime
    two_factors: bool
    current: bool
    """Whether it is the one that asks."""


class OwnGrant(View):
    """One role of the caller, and what it reaches."""

    role: RoleName
    agency: str | None
    sections: list[str]
    sites: list[str]


class Me(View):
    """Who calls, and what they may."""

    id: str
    """``person:…`` or ``key:…``: what stands beside everything they do."""
    state: StateCode
    name: str | None
    login: str | None
    person: str
    """Who is answerable: the person, or who made the key."""
    roles: list[OwnGrant]
    scopes: list[str]
    may: list[str]
    """The actions that role or scope allows; the state of a thing and a fresh sign-in may still stand in the way."""
    signed_in: datetime | None
    two_factors: bool
    """Whether this sign-in was with a second factor."""
    fresh_until: datetime | None
    """Until when steps are possible that need a fresh sign-in with a second factor; none without one."""
    second_factor: bool
    """Whether the account has a second factor here."""
