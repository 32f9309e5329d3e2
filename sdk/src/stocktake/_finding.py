"""What may be wrong with a file, and where. Pure."""

from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

M = TypeVar("M", bound=BaseModel)
MOST_FAULTS = 1_000
"""Faults of form that are told one by one."""


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
        if error.error_count() > MOST_FAULTS:
            return [Finding("shape", "", f"It has another shape in {error.error_count():,} places.")]
        told: dict[str, list[str]] = {}
        for fault in error.errors(include_url=False, include_context=False, include_input=False):
            place = _where(value, fault["loc"], missing=fault["type"] == "missing")
            told.setdefault(place, []).append(f"{fault['msg']}.")
        several = "This is none of the values that may stand here."
        return [Finding("shape", place, said[0] if len(said) == 1 else several) for place, said in told.items()]


def _where(value: JsonValue, steps: tuple[str | int, ...], *, missing: bool) -> str:
    """The steps that are in the file, with the one that is missing; pydantic's also name branches of its own."""
    taken = list[str | int]()
    for step in steps:
        match value, step:
            case dict() as members, str() if step in members:
                value = members[step]
            case list() as items, int() if step < len(items):
                value = items[step]
            case _:
                return pointer(*taken, *(steps[-1:] if missing else ()))
        taken.append(step)
    return pointer(*taken)
