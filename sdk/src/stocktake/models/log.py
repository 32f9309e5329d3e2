"""The log of a state: one event for each thing done or read, chained by hashes."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from stocktake.models.base import Instant, Sha256, StateCode, View

APPROVAL = "assessment.approve"
"""The action whose event holds the digest of the snapshot that was approved."""


class Event(View):
    """One line of a state's log.

    ``hash`` is the SHA-256 of the canonical JSON (RFC 8785) of the other members and ``"state"``, the state's code.
    """

    number: Annotated[int, Strict(), Field(ge=1)]
    """Counted from 1 without a gap, for each state by itself."""
    at: Instant
    actor: str
    """``key:`` or ``person:`` with a public id, or ``operator``; ``XSG/person:…`` for a reader of what was shared with
    XSG. Never a name."""
    action: str
    """What was done: ``answer.write``, ``assessment.approve`` …; ``refused:answer.write`` where the actor may not."""
    subject: str
    """The path of what it was done to."""
    digest: Sha256 | None
    """Of what was written, with a salt that is kept apart; for an approval the digest of the snapshot, as it is."""
    previous: Sha256
    """The ``hash`` of the event before; 64 zeros for the first."""
    hash: Sha256


class Log(View):
    """A part of a state's log without a gap; it need not begin with the first event."""

    format: Literal["stocktake/log/1"]
    state: StateCode
    events: Annotated[list[Event], Field(min_length=1)]
