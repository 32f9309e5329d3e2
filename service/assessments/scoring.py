"""Scoring model 1.0 (instruments.md B.3 and B.4): intervals, supported score, confidence, bands; exact fractions.

A known level counts as level/4; unknown, withheld and unanswered count as 0 in Low and as 1 in High; what is not
applicable leaves the denominator. In place and in use are never merged into one number.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from service.assessments.readings import Counts, Reading, Readings, Row, counted
from service.catalogue.question import Dimension, Question
from stocktake.models.assessments import Band, Confidence

SCORING_MODEL = "1.0"
TOP = 4
"""The highest level; worth 1."""
BEST_GRADE = 3
DEFAULT_WEIGHT = 1
STRATEGIC_TIER = 3
ENOUGH_KNOWN = Fraction(80, 100)
"""Below it there is no headline."""
ESTABLISHED_KNOWN = Fraction(95, 100)
MOSTLY_EXCUSED = Fraction(40, 100)
CRITICAL_LOW = Fraction(1, 2)
BANDS: tuple[tuple[Fraction, Band], ...] = (
    (Fraction(10, 100), "not_started"),
    (Fraction(40, 100), "early"),
    (Fraction(70, 100), "partial"),
    (Fraction(90, 100), "advanced"),
)
LETTERS: tuple[tuple[Fraction, Confidence], ...] = (
    (Fraction(75, 100), "A"),
    (Fraction(50, 100), "B"),
    (Fraction(25, 100), "C"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """One question's sums over its sites, each counted with the weight of its tier; a state question has one."""

    total: int
    """Weight of the sites that count."""
    excused: int
    """Weight of the sites declared not applicable."""
    known: int
    levels: int
    """Sum of known levels."""
    supported: int
    """The same with each level capped by its evidence."""
    grades: int
    strategic_at_zero: int
    """Sites of tier 3 known to be at level 0."""

    @property
    def counts(self) -> bool:
        return self.total > 0

    @property
    def low(self) -> Fraction:
        return Fraction(self.levels, TOP * self.total)

    @property
    def high(self) -> Fraction:
        return self.low + 1 - self.known_share

    @property
    def known_share(self) -> Fraction:
        return Fraction(self.known, self.total)

    @property
    def supported_share(self) -> Fraction:
        return Fraction(self.supported, TOP * self.total)

    @property
    def evidence(self) -> Fraction:
        """Known share times mean grade over three: the question's part in confidence."""
        return Fraction(self.grades, BEST_GRADE * self.total)


@dataclass(frozen=True, slots=True)
class Item:
    """One scored question with what it measures."""

    question: Question
    measure: Measure
    counts: Counts

    @property
    def weight(self) -> int:
        return self.question.weight or DEFAULT_WEIGHT

    @property
    def critical_gap(self) -> bool:
        """A critical question below half, or at level 0 at a site of the highest tier."""
        if not (self.question.critical and self.measure.counts):
            return False
        return self.measure.low < CRITICAL_LOW or self.measure.strategic_at_zero > 0


@dataclass(frozen=True, slots=True)
class Pooled:
    """The weighted mean of several measures, each number exact, from 0 to 1."""

    low: Fraction
    high: Fraction
    known: Fraction
    supported: Fraction
    quality: Fraction | None
    """Confidence in what is known; none when nothing is."""


@dataclass(frozen=True, slots=True)
class DimensionScore:
    pooled: Pooled | None
    """None when nothing counts: all is not applicable, or nothing is asked."""
    band: Band
    confidence: Confidence | None
    limited_basis: bool
    critical_gaps: tuple[str, ...]
    """Ids of the critical questions with a gap, in the checklist's order."""


@dataclass(frozen=True, slots=True)
class ParagraphScores:
    paragraph: str
    in_place: DimensionScore
    in_use: DimensionScore
    counts: Counts


@dataclass(frozen=True, slots=True)
class ScoreSheet:
    """Scores of the whole, each question once, and of every paragraph with a scored question, in its order."""

    in_place: DimensionScore
    in_use: DimensionScore
    paragraphs: tuple[ParagraphScores, ...]
    counts: Counts


