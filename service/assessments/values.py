"""Which answers a question takes, in which canonical form; what it does not take is refused by name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from service.assessments.facts import Given
from service.assessments.levels import YES_PARTIAL_NO, level_of
from service.catalogue.question import MOST, Choice, Choices, Day, Duration, Maturity, Number, Percent, Question, Text
from service.errors import Message, Place, WrongAnswer
from service.languages.words import mark
from stocktake.models.answers import AnswerEntry, Value

DECIMALS = 10**4
FIRST_YEAR, LAST_YEAR = 1900, 2200
TOP_LEVEL = 4
SHOWN = 60
"""Characters of a wrong value that its error message repeats."""
LISTED = 5
_TIMES = {"seconds": mark("seconds"), "minutes": mark("minutes"), "hours": mark("hours"), "days": mark("days")}
ISO_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"


@dataclass(frozen=True, slots=True)
class _Range:
    low: Fraction
    high: Fraction
    whole: bool
    unit: str | Message = ""


def canonical(question: Question, value: Value) -> Value:
    """The value as it is kept: choices in the checklist's order, whole numbers as int, text trimmed and in NFC."""
    found = _read(question, value)
    if found is None:
        raise _wrong(question, Place("/value", _expected(question)), value)
    return found


def check_entry(question: Question, entry: AnswerEntry, *, period_end: date) -> Given:
    """What rules look at in an answer its question takes; whatever breaks a rule is refused."""
    if entry.period_start and entry.period_end and entry.period_start > entry.period_end:
        place = Place("/period_start", "expected a start on or before the period's end")
        raise _wrong(question, place, entry.period_start.isoformat())
    value: Value | None = None
    level: int | None = None
    if entry.kind == "value":
        if entry.value is None:
            raise _wrong(question, Place("/value", "expected a value, or a non-answer by its kind"), None)
        value = canonical(question, entry.value)
        level = level_of(question, value, period_end=period_end)
    elif entry.kind == "other_means":
        value = level = _other_means(question, entry)
    else:
        _check_non_answer(question, entry)
    grade, evidence_on = max(((e.grade, e.dated) for e in entry.evidence), default=(0, None))
    return Given(entry.kind, value, level, grade, evidence_on)


def _other_means(question: Question, entry: AnswerEntry) -> int:
    if not question.scored:
        place = Place("/kind", "expected a value: other means are for scored questions")
        raise _wrong(question, place, entry.kind)
    if not (entry.reason or "").strip():
        raise _wrong(question, Place("/reason", "expected the other means, in words"), entry.reason)
    level = None if entry.value is None else _number(entry.value, _Range(Fraction(0), Fraction(TOP_LEVEL), whole=True))
    if level is None:
        place = Place("/value", "expected the level reached by other means, a whole number from 0 to 4")
        raise _wrong(question, place, entry.value)
    return int(level)


def _check_non_answer(question: Question, entry: AnswerEntry) -> None:
    if entry.value is not None:
        place = Place("/value", "expected no value beside the kind {kind}", kind=entry.kind)
        raise _wrong(question, place, entry.value)
    if entry.kind == "withheld" and not (entry.reason or "").strip():
        place = Place("/reason", "expected the authority that withholds the answer")
        raise _wrong(question, place, entry.reason)
    listed = [reason.id for reason in question.not_applicable]
    if entry.kind == "not_applicable" and entry.reason not in listed:
        if not listed:
            place = Place("/kind", "expected an answer: no reason is listed for which it does not apply")
            raise _wrong(question, place, entry.kind)
        place = Place("/reason", "expected one of the listed reasons: {reasons}", reasons=", ".join(listed))
        raise _wrong(question, place, entry.reason)


def _wrong(question: Question, place: Place, came: Value | None) -> WrongAnswer:
    if came is None:
        return WrongAnswer(
            "{question}: {expected}; came nothing", question=question.id, expected=place.message, places=(place,)
        )
    if isinstance(came, int) and abs(came) > MOST:
        return WrongAnswer(
            "{question}: {expected}; came a number beyond {most}",
            question=question.id,
            expected=place.message,
            most=MOST,
            places=(place,),
        )
    return WrongAnswer(
        "{question}: {expected}; came {value}",
        question=question.id,
        expected=place.message,
        value=_shown(came),
        places=(place,),
    )


