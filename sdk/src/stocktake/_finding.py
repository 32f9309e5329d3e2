"""What may be wrong with a file, and where. Pure."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

M = TypeVar("M", bound=BaseModel)
MOST_SHAPES = 20
"""Faults of form that are told; the rest says nothing more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    code: str
    """A stable word to tell findings apart by."""
    at: str
    """A JSON pointer into the file, or into the data attached to a PDF; empty for the whole."""
    detail: str
    """What is wrong, in a sentence."""


def pointer(*steps: str | int) -> str:
    """The JSON pointer (RFC 6901) that leads there."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def unknown_members(value: JsonValue, model: type[BaseModel], *place: str | int) -> list[Finding]:
    """Members that the form does not have: for where no digest covers them, and anything could be written in."""
    names = value.keys() - model.model_fields.keys() if isinstance(value, dict) else ()
    return [
        Finding("unknown_member", pointer(*place, name), "This member does not belong here, and no digest covers it.")
        for name in sorted(names)
    ]


def shaped(model: type[M], value: JsonValue) -> M | list[Finding]:
    """The value as the model holds it, or where it has another shape."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_SHAPES]
        return [Finding("shape", _where(value, fault["loc"]), f"{fault['msg']}.") for fault in faults]


def _where(value: JsonValue, steps: tuple[str | int, ...]) -> str:
    """The steps that are in the file, and the one that is missing; pydantic's also name branches of its own."""
    taken: list[str | int] = []
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str):
            taken.append(step)
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            taken.append(step)
            value = value[step]
    return pointer(*taken)
