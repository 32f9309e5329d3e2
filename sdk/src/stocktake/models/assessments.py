"""Assessments and what is computed from their answers."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from stocktake.models.answers import AnswerKind, Value
from stocktake.models.base import Body, ChecklistId, Cycle, Day, VersionText, View

Standing = Literal["applies", "waits"]
Status = Literal["draft", "submitted", "approved"]
Band = Literal["not_started", "early", "partial", "advanced", "established", "insufficient", "not_applicable"]
Confidence = Literal["A", "B", "C", "D"]


class NewAssessment(Body):
    """Open an assessment: one checklist, one cycle. The period is the calendar year of the cycle unless given."""

    checklist: ChecklistId
    cycle: Cycle
    version: VersionText | None = None
    """The newest published version unless given."""
    period_start: Day | None = None
    period_end: Day | None = None


class Progress(View):
    """How far the filling is: work, not score."""

    asked: int
    """Answers asked for: state questions, and site questions at each site, that apply or may."""
    answered: int
    """With any recorded answer, a non-answer included."""
    values: int
    not_applicable: int
    unknown: int
    withheld: int
    by_section: dict[str, tuple[int, int]]
    """Section → answered, asked."""


class Missing(View):
    """What is not done yet. ``second_person`` and ``returned`` keep an assessment from being submitted."""

    unanswered: int
    """Questions that apply, or may, without any answer."""
    to_confirm: int
    """Answers to an earlier wording that nobody has put again."""
    second_person: int
    """Answers *not applicable* and *by other means* that no second person has accepted."""
    returned: int
    """Answers that a second person returned and nobody has changed since."""
    unreviewed: int
    """Answers that no second person has looked at."""
    contradictions: int
    """Answers that cannot all be right."""


class Assessment(View):
    id: UUID
    state: str
    checklist: str
    checklist_version: str
    digest: str
    cycle: str
    period_start: date
    period_end: date
    status: Status
    revision: int
    """1, and one more each time an approved assessment was opened again."""
    version: int
    opened_at: datetime
    updated_at: datetime
    progress: Progress | None
    """None for whoever sees a part of the assessment only."""
    may: list[str]
    """The actions the caller may take on it now; some need a fresh sign-in, and a submission needs what is missing."""
    missing: Missing | None
    """None for whoever sees a part of the assessment only."""


class AssessmentSummary(View):
    id: UUID
    state: str
    checklist: str
    checklist_version: str
    digest: str
    cycle: str
    period_start: date
    period_end: date
    status: Status
    revision: int
    version: int
    opened_at: datetime
    updated_at: datetime


class WorkItem(View):
    """One line of the worklist: a question (at a site) that applies, or waits for another answer to tell."""

    question: str
    site: str | None
    section: str
    title: str
    standing: Standing
    kind: AnswerKind | None
    value: Value | None = Field(union_mode="left_to_right")
    level: int | None
    reconfirm: bool = False
    """The answer was given to an earlier wording and stands until it is put again."""
    version: int | None


class Score(View):
    """A score with its interval. Fractions are exact, as ``numerator/denominator``; percents are rounded half up."""

    low: str | None
    high: str | None
    known: str | None
    supported: str | None
    low_percent: int | None
    """Absent when suppressed: less than 80 % known."""
    high_percent: int | None
    known_percent: int | None
    supported_percent: int | None
    band: Band
    confidence: Confidence | None
    limited_basis: bool
    """More than 40 % of the weight is not applicable."""
    critical_gaps: int


class Counts(View):
    answered: int
    unanswered: int
    unknown: int
    withheld: int
    not_applicable: int


class ParagraphScore(View):
    paragraph: str
    label: str
    in_place: Score
    in_use: Score
    counts: Counts


class Scores(View):
    scoring_model: str
    in_place: Score
    in_use: Score
    paragraphs: list[ParagraphScore]
    counts: Counts


class StepCount(View):
    """Where the sites stand on one step."""

    question: str
    title: str
    reached: int
    partly: int
    """Level above 0, below the step's."""
    none: int
    unknown: int
    """Unknown, withheld or unanswered."""
    not_applicable: int
    travellers_share: str | None
    """Share of travellers at the sites that reached it, exact; absent unless every site's volume is known."""


class TypeCoverage(View):
    type: str
    sites: int
    steps: list[StepCount]


class Coverage(View):
    sites: int
    steps: list[StepCount]
    by_type: list[TypeCoverage]


class Gap(View):
    question: str
    title: str
    paragraph: str
    dimension: Literal["in_place", "in_use"]
    level: int | None
    """The state's level, or none for a site question or where nothing is known."""
    target: int
    low: str
    critical: bool
    critical_gap: bool
    priority: str
    sites_below: int | None
    sites_asked: int | None


class CheckResult(View):
    check: str
    severity: Literal["contradiction", "warning"]
    message: str
    sites: list[str]
    """The sites at which it was raised, the first 20; empty for the state."""
    count: int


class IndicatorResult(View):
    indicator: str
    title: str
    unit: str
    note: str
    value: str | None
    """Exact, as ``numerator/denominator`` or a whole number; absent when an ingredient is missing."""
    part: int | None = None
    """Of a share: the sites, travellers or answers it holds for, of ``whole``; both absent when they are not known."""
    whole: int | None = None
    untold: int | None = None
    """Sites at which it is not known, counted as not. Absent in what was approved before this was kept."""
    display: str
    warning: str | None


class Checks(View):
    results: list[CheckResult]
    indicators: list[IndicatorResult]
