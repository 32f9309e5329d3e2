"""What belongs to another state is answered as what does not exist: the same status, body, headers, and as fast."""

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter, sleep
from uuid import UUID, uuid4

import pytest
from httpx2 import Response
from sqlalchemy import Connection
from starlette.testclient import TestClient

import service.access.api
from conftest import World
from route_calls import ANY, SITE_QUESTION, Holding, ask, example, fill, owned, who_may
from service.access.api import declared_actions
from service.access.policy import Principal, require_own
from service.assessments import store
from service.db.types import Record
from service.errors import NotFound

OWN, OTHER = "QZA", "QZB"
PAIRS = int(os.environ.get("PAIRS", "60"))
"""Requests for something foreign, each with one for something that is not there; 500 by ``make pairs``."""
MOST = 0.002
"""Seconds by which the two may differ in the median."""


@dataclass(frozen=True)
class Two:
    """Two full states; one of them asks."""

    world: World
    caller: TestClient
    own: Holding
    other_caller: TestClient
    other: Holding


@pytest.fixture
def two(world: World) -> Two:
    caller, own = fill(world, OWN, "ownmark")
    other_caller, other = fill(world, OTHER, "othermark")
    return Two(world, caller, own, other_caller, other)


def nowhere(of: Holding) -> Holding:
    """What does not exist at all."""
    no_id = str(uuid4())
    gone = replace(of, state="QZZ", assessment=no_id, earlier=str(uuid4()), site="NOSUCH", agency="NOSUCH")
    return replace(gone, signed=no_id, share=no_id, copy=no_id, person="zzzzzzzzzz", key="zzzzzzzzzz")


def told(answer: Response) -> tuple[int, Mapping[str, object], Mapping[str, str]]:
    """All of an answer but the request's own id."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, {**answer.json(), "request_id": ""}, headers


def told_apart(two: Two, headers: Mapping[str, str]) -> list[str]:
    """The routes whose answer tells another state's things from things that are not there."""
    found = []
    for (method, path), action in declared_actions(two.world.app).items():
        if owned(path):
            caller = who_may(two.world, two.caller, action, path, two.own)
            sent = example(method, path, two.other)
            kept = {} if any(name.startswith("if-") for name in headers) else sent.headers
            content = {name: value for name, value in sent.headers.items() if name == "content-type"}
            sent = replace(sent, headers={**kept, **content, **headers})
            theirs, none = (ask(caller, method, path, of, sent) for of in (two.other, nowhere(two.other)))
            if told(theirs) != told(none) or theirs.status_code != 404:
                found.append(f"{method} {path}: {theirs.status_code} {theirs.text} {none.status_code} {none.text}")
    return found


SENT: tuple[Mapping[str, str], ...] = (
    {},
    {"if-match": '"1"'},
    {"if-match": '"9"'},
    {"if-none-match": "*"},
    {"idempotency-key": "k"},
    {"accept-language": "ar"},
)


def test_another_states_things_are_as_if_they_did_not_exist(two: Two) -> None:
    assert [found for headers in SENT for found in told_apart(two, headers)] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_that_tells_is_seen(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.access.api, "require_own", _talkative)
    assert any("/v1/states/{state}/sites" in found for found in told_apart(two, {}))


def _talkative(principal: Principal, state: str) -> None:
    if state == OTHER:
        raise NotFound("That state's things are not yours.")
    require_own(principal, state)


def test_another_states_names_inside_ones_own_requests_are_as_if_they_did_not_exist(two: Two) -> None:
    """Ids in query and body: sites, agencies, assessments."""
    caller, own, other = two.caller, two.own, two.other
    asked = f"/v1/assessments/{own.assessment}/answers/{SITE_QUESTION}"

    def tried(site: str, agency: str, assessment: str) -> list[str]:
        entry = {"name": "S", "type": "rail", "agency": agency}
        rows = {"rows": [{"question": SITE_QUESTION, "site": site, "value": "find"}]}
        proposal = f"/v1/assessments/{own.assessment}/proposals/{SITE_QUESTION}"
        sent = [
            caller.get(asked, params={"site": site}),
            caller.put(asked, params={"site": site}, json={"value": "find"}, headers=ANY),
            caller.delete(asked, params={"site": site}, headers=ANY),
            caller.get(asked + "/history", params={"site": site}),
            caller.get(f"/v1/assessments/{own.assessment}/questions", params={"site": site}),
            caller.get(f"/v1/assessments/{own.assessment}/questions", params={"agency": agency}),
            caller.get(f"/v1/assessments/{own.assessment}/answers", params={"site": site}),
            caller.post(f"/v1/assessments/{own.assessment}/answers", json=rows),
            caller.post(f"{proposal}/confirm", params={"site": site}),
            caller.delete(proposal, params={"site": site}),
            caller.post(f"/v1/assessments/{own.assessment}/proposals", json={"from": assessment}),
            caller.get(f"/v1/assessments/{own.assessment}/compare", params={"with": assessment}),
            caller.get(f"/v1/states/{OWN}/sites", params={"agency": agency}),
            caller.get(f"/v1/states/{OWN}/sites/{site}"),
            caller.get(f"/v1/states/{OWN}/agencies/{agency}"),
            caller.put(f"/v1/states/{OWN}/sites/NEW", json=entry, headers=ANY),
            caller.post(f"/v1/states/{OWN}/sites", json={**entry, "code": "NEW"}),
            caller.post(
                f"/v1/states/{OWN}/sites/import",
                content=f"code,name,type,agency\nNEW,S,rail,{agency}\n".encode(),
                headers={"content-type": "text/csv"},
            ),
        ]
        return [
            f"{a.status_code} " + a.text.replace(a.headers["x-request-id"], "").replace(site, "@").replace(agency, "#")
            for a in sent
        ]

    theirs, none = tried(other.site, other.agency, other.earlier), tried("NOSUCH-SITE", "NOSUCH-AGENCY", str(uuid4()))
    assert theirs == none
    assert not any(mark in "".join(theirs) for mark in other.texts())
    assert theirs != tried(own.site, own.agency, own.earlier)  # else nothing was asked


