"""The report's words for what the models hold as codes, and how it writes numbers and days. English."""

from datetime import date
from fractions import Fraction

from service.assessments.rounding import whole_percent
from stocktake.models.answers import Answer
from stocktake.models.assessments import Score
from stocktake.models.catalogue import Question

LEVELS = ("Not in place", "Decided", "Partial", "Operating", "Operating and verified")
GRADES = ("stated only", "described", "documented", "measured or independently checked")
DIMENSIONS = {"in_place": "In place", "in_use": "In use", "context": "Context"}
BANDS = {
    "not_started": "Not started",
    "early": "Early",
    "partial": "Partial",
    "advanced": "Advanced",
    "established": "Established",
    "insufficient": "Insufficient information",
    "not_applicable": "Not applicable",
}
SITE_TYPES = {
    "airport": "Airports",
    "seaport": "Seaports",
    "land_crossing": "Land crossings",
    "rail": "Rail crossings",
    "river_port": "River ports",
    "customs_post": "Customs posts",
    "immigration_post": "Immigration posts",
    "other": "Other sites",
}
SITE_TYPE = {  # short, for one column
    "airport": "Airport",
    "seaport": "Seaport",
    "land_crossing": "Land",
    "rail": "Rail",
    "river_port": "River port",
    "customs_post": "Customs",
    "immigration_post": "Immigration",
    "other": "Other",
}
KINDS = {
    "not_applicable": "Not applicable",
    "other_means": "Other means",
    "unknown": "Unknown",
    "withheld": "Withheld",
}
YES_PARTIAL_NO = {"yes": "Yes", "partial": "In part", "no": "No"}
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def short_day(on: date) -> str:
    return f"{on.day} {MONTHS[on.month - 1][:3]} {on.year}"


def number(value: float | str) -> str:
    """A whole number with its thousands parted; any other as it was given."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}" if isinstance(value, float) else value


def percent(value: float | str) -> str:
    return f"{number(value)}\u00a0%"


def share(fraction: str) -> str:
    """An exact fraction as a whole percent, half up."""
    return percent(whole_percent(Fraction(fraction)))


def count(of: int, one: str, many: str) -> str:
    """``3 critical gaps``, ``1 critical gap``, ``no critical gaps``."""
    return f"{'no' if of == 0 else number(of)} {one if of == 1 else many}"


def listed(items: list[str]) -> str:
    """``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def headline(score: Score) -> tuple[str, str]:
    """A score as number and word; a suppressed one says what is known instead."""
    if score.band == "not_applicable" or score.low is None:
        return "–", BANDS["not_applicable"].lower()
    if score.low_percent is None or score.band == "insufficient":
        known = score.known_percent if score.known_percent is not None else 0
        return "–", f"insufficient information (known {percent(known)})"
    return percent(score.low_percent), BANDS[score.band] + (" (limited basis)" if score.limited_basis else "")


def level(reached: int | None) -> str:
    return "–" if reached is None else f"{reached} · {LEVELS[reached]}"


def given(answer: Answer, question: Question) -> str:
    """What was answered, in words."""
    if answer.kind == "not_applicable":
        reasons = {reason.id: reason.text for reason in question.not_applicable}
        return f"Not applicable: {reasons.get(answer.reason or '', answer.reason or 'no reason given')}"
    if answer.kind == "withheld":
        return f"Withheld by decision of: {answer.reason or 'authority not named'}"
    if answer.kind == "unknown":
        return "Unknown"
    if answer.kind == "other_means":
        return f"By other means: {answer.reason or 'not described'}"
    return value(answer, question)


def value(answer: Answer, question: Question) -> str:
    """The value in the words and the unit of its question."""
    raw, asked = answer.value, question.answer
    options = {option.id: option.text for option in asked.options}
    if raw is None:
        return "–"
    if isinstance(raw, list):
        return "; ".join(options.get(item, item) for item in raw) or "none of them"
    if asked.type == "maturity":
        return f"Level {raw}"
    if asked.type == "percent" and not isinstance(raw, str):
        return percent(raw)
    if isinstance(raw, str):
        return day(date.fromisoformat(raw)) if asked.type == "date" else options.get(raw, YES_PARTIAL_NO.get(raw, raw))
    return f"{number(raw)} {asked.unit or ''}".strip()


def descriptor(reached: int | None, question: Question) -> str:
    """What the level says in the question's own words; empty where the value says it already."""
    asked = question.answer
    if reached is None:
        return ""
    if asked.type == "maturity":
        return next((option.text for option in asked.options if option.id == str(reached)), "")
    return asked.levels[reached - 1] if asked.levels and 1 <= reached <= len(asked.levels) else ""
