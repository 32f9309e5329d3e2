"""How the six languages say numbers, days and lists, and which of them a caller gets."""

from datetime import date
from decimal import Decimal

import pytest
from babel import UnknownLocaleError

from service.languages.words import LANGUAGES, choose, words_of

NARROW, HARD = "\u202f", "\u00a0"


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, "en"),
        ("", "en"),
        ("fr", "fr"),
        ("FR-ch", "fr"),
        ("zh-Hans-CN", "zh"),
        ("de, fr;q=0.8, en;q=0.9", "en"),
        ("de, fr;q=0.9, en;q=0.8", "fr"),
        ("ar;q=0.5, ru;q=0.5", "ar"),
        ("de, *;q=0.1", "en"),
        ("fr;q=0.2, *;q=0.8", "en"),
        ("fr;q=0", "en"),
        ("en;q=0, es;q=0.1", "es"),
        ("fr;q=high, ru;q=0.1", "ru"),
        ("tlh", "en"),
        (";;;,,,=", "en"),
        ("fr;q=1e9, fr;q=nan, fr;q=-1, fr;q=٣", "en"),
        ("x," * 20 + "fr", "en"),  # nobody has more than twenty
    ],
)
def test_the_best_language_of_the_header_is_chosen(header: str | None, chosen: str) -> None:
    assert choose(header) == chosen


def test_the_one_asked_for_by_name_wins_and_an_unknown_one_is_english() -> None:
    assert choose("fr", "ru") == "ru"
    assert choose("fr", "tlh") == "en"
    assert choose("fr, ru;q=0.5", None, offered=("en", "ru")) == "ru"


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_are_the_same_in_every_language(language: str) -> None:
    words = words_of(language)
    said = words.number(1234567) + words.percent(45) + words.day(date(2026, 9, 3)) + words.short_day(date(2026, 9, 3))
    assert "".join(c for c in said if c.isdigit()).startswith("123456745")
    assert all(c in "0123456789" for c in said if c.isnumeric() and c not in "年月日")


def test_english_is_written_as_the_report_always_wrote_it() -> None:
    words = words_of("en")
    assert words.day(date(2026, 9, 3)) == "3 September 2026"
    assert words.short_day(date(2026, 9, 3)) == "3 Sep 2026"
    assert words.number(1234567) == "1,234,567"
    assert words.number(0.1 + 0.2) == "0.3"
    assert words.number("0.50") == "0.50"
    assert words.percent(45.5) == f"45.5{HARD}%"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
    assert words.listed([]) == "none"
    assert words.count("{n} {what} site", "{n} {what} sites", 1200, what="open") == "1,200 open sites"


def test_other_languages_write_numbers_and_days_their_own_way() -> None:
    assert words_of("fr").number(1234567) == f"1{NARROW}234{NARROW}567"
    assert words_of("ru").percent(Decimal("45.5")) == f"45,5{HARD}%"
    assert words_of("zh").day(date(2026, 9, 3)) == "2026年9月3日"
    assert words_of("es").listed(["a", "b", "c"]) == "a, b y c"
    assert [words_of(language).direction for language in LANGUAGES] == ["rtl", "ltr", "ltr", "ltr", "ltr", "ltr"]


@pytest.mark.parametrize(
    ("language", "forms", "n", "form"),
    [
        ("en", "search | searches", 1, "search"),
        ("en", "search | searches", 0, "searches"),
        ("en", "search | searches", 1.5, "searches"),
        ("fr", "recherche | recherches", 1.5, "recherche"),
        ("fr", "recherche | recherches", 1_000_000, "recherches"),
        ("ru", "поиск | поиска | поисков | поиска", 2, "поиска"),
        ("ru", "поиск | поиска | поисков | поиска", 5, "поисков"),
        ("ru", "поиск | поиска | поисков", 1.5, "поисков"),
        ("ar", "0 | 1 | 2 | 3 | 11 | 100", 2, "2"),
        ("ar", "0 | 1 | 2 | 3 | 11 | 100", 7, "3"),
        ("ar", "0 | 1 | 2 | 3 | 11 | 100", 12, "11"),
        ("zh", "次查询", 2, "次查询"),
    ],
)
def test_a_unit_takes_the_form_of_its_number(language: str, forms: str, n: float, form: str) -> None:
    assert words_of(language).unit(forms, n) == form


def test_another_language_has_its_numbers_and_english_sentences() -> None:
    assert words_of("pt").time(2.5, "hours") == "2,5 hours"
    assert words_of("pt") is words_of("pt")
    with pytest.raises(UnknownLocaleError):
        words_of("qq")
