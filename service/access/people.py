"""Letting people in, giving and taking their roles, and letting them go."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection

from service.access import keys, passwords, people_store, store
from service.access.policy import Action, Grant, Role, grantable
from service.audit import store as log
from service.audit.chain import Deed
from service.db.types import Record
from service.errors import Conflict, Forbidden, Invalid, NotFound, Place
from service.languages.words import mark
from stocktake.models.people import Grant as GrantView
from stocktake.models.people import GrantEntry, Invitation, NewPerson, Person, PersonEntry

WAITS = timedelta(days=7)
"""How long a one-time password opens."""

_OF_A_PERSON = ("login", "name", "password", "one_time_until", "factor", "factor_step", "issuer", "subject")
"""What an account holds of its owner."""


class PersonExists(Conflict):
    """The login, or who somebody is at the identity provider, is taken."""

    code = "person_exists"
    title = mark("There is somebody with this login")


class NotOneself(Forbidden):
    """Nobody raises, keeps or ends themselves."""

    code = "not_oneself"
    title = mark("Somebody else has to do this")


@dataclass(frozen=True, slots=True)
class People:
    """The people of one state, changed by one caller in one transaction."""

    connection: Connection
    state: str
    by: str
    """``person:…`` or ``operator``; it stands in the log."""
    roles: frozenset[Role]
    """The roles this caller may give here."""
    now: datetime

    def listed(self, *, after: str, most: int) -> list[Person]:
        rows = people_store.page(self.connection, self.state, after=after, most=most)
        granted = people_store.grants(self.connection, self.state, [row.id for row in rows])
        return [_person(row, granted.get(row.id, [])) for row in rows]

    def get(self, person: str) -> Person:
        row = people_store.one(self.connection, self.state, person)
        if row is None:
            raise _nobody()
        return _person(row, people_store.grants(self.connection, self.state, [person]).get(person, []))

    def invite(self, new: NewPerson) -> Invitation:
        """Let somebody in; who comes with a password gets one for the first sign-in, which is returned this once."""
        through_provider = new.issuer is not None and new.subject is not None
        if (new.login is None) != through_provider or (new.issuer is None) != (new.subject is None):
            raise Invalid.at(Place("/login", "give either a login, or an issuer and a subject"))
        if new.issuer is not None:
            self._require_bound(new.issuer)
        password, kept = (None, None) if through_provider else passwords.one_time()
        row = {
            "state": self.state,
            "id": keys.new_id(),
            **new.model_dump(),
            "password": kept,
            "one_time_until": None if through_provider else self.now + WAITS,
            "created_at": self.now,
            "version": 1,
        }
        if not people_store.add(self.connection, row):
            raise PersonExists("There is somebody here already who signs in like this; look at the list of people.")
        return Invitation(person=self.get(str(row["id"])), one_time_password=password)

    def renew_password(self, person: str) -> Invitation:
        """Give somebody a password for their next sign-in, in the place of theirs; their sessions end.

        Their second factor is gone too: it was kept under the old password, and a lost device is mended like this.
        """
        self._require_other(person)
        standing = self._standing(person)
        if standing.login is None:
            raise Conflict("They sign in at an identity provider, which has their password.")
        password, kept = passwords.one_time()
        anew = {"password": kept, "one_time_until": self.now + WAITS, "factor": None, "factor_step": None}
        self._write(standing, None, **anew)
        people_store.end_sessions(self.connection, self.state, person, at=self.now)
        return Invitation(person=self.get(person), one_time_password=password)

    def change(self, person: str, entry: PersonEntry, replaces: int | None) -> Person:
        """Rename, disable or enable somebody. Who is disabled loses sessions and keys at once."""
        if entry.disabled:
            self._require_other(person)
        standing = self._standing(person)
        since = (standing.disabled_at or self.now) if entry.disabled else None
        self._write(standing, replaces, name=entry.name, disabled_at=since)
        if entry.disabled:
            people_store.end_sessions(self.connection, self.state, person, at=self.now)
            self._end_keys(person, frozenset())
        return self.get(person)

    def erase(self, person: str, replaces: int | None) -> None:
        """Empty somebody's record. The id stays, beside what they did; nothing tells any more who it was."""
        self._require_other(person)
        standing = self._standing(person)
        emptied = dict.fromkeys(_OF_A_PERSON)
        self._write(standing, replaces, disabled_at=self.now, **emptied)
        people_store.take_roles(self.connection, self.state, person)
        people_store.end_sessions(self.connection, self.state, person, at=self.now)
        self._end_keys(person, frozenset())

    def grant(self, person: str, role: Role, entry: GrantEntry, replaces: int | None) -> Person:
        """Give a role, or change what it reaches."""
        self._require_other(person)
        self._require_given(role)
        grant = Grant(role, entry.agency, frozenset(entry.sections), frozenset(entry.sites))
        self._require_reach(grant)
        self._write(self._standing(person), replaces)
        people_store.give_role(self.connection, self.state, person, grant, at=self.now, by=self.by)
        return self.get(person)

    def take(self, person: str, role: Role, replaces: int | None) -> Person:
        """Take a role away; keys that need it end with it."""
        self._require_other(person)
        self._require_given(role)
        self._write(self._standing(person), replaces)
        if not people_store.take_role(self.connection, self.state, person, role):
            raise NotFound("They do not have this role.")
        left = self.get(person)
        self._end_keys(person, frozenset(Role(one.role) for one in left.roles))
        return left

    def _standing(self, person: str) -> Record:
        """The person, held until the transaction ends; who was erased is nobody."""
        row = people_store.held(self.connection, self.state, person)
        if row is None or (row.login is None and row.subject is None):
            raise _nobody()
        return row

    def _write(self, standing: Record, replaces: int | None, **changes: object) -> None:
        row = {name: value for name, value in standing._mapping.items() if name != "version"}
        people_store.PEOPLE.put(self.connection, {**row, **changes}, standing.version if replaces is None else replaces)

    def _end_keys(self, person: str, roles: frozenset[Role]) -> None:
        """End the keys they made that they could not make any more; each is an event of its own."""
        mine = grantable(roles)
        made = store.made_by(self.connection, self.state, f"person:{person}", now=self.now)
        ended = [row.id for row in made if not store.scopes_of(row.scopes) <= mine]
        if ended:
            store.revoke_keys(self.connection, self.state, ended, at=self.now)
        for key in ended:
            deed = Deed(self.by, Action.KEY_WRITE, f"/v1/states/{self.state}/keys/{key}")
            log.append(self.connection, self.state, deed, self.now)

    def _require_other(self, person: str) -> None:
        if self.by == f"person:{person}":
            raise NotOneself("Nobody does this to their own account; ask another coordinator, or the operator.")

    def _require_given(self, role: Role) -> None:
        if role not in self.roles:
            raise Forbidden("The roles you give and take here are {roles}.", roles=", ".join(sorted(self.roles)))

    def _require_reach(self, grant: Grant) -> None:
        """A contributor reaches something that there is; every other role is for the whole state."""
        reaches = grant.agency is not None or grant.sections or grant.sites
        if grant.role is not Role.CONTRIBUTOR:
            if reaches:
                raise Invalid.at(Place("", "only a contributor's role is bound to an agency, to sections or to sites"))
            return
        if not reaches:
            raise Invalid.at(Place("/agency", "say what a contributor reaches: an agency, sections or sites"))
        if grant.agency is not None and not people_store.has_agency(self.connection, self.state, grant.agency):
            raise Invalid.at(Place("/agency", "there is no agency {agency}; enter it first", agency=grant.agency))
        known = people_store.known_sites(self.connection, self.state, grant.sites) if grant.sites else frozenset()
        for site in sorted(grant.sites - known):
            raise Invalid.at(Place("/sites", "there is no site {site}; enter it first", site=site))

    def _require_bound(self, issuer: str) -> None:
        """Another state's provider is as one that nobody entered."""
        row = store.find_issuer(self.connection, issuer)
        if row is None or row.bound_to != self.state:
            raise Invalid.at(Place("/issuer", "no such identity provider is bound to you; the operator enters it"))


def _person(row: Record, granted: list[Record]) -> Person:
    shown = {name: row._mapping[name] for name in Person.model_fields if name in row._mapping}
    return Person(
        **shown,
        disabled=row.disabled_at is not None,
        second_factor=row.factor is not None,
        roles=[
            GrantView(
                role=one.role,
                agency=one.agency,
                sections=orjson.loads(one.sections),
                sites=orjson.loads(one.sites),
                granted_at=one.granted_at,
                granted_by=one.granted_by,
            )
            for one in granted
        ],
    )


def _nobody() -> NotFound:
    return NotFound("There is no such person.")
