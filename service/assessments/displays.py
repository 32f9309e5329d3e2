"""How an indicator's figure reads in a language, and what is to be said beside it. Rounded here and nowhere before."""

from decimal import Decimal
from fractions import Fraction

from service.assessments.indicators import Figure
from service.assessments.rounding import half_up, one_decimal
from service.catalogue.checklist import Bands, Ratio, SiteShare
from service.languages.words import Words, mark

NOT_KNOWN = mark("not known")
PLAIN = mark("{figure} {unit}")
OF = {
    "sites": mark("{figure} {unit} ({part} of {whole} sites)"),
    "travellers": mark("{figure} {unit} ({part} of {whole} travellers)"),
    "answers": mark("{figure} {unit} ({part} of {whole} answers)"),
}
"""A share with what it is of."""


def display(figure: Figure, words: Words) -> str:
    """The figure in its unit; of a share, what it is of; of a time, the published reference it keeps."""
    if figure.value is None:
        return words.text(NOT_KNOWN)
    match figure.indicator.of:
        case Ratio():
            return words.text(PLAIN, figure=_decimal(figure.value, words), unit=figure.indicator.unit)
        case Bands() as bands:
            return _beside(figure.value, figure.indicator.unit, bands, words)
        case SiteShare() as share:
            return _share(figure, figure.value, share.weighted_by, words)
        case _:
            return _share(figure, figure.value, "answers", words)


def warning(figure: Figure, words: Words) -> str | None:
    """What keeps the figure from being taken as it stands; nothing for most."""
    match figure.indicator.of:
        case Ratio() as ratio if figure.value is not None:
            return _implausible(figure.value, ratio, words)
        case SiteShare() if figure.whole is None:
            return words.text("the travellers of some sites are not known")
        case SiteShare() if figure.untold:
            return words.count(
                "not known at {n} site, which is counted as not",
                "not known at {n} sites, which are counted as not",
                figure.untold,
            )
        case _:
            return None


def _share(figure: Figure, value: Fraction, of_what: str, words: Words) -> str:
    said, unit = words.plain(half_up(value)), figure.indicator.unit
    if figure.part is None or figure.whole is None:
        return words.text(PLAIN, figure=said, unit=unit)
    part, whole = words.number(figure.part), words.number(figure.whole)
    return words.text(OF[of_what], figure=said, unit=unit, part=part, whole=whole)


def _beside(value: Fraction, unit: str, bands: Bands, words: Words) -> str:
    references = sorted(bands.references, key=lambda reference: reference.at_most)
    within = next((one.text for one in references if value <= Fraction(one.at_most)), None)
    if within is None:
        within = words.text("beyond: {reference}", reference=references[-1].text)
    return words.text("{figure} {unit} ({reference})", figure=_decimal(value, words), unit=unit, reference=within)


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


def _decimal(value: Fraction, words: Words) -> str:
    return words.plain(Decimal(one_decimal(value)))
