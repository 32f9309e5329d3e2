"""Pages by cursor: where the last one ended, not how many came before."""

import base64
import binascii
from typing import Annotated

import orjson
from fastapi import Depends, Query

from service.errors import Invalid, Place

LARGEST_PAGE = 200


class Paging:
    """How many items at most, and after which."""

    def __init__(self, limit: int, after: tuple[str, ...]) -> None:
        self.limit = limit
        self.after = after

    def key(self, parts: int) -> tuple[str, ...]:
        """The key after which to go on: this many texts, empty ones at the start."""
        if not self.after:
            return ("",) * parts
        if len(self.after) != parts:
            raise foreign_cursor()
        return self.after


async def paging(
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 100,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> Paging:
    """Read ``limit`` and ``cursor``."""
    return Paging(limit, () if cursor is None else _open(cursor))


def cursor_of(*key: str) -> str:
    """The cursor of the page that follows this key; opaque to clients."""
    return base64.urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def _open(cursor: str) -> tuple[str, ...]:
    try:
        key = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, orjson.JSONDecodeError, ValueError) as error:
        raise foreign_cursor() from error
    if not isinstance(key, list) or not key or not all(isinstance(part, str) and "\0" not in part for part in key):
        raise foreign_cursor()
    return tuple(key)


def foreign_cursor() -> Invalid:
    """A cursor of another list, or of none."""
    return Invalid.at(Place("query:cursor", "this cursor was not given out for this list; start without one"))


Pages = Annotated[Paging, Depends(paging)]
