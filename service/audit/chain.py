"""The form of a state's log: events in a row, each bound to the one before by its hash. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Self

import orjson

NOTHING = "0" * 64
"""What the first event names as the hash before it."""
REFUSED = "refused"
"""Stands before the action, with a colon, where it was asked for by somebody who may not: ``refused:answer.write``."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is to be logged: who did what to which thing, and the digest of what was said."""

    actor: str
    """``key:…``, ``person:…`` or ``operator``; of another tenant with its code before: ``XSG/person:…``."""
    action: str
    subject: str
    """The address of the thing, without values."""
    digest: str | None = None
    salt: str | None = None
    """What the digest was salted with; it stays in the database."""

    def saying(self, salt: bytes, content: bytes) -> Self:
        """The same deed with the digest of what was said, which only who has the salt can compare with a guess."""
        return replace(self, digest=sha256(salt + content).hexdigest(), salt=salt.hex())


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a state's log, as it is hashed and given out."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    digest: str | None
    previous: str
    hash: str


_HASHED = tuple(name for name in Event.__slots__ if name != "hash")


def event(state: str, deed: Deed, at: datetime, last: tuple[int, str]) -> Event:
    """The event that follows the last one, which is given by its number and hash."""
    number, previous = last
    said = (deed.actor, deed.action, deed.subject, deed.digest)
    unhashed = Event(number + 1, moment(at), *said, previous, "")
    return replace(unhashed, hash=hashed(state, unhashed))


def hashed(state: str, one: Event) -> str:
    """SHA-256 of the canonical JSON (RFC 8785) of an event, its own hash left out, with the state it belongs to."""
    content = {name: getattr(one, name) for name in _HASHED} | {"state": state}
    # Of texts and whole numbers under ASCII names this is RFC 8785, at a tenth of the time
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def faults(state: str, events: list[Event], last: tuple[int, str] = (0, NOTHING)) -> list[str]:
    """What is wrong with events that follow the last one: a gap, a broken link, another content."""
    found = []
    for one in events:
        if one.number != last[0] + 1:
            found.append(f"event {one.number} follows event {last[0]}")
        if one.previous != last[1]:
            found.append(f"event {one.number} is not bound to the one before")
        if one.hash != hashed(state, one):
            found.append(f"event {one.number} is not what was hashed")
        last = (one.number, one.hash)
    return found


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds, as answers write it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
