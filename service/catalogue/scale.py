"""The scale of a question: which values it takes and which levels they stand for, apart from all words."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from service.catalogue.question import (
    AnswerType,
    Choice,
    Choices,
    Duration,
    Maturity,
    Number,
    Question,
    Requirement,
    Text,
    YesPartialNo,
)

LEVELS = ("0", "1", "2", "3", "4")
YES_PARTIAL_NO = ("yes", "partial", "no")


def scale_aspects(old: Question, new: Question) -> tuple[str, ...]:
    """What of the scale differs, by name; empty when an answer to the one says the same as answer to the other."""
    before, after = _scale(old), _scale(new)
    found = [name for name in ("scope", "dimension", "answer_type") if before[name] != after[name]]
    if "answer_type" not in found:
        found += [name for name in ("options", "limits", "unit") if before[name] != after[name]]
        found += ["levels"] if _levels_differ(old.answer, new.answer) else []
    if not {r.id for r in old.not_applicable} <= {r.id for r in new.not_applicable}:
        found.append("reasons")
    return tuple(found)


def listed_values(form: AnswerType) -> tuple[str, ...]:
    """The values of a question that is answered out of a list; empty for any other."""
    match form:
        case Maturity():
            return LEVELS
        case Choice() | Choices():
            return tuple(option.id for option in form.options)
        case YesPartialNo():
            return YES_PARTIAL_NO
        case _:
            return ()


def takes_all(old: Question, new: Question) -> bool:
    """Whether the new question takes every value that the old one took."""
    if old.scope != new.scope or old.answer.type != new.answer.type:
        return False
    match old.answer, new.answer:
        case (Choice() as before, Choice() as after) | (Choices() as before, Choices() as after):
            return _options(before) <= _options(after)
        case Number() as before, Number() as after:
            return before.unit == after.unit and _range(before).within(_range(after))
        case Duration() as before, Duration() as after:
            return before.unit == after.unit
        case Text() as before, Text() as after:
            return before.max_length <= after.max_length
        case _:
            return True


def _scale(question: Question) -> dict[str, object]:
    form = question.answer
    return {
        "scope": question.scope,
        "dimension": question.dimension,
        "answer_type": form.type,
        "options": _options(form) if isinstance(form, Choice | Choices) else None,
        "limits": _range(form) if isinstance(form, Number) else form.max_length if isinstance(form, Text) else None,
        "unit": form.unit if isinstance(form, Number | Duration) else None,
    }


def _options(form: Choice | Choices) -> frozenset[tuple[str, bool]]:
    """Each option, and whether it stands alone."""
    return frozenset((option.id, option.alone) for option in form.options)


@dataclass(frozen=True, slots=True)
class _Range:
    low: Decimal
    high: Decimal
    whole: bool

    def within(self, other: "_Range") -> bool:
        return other.low <= self.low and self.high <= other.high and (self.whole or not other.whole)


def _range(form: Number) -> _Range:
    return _Range(form.min, Decimal("Infinity") if form.max is None else form.max, form.whole)


def _levels_differ(old: AnswerType, new: AnswerType) -> bool:
    """Whether what both take stands for another level; an option that came or went is told as such."""
    before, after = _levels(old), _levels(new)
    return bool(before) != bool(after) or any(before[value] != after[value] for value in before.keys() & after.keys())


def _levels(form: AnswerType) -> Mapping[str, int | Requirement | None]:
    match form:
        case Choice():
            return {option.id: option.level for option in form.options}
        case Maturity() | Text():
            return {}
        case YesPartialNo():
            return dict(zip(YES_PARTIAL_NO, form.levels or (), strict=False))
        case _:
            return dict(zip(LEVELS[1:], form.levels or (), strict=False))
