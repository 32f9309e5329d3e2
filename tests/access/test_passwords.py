"""Passwords: which are taken, what is kept of them, and that checking tells nothing by its time."""

from collections import Counter

import pytest

from service.access.keys import digest
from service.access.passwords import LANES, PASSES, Passwords, one_time, require_good
from service.errors import Invalid

GOOD = "nine grey geese in a row"


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(19)


@pytest.fixture(scope="module")
def kept(passwords: Passwords) -> str:
    return passwords.kept(GOOD)


def test_a_password_is_kept_by_argon2id_at_the_cost_that_was_set(kept: str) -> None:
    assert kept.startswith(f"$argon2id$v=19$m={19 * 1024},t={PASSES},p={LANES}$")
    assert GOOD not in kept


def test_it_opens_with_itself_alone(passwords: Passwords, kept: str) -> None:
    assert passwords.opens(kept, GOOD)
    for other in ("", GOOD[:-1], GOOD + " ", GOOD.upper(), kept):
        assert not passwords.opens(kept, other)
    assert not passwords.opens(None, GOOD)


def test_it_is_taken_whole(passwords: Passwords) -> None:
    long = "é" * 127 + "x"
    kept = passwords.kept(long)
    assert passwords.opens(kept, long)
    assert not passwords.opens(kept, long[:-1] + "y")


def test_a_one_time_password_opens_and_is_as_random_as_a_key(passwords: Passwords) -> None:
    password, kept = one_time()
    assert (kept, len(password)) == (digest(password), 29)
    assert passwords.opens(kept, password)
    assert not passwords.opens(kept, one_time()[0])
    assert not passwords.opens(kept, kept)
    assert len({one_time()[0] for _ in range(100)}) == 100


def test_one_argon2id_is_counted_whatever_is_kept(
    passwords: Passwords, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: Counter[str] = Counter()
    fits = passwords._fits

    def count(one: str, given: str) -> bool:
        counted.update([one.rsplit("$", 2)[0]])
        return fits(one, given)

    monkeypatch.setattr(passwords, "_fits", count)
    for standing in (None, kept, one_time()[1]):
        before = counted.total()
        assert not passwords.opens(standing, "something else")
        assert counted.total() == before + 1
    assert len(counted) == 1  # of one cost each time


def test_what_was_kept_at_another_cost_is_stale(passwords: Passwords, kept: str) -> None:
    assert not passwords.stale(kept)
    assert Passwords(20).stale(kept)
    assert Passwords(20).opens(kept, GOOD)


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "passwordpassword",
        "Password Password 1!",
        "123456789012345",
        "abcdefghijklmnop",
        "qwertyuiopasdfghjkl",
        "lkjhgfdsapoiuytrewq",
        "CorrectHorseBatteryStaple",
        "stocktake-stocktake-7",
        "zdrojova.zdrojova.z",
        "Anna Zdrojova 2026",
    ],
)
def test_what_guessing_begins_with_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        require_good(password, ("zdrojova", "Anna Zdrojova"), "/new")
    assert refusal.value.places[0].at == "/new"


@pytest.mark.parametrize(
    "password", [GOOD, "пять серых гусей подряд", "五只灰雁排成一行在湖上飞过的时候啊", "4f-9K-!s-Lq-02-bb"]
)
def test_what_only_its_owner_knows_is_taken(password: str) -> None:
    require_good(password, ("anna", ""), "/new")
