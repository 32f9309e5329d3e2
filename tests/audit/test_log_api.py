"""A state's log as its auditor reads it: pages, filters, exports; and every reading is in it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from conftest import World
from service.access.policy import Role, Scope
from service.audit import store
from service.audit.chain import Deed
from service.db.access_tables import AuditEvent, Person
from stocktake import verify, verify_files
from stocktake.models.log import Log

URL = "/v1/states/QZA/log"
ME, OTHER = "key:aaaaaaaaaa", "person:bbbbbbbbbb"


def at(day: int) -> datetime:
    return datetime(2026, 5, day, 12, tzinfo=UTC)


@pytest.fixture
def auditor(world: World) -> TestClient:
    """An auditor of a state with nine events: one a day, by two in turn."""
    with world.database.transaction(writes=True, state="QZA") as connection:
        for day in range(1, 10):
            action = "answer.write" if day % 3 else "site.write"
            deed = Deed(ME if day % 2 else OTHER, action, f"/v1/things/{'A' if day < 5 else 'a%b_c'}/{day}")
            store.append(connection, "QZA", deed, at(day))
    return world.person("QZA", Role.AUDITOR)


def listed(caller: TestClient, limit: int = 200, **params: str) -> Iterator[dict[str, Any]]:
    """Every event of the list, page by page."""
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        answer = caller.get(URL, params={"limit": str(limit), **params, **more})
        assert answer.status_code == 200, answer.text
        yield from answer.json()["items"]
        if (cursor := answer.json()["next"]) is None:
            return


def numbers(caller: TestClient, limit: int = 200, **params: str) -> list[int]:
    return [int(event["number"]) for event in listed(caller, limit, **params)]


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_a_list_has_an_end_although_every_page_of_it_is_an_event(auditor: TestClient, limit: int) -> None:
    assert numbers(auditor, limit) == list(range(1, 10))
    pages = -(-9 // limit)
    assert numbers(auditor) == list(range(1, 10 + pages))


def test_reading_the_log_is_in_the_log(auditor: TestClient) -> None:
    assert auditor.get(URL).status_code == 200
    *_, last = listed(auditor)
    assert (last["number"], last["action"], last["subject"]) == (10, "log.read", URL)
    assert re.fullmatch("person:[a-z0-9]{10}", last["actor"])


def test_events_are_found_by_action_actor_subject_and_time(auditor: TestClient) -> None:
    assert numbers(auditor, action="site.write") == [3, 6, 9]
    assert numbers(auditor, actor=OTHER) == [2, 4, 6, 8]
    assert numbers(auditor, subject="/v1/things/A/") == [1, 2, 3, 4]  # not those of a small letter
    assert numbers(auditor, subject="/v1/things/a%b_c") == [5, 6, 7, 8, 9]
    assert numbers(auditor, subject="/v1/things/a%") == [5, 6, 7, 8, 9]
    assert numbers(auditor, subject="/v1/th%") == []
    span: dict[str, Any] = {"from": "2026-05-03T12:00:00Z", "to": "2026-05-05T12:00:00Z"}
    assert numbers(auditor, **span) == [3, 4]
    assert numbers(auditor, 1, action="answer.write", actor=ME, to="2026-05-08T00:00:00Z") == [1, 5, 7]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from", "yesterday"), ("from", "1900000000"), ("to", "2026-05-01T12:00:00"), ("to", "2026-02-30T00:00:00Z"),
        ("limit", "0"), ("limit", "201"), ("cursor", "WyJhIiwiYiJd"), ("cursor", "x"), ("actors", ME),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_refused_and_leaves_nothing(auditor: TestClient, name: str, value: str) -> None:
    assert auditor.get(URL, params={name: value}).status_code == 422
    assert numbers(auditor) == list(range(1, 10))


def test_who_may_read_it(world: World, auditor: TestClient) -> None:
    for role in (Role.AUDITOR, Role.COORDINATOR, Role.APPROVER):
        assert world.person("QZA", role).get(URL).status_code == 200
    for role in (Role.CONTRIBUTOR, Role.VALIDATOR, Role.OPERATOR, Role.SECRETARIAT):
        assert world.person("QZA", role).get(URL).status_code == 403
    assert world.caller("QZA", frozenset({Scope.LOG})).get(URL).status_code == 200
    assert world.caller("QZA", frozenset(Scope) - {Scope.LOG}).get(URL).status_code == 403
    for path in (URL, f"{URL}/export"):
        assert world.person("QZB", Role.AUDITOR).get(path).status_code == 404
    with world.database.transaction(writes=False, state="QZB") as connection:
        theirs = store.listed(connection, "QZB", after=0, most=9)
    assert [(event.action, event.subject) for event in theirs] == [
        ("refused:log.read", URL), ("refused:log.read", f"{URL}/export"),
    ]  # fmt: skip


def test_what_was_refused_is_found(world: World, auditor: TestClient) -> None:
    tool = world.caller("QZA", frozenset({Scope.READ}))
    assert (
        tool.put("/v1/states/QZA/sites/R1", json={"name": "n", "type": "rail"}, headers={"if-match": "*"}).status_code
        == 403
    )
    assert tool.get(URL).status_code == 403
    assert numbers(auditor, action="refused") == [10, 11]
    assert numbers(auditor, action="refused:site.write") == [10]
    assert numbers(auditor, action="site.write") == [3, 6, 9]
    for part in ("refuse", "refused:", "refused:site", "site", "REFUSED"):
        assert numbers(auditor, action=part) == []


def test_a_log_holds_its_own_states_events_only(world: World, auditor: TestClient) -> None:
    with world.database.transaction(writes=True, state="QZB") as connection:
        store.append(connection, "QZB", Deed(ME, "answer.write", "/v1/theirs"), at(1))
    assert {event["subject"] for event in listed(auditor)} & {"/v1/theirs"} == set()
    assert b"theirs" not in auditor.get(f"{URL}/export").content
    other = world.person("QZB", Role.AUDITOR).get("/v1/states/QZB/log").json()["items"]
    assert [event["subject"] for event in other] == ["/v1/theirs"]


# ── exports ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_export_verifies_and_holds_the_event_of_its_own_making(auditor: TestClient) -> None:
    answer = auditor.get(f"{URL}/export")
    assert answer.headers["content-type"] == "application/json"
    log = Log.model_validate_json(answer.content)
    assert rfc8785.dumps(answer.json()) == answer.content
    assert [event.number for event in log.events] == list(range(1, 11))
    assert (log.events[-1].action, log.events[-1].subject) == ("log.read", f"{URL}/export")
    found = verify(answer.content)
    assert (found.kind, found.outcome, found.wrong) == ("log", "verified", ())
    assert verify(answer.content.replace(b"site.write", b"site.wrote", 1)).outcome == "wrong"


def test_parts_of_an_export_join(auditor: TestClient) -> None:
    parts, after = {}, 0
    while True:
        answer = auditor.get(f"{URL}/export", params={"after": after, "limit": 4})
        assert answer.status_code == 200
        parts[f"{after}.json"] = answer.content
        events = Log.model_validate_json(answer.content).events
        assert events[0].number == after + 1
        if len(events) < 4:
            break
        after = events[-1].number
    assert len(parts) == 4  # nine events and one for each part: 1 to 4, 5 to 8, 9 to 12, and 13
    found = verify_files(parts)
    assert (found.outcome, found.together) == ("verified", ())


def test_after_the_last_event_there_is_the_export_itself_and_then_nothing(auditor: TestClient) -> None:
    (event,) = Log.model_validate_json(auditor.get(f"{URL}/export", params={"after": 9}).content).events
    assert event.number == 10
    answer = auditor.get(f"{URL}/export", params={"after": 11})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"at": "query:after", "detail": "the log ends with event 10"}]
    assert numbers(auditor)[-1] == 10  # what was refused left nothing
    for wrong in ({"limit": "0"}, {"limit": "10001"}, {"after": "-1"}, {"after": "x"}):
        assert auditor.get(f"{URL}/export", params=wrong).status_code == 422


def test_a_state_of_which_nothing_is_logged_exports_one_event(world: World) -> None:
    log = Log.model_validate_json(world.person("QZB", Role.AUDITOR).get("/v1/states/QZB/log/export").content)
    assert [(event.number, event.previous) for event in log.events] == [(1, "0" * 64)]


# ── erasing somebody ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_somebody_can_be_erased_and_the_log_still_verifies(world: World, auditor: TestClient) -> None:
    assert auditor.get(URL).status_code == 200
    *_, mine = listed(auditor)
    with world.database.transaction(writes=True, state="QZA") as connection:
        nobody = {"login": None, "name": None, "password": None, "issuer": None, "subject": None}
        person = Person.__table__
        this = person.c.id == mine["actor"].removeprefix("person:")
        gone = connection.execute(update(person).where(this).values(**nobody, disabled_at=datetime.now(UTC)))
        assert gone.rowcount == 1
        assert store.verified(connection, "QZA") == (11, [])
    assert auditor.get(URL).status_code == 401
    export = world.person("QZA", Role.AUDITOR).get(f"{URL}/export").content
    assert verify(export).outcome == "verified"
    assert mine["actor"].encode() in export


def test_no_event_is_entered_beside_the_chain_unseen(world: World, auditor: TestClient) -> None:
    with world.database.transaction(writes=True, state="QZA") as connection:
        row = {"state": "QZA", "number": 10, "at": "2026-05-10T12:00:00.000000Z", "actor": ME, "action": "x"}
        row |= {"subject": "/v1/x", "previous": "0" * 64, "hash": "1" * 64}
        connection.execute(insert(AuditEvent.__table__), row)
        number, faults = store.verified(connection, "QZA")
    assert (number, faults) == (
        10,
        [
            "event 10 is not bound to the one before",
            "event 10 is not what was hashed",
            "the log ends at event 10, its head says 9",
        ],
    )
