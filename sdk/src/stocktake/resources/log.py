"""The log of a member state: what was done, and what was read."""

from datetime import UTC, datetime
from typing import cast

from pydantic import JsonValue

from stocktake._call import Call, Script, ask, path, query
from stocktake._canonical import dumps, read
from stocktake._operation import AsyncResource, SyncResource, listing, operation, procedure
from stocktake.models.base import Page
from stocktake.models.log import Event

MOST = 10_000
"""Events of one part of an export."""


class _Log:
    @listing
    def list(  # noqa: PLR0913  # all that events can be found by, each by its name
        self,
        state: str,
        *,
        action: str | None = None,
        actor: str | None = None,
        subject: str | None = None,
        since: datetime | None = None,
        before: datetime | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[Event]]:
        """The events of a state's log as it is now, the oldest first; reading it adds one for each page.

        ``subject`` is how the subject begins, such as ``/v1/received/`` and the id of a share. ``since`` is included,
        ``before`` is not; both need a time zone. ``limit`` is the size of a page.
        """
        found = query(action=action, actor=actor, subject=subject, to=_moment(before), cursor=cursor, limit=limit)
        since_then = query(**{"from": _moment(since)})
        return Call("GET", path("states", state, "log"), Page[Event].model_validate_json, query=found | since_then)

    @operation
    def part(self, state: str, *, after: int = 0, limit: int | None = None) -> Call[bytes]:
        """A part of the log as canonical JSON, to be verified: at most ``limit`` events, from the one after a number.

        Its last event may be the one of this very reading. For long logs; parts join when they are verified together.
        """
        return Call("GET", path("states", state, "log", "export"), bytes, query=query(after=after, limit=limit))

    @procedure
    def export(self, state: str, *, after: int = 0) -> Script[bytes]:
        """The whole log after a number as one canonical JSON, fetched in parts: what ``stocktake verify`` takes."""
        events: list[JsonValue] = []
        last = after
        while True:
            call = Call("GET", path("states", state, "log", "export"), bytes, query=query(after=last, limit=MOST))
            part = (yield from ask(call)).data
            found = cast("dict[str, list[JsonValue]]", read(part))["events"]
            events += found
            if len(found) < MOST:
                return dumps({"format": "stocktake/log/1", "state": state, "events": events})
            last += len(found)


def _moment(at: datetime | None) -> str | None:
    """As the service takes it; ``ValueError`` without a time zone, which would mean another moment elsewhere."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError("A moment needs a time zone: datetime(2026, 5, 1, tzinfo=UTC).")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Log(_Log, SyncResource):
    """What was done in a state, and what was read of it."""


class AsyncLog(_Log, AsyncResource):
    """What was done in a state, and what was read of it."""
