"""A question: what is asked, how it is answered, how the answer becomes a level, and when it applies."""

import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from service.catalogue.instrument import Digits, Flag, Line, Part, Prose, Token


def _decimal(value: object) -> object:
    """Read ``2.5``; leave ``2.``, ``+2``, ``2e1`` and ``NaN`` to be refused."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,4})?", value, re.ASCII):
        raise ValueError("write a number in digits, as 25 or 2.5")
    return value


def decimal_text(value: Decimal) -> str:
    """The shortest way to write it: ``75`` for ``75.0``."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


MOST = 10**11
"""The largest number an answer may be: a binary float still tells it from its neighbour four decimals on."""

Level = Annotated[int, Field(ge=0, le=4), Digits]
Limit = Annotated[
    Decimal,
    Field(max_digits=15, decimal_places=4),
    BeforeValidator(_decimal),
    PlainSerializer(decimal_text, when_used="json"),
    WithJsonSchema({"type": "number"}),
]


Scope = Literal["state", "site"]
Dimension = Literal["in_place", "in_use", "context"]
Strength = Literal["direct", "resource", "derived"]
Sensitivity = Literal["open", "internal", "restricted"]
"""Who may see an answer when nobody decides otherwise: anybody; those who work on it; those named for it."""


class Requirement(Part):
    """What must hold for one level, on a value that is a number, a date or a set of options. Exactly one is given."""

    at_least: Limit | None = None
    above: Limit | None = None
    at_most: Limit | None = None
    below: Limit | None = None
    within_months: Annotated[int, Field(ge=1, le=600), Digits] | None = None
    """For dates: not older than this at the end of the period."""
    all: tuple[Token, ...] | None = None
    any: tuple[Token, ...] | None = None
    count: Annotated[int, Field(ge=1), Digits] | None = None
    """For choices: at least this many chosen."""
    none_of: tuple[Token, ...] | None = None


Ladder = Annotated[tuple[Requirement, ...], Field(min_length=4, max_length=4)]
"""The requirements of levels 1, 2, 3 and 4. A level is reached when it and every lower one hold."""


class Option(Part):
    id: Token
    text: Line
    level: Level | None = None
    """For a choice: the level this option stands for."""
    alone: Flag = False
    """For choices: excludes every other option (``none``)."""


class Maturity(Part):
    type: Literal["maturity"]
    descriptors: tuple[Prose, Prose, Prose, Prose, Prose]
    """What is true at levels 0 to 4, each including the ones below."""


class Choice(Part):
    type: Literal["choice"]
    options: tuple[Option, ...] = Field(min_length=2)


class Choices(Part):
    type: Literal["choices"]
    options: tuple[Option, ...] = Field(min_length=2)
    levels: Ladder | None = None


class YesPartialNo(Part):
    type: Literal["yes_partial_no"]
    yes: Line
    partial: Line
    no: Line
    levels: Annotated[tuple[Level, Level, Level], Field()] | None = None
    """Levels of yes, partial and no; absent for a context question."""


class Percent(Part):
    type: Literal["percent"]
    counts: Line
    """The counting rule: what is divided by what."""
    levels: Ladder | None = None


class Number(Part):
    type: Literal["number"]
    unit: Token
    min: Limit = Decimal(0)
    max: Limit | None = None
    whole: Flag = True
    levels: Ladder | None = None


class Duration(Part):
    type: Literal["duration"]
    unit: Literal["seconds", "minutes", "hours", "days"]
    levels: Ladder | None = None


class Day(Part):
    type: Literal["date"]
    levels: Ladder | None = None


class Text(Part):
    type: Literal["text"]
    max_length: Annotated[int, Field(ge=1, le=4000), Digits] = 1000


AnswerType = Annotated[
    Maturity | Choice | Choices | YesPartialNo | Percent | Number | Duration | Day | Text, Field(discriminator="type")
]


class Condition(Part):
    """When something applies, as data: one test, or one combination of conditions.

    A test on a ``question`` looks at the state's answer or, in a site question, at the same site's answer when that
    question has scope site. ``any_site`` holds when the test holds at one site at least. ``site`` and ``state`` look at
    the register.
    """

    all: "tuple[Condition, ...] | None" = None
    any: "tuple[Condition, ...] | None" = None
    negate: "Condition | None" = Field(default=None, alias="not")
    any_site: "Condition | None" = None
    question: Token | None = None
    site: Literal["type"] | None = None
    state: Literal["un_member", "interpol_member"] | None = None
    one_of: tuple[str, ...] | None = Field(default=None, alias="in")
    """The value is one of these; for choices, one of these was chosen."""
    level_at_least: Level | None = None
    level_below: Level | None = None
    above: Limit | None = None
    below: Limit | None = None

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Reason(Part):
    """One listed reason for which a question may be declared not applicable."""

    id: Token
    text: Line


class Question(Part):
    """One thing asked: one fact, of the state or of each site."""

    id: Token
    title: Line
    text: Prose
    why: Prose
    guidance: Prose
    paragraph: Token
    """The paragraph it is anchored in; verb and addressee are that paragraph's."""
    also: tuple[Token, ...] = ()
    """Further paragraphs the same answer supports: asked once, credited to each."""
    quote: Prose
    """A verbatim piece of the anchoring paragraph."""
    strength: Strength
    scope: Scope
    dimension: Dimension
    sensitivity: Sensitivity | None = None
    answer: AnswerType
    weight: Annotated[Literal[1, 2, 3], Digits] | None = None
    target: Level | None = None
    critical: Flag = False
    applies_when: Condition | None = None
    not_applicable: tuple[Reason, ...] = ()
    evidence: tuple[Line, ...] = ()
    """What would prove the answer; by reference, never uploaded."""
    asked_of: tuple[Token, ...] = Field(min_length=1)
    norms: tuple[Line, ...] = ()
    """Related norms, confirmed ones only."""

    @property
    def scored(self) -> bool:
        return self.dimension != "context"

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return (self.paragraph, *self.also)


class QuestionFile(Part):
    """One file of questions, all of one section."""

    section: Token
    questions: tuple[Question, ...] = Field(min_length=1)
