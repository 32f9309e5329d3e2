"""What somebody may not do stands in the log of their own state: once for each refusal, and nothing else of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NoReturn

import pytest
from fastapi import APIRouter
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from conftest import UNHURRIED, World, served_by, who
from service.access.api import Guarded, Job, declares
from service.access.policy import FRESH, Action, Role, Scope
from service.app import create_app
from service.audit import store as log
from service.audit.chain import Deed, Event
from service.errors import Forbidden
from service.settings import Settings

ANY = {"if-match": "*"}
OWN, OTHER = "/v1/states/QZA", "/v1/states/QZB"
ENTRY = {"name": "n", "un_member": True, "interpol_member": True}


def events(world: World, state: str = "QZA") -> list[Event]:
    """A state's log, which is whole."""
    with world.database.transaction(writes=False, state=state) as connection:
        assert log.verified(connection, state)[1] == []
        return log.listed(connection, state, after=0, most=1000)


def told(world: World, state: str = "QZA") -> list[tuple[str, str, str]]:
    return [(event.actor, event.action, event.subject) for event in events(world, state)]


def key(caller: TestClient) -> str:
    return f"key:{caller.headers['authorization'].split('_')[2]}"


@pytest.fixture
def reader(world: World) -> TestClient:
    """A tool that only reads."""
    return world.caller("QZA", frozenset({Scope.READ}))


def test_what_the_table_forbids_is_one_event_without_a_digest(world: World, reader: TestClient) -> None:
    assert reader.put(OWN, json=ENTRY, headers=ANY).status_code == 403
    assert told(world) == [(key(reader), "refused:state.write", OWN)]
    assert events(world)[0].digest is None
    auditor = world.person("QZA", Role.AUDITOR)
    absent = "/v1/assessments/00000000-0000-7000-8000-000000000000/answers/p9.site.mode"
    answer = auditor.put(absent, params={"site": "A01"}, json={"value": "find"}, headers=ANY)
    assert answer.status_code == 403
    assert told(world)[1:] == [(who(auditor), "refused:answer.write", f"{absent}?site=A01")]


def test_a_reading_that_is_refused_is_one_too(world: World) -> None:
    tool = world.caller("QZA", frozenset({Scope.RECEIVED}))
    assert tool.get(f"{OWN}/sites").status_code == 403
    assert told(world) == [(key(tool), "refused:site.read", f"{OWN}/sites")]


def test_a_step_that_needs_somebody_else_or_a_fresh_sign_in_is_one_too(world: World) -> None:
    world.state()
    coordinator = world.person("QZA", Role.COORDINATOR, Role.APPROVER)
    number = world.assessment(world.caller("QZA"))
    address, before = f"/v1/assessments/{number}", len(events(world))
    assert coordinator.post(f"{address}/submit", headers=ANY).status_code == 200
    own = coordinator.post(f"{address}/approve", headers=ANY)
    assert (own.status_code, own.json()["code"]) == (403, "own_work")
    late = world.person("QZA", Role.APPROVER, signed_in=datetime.now(UTC) - FRESH - timedelta(minutes=1))
    stale = late.post(f"{address}/approve", headers=ANY)
    assert (stale.status_code, stale.json()["code"]) == (403, "sign_in_again")
    assert told(world)[before:] == [
        (who(coordinator), "assessment.submit", f"{address}/submit"),
        (who(coordinator), "refused:assessment.approve", f"{address}/approve"),
        (who(late), "refused:assessment.approve", f"{address}/approve"),
    ]


def test_what_is_refused_before_the_door_is_one_too(world: World) -> None:
    """A password is checked before the transaction: a key that asks for it is refused there."""
    tool = world.caller("QZA")
    body = {"old": "nine grey geese in a row", "new": "nine white geese in a row"}
    assert tool.put("/v1/me/password", json=body).status_code == 403
    assert told(world) == [(key(tool), "refused:me.write", "/v1/me/password")]


def test_another_states_address_is_one_whether_that_state_exists_or_not(world: World) -> None:
    world.state("QZB", sites=1)
    theirs, tool = told(world, "QZB"), world.caller("QZA")
    for path in (f"{OTHER}/sites/A01", "/v1/states/QZZ/sites/A01"):
        assert tool.get(path).status_code == 404
        assert tool.put(path, json={"name": "n", "type": "rail"}, headers=ANY).status_code == 404
    assert told(world) == [
        (key(tool), f"refused:site.{act}", f"/v1/states/{state}/sites/A01")
        for state in ("QZB", "QZZ")
        for act in ("read", "write")
    ]
    assert told(world, "QZB") == theirs


