import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reports.cleaning import CAP, CUT, REPLACEMENT, TOKEN, Cleaner, Json
from service.reports.fonts import covered, folders

LATIN = frozenset(range(0x20, 0x250)) | {ord(REPLACEMENT), 0x200B}


def clean(text: str) -> str:
    return Cleaner(LATIN).text(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("", ""),
        ("  a   b\t\tc  ", "a b c"),
        ("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h", "a\nb\nc\nd\ne\nf\ng\nh"),
        ("a \n\n\n\n  b", "a\n\nb"),
        ("nul\x00, bell\x07, escape\x1b[31m, delete\x7f, \x9f", "nul, bell, escape[31m, delete,"),
        ("\ufeffmark, soft\u00adhyphen, word\u2060joiner", "mark, softhyphen, wordjoiner"),
        ("\u202egnp.exe\u202c \u2066x\u2069 \u200ey\u200f \u061cz", "gnp.exe x y z"),
        ("e\u0301", "é"),
        ("tag\U000e0041s sele\ufe0fctor", "tags selector"),
    ],
)
def test_text_is_made_printable(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_what_the_fonts_lack_is_replaced_and_counted() -> None:
    cleaner = Cleaner(LATIN)
    assert cleaner.text("a\U0001f600b\u0e01c\ud800d\ue000") == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert cleaner.replaced == 4
    cleaner.text("nothing more")
    assert cleaner.replaced == 4


def test_combining_marks_have_a_bound() -> None:
    cleaner = Cleaner(LATIN | {0x0323})
    assert len(cleaner.text("q" + "\u0323" * 5_000)) < 20


def test_long_tokens_may_break() -> None:
    assert clean("x" * 130) == "x" * TOKEN + "\u200b" + "x" * TOKEN + "\u200b" + "x" * 10
    assert clean("x" * TOKEN) == "x" * TOKEN
    assert "\u200b" not in clean("word " * 100)


@pytest.mark.parametrize("length", [CAP + 1, 4 * CAP + 1, 1_000_000])
def test_long_texts_are_cut_and_say_so(length: int) -> None:
    cut = clean("ab " * (length // 3 + 1))
    assert len(cut) <= CAP
    assert cut.endswith(CUT)


def test_a_text_at_the_cap_is_whole() -> None:
    assert CUT not in clean(("a" * 49 + " ") * (CAP // 50))


def test_many_blanks_are_quick_and_leave_one() -> None:
    assert clean("a" + " " * 1_000_000 + "b").startswith("a")
    assert clean("a" + " " * 30_000 + "b") == "a b"


def test_every_string_of_a_document_is_cleaned_and_nothing_else() -> None:
    cleaner = Cleaner(LATIN)
    data: dict[str, Json] = {"a\x00": ["x\x00", {"b": "y\x07"}], "n": 3, "t": True, "none": None}
    assert cleaner.every(data) == {"a\x00": ["x", {"b": "y"}], "n": 3, "t": True, "none": None}


@given(st.text(st.characters(), max_size=400))
def test_cleaning_twice_changes_nothing_and_leaves_only_what_can_be_shown(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(c == "\n" or ord(c) in LATIN for c in once)
    json.dumps(once, ensure_ascii=False).encode()


def test_the_fonts_cover_the_six_languages_and_the_marks() -> None:
    points = covered()
    for text in (
        "Résumé çà œ",
        "Ñandú",
        "Республика",
        "المكتب المركزي الوطني",
        "国家中心局",
        "●◐○?–·✓≥",
        "\u200b\ufffd\n",
    ):
        assert {ord(c) for c in text if c != "\n"} <= points, text
    assert 0x1F600 not in points


def test_the_font_folders_are_found_without_importing_them() -> None:
    assert len(folders()) == 3
    assert all(folder.is_dir() for folder in folders())
    assert "fontpkg_noto_sans" not in sys.modules


def test_all_of_unicode_is_cleaned() -> None:
    cleaner = Cleaner(covered())
    for start in range(0, 0x110000, 0x2000):
        text = "".join(map(chr, range(start, start + 0x2000)))
        shown = cleaner.text(text)
        assert all(c == "\n" or ord(c) in covered() for c in shown)
        assert not any(unicodedata.category(c) == "Cs" for c in shown)
