"""Tables of who may come in, and of what was done: people, sessions, keys, and each state's log."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from service.db.rows import Row
from service.db.types import Code, Moment


class Person(Row, table=True):
    """Somebody with an account in one state (or body). Taking the account away empties the row; the id stays."""

    __table_args__ = (UniqueConstraint("state", "login"), UniqueConstraint("state", "issuer", "subject"))

    state: str = Field(primary_key=True, sa_type=Code)
    id: str = Field(primary_key=True, sa_type=Code)
    login: str | None = None
    name: str | None = None
    password: str | None = None
    """Argon2id with its parameters, or of a one-time password the SHA-256; none for who comes through a provider."""
    one_time_until: datetime | None = Field(default=None, sa_type=Moment)
    """Until when a one-time password opens; none for a password that its owner chose."""
    factor: str | None = Field(default=None, sa_type=Text)
    """The secret of their second factor, encrypted under their password; none where none was entered."""
    factor_step: int | None = Field(default=None, sa_type=BigInteger)
    """The time step of the last code that was used, which opens no more, nor does any before it."""
    issuer: str | None = None
    subject: str | None = None
    created_at: datetime = Field(sa_type=Moment)
    disabled_at: datetime | None = Field(default=None, sa_type=Moment)
    version: int


class RoleGrant(Row, table=True):
    """One role of one person; a contributor's says what it reaches."""

    __tablename__ = "role_grant"
    __table_args__ = (ForeignKeyConstraint(["state", "person"], ["person.state", "person.id"]),)

    state: str = Field(primary_key=True, sa_type=Code)
    person: str = Field(primary_key=True, sa_type=Code)
    role: str = Field(primary_key=True, sa_type=Code)
    agency: str | None = None
    """The agency whose sites, and whose assigned sections and sites, are reached."""
    sections: str = Field(sa_type=Text)
    """JSON list: sections reached whole."""
    sites: str = Field(sa_type=Text)
    """JSON list: sites reached whole."""
    granted_at: datetime = Field(sa_type=Moment)
    granted_by: str


class PersonSession(Row, table=True):
    """A person who has signed in with a password. The secret itself is nowhere, only its SHA-256."""

    __tablename__ = "person_session"
    __table_args__ = (ForeignKeyConstraint(["state", "person"], ["person.state", "person.id"]),)

    state: str = Field(primary_key=True, sa_type=Code)
    id: str = Field(primary_key=True, sa_type=Code)
    person: str = Field(sa_type=Code)
    secret_sha256: str
    authenticated_at: datetime = Field(sa_type=Moment)
    two_factors: bool
    """Whether a code of the second factor was sent with the password."""
    seen_at: datetime = Field(sa_type=Moment)
    """When it was last used, give or take five minutes."""
    expires_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)


class Issuer(Row, table=True):
    """An identity provider, bound to one state by the operator. Looked up before a state is known."""

    issuer: str = Field(primary_key=True)
    bound_to: str = Field(sa_type=Code)
    audience: str
    algorithms: str
    """Space separated."""
    jwks: str = Field(sa_type=Text)
    """JSON: its public keys."""
    second_factor: str
    """Space separated: the values of ``amr`` or ``acr`` that mean a sign-in with two factors."""


class ApiKey(Row, table=True):
    """A credential of one state. The secret itself is nowhere, only its SHA-256."""

    __tablename__ = "api_key"

    state: str = Field(primary_key=True, sa_type=Code)
    id: str = Field(primary_key=True, sa_type=Code)
    name: str
    secret_sha256: str
    scopes: str
    """Space separated, sorted."""
    created_at: datetime = Field(sa_type=Moment)
    created_by: str
    """``person:…``, or ``operator`` for a key made at the command line."""
    expires_at: datetime = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(default=None, sa_type=Moment)
    replaces: str | None = None
    """The key that this one was made to take over from."""


class Idempotency(Row, table=True):
    """What a keyed POST was answered with, kept with its effect."""

    __tablename__ = "idempotency"
    __table_args__ = (Index(None, "state", "created_at"),)

    state: str = Field(primary_key=True, sa_type=Code)
    caller: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int
    body: str = Field(sa_type=Text)
    etag: str | None = None
    created_at: datetime = Field(sa_type=Moment)


class AuditHead(Row, table=True):
    """Where a state's log stands; its row is held while an event is written, so that numbers have no gap."""

    __tablename__ = "audit_head"

    state: str = Field(primary_key=True, sa_type=Code)
    number: int = Field(sa_type=BigInteger)
    hash: str


class AuditEvent(Row, table=True):
    """One thing that was done to or read of a state; never changed."""

    __tablename__ = "audit_event"

    state: str = Field(primary_key=True, sa_type=Code)
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: str
    """As hashed: ISO 8601 in UTC."""
    actor: str
    action: str
    subject: str = Field(sa_type=Text)
    digest: str | None = None
    salt: str | None = None
    """What the digest was salted with; in no export."""
    previous: str
    hash: str
