"""Keys over HTTP: made by who has as much, listed without secrets, rotated in pairs, revoked at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx2 import Client
from sqlalchemy import update
from starlette.testclient import TestClient

from conftest import World, who
from cross_serving import served
from service.access import keys
from service.access.policy import FRESH, Role, Scope
from service.audit import store as log
from service.db.access_tables import ApiKey

KEYS = "/v1/states/QZA/keys"


@pytest.fixture
def anna(world: World) -> TestClient:
    return world.person("QZA", Role.COORDINATOR)


def made(anna: TestClient, *scopes: str, **more: object) -> dict[str, Any]:
    answer = anna.post(KEYS, json={"name": "border system", "scopes": list(scopes or ("read",)), **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def opens(world: World, secret: str) -> bool:
    return world.bearer(secret).get("/v1/checklists").status_code == 200


def end(key: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(key["expires_at"]) - datetime.fromisoformat(key["created_at"])


def test_a_key_opens_what_it_was_made_for_and_is_shown_once(anna: TestClient, world: World) -> None:
    new = made(anna, "read", "export")
    assert new["key"] | {"id": "", "created_at": "", "expires_at": ""} == {
        "id": "", "name": "border system", "scopes": ["export", "read"], "created_at": "", "expires_at": "",
        "created_by": who(anna), "revoked_at": None, "replaces": None,
    }  # fmt: skip
    assert end(new["key"]) == timedelta(days=90)
    assert opens(world, new["secret"])
    assert keys.read(new["secret"]) is not None
    listed = anna.get(KEYS)
    assert new["key"] in listed.json()["items"]
    assert new["secret"].rpartition("_")[2] not in listed.text
    assert "secret" not in listed.text


def test_an_event_names_each_key(anna: TestClient, world: World) -> None:
    first = made(anna)["key"]["id"]
    second = anna.post(f"{KEYS}/{first}/rotate", json={}).json()["key"]["id"]
    assert anna.delete(f"{KEYS}/{first}").status_code == 204
    assert anna.delete(f"{KEYS}/{first}").status_code == 404
    with world.database.transaction(writes=False, state="QZA") as connection:
        found = log.listed(connection, "QZA", after=0, most=10)
    assert [event.subject for event in found] == [f"{KEYS}/{first}", f"{KEYS}/{second}", f"{KEYS}/{first}"]
    assert {event.action for event in found} == {"key.write"}


def test_who_makes_a_key_gives_no_more_than_they_have(world: World) -> None:
    anna = world.person("QZA", Role.COORDINATOR)
    refused = anna.post(KEYS, json={"name": "x", "scopes": ["read", "received"]})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "received is not" in refused.json()["detail"]
    desk = world.person("XSG", Role.COORDINATOR, Role.RECIPIENT)
    assert desk.post("/v1/states/XSG/keys", json={"name": "x", "scopes": ["received"]}).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x"},
        {"name": "", "scopes": ["read"]},
        {"name": "x" * 101, "scopes": ["read"]},
        {"name": "x", "scopes": ["read"], "days": 0},
        {"name": "x", "scopes": ["read"], "days": 366},
        {"name": "x", "scopes": ["read"], "days": "90"},
        {"name": "x", "scopes": ["read"], "id": "aaaaaaaaaa"},
        {"name": "x", "scopes": ["read"], "created_by": "operator"},
    ],
)
def test_what_is_no_key_is_refused(anna: TestClient, body: dict[str, object]) -> None:
    assert anna.post(KEYS, json=body).status_code == 422


def test_two_keys_of_a_line_are_active_and_no_third(anna: TestClient, world: World) -> None:
    first = made(anna, "read", "write", days=365)
    url = f"{KEYS}/{first['key']['id']}"
    second = anna.post(f"{url}/rotate", json={"days": 30, "overlap_days": 2}).json()
    assert (second["key"]["name"], second["key"]["scopes"]) == ("border system", ["read", "write"])
    assert (second["key"]["replaces"], end(second["key"])) == (first["key"]["id"], timedelta(days=30))
    assert opens(world, first["secret"])
    assert opens(world, second["secret"])
    old = next(key for key in anna.get(KEYS).json()["items"] if key["id"] == first["key"]["id"])
    left = datetime.fromisoformat(old["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=1, hours=23) < left <= timedelta(days=2)
    for key in (first, second):
        third = anna.post(f"{KEYS}/{key['key']['id']}/rotate", json={})
        assert (third.status_code, third.json()["code"]) == (409, "two_keys_active")
    assert anna.delete(url).status_code == 204
    assert not opens(world, first["secret"])
    third = anna.post(f"{KEYS}/{second['key']['id']}/rotate", json={"overlap_days": 0})
    assert third.status_code == 201
    assert (opens(world, second["secret"]), opens(world, third.json()["secret"])) == (False, True)


def test_rotation_never_lengthens_the_old_key(anna: TestClient) -> None:
    first = made(anna, days=1)["key"]
    anna.post(f"{KEYS}/{first['id']}/rotate", json={"overlap_days": 30})
    old = next(key for key in anna.get(KEYS).json()["items"] if key["id"] == first["id"])
    assert old["expires_at"] == first["expires_at"]


def test_a_key_that_is_over_has_no_successor(anna: TestClient, world: World) -> None:
    key = made(anna)["key"]["id"]
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(update(ApiKey.__table__).values(expires_at=datetime.now(UTC)))
    assert anna.post(f"{KEYS}/{key}/rotate", json={}).status_code == 404
    assert anna.post(f"{KEYS}/zzzzzzzzzz/rotate", json={}).status_code == 404
    assert anna.post(f"{KEYS}/Not-An-Id/rotate", json={}).status_code == 422


def test_one_of_two_rotations_at_once_is_refused(anna: TestClient, world: World) -> None:
    url = f"{KEYS}/{made(anna)['key']['id']}/rotate"
    with served(world.app) as address, Client(base_url=address, headers=anna.headers) as line:
        with ThreadPoolExecutor(4) as pool:
            sent = [pool.submit(line.post, url, json={}) for _ in range(4)]
        assert sorted(one.result().status_code for one in sent) == [201, 409, 409, 409]


@pytest.mark.parametrize("how", ["role", "disabled"])
def test_who_loses_their_role_while_they_make_a_key_has_made_none(world: World, how: str) -> None:
    """A key made beside the loss is either made before it, and ends with it, or not made."""
    anna, bea = world.person("QZA", Role.COORDINATOR), world.person("QZA", Role.COORDINATOR)
    url = f"/v1/states/QZA/people/{who(bea).removeprefix('person:')}"
    lose: dict[str, Any] = {"method": "DELETE", "url": f"{url}/roles/coordinator"}
    if how == "disabled":
        lose = {"method": "PUT", "url": url, "json": {"name": "Bea", "disabled": True}}
    with served(world.app) as address, Client(base_url=address) as line, ThreadPoolExecutor(8) as pool:
        new = {"name": "x", "scopes": ["read"]}
        sent = [pool.submit(line.post, KEYS, json=new, headers=bea.headers) for _ in range(6)]
        taken = pool.submit(line.request, **lose, headers={**anna.headers, "if-match": "*"})
        assert taken.result().status_code == 200
        secrets = [one.result().json()["secret"] for one in sent if one.result().status_code == 201]
    assert {one.result().status_code for one in sent} <= {201, 401, 403}
    assert [secret for secret in secrets if opens(world, secret)] == []


def test_a_key_is_for_fresh_coordinators_of_the_state(world: World, anna: TestClient) -> None:
    body = {"name": "x", "scopes": ["read"]}
    late = world.person("QZA", Role.COORDINATOR, signed_in=datetime.now(UTC) - FRESH - timedelta(minutes=1))
    assert late.post(KEYS, json=body).json()["code"] == "sign_in_again"
    assert late.get(KEYS).status_code == 200
    assert world.person("QZA", Role.VALIDATOR).get(KEYS).status_code == 403
    assert world.caller(scopes=frozenset(Scope)).post(KEYS, json=body).status_code == 403
    key, stranger = made(anna)["key"]["id"], world.person("QZB", Role.COORDINATOR)
    assert stranger.get(KEYS).status_code == 404
    for url in (f"{KEYS}/{key}", f"/v1/states/QZB/keys/{key}"):
        assert stranger.delete(url).status_code == 404
        assert stranger.post(f"{url}/rotate", json={}).status_code == 404


def test_the_same_request_again_makes_no_second_key_and_shows_none(world: World, anna: TestClient) -> None:
    body, headers = {"name": "x", "scopes": ["read"]}, {"idempotency-key": "k"}
    assert anna.post(KEYS, json=body, headers=headers).status_code == 201
    again = anna.post(KEYS, json=body, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "already_shown")
    assert len(anna.get(KEYS).json()["items"]) == 1


def test_keys_are_listed_in_pages(anna: TestClient) -> None:
    ids = sorted(made(anna)["key"]["id"] for _ in range(3))
    first = anna.get(KEYS, params={"limit": 2}).json()
    second = anna.get(KEYS, params={"cursor": first["next"]}).json()
    assert [key["id"] for key in first["items"] + second["items"]] == ids
    assert second["next"] is None


def test_the_operator_sees_the_software_and_nothing_of_any_state(world: World, anna: TestClient) -> None:
    desk = world.person("XOP", Role.OPERATOR)
    facts = desk.get("/v1/service").json()
    assert facts == {"version": facts["version"], "database": facts["database"], "schema_revision": "0005"}
    assert facts["database"] == ("sqlite" if world.database.is_sqlite else "postgresql")
    assert anna.get("/v1/service").status_code == 403
    for url in ("/v1/states/QZA", "/v1/states/XOP", "/v1/states/XOP/people"):
        assert desk.get(url).status_code in {403, 404}


def test_a_key_tells_who_it_is(world: World, anna: TestClient) -> None:
    new = made(anna, "read")
    me = world.bearer(new["secret"]).get("/v1/me").json()
    assert (me["id"], me["name"], me["person"], me["scopes"], me["roles"]) == (
        f"key:{new['key']['id']}", "border system", who(anna), ["read"], [],
    )  # fmt: skip
    assert "answer.read" in me["may"]
    assert "answer.write" not in me["may"]
    assert me["fresh_until"] is None
