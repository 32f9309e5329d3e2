"""What each type of question takes, and what is said about the rest."""

from datetime import date
from decimal import Decimal

import pytest

from rule_builders import DAY, END, MATURITY, USE_SHARES, Asked, choice, choices, ladder, question
from service.assessments.facts import Given
from service.assessments.values import canonical, check_entry
from service.catalogue.question import MOST, AnswerType, Duration, Number, Percent, Text, YesPartialNo
from service.errors import WrongAnswer
from stocktake.models.answers import AnswerEntry, AnswerKind, Evidence, Value

PERCENT = Percent(type="percent", counts="part / whole", levels=ladder(*USE_SHARES))
COUNT = Number(type="number", unit="posts")
DEGREES = Number(type="number", unit="degrees", min=Decimal("-2.5"), max=Decimal(10), whole=False)
HOURS = Duration(type="duration", unit="hours")
WORDS = YesPartialNo(type="yes_partial_no", yes="y", partial="p", no="n", levels=(4, 2, 0))
MODES = choice(find=4, none=0)
AGENCIES = choices("police", "customs", "none", alone="none")
TEXT = Text(type="text", max_length=5)


@pytest.mark.parametrize(
    ("form", "value", "kept"),
    [
        (MATURITY, 0, 0),
        (MATURITY, 4.0, 4),
        (MODES, "find", "find"),
        (AGENCIES, ["customs", "police"], ["police", "customs"]),
        (AGENCIES, ["none"], ["none"]),
        (choices("a", "b"), [], []),
        (WORDS, "partial", "partial"),
        (PERCENT, 100, 100),
        (PERCENT, 99.9999, 99.9999),
        (PERCENT, 50.0, 50),
        (PERCENT, -0.0, 0),
        (COUNT, MOST, MOST),
        (DEGREES, -2.5, -2.5),
        (HOURS, 0.25, 0.25),
        (DAY, "1900-01-01", "1900-01-01"),
        (DAY, "2200-12-31", "2200-12-31"),
        (TEXT, " a\nb ", "a\nb"),
        (TEXT, "e\u0301", "\u00e9"),
    ],
)
def test_a_right_value_is_kept_in_canonical_form(form: AnswerType, value: Value, kept: Value) -> None:
    found = canonical(question("q", Asked(answer=form)), value)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        (MATURITY, 5, "a whole number from 0 to 4"),
        (MATURITY, 2.5, "a whole number from 0 to 4"),
        (MATURITY, True, "a whole number from 0 to 4"),
        (MATURITY, "3", "a whole number from 0 to 4"),
        (MODES, "mind", "one of: find, none"),
        (MODES, 3, "one of: find, none"),
        (MODES, ["find"], "one of: find, none"),
        (AGENCIES, "police", "a list, each once, of: police, customs, none (none only alone)"),
        (AGENCIES, [], "a list, each once, of"),
        (AGENCIES, ["police", "police"], "each once"),
        (AGENCIES, ["police", "none"], "none only alone"),
        (AGENCIES, ["police", "army"], "police, customs, none"),
        (choices("a", "b"), ["c"], "a list, each once, of: a, b;"),
        (WORDS, True, "one of: yes, partial, no"),
        (PERCENT, 100.0001, "a number from 0 to 100 with at most 4 decimals (percent)"),
        (PERCENT, 0.00001, "at most 4 decimals"),
        (PERCENT, 12.34567, "at most 4 decimals"),
        (PERCENT, float("nan"), "from 0 to 100"),
        (PERCENT, float("inf"), "from 0 to 100"),
        (PERCENT, False, "from 0 to 100"),
        (COUNT, -1, "a whole number from 0 to 100000000000 (posts)"),
        (COUNT, 1.5, "a whole number"),
        (COUNT, MOST + 1, "a whole number"),
        (DEGREES, -2.6, "a number from -2.5 to 10 with at most 4 decimals (degrees)"),
        (HOURS, -0.5, "a number from 0 to 100000000000 with at most 4 decimals (hours)"),
        (DAY, "2026-02-30", "a date YYYY-MM-DD from 1900 to 2200"),
        (DAY, "1899-12-31", "a date"),
        (DAY, "2201-01-01", "a date"),
        (DAY, "20260101", "a date"),
        (DAY, "2026-W01-1", "a date"),
        (DAY, "\u0662026-01-01", "a date"),
        (DAY, 20260101, "a date"),
        (TEXT, "   ", "a text of 1 to 5 characters"),
        (TEXT, "123456", "a text of 1 to 5 characters"),
        (TEXT, "a\x00", "without control characters"),
        (TEXT, "\ud800", "without control characters"),
        (TEXT, 1, "a text of"),
    ],
)
def test_a_wrong_value_is_refused_with_question_expectation_and_value(
    form: AnswerType, value: Value, expected: str
) -> None:
    with pytest.raises(WrongAnswer) as caught:
        canonical(question("p9.q", Asked(answer=form)), value)
    said = caught.value.detail
    assert said.startswith("p9.q: expected ")
    assert expected in said
    assert "; came " in said
    (place,) = caught.value.places
    assert place.at == "/value"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\u202eabc", r"'\u202eabc'"),
        ("x" * 10_000, "'" + "x" * 59 + "…"),
        pytest.param(10**5000, "a number beyond 100000000000", id="more digits than Python will print"),
        (["x"] * 10, "['x', 'x', 'x', 'x', 'x']"),
    ],
)
def test_what_came_is_shown_escaped_and_shortened(value: Value, shown: str) -> None:
    with pytest.raises(WrongAnswer) as caught:
        canonical(question("q"), value)
    assert caught.value.detail.endswith(f"; came {shown}")


