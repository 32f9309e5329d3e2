"""Half up, and exact text."""

from fractions import Fraction

import pytest

from service.assessments.rounding import exact, exact_or_whole, half_up, one_decimal, whole_percent


@pytest.mark.parametrize(
    ("share", "percent"),
    [
        (Fraction(16, 33), 48),
        (Fraction(6, 11), 55),
        (Fraction(5, 1000), 1),
        (Fraction(25, 1000), 3),  # round() would say 2: half to even
        (Fraction(4999, 1_000_000), 0),
        (Fraction(1), 100),
        (Fraction(995, 1000), 100),
        (Fraction(0), 0),
    ],
)
def test_whole_percent_rounds_half_up(share: Fraction, percent: int) -> None:
    assert whole_percent(share) == percent


def test_half_up_below_zero_goes_up_too() -> None:
    assert half_up(Fraction(-5, 2)) == -2


def test_exact_text_is_in_lowest_terms_and_keeps_the_denominator() -> None:
    assert exact(Fraction(32, 66)) == "16/33"
    assert exact(Fraction(1)) == "1/1"
    assert exact_or_whole(Fraction(3)) == "3"
    assert exact_or_whole(Fraction(3, 2)) == "3/2"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (Fraction(73, 10), "7.3"),
        (Fraction(725, 100), "7.3"),
        (Fraction(12), "12"),
        (Fraction(1196, 100), "12"),
        (Fraction(-73, 10), "-7.3"),
        (Fraction(-1), "-1"),
        (Fraction(-1, 100), "0"),
    ],
)
def test_one_decimal(number: Fraction, text: str) -> None:
    assert one_decimal(number) == text
