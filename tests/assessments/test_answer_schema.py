"""The schema and the service give one verdict on an answer's form, over made-up answers to every type of question."""

from datetime import date
from fractions import Fraction
from functools import cache
from unicodedata import category, normalize

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from conftest import INVENTED, ROOT
from service.assessments.answering import check_scope
from service.assessments.values import check_entry
from service.catalogue.answer_schema import answer_schema
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load
from service.catalogue.question import Choice, Choices, Day, Question, Text, YesPartialNo
from service.errors import Problem
from stocktake.models.answers import AnswerRow

FOLDERS = (INVENTED, ROOT / "checklists" / "unga-73-11")
END = date(2026, 12, 31)


@cache
def checklist(number: int) -> Checklist:
    return load(FOLDERS[number]).checklist


@cache
def judge(number: int, question: str) -> Draft202012Validator:
    """Judges rows on one question; that each row has one question that fits it is tried elsewhere."""
    schema = answer_schema(checklist(number))
    return Draft202012Validator({"$ref": f"#/$defs/{question}", "$defs": schema["$defs"]})


def accepted(question: Question, row: object) -> bool:
    """The service's verdict on the form of a row."""
    try:
        entry = AnswerRow.model_validate(row)
        check_scope(question, entry.site)
        check_entry(question, entry, period_end=END)
    except (ValidationError, Problem):
        return False
    return True


TEXTS = st.text(max_size=6) | st.sampled_from(
    ["", " ", "\n", "a\tb", "2026-02-28", "2026-02-29", "yes", "no", "x" * 401]
)
NUMBERS = (
    st.integers(-2, 6)
    | st.sampled_from([99, 100, 101, 10**11, 10**11 + 1, 2**53, 0.0, -0.0, 0.5, 99.9999, 100.0001, 1e11])
    | st.floats(-1, 101, width=16)
)
DAYS = st.dates(date(1890, 1, 1), date(2210, 1, 1)).map(date.isoformat)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS | DAYS


@st.composite
def rows(draw: st.DrawFn) -> tuple[int, Question, dict[str, object]]:
    """A row on some question, more often nearly right than not."""
    number = draw(st.integers(0, len(FOLDERS) - 1))
    question = draw(st.sampled_from(checklist(number).questions))
    words = st.sampled_from(_words(question))
    anything = SCALARS | words | st.lists(words | TEXTS, max_size=4)
    value = _fitting(question) if draw(st.integers(0, 3)) else anything
    reasons = st.none() | TEXTS | st.sampled_from([reason.id for reason in question.not_applicable] or ["none"])
    kinds = st.sampled_from(
        ["value", "value", "value", "other_means", "not_applicable", "unknown", "withheld", "perhaps", None]
    )
    site = st.just("A01") if question.scope == "site" else st.none()
    row: dict[str, object] = {"question": question.id}
    row |= draw(st.fixed_dictionaries({"value": value}, optional={"kind": kinds, "reason": reasons}))
    if draw(st.integers(0, 3)):
        row |= {"site": draw(site)}
        row.pop("value") if row.get("kind", "value") not in ("value", "other_means") else None
    else:
        row |= draw(st.fixed_dictionaries({}, optional={"site": st.sampled_from([None, "A01", "a 1"])}))
        row |= draw(st.fixed_dictionaries({}, optional={"period_end": st.none() | DAYS | TEXTS, "remark": SCALARS}))
        row |= draw(st.fixed_dictionaries({}, optional={"colour": st.just(1)}))
    return number, question, row


def _fitting(question: Question) -> st.SearchStrategy[object]:
    """Values of about the right form; limits and lists are met by chance."""
    match question.answer:
        case Choices():
            return st.lists(st.sampled_from(_words(question)), max_size=3)
        case Choice() | YesPartialNo():
            return st.sampled_from(_words(question))
        case Day():
            return DAYS
        case Text():
            return TEXTS
        case _:
            return NUMBERS


def _words(question: Question) -> list[str]:
    if isinstance(question.answer, Choice | Choices):
        return [option.id for option in question.answer.options]
    return ["yes", "partial", "no"]


def beyond(row: dict[str, object]) -> bool:
    """What the schema says it leaves to the service: fine decimals, characters, length once composed."""
    value = row.get("value")
    if isinstance(value, float):
        return (Fraction(str(value)) * 10**4).denominator != 1
    texts = [text for text in row.values() if isinstance(text, str)]
    return any(
        normalize("NFC", text) != text or any(category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text)
        for text in texts
    )


@pytest.mark.long
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rows())
def test_the_schema_takes_what_the_service_takes(made: tuple[int, Question, dict[str, object]]) -> None:
    number, question, row = made
    assume(not beyond(row))
    assert judge(number, question.id).is_valid(row) == accepted(question, row), row


def test_both_verdicts_are_met_often_enough() -> None:
    met = {True: 0, False: 0}

    @settings(max_examples=300, deadline=None, database=None, derandomize=True)
    @given(rows())
    def count(made: tuple[int, Question, dict[str, object]]) -> None:
        met[accepted(made[1], made[2])] += 1

    count()
    assert min(met.values()) >= 60, met


@pytest.mark.parametrize("value", [12.34567, "e\u0301" * 300])
def test_what_it_leaves_to_the_service_is_counted_as_such(value: object) -> None:
    assert beyond({"value": value})
    assert not beyond({"value": 12.3456})
