"""Checklists and instruments, as read by those who answer."""

from datetime import datetime
from typing import Any, Literal

from stocktake.models.base import View


class ChecklistSummary(View):
    id: str
    version: str
    digest: str
    """SHA-256 of the canonical lock, 64 hexadecimal digits."""
    title: str
    status: Literal["draft", "published", "retired"]
    questions: int
    published_at: datetime
    languages: list[str]
    """ISO 639; those it can be read in."""


class Paragraph(View):
    id: str
    label: str
    verb: str
    addressee: list[str]
    speaks_to_states: bool
    text: str


class Instrument(View):
    id: str
    symbol: str
    title: str
    language: str
    adopted: str | None
    note: str | None
    paragraphs: list[Paragraph]


class Option(View):
    id: str
    text: str
    level: int | None
    alone: bool


class Reason(View):
    id: str
    text: str


class AnswerType(View):
    """How a question is answered; the fields that its ``type`` does not use are absent."""

    type: Literal["maturity", "choice", "choices", "yes_partial_no", "percent", "number", "duration", "date", "text"]
    options: list[Option]
    """Of a choice, choices or yes_partial_no; of a maturity question the five levels, ids ``0`` to ``4``."""
    unit: str | None
    counts: str | None
    minimum: float | None
    maximum: float | None
    whole: bool | None
    max_length: int | None
    levels: list[str]
    """What levels 1 to 4 require, in words, where the value is not itself an option."""


class Question(View):
    id: str
    section: str
    title: str
    text: str
    why: str
    guidance: str
    paragraph: str
    also: list[str]
    verb: str
    addressee: list[str]
    strength: Literal["direct", "resource", "derived"]
    quote: str
    scope: Literal["state", "site"]
    dimension: Literal["in_place", "in_use", "context"]
    answer: AnswerType
    weight: int | None
    target: int | None
    critical: bool
    applies_when: dict[str, Any] | None  # a condition nests without a bound; it is data for tools
    not_applicable: list[Reason]
    evidence: list[str]
    asked_of: list[str]
    norms: list[str]


class Section(View):
    id: str
    title: str
    paragraph: str | None
    introduction: str


class Term(View):
    """A word of the instrument's field, explained."""

    id: str
    term: str
    meaning: str


class Checklist(View):
    id: str
    version: str
    digest: str
    status: Literal["draft", "published", "retired"]
    title: str
    notice: str
    instrument: str
    cited_as: str | None
    """How a sentence names the instrument; by its symbol where this is absent."""
    language: str
    scoring_model: str
    roles: dict[str, str]
    sections: list[Section]
    questions: list[Question]
    glossary: list[Term]
    approver: str | None
    """The office that approves the report for the state."""
    release_notes: str


class Translation(View):
    """How far a checklist's texts are in the language they are given in, and who stands for them."""

    status: Literal["source", "unofficial", "reviewed"]
    """``source``: the checklist's own language; ``reviewed``: every translation was read by a native reader."""
    digest: str
    """Of the texts, 64 hexadecimal digits; it changes when a translation does, the checklist's digest does not."""
    untranslated: list[str]
    """Keys of the texts that are given in the checklist's own language, as ``questions/p9.site.mode/guidance``."""


class ChecklistInLanguage(Checklist):
    """A checklist with its texts in ``language``; ids, levels and quotes are the same in all."""

    quote_language: str
    """The authentic language of the quotes."""
    languages: list[str]
    """Those it can be read in."""
    translation: Translation
    units: dict[str, dict[str, str]]
    """What numbers are counted in: the word after a number by CLDR's plural category, such as ``one`` and ``other``."""