def _shown(value: Value) -> str:
    """A wrong value, escaped and shortened, so that a message may repeat it."""
    text = repr(value[: 2 * SHOWN] if isinstance(value, str) else value[:LISTED] if isinstance(value, list) else value)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _read(question: Question, value: Value) -> Value | None:
    """The canonical value, or none when it is not one."""
    match question.answer:
        case Maturity() | Percent() | Number() | Duration() as form:
            return _number(value, _range(form))
        case Choice() as form:
            return _word(value, [option.id for option in form.options])
        case Choices() as form:
            return _chosen(form, value)
        case Day():
            return _day(value)
        case Text() as form:
            return _text(value, form.max_length)
        case _:
            return _word(value, YES_PARTIAL_NO)


def _expected(question: Question) -> Message:
    """What the question takes, in words."""
    match question.answer:
        case Maturity() | Percent() | Number() | Duration() as form:
            return _expected_number(_range(form))
        case Choice() as form:
            return _expected_word([option.id for option in form.options])
        case Choices() as form:
            return _expected_choices(form)
        case Day():
            return Message("expected a date YYYY-MM-DD from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR)
        case Text() as form:
            return Message("expected a text of 1 to {most} characters without control characters", most=form.max_length)
        case _:
            return _expected_word(YES_PARTIAL_NO)


def _range(form: Maturity | Percent | Number | Duration) -> _Range:
    match form:
        case Maturity():
            return _Range(Fraction(0), Fraction(TOP_LEVEL), whole=True)
        case Percent():
            return _Range(Fraction(0), Fraction(100), whole=False, unit=Message("percent"))
        case Number():
            high = MOST if form.max is None else form.max
            return _Range(Fraction(form.min), Fraction(high), form.whole, form.unit)
        case _:
            return _Range(Fraction(0), Fraction(MOST), whole=False, unit=Message(_TIMES[form.unit]))


def _expected_number(allowed: _Range) -> Message:
    low, high = (int(limit) if limit.denominator == 1 else float(limit) for limit in (allowed.low, allowed.high))
    if not allowed.whole:
        return Message(
            "expected a number from {low} to {high} with at most 4 decimals ({unit})",
            low=low,
            high=high,
            unit=allowed.unit,
        )
    if allowed.unit == "":
        return Message("expected a whole number from {low} to {high}", low=low, high=high)
    return Message("expected a whole number from {low} to {high} ({unit})", low=low, high=high, unit=allowed.unit)


def _expected_word(words: Sequence[str]) -> Message:
    return Message("expected one of: {words}", words=", ".join(words))


def _expected_choices(form: Choices) -> Message:
    options = ", ".join(option.id for option in form.options)
    alone = ", ".join(option.id for option in form.options if option.alone)
    if not alone:
        return Message("expected a list, each once, of: {options}", options=options)
    return Message("expected a list, each once, of: {options} ({alone} only alone)", options=options, alone=alone)


def _number(value: Value, allowed: _Range) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    # Fractions compare exactly with any int or float; NaN and the infinities are in no range.
    if not allowed.low <= value <= allowed.high:
        return None
    if value == int(value):
        return int(value)
    too_fine = allowed.whole or (Fraction(str(value)) * DECIMALS).denominator != 1
    return None if too_fine else value


def _word(value: Value, words: list[str] | tuple[str, ...]) -> str | None:
    return value if isinstance(value, str) and value in words else None


def _chosen(form: Choices, value: Value) -> list[str] | None:
    if not isinstance(value, list):
        return None
    alone = {option.id for option in form.options if option.alone}
    chosen = [option.id for option in form.options if option.id in value]
    # Nothing chosen says "none of them" only where no option says so itself.
    said = bool(chosen) or not alone
    together = len(chosen) > 1 and not alone.isdisjoint(chosen)
    return chosen if said and not together and len(chosen) == len(value) else None


def _day(value: Value) -> str | None:
    if not isinstance(value, str) or not re.fullmatch(ISO_DAY, value):
        return None
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    return value if FIRST_YEAR <= day.year <= LAST_YEAR else None


def _text(value: Value, most: int) -> str | None:
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFC", value).strip()
    strange = any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t" for c in text)
    return text if 1 <= len(text) <= most and not strange else None
