"""Canonical JSON: what is written is what another implementation writes, and nothing else is read."""

import json
import struct

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from stocktake._canonical import GREATEST, MOST_VALUES, NotCanonical, dumps, read

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
WHOLES = st.integers(-GREATEST, GREATEST)
JSON: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | WHOLES | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


@given(JSON)
def test_it_is_written_as_the_reference_writes_it(value: JsonValue) -> None:
    assert dumps(value) == rfc8785.dumps(value)


@given(JSON)
def test_what_is_written_is_read_again(value: JsonValue) -> None:
    assert dumps(read(dumps(value))) == dumps(value)


@given(NUMBERS)
def test_every_number_is_written_as_the_reference_writes_it(value: float) -> None:
    assert dumps(value) == rfc8785.dumps(value)
    assert float(json.loads(dumps(value))) == value


# The sample numbers of RFC 8785, appendix B: the bits of the number, and how it is written.
@pytest.mark.parametrize(
    ("bits", "written"),
    [
        ("0000000000000000", "0"),
        ("8000000000000000", "0"),
        ("0000000000000001", "5e-324"),
        ("8000000000000001", "-5e-324"),
        ("7fefffffffffffff", "1.7976931348623157e+308"),
        ("4340000000000000", "9007199254740992"),
        ("4430000000000000", "295147905179352830000"),
        ("44b52d02c7e14af5", "9.999999999999997e+22"),
        ("44b52d02c7e14af6", "1e+23"),
        ("44b52d02c7e14af7", "1.0000000000000001e+23"),
        ("444b1ae4d6e2ef4e", "999999999999999700000"),
        ("444b1ae4d6e2ef4f", "999999999999999900000"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("41b3de4355555553", "333333333.3333332"),
        ("becbf647612f3696", "-0.0000033333333333333333"),
    ],
)
def test_numbers_of_the_standard(bits: str, written: str) -> None:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert dumps(value).decode() == written


def test_members_are_sorted_by_their_utf16_units() -> None:
    value: JsonValue = {"\ufb33": 1, "\U0001f600": 2, "€": 3, "\r": 4, "1": 5, "ö": 6, "\x80": 7}
    assert list(json.loads(dumps(value))) == ["\r", "1", "\x80", "ö", "€", "\U0001f600", "\ufb33"]
    assert read(dumps(value)) == value


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"a":1, "b":2}', "not_canonical"),
        (b'{"b":1,"a":2}', "not_canonical"),
        (b'{"a":1}\n', "not_canonical"),
        (b'["\\u0061"]', "not_canonical"),
        (b'["\\/"]', "not_canonical"),
        (b"[1.0]", "not_canonical"),
        (b"[-0]", "not_canonical"),
        (b"[1e2]", "not_canonical"),
        (b"[1E400]", "not_json"),
        (b"[NaN]", "not_json"),
        (b"[-Infinity]", "not_json"),
        (b"[9007199254740993]", "not_canonical"),
        (b"[" + b"9" * 5000 + b"]", "not_json"),
        (b'{"a":1,"a":1}', "repeated_member"),
        (b'{"a":1,"b":2,"a":3}', "repeated_member"),
        (b'["\\ud800"]', "not_json"),
        (b'["\xed\xa0\x80"]', "not_json"),
        (b'["\xff"]', "not_json"),
        (b"\xef\xbb\xbf[]", "not_json"),
        (b"[1", "not_json"),
        (b"", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[" * 900 + b"]" * 900, "not_json"),
        (b"[" + b"0," * MOST_VALUES + b"0]", "too_large"),
    ],
    ids=lambda value: f"{value[:24]!r} of {len(value)}" if isinstance(value, bytes) else value,
)
def test_everything_else_is_refused_and_named(content: bytes, code: str) -> None:
    with pytest.raises(NotCanonical) as raised:
        read(content)
    assert raised.value.code == code
    assert raised.value.detail.endswith(".")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53, "\ud800", {"\ud800": 1}])
def test_what_has_no_canonical_form_is_not_written(value: JsonValue) -> None:
    with pytest.raises(NotCanonical):
        dumps(value)


@given(st.binary(max_size=200) | TEXTS.map(str.encode))
def test_whatever_comes_is_read_or_refused(content: bytes) -> None:
    try:
        value = read(content)
    except NotCanonical:
        return
    assert rfc8785.dumps(value) == content
