"""The source text as data: an instrument and its operative paragraphs.

Every type of this slice is closed (an unknown field is an error) and immutable. The YAML reader hands in strings only;
these types turn them into numbers and booleans, so that ``no`` stays a word and ``1.10`` stays a version.
"""

import re
from datetime import date
from typing import Annotated, Literal

from babel import localedata
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Token = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]
"""A stable identifier, valid as an OSCAL token; never reused, never derived from a title."""
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^\S(.*\S)?$")]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
Version = Annotated[str, StringConstraints(pattern=r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$")]


def _whole(value: object) -> object:
    """Read ``3``; leave ``03``, ``+3``, ``3.0`` and ``1_000`` to be refused."""
    if isinstance(value, str):
        if not re.fullmatch(r"-?(0|[1-9][0-9]{0,14})", value, re.ASCII):
            raise ValueError("write a whole number in digits, as 3")
        return int(value)
    return value


def _flag(value: object) -> object:
    """Read ``true`` and ``false``; ``yes``, ``on`` and ``1`` mean different things to different readers."""
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError("write true or false")
        return value == "true"
    return value


def _day(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
        raise ValueError("write a day as 2018-11-14")
    return value


def _spoken(value: str) -> str:
    if not localedata.exists(value):
        raise ValueError("write a language that CLDR knows, as fr")
    return value


LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$"), AfterValidator(_spoken)]
"""ISO 639, as ``fr``; one whose plurals and numbers are known."""
Digits = BeforeValidator(_whole)
"""Before a whole number that is read from text."""
Flag = Annotated[bool, BeforeValidator(_flag)]
Date = Annotated[date, BeforeValidator(_day)]

Addressee = Literal["un", "un_and_interpol", "member_states", "secretary_general", "general_assembly"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Paragraph(Part):
    """One operative paragraph or subparagraph, in the words of its authentic text."""

    id: Token
    label: Line
    """As cited: ``8 (a)``."""
    verb: Line
    """The operative verb of the paragraph: ``Acknowledges``; a subparagraph has its chapeau's."""
    addressee: tuple[Addressee, ...] = Field(min_length=1)
    speaks_to_states: Flag
    """Whether something in it is for member states to do; else it is shown and never scored."""
    text: Prose


class Adoption(Part):
    body: Line
    session: Line
    adopted: Date | None = None
    drafted: Date | None = None
    note: Prose | None = None


class Instrument(Part):
    """The source text, verbatim."""

    format: Literal["instrument/1"]
    id: Token
    symbol: Line
    title: Line
    language: Token
    """The language of the quoted text."""
    adoption: Adoption
    paragraphs: tuple[Paragraph, ...] = Field(min_length=1)

    def paragraph(self, paragraph_id: str) -> Paragraph:
        """The paragraph with this id; KeyError when there is none."""
        return {p.id: p for p in self.paragraphs}[paragraph_id]
