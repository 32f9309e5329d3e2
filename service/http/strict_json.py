"""The one JSON reader: I-JSON (RFC 7493) and no more, so that both databases get the same text and the same verdict."""

import json
import re
from collections.abc import Iterable
from unicodedata import combining, is_normalized, normalize

from service.errors import Message, Place, Unreadable
from service.languages.words import mark

LARGEST = 2**53 - 1
MOST_MARKS = 30
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")
"""Controls but tab and newline, bidirectional overrides, noncharacters, lone surrogates."""
_BEYOND = re.compile(
    "[" + "".join(chr(plane << 16 | last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)) + "]"
)
"""The noncharacters at the end of every further plane."""
_SYNTAX = (
    mark("Expecting value"),
    mark("Expecting property name enclosed in double quotes"),
    mark("Expecting ':' delimiter"),
    mark("Expecting ',' delimiter"),
    mark("Extra data"),
    mark("Illegal trailing comma before end of object"),
    mark("Illegal trailing comma before end of array"),
    mark("Invalid control character at"),
    mark("Invalid \\escape"),
    mark("Invalid \\uXXXX escape"),
    mark("Unterminated string starting at"),
)
"""What the standard library says of a text that is not JSON."""
_SUSPECT = re.compile(r"\\[ubfr]|[^\x00-\x7e]")
"""What a text must hold before a refused or a decomposed character can be in it."""


def read(body: bytes) -> object:
    """The value in a JSON body; Unreadable says what is wrong with it."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _unreadable(Place("", "It is not UTF-8.")) from error
    if text.startswith("\ufeff"):
        raise _unreadable(Place("", "It starts with a byte order mark; send UTF-8 without one."))
    text = composed(text)
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant
        )
        return _cleaned(value) if _SUSPECT.search(text) else value
    except json.JSONDecodeError as error:
        raise _unreadable(_syntax(error)) from error
    except RecursionError as error:
        raise _unreadable(Place("", "It is nested too deeply.")) from error


def check_text(text: str) -> str:
    """A text in NFC without a refused character, or Unreadable."""
    found = _REFUSED.search(text) or _BEYOND.search(text)
    if found:
        code = f"U+{ord(found[0]):04X}"
        raise _unreadable(Place("", "A text holds the character {code}, which is not allowed; remove it.", code=code))
    return composed(text)


def composed(text: str) -> str:
    """The text in NFC; a longer run of combining marks than any language writes would take quadratic time."""
    if text.isascii():
        return text
    if _most_marks(text) > MOST_MARKS:
        raise _unreadable(
            Place("", "A text piles more than {most} combining marks on one letter; remove them.", most=MOST_MARKS)
        )
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def _most_marks(text: str) -> int:
    """The longest run of combining marks, in one pass."""
    most = run = 0
    for letter in text:
        run = run + 1 if combining(letter) else 0
        most = max(most, run)
    return most


def _cleaned(value: object) -> object:
    match value:
        case str():
            return check_text(value)
        case list():
            return [_cleaned(item) for item in value]
        case dict():
            return {check_text(key): _cleaned(item) for key, item in value.items()}
        case _:
            return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = _first_twice(name for name, _ in pairs)
        raise _unreadable(Place("", "The key {key} stands twice in one object.", key=repr(twice[:60])))
    return found


def _first_twice(names: Iterable[str]) -> str:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    raise LookupError


def _whole(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST:  # 2**53 has 16 digits, and a sign
        raise _beyond(digits)
    return int(digits)


def _fraction(digits: str) -> float:
    number = float(digits)
    if abs(number) > LARGEST:
        raise _beyond(digits)
    return number


def _no_constant(name: str) -> object:
    raise _unreadable(Place("", "{name} is not JSON.", name=name))


def _beyond(digits: str) -> Unreadable:
    return _unreadable(Place("", "The number {digits} is beyond 2^53 - 1.", digits=digits[:24]))


def _syntax(error: json.JSONDecodeError) -> Place:
    found = Message(error.msg) if error.msg in _SYNTAX else error.msg
    return Place("", "Line {line}, column {column}: {error}.", line=error.lineno, column=error.colno, error=found)


def _unreadable(place: Place) -> Unreadable:
    return Unreadable("The body is not JSON as this service reads it. {why}", why=place.message, places=(place,))
