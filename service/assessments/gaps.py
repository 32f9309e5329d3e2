"""Gaps: scored questions below their target level, by priority (instruments.md B.4); critical gaps first."""

from dataclasses import dataclass
from fractions import Fraction

from service.assessments.readings import Readings, Row
from service.assessments.scoring import TOP, Item, items
from service.catalogue.question import Question

DEFAULT_TARGET = 3


@dataclass(frozen=True, slots=True)
class OpenGap:
    question: Question
    level: int | None
    """The state's level; none for a site question or where it is not known."""
    target: int
    low: Fraction
    """The question's Low, from 0 to 1."""
    critical_gap: bool
    priority: Fraction
    sites_below: int | None
    """Sites known to be below the target; none for a state question."""
    sites_unknown: int | None
    """Sites of which no level is known: they count as 0 in Low."""
    sites_asked: int | None
    """Sites that count: asked, and not declared not applicable."""


def gaps(readings: Readings) -> tuple[OpenGap, ...]:
    """Critical gaps first, then the others; each by priority, then by paragraph and question id."""
    scored = [reading for reading in readings if reading.question.scored]
    order = {paragraph.id: n for n, paragraph in enumerate(readings.picture.checklist.instrument.paragraphs)}
    found = [
        _gap(item, reading.rows)
        for item, reading in zip(items(scored), scored, strict=True)
        if item.measure.counts and (priority(item) or item.critical_gap)
    ]
    return tuple(
        sorted(
            found,
            key=lambda gap: (
                not gap.critical_gap,
                -gap.priority,
                order.get(gap.question.paragraph, len(order)),
                gap.question.id,
            ),
        )
    )


def priority(item: Item) -> Fraction:
    """Weight times the distance from Low to the target, doubled for a critical question; the item has to count."""
    distance = max(Fraction(0), Fraction(target(item.question), TOP) - item.measure.low)
    return item.weight * distance * (2 if item.question.critical else 1)


def target(question: Question) -> int:
    """The level aimed at."""
    return DEFAULT_TARGET if question.target is None else question.target


def _gap(item: Item, rows: tuple[Row, ...]) -> OpenGap:
    question, aim = item.question, target(item.question)
    counting = [row for row in rows if row.scored]
    of_site = question.scope == "site"
    return OpenGap(
        question=question,
        level=None if of_site else counting[0].level,
        target=aim,
        low=item.measure.low,
        critical_gap=item.critical_gap,
        priority=priority(item),
        sites_below=sum(r.sites for r in counting if r.level is not None and r.level < aim) if of_site else None,
        sites_unknown=sum(r.sites for r in counting if r.level is None) if of_site else None,
        sites_asked=sum(r.sites for r in counting) if of_site else None,
    )
