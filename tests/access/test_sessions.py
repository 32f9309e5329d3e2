"""Signing in, out, and changing one's password: over HTTP, with what is kept, logged and throttled."""

from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import bindparam, update
from starlette.testclient import TestClient

from conftest import World
from route_calls import PASSWORD
from service.access import keys, people_store, rates
from service.access.passwords import Passwords, one_time
from service.access.policy import Grant, Role
from service.access.proving import wrong
from service.access.signing_in import LASTS
from service.audit import store as log
from service.db.access_tables import Person

SESSIONS, OWN_PASSWORD = "/v1/sessions", "/v1/me/password"
NEW = "eleven blue boats at sea"
_person = Person.__table__
SET = (
    update(_person).where(_person.c.state == bindparam("of_state"), _person.c.id == bindparam("with_id"))
)  # fmt: skip


@pytest.fixture(scope="module")
def kept() -> str:
    return Passwords(19).kept(PASSWORD)


@pytest.fixture
def anna(world: World, kept: str) -> str:
    """The id of a coordinator with the login ``anna`` and a password of her own."""
    return enter(world, "anna", kept)


def enter(world: World, login: str, password: str | None, **more: object) -> str:
    person, now = keys.new_id(), datetime.now(UTC)
    row = {"state": "QZA", "id": person, "login": login, "name": "N", "created_at": now, "version": 1}
    with world.database.transaction(writes=True, state="QZA") as connection:
        assert people_store.add(connection, {**row, "password": password, **more})
        people_store.give_role(connection, "QZA", person, Grant(Role.COORDINATOR), at=now, by="operator")
    return person


def change(world: World, person: str, **values: object) -> None:
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(SET.values(**values), {"of_state": "QZA", "with_id": person})


def caller(world: World, address: str = "198.51.100.7") -> TestClient:
    return TestClient(world.app, client=(address, 4000))


def sign_in(world: World, password: str = PASSWORD, login: str = "anna", **more: str) -> Response:
    body = {"state": "QZA", "login": login, "password": password, **more}
    return caller(world).post(SESSIONS, json=body)


def logged(world: World) -> list[tuple[str, str]]:
    with world.database.transaction(writes=False, state="QZA") as connection:
        return [(event.action, event.subject) for event in log.listed(connection, "QZA", after=0, most=100)]


def test_a_password_opens_a_session_that_opens_what_the_roles_do(world: World, anna: str) -> None:
    answer = sign_in(world)
    assert answer.status_code == 201, answer.text
    session = answer.json()
    assert session["person"] == f"person:{anna}"
    length = datetime.fromisoformat(session["expires_at"]) - datetime.fromisoformat(session["signed_in"])
    assert length == LASTS <= timedelta(hours=8)
    assert "set-cookie" not in answer.headers
    her = world.bearer(session["token"])
    me = her.get("/v1/me").json()
    assert (me["id"], me["state"], me["login"], [role["role"] for role in me["roles"]]) == (
        f"person:{anna}", "QZA", "anna", ["coordinator"],
    )  # fmt: skip
    assert "person.write" in me["may"]
    assert "assessment.approve" not in me["may"]
    assert her.get("/v1/states/QZA/people").status_code == 200
    assert logged(world) == [("session.start", f"/v1/sessions/{session['id']}")]


def test_signing_out_ends_it_and_is_logged(world: World, anna: str) -> None:
    her = world.bearer(sign_in(world).json()["token"])
    assert her.delete("/v1/sessions/current").status_code == 204
    assert her.get("/v1/me").status_code == 401
    assert her.delete("/v1/sessions/current").status_code == 401
    assert logged(world)[1:] == [("session.end", "/v1/sessions/current")]
    assert world.caller().delete("/v1/sessions/current").status_code == 403  # a key has no session


