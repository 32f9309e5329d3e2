"""Every text of a checklist that people read, by a stable key: what is translated, and put back translated.

Ids, levels, limits, conditions and the quoted paragraphs are no texts: they are the same in every language.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import TypeVar

from service.catalogue.checklist import (
    Check,
    Checklist,
    FunnelStep,
    Head,
    Indicator,
    Reference,
    Role,
    Section,
    Term,
    Unit,
)
from service.catalogue.instrument import Part
from service.catalogue.question import Maturity, Option, Percent, Question, Reason, YesPartialNo

PartT = TypeVar("PartT", bound=Part)

TEXTS: Mapping[type[Part], tuple[str, ...]] = {
    Head: ("title", "notice", "cited_as", "approver", "release_notes"),
    Role: ("title",),
    Section: ("title", "introduction"),
    Unit: ("forms",),
    Term: ("term", "meaning"),
    Check: ("message",),
    Indicator: ("title", "unit", "note"),
    Reference: ("text",),
    FunnelStep: ("title",),
    Question: ("title", "text", "why", "guidance", "evidence", "norms"),
    Reason: ("text",),
    Option: ("text",),
    Maturity: ("descriptors",),
    YesPartialNo: ("yes", "partial", "no"),
    Percent: ("counts",),
}
"""The fields that hold a text, or several."""


def texts(checklist: Checklist) -> dict[str, str]:
    """Key → text, in order of the checklist: ``questions/p2.plan/answer/descriptors/3``."""
    found = dict(_of_part(checklist.head, ""))
    for question in checklist.questions:
        found.update(_of_part(question, f"questions/{question.id}/"))
    return found


def texts_of(question: Question) -> dict[str, str]:
    """The texts of one question, by the rest of their keys: ``answer/descriptors/3``."""
    return dict(_of_part(question, ""))


def with_texts(checklist: Checklist, translated: Mapping[str, str]) -> Checklist:
    """The same checklist with every text that is translated replaced; the others stay as they are."""
    # not a copy of the whole: that would hold the questions by id as they were
    return Checklist.model_construct(
        head=_with_part(checklist.head, "", translated),
        instrument=checklist.instrument,
        questions=tuple(_with_part(q, f"questions/{q.id}/", translated) for q in checklist.questions),
        section_of=checklist.section_of,
    )


def has_texts(part: Part) -> bool:
    """Whether people read something in it."""
    return next(_of_part(part, ""), None) is not None


def source_mark(text: str) -> str:
    """What a translation names its source by: the first 8 hexadecimal digits of the SHA-256 of the source text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _of_part(part: Part, key: str) -> Iterator[tuple[str, str]]:
    for name, value in part:
        if value is None:
            continue
        if name in TEXTS.get(type(part), ()):
            yield from _of_texts(value, f"{key}{name}")
        elif isinstance(value, Part):
            yield from _of_part(value, f"{key}{name}/")
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                if isinstance(item, Part):
                    yield from _of_part(item, f"{key}{name}/{_name(item, number)}/")


def _of_texts(value: str | tuple[str, ...], key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield key, value
    else:
        for number, item in enumerate(value):
            yield f"{key}/{number}", item


def _with_part(part: PartT, key: str, translated: Mapping[str, str]) -> PartT:
    """A copy with its texts replaced. Nothing is checked again: a translation may be longer than its source."""
    changed: dict[str, object] = {}
    for name, value in part:
        if value is None:
            continue
        if name in TEXTS.get(type(part), ()):
            changed[name] = _with_text(value, f"{key}{name}", translated)
        elif isinstance(value, Part):
            changed[name] = _with_part(value, f"{key}{name}/", translated)
        elif isinstance(value, tuple) and value and isinstance(value[0], Part):
            changed[name] = tuple(
                _with_part(item, f"{key}{name}/{_name(item, number)}/", translated) for number, item in enumerate(value)
            )
    return part.model_copy(update=changed)


def _with_text(value: str | tuple[str, ...], key: str, translated: Mapping[str, str]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        return translated.get(key, value)
    return tuple(translated.get(f"{key}/{number}", item) for number, item in enumerate(value))


def _name(item: Part, number: int) -> str:
    """What an entry of a list is called in a key: by its id where it has one; a step of the funnel by what it asks."""
    if isinstance(item, FunnelStep):
        return f"{item.question}/{item.at_level}"
    return str(getattr(item, "id", None) or number)
