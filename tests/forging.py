"""Forgeries of sealed files: one thing changed, and digests mended as far as a forger would."""

import copy
from collections.abc import Callable
from typing import cast

from pydantic import JsonValue

from sealed_builder import Json, canonical, chained, sha256

Change = Callable[[Json], None]
"""What is done to a sealed file."""


def part(value: JsonValue, *steps: str | int) -> Json:
    """The object that lies there."""
    for step in steps:
        value = cast("Json", value)[step] if isinstance(step, str) else cast("list[JsonValue]", value)[step]
    return cast("Json", value)


def forged(sealed: Json, change: Change, *, mend: str = "all") -> bytes:
    """A sealed file, changed, then its digests mended: ``all`` of them, the ``hash`` of the event, or none."""
    seal = copy.deepcopy(sealed)
    change(seal)
    event = part(seal, "event")
    if mend == "all":
        seal["digest"] = event["digest"] = sha256(canonical(seal["snapshot"]))
    if mend in {"all", "hash"}:
        seal["event"] = chained(str(seal["state"]), [event], previous=str(event["previous"]))[0]
    return canonical(seal)


def put(*steps: str | int, to: JsonValue) -> Change:
    """Something else in that place."""

    def change(seal: Json) -> None:
        cast("dict[str | int, JsonValue]", part(seal, *steps[:-1]))[steps[-1]] = to

    return change


def drop(*steps: str | int) -> Change:
    """What lies there taken out."""

    def change(seal: Json) -> None:
        del cast("dict[str | int, JsonValue]", part(seal, *steps[:-1]))[steps[-1]]

    return change
