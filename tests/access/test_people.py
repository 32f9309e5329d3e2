"""People over HTTP: let in, given roles, disabled, erased; at once, by somebody else, and in the log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Client
from sqlalchemy import MetaData, select
from starlette.testclient import TestClient

from conftest import World, who
from cross_serving import served
from service.access.policy import FRESH, Action, Role
from service.audit import store as log
from service.audit.chain import Event, faults
from service.db.access_tables import Person

ANY = {"if-match": "*"}
PEOPLE = "/v1/states/QZA/people"
CANARY = "Canary Person"


@pytest.fixture
def anna(world: World) -> TestClient:
    """A coordinator who has just signed in."""
    return world.person("QZA", Role.COORDINATOR)


def invited(anna: TestClient, login: str = "bea", **more: str) -> dict[str, Any]:
    answer = anna.post(PEOPLE, json={"name": CANARY, "login": login, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def events(world: World, state: str = "QZA") -> list[Event]:
    with world.database.transaction(writes=False, state=state) as connection:
        found = log.listed(connection, state, after=0, most=1000)
    assert faults(state, found) == []
    return found


def everything(world: World, state: str = "QZA") -> str:
    """All there is in the database about a state, as text."""
    with world.database.transaction(writes=False, state=state) as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_who_is_let_in_has_a_password_for_one_sign_in_and_no_role(anna: TestClient, world: World) -> None:
    invitation = invited(anna)
    person, password = invitation["person"], invitation["one_time_password"]
    assert person | {"id": "", "created_at": "", "one_time_until": ""} == {
        "id": "", "name": CANARY, "login": "bea", "issuer": None, "subject": None, "roles": [], "disabled": False,
        "second_factor": False, "one_time_until": "", "created_at": "", "version": 1,
    }  # fmt: skip
    assert datetime.fromisoformat(person["one_time_until"]) - datetime.now(UTC) > timedelta(days=6)
    assert len(set(password)) > 8
    assert password not in everything(world)
    assert person["id"] in everything(world)  # else the dump shows nothing
    bea = world.signed_in("QZA", person["id"])
    assert bea.get("/v1/checklists").status_code == 403
    assert "no role here yet" in bea.get("/v1/me").json()["detail"]


def test_a_role_counts_from_the_next_request_on_and_no_longer(anna: TestClient, world: World) -> None:
    person = invited(anna)["person"]["id"]
    bea = world.signed_in("QZA", person)
    url = f"{PEOPLE}/{person}/roles/auditor"
    granted = anna.put(url, json={}, headers={"if-match": '"1"'})
    assert (granted.status_code, granted.headers["etag"]) == (200, '"2"'), granted.text
    assert granted.json()["roles"][0] | {"granted_at": ""} == {
        "role": "auditor", "agency": None, "sections": [], "sites": [], "granted_at": "", "granted_by": who(anna),
    }  # fmt: skip
    assert bea.get(PEOPLE).status_code == 200
    taken = anna.delete(url, headers={"if-match": '"2"'})
    assert (taken.status_code, taken.json()["roles"]) == (200, [])
    assert bea.get(PEOPLE).status_code == 403
    assert anna.delete(url, headers=ANY).status_code == 404


def test_changes_name_the_version_they_replace(anna: TestClient) -> None:
    person = f"{PEOPLE}/{invited(anna)['person']['id']}"
    body = {"name": "Bea B."}
    assert anna.put(person, json=body).status_code == 428
    assert anna.put(person, json=body, headers={"if-none-match": "*"}).status_code == 412
    assert anna.put(person, json=body, headers={"if-match": '"1"'}).json()["name"] == "Bea B."
    stale = anna.put(person, json=body, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["yours"], stale.json()["current"]) == (412, 1, 2)
    assert anna.put(f"{person}/roles/auditor", json={}, headers={"if-match": '"1"'}).status_code == 412
    assert anna.delete(person, headers={"if-match": '"1"'}).status_code == 412
    assert anna.get(person).json()["version"] == 2


def test_a_contributor_reaches_what_there_is(anna: TestClient, world: World) -> None:
    world.state(sites=2).put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers=ANY)
    url = f"{PEOPLE}/{invited(anna)['person']['id']}/roles"
    for reach, at in (
        ({}, "/agency"),
        ({"agency": "NONE"}, "/agency"),
        ({"sites": ["A01", "A09"]}, "/sites"),
        ({"sections": ["No Such"]}, "/sections/0"),
        ({"everything": True}, "/everything"),
    ):
        refused = anna.put(f"{url}/contributor", json=reach, headers=ANY)
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, at), reach
    refused = anna.put(f"{url}/validator", json={"agency": "BG"}, headers=ANY)
    assert refused.status_code == 422
    whole: dict[str, object] = {"agency": "BG", "sections": ["p9", "p2"], "sites": ["A02", "A01"]}
    granted = anna.put(f"{url}/contributor", json=whole, headers=ANY).json()["roles"][0]
    assert {name: granted[name] for name in whole} == {
        "agency": "BG",
        "sections": ["p2", "p9"],
        "sites": ["A01", "A02"],
    }
    less = anna.put(f"{url}/contributor", json={"sites": ["A01"]}, headers=ANY).json()["roles"]
    assert [(one["agency"], one["sites"]) for one in less] == [(None, ["A01"])]


def test_another_states_agencies_and_sites_are_as_if_they_did_not_exist(anna: TestClient, world: World) -> None:
    world.state("QZB").put("/v1/states/QZB/agencies/BG", json={"name": "BG", "kind": "police"}, headers=ANY)
    url = f"{PEOPLE}/{invited(anna)['person']['id']}/roles/contributor"
    for theirs, none in (({"agency": "BG"}, {"agency": "GB"}), ({"sites": ["A01"]}, {"sites": ["A77"]})):
        seen = [anna.put(url, json=reach, headers=ANY) for reach in (theirs, none)]
        assert [answer.status_code for answer in seen] == [422, 422]
        details = [answer.json()["detail"] for answer in seen]
        assert details[0].replace("BG", "GB").replace("A01", "A77") == details[1]


@pytest.mark.parametrize("role", ["recipient", "secretariat", "operator"])
def test_a_coordinator_of_a_state_gives_only_its_own_roles(anna: TestClient, role: str) -> None:
    person = invited(anna)["person"]["id"]
    refused = anna.put(f"{PEOPLE}/{person}/roles/{role}", json={}, headers=ANY)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert anna.put(f"{PEOPLE}/{person}/roles/king", json={}, headers=ANY).status_code == 422


def test_a_coordinator_of_a_body_lets_recipients_in(world: World) -> None:
    desk = world.person("XSG", Role.COORDINATOR)
    person = desk.post("/v1/states/XSG/people", json={"name": "R", "login": "r"}).json()["person"]["id"]
    url = f"/v1/states/XSG/people/{person}/roles"
    assert desk.put(f"{url}/recipient", json={}, headers=ANY).status_code == 200
    for role in ("validator", "secretariat", "operator"):
        assert desk.put(f"{url}/{role}", json={}, headers=ANY).status_code == 403


def test_nobody_does_it_to_themselves(anna: TestClient, world: World) -> None:
    me = f"{PEOPLE}/{who(anna).removeprefix('person:')}"
    before = anna.get(me).json()
    for answer in (
        anna.put(f"{me}/roles/approver", json={}, headers=ANY),
        anna.delete(f"{me}/roles/coordinator", headers=ANY),
        anna.put(me, json={"name": "A", "disabled": True}, headers=ANY),
        anna.post(f"{me}/password"),
        anna.delete(me, headers=ANY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "not_oneself")
    assert anna.get(me).json() == before
    assert [event.action for event in events(world)] == ["refused:person.write"] * 5
    assert anna.put(me, json={"name": "Anna"}, headers=ANY).status_code == 200


def test_who_is_disabled_loses_session_and_keys_at_once(anna: TestClient, world: World) -> None:
    bea = world.person("QZA", Role.COORDINATOR)
    secret = bea.post("/v1/states/QZA/keys", json={"name": "tool", "scopes": ["read"]}).json()["secret"]
    tool, person = world.bearer(secret), f"{PEOPLE}/{who(bea).removeprefix('person:')}"
    assert (tool.get("/v1/checklists").status_code, bea.get("/v1/me").status_code) == (200, 200)
    disabled = anna.put(person, json={"name": "Bea", "disabled": True}, headers=ANY)
    assert disabled.json()["disabled"] is True
    assert (tool.get("/v1/checklists").status_code, bea.get("/v1/me").status_code) == (401, 401)
    again = anna.put(person, json={"name": "Bea", "disabled": False}, headers=ANY)
    assert again.json()["disabled"] is False
    assert (tool.get("/v1/checklists").status_code, bea.get("/v1/me").status_code) == (401, 401)  # sign in anew
    assert world.signed_in("QZA", who(bea).removeprefix("person:")).get("/v1/me").status_code == 200


def test_keys_end_with_the_role_they_need(anna: TestClient, world: World) -> None:
    bea = world.person("QZA", Role.COORDINATOR, Role.AUDITOR)
    made = {
        scope: bea.post("/v1/states/QZA/keys", json={"name": scope, "scopes": [scope]}).json()
        for scope in ("log", "write")
    }
    url = f"{PEOPLE}/{who(bea).removeprefix('person:')}/roles/coordinator"
    assert anna.delete(url, headers=ANY).status_code == 200
    statuses = {scope: world.bearer(new["secret"]).get("/v1/checklists").status_code for scope, new in made.items()}
    assert statuses == {"log": 200, "write": 401}  # an auditor may still read the log, and does not write
    ended = events(world)[-2:]
    assert [event.subject for event in ended] == [f"/v1/states/QZA/keys/{made['write']['key']['id']}", url]
    assert {event.actor for event in ended} == {who(anna)}


def test_who_is_erased_is_nobody_and_the_log_still_stands(anna: TestClient, world: World) -> None:
    person = invited(anna)["person"]["id"]
    url = f"{PEOPLE}/{person}"
    anna.put(f"{url}/roles/validator", json={}, headers=ANY)
    bea = world.signed_in("QZA", person)
    assert CANARY in everything(world)
    assert anna.delete(url, headers=ANY).status_code == 204
    assert CANARY not in everything(world)
    assert "'bea'" not in everything(world)
    assert bea.get("/v1/me").status_code == 401
    left = anna.get(url).json()
    assert {name for name, value in left.items() if value} == {"id", "disabled", "created_at", "version"}
    for gone in (
        anna.delete(url, headers=ANY),
        anna.put(url, json={"name": "Bea"}, headers=ANY),
        anna.put(f"{url}/roles/validator", json={}, headers=ANY),
        anna.post(f"{url}/password"),
    ):
        assert gone.status_code == 404
    assert [event.subject for event in events(world)] == [url, f"{url}/roles/validator", url]
    assert invited(anna)["person"]["login"] == "bea"  # the login is free again


def test_each_effect_is_one_event_and_names_are_in_none(anna: TestClient, world: World) -> None:
    person = f"{PEOPLE}/{invited(anna)['person']['id']}"
    anna.put(person, json={"name": CANARY}, headers=ANY)
    anna.put(f"{person}/roles/auditor", json={}, headers=ANY)
    anna.post(f"{person}/password")
    anna.get(person)
    anna.post(PEOPLE, json={"name": "x", "login": "bea"})  # refused: there is one
    found = events(world)
    assert [(event.action, event.subject) for event in found] == [
        (Action.PERSON_WRITE, person),
        (Action.PERSON_WRITE, person),
        (Action.PERSON_WRITE, f"{person}/roles/auditor"),
        (Action.PERSON_WRITE, f"{person}/password"),
    ]
    # A digest of a name could be guessed from, and its salt is kept: there is none
    assert [event.digest is None for event in found] == [True, True, False, True]


def test_a_lost_password_is_replaced_and_sessions_end(anna: TestClient, world: World) -> None:
    invitation = invited(anna)
    person = invitation["person"]["id"]
    bea = world.signed_in("QZA", person)
    renewed = anna.post(f"{PEOPLE}/{person}/password")
    assert renewed.status_code == 201
    assert renewed.json()["one_time_password"] != invitation["one_time_password"]
    assert bea.get("/v1/me").status_code == 401


def test_a_login_is_taken_once_also_by_two_at_once(anna: TestClient, world: World) -> None:
    with served(world.app) as address, Client(base_url=address, headers=anna.headers) as line:
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(line.post, PEOPLE, json={"name": "x", "login": "bea"}) for _ in range(4)]
        statuses = sorted(one.result().status_code for one in sent)
    assert statuses == [201, 409, 409, 409]
    assert len(events(world)) == 1
    other = world.person("QZB", Role.COORDINATOR)
    assert other.post("/v1/states/QZB/people", json={"name": "x", "login": "bea"}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"name": "n"},
        {"name": "n", "login": "bea", "issuer": "https://id.test", "subject": "1"},
        {"name": "n", "issuer": "https://id.test"},
        {"name": "n", "login": "Bea"},
        {"name": "n", "login": "b" * 65},
        {"name": " ", "login": "bea"},
        {"name": "n", "login": "bea", "roles": ["coordinator"]},
        {"name": "n", "issuer": "https://id.test", "subject": "1"},  # bound to nobody
        *(
            {"name": "n", "login": "bea", column: "x"}
            for column in Person.model_fields
            if column not in {"name", "login"}
        ),
    ],
)
def test_what_is_no_invitation_is_refused(anna: TestClient, body: dict[str, object]) -> None:
    assert anna.post(PEOPLE, json=body).status_code == 422


def test_letting_in_needs_a_fresh_sign_in(world: World) -> None:
    late = world.person("QZA", Role.COORDINATOR, signed_in=datetime.now(UTC) - FRESH - timedelta(minutes=1))
    refused = late.post(PEOPLE, json={"name": "n", "login": "bea"})
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")
    assert late.get(PEOPLE).status_code == 200


def test_the_same_request_again_does_nothing_and_shows_no_password(anna: TestClient, world: World) -> None:
    def send(login: str) -> tuple[int, str]:
        answer = anna.post(PEOPLE, json={"name": "n", "login": login}, headers={"idempotency-key": "k"})
        return answer.status_code, answer.json().get("code", "")

    assert send("bea") == (201, "")
    assert send("bea") == (409, "already_shown")
    assert send("ben") == (422, "idempotency_key_reused")
    assert len(events(world)) == 1


def test_people_are_listed_in_pages_with_their_roles(anna: TestClient, world: World) -> None:
    for number in range(4):
        person = invited(anna, f"p{number}")["person"]["id"]
        anna.put(f"{PEOPLE}/{person}/roles/auditor", json={}, headers=ANY)
    whole = anna.get(PEOPLE).json()["items"]
    first = anna.get(PEOPLE, params={"limit": 2}).json()
    second = anna.get(PEOPLE, params={"limit": 200, "cursor": first["next"]}).json()
    assert (first["items"] + second["items"], second["next"]) == (whole, None)
    assert sorted(role["role"] for person in whole for role in person["roles"]) == [*["auditor"] * 4, "coordinator"]
    assert world.person("QZB", Role.COORDINATOR).get("/v1/states/QZB/people").json()["items"] != whole


def test_another_states_coordinator_finds_nobody_here(anna: TestClient, world: World) -> None:
    person = invited(anna)["person"]["id"]
    stranger = world.person("QZB", Role.COORDINATOR)
    for url in (PEOPLE, f"{PEOPLE}/{person}", f"/v1/states/QZB/people/{person}"):
        assert stranger.get(url).status_code == 404
    assert stranger.put(f"/v1/states/QZB/people/{person}/roles/auditor", json={}, headers=ANY).status_code == 404
    assert stranger.delete(f"/v1/states/QZB/people/{person}", headers=ANY).status_code == 404
    assert anna.get(f"{PEOPLE}/{person}").status_code == 200
