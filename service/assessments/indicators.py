"""Indicators: figures computed from answers and the register, never typed. Exact; rounded for display only."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from service.assessments.checks import figure
from service.assessments.conditions import Surroundings, holds, leaves
from service.assessments.readings import Readings
from service.assessments.rounding import half_up, one_decimal
from service.catalogue.checklist import Bands, Indicator, Ratio, SiteShare
from service.catalogue.question import Condition
from service.languages.words import Words, mark, words_of

NOT_KNOWN = mark("not known")
OF = {
    "sites": mark("{figure} {unit} ({part} of {whole} sites)"),
    "travellers": mark("{figure} {unit} ({part} of {whole} travellers)"),
    "answers": mark("{figure} {unit} ({part} of {whole} answers)"),
}
"""A share with what it is of."""
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
    """Every indicator of the checklist, in its order; displayed in the language of the checklist's texts."""
    around, head = Surroundings.of(readings.picture), readings.picture.checklist.head
    words = words_of(head.language)
    return tuple(_figure(indicator, readings, around, words) for indicator in head.indicators)


def _figure(indicator: Indicator, readings: Readings, around: Surroundings, words: Words) -> Figure:
    match indicator.of:
        case SiteShare() as share:
            return _site_share(indicator, share, around, words)
        case Ratio() as ratio:
            return _ratio(indicator, ratio, around, words)
        case Bands() as bands:
            return _bands(indicator, bands, around, words)
        case _:
            return _evidence_rate(indicator, readings, words)


def _not_known(indicator: Indicator, words: Words, warning: str | None = None) -> Figure:
    return Figure(indicator, None, words.text(NOT_KNOWN), warning)


def _decimal(value: Fraction, words: Words) -> str:
    return words.plain(Decimal(one_decimal(value)))


def _site_share(indicator: Indicator, share: SiteShare, around: Surroundings, words: Words) -> Figure:
    """Of the sites to which the condition can apply; where it is not yet told it counts as not holding, and is said."""
    of = at = untold = 0
    for group in around.groups:
        place = around.at(group)
        if not _can_apply(share.where, place):
            continue
        size = group.sites if share.weighted_by == "sites" else group.travellers
        if size is None:
            return _not_known(indicator, words, words.text("the travellers of some sites are not known"))
        truth = holds(share.where, place)
        of += size
        at += size if truth else 0
        untold += group.sites if truth is None else 0
    figure = _share(indicator, at, of, share.weighted_by, words)
    return replace(figure, warning=_untold(untold, words)) if untold else figure


def _untold(sites: int, words: Words) -> str:
    return words.count(
        "not known at {n} site, which is counted as not",
        "not known at {n} sites, which are counted as not",
        sites,
    )


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


def _evidence_rate(indicator: Indicator, readings: Readings, words: Words) -> Figure:
    rows = [row for reading in readings if reading.question.scored for row in reading.rows]
    valued = [row for row in rows if row.kind in ("value", "other_means")]
    evidenced = sum(row.sites for row in valued if row.grade >= DOCUMENTED)
    return _share(indicator, evidenced, sum(row.sites for row in valued), "answers", words)


def _share(indicator: Indicator, part: int, whole: int, of_what: str, words: Words) -> Figure:
    if not whole:
        return _not_known(indicator, words)
    value = Fraction(part, whole) * 100
    display = words.text(
        OF[of_what],
        figure=words.plain(half_up(value)),
        unit=indicator.unit,
        part=words.number(part),
        whole=words.number(whole),
    )
    return Figure(indicator, value, display)


def _ratio(indicator: Indicator, ratio: Ratio, around: Surroundings, words: Words) -> Figure:
    numerator, denominator = figure(ratio.numerator, around), figure(ratio.denominator, around)
    if numerator is None or not denominator:
        return _not_known(indicator, words)
    value = numerator / denominator * ratio.times
    display = words.text("{figure} {unit}", figure=_decimal(value, words), unit=indicator.unit)
    return Figure(indicator, value, display, _implausible(value, ratio, words))


def _implausible(value: Fraction, ratio: Ratio, words: Words) -> str | None:
    if ratio.plausible is None:
        return None
    low, high = (Fraction(limit) for limit in ratio.plausible)
    if low <= value <= high:
        return None
    if low == high:
        return words.text("outside the plausible {figure}: look at both numbers again", figure=_decimal(low, words))
    return words.text(
        "outside the plausible {low} to {high}: look at both numbers again",
        low=_decimal(low, words),
        high=_decimal(high, words),
    )


def _bands(indicator: Indicator, bands: Bands, around: Surroundings, words: Words) -> Figure:
    value = figure(bands.value, around)
    if value is None:
        return _not_known(indicator, words)
    references = sorted(bands.references, key=lambda reference: reference.at_most)
    within = next((r.text for r in references if value <= Fraction(r.at_most)), None)
    if within is None:
        within = words.text("beyond: {reference}", reference=references[-1].text)
    display = words.text(
        "{figure} {unit} ({reference})", figure=_decimal(value, words), unit=indicator.unit, reference=within
    )
    return Figure(indicator, value, display)
