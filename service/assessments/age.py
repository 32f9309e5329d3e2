"""How old evidence may grow before it counts for less (instruments.md B.4). Pure date arithmetic."""

from calendar import monthrange
from datetime import date

from service.catalogue.question import Dimension

USE_MONTHS = 12
"""Evidence of what is in use is worth its full grade for so long."""
PLACE_MONTHS = 36
"""Evidence of law and procedures is."""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def age_limits(period_end: date) -> tuple[date, date]:
    """The first days that are still age 0 and age 1 at the end of the period; anything earlier is age 2."""
    return months_before(period_end, USE_MONTHS), months_before(period_end, PLACE_MONTHS)


def age_of(evidence_on: date | None, period_end: date) -> int:
    """Age class of evidence at the end of the period: 0 within 12 months, 1 within 36, 2 older or without a day."""
    if evidence_on is None:
        return 2
    return sum(evidence_on < limit for limit in age_limits(period_end))


def aged_grade(grade: int, age: int, dimension: Dimension) -> int:
    """The grade once age is counted in: one lower when too old for its dimension, never below 0."""
    old = age > 0 if dimension == "in_use" else age > 1
    return max(0, grade - 1) if old else grade
