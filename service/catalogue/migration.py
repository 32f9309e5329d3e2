"""From one version of a checklist to the next: a map that decides what becomes of the answers given before."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from service.catalogue.instrument import Part, Prose, Token, Version

ChangeKind = Literal["same", "reworded", "scale_changed", "split", "merged", "retired", "new"]
Treatment = Literal["keep", "reconfirm", "map", "history"]
"""What becomes of an answer: it stands; it stands until somebody confirms it; its value is put into the new scale; it
no longer stands and is read in the history."""
Listed = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=64)]
"""A value out of a list: an option's id, ``yes``, ``partial`` or ``no``, or a level."""


class Decision(Part):
    """What one question became, and what becomes of its answers."""

    kind: ChangeKind
    from_: Token | None = Field(default=None, alias="from")
    """The question as it was; absent for a new one."""
    to: tuple[Token, ...] = ()
    """What it is now: several for a split, none for a retired one."""
    answers: Treatment | None = None
    """Needed wherever a question changed in more than its place and weight."""
    values: dict[Listed, Listed] | None = None
    """For ``map``: each old value and the new one that means the same."""
    note: Prose | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Migration(Part):
    """``migrations/<version>.yaml``: from that version to the next one that was published, or to this one."""

    format: Literal["migration/1"]
    from_: Version = Field(alias="from")
    note: Prose | None = None
    changes: tuple[Decision, ...] = ()
    """What is not listed is the same, or new."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def order(version: str) -> tuple[int, ...]:
    """What versions sort by: 1.10.0 comes after 1.9.0."""
    return tuple(int(part) for part in version.split("."))
