"""The form of a log: what an event is hashed of, and that no change goes unseen."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from itertools import pairwise

import pytest
import rfc8785

from service.audit.chain import NOTHING, Deed, Event, event, faults, moment

AT = datetime(2026, 11, 26, 10, 11, 12, 345678, tzinfo=UTC)


def chained(many: int) -> list[Event]:
    found: list[Event] = []
    last = (0, NOTHING)
    for number in range(many):
        deed = Deed("key:aaaaaaaaaa", "answer.write", f"/v1/x/{number}").saying(b"salt", b"said")
        found.append(event("QZA", deed, AT + timedelta(seconds=number), last))
        last = (found[-1].number, found[-1].hash)
    return found


def test_an_event_is_hashed_as_written_down() -> None:
    (first,) = chained(1)
    members: dict[str, str | int] = {
        "state": "QZA", "number": 1, "at": "2026-11-26T10:11:12.345678Z", "actor": "key:aaaaaaaaaa",
        "action": "answer.write", "subject": "/v1/x/0", "digest": sha256(b"saltsaid").hexdigest(), "previous": "0" * 64,
    }  # fmt: skip
    assert first.hash == sha256(rfc8785.dumps(members)).hexdigest()


def test_events_are_numbered_from_one_and_bound_to_one_another() -> None:
    events = chained(5)
    assert [one.number for one in events] == [1, 2, 3, 4, 5]
    assert all(later.previous == earlier.hash for earlier, later in pairwise(events))
    assert faults("QZA", events) == []
    assert faults("QZA", events[2:], (2, events[1].hash)) == []


@pytest.mark.parametrize("name", ["at", "actor", "action", "subject", "digest", "previous", "hash"])
def test_no_change_of_an_event_goes_unseen(name: str) -> None:
    for place in range(3):
        events = chained(3)
        events[place] = Event(**{**asdict(events[place]), name: "0" * 63 + "1"})
        assert faults("QZA", events)


def test_nothing_is_left_out_put_in_or_moved_unseen() -> None:
    events = chained(4)
    assert faults("QZA", events[1:])
    assert faults("QZA", [events[0], *events[2:]])
    assert faults("QZA", [events[0], events[2], events[1], events[3]])
    assert faults("QZA", [*events[:2], *events[1:]])
    assert faults("QZB", events)  # another state's


def test_moments_are_written_in_one_way() -> None:
    assert moment(AT.replace(microsecond=0)) == "2026-11-26T10:11:12.000000Z"
    assert moment(AT.astimezone(timezone(timedelta(hours=5)))) == moment(AT)
