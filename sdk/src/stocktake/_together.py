"""What must hold between files of one state: revisions follow one another, approvals stand in the log. Pure."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from stocktake._finding import Finding
from stocktake.models.log import Log
from stocktake.models.snapshot import Sealed


def check(sealed: Mapping[str, Sealed], logs: Mapping[str, Log]) -> Iterator[Finding]:
    """All that the files say against each other, by the name of the file it is said of."""
    yield from revisions(sealed)
    yield from one_log(logs)
    if logs:
        yield from approvals(sealed, logs)


def revisions(sealed: Mapping[str, Sealed]) -> Iterator[Finding]:
    """There is one file of each revision, and each replaces the one before."""
    for (_, one), (name, other) in combinations(sorted(sealed.items(), key=_revision), 2):
        if one.snapshot.export.assessment.id != other.snapshot.export.assessment.id:
            continue
        number = other.snapshot.revision
        if one.snapshot.revision == number and one.digest != other.digest:
            detail = f"Revision {number} of this assessment is given twice, with different content."
            yield Finding("two_contents", name, detail)
        if one.snapshot.revision + 1 == number and other.snapshot.replaces != one.digest:
            detail = f"Revision {number} replaces another content than the revision {number - 1} that is given."
            yield Finding("other_predecessor", name, detail)


def one_log(logs: Mapping[str, Log]) -> Iterator[Finding]:
    """Parts of one state's log agree where they overlap, and join where one follows the other."""
    for (_, one), (name, other) in combinations(sorted(logs.items(), key=_beginning), 2):
        if one.state != other.state:
            continue
        known = {event.number: event.hash for event in one.events}
        forked = next((e.number for e in other.events if known.get(e.number, e.hash) != e.hash), None)
        if forked is not None:
            detail = (
                f"Event {forked} is another one than in the other part of this state's log: one of them is not true."
            )
            yield Finding("fork", name, detail)
        first = other.events[0]
        if first.number not in known and known.get(first.number - 1, first.previous) != first.previous:
            detail = f"Event {first.number} is not bound to event {first.number - 1} of the other part of the log."
            yield Finding("broken_link", name, detail)


def approvals(sealed: Mapping[str, Sealed], logs: Mapping[str, Log]) -> Iterator[Finding]:
    """The approval of each sealed file stands in the log of its state."""
    events = {(log.state, event.number): event for log in logs.values() for event in log.events}
    for name, one in sealed.items():
        entered = events.get((one.state, one.event.number))
        if entered is None:
            detail = (
                f"The approval, event {one.event.number} of {one.state}, is not in the part of the log that is given."
            )
            yield Finding("not_in_log", name, detail)
        elif entered.hash != one.event.hash:
            detail = f"In the log, event {one.event.number} of {one.state} is something else than this approval."
            yield Finding("other_in_log", name, detail)


def _revision(item: tuple[str, Sealed]) -> tuple[int, str]:
    return item[1].snapshot.revision, item[0]


def _beginning(item: tuple[str, Log]) -> tuple[int, str]:
    return item[1].events[0].number, item[0]
