"""Months back, and what age does to a grade."""

from datetime import date

import pytest

from service.assessments.age import age_limits, age_of, aged_grade, months_before
from service.catalogue.question import Dimension

END = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 12, 31), 1, date(2026, 11, 30)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 3, 31), 37, date(2023, 2, 28)),
    ],
)
def test_months_before(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier


def test_age_limits_are_the_first_days_still_young_enough() -> None:
    year, three_years = age_limits(END)
    assert (year, three_years) == (date(2025, 12, 31), date(2023, 12, 31))


@pytest.mark.parametrize(
    ("on", "age"),
    [
        (date(2027, 1, 1), 0),
        (date(2025, 12, 31), 0),
        (date(2025, 12, 30), 1),
        (date(2023, 12, 31), 1),
        (date(2023, 12, 30), 2),
        (None, 2),
    ],
)
def test_age_of_evidence(on: date | None, age: int) -> None:
    assert age_of(on, END) == age


@pytest.mark.parametrize(
    ("grade", "age", "dimension", "left"),
    [
        (3, 0, "in_use", 3),
        (3, 1, "in_use", 2),
        (3, 2, "in_use", 2),
        (3, 1, "in_place", 3),
        (3, 2, "in_place", 2),
        (0, 2, "in_place", 0),
        (0, 1, "in_use", 0),
    ],
)
def test_old_evidence_is_worth_one_grade_less(grade: int, age: int, dimension: Dimension, left: int) -> None:
    assert aged_grade(grade, age, dimension) == left
