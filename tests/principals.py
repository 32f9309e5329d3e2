"""Everybody who may come to the service: nobody, bad credentials, each role, each scope, other states, other bodies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update
from starlette.testclient import TestClient

from conftest import EVERY_SCOPE, World
from route_calls import RECIPIENT, Holding
from service.access import keys, people_store
from service.access.policy import FRESH, POLICY, Action, Role, Scope
from service.access.usecases import IDLE, create_key, revoke_key
from service.db.access_tables import Person, PersonSession

STALE = FRESH + timedelta(minutes=1)
ELSEWHERE, OPERATOR = "XRW", "XOP"
"""A body that was given nothing, and the operator's."""


@dataclass(frozen=True)
class Principal:
    """Somebody who asks: with what, and what the policy table has to know of them."""

    name: str
    client: TestClient
    state: str | None
    """Whose they are; none for whoever is not let in."""
    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    signed_in: timedelta = timedelta()
    """How long ago."""
    two_factors: bool = True
    reaches: bool = True
    """Whether a contributor's grant reaches what is asked about."""
    person: str = ""

    def may(self, action: Action) -> bool:
        """Whether a role or a scope of theirs is in the table."""
        rule = POLICY[action]
        return bool(self.roles & rule.roles or self.scopes & rule.scopes)

    def in_time(self, action: Action) -> bool:
        """Whether they signed in lately enough, and with two factors."""
        return not POLICY[action].fresh or (bool(self.roles) and self.signed_in <= FRESH and self.two_factors)

    def limited(self, action: Action) -> bool:
        """Whether only what their grant reaches is theirs."""
        return self.roles & POLICY[action].roles == {Role.CONTRIBUTOR}


def everybody(world: World, own: Holding, other: Holding) -> Iterator[Principal]:
    """All of them, for a state that is asked about and another one."""
    yield from (Principal(name, client, None) for name, client in let_in_nowhere(world, own.state).items())
    yield from inside(world, own)
    yield Principal("key of every scope", world.caller(own.state), own.state, scopes=EVERY_SCOPE)
    for scope in Scope:
        one = frozenset({scope})
        yield Principal(f"key to {scope}", world.caller(own.state, one), own.state, scopes=one)
    yield person(world, other.state, Role.COORDINATOR, name="other state's coordinator")
    yield person(world, RECIPIENT, Role.RECIPIENT, name="recipient with a copy")
    yield person(world, RECIPIENT, Role.SECRETARIAT, name="secretariat with a copy")
    yield person(world, ELSEWHERE, Role.RECIPIENT, name="recipient without")
    yield person(world, ELSEWHERE, Role.SECRETARIAT, name="secretariat without")
    yield person(world, OPERATOR, Role.OPERATOR)


def inside(world: World, own: Holding) -> Iterator[Principal]:
    """The roles of a state; in time and, where that matters, not; a contributor in reach and one out of it."""
    for role in (Role.COORDINATOR, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR):
        yield person(world, own.state, role)
    for role in (Role.COORDINATOR, Role.APPROVER):
        yield person(world, own.state, role, name=f"{role} who signed in long ago", signed_in=STALE)
        yield person(world, own.state, role, name=f"{role} without a second factor", two_factors=False)
    near = world.person(own.state, Role.CONTRIBUTOR, agency=own.agency)
    far = world.person(own.state, Role.CONTRIBUTOR, sites=["FAR-AWAY"])
    for client, reaches in ((near, True), (far, False)):
        name = f"contributor {'in' if reaches else 'out of'} reach"
        roles = frozenset({Role.CONTRIBUTOR})
        yield Principal(name, client, own.state, roles, reaches=reaches, person=id_of(client))


