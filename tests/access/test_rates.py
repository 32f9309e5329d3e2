"""How often somebody may call: counted for each, said when it is over, and before anything is asked of the database."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from conftest import World, served_by
from service.access import keys, rates
from service.access.policy import Role
from service.app import create_app
from service.errors import TooMany
from service.settings import Settings

URL = "/v1/checklists"
RATE = 20
NOW = datetime.now(UTC)


@pytest.fixture
def hurried(database_url: str) -> Iterator[World]:
    """A service where each may call twenty times a minute."""
    settings = Settings(database_url=served_by(database_url), pool=4, rate=RATE)
    app = create_app(settings)
    yield World(app, settings, database_url)
    app.state.database.close()


def test_one_caller_is_held_up_and_no_other(hurried: World) -> None:
    one, other = hurried.caller(), hurried.caller()
    assert [one.get(URL).status_code for _ in range(RATE + 3)] == [200] * RATE + [429] * 3
    held = one.get(URL)
    assert (held.json()["code"], held.headers["content-type"]) == ("too_many_requests", "application/problem+json")
    assert 0 < int(held.headers["retry-after"]) <= 60
    assert other.get(URL).status_code == 200


def test_two_sessions_of_one_person_count_together(hurried: World) -> None:
    person = hurried.person("QZA", Role.AUDITOR)
    again = hurried.signed_in("QZA", person.headers["authorization"].split("_")[2])
    for number in range(RATE):
        assert (person, again)[number % 2].get("/v1/me").status_code == 200
    assert (person.get("/v1/me").status_code, again.get("/v1/me").status_code) == (429, 429)


def test_a_held_up_call_asks_nothing_of_the_database(hurried: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = hurried.caller()
    for _ in range(RATE):
        caller.get(URL)

    def none(**_: object) -> None:
        raise AssertionError("a transaction began")

    monkeypatch.setattr(hurried.database, "transaction", none)
    assert caller.get(URL).status_code == 429
    hurried.app.state.rates = rates.Rates(RATE)
    with pytest.raises(AssertionError, match="a transaction began"):  # else the hold-up shows nothing
        caller.get(URL)


def test_nobody_uses_up_what_is_anothers_by_naming_their_key(hurried: World) -> None:
    key = hurried.key()
    known = keys.read(key)
    assert known is not None
    forged = keys.write(keys.Credential("stk", "QZA", known.id, "0" * keys.SECRET_LENGTH))
    thief = TestClient(hurried.app, headers={"authorization": f"Bearer {forged}"}, client=("203.0.113.9", 1))
    vain = RATE // rates.IN_VAIN
    assert [thief.get(URL).status_code for _ in range(RATE)] == [401] * vain + [429] * (RATE - vain)
    owner = hurried.bearer(key)
    assert owner.get(URL).status_code == 200
    behind_the_same_address = TestClient(hurried.app, headers=dict(owner.headers), client=("203.0.113.9", 1))
    assert behind_the_same_address.get(URL).status_code == 200  # it opened before: it is not taken for a guess


def test_an_address_is_counted_as_its_owner_has_it() -> None:
    assert rates.place("203.0.113.9") == "203.0.113.9"
    assert rates.place("::ffff:203.0.113.9") == "203.0.113.9"
    assert rates.place("2001:db8:1:2:3:4:5:6") == rates.place("2001:db8:1:2::1") == "2001:db8:1:2::"
    assert rates.place("2001:db8:1:3::1") != rates.place("2001:db8:1:2::1")
    assert rates.place("testclient") == "testclient"


def test_what_is_remembered_does_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "REMEMBERED", 3)
    counted = rates.Rates(1000)
    for number in range(10):
        counted.known(f"c{number}", f"owner {number}", NOW)
    assert [counted._owners.get(f"c{number}") is not None for number in range(10)] == [False] * 7 + [True] * 3


def test_a_right_password_takes_back_what_was_counted_here() -> None:
    guesses = rates.Guesses()
    for _ in range(3):
        for _ in range(rates.GUESSES_HERE - 1):
            guesses.wrong("QZA anna", "home")
        guesses.admit("QZA anna", "home", NOW)
        guesses.right("QZA anna", "home")
    for _ in range(rates.GUESSES_HERE):
        guesses.wrong("QZA anna", "home")
    with pytest.raises(TooMany):
        guesses.admit("QZA anna", "home", NOW)
    guesses.admit("QZA anna", "elsewhere", NOW)
    guesses.admit("QZA bea", "home", NOW)
