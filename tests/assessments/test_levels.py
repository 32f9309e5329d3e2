"""From value to level, by each type's own rule."""

from datetime import date

import pytest

from rule_builders import DAY, END, USE_SHARES, Asked, choice, choices, ladder, question
from service.assessments.levels import level_of
from service.catalogue.question import AnswerType, Duration, Number, Percent, Text, YesPartialNo
from stocktake.models.answers import Value

PERCENT = Percent(type="percent", counts="part / whole", levels=ladder(*USE_SHARES))
HOURS = Duration(
    type="duration", unit="hours", levels=ladder({"below": 200}, {"at_most": 72}, {"at_most": 24}, {"below": 1})
)
COUNT = Number(type="number", unit="posts", levels=ladder({"above": 0}, {"above": 1}, {"above": 2}, {"above": 3}))
AGENCIES = choices(
    "police",
    "customs",
    "army",
    "none",
    alone="none",
    levels=ladder({"count": 1}, {"any": ["police", "customs"]}, {"all": ["police", "customs"]}, {"none_of": ["army"]}),
)
TESTED = DAY.model_copy(update={"levels": ladder(*({"within_months": m} for m in (60, 36, 24, 12)))})
YES = YesPartialNo(type="yes_partial_no", yes="y", partial="p", no="n", levels=(4, 2, 0))


def level(form: AnswerType, value: Value) -> int | None:
    return level_of(question("q", Asked(answer=form)), value, period_end=END)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (Asked().answer, 3, 3),
        (choice(find=4, none=0), "find", 4),
        (choice(find=4, none=0), "none", 0),
        (choice(find=None, none=0), "find", None),
        (YES, "yes", 4),
        (YES, "partial", 2),
        (YES, "no", 0),
        (PERCENT, 0, 0),
        (PERCENT, 0.0001, 1),
        (PERCENT, 24.9999, 1),
        (PERCENT, 25, 2),
        (PERCENT, 97.9999, 3),
        (PERCENT, 98, 4),
        (HOURS, 200, 0),
        (HOURS, 72.0001, 1),
        (HOURS, 72, 2),
        (HOURS, 24, 3),
        (HOURS, 1, 3),
        (HOURS, 0.5, 4),
        (COUNT, 1, 1),
        (COUNT, 4, 4),
        (TESTED, "2021-12-30", 0),
        (TESTED, "2021-12-31", 1),
        (TESTED, "2025-12-31", 4),
        (AGENCIES, ["none"], 0),
        (AGENCIES, ["army"], 1),
        (AGENCIES, ["police"], 2),
        (AGENCIES, ["police", "customs", "army"], 3),
        (AGENCIES, ["police", "customs"], 4),
    ],
)
def test_levels(form: AnswerType, value: Value, expected: int | None) -> None:
    assert level(form, value) == expected


def test_a_decimal_threshold_is_met_exactly() -> None:
    form = PERCENT.model_copy(update={"levels": ladder(*({"at_least": x} for x in ("0.1", "0.2", "0.3", "0.7")))})
    assert [level(form, x) for x in (0.1, 0.2, 0.3, 0.7)] == [1, 2, 3, 4]


def test_a_level_is_reached_only_over_every_lower_one() -> None:
    form = COUNT.model_copy(update={"levels": ladder({"above": 0}, {"above": 90}, {"above": 2}, {"above": 3})})
    assert level(form, 50) == 1


def test_a_requirement_that_is_not_for_dates_is_not_met_by_one() -> None:
    form = DAY.model_copy(update={"levels": ladder(*({"above": n} for n in range(4)))})
    assert level(form, date(2026, 1, 1).isoformat()) == 0


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Text(type="text"), "words"),
        (DAY, "2026-01-01"),
        (YES.model_copy(update={"levels": None}), "yes"),
        (PERCENT.model_copy(update={"levels": None}), 5),
    ],
)
def test_without_a_rule_there_is_no_level(form: AnswerType, value: Value) -> None:
    assert level(form, value) is None


def test_a_context_question_has_no_level() -> None:
    asked = Asked(answer=PERCENT, dimension="context")
    assert level_of(question("q", asked), 99, period_end=END) is None
