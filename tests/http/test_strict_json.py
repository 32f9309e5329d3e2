"""The one JSON reader: what it takes and what it refuses, alone and through a route on both databases."""

import json
from typing import cast
from unicodedata import normalize

import pytest

from conftest import World
from service.errors import Unreadable
from service.http.strict_json import LARGEST, MOST_MARKS, check_text, read

BACKSLASH = b"\\"


def named(text: bytes) -> bytes:
    """An entry of a state's record with these bytes as its name."""
    return b'{"name":"' + text + b'","un_member":true,"interpol_member":true}'


def counted(number: bytes) -> bytes:
    """An entry in which a truth is this number: the reader takes it or not, the model never does."""
    return b'{"name":"n","un_member":' + number + b',"interpol_member":true}'


def escaped(*numbers: int) -> bytes:
    return b"".join(BACKSLASH + b"u%04x" % number for number in numbers)


def utf8(number: int) -> bytes:
    return chr(number).encode("utf-8", "surrogatepass")


GOOD = [
    named(b"Zandria"),
    named("Zándria".encode()),
    named("Za\u0301ndria".encode()),  # decomposed
    named(b"Za" + escaped(0x301) + b"ndria"),
    named(escaped(0x61, 0x301)),
    named("مرحبا 中文 日本語 Кириллица".encode()),
    named("👩🏽‍✈️ family".encode()),
    named(escaped(0xD83D, 0xDE00)),  # a whole pair
    named(utf8(0x10FFFD)),
    named(utf8(0x200E) + b"mark"),  # a direction mark is no override
    named(b"tab" + BACKSLASH + b"t"),
    named(b"line" + BACKSLASH + b"n"),
    named(b"slash" + BACKSLASH + b"/" + BACKSLASH + b'"' + BACKSLASH + BACKSLASH),
    named(b"back" + BACKSLASH + BACKSLASH + b"u0000"),  # a backslash and letters, no escape
    named(b"'; DROP TABLE member_state; --"),
    named(b"%s %(x)s {0} ${x} #read(1) =1+1 @x"),
    named(b"<script>alert(1)</script>"),
    named(b"NaN"),
    named(b"x" * 200),
    named("é".encode() * 200),
    b' \t\r\n{"name":"n","un_member":true,"interpol_member":true} \r\n',
    b'{"interpol_member":false,"un_member":false,"name":"n"}',
]
WRONG_TEXT = [
    *(named(utf8(n)) for n in (0x7F, 0x80, 0x85, 0x9F, 0x202A, 0x202E, 0x2066, 0x2069, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF)),
    *(named(utf8(n)) for n in (0x1FFFE, 0x3FFFF, 0x8FFFE, 0xFFFFF, 0x10FFFF)),
    *(named(escaped(n)) for n in (0x0, 0x1, 0x8, 0xB, 0xC, 0xD, 0x1F, 0x7F, 0x85, 0x202E, 0x2067, 0xFDD5, 0xFFFF)),
    *(named(escaped(n)) for n in (0xD800, 0xDBFF, 0xDC00, 0xDFFF)),
    named(escaped(0xDE00, 0xD83D)),  # a pair the wrong way round
    named(escaped(0xD83F, 0xDFFE)),  # a pair that is a noncharacter
    named(BACKSLASH + b"b"),
    named(BACKSLASH + b"f"),
    named(BACKSLASH + b"r"),
    b'{"na' + escaped(0) + b'me":"n","un_member":true,"interpol_member":true}',
    named(utf8(0xD800)),  # a surrogate in UTF-8 is not UTF-8
    named(b"\xff"),
    named(b"\xc0\x80"),  # an overlong NUL
    named(b"\xe2\x28\xa1"),
    named(b"\x00"),
    named(b"\n"),
    named(b"\x1f"),
    named(BACKSLASH + b"x41"),
    named(BACKSLASH + b"u12"),
]
WRONG_NUMBER = [
    *(counted(n) for n in (b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"9007199254740992")),
    *(counted(n) for n in (b"-9007199254740992", b"1" * 400, b"1" * 5000, b"1e16", b"01", b"+1", b".5", b"1.", b"0x1")),
    *(counted(n) for n in (b"1_000", b"--1", b"1e", b"\xd9\xa1")),
]
WRONG_FORM = [
    b"{",
    b"}",
    b"nul",
    b"'n'",
    b'{"name":"n",}',
    b'{"name":"n" "un_member":true}',
    b'{"name":"n"} {}',
    b'{"name":"n"}x',
    b"// comment\n{}",
    b"{name:1}",
    b"\xef\xbb\xbf" + named(b"bom"),
    named(b"utf16").decode().encode("utf-16"),
    named(b"utf16").decode().encode("utf-16-le"),
    named(b"utf32").decode().encode("utf-32"),
    b'{"name":"n","name":"n","un_member":true,"interpol_member":true}',
    b'{"name":"a","n' + escaped(0x61) + b'me":"b","un_member":true,"interpol_member":true}',
    b'{"name":"n","un_member":true,"interpol_member":true,"x":{"y":1,"y":2}}',
    b"[" * 3000 + b"]" * 3000,
    b"[" * 100_000,
    b'{"a":' * 3000 + b"1" + b"}" * 3000,
    (b'{"a' + escaped(0x61) + b'":') * 500 + b"1" + b"}" * 500,
]
WRONG_SHAPE = [
    b"null", b"[]", b"1", b'""', b"true", b"{}",
    counted(b"1"), counted(b'"true"'), counted(b"null"), counted(b"0"), counted(b"1.0"), counted(b"-0"),
    counted(b"9007199254740991"), counted(b"[true]"), named(b""), named(b"x" * 201),
    b'{"name":7,"un_member":true,"interpol_member":true}',
    b'{"name":["n"],"un_member":true,"interpol_member":true}',
    b'{"name":"n","un_member":true,"interpol_member":true,"version":3}',
    b'{"name":"n","un_member":true,"interpol_member":true,"__proto__":{}}',
    b'{"NAME":"n","un_member":true,"interpol_member":true}',
    b"[" * 300 + b"]" * 300,
]  # fmt: skip
UNREADABLE = [*WRONG_TEXT, *WRONG_NUMBER, *WRONG_FORM]


