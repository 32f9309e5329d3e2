"""The report's terms for what the models hold as codes, and how it says answers, scores and shares. Pure."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import reduce

from service.assessments.rounding import whole_percent
from service.languages.words import Words, mark
from stocktake.models.answers import Answer
from stocktake.models.assessments import Score
from stocktake.models.catalogue import AnswerType, Question

LEVELS = (
    mark("Not in place"),
    mark("Decided"),
    mark("Partial"),
    mark("Operating"),
    mark("Operating and verified"),
)
GRADES = (
    mark("Evidence 0, stated only"),
    mark("Evidence 1, described"),
    mark("Evidence 2, documented"),
    mark("Evidence 3, measured or independently checked"),
)
DIMENSIONS = {"in_place": mark("In place"), "in_use": mark("In use"), "context": mark("Context")}
BANDS = {
    "not_started": mark("Not started"),
    "early": mark("Early"),
    "partial": mark("Partial"),
    "advanced": mark("Advanced"),
    "established": mark("Established"),
}
SITE_TYPES = {
    "airport": mark("Airports"),
    "seaport": mark("Seaports"),
    "land_crossing": mark("Land crossings"),
    "rail": mark("Rail crossings"),
    "river_port": mark("River ports"),
    "customs_post": mark("Customs posts"),
    "immigration_post": mark("Immigration posts"),
    "other": mark("Other sites"),
}
SITE_TYPE = {  # short, for one column
    "airport": mark("Airport"),
    "seaport": mark("Seaport"),
    "land_crossing": mark("Land"),
    "rail": mark("Rail"),
    "river_port": mark("River port"),
    "customs_post": mark("Customs"),
    "immigration_post": mark("Immigration"),
    "other": mark("Other"),
}
KINDS = {
    "not_applicable": mark("Not applicable"),
    "other_means": mark("Other means"),
    "unknown": mark("Unknown"),
    "withheld": mark("Withheld"),
}
CERTAINTIES = {"measured": mark("Measured"), "estimated": mark("Estimated")}
SEVERITIES = {"contradiction": mark("Contradiction"), "warning": mark("Warning")}
YES_PARTIAL_NO = {"yes": mark("Yes"), "partial": mark("In part"), "no": mark("No")}
NONE = "–"
"""Stands where there is nothing to say."""


def share(fraction: str, words: Words) -> str:
    """An exact fraction as a whole percent, half up."""
    return words.percent(whole_percent(Fraction(fraction)))


def series(items: Sequence[str], words: Words) -> str:
    """``a, b, c``; empty of nothing."""
    return reduce(lambda one, other: words.text("{one}, {other}", one=one, other=other), items) if items else ""


def after(one: str, other: str, words: Words) -> str:
    """Two sentences, one after the other."""
    return words.text("{one} {other}", one=one, other=other)


def part(of: int, whole: int, words: Words) -> str:
    """``3 of 42``."""
    return words.text("{part} of {whole}", part=words.number(of), whole=words.number(whole))


def sites(n: int, words: Words) -> str:
    """``42 sites``."""
    return words.count("{n} site", "{n} sites", n)


def inside(term: str) -> str:
    """A term inside a sentence."""
    return term[:1].lower() + term[1:]


def headline(score: Score, words: Words) -> tuple[str, str]:
    """A score as number and word; a suppressed one says what is known instead."""
    if score.band == "not_applicable" or score.low is None:
        return NONE, inside(words.text("Not applicable"))
    if score.low_percent is None or score.band == "insufficient":
        known = words.percent(score.known_percent or 0)
        return NONE, words.text("insufficient information (known {known})", known=known)
    band = words.text(BANDS[score.band])
    if score.limited_basis:
        band = words.text("{band} (limited basis)", band=band)
    return words.percent(score.low_percent), band


def level(reached: int | None, words: Words) -> str:
    """``3 · Operating``."""
    return NONE if reached is None else f"{reached} · {words.text(LEVELS[reached])}"


def given(answer: Answer, question: Question, words: Words) -> str:
    """What was answered, in words."""
    why = reason(answer, question, words)
    match answer.kind:
        case "not_applicable":
            return words.text("Not applicable: {reason}", reason=why)
        case "withheld":
            return words.text("Withheld by decision of: {authority}", authority=why)
        case "other_means":
            return words.text("By other means: {means}", means=why)
        case "unknown":
            return words.text("Unknown")
        case "value":
            return value(answer, question, words)


def reason(answer: Answer, question: Question, words: Words) -> str:
    """Why there is no value, or what takes its place."""
    match answer.kind:
        case "not_applicable":
            reasons = {reason.id: reason.text for reason in question.not_applicable}
            return reasons.get(answer.reason or "", answer.reason or words.text("no reason given"))
        case "withheld":
            return answer.reason or words.text("authority not named")
        case "other_means":
            return answer.reason or words.text("not described")
        case _:
            return answer.remark or words.text("The state looked and does not know.")


def value(answer: Answer, question: Question, words: Words) -> str:
    """The value in the words and the unit of its question."""
    raw, asked = answer.value, question.answer
    if raw is None:
        return NONE
    if isinstance(raw, int | float):
        return _number(raw, asked, words)
    options = {option.id: option.text for option in asked.options}
    if isinstance(raw, list):
        return "; ".join(options.get(item, item) for item in raw) or words.text("none of them")
    if asked.type == "date":
        return words.day(date.fromisoformat(raw))
    return options.get(raw) or (words.text(YES_PARTIAL_NO[raw]) if raw in YES_PARTIAL_NO else raw)


def _number(raw: float, asked: AnswerType, words: Words) -> str:
    match asked.type:
        case "maturity":
            return words.text("Level {level}", level=raw)
        case "percent":
            return words.percent(raw)
        case "duration" if asked.unit:
            return words.time(raw, asked.unit)
        case _:
            return f"{words.number(raw)} {words.unit(asked.unit, raw)}" if asked.unit else words.number(raw)


def descriptor(reached: int | None, question: Question) -> str:
    """What the level says in the question's own words; empty where the value says it already."""
    asked = question.answer
    if reached is None:
        return ""
    if asked.type == "maturity":
        return next((option.text for option in asked.options if option.id == str(reached)), "")
    return asked.levels[reached - 1] if asked.levels and 1 <= reached <= len(asked.levels) else ""
