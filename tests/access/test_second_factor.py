"""The second factor: its codes, how its secret is kept, entering it, signing in with it, and the way back when lost."""

from base64 import b32decode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from httpx2 import Client, Response
from sqlalchemy import MetaData, bindparam, select, update
from starlette.testclient import TestClient

import service.access.api
import service.access.sessions_api
from conftest import World
from cross_serving import served
from route_calls import PASSWORD, code_of, kept
from service.access import keys, people_store, rates, second_factor
from service.access.passwords import Passwords
from service.access.policy import POLICY, Action, Grant, Principal, Role
from service.access.proving import wrong
from service.audit import store as log
from service.db.access_tables import Person

SESSIONS, OWN_FACTOR, OWN_PASSWORD, PEOPLE = (
    "/v1/sessions", "/v1/me/second-factor", "/v1/me/password", "/v1/states/QZA/people",
)  # fmt: skip
NEW = "eleven blue boats at sea"
NOW = datetime(2026, 5, 6, 12, 0, 10, tzinfo=UTC)
VECTORS = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"}
"""RFC 6238, appendix B, the last six digits: seconds since 1970, and the code of the secret 12345678901234567890."""
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
ANNA = "QZA person:aaaaaaaaaa"
_person = Person.__table__
_HERS = (_person.c.state == bindparam("of_state"), _person.c.id == bindparam("with_id"))
SET = update(_person).where(*_HERS)
ROW = select(_person.c.factor, _person.c.factor_step).where(*_HERS)