def check(entry: AnswerEntry, asked: Asked | None = None) -> Given:
    return check_entry(question("q", asked or Asked(answer=PERCENT)), entry, period_end=END)


def test_a_value_gets_its_level() -> None:
    assert check(AnswerEntry(value=75.0)) == Given("value", 75, 3)


def test_the_best_evidence_is_the_highest_grade_and_then_the_latest() -> None:
    dated = [(1, date(2026, 6, 1)), (2, date(2020, 1, 1)), (2, date(2021, 1, 1))]
    evidence = [Evidence(title="E", grade=grade, dated=on) for grade, on in dated]
    assert check(AnswerEntry(value=0, evidence=evidence)) == Given("value", 0, 0, 2, date(2021, 1, 1))


@pytest.mark.parametrize(
    ("kind", "value", "reason", "given"),
    [
        ("other_means", 3, "by telephone", Given("other_means", 3, 3)),
        ("not_applicable", None, "none_such", Given("not_applicable")),
        ("unknown", None, None, Given("unknown")),
        ("withheld", None, "Ministry", Given("withheld")),
    ],
)
def test_other_answers(kind: AnswerKind, value: Value | None, reason: str | None, given: Given) -> None:
    assert check(AnswerEntry(kind=kind, value=value, reason=reason)) == given


@pytest.mark.parametrize(
    ("kind", "value", "reason", "at", "expected"),
    [
        ("value", None, None, "/value", "a value, or a non-answer by its kind; came nothing"),
        ("value", 101, None, "/value", "from 0 to 100"),
        ("other_means", 3, None, "/reason", "the other means, in words"),
        ("other_means", 3, "  ", "/reason", "the other means, in words"),
        ("other_means", None, "by telephone", "/value", "from 0 to 4; came nothing"),
        ("other_means", 5, "by telephone", "/value", "from 0 to 4; came 5"),
        ("not_applicable", None, None, "/reason", "one of the listed reasons: none_such"),
        ("not_applicable", None, "other", "/reason", "one of the listed reasons: none_such; came 'other'"),
        ("not_applicable", 1, "none_such", "/value", "no value beside the kind not_applicable; came 1"),
        ("unknown", 0, None, "/value", "no value beside the kind unknown; came 0"),
        ("withheld", None, None, "/reason", "the authority that withholds the answer"),
        ("withheld", None, " ", "/reason", "the authority that withholds the answer"),
        ("withheld", 1, "Ministry", "/value", "no value"),
    ],
)
def test_wrong_answers(kind: AnswerKind, value: Value | None, reason: str | None, at: str, expected: str) -> None:
    with pytest.raises(WrongAnswer) as caught:
        check(AnswerEntry(kind=kind, value=value, reason=reason))
    assert expected in caught.value.detail
    assert [place.at for place in caught.value.places] == [at]


def test_other_means_are_for_scored_questions() -> None:
    with pytest.raises(WrongAnswer, match="other means are for scored questions; came 'other_means'"):
        check(AnswerEntry(kind="other_means", value=3, reason="so"), Asked(dimension="context"))


def test_not_applicable_needs_a_question_that_lists_a_reason() -> None:
    with pytest.raises(WrongAnswer, match="no reason is listed for which it does not apply"):
        check(AnswerEntry(kind="not_applicable", reason="none_such"), Asked(reasons=()))


def test_a_period_does_not_end_before_it_starts() -> None:
    day, before = date(2026, 1, 2), date(2026, 1, 1)
    with pytest.raises(WrongAnswer) as caught:
        check(AnswerEntry(value=1, period_start=day, period_end=before))
    assert caught.value.places[0].at == "/period_start"
    for start, end in ((day, day), (None, day), (day, None)):
        assert check(AnswerEntry(value=1, period_start=start, period_end=end)).value == 1
