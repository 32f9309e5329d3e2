"""The service writes a log and the SDK verifies it, each with its own words for the same form."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785

from service.audit.chain import NOTHING, Deed, Event, event
from stocktake import Event as WireEvent
from stocktake import Log, verify

MOMENTS = (
    datetime(2026, 11, 26, 10, 11, 12, 345_678, tzinfo=UTC),
    datetime(2026, 11, 26, 10, 11, 13, tzinfo=UTC),
    datetime(2026, 11, 26, 13, 11, 14, 500_000, tzinfo=timezone(timedelta(hours=3))),
)
"""With microseconds, without any, and told in another zone."""


def written() -> list[Event]:
    """Events as the service writes them."""
    found: list[Event] = []
    for number, at in enumerate(MOMENTS):
        deed = Deed("key:6gtzyay9rv", "answer.write", f"/v1/assessments/x/answers/p9.q?site=É{number}")
        last = (found[-1].number, found[-1].hash) if found else (0, NOTHING)
        found.append(event("QZA", deed.saying(bytes(32), b"no") if number else deed, at, last))
    return found


def log(events: list[Event]) -> bytes:
    """A log export, made through the wire models as an answer of the service is."""
    lines = [WireEvent.model_validate(asdict(one)) for one in events]
    return rfc8785.dumps(Log(format="stocktake/log/1", state="QZA", events=lines).model_dump(mode="json"))


def test_what_the_service_writes_the_sdk_verifies() -> None:
    events = written()
    found = verify(log(events), expected=events[-1].hash)
    assert (found.outcome, found.wrong) == ("verified", ())


@pytest.mark.parametrize("place", range(len(MOMENTS)))
def test_an_event_bent_in_the_database_is_found(place: int) -> None:
    events = written()
    lines = [{**asdict(one), "actor": "operator"} if at == place else asdict(one) for at, one in enumerate(events)]
    found = verify(log([Event(**line) for line in lines]))
    assert [(one.code, one.at) for one in found.wrong] == [("wrong_hash", f"/events/{place}/hash")]
