"""Canonical JSON (RFC 8785), the form that digests are taken of: written, and read without leniency. Pure."""

import json
from collections import Counter
from decimal import Decimal
from typing import NoReturn

from pydantic import JsonValue

GREATEST = 2**53 - 1
"""The greatest whole number that every reader of JSON holds exactly."""
MOST_VALUES = 4_000_000
"""More values than a file of ours has, which bounds the memory that reading takes: 1,500 sites with four answers each
have 173,000."""
MOST_PLACES = 21
"""Digits before the point up to which a number is written without an exponent."""


class NotCanonical(ValueError):
    """Bytes that are no canonical JSON, or a value that has none; ``code`` says in which way."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def dumps(value: JsonValue) -> bytes:
    """The canonical bytes of a value; ``NotCanonical`` where it has none: NaN, a lone surrogate, beyond 2^53."""
    pieces: list[str] = []
    try:
        _write(value, pieces)
        return "".join(pieces).encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("not_json", "A text holds half of a surrogate pair.") from error
    except RecursionError as error:
        raise NotCanonical("not_json", "It is nested too deeply.") from error


def read(content: bytes) -> JsonValue:
    """The value whose canonical bytes these are; ``NotCanonical`` where they are not exactly that."""
    value = _parsed(content)
    written = dumps(value)
    if written != content:
        raise NotCanonical(
            "not_canonical",
            f"It is JSON, but not in canonical form (RFC 8785): byte {_first_difference(content, written)} differs. "
            "Somebody may have saved it anew; take the file as it was handed out.",
        )
    return value


def _parsed(content: bytes) -> JsonValue:
    if sum(content.count(mark) for mark in (b",", b"[", b"{")) > MOST_VALUES:
        raise NotCanonical("too_large", f"It holds more than {MOST_VALUES:,} values, which no file of Stocktake does.")
    try:
        value: JsonValue = json.loads(
            content.decode(), object_pairs_hook=_object, parse_int=_integer, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise NotCanonical("not_json", f"It is not UTF-8 at byte {error.start}.") from error
    except json.JSONDecodeError as error:
        raise NotCanonical("not_json", f"It is no JSON: {error.msg} at character {error.pos}.") from error
    except RecursionError as error:
        raise NotCanonical("not_json", "It is nested too deeply.") from error
    return value


def _object(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise NotCanonical("repeated_member", f"The member {twice!r} stands twice in one object.")
    return members


def _integer(digits: str) -> int | float:
    """A whole number; as a floating-point number where no other reader of JSON would hold it exactly."""
    value = float(digits)
    return int(digits) if abs(value) <= GREATEST else value


def _no_number(word: str) -> NoReturn:
    raise NotCanonical("not_json", f"{word} is no JSON.")


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _write(value: JsonValue, pieces: list[str]) -> None:
    match value:
        case None:
            pieces.append("null")
        case bool():
            pieces.append("true" if value else "false")
        case str():
            pieces.append(_text(value))
        case int():
            pieces.append(_whole(value))
        case float():
            pieces.append(_number(value))
        case list():
            _write_list(value, pieces)
        case dict():
            _write_object(value, pieces)


def _write_list(items: list[JsonValue], pieces: list[str]) -> None:
    pieces.append("[")
    for place, item in enumerate(items):
        pieces.append("," if place else "")
        _write(item, pieces)
    pieces.append("]")


def _write_object(members: dict[str, JsonValue], pieces: list[str]) -> None:
    pieces.append("{")
    for place, name in enumerate(sorted(members, key=_units)):
        pieces.append(f"{',' if place else ''}{_text(name)}:")
        _write(members[name], pieces)
    pieces.append("}")


def _units(name: str) -> bytes:
    """Members are sorted by the UTF-16 units of their names."""
    return name.encode("utf-16-be")


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _whole(value: int) -> str:
    if abs(value) > GREATEST:
        raise NotCanonical("not_json", f"A whole number lies beyond {GREATEST}.")
    return str(value)


def _number(value: float) -> str:
    """As ECMAScript writes it: the fewest digits that mean the same number, an exponent only where it is long."""
    if value == 0:
        return "0"
    sign, figures, exponent = Decimal(repr(value)).as_tuple()
    if not isinstance(exponent, int):
        raise NotCanonical("not_json", "A number is infinite or none.")
    digits = "".join(map(str, figures)).rstrip("0")
    point = len(figures) + exponent  # where the point stands, counted in digits
    return ("-" if sign else "") + _placed(digits, point)


def _placed(digits: str, point: int) -> str:
    if len(digits) <= point <= MOST_PLACES:
        return digits + "0" * (point - len(digits))
    if 0 < point <= MOST_PLACES:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = digits[0] + (f".{digits[1:]}" if digits[1:] else "")
    return f"{mantissa}e{point - 1:+d}"
