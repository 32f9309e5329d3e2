"""The form of a key: what is read, what is junk, and that a slip of one letter is seen."""

import re
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access.keys import ALPHABET, SECRET_LENGTH, Credential, Kind, checksum, digest, read, write

IDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=10, max_size=10)
STATES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3)
SECRETS = st.text(ALPHABET, min_size=SECRET_LENGTH, max_size=SECRET_LENGTH)
KEY = write(Credential("stk", "QZA", "abcdefghij", "0" * SECRET_LENGTH))


@given(st.sampled_from(["stk", "sts"]), STATES, IDS, SECRETS)
def test_what_is_written_is_read(kind: Kind, state: str, name: str, secret: str) -> None:
    key = write(Credential(kind, state, name, secret))
    assert read(key) == Credential(kind, state, name, secret)
    assert re.fullmatch("st[ks]_[A-Z]{3}_[a-z0-9]{10}_[0-9A-Za-z]{49}", key)


def test_a_key_of_one_state_is_not_another_s() -> None:
    assert read(KEY.replace("QZA", "QZB")) is None
    assert read(KEY.replace("stk", "sts")) is None


@given(st.integers(4, len(KEY) - 1), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_seen(place: int, letter: str) -> None:
    changed = KEY[:place] + letter + KEY[place + 1 :]
    assert (read(changed) is None) == (changed != KEY)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "stk_",
        KEY[:-1],
        KEY + "0",
        " " + KEY,
        KEY + "\n",
        KEY.upper(),
        KEY.replace("_", "-"),
        "stk" + KEY,
        "é" * len(KEY),
    ],
)
def test_junk_is_no_key(junk: str) -> None:
    assert read(junk) is None


def test_the_checksum_is_crc32_in_six_digits() -> None:
    value = 0
    for letter in checksum("stocktake"):
        value = value * 62 + ALPHABET.index(letter)
    assert (value, len(checksum(""))) == (crc32(b"stocktake"), 6)


def test_a_secret_opens_its_own_digest_only() -> None:
    credential = Credential("stk", "QZA", "abcdefghij", "0" * SECRET_LENGTH)
    assert credential.opens(digest(credential.secret))
    assert not credential.opens(digest("1" * SECRET_LENGTH))
    assert not credential.opens("")
    assert len(ALPHABET) ** SECRET_LENGTH >= 2**256
