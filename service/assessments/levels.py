"""How a canonical value becomes a level, 0 to 4, by its question's own rule. Exact decimals."""

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import cast

from service.assessments.age import months_before
from service.catalogue.question import (
    Choice,
    Choices,
    Day,
    Ladder,
    Maturity,
    Question,
    Requirement,
    Text,
    YesPartialNo,
)
from stocktake.models.answers import Value

YES_PARTIAL_NO = ("yes", "partial", "no")


def level_of(question: Question, value: Value, *, period_end: date) -> int | None:
    """The level a canonical value stands for; none for a context question."""
    form = question.answer
    if not question.scored or isinstance(form, Text):
        return None
    match form:
        case Maturity():
            return cast("int", value)
        case Choice():
            return next(option.level for option in form.options if option.id == value)
        case YesPartialNo():
            return form.levels[YES_PARTIAL_NO.index(str(value))] if form.levels else None
        case _:
            return _climb(form.levels, _meets(form, value, period_end)) if form.levels else None


def _climb(ladder: Ladder, met: Callable[[Requirement], bool]) -> int:
    """The highest level whose requirement and every lower one are met."""
    return sum(1 for _ in takewhile(met, ladder))


def _meets(form: object, value: Value, period_end: date) -> Callable[[Requirement], bool]:
    match form:
        case Day():
            day = date.fromisoformat(str(value))
            return lambda requirement: _recent_enough(requirement, day, period_end)
        case Choices():
            chosen = set(cast("list[str]", value))
            counted = sum(1 for option in form.options if option.id in chosen and not option.alone)
            return lambda requirement: _enough_chosen(requirement, chosen, counted)
        case _:
            number = Decimal(str(value))
            return lambda requirement: _within_limits(requirement, number)


def _recent_enough(requirement: Requirement, day: date, period_end: date) -> bool:
    return requirement.within_months is not None and day >= months_before(period_end, requirement.within_months)


def _enough_chosen(requirement: Requirement, chosen: set[str], counted: int) -> bool:
    """An option that stands alone (``none``) is not counted."""
    return (
        chosen.issuperset(requirement.all or ())
        and (requirement.any is None or not chosen.isdisjoint(requirement.any))
        and counted >= (requirement.count or 0)
        and chosen.isdisjoint(requirement.none_of or ())
    )


def _within_limits(requirement: Requirement, number: Decimal) -> bool:
    limits = (
        (requirement.at_least, operator.ge),
        (requirement.above, operator.gt),
        (requirement.at_most, operator.le),
        (requirement.below, operator.lt),
    )
    return all(limit is None or holds(number, limit) for limit, holds in limits)