@pytest.fixture(scope="module")
def cheap() -> Passwords:
    return Passwords(19)


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("seconds", VECTORS)
def test_codes_are_those_of_the_standard(seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert second_factor.step_of(RFC, VECTORS[seconds], now, after=None) == seconds // 30


def test_a_code_is_taken_half_a_minute_early_or_late_and_no_more() -> None:
    code, shown = VECTORS[1111111109], datetime.fromtimestamp(1111111080, UTC)  # for half a minute
    for seconds, good in ((-31, False), (-30, True), (0, True), (29, True), (59, True), (60, False)):
        moment = shown + timedelta(seconds=seconds)
        assert (second_factor.step_of(RFC, code, moment, after=None) is not None) == good, seconds


def test_a_code_opens_once_and_none_before_it_opens_after() -> None:
    now = datetime.fromtimestamp(59, UTC)
    for after, good in ((None, True), (0, True), (1, False), (2, False)):
        assert (second_factor.step_of(RFC, VECTORS[59], now, after=after) == 1) == good


@pytest.mark.parametrize("code", ["000000", "28708", "2870820", "", "28708x", "94287082"])
def test_what_is_no_code_is_taken_never(code: str) -> None:
    assert second_factor.step_of(RFC, code, datetime.fromtimestamp(59, UTC), after=None) is None


def test_a_secret_is_what_apps_read() -> None:
    secret = second_factor.new()
    assert len(b32decode(secret)) * 8 == 160
    assert secret != second_factor.new()
    address = urlsplit(second_factor.uri(secret, "QZA", "anna"))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (address.scheme, address.netloc, unquote(address.path)) == ("otpauth", "totp", "/Stocktake:QZA anna")
    assert asked.items() <= {
        "secret": secret, "issuer": "Stocktake", "algorithm": "SHA1", "digits": "6", "period": "30",
    }.items()  # fmt: skip
    assert asked["secret"] == secret


# ── how it is kept ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_secret_opens_with_its_owners_password_and_nothing_else(cheap: Passwords) -> None:
    sealed = second_factor.seal(cheap, PASSWORD, RFC, ANNA)
    assert second_factor.unseal(cheap, PASSWORD, sealed, ANNA) == RFC
    assert RFC not in sealed
    assert sealed != second_factor.seal(cheap, PASSWORD, RFC, ANNA)  # a salt and a nonce of its own each time
    for password, whose in (
        (PASSWORD + "x", ANNA),
        ("", ANNA),
        (PASSWORD, "QZA person:bbbbbbbbbb"),
        (PASSWORD, "QZB person:aaaaaaaaaa"),
        (PASSWORD, ""),
    ):
        assert second_factor.unseal(cheap, password, sealed, whose) is None
    assert second_factor.unseal(cheap, PASSWORD, None, ANNA) is None


def test_a_kept_secret_that_was_changed_does_not_open(cheap: Passwords) -> None:
    memory, salt, nonce, closed = second_factor.seal(cheap, PASSWORD, RFC, ANNA).split("$")

    def flipped(part: str) -> str:
        return ("B" if part[0] == "A" else "A") + part[1:]

    for parts in (
        (memory, flipped(salt), nonce, closed),
        (memory, salt, flipped(nonce), closed),
        (memory, salt, nonce, flipped(closed)),
        ("20480", salt, nonce, closed),
    ):
        assert second_factor.unseal(cheap, PASSWORD, "$".join(parts), ANNA) is None


def test_the_secret_opens_at_the_cost_it_was_kept_at(cheap: Passwords) -> None:
    sealed = second_factor.seal(Passwords(20), PASSWORD, RFC, ANNA)
    assert second_factor.unseal(cheap, PASSWORD, sealed, ANNA) == RFC


# ── over HTTP ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """What time it is for the service, and the codes of that time."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)

    def __call__(self) -> datetime:
        return self.now

    def code(self, secret: str, steps: int = 0) -> str:
        """What an app shows so many half minutes from now."""
        return code_of(secret, at=self.now + timedelta(seconds=30 * steps))

    def on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    for module in (service.access.api, service.access.sessions_api):
        monkeypatch.setattr(module, "moment", made)
    return made


def enter(world: World, login: str, state: str = "QZA") -> str:
    """The id of a coordinator with a login and ``PASSWORD``."""
    person, now = keys.new_id(), datetime.now(UTC)
    row = {"state": state, "id": person, "login": login, "name": "N", "created_at": now, "version": 1}
    with world.database.transaction(writes=True, state=state) as connection:
        assert people_store.add(connection, {**row, "password": kept()})
        people_store.give_role(connection, state, person, Grant(Role.COORDINATOR), at=now, by="operator")
    return person


@pytest.fixture
def anna(world: World, clock: Clock) -> str:
    return enter(world, "anna")


def sign_in(world: World, login: str = "anna", password: str = PASSWORD, place: str = "", **more: str) -> Response:
    caller = TestClient(world.app, client=(place or "198.51.100.7", 4000))
    return caller.post(SESSIONS, json={"state": "QZA", "login": login, "password": password, **more})


def as_anna(world: World, **more: str) -> TestClient:
    answer = sign_in(world, **more)
    assert answer.status_code == 201, answer.text
    return world.bearer(answer.json()["token"])


def entered(world: World, clock: Clock, login: str = "anna") -> tuple[TestClient, str]:
    """Somebody who has just entered a second factor, and its secret; their app shows the next code from here on."""
    client = world.bearer(sign_in(world, login).json()["token"])
    secret = client.get(OWN_FACTOR).json()["secret"]
    body = {"password": PASSWORD, "secret": secret, "code": clock.code(secret)}
    answer = client.put(OWN_FACTOR, json=body)
    assert answer.status_code == 204, answer.text
    clock.on(30)
    return client, secret


def row(world: World, person: str) -> tuple[str | None, int | None]:
    with world.database.transaction(writes=False, state="QZA") as connection:
        factor, step = connection.execute(ROW, {"of_state": "QZA", "with_id": person}).one()
    return factor, step


def change(world: World, person: str, **values: object) -> None:
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(SET.values(**values), {"of_state": "QZA", "with_id": person})


def events(world: World) -> list[tuple[str, str, str | None]]:
    with world.database.transaction(writes=False, state="QZA") as connection:
        found = log.listed(connection, "QZA", after=0, most=1000)
    return [(event.action, event.subject, event.digest) for event in found]


def code(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


WRONG, NEEDED = (401, "wrong_password"), (401, "code_needed")


def test_what_is_proposed_is_kept_nowhere(world: World, anna: str) -> None:
    her = as_anna(world)
    first, second = (her.get(OWN_FACTOR) for _ in range(2))
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-store")
    assert first.json()["secret"] != second.json()["secret"]
    assert first.json()["secret"] in first.json()["uri"]
    assert unquote(urlsplit(first.json()["uri"]).path) == "/Stocktake:QZA anna"
    assert row(world, anna) == (None, None)
    assert [action for action, *_ in events(world)] == ["session.start"]


def test_entering_it_makes_this_session_fresh_and_ends_the_others(world: World, anna: str, clock: Clock) -> None:
    other, her = as_anna(world), as_anna(world)
    me = her.get("/v1/me").json()
    assert (me["two_factors"], me["fresh_until"], me["second_factor"]) == (False, None, False)
    clock.on(20 * 60)
    secret = her.get(OWN_FACTOR).json()["secret"]
    body = {"password": PASSWORD, "secret": secret, "code": clock.code(secret)}
    assert her.put(OWN_FACTOR, json=body).status_code == 204
    me = her.get("/v1/me").json()
    assert (me["two_factors"], me["second_factor"]) == (True, True)
    assert datetime.fromisoformat(me["signed_in"]) == clock.now
    assert datetime.fromisoformat(me["fresh_until"]) == clock.now + timedelta(minutes=15)
    assert other.get("/v1/me").status_code == 401
    assert events(world)[2:] == [("me.write", OWN_FACTOR, None)]  # no digest: it would be one of a password
    listed = her.get(PEOPLE).json()["items"]
    assert [(person["id"], person["second_factor"]) for person in listed] == [(anna, True)]


FRESH_STEPS: dict[Action, tuple[str, dict[str, object]]] = {
    Action.PERSON_WRITE: (PEOPLE, {"name": "x", "login": "bea"}),
    Action.KEY_WRITE: ("/v1/states/QZA/keys", {"name": "x", "scopes": ["read"]}),
}
"""Those that are possible without an assessment; the matrix tries every one."""


@pytest.mark.parametrize("action", FRESH_STEPS)
def test_a_fresh_sign_in_without_a_second_factor_is_not_enough(
    world: World, anna: str, clock: Clock, action: Action
) -> None:
    path, body = FRESH_STEPS[action]
    assert POLICY[action].fresh
    assert code(as_anna(world).post(path, json=body)) == (403, "second_factor_needed")
    her, secret = entered(world, clock)
    assert her.post(path, json=body).status_code == 201
    again = as_anna(world, code=clock.code(secret))
    assert again.post(path, json={**body, "login": "ben"} if "login" in body else body).status_code == 201
    clock.on(15 * 60 + 1)
    assert code(again.post(path, json=body)) == (403, "sign_in_again")


def test_an_account_with_a_second_factor_needs_a_code_after_the_password(world: World, anna: str, clock: Clock) -> None:
    _, secret = entered(world, clock)
    before = events(world)
    assert code(sign_in(world)) == NEEDED
    assert code(sign_in(world, password="wrong")) == WRONG
    assert code(sign_in(world, password="wrong", code=clock.code(secret))) == WRONG
    assert code(sign_in(world, login="nobody", code=clock.code(secret))) == WRONG
    assert events(world) == before
    session = sign_in(world, code=clock.code(secret))
    assert (session.status_code, session.json()["two_factors"]) == (201, True)


def test_wrong_used_and_old_codes_and_those_of_others_are_refused_alike(world: World, anna: str, clock: Clock) -> None:
    enter(world, "bea")
    _, secret = entered(world, clock)
    _, of_bea = entered(world, clock, "bea")
    places = (f"203.0.113.{number}" for number in range(1, 100))
    good = clock.code(secret)
    zeros = "000000" if good != "000000" else "111111"
    refused = [
        sign_in(world, code=one, place=next(places))
        for one in (
            zeros, clock.code(of_bea), clock.code(second_factor.new()), clock.code(secret, -2), clock.code(secret, 2),
        )
    ]  # fmt: skip
    assert sign_in(world, code=good).status_code == 201
    refused.append(sign_in(world, code=good, place=next(places)))  # it opens once
    clock.on(30)
    refused.append(sign_in(world, code=good, place=next(places)))  # also half a minute later
    refused.append(sign_in(world, code=clock.code(secret, -2), place=next(places)))
    assert {(*code(one), one.json()["detail"]) for one in refused} == {(*WRONG, str(wrong()))}
    assert sign_in(world, code=clock.code(secret)).status_code == 201
    assert sign_in(world, code=clock.code(secret, 1)).status_code == 201  # of a clock that is early
    assert code(sign_in(world, code=clock.code(secret), place=next(places))) == WRONG  # one before the last


@pytest.mark.parametrize("wish", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", 123456, None, ["123456"]])
def test_what_has_not_the_form_of_a_code_is_refused(world: World, anna: str, clock: Clock, wish: object) -> None:
    entered(world, clock)
    body = {"state": "QZA", "login": "anna", "password": PASSWORD, "code": wish}
    answer = TestClient(world.app).post(SESSIONS, json=body)
    assert code(answer) in {(422, "invalid"), NEEDED if wish is None else (422, "invalid")}


def test_a_code_opens_once_also_for_two_at_once(world: World, anna: str, clock: Clock) -> None:
    _, secret = entered(world, clock)
    body = {"state": "QZA", "login": "anna", "password": PASSWORD, "code": clock.code(secret)}
    with served(world.app) as address, Client(base_url=address) as line, ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(line.post, SESSIONS, json=body) for _ in range(4)]
        statuses = sorted(one.result().status_code for one in sent)
    assert statuses == [201, 401, 401, 401]


def test_guessing_codes_is_held_up_and_the_password_alone_does_not_excuse_it(
    world: World, anna: str, clock: Clock
) -> None:
    stolen = as_anna(world)  # a session of before
    _, secret = entered(world, clock)
    guess = "000000" if clock.code(secret) != "000000" else "111111"
    for _ in range(rates.GUESSES_HERE - 1):
        assert code(sign_in(world, code=guess)) == WRONG
        assert code(sign_in(world)) == NEEDED
    assert stolen.get("/v1/me").status_code == 401
    assert code(sign_in(world, code=guess)) == WRONG
    held = sign_in(world, code=clock.code(secret))
    assert (held.status_code, held.json()["code"]) == (429, "too_many_requests")
    assert sign_in(world, code=clock.code(secret), place="203.0.113.77").status_code == 201


def test_changing_the_password_excuses_no_guessed_codes(world: World, anna: str, clock: Clock) -> None:
    her, secret = entered(world, clock)
    guess = "000000" if clock.code(secret) != "000000" else "111111"
    place = TestClient(world.app, client=("198.51.100.7", 1), headers=dict(her.headers))
    for _ in range(rates.GUESSES_HERE - 1):
        assert code(sign_in(world, code=guess)) == WRONG
    assert place.put(OWN_PASSWORD, json={"old": PASSWORD, "new": NEW}).status_code == 204
    assert code(sign_in(world, password=NEW, code=guess)) == WRONG
    assert sign_in(world, password=NEW, code=clock.code(secret)).status_code == 429


def test_a_password_that_is_changed_takes_the_second_factor_along(world: World, anna: str, clock: Clock) -> None:
    her, secret = entered(world, clock)
    sealed, step = row(world, anna)
    assert her.put(OWN_PASSWORD, json={"old": PASSWORD, "new": NEW}).status_code == 204
    anew, same = row(world, anna)
    assert anew not in {None, sealed}
    assert same == step
    assert code(sign_in(world, password=NEW)) == NEEDED
    third = "twelve green lamps in fog"
    body = {"password": NEW, "new_password": third}
    assert code(sign_in(world, **body)) == NEEDED
    assert sign_in(world, **body, code=clock.code(secret)).status_code == 201
    clock.on(30)
    assert sign_in(world, password=third, code=clock.code(secret)).status_code == 201
    assert [action for action, *_ in events(world)] == [
        "session.start", "me.write", "me.write", "me.write", "session.start", "session.start",
    ]  # fmt: skip


def test_at_another_cost_the_second_factor_is_kept_anew_too(world: World, anna: str, clock: Clock) -> None:
    _, secret = entered(world, clock)
    costly = Passwords(20)
    sealed = second_factor.seal(costly, PASSWORD, secret, f"QZA person:{anna}")
    change(world, anna, password=costly.kept(PASSWORD), factor=sealed)
    assert sign_in(world, code=clock.code(secret)).status_code == 201
    factor, _ = row(world, anna)
    assert (factor or "").startswith(f"{19 * 1024}$")
    clock.on(30)
    assert sign_in(world, code=clock.code(secret)).status_code == 201


def test_a_secret_in_another_persons_row_does_not_open(world: World, anna: str, clock: Clock) -> None:
    """Both have one password, as the thief may have seen to: what is kept is bound to its row."""
    bea = enter(world, "bea")
    _, of_anna = entered(world, clock)
    _, of_bea = entered(world, clock, "bea")
    mine, hers = row(world, anna), row(world, bea)
    change(world, anna, factor=hers[0], factor_step=0)
    change(world, bea, factor=mine[0], factor_step=0)
    for login, secret in (("anna", of_anna), ("anna", of_bea), ("bea", of_anna), ("bea", of_bea)):
        assert code(sign_in(world, login, code=clock.code(secret), place=f"10.3.{len(login)}.1")) == WRONG
    change(world, anna, factor=mine[0])
    assert sign_in(world, code=clock.code(of_anna)).status_code == 201  # else nothing was tried
    changed = world.signed_in("QZA", bea).put(OWN_PASSWORD, json={"old": PASSWORD, "new": NEW})
    assert code(changed) == WRONG  # a secret that cannot be taken along is not dropped


def everything(world: World) -> str:
    """All of the state's rows, in text."""
    with world.database.transaction(writes=False, state="QZA") as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        return "\n".join(str(one) for table in metadata.sorted_tables for one in connection.execute(select(table)))


def test_the_database_holds_neither_secret_nor_code(world: World, anna: str, clock: Clock) -> None:
    her, secret = entered(world, clock)
    used = clock.code(secret)
    as_anna(world, code=used)
    her.put(OWN_PASSWORD, json={"old": PASSWORD, "new": NEW})
    text, plain = everything(world), b32decode(secret)
    assert anna in text  # else the dump shows nothing
    sealed = row(world, anna)[0]
    assert sealed is not None
    assert sealed in text
    for one in (secret, plain.hex(), str(plain), f"'{used}'", PASSWORD, NEW):
        assert one not in text
    change(world, anna, name=secret)
    assert secret in everything(world)  # the control


def test_another_second_factor_needs_the_one_there_is(world: World, anna: str, clock: Clock) -> None:
    her, old = entered(world, clock)
    secret = her.get(OWN_FACTOR).json()["secret"]

    def put(client: TestClient) -> tuple[int, str]:
        body = {"password": PASSWORD, "secret": secret, "code": clock.code(secret)}
        return code(client.put(OWN_FACTOR, json=body))

    without = world.signed_in("QZA", anna, two_factors=False)
    assert put(without) == (403, "second_factor_needed")
    clock.on(15 * 60)
    assert put(her) == (403, "sign_in_again")
    assert without.get("/v1/me").status_code == 200
    again = as_anna(world, code=clock.code(old))
    assert put(again) == (204, "")
    clock.on(30)
    assert code(sign_in(world, code=clock.code(old))) == WRONG
    assert sign_in(world, code=clock.code(secret)).status_code == 201


@pytest.mark.parametrize(
    ("change_", "wanted"),
    [
        ({"password": "wrong"}, WRONG),
        ({"code": "another"}, (422, "invalid")),
        ({"code": "late"}, (422, "invalid")),
        ({"code": "12345"}, (422, "invalid")),
        ({"secret": "short"}, (422, "invalid")),
        ({"secret": RFC.lower()}, (422, "invalid")),
        ({"secret": RFC[:-1] + "1"}, (422, "invalid")),
        ({"secret": RFC + RFC}, (422, "invalid")),
        ({"more": "x"}, (422, "invalid")),
    ],
)
def test_entering_proves_password_and_code(
    world: World, anna: str, clock: Clock, change_: dict[str, str], wanted: tuple[int, str]
) -> None:
    her = as_anna(world)
    codes = {"another": clock.code(second_factor.new()), "late": clock.code(RFC, -2)}
    sent = {"password": PASSWORD, "secret": RFC, "code": clock.code(RFC), **change_}
    sent["code"] = codes.get(sent["code"], sent["code"])
    assert code(her.put(OWN_FACTOR, json=sent)) == wanted
    assert row(world, anna) == (None, None)
    assert her.get("/v1/me").json()["two_factors"] is False
    assert [action for action, *_ in events(world)] == ["session.start"]


def test_guessing_the_password_there_is_held_up_too(world: World, anna: str, clock: Clock) -> None:
    stolen = world.signed_in("QZA", anna)
    body = {"password": "wrong", "secret": RFC, "code": clock.code(RFC)}
    statuses = [stolen.put(OWN_FACTOR, json=body).status_code for _ in range(rates.GUESSES_HERE + 3)]
    assert statuses == [401] * rates.GUESSES_HERE + [429] * 3


def test_no_key_and_nobody_of_a_provider_has_one_here(world: World, clock: Clock) -> None:
    person, now = keys.new_id(), datetime.now(UTC)
    come = {"state": "QZA", "id": person, "issuer": "https://id.test", "subject": "1", "created_at": now, "version": 1}
    with world.database.transaction(writes=True, state="QZA") as connection:
        assert people_store.add(connection, come)
        people_store.give_role(connection, "QZA", person, Grant(Role.APPROVER), at=now, by="operator")
    body = {"password": PASSWORD, "secret": RFC, "code": clock.code(RFC)}
    for caller, wanted in (
        (world.caller(), 403),
        (TestClient(world.app), 401),
        (world.signed_in("QZA", person), 409),
    ):
        assert caller.get(OWN_FACTOR).status_code == wanted
        assert caller.put(OWN_FACTOR, json=body).status_code == wanted


def test_what_is_entered_twice_at_once_is_entered_once(world: World, anna: str, clock: Clock) -> None:
    headers = [dict(as_anna(world).headers) for _ in range(2)]

    def put(number: int) -> int:
        secret = second_factor.new()
        body = {"password": PASSWORD, "secret": secret, "code": clock.code(secret)}
        return line.put(OWN_FACTOR, json=body, headers=headers[number]).status_code

    with served(world.app) as address, Client(base_url=address) as line, ThreadPoolExecutor(2) as pool:
        statuses = sorted(pool.map(put, range(2)))
    assert statuses[0] == 204
    assert statuses[1] in {401, 403}


def test_a_lost_device_is_mended_by_a_coordinator_and_the_password_renewed(
    world: World, anna: str, clock: Clock
) -> None:
    _, secret = entered(world, clock)
    desk = world.person("QZA", Role.COORDINATOR)
    assert desk.get(f"{PEOPLE}/{anna}").json()["second_factor"] is True
    once = desk.post(f"{PEOPLE}/{anna}/password").json()
    assert once["person"]["second_factor"] is False
    assert row(world, anna) == (None, None)
    back = sign_in(world, password=once["one_time_password"], new_password=NEW, code=clock.code(secret))
    assert (back.status_code, back.json()["two_factors"]) == (201, False)  # the old code is worth nothing
    her = world.bearer(back.json()["token"])
    assert code(her.post(PEOPLE, json={"name": "x", "login": "ben"})) == (403, "second_factor_needed")


def test_who_is_erased_has_none(world: World, anna: str, clock: Clock) -> None:
    entered(world, clock)
    desk = world.person("QZA", Role.COORDINATOR)
    assert desk.delete(f"{PEOPLE}/{anna}", headers={"if-match": "*"}).status_code == 204
    assert row(world, anna) == (None, None)
    assert desk.get(f"{PEOPLE}/{anna}").json()["second_factor"] is False


def test_who_is_renamed_or_given_a_role_keeps_it(world: World, anna: str, clock: Clock) -> None:
    _, secret = entered(world, clock)
    desk = world.person("QZA", Role.COORDINATOR)
    before = row(world, anna)
    any_ = {"if-match": "*"}
    assert desk.put(f"{PEOPLE}/{anna}", json={"name": "Anna"}, headers=any_).status_code == 200
    assert desk.put(f"{PEOPLE}/{anna}/roles/auditor", json={}, headers=any_).status_code == 200
    assert row(world, anna) == before
    assert sign_in(world, code=clock.code(secret)).status_code == 201


@pytest.fixture
def counted(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often argon2id is counted, by what for."""
    passwords, found = world.app.state.passwords, list[str]()
    for name in ("opens", "key"):
        real = getattr(passwords, name)

        def count(*arguments: Any, _name: str = name, _real: Any = real) -> Any:  # noqa: ANN401  # as the real one
            found.append(_name)
            return _real(*arguments)

        monkeypatch.setattr(passwords, name, count)
    return found


def test_whatever_is_wrong_costs_the_same(world: World, anna: str, clock: Clock, counted: list[str]) -> None:
    """A code that is sent costs one argon2id more, whether there is an account, a second factor, a right password."""
    enter(world, "without")
    _, secret = entered(world, clock)
    tries: list[dict[str, str]] = [
        {"login": "nobody"}, {"password": "wrong"}, {}, {"login": "without", "password": "wrong"},
    ]  # fmt: skip
    for number, one in enumerate(tries):
        counted.clear()
        answer = sign_in(world, **one, code=clock.code(second_factor.new()), place=f"10.4.0.{number}")
        assert code(answer) == WRONG
        assert counted == ["opens", "key"]
    assert secret


def test_a_principal_has_no_second_factor_unless_it_is_said() -> None:
    assert Principal("QZA", "person:aaaaaaaaaa", "person:aaaaaaaaaa", signed_in=NOW).two_factors is False
