"""Sentences, numbers and days in the six languages: gettext's catalogues for the words, CLDR for the rest.

A message is its English template with named places, ``There is no site {site} in your register.``; what has no
translation stays English. Digits are 0 to 9 and the calendar is Gregorian in every language.
"""

import gettext
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

LANGUAGES = ("ar", "en", "es", "fr", "ru", "zh")
SOURCE = "en"
CATALOGUES = Path(__file__).parent / "catalogues"

_DAYS = {"en": "d MMMM y"}
_SHORT_DAYS = {"en": "d MMM y", "ar": "d MMM y"}  # CLDR's own for Arabic is in figures
_LISTS = {"en": "en_001"}  # without a comma before "and"
_PLURALS = ("zero", "one", "two", "few", "many", "other")
_MOST_RANGES = 20
_RANGE = re.compile(r"\s*(?P<tag>[\w*-]+)\s*(?:;\s*[qQ]=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?", re.ASCII)


def mark(message: str) -> str:
    """The message itself; names it for translation where it stands as a constant."""
    return message


_TIMES = {
    "seconds": mark("second | seconds"),
    "minutes": mark("minute | minutes"),
    "hours": mark("hour | hours"),
    "days": mark("day | days"),
}
"""A translation has one form for each plural category of its language, in CLDR's order."""


class Words:
    """How one language says things."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._locale = Locale.parse(language)
        self._catalogue = _catalogue(language)
        forms = {*self._locale.plural_form.tags, "other"}
        self.plurals = tuple(category for category in _PLURALS if category in forms)

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return self._locale.text_direction

    def language_name(self, language: str) -> str:
        """What this language calls another (ISO 639), as it stands in a list; its code where it has no name."""
        name: str | None = self._locale.languages.get(language)
        return name or language

    def text(self, message: str, **values: object) -> str:
        """The message in this language, with its values put in."""
        return self._catalogue.gettext(message).format(**values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """``{n} site`` or ``{n} sites``, by the language's own rule; ``n`` is put in as a number is written."""
        return self._catalogue.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, value: float | Decimal | str) -> str:
        """A number with its thousands parted; a string as it was given."""
        if isinstance(value, str):
            return value
        return format_decimal(_exact(value), locale=self._locale, decimal_quantization=False)

    def plain(self, value: float | Decimal) -> str:
        """A number in one piece, as a limit is written."""
        return format_decimal(_exact(value), format="0.##########", locale=self._locale)

    def percent(self, value: float | Decimal | str) -> str:
        """``45 %`` of 45."""
        if isinstance(value, str) or self.language == SOURCE:
            return f"{self.number(value)}\u00a0%"
        return format_percent(_exact(value) / 100, locale=self._locale, decimal_quantization=False)

    def day(self, on: date) -> str:
        """``3 September 2026``."""
        return format_date(on, _DAYS.get(self.language, "long"), self._locale)

    def short_day(self, on: date) -> str:
        """``3 Sep 2026``."""
        return format_date(on, _SHORT_DAYS.get(self.language, "medium"), self._locale)

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``; ``none`` of nothing."""
        return format_list(items, "standard", _LISTS.get(self.language, self._locale)) if items else self.text("none")

    def unit(self, forms: str, n: float | Decimal) -> str:
        """The form that stands after this number, of ``search | searches``: one per plural category, in CLDR's order.

        Where there are fewer forms than categories the last stands for the rest.
        """
        return self.forms(forms)[self._locale.plural_form(_exact(n))]

    def forms(self, forms: str) -> dict[str, str]:
        """Each plural category with its form of ``search | searches``."""
        written = [form.strip() for form in forms.split("|")]
        return {category: written[min(place, len(written) - 1)] for place, category in enumerate(self.plurals)}

    def time(self, n: float | Decimal, unit: str) -> str:
        """``24 hours``; the unit is seconds, minutes, hours or days."""
        return self.text("{n} {unit}", n=self.plain(n), unit=self.unit(self.text(_TIMES[unit]), n))


@cache
def words_of(language: str) -> Words:
    """The words of a language, read once; of one that is none of ``LANGUAGES`` its numbers, with English sentences."""
    return Words(language)


def choose(
    accept_language: str | None,
    query: str | None = None,
    offered: Sequence[str] = LANGUAGES,
    otherwise: str = SOURCE,
) -> str:
    """The language to answer in: the one asked for by name, or the best of the header (RFC 9110, 12.5.4).

    What is asked for by name and not offered is answered in the other one, as is a header that names none of ours.
    """
    if query is not None:
        return _offered(query.strip(), offered) or otherwise
    ranges = [_range(part) for part in (accept_language or "").split(",")[:_MOST_RANGES]]
    wanted: dict[str, float] = {}
    for tag, quality in ranges:
        language = _offered(tag, offered)
        if language:
            wanted[language] = max(quality, wanted.get(language, 0.0))
    others = max((quality for tag, quality in ranges if tag == "*"), default=0.0)
    wanted.setdefault(otherwise, others)
    best = max(wanted, key=wanted.__getitem__)
    return best if wanted[best] > 0 else otherwise


def _range(part: str) -> tuple[str, float]:
    """``fr-CH;q=0.8`` → its tag and quality; 0 for what cannot be read."""
    found = _RANGE.fullmatch(part)
    return (found["tag"], float(found["quality"] or 1)) if found else ("", 0.0)


def _offered(tag: str, offered: Sequence[str]) -> str | None:
    """The language of a tag such as ``zh-Hans-CN``, when it is one of those offered."""
    language = tag.lower().partition("-")[0]
    return language if language in offered else None


def _exact(value: float | Decimal) -> Decimal:
    return Decimal(f"{value:.10g}") if isinstance(value, float) else Decimal(value)


def _catalogue(language: str) -> gettext.NullTranslations:
    """The translations of one language; none where it has no catalogue, as English."""
    path = CATALOGUES / f"{language}.po"
    if not path.is_file():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
