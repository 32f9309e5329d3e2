"""What must hold in a state's log: numbers without a gap, and each event bound to the one before by its hash. Pure."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from stocktake._canonical import dumps
from stocktake._finding import Finding, pointer, unknown_members
from stocktake.models.log import Event, Log

BEGINNING = "0" * 64
"""What the first event of a state names as the one before."""


@dataclass(frozen=True, slots=True)
class Link:
    """An event as the file has it, its place there, and the event before in the same file."""

    state: str
    place: int
    written: JsonValue
    event: Event
    before: Event | None


def event_hash(state: str, written: JsonValue) -> str:
    """The hash of an event, computed from its members as they are written in the file."""
    members = written if isinstance(written, dict) else {}
    hashed = {name: members.get(name) for name in Event.model_fields if name != "hash"}
    return hashlib.sha256(dumps({**hashed, "state": state})).hexdigest()


def no_more_members(link: Link) -> Iterator[Finding]:
    """An event has its members and no other."""
    yield from unknown_members(link.written, Event, "events", link.place)


def no_gap(link: Link) -> Iterator[Finding]:
    """Each number is one more than that before."""
    if link.before and link.event.number != link.before.number + 1:
        detail = f"Number {link.event.number} follows number {link.before.number}: events are missing or out of order."
        yield Finding("gap", pointer("events", link.place, "number"), detail)


def bound_to_the_one_before(link: Link) -> Iterator[Finding]:
    """Each event names the hash of the event before."""
    first = BEGINNING if link.event.number == 1 else link.event.previous
    if link.event.previous != (link.before.hash if link.before else first):
        detail = f"Event {link.event.number} is not bound to the event that stands before it."
        yield Finding("broken_link", pointer("events", link.place, "previous"), detail)


def its_own_hash(link: Link) -> Iterator[Finding]:
    """The hash is that of the event's content."""
    if event_hash(link.state, link.written) != link.event.hash:
        detail = f"Event {link.event.number} was changed after it was written, or is another state's."
        yield Finding("wrong_hash", pointer("events", link.place, "hash"), detail)


CHECKS: tuple[Callable[[Link], Iterator[Finding]], ...] = (
    no_more_members,
    no_gap,
    bound_to_the_one_before,
    its_own_hash,
)


def check(written: dict[str, JsonValue], log: Log) -> Iterator[Finding]:
    """All that is wrong with a log; ``written`` is what ``log`` was read from."""
    yield from unknown_members(written, Log)
    events = written["events"]
    before: Event | None = None
    for place, event in enumerate(log.events):
        link = Link(log.state, place, events[place] if isinstance(events, list) else None, event, before)
        for checked in CHECKS:
            yield from checked(link)
        before = event