def test_the_table_is_long_enough() -> None:
    assert len({*GOOD, *UNREADABLE, *WRONG_SHAPE}) == len([*GOOD, *UNREADABLE, *WRONG_SHAPE]) >= 80


@pytest.mark.parametrize("body", GOOD)
def test_good_bodies_are_read_composed(body: bytes) -> None:
    assert read(body) == json.loads(normalize("NFC", json.dumps(json.loads(body), ensure_ascii=False)))


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_bad_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        read(body)


@pytest.mark.parametrize("body", WRONG_SHAPE, ids=range(len(WRONG_SHAPE)))
def test_what_is_json_is_read_whatever_its_shape(body: bytes) -> None:
    read(body)


def test_numbers_at_the_limit() -> None:
    assert read(b"%d" % LARGEST) == LARGEST == 2**53 - 1
    assert read(b"-%d" % LARGEST) == -LARGEST
    for beyond in (b"%d" % (LARGEST + 1), b"-%d" % (LARGEST + 1), b"9007199254740993.0"):
        with pytest.raises(Unreadable, match="beyond"):
            read(beyond)


def test_an_escaped_and_a_plain_text_are_the_same() -> None:
    assert read(b'"a' + escaped(0x301) + b'"') == read('"á"'.encode()) == "á"


def test_a_refused_character_is_named() -> None:
    with pytest.raises(Unreadable, match=r"U\+202E"):
        check_text("abc\u202edef")


def test_both_databases_give_the_same_verdict(world: World) -> None:
    caller = world.state(sites=0)
    url, headers = "/v1/states/QZA", {"if-match": "*", "content-type": "application/json"}
    wrong = []
    for body in GOOD:
        answer = caller.put(url, content=body, headers=headers)
        kept = caller.get(url).json()["name"]
        if answer.status_code != 200 or kept != normalize("NFC", json.loads(body)["name"]):
            wrong.append((body, answer.text, kept))
    before = caller.get(url).json()
    for code, bodies in (("unreadable", UNREADABLE), ("invalid", WRONG_SHAPE)):
        for body in bodies:
            answer = caller.put(url, content=body, headers=headers)
            if (answer.status_code, answer.json()["code"]) != (422, code):
                wrong.append((body[:80], answer.text, code))
    assert wrong == []
    assert caller.get(url).json() == before


@pytest.mark.parametrize("marks", [MOST_MARKS, MOST_MARKS + 1])
def test_combining_marks_have_a_bound(marks: int) -> None:
    """Beyond it, bringing the text to one form takes time that grows with the square."""
    text = "a" + "\u0301\u0316" * (marks // 2) + "\u0301" * (marks % 2)
    if marks > MOST_MARKS:
        with pytest.raises(Unreadable, match="combining marks"):
            read(named(text.encode()))
    else:
        assert read(named(text.encode()))


def test_a_name_given_twice_among_thousands_is_found() -> None:
    names = [f'"n{number}":1' for number in range(20_000)]
    assert len(cast("dict[str, int]", read(("{" + ",".join(names) + "}").encode()))) == len(names)
    with pytest.raises(Unreadable, match="n7"):
        read(("{" + ",".join([*names, '"n7":2']) + "}").encode())
