"""A JSON Schema (draft 2020-12) of the answers that a checklist takes, so that any tool can check before it sends.

The schema of the wire's row is the frame; the questions say what may stand in it.
"""

from collections.abc import Sequence
from typing import TypeAlias, cast

from service.catalogue.checklist import Checklist
from service.catalogue.question import (
    MOST,
    AnswerType,
    Choice,
    Choices,
    Day,
    Duration,
    Limit,
    Maturity,
    Number,
    Percent,
    Question,
    Text,
)
from stocktake.models.answers import AnswerRow, AnswerRows

Schema: TypeAlias = dict[str, object]

UNSAID = (
    "Beyond this schema the service checks that the site is registered; that no question (and site) stands twice in "
    "one request; that a version named is the one that stands; that a period starts before it ends; that a number "
    "has at most four decimals; that no text holds control characters, changes of direction or noncharacters; and "
    "that a text keeps to its length when composed (Unicode NFC)."
)
_DAY = (
    "^(?:"
    "(?:(?:19|20|21)[0-9]{2}|2200)-(?:"
    "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    "|(?:(?:19|20|21)(?:0[48]|[2468][048]|[13579][26])|2000)-02-29"
    ")$"
)
_PLAIN = "^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$"
_NULL: Schema = {"type": "null"}
_SAID: Schema = {"type": "string", "pattern": "\\S", "maxLength": 1000}


def answer_schema(checklist: Checklist) -> Schema:
    """The schema of a bulk request; one row alone is ``#/$defs/Row``, one question's row ``#/$defs/<question id>``."""
    head = checklist.head
    row = _without_titles(AnswerRow.model_json_schema())
    body = _without_titles(AnswerRows.model_json_schema())
    rows = cast("dict[str, Schema]", body["properties"])["rows"]
    properties = cast("dict[str, Schema]", row["properties"])
    site = cast("list[Schema]", properties["site"]["anyOf"])[0]
    questions = {question.id: _question(question) for question in checklist.questions}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stocktake:answers:{head.id}:{head.version}",
        "title": f"Answers to {head.id} {head.version}",
        "description": UNSAID,
        "type": "object",
        "properties": {"rows": rows | {"items": _ref("Row")}},
        "required": ["rows"],
        "additionalProperties": False,
        "$defs": {
            **cast("dict[str, Schema]", row["$defs"]),
            "Day": {"type": "string", "format": "date", "pattern": _DAY, "maxLength": 10},
            "Site": site,
            "Entry": {
                "type": "object",
                "properties": {name: {} if name in _PER_QUESTION else below for name, below in properties.items()},
                "additionalProperties": False,
            },
            "OtherMeans": _kind("other_means", value={"type": "integer", "minimum": 0, "maximum": 4}, reason=_SAID),
            "Unknown": _kind("unknown", reason=properties["reason"]),
            "Withheld": _kind("withheld", reason=_SAID),
            "Reason": properties["reason"],
            "Row": {"oneOf": [_ref(question) for question in questions]},
            **questions,
        },
    }


_PER_QUESTION = frozenset({"question", "site", "kind", "value", "reason"})


def _question(question: Question) -> Schema:
    """A row on one question. Names of questions start with a small letter, those of shared schemas with a capital."""
    at_site = question.scope == "site"
    return {
        "title": question.title,
        "description": question.text,
        "$ref": "#/$defs/Entry",
        "properties": {"question": {"const": question.id}, "site": _ref("Site") if at_site else _NULL},
        "required": ["question", "site"] if at_site else ["question"],
        "oneOf": list(_kinds(question)),
    }


def _kinds(question: Question) -> Sequence[Schema]:
    value: Schema = {
        "properties": {"kind": {"const": "value"}, "value": value_schema(question.answer), "reason": _ref("Reason")},
        "required": ["value"],
    }
    kinds = [value, _ref("Unknown"), _ref("Withheld")]
    if question.scored:
        kinds.append(_ref("OtherMeans"))
    if question.not_applicable:
        listed = [reason.id for reason in question.not_applicable]
        kinds.append(_kind("not_applicable", reason={"enum": listed}))
    return kinds


def _kind(kind: str, *, value: Schema | None = None, reason: Schema) -> Schema:
    """A non-answer, or other means: without a value unless one is asked for, with a reason where one is."""
    required = ["kind", *(["value"] if value else []), *([] if "anyOf" in reason else ["reason"])]
    return {
        "properties": {"kind": {"const": kind}, "value": value or _NULL, "reason": reason},
        "required": required,
    }


def value_schema(answer: AnswerType) -> Schema:  # noqa: PLR0911  # one for each type of answer
    """What the value may be."""
    match answer:
        case Maturity():
            return {"type": "integer", "minimum": 0, "maximum": 4}
        case Choice(options=options):
            return {"enum": [option.id for option in options]}
        case Choices():
            return _choices(answer)
        case Percent():
            return {"type": "number", "minimum": 0, "maximum": 100}
        case Number(min=low, max=high, whole=whole):
            top = MOST if high is None else _number(high)
            return {"type": "integer" if whole else "number", "minimum": _number(low), "maximum": top}
        case Duration():
            return {"type": "number", "minimum": 0, "maximum": MOST}
        case Day():
            return _ref("Day")
        case Text(max_length=longest):
            return {"type": "string", "maxLength": longest, "allOf": [{"pattern": "\\S"}, {"pattern": _PLAIN}]}
        case _:
            return {"enum": ["yes", "partial", "no"]}


def _choices(answer: Choices) -> Schema:
    """Any of them, each once; one that stands alone stands alone, and says itself that nothing was chosen."""
    alone = [option.id for option in answer.options if option.alone]
    others = [option.id for option in answer.options if not option.alone]
    together: Schema = {"type": "array", "items": {"enum": others}, "uniqueItems": True, "minItems": 1 if alone else 0}
    if not alone:
        return together
    single: Schema = {"enum": [[option] for option in alone]}
    return {"anyOf": [together, single]} if others else single


def _number(limit: Limit) -> int | float:
    return int(limit) if limit == int(limit) else float(limit)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _without_titles(value: Schema) -> Schema:
    """The model's schema without its generated titles; days are told by the one rule for days."""
    return cast("Schema", _tidied(value))


def _tidied(value: object) -> object:
    if isinstance(value, list):
        return [_tidied(below) for below in value]
    if not isinstance(value, dict):
        return value
    if value.get("format") == "date":
        return _ref("Day")
    return {key: _tidied(below) for key, below in value.items() if not (key == "title" and isinstance(below, str))}