def test_nothing_else_that_goes_wrong_is_one(world: World, reader: TestClient) -> None:
    tool = world.state()
    before, absent = told(world), "/v1/assessments/00000000-0000-7000-8000-000000000000"
    key = world.key()
    wrong = [
        TestClient(world.app).get(OWN),
        world.bearer(key[:-1] + ("0" if key[-1] != "0" else "1")).get(OWN),
        tool.get(absent),
        tool.get(f"{OWN}/sites/NOSUCH"),
        tool.get("/v1/nowhere"),
        tool.get(OWN, params={"zz": "1"}),
        tool.put(OWN, json=ENTRY),
        tool.put(OWN, json=ENTRY, headers={"if-match": '"99"'}),
        tool.put(OWN, content=b"{", headers={**ANY, "content-type": "application/json"}),
        reader.put(OWN, content=b"{", headers={**ANY, "content-type": "application/json"}),
        tool.delete(OWN),
    ]
    assert [answer.status_code for answer in wrong] == [401, 401, 404, 404, 404, 422, 428, 412, 422, 422, 405]
    assert told(world) == before


def test_a_repeated_request_is_refused_each_time_and_its_key_stays_free(world: World, reader: TestClient) -> None:
    site, once = {"code": "R1", "name": "n", "type": "rail"}, {"idempotency-key": "k"}
    world.state(sites=0)
    before = len(events(world))
    assert [reader.post(f"{OWN}/sites", json=site, headers=once).status_code for _ in range(3)] == [403] * 3
    assert [action for _, action, _ in told(world)[before:]] == ["refused:site.write"] * 3
    writer = world.caller("QZA", frozenset({Scope.REGISTRY}))
    done = [writer.post(f"{OWN}/sites", json=site, headers=once) for _ in range(3)]
    assert [("idempotent-replayed" in one.headers, one.status_code) for one in done] == [
        (False, 201), (True, 201), (True, 201),
    ]  # fmt: skip
    assert [action for _, action, _ in told(world)[before + 3 :]] == ["site.write"]


def test_an_address_with_what_no_name_holds_does_not_get_that_far(world: World) -> None:
    """Else a refusal could put into the log what no database takes, or more than anybody reads."""
    tool = world.bearer(world.key("QZA", frozenset()))
    for junk in ("a%00b", "a%0Ab", "x" * 300):
        for path in (f"/v1/checklists/{junk}", f"{OWN}/sites/{junk}", f"{OWN}/people/{junk}", f"/v1/states/{junk}"):
            assert tool.get(path).status_code == 422
    assert tool.get("/v1/checklists/none").status_code == 403
    assert told(world) == [(key(tool), "refused:checklist.read", "/v1/checklists/none")]


# ── what was done meanwhile, and what cannot be told ─────────────────────────────────────────────────────────────────


@pytest.fixture
def hesitant(database_url: str) -> Iterator[World]:
    """The service with one more route, which finds out only after it wrote that the caller may not."""
    settings = Settings(database_url=served_by(database_url), pool=4, rate=UNHURRIED)
    app = create_app(settings)
    router = APIRouter(route_class=Guarded)

    def write(work: Job) -> NoReturn:
        work.log(Deed(work.principal.id, "agency.write", "/v1/done"))
        raise Forbidden("You have no role here yet; ask your coordinator for one.")

    router.add_api_route("/v1/hesitant", write, methods=["POST"], **declares(Action.AGENCY_WRITE))
    app.include_router(router)
    yield World(app, settings, database_url)
    app.state.database.close()


def test_what_was_done_before_the_refusal_is_rolled_back(hesitant: World) -> None:
    tool = hesitant.caller("QZA")
    for headers in ({}, {"idempotency-key": "k"}):
        assert tool.post("/v1/hesitant", headers=headers).status_code == 403
    assert told(hesitant) == [(key(tool), "refused:agency.write", "/v1/hesitant")] * 2


def test_a_refusal_that_cannot_be_logged_is_no_answer(
    world: World, reader: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as patch:
        patch.setattr(log, "append", fail)
        assert reader.put(OWN, json=ENTRY, headers=ANY).status_code == 503
    assert told(world) == []
    assert reader.put(OWN, json=ENTRY, headers=ANY).status_code == 403
    assert len(told(world)) == 1


def test_who_floods_the_log_is_held_up(database_url: str) -> None:
    settings = Settings(database_url=served_by(database_url), pool=4, rate=5)
    world = World(create_app(settings), settings, database_url)
    reader = world.caller("QZA", frozenset({Scope.READ}))
    statuses = [reader.put(OWN, json=ENTRY, headers=ANY).status_code for _ in range(9)]
    assert statuses == [403] * 5 + [429] * 4
    assert len(told(world)) == 5
    world.database.close()