def test_an_idempotency_key_of_another_state_gives_nothing_and_takes_nothing(two: Two) -> None:
    site, key = {"code": "NEW", "name": "othermark", "type": "rail"}, {"idempotency-key": "the-same"}
    theirs = two.other_caller.post(f"/v1/states/{OTHER}/sites", json=site, headers=key)
    assert theirs.status_code == 201
    copied = two.caller.post(f"/v1/states/{OTHER}/sites", json=site, headers=key)
    absent = two.caller.post("/v1/states/QZZ/sites", json=site, headers=key)
    assert told(copied) == told(absent)
    assert copied.status_code == 404
    for answer, replayed in (
        (two.caller.post(f"/v1/states/{OWN}/sites", json={**site, "name": "ownmark"}, headers=key), False),
        (two.caller.post(f"/v1/states/{OWN}/sites", json={**site, "name": "ownmark"}, headers=key), True),
        (two.other_caller.post(f"/v1/states/{OTHER}/sites", json=site, headers=key), True),
    ):
        assert answer.status_code == 201
        assert ("idempotent-replayed" in answer.headers) is replayed
    assert "othermark" not in two.caller.get(f"/v1/states/{OWN}/sites").text


def test_a_cursor_of_another_state_opens_nothing_of_it(two: Two) -> None:
    for number in range(3):
        entry = {"name": "othermark", "type": "rail"}
        assert two.other_caller.put(f"/v1/states/{OTHER}/sites/Z{number}", json=entry, headers=ANY).is_success
    opened = set()
    for (method, path), action in declared_actions(two.world.app).items():
        sent = example(method, path, two.other) if method == "GET" else None
        if sent is None or "cursor" not in parameters(two, path):
            continue
        first = ask(
            who_may(two.world, two.other_caller, action, path, two.other),
            method,
            path,
            two.other,
            replace(sent, params={"limit": "1"}),
        )
        cursor = first.json()["next"] if first.is_success else None
        if cursor is not None and owned(path):
            answer = ask(
                who_may(two.world, two.caller, action, path, two.own),
                method,
                path,
                two.own,
                replace(sent, params={"cursor": cursor}),
            )
            assert answer.status_code == 200, answer.text
            assert not any(mark in answer.text for mark in two.other.texts()), path
            opened.add(path)
    assert len(opened) >= 3


def parameters(two: Two, path: str) -> set[str]:
    """The names of what a GET takes."""
    found = two.world.app.openapi()["paths"][path]["get"].get("parameters", [])
    return {parameter["name"] for parameter in found}


def test_a_version_of_another_states_thing_opens_nothing(two: Two) -> None:
    """A precondition is not looked at before it is clear whose the thing is."""
    address = f"/v1/assessments/{two.other.assessment}/answers/{SITE_QUESTION}"
    etag = two.other_caller.get(address, params={"site": two.other.site}).headers["etag"]
    answers = [
        two.caller.put(address, params={"site": two.other.site}, json={"value": "find"}, headers={"if-match": match})
        for match in (etag, '"77"', "*")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text.replace(answer.headers["x-request-id"], "") for answer in answers}) == 1


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TIMED = (
    ("GET", "/v1/assessments/{assessment}"),
    ("GET", "/v1/assessments/{assessment}/answers"),
    ("GET", "/v1/assessments/{assessment}/answers/{question}"),
    ("PUT", "/v1/assessments/{assessment}/answers/{question}"),
    ("POST", "/v1/assessments/{assessment}/answers"),
    ("GET", "/v1/states/{state}/sites/{code}"),
)


def difference(two: Two, method: str, path: str) -> float:
    """Seconds between the medians of foreign and absent; more pairs where few do not tell."""
    absent = nowhere(two.other)
    sent = example(method, path, two.other)
    times: dict[str, list[float]] = {two.other.state: [], absent.state: []}
    found = MOST
    for pairs in (PAIRS, 500 - PAIRS):
        for _ in range(pairs):
            for of in random.sample((two.other, absent), 2):
                before = perf_counter()
                answer = ask(two.caller, method, path, of, sent)
                times[of.state].append(perf_counter() - before)
                assert answer.status_code == 404
        found = abs(median(times[two.other.state]) - median(times[absent.state]))
        if found < MOST:
            break
    return found


def test_a_refusal_takes_as_long_whether_it_exists_or_not(two: Two) -> None:
    found = {f"{method} {path}": difference(two, method, path) for method, path in TIMED}
    print("\n".join(f"{route}: {seconds * 1000:.2f} ms" for route, seconds in found.items()))
    assert [route for route, seconds in found.items() if seconds >= MOST] == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_that_takes_longer_is_seen(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    get = store.get

    def slowly(connection: Connection, state: str, assessment: UUID) -> Record | None:
        if str(assessment) == two.other.assessment:
            sleep(2 * MOST)
        return get(connection, state, assessment)

    monkeypatch.setattr(store, "get", slowly)
    assert difference(two, *TIMED[0]) >= MOST
