"""Answers: what is sent, what is kept, and its history."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from stocktake.models.base import Body, Day, Name, QuestionId, Remark, SiteCode, View

Text = Annotated[str, StringConstraints(max_length=4000)]
Value = (
    Annotated[bool, Strict()]
    | Annotated[int, Strict(), Field(ge=-(2**53) + 1, le=2**53 - 1)]
    | Annotated[float, Strict()]
    | Text
    | Annotated[list[Text], Field(max_length=100)]
)
"""An option's id, a list of them, a maturity level, a number, an ISO date or a text: as the question's type says."""
AnswerKind = Literal["value", "other_means", "not_applicable", "unknown", "withheld"]
Grade = Annotated[int, Strict(), Field(ge=0, le=3)]
"""0 stated, 1 described, 2 documented, 3 measured or independently checked."""
Certainty = Literal["measured", "estimated"]
Declared = Literal["real", "correction"]
"""Why an answer differs from the one before it: the world changed, or the one before had been read wrongly."""


class Evidence(Body):
    """A reference to a proof that stays with its holder."""

    title: Name
    grade: Grade
    dated: Day
    """Day of the document, measurement or inspection."""
    reference: Annotated[str, StringConstraints(max_length=200)] | None = None
    """The holder's own number."""
    holder: Annotated[str, StringConstraints(max_length=200)] | None = None
    """The office that keeps it."""
    classification: Annotated[str, StringConstraints(max_length=60)] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class Source(Body):
    """Who or what gave the answer: a person's office, or a tool with its version."""

    kind: Literal["person", "tool"]
    name: Name
    version: Annotated[str, StringConstraints(max_length=60)] | None = None


def _one_place(value: object, read: ValidatorFunctionWrapHandler) -> object:
    """Say once what a value may be, not once for each type it is not."""
    try:
        return read(value)
    except ValidationError as error:
        mend = "give a text, a number, a list of texts, true or false, or leave it out"
        raise PydanticCustomError("value_form", mend) from error


class AnswerEntry(Body):
    """One answer: a value, or a non-answer with its reason."""

    kind: AnswerKind = "value"
    value: Annotated[Value | None, Field(union_mode="left_to_right"), WrapValidator(_one_place)] = None
    """The value; for ``other_means`` the level (0 to 4) reached by other means."""
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None
    """``not_applicable``: the id of a listed reason. ``withheld``: the authority. ``other_means``: the means."""
    remark: Remark | None = None
    evidence: Annotated[list[Evidence], Field(max_length=20)] = Field(default_factory=list)
    certainty: Certainty | None = None
    period_start: Day | None = None
    period_end: Day | None = None
    source: Source | None = None
    change: Declared = "real"
    """Against the answer it replaces; for the first of a cycle, against that of the cycle before."""


class AnswerRow(AnswerEntry):
    """One answer of a bulk request."""

    question: QuestionId
    site: SiteCode | None = None
    version: Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)] | None = None
    """The version it replaces, 0 for none; absent: whatever stands is replaced."""


class AnswerRows(Body):
    rows: Annotated[list[AnswerRow], Field(min_length=1, max_length=1000)]


class Answer(View):
    question: str
    site: str | None
    kind: AnswerKind
    value: Value | None = Field(union_mode="left_to_right")
    level: int | None
    """0 to 4, derived from the value by the question's own rule; none for context and non-answers."""
    reason: str | None
    remark: str | None
    evidence: list[Evidence]
    certainty: Certainty | None
    period_start: Day | None
    period_end: Day | None
    source: Source | None
    change: Declared | Literal["upgrade"] = "real"
    """As declared; ``upgrade`` where the move to a newer version of the checklist wrote it."""
    reconfirm: bool = False
    """It was given to an earlier wording and stands until it is put again."""
    checklist_version: str = ""
    """The version of the checklist whose question it answers."""
    version: int
    updated_at: datetime
    updated_by: str
    """The API key that wrote it, by its public id."""


class AnswerChange(View):
    """One entry of an answer's history, with the question as it was asked; no ``answer`` where it was taken back."""

    version: int
    at: datetime
    by: str
    change: Declared | Literal["upgrade"] = "real"
    """``upgrade`` where the move to a newer version of the checklist wrote it, or put the answer into the history."""
    checklist_version: str = ""
    title: str = ""
    """Of the question, as that version asked it."""
    text: str = ""
    answer: Answer | None
