"""Site coverage: on each step of the funnel, how many sites took it, as counts; by site type and in all."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import get_args

from service.assessments.readings import Readings, Row
from service.catalogue.checklist import FunnelStep
from stocktake.models.registry import SiteType


@dataclass(frozen=True, slots=True)
class StepCounts:
    """Where sites stand on one step; the five counts together are all the sites."""

    step: FunnelStep
    reached: int
    partly: int
    none: int
    unknown: int
    """Unknown, withheld or unanswered."""
    not_applicable: int
    """Declared so, or not asked there."""
    travellers: Fraction | None
    """Share of the travellers at sites where it applies who pass a site that reached it; only if every site's volume
    is known."""


@dataclass(frozen=True, slots=True)
class TypeCounts:
    type: SiteType
    sites: int
    steps: tuple[StepCounts, ...]


@dataclass(frozen=True, slots=True)
class SiteCoverage:
    sites: int
    steps: tuple[StepCounts, ...]
    by_type: tuple[TypeCounts, ...]
    """Types with at least one site, in the register's order."""


def coverage(readings: Readings) -> SiteCoverage:
    """The funnel of an assessment."""
    funnel = readings.picture.checklist.head.funnel
    rows = {reading.question.id: reading.rows for reading in readings}
    by_type: dict[str, dict[SiteType | None, list[Row]]] = {step.question: defaultdict(list) for step in funnel}
    for question, of_type in by_type.items():
        for row in rows[question]:
            of_type[row.type].append(row)
    sites: dict[SiteType, int] = defaultdict(int)
    for group in readings.picture.groups:
        sites[group.type] += group.sites
    return SiteCoverage(
        sites=sum(sites.values()),
        steps=tuple(_step(step, rows[step.question]) for step in funnel),
        by_type=tuple(
            TypeCounts(type_, sites[type_], tuple(_step(step, by_type[step.question][type_]) for step in funnel))
            for type_ in get_args(SiteType)
            if sites[type_]
        ),
    )


def _step(step: FunnelStep, rows: Iterable[Row]) -> StepCounts:
    reached = partly = none = unknown = not_applicable = 0
    passing = at_reached = 0
    every_volume = True
    for row in rows:
        every_volume = every_volume and row.travellers is not None
        travellers = row.travellers or 0
        if not row.scored:
            not_applicable += row.sites
            continue
        passing += travellers
        if row.kind not in ("value", "other_means") or row.level is None:
            unknown += row.sites
        elif row.level >= step.at_level:
            reached += row.sites
            at_reached += travellers
        elif row.level:
            partly += row.sites
        else:
            none += row.sites
    share = Fraction(at_reached, passing) if every_volume and passing else None
    return StepCounts(step, reached, partly, none, unknown, not_applicable, share)
