"""What a wire model expected where it was given something else, in our own words, by pydantic's name of the error."""

import re
from collections.abc import Mapping

from pydantic_core import ErrorDetails

from service.errors import Message
from service.languages.words import mark

_WHOLE = mark("a whole number is needed")
_NUMBER = mark("a number is needed")
_TRUTH = mark("true or false is needed")
_OBJECT = mark("a JSON object is needed")
_DAY = mark("a day is written YYYY-MM-DD")
_NO_DAY = mark("there is no such day in the calendar")
_INSTANT = mark("an instant is a text in UTC, YYYY-MM-DDThh:mm:ss.ffffffZ")
_NO_INSTANT = mark("there is no such instant")
_UUID = mark("a UUID is needed")
_OTHERWISE = mark("not what is needed here")

EXPECTED: Mapping[str, str] = {
    "missing": mark("required; add it"),
    "extra_forbidden": mark("unknown field; remove it"),
    "string_type": mark("a text is needed"),
    "string_too_short": mark("too short; a length of {min_length} or more is needed"),
    "string_too_long": mark("too long; a length of {max_length} or less is needed"),
    "string_pattern_mismatch": mark("not written as it must be: {pattern}"),
    "literal_error": mark("not known here; write one of: {expected}"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "greater_than_equal": mark("out of range; {ge} or above is needed"),
    "less_than_equal": mark("out of range; {le} or below is needed"),
    "list_type": mark("a list is needed"),
    "too_short": mark("too few entries; {min_length} or more are needed"),
    "too_long": mark("too many entries; {max_length} or fewer are needed"),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "day_form": _DAY,
    "day_type": mark("a day is a text, YYYY-MM-DD"),
    "date_type": _DAY,
    "date_parsing": _NO_DAY,
    "date_from_datetime_parsing": _NO_DAY,
    "date_from_datetime_inexact": _NO_DAY,
    "instant_form": _INSTANT,
    "datetime_type": _INSTANT,
    "datetime_parsing": _NO_INSTANT,
    "datetime_from_date_parsing": _NO_INSTANT,
    "datetime_object_invalid": _NO_INSTANT,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "value_form": mark("give a text, a number, a list of texts, true or false, or leave it out"),
}
"""The sentence of each type; its places are named as pydantic names what the error knows."""


def expected(found: ErrorDetails) -> Message:
    """What to send instead; nothing of what was sent is repeated."""
    known = dict(found.get("ctx", {}))
    if found["type"] == "literal_error":
        known["expected"] = ", ".join(re.findall("'([^']*)'", str(known["expected"])))
    return Message(EXPECTED.get(found["type"], _OTHERWISE), **known)