def person(
    world: World,
    state: str,
    role: Role,
    *,
    name: str = "",
    signed_in: timedelta = timedelta(),
    two_factors: bool = True,
) -> Principal:
    """Somebody with one role, who signed in so long ago."""
    client = world.person(state, role, signed_in=datetime.now(UTC) - signed_in, two_factors=two_factors)
    roles = frozenset({role})
    return Principal(
        name or role, client, state, roles, signed_in=signed_in, two_factors=two_factors, person=id_of(client)
    )


def again(world: World, principal: Principal) -> Principal:
    """The same, who has signed in anew: their session was ended."""
    assert principal.state is not None
    ago, two_factors = principal.signed_in, principal.two_factors
    client = world.bearer(session(world, principal.state, principal.person, ago, two_factors=two_factors))
    return replace(principal, client=client)


def id_of(client: TestClient) -> str:
    """The id in what somebody calls with; of a person that was made for a test it is their own."""
    return str(client.headers["authorization"]).split("_")[2]


def session(
    world: World,
    state: str,
    of: str,
    ago: timedelta = timedelta(),
    lasts: timedelta = timedelta(hours=8),
    *,
    two_factors: bool = True,
) -> str:
    """A session of somebody, begun so long ago and in use since."""
    credential, now = keys.new("sts", state), datetime.now(UTC)
    secret, began = keys.digest(credential.secret), now - ago
    row = people_store.NewSession(state, credential.id, of, secret, began, two_factors, now, began + lasts)
    with world.database.transaction(writes=True, state=state) as connection:
        people_store.add_session(connection, row)
    return keys.write(credential)


def let_in_nowhere(world: World, state: str) -> Mapping[str, TestClient]:
    """Nobody, and whoever comes with what opens nothing."""
    bad = {**bad_keys(world, state), **bad_sessions(world, state)}
    nobody = world.bearer("")
    del nobody.headers["authorization"]
    return {"nobody": nobody, **{name: world.bearer(text) for name, text in bad.items()}}


def bad_keys(world: World, state: str) -> Mapping[str, str]:
    """Misformed, with a wrong checksum, unknown, with another secret, of another state, revoked, expired."""
    now = datetime.now(UTC)
    good, revoked = world.key(state), world.key(state)
    known = keys.read(good)
    assert known is not None
    with world.database.transaction(writes=True, state=state) as connection:
        revoke_key(connection, state, revoked.split("_")[2], now=now)
        before = now - timedelta(days=31)
        expired = create_key(connection, state, "old", scopes=EVERY_SCOPE, days=30, now=before)
    return {
        "misformed key": good[:-1],
        "key with a wrong checksum": good[:-1] + ("0" if good[-1] != "0" else "1"),
        "unknown key": keys.write(replace(known, id="aaaaaaaaaa")),
        "key with another secret": keys.write(replace(known, secret="0" * keys.SECRET_LENGTH)),
        "key of another state": keys.write(replace(known, state="QZB")),
        "key as a session": keys.write(replace(known, kind="sts")),
        "revoked key": revoked,
        "expired key": expired,
    }


def bad_sessions(world: World, state: str) -> Mapping[str, str]:
    """Expired, ended, not used for long, and of somebody who was disabled."""
    expired, ended, unused, disabled = (id_of(world.person(state, Role.COORDINATOR)) for _ in range(4))
    idle = session(world, state, unused)
    old = session(world, state, expired, timedelta(hours=2), timedelta(hours=1))
    over, off = (session(world, state, one, timedelta()) for one in (ended, disabled))
    now, table, sessions = datetime.now(UTC), Person.__table__, PersonSession.__table__
    with world.database.transaction(writes=True, state=state) as connection:
        people_store.end_session(connection, state, over.split("_")[2], at=now)
        connection.execute(update(table).where(table.c.state == state, table.c.id == disabled).values(disabled_at=now))
        before = update(sessions).where(sessions.c.state == state, sessions.c.id == idle.split("_")[2])
        connection.execute(before.values(seen_at=now - IDLE))
    bad = {"expired session": old, "ended session": over, "session that was not used": idle}
    return {**bad, "session of somebody disabled": off}
