"""Indicators: figures computed from answers and the register, never typed. Exact; rounded for display only."""

from dataclasses import dataclass
from fractions import Fraction

from service.assessments.checks import figure
from service.assessments.conditions import Surroundings, holds, leaves
from service.assessments.readings import Readings
from service.assessments.rounding import half_up, one_decimal
from service.catalogue.checklist import Bands, Indicator, Ratio, SiteShare
from service.catalogue.question import Condition

NOT_KNOWN = "not known"
DOCUMENTED = 2
"""The evidence grade from which an answer counts as evidenced, after ageing."""


@dataclass(frozen=True, slots=True)
class Figure:
    indicator: Indicator
    value: Fraction | None
    """In the indicator's unit (a share in percent); none when an ingredient is missing."""
    display: str
    warning: str | None = None


def indicators(readings: Readings) -> tuple[Figure, ...]:
    """Every indicator of the checklist, in its order."""
    around = Surroundings.of(readings.picture)
    return tuple(_figure(indicator, readings, around) for indicator in readings.picture.checklist.head.indicators)


def _figure(indicator: Indicator, readings: Readings, around: Surroundings) -> Figure:
    match indicator.of:
        case SiteShare() as share:
            return _site_share(indicator, share, around)
        case Ratio() as ratio:
            return _ratio(indicator, ratio, around)
        case Bands() as bands:
            return _bands(indicator, bands, around)
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
            return Figure(indicator, None, NOT_KNOWN, "the travellers of some sites are not known")
        truth = holds(share.where, place)
        of += size
        at += size if truth else 0
        untold += group.sites if truth is None else 0
    warning = f"not known at {untold} sites, which are counted as not" if untold else None
    return _share(indicator, at, of, share.weighted_by, warning)


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
    return _share(indicator, evidenced, sum(row.sites for row in valued), "answers", None)


def _share(indicator: Indicator, part: int, whole: int, of_what: str, warning: str | None) -> Figure:
    if not whole:
        return Figure(indicator, None, NOT_KNOWN, warning)
    value = Fraction(part, whole) * 100
    return Figure(indicator, value, f"{half_up(value)} {indicator.unit} ({part:,} of {whole:,} {of_what})", warning)


def _ratio(indicator: Indicator, ratio: Ratio, around: Surroundings) -> Figure:
    numerator, denominator = figure(ratio.numerator, around), figure(ratio.denominator, around)
    if numerator is None or not denominator:
        return Figure(indicator, None, NOT_KNOWN)
    value = numerator / denominator * ratio.times
    warning = None
    if ratio.plausible is not None:
        low, high = (Fraction(limit) for limit in ratio.plausible)
        if not low <= value <= high:
            band = one_decimal(low) if low == high else f"{one_decimal(low)} to {one_decimal(high)}"
            warning = f"outside the plausible {band}: look at both numbers again"
    return Figure(indicator, value, f"{one_decimal(value)} {indicator.unit}", warning)


def _bands(indicator: Indicator, bands: Bands, around: Surroundings) -> Figure:
    value = figure(bands.value, around)
    if value is None:
        return Figure(indicator, None, NOT_KNOWN)
    references = sorted(bands.references, key=lambda reference: reference.at_most)
    within = next((r.text for r in references if value <= Fraction(r.at_most)), f"beyond: {references[-1].text}")
    return Figure(indicator, value, f"{one_decimal(value)} {indicator.unit} ({within})")
