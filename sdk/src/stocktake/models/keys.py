"""API keys of a member state, as its coordinator gives them out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from stocktake.models.base import Body, Name, View
from stocktake.models.people import PublicId

ScopeName = Literal["read", "write", "registry", "export", "log", "received"]
Days = Annotated[int, Strict(), Field(ge=1, le=365)]
KeyName = Annotated[Name, StringConstraints(max_length=100)]


class KeyEntry(Body):
    """A key to be made: what it is for, what it may do, and how many days it lasts."""

    name: KeyName
    scopes: list[ScopeName] = Field(min_length=1, max_length=6)
    days: Days = 90


class Rotation(Body):
    """A key to take over from another."""

    days: Days = 90
    """How long the new key lasts."""
    overlap_days: Annotated[int, Strict(), Field(ge=0, le=30)] = 7
    """How long the old key still opens, if it does not end before."""


class Key(View):
    """A key, without its secret, which nobody keeps."""

    id: PublicId
    name: str
    scopes: list[ScopeName]
    created_at: datetime
    created_by: str
    """``person:…``, or ``operator`` for one made at the command line."""
    expires_at: datetime
    revoked_at: datetime | None
    replaces: str | None
    """The key it took over from."""


class NewKey(View):
    """A key just made: ``secret`` is the whole key as a tool sends it, and is shown this once."""

    key: Key
    secret: str
