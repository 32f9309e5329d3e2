"""Indicators: figures computed from answers and the register, never typed. Exact; no words."""

from dataclasses import dataclass
from fractions import Fraction

from service.assessments.checks import figure
from service.assessments.conditions import Surroundings, holds, leaves
from service.assessments.readings import Readings
from service.catalogue.checklist import Bands, Indicator, Ratio, SiteShare
from service.catalogue.question import Condition

DOCUMENTED = 2
"""The evidence grade from which an answer counts as evidenced, after ageing."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What was computed; ``displays`` says it in a language."""

    indicator: Indicator
    value: Fraction | None = None
    """In the indicator's unit (a share in percent); none when an ingredient is missing."""
    part: int | None = None
    """Of a share: how many sites, travellers or answers it holds for, and of how many; none when they are not known."""
    whole: int | None = None
    untold: int = 0
    """Of a share of sites: at so many it is not known, and counted as not."""


def indicators(readings: Readings) -> tuple[Figure, ...]:
    """Every indicator of the checklist, in its order."""
    around = Surroundings.of(readings.picture)
    return tuple(_figure(indicator, readings, around) for indicator in readings.picture.checklist.head.indicators)


def _figure(indicator: Indicator, readings: Readings, around: Surroundings) -> Figure:
    match indicator.of:
        case SiteShare() as share:
            return _site_share(indicator, share, around)
        case Ratio() as ratio:
            return Figure(indicator, _ratio(ratio, around))
        case Bands() as bands:
            return Figure(indicator, figure(bands.value, around))
        case _:
            return _evidence_rate(indicator, readings)


def _site_share(indicator: Indicator, share: SiteShare, around: Surroundings) -> Figure:
    """Of the sites to which the condition can apply; where it is not yet told it counts as not holding, and is said."""
    of = at = untold = 0
    for group in around.groups:
        place = around.at(group)
        if not _can_apply(share.where, place):
            continue
        size = group.sites if share.weighted_by == "sites" else group.travellers
        if size is None:
            return Figure(indicator)
        truth = holds(share.where, place)
        of += size
        at += size if truth else 0
        untold += group.sites if truth is None else 0
    return _share(indicator, at, of, untold)


def _can_apply(condition: Condition, place: Surroundings) -> bool:
    """Unless every site question it looks at is one that this site is not asked or that is not applicable there."""
    looked_at = [place.questions[test.question] for test in leaves(condition, any_site=False) if test.question]
    open_here = []
    for question in looked_at:
        if question.scope == "site":
            given = place.given(question)
            excused = given is not None and given.kind == "not_applicable"
            open_here.append(not excused and place.applies(question) is not False)
    return any(open_here) or not open_here


def _evidence_rate(indicator: Indicator, readings: Readings) -> Figure:
    rows = [row for reading in readings if reading.question.scored for row in reading.rows]
    valued = [row for row in rows if row.kind in ("value", "other_means")]
    evidenced = sum(row.sites for row in valued if row.grade >= DOCUMENTED)
    return _share(indicator, evidenced, sum(row.sites for row in valued))


def _share(indicator: Indicator, part: int, whole: int, untold: int = 0) -> Figure:
    return Figure(indicator, Fraction(part, whole) * 100 if whole else None, part, whole, untold)


def _ratio(ratio: Ratio, around: Surroundings) -> Fraction | None:
    numerator, denominator = figure(ratio.numerator, around), figure(ratio.denominator, around)
    return None if numerator is None or not denominator else numerator / denominator * ratio.times
