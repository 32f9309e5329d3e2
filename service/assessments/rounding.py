"""Exact numbers as text, and the only place where a number is rounded: for display, half up."""

from fractions import Fraction
from math import floor


def half_up(number: Fraction) -> int:
    """The nearest whole number; halves go up."""
    return floor(number + Fraction(1, 2))


def whole_percent(share: Fraction) -> int:
    """A share of one as whole percent, half up."""
    return half_up(share * 100)


def exact(number: Fraction) -> str:
    """``numerator/denominator`` in lowest terms, whole numbers too: ``1/1``."""
    return f"{number.numerator}/{number.denominator}"


def exact_or_whole(number: Fraction) -> str:
    """``numerator/denominator`` in lowest terms, or the whole number."""
    return str(number)


def one_decimal(number: Fraction) -> str:
    """With one decimal, half up; without one when it rounds to a whole number: ``7.3``, ``12``."""
    whole, tenth = divmod(abs(half_up(number * 10)), 10)
    sign = "-" if half_up(number * 10) < 0 else ""
    return f"{sign}{whole}.{tenth}" if tenth else f"{sign}{whole}"
