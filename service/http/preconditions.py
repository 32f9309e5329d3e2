"""Which version a write replaces: ``If-Match`` and ``If-None-Match`` (RFC 9110, 13.1)."""

import re
from dataclasses import dataclass
from typing import Annotated

from fastapi import Request

from service.errors import Invalid, Place, VersionMissing
from service.http.given import Given

_HEADERS = ("if-match", "if-none-match")
_ETAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')


@dataclass(frozen=True, slots=True)
class Replaces:
    """The version a write is meant to replace: 0 for none, absent for whatever stands."""

    version: int | None


def replaced(request: Request) -> Replaces:
    """Read the preconditions; a write without one is refused (RFC 6585, 428)."""
    if_match, if_none_match = (request.headers.get(name) for name in _HEADERS)
    if if_match is not None and if_none_match is not None:
        raise Invalid.at(Place("header:if-none-match", "send either If-Match or If-None-Match"))
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise Invalid.at(Place("header:if-none-match", "only * is taken here: create, do not replace"))
        return Replaces(0)
    if if_match is None:
        raise VersionMissing(
            'Send If-Match: "3" to replace version 3, If-Match: * to replace whatever stands, '
            "or If-None-Match: * to create only."
        )
    if if_match.strip() == "*":
        return Replaces(None)
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise Invalid.at(Place("header:if-match", 'a version is a whole number in quotes, as in "3", or *'))
    return Replaces(int(match[1]))


_SCHEMA = {"anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}]}
Precondition = Annotated[
    Replaces,
    Given(
        replaced,
        tuple(
            {"name": name, "in": "header", "required": False, "schema": {**_SCHEMA, "title": name.title()}}
            for name in _HEADERS
        ),
    ),
]
