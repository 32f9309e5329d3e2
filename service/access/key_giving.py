"""Giving out keys: by somebody who may do as much, each in the place of at most one other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from service.access import keys, people_store, store, usecases
from service.access.policy import Principal, Scope, grantable
from service.db.types import Record
from service.errors import Conflict, Forbidden, NotFound
from service.languages.words import mark
from stocktake.models.keys import Key, KeyEntry, NewKey, Rotation


class TwoActive(Conflict):
    """A key and the one that takes over from it open both; a third would be one too many."""

    code = "two_keys_active"
    title = mark("Two keys of this line are active")


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives keys: whose they are from then on, and the scopes they have to give."""

    person: str
    scopes: frozenset[Scope]


OPERATOR = Giver(usecases.OPERATOR, frozenset(Scope))


def giver(connection: Connection, principal: Principal) -> Giver:
    """The person who gives a key, held until the transaction ends: what they lose meanwhile they lose after it."""
    person = principal.id.removeprefix("person:")
    row = people_store.held(connection, principal.state, person)
    if row is None or row.disabled_at is not None:
        return Giver(principal.person, frozenset())
    roles = (grant.role for grant in store.grants(connection, principal.state, person))
    return Giver(principal.person, grantable(roles))


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one state, in one transaction."""

    connection: Connection
    state: str
    now: datetime

    def listed(self, *, after: str, most: int) -> list[Key]:
        return [_key(row) for row in store.keys(self.connection, self.state, after=after, most=most)]

    def create(self, entry: KeyEntry, by: Giver) -> NewKey:
        """Make a key, which is returned whole this once."""
        scopes = frozenset(Scope(name) for name in entry.scopes)
        return self._make(entry.name, scopes, entry.days, by)

    def rotate(self, key: str, rotation: Rotation, by: Giver) -> NewKey:
        """Make the key that takes over from one, with its name and scopes; the old one ends when the overlap does."""
        old = store.hold_key(self.connection, self.state, key)
        if old is None or old.revoked_at is not None or old.expires_at <= self.now:
            raise NotFound("{state} has no key {key} that is still valid.", state=self.state, key=key)
        others = store.line(self.connection, self.state, key, old.replaces, now=self.now)
        if others:
            raise TwoActive("Beside {key}, {other} is active too; revoke one of them first.", key=key, other=others[0])
        new = self._make(old.name, store.scopes_of(old.scopes), rotation.days, by, replaces=key)
        end = min(old.expires_at, self.now + timedelta(days=rotation.overlap_days))
        store.end_key(self.connection, self.state, key, at=end)
        return new

    def revoke(self, key: str) -> None:
        """End a key; it opens nothing from the next request on."""
        usecases.revoke_key(self.connection, self.state, key, now=self.now)

    def _make(
        self, name: str, scopes: frozenset[Scope], days: int, by: Giver, *, replaces: str | None = None
    ) -> NewKey:
        if not scopes <= by.scopes:
            raise Forbidden(
                "You give a key only what is all yours, {mine}; {beyond} is not.",
                mine=" ".join(sorted(by.scopes)) or "-",
                beyond=" ".join(sorted(scopes - by.scopes)),
            )
        text = usecases.create_key(
            self.connection, self.state, name, scopes=scopes, days=days, now=self.now, by=by.person, replaces=replaces
        )
        made = keys.read(text)
        row = None if made is None else store.key(self.connection, self.state, made.id)
        if row is None:
            raise LookupError("the key just made is not there")
        return NewKey(key=_key(row), secret=text)


def _key(row: Record) -> Key:
    return Key.model_validate({**row._mapping, "scopes": row.scopes.split()})