def scores(readings: Readings) -> ScoreSheet:
    """All scores of an assessment."""
    scored = items(readings)
    paragraphs = []
    for paragraph in readings.picture.checklist.instrument.paragraphs:
        here = [item for item in scored if paragraph.id in item.question.paragraphs]
        if here:
            paragraphs.append(
                ParagraphScores(paragraph.id, score(here, "in_place"), score(here, "in_use"), _together(here))
            )
    return ScoreSheet(score(scored, "in_place"), score(scored, "in_use"), tuple(paragraphs), _together(scored))


def items(readings: Iterable[Reading]) -> list[Item]:
    """The scored questions, measured."""
    return [
        Item(reading.question, measure(reading.rows), counted(reading.rows))
        for reading in readings
        if reading.question.scored
    ]


def measure(rows: Iterable[Row]) -> Measure:
    """Sum up one question's rows. A recorded value that stands for no level is not known."""
    total = excused = known = levels = supported = grades = strategic_at_zero = 0
    for row in rows:
        weight = row.tier * row.sites
        if row.kind == "not_applicable":
            excused += weight
        if not row.scored:
            continue
        total += weight
        if row.kind not in ("value", "other_means") or row.level is None:
            continue
        known += weight
        levels += weight * row.level
        supported += weight * min(row.level, row.grade + 1)
        grades += weight * row.grade
        if row.tier == STRATEGIC_TIER and row.level == 0:
            strategic_at_zero += row.sites
    return Measure(total, excused, known, levels, supported, grades, strategic_at_zero)


def pool(weighted: Iterable[tuple[int, Measure]]) -> Pooled | None:
    """The weighted mean over the measures that count; none when none does."""
    counting = [(weight, measure) for weight, measure in weighted if measure.counts]
    total = sum(weight for weight, _ in counting)
    if not total:
        return None
    low = sum((weight * m.low for weight, m in counting), Fraction(0)) / total
    high = sum((weight * m.high for weight, m in counting), Fraction(0)) / total
    known = sum((weight * m.known_share for weight, m in counting), Fraction(0)) / total
    supported = sum((weight * m.supported_share for weight, m in counting), Fraction(0)) / total
    evidence = sum((weight * m.evidence for weight, m in counting), Fraction(0)) / total
    return Pooled(low, high, known, supported, evidence / known if known else None)


def score(scored: list[Item], dimension: Dimension) -> DimensionScore:
    """The score of one dimension; a critical gap in the other dimension, too, bars the highest band."""
    here = [item for item in scored if item.question.dimension == dimension]
    pooled = pool((item.weight, item.measure) for item in here)
    return DimensionScore(
        pooled=pooled,
        band=band(pooled, critical_gap=any(item.critical_gap for item in scored)),
        confidence=confidence(pooled),
        limited_basis=pooled is not None and excused_share(here) > MOSTLY_EXCUSED,
        critical_gaps=tuple(item.question.id for item in here if item.critical_gap),
    )


def excused_share(scored: list[Item]) -> Fraction:
    """Share of the asked weight that was declared not applicable; a site question's in the share of its sites.

    What a condition took away was never asked and is in neither sum. Something has to be asked.
    """
    asked = [(item.weight, item.measure) for item in scored if item.measure.total or item.measure.excused]
    excused = sum((Fraction(weight * m.excused, m.total + m.excused) for weight, m in asked), Fraction(0))
    return excused / sum(weight for weight, _ in asked)


def band(pooled: Pooled | None, *, critical_gap: bool) -> Band:
    """The word for an exact score; at least 80 % has to be known."""
    if pooled is None:
        return "not_applicable"
    if pooled.known < ENOUGH_KNOWN:
        return "insufficient"
    for below, name in BANDS:
        if pooled.low < below:
            return name
    return "established" if pooled.known >= ESTABLISHED_KNOWN and not critical_gap else "advanced"


def confidence(pooled: Pooled | None) -> Confidence | None:
    """The letter for the evidence behind what is known."""
    if pooled is None or pooled.quality is None:
        return None
    quality = pooled.quality
    return next((letter for least, letter in LETTERS if quality >= least), "D")


def _together(scored: list[Item]) -> Counts:
    """Each question's counts added up."""
    counts = [item.counts for item in scored]
    return Counts(
        answered=sum(c.answered for c in counts),
        unanswered=sum(c.unanswered for c in counts),
        unknown=sum(c.unknown for c in counts),
        withheld=sum(c.withheld for c in counts),
        not_applicable=sum(c.not_applicable for c in counts),
    )
