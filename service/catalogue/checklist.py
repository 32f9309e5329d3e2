"""A checklist whole: its head, its sections, its checks and indicators, and the questions on one instrument."""

from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field

from service.catalogue.instrument import Date, Digits, Instrument, LanguageCode, Line, Part, Prose, Token, Version
from service.catalogue.migration import Migration
from service.catalogue.question import Condition, Level, Limit, Question, QuestionFile, Scope


class Section(Part):
    id: Token
    title: Line
    paragraph: Token | None = None
    """The operative paragraph it stands for; absent for the profile."""
    introduction: Prose


class Role(Part):
    """Who usually answers: an office, and the kinds of agency it is found in."""

    id: Token
    title: Line
    agency_kinds: tuple[Token, ...] = ()


class Unit(Part):
    """A unit that numbers are counted in, as it stands after a number."""

    id: Token
    forms: Line
    """``search | searches``: the word for each plural category of the language, in CLDR's order."""


class Term(Part):
    """A word of the instrument's field that a reader of the report may not know; the report's own words are its own."""

    id: Token
    term: Line
    meaning: Line


class Check(Part):
    """Two answers that cannot both be right, or that together deserve a second look."""

    id: Token
    severity: Literal["contradiction", "warning"]
    when: Condition | None = None
    """It is raised when this holds; at each site where it holds when it looks at site questions."""
    compare: "Comparison | None" = None
    message: Line


class Comparison(Part):
    """Raised when ``left`` stands in ``relation`` to ``right``; both are questions of scope state with a number,
    or the register (``register:sites``, ``register:travellers``).
    """

    left: str
    relation: Literal["greater", "less", "differs"]
    right: str


class SiteShare(Part):
    """Sites (or their travellers) at which a condition holds, of all to which it can apply."""

    kind: Literal["site_share"]
    where: Condition
    weighted_by: Literal["sites", "travellers"] = "sites"


class Ratio(Part):
    """One state number over another or over a register count, times a factor; with a plausible band."""

    kind: Literal["ratio"]
    numerator: str
    denominator: str
    times: Annotated[int, Field(ge=1), Digits] = 100
    plausible: tuple[Limit, Limit] | None = None


class Bands(Part):
    """One state number beside published references: reference, not norm."""

    kind: Literal["bands"]
    value: Token
    references: "tuple[Reference, ...]" = Field(min_length=1)


class Reference(Part):
    at_most: Limit
    text: Line


class EvidenceRate(Part):
    """Scored answers with evidence of grade 2 or better, of all scored answers with a value."""

    kind: Literal["evidence_rate"]


class Indicator(Part):
    """A figure computed from answers and the register, never typed."""

    id: Token
    title: Line
    unit: Line
    note: Line
    of: Annotated[SiteShare | Ratio | Bands | EvidenceRate, Field(discriminator="kind")]


class Head(Part):
    """``checklist.yaml``: everything but the questions."""

    format: Literal["checklist/1"]
    id: Token
    version: Version
    status: Literal["draft", "published", "retired"]
    released: Date | None = None
    """The day this version was released."""
    title: Line
    notice: Prose
    """What the self-assessment is and is not; printed on the second page of every report."""
    instrument: Token
    cited_as: Line | None = None
    """How a sentence names the instrument; by its symbol unless given."""
    language: LanguageCode
    languages: tuple[LanguageCode, ...] = ()
    """The translations that have to be there, whole; any other may be there in part."""
    licence: Line
    scoring_model: Literal["1.0"]
    roles: tuple[Role, ...] = Field(min_length=1)
    sections: tuple[Section, ...] = Field(min_length=1)
    units: tuple[Unit, ...] = ()
    glossary: tuple[Term, ...] = ()
    approver: Line | None = None
    """Who approves the report for the state: an office, printed over its signature."""
    funnel: "tuple[FunnelStep, ...]" = ()
    checks: tuple[Check, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    release_notes: Prose


class FunnelStep(Part):
    """One step of the site coverage funnel and one column of the site grid: a site question, in order of the steps."""

    question: Token
    title: Line
    at_level: Level = 3
    """A site has taken the step from this level on."""


class Checklist(Part):
    """A versioned set of questions on one instrument, whole: what a lock holds and an assessment pins."""

    head: Head
    instrument: Instrument
    questions: tuple[Question, ...]
    """In order of the sections and, within one, of the files."""
    section_of: dict[str, str]
    """Question id → section id."""
    migrations: tuple[Migration, ...] | None = None
    """From each earlier version to the one after it, oldest first; absent while there is none."""

    def question(self, question_id: str) -> Question:
        """The question with this id; KeyError when there is none."""
        return self.by_id()[question_id]

    def by_id(self) -> dict[str, Question]:
        """Questions by id."""
        return self._by_id

    @cached_property
    def _by_id(self) -> dict[str, Question]:
        return {q.id: q for q in self.questions}

    def of_scope(self, scope: Scope) -> tuple[Question, ...]:
        return tuple(q for q in self.questions if q.scope == scope)

    @classmethod
    def whole(
        cls,
        head: Head,
        instrument: Instrument,
        files: tuple[QuestionFile, ...],
        migrations: tuple[Migration, ...] = (),
    ) -> Self:
        """Put the parts of a checklist together, in the order of its sections."""
        order = {section.id: n for n, section in enumerate(head.sections)}
        ordered = sorted(files, key=lambda f: order.get(f.section, len(order)))
        return cls(
            head=head,
            instrument=instrument,
            questions=tuple(q for f in ordered for q in f.questions),
            section_of={q.id: f.section for f in ordered for q in f.questions},
            migrations=migrations or None,
        )


for _model in (Check, Bands, Head):
    _model.model_rebuild()