def test_one_answer_for_everything_that_is_wrong(world: World, anna: str, kept: str) -> None:
    enter(world, "gone", kept, disabled_at=datetime.now(UTC))
    enter(world, "provider", None, issuer="https://id.test", subject="1")
    password, digest = one_time()
    enter(world, "late", digest, one_time_until=datetime.now(UTC) - timedelta(seconds=1))
    answers = [
        sign_in(world, PASSWORD, "nobody"),
        sign_in(world, PASSWORD + "x"),
        sign_in(world, PASSWORD, "gone"),
        sign_in(world, PASSWORD, "provider"),
        sign_in(world, password, "late", new_password=NEW),
        sign_in(world, PASSWORD, "anna' OR '1'='1"),
        caller(world).post(SESSIONS, json={"state": "QZB", "login": "anna", "password": PASSWORD}),
    ]
    assert {(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers} == {
        (
            401,
            "wrong_password",
            str(wrong()),
        )
    }
    assert logged(world) == []
    assert sign_in(world).status_code == 201


def test_known_and_unknown_logins_take_the_same_time(world: World, anna: str) -> None:
    def took(login: str) -> float:
        begun = perf_counter()
        answer = TestClient(world.app, client=(f"10.1.{next(places)}.1", 1)).post(
            SESSIONS, json={"state": "QZA", "login": login, "password": "wrong"}
        )
        assert answer.status_code == 401
        return perf_counter() - begun

    places = iter(range(200))
    took("anna")
    pairs = [(took("anna"), took("nobody")) for _ in range(12)]
    known, unknown = (median(times) for times in zip(*pairs, strict=True))
    assert abs(known - unknown) < 0.35 * max(known, unknown)
    assert unknown > 0.02  # else no password was checked at all


def test_a_one_time_password_only_chooses_the_next(world: World) -> None:
    password, digest = one_time()
    person = enter(world, "anna", digest, one_time_until=datetime.now(UTC) + timedelta(days=1))
    waits = sign_in(world, password)
    assert (waits.status_code, waits.json()["code"]) == (403, "password_must_change")
    for bad in ("short", "passwordpassword1", password, "x" * 129):
        assert sign_in(world, password, new_password=bad).status_code == 422
    assert logged(world) == []
    first = sign_in(world, password, new_password=NEW)
    assert first.status_code == 201
    assert sign_in(world, password, new_password=NEW).status_code == 401
    assert sign_in(world, NEW).status_code == 201
    assert [action for action, _ in logged(world)] == ["me.write", "session.start", "session.start"]
    with world.database.transaction(writes=False, state="QZA") as connection:
        row = people_store.one(connection, "QZA", person)
    assert row is not None
    assert row.password.startswith("$argon2id$")
    assert row.one_time_until is None


def test_a_password_is_kept_anew_when_it_was_kept_at_another_cost(world: World) -> None:
    person = enter(world, "anna", Passwords(20).kept(PASSWORD))
    assert sign_in(world).status_code == 201
    with world.database.transaction(writes=False, state="QZA") as connection:
        row = people_store.one(connection, "QZA", person)
    assert row is not None
    assert f"$m={19 * 1024}," in row.password
    assert sign_in(world).status_code == 201
    assert [action for action, _ in logged(world)] == ["session.start"] * 2  # not a change of hers


def test_who_is_disabled_between_check_and_session_gets_none(
    world: World, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens = world.app.state.passwords.opens

    def disabled_meanwhile(kept: str, password: str) -> bool:
        change(world, anna, disabled_at=datetime.now(UTC))
        return bool(opens(kept, password))

    monkeypatch.setattr(world.app.state.passwords, "opens", disabled_meanwhile)
    assert sign_in(world).status_code == 401
    assert logged(world) == []


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(world: World, anna: str) -> None:
    here, there = (world.bearer(sign_in(world).json()["token"]) for _ in range(2))
    wrong = here.put(OWN_PASSWORD, json={"old": "wrong", "new": NEW})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_password")
    for bad in ("short", "passwordpassword1", PASSWORD):
        assert here.put(OWN_PASSWORD, json={"old": PASSWORD, "new": bad}).status_code == 422
    assert there.get("/v1/me").status_code == 200
    assert here.put(OWN_PASSWORD, json={"old": PASSWORD, "new": NEW}).status_code == 204
    assert (here.get("/v1/me").status_code, there.get("/v1/me").status_code) == (200, 401)
    assert (sign_in(world).status_code, sign_in(world, NEW).status_code) == (401, 201)
    assert [action for action, _ in logged(world)] == ["session.start", "session.start", "me.write", "session.start"]


def test_what_passwords_say_is_in_no_digest_of_the_log(world: World, anna: str) -> None:
    her = world.bearer(sign_in(world, new_password=NEW).json()["token"])
    her.put(OWN_PASSWORD, json={"old": NEW, "new": PASSWORD})
    with world.database.transaction(writes=False, state="QZA") as connection:
        found = log.listed(connection, "QZA", after=0, most=100)
    assert len(found) == 3
    assert {event.digest for event in found} == {None}


def test_no_key_and_nobody_of_a_provider_has_a_password_to_change(world: World) -> None:
    body = {"old": PASSWORD, "new": NEW}
    assert world.caller().put(OWN_PASSWORD, json=body).status_code == 403
    assert TestClient(world.app).put(OWN_PASSWORD, json=body).status_code == 401
    person = enter(world, "x", None, issuer="https://id.test", subject="1")
    refused = world.signed_in("QZA", person).put(OWN_PASSWORD, json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"state":"QZA","login":"anna","login":"anna","password":"x"}',
        b'{"state":"QZA","login":"anna","password":"x","remember":true}',
        b'{"state":"QZA","login":"anna"}',
        b'{"state":"qza","login":"anna","password":"x"}',
        b'{"state":"QZA","login":"","password":"x"}',
        b'{"state":"QZA","login":"anna","password":"' + b"x" * 129 + b'"}',
        b'{"state":"QZA","login":"anna","password":"\\u0000"}',
        b'{"state":"QZA","login":"anna","password":["x"]}',
    ],
)
def test_signing_in_reads_strictly(world: World, anna: str, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = caller(world).post(SESSIONS, content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert "x" * 20 not in answer.text
    assert caller(world).post(SESSIONS, content=b"a=b").status_code == 415
    assert caller(world).post(f"{SESSIONS}?password=x", json={}).status_code == 422


def guess(world: World, place: str, login: str = "anna") -> Response:
    body: dict[str, Any] = {"state": "QZA", "login": login, "password": "wrong"}
    return caller(world, place).post(SESSIONS, json=body)


def test_guessing_from_one_place_is_held_up_and_the_owner_is_not(world: World, anna: str) -> None:
    assert sign_in(world).status_code == 201  # from her own place
    statuses = [guess(world, "203.0.113.9").status_code for _ in range(1000)]
    assert statuses == [401] * rates.GUESSES_HERE + [429] * (1000 - rates.GUESSES_HERE)
    held = guess(world, "203.0.113.9")
    assert held.json()["code"] == "too_many_requests"
    assert 0 < int(held.headers["retry-after"]) <= 15 * 60
    assert sign_in(world).status_code == 201


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_guessing_from_everywhere_is_held_up_and_the_owner_is_not(
    world: World, anna: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.app.state.passwords, "opens", lambda _kept, password: password == PASSWORD)
    assert sign_in(world).status_code == 201
    statuses = [guess(world, f"10.0.{number // 200}.{number % 200}").status_code for number in range(300)]
    assert statuses == [401] * rates.GUESSES_AT + [429] * (300 - rates.GUESSES_AT)
    assert sign_in(world).status_code == 201
    others = [guess(world, "10.9.9.9", f"login{number}").status_code for number in range(100)]
    assert others == [401] * rates.GUESSES_FROM + [429] * (100 - rates.GUESSES_FROM)


def test_guessing_the_old_password_in_a_stolen_session_is_held_up_too(world: World, anna: str) -> None:
    stolen = world.signed_in("QZA", anna)
    body = {"old": "wrong", "new": NEW}
    statuses = [stolen.put(OWN_PASSWORD, json=body).status_code for _ in range(20)]
    assert statuses == [401] * rates.GUESSES_HERE + [429] * (20 - rates.GUESSES_HERE)


def test_a_session_that_is_over_opens_nothing(world: World, anna: str) -> None:
    credential, now = keys.new("sts", "QZA"), datetime.now(UTC)
    with world.database.transaction(writes=True, state="QZA") as connection:
        secret, two_factors = keys.digest(credential.secret), True
        over = people_store.NewSession("QZA", credential.id, anna, secret, now - LASTS, two_factors, now, now)
        people_store.add_session(connection, over)
    assert world.bearer(keys.write(credential)).get("/v1/me").status_code == 401
