"""The report in six languages: nothing in it stays English, and everything that is no word stays the same."""

import gettext
import json
import re
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import cast

import pikepdf
import pypdf
import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from export_builder import MOMENT, build_export, canonical
from pdf_reading import attached, findings, flat, texts
from service.languages.messages import PLURALS, Source, sources, template
from service.languages.words import CATALOGUES, LANGUAGES, Words, words_of
from service.reports import content, paragraphs, prose, summary, terms, typst
from service.reports.seal import Seal
from service.reports.wording import Wording, marked, quoted, unmarked
from stocktake.models.export import Export

OTHERS = sorted(set(LANGUAGES) - {"en"})
DIGEST = "0123456789abcdef" * 4
ENGLISH = Wording(words_of("en"), "en")


def wording(language: str) -> Wording:
    return ENGLISH if language == "en" else Wording(words_of(language), "en", "unofficial")


def document(export: Export, language: str) -> content.Document:
    return content.build(export, wording(language), Seal(DIGEST))


def make(export: Export, spoken: Wording) -> bytes:
    data = canonical(export)
    return typst.render(content.build(export, spoken, Seal(sha256(data).hexdigest())), data, MOMENT)


def export_() -> Export:
    return build_export(3, questions=2)


@pytest.fixture(scope="module")
def reports() -> dict[str, bytes]:
    """The same assessment in every language."""
    return {language: make(export_(), wording(language)) for language in LANGUAGES}


@pytest.fixture(scope="module")
def read(reports: dict[str, bytes]) -> dict[str, list[str]]:
    """What stands on their pages, without blanks."""
    return {language: [flat(text) for text in texts(pdf)] for language, pdf in reports.items()}


def strings(data: object) -> Iterator[str]:
    match data:
        case str():
            yield data
        case dict():
            for value in data.values():
                yield from strings(value)
        case list() | tuple():
            for value in data:
                yield from strings(value)
        case _:
            pass


# ── every word is translated ─────────────────────────────────────────────────────────────────────────────────────────

SAME = {
    "es": {"No"},
    "fr": {
        "Code", "Contradiction", "Cycle", "Date", "Dimension", "Immigration", "Instrument", "Note", "Question",
        "Signature", "Signatures", "Site", "Sites", "Type",
        "{checklist}, version {version}", "{n} question", "{n} site",
    },
}  # fmt: skip
"""What a language says with the letters of English."""


def modules() -> list[Source]:
    """The report's modules, and those whose sentences it prints."""
    known = sources()
    printed = [one for one in known if re.search(r"service/(reports|assessments/displays|catalogue/wire)", one.name)]
    assert len(printed) > 15
    return printed


def untranslated(language: str) -> list[str]:
    """The report's sentences that this language's catalogue does not say, or says in English."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    found = []
    for message in template(modules()):
        if message.id:
            one = _ids(message)[0]
            held = catalogue.get(one)
            said = set(_said(held))
            if not held or not all(said) or (said & set(_ids(message)) and re.search(r"[A-Za-z]{2}", _bare(one))):
                found.append(one)
    return found


def _ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(str(one) for one in message.id)


def _said(message: Message | None) -> tuple[str, ...]:
    if message is None:
        return ("",)
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def _bare(sentence: str) -> str:
    return re.sub(r"\{\w+\}|UTC", "", sentence)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_of_the_report_is_said_in_every_language(language: str) -> None:
    assert set(untranslated(language)) == SAME.get(language, set())


def test_a_sentence_left_in_english_would_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = (CATALOGUES / "ru.po").read_text(encoding="utf-8")
    broken = text.replace('msgstr "Сводка"', 'msgstr "Summary"').replace('msgstr "Глоссарий"', 'msgstr ""')
    (tmp_path / "ru.po").write_text(broken, encoding="utf-8")
    monkeypatch.setitem(globals(), "CATALOGUES", tmp_path)
    assert set(untranslated("ru")) == {"Summary", "Glossary"}


class Scrambled(gettext.NullTranslations):
    """A language of which no letter is English: what is still English was never given to be translated."""

    def gettext(self, message: str) -> str:
        return re.sub(r"[A-Za-z](?![^{}]*\})", "ж", message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def left_english(export: Export, words: Words) -> list[str]:
    """The strings of the document that have a word which is neither given to the language nor of the export."""
    own = sorted({text for text in strings(export.model_dump(mode="json")) if re.search("[A-Za-z]", text)}, key=len)
    codes = r"\bL[0-4]\b|\bE\d+\b|\b[A-G]\b|\[en\]|\{pages?\}|national|[0-9a-f]{8,}"
    found = []
    for text in strings({**content.build(export, Wording(words, "en"), Seal(DIGEST)), "lang": "", "region": ""}):
        rest = text.replace("\u00a0", " ")
        for said in reversed(own):
            rest = rest.replace(said, "").replace(said[:1].upper() + said[1:], "")
        if re.search("[A-Za-z]", re.sub(codes, "", rest)):
            found.append(text)
    return found


def test_no_word_of_the_report_is_written_in_the_code_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    words = Words("ru")
    monkeypatch.setattr(words, "_catalogue", Scrambled())
    export = build_export(3, text="¤")
    assert set(left_english(export, words)) - {"en", "export.json"} == set()
    monkeypatch.setattr(terms, "NONE", "nothing")
    assert "nothing" in " ".join(left_english(export, words))


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_are_in_the_language_and_no_english_one_is_left(
    language: str, reports: dict[str, bytes], read: dict[str, list[str]]
) -> None:
    reader = pypdf.PdfReader(BytesIO(reports[language]))
    outline = {flat(str(one.title)) for one in reader.outline if not isinstance(one, list)}
    words = words_of(language)
    here = {
        flat(title) for name, title in content.headings(words).items() if name in {**prose.SECTIONS, **prose.ANNEXES}
    }
    assert here <= outline
    if language != "en":
        english = content.headings(words_of("en"))
        assert outline.isdisjoint({flat(english[name]) for name in (*prose.SECTIONS, *prose.ANNEXES)} - here)
        said, in_english = "".join(read[language]), "".join(read["en"])
        for phrase in ("of the implementation of", "Digest of the data", "How to check this report", "DRAFT"):
            assert flat(phrase) not in said
            assert flat(phrase) in in_english
        assert flat(words.text("DRAFT")) in said or language == "ar"  # its letters come out of a PDF in their shapes


# ── what no language changes ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_digest_the_code_and_the_attachment_are_the_same(reports: dict[str, bytes]) -> None:
    export = export_()
    documents = [document(export, language) for language in LANGUAGES]
    for key in ("digest", "payload", "id", "revision"):
        assert len({json.dumps(one[key]) for one in documents}) == 1
    assert {json.dumps(attached(pdf)["export.json"][0].decode()) for pdf in reports.values()} == {
        json.dumps(canonical(export).decode())
    }
    assert len(set(reports.values())) == len(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_ids_levels_and_digits_are_the_same(language: str) -> None:
    export = build_export(12)
    told, english = document(export, language), document(export, "en")
    assert not re.search("[٠-٩۰-۹０-９]", json.dumps(told, ensure_ascii=False))
    for table in ("gaps", "weights"):
        rows, same = (cast("dict[str, list[list[object]]]", one[table])["rows"] for one in (told, english))
        assert [cast("dict[str, str]", row[0 if table == "weights" else 1])["id"] for row in rows] == [
            cast("dict[str, str]", row[0 if table == "weights" else 1])["id"] for row in same
        ]
    for chart in ("summary", "sites"):
        lengths, wanted = (numbers(one[chart]) for one in (told, english))
        assert lengths == wanted


def numbers(data: object) -> list[int]:
    match data:
        case bool() | str() | None:
            return []
        case int():
            return [data]
        case dict():
            return [n for value in data.values() for n in numbers(value)]
        case list() | tuple():
            return [n for value in data for n in numbers(value)]
        case _:
            raise TypeError(data)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_keeps_both_standards(language: str, reports: dict[str, bytes]) -> None:
    assert findings(reports[language], "3a") == []
    assert findings(reports[language], "ua1") == []


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_the_same_input_gives_the_same_bytes(language: str, reports: dict[str, bytes]) -> None:
    assert make(export_(), wording(language)) == reports[language]


@pytest.mark.parametrize("count", [0, 60])
def test_a_report_from_the_right_holds_no_sites_and_many(count: int) -> None:
    assert findings(make(build_export(count), wording("ar")), "ua1") == []


def test_the_pdf_says_its_language_and_its_direction(reports: dict[str, bytes]) -> None:
    said = {"ar": "ar", "en": "en-GB", "es": "es", "fr": "fr", "ru": "ru", "zh": "zh-CN"}
    for language, pdf in reports.items():
        with pikepdf.open(BytesIO(pdf)) as opened:
            assert str(opened.Root.Lang) == said[language]
            assert (opened.Root.ViewerPreferences.get("/Direction") == "/R2L") is (language == "ar")


# ── numbers in words ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ar", ["لا مواقع", "موقع واحد", "موقعان", "5 مواقع", "11 موقعاً"]),
        ("en", ["0 sites", "1 site", "2 sites", "5 sites", "11 sites"]),
        ("es", ["0 emplazamientos", "1 emplazamiento", "2 emplazamientos", "5 emplazamientos", "11 emplazamientos"]),
        ("fr", ["0 site", "1 site", "2 sites", "5 sites", "11 sites"]),
        ("ru", ["0 объектов", "1 объект", "2 объекта", "5 объектов", "11 объектов"]),
        ("zh", ["0个站点", "1个站点", "2个站点", "5个站点", "11个站点"]),
    ],
)
def test_counts_take_the_form_of_the_language(language: str, said: list[str]) -> None:
    assert [terms.sites(n, words_of(language)) for n in (0, 1, 2, 5, 11)] == said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("n", [0, 1, 2, 5, 11])
def test_a_summary_can_be_said_for_every_number(language: str, n: int) -> None:
    export = build_export(n)
    counted = export.progress.model_copy(update={"asked": n})
    export = export.model_copy(update={"gaps": export.gaps[:n], "progress": counted})
    page = cast("dict[str, list[str]]", summary.page(export, words_of(language)))
    assert len(page["sentences"]) == 5
    assert not re.search(r"[{}]", " ".join(page["sentences"]))


def test_percents_and_days_are_written_as_the_language_writes_them() -> None:
    export = build_export(2)
    french, chinese = document(export, "fr"), document(export, "zh")
    assert "61\u00a0%" in cast("dict[str, list[str]]", french["summary"])["sentences"][1]
    assert "14 novembre 2026" in json.dumps(french["cover"], ensure_ascii=False)
    assert "2026年11月14日" in json.dumps(chinese["cover"], ensure_ascii=False)


# ── whose words they are ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", OTHERS)
def test_what_no_native_reader_has_read_says_so_on_cover_notice_and_every_page(
    language: str, read: dict[str, list[str]]
) -> None:
    export, words = build_export(2), words_of(language)
    mark = words.text("Unofficial translation")
    unread = document(export, language)
    assert unread["standing"] == mark
    assert words.text(prose.UNOFFICIAL) in strings(unread["cover"])
    assert words.text(prose.UNOFFICIAL) in "".join(strings(unread["notice"]))
    reviewed = content.build(export, Wording(words, "en", "reviewed"), Seal(DIGEST))
    assert mark not in "".join(strings([reviewed["standing"], reviewed["cover"], reviewed["notice"]]))
    assert words.text(prose.REVIEWED) in "".join(strings(reviewed["notice"]))
    if language != "ar":
        assert all(flat(mark) in page for page in read[language][1:])


def test_a_report_in_the_checklist_s_own_language_is_no_translation(read: dict[str, list[str]]) -> None:
    assert "Unofficial" not in "".join(read["en"])
    assert "translat" not in "".join(strings(document(build_export(2), "en")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_which_language_is_authentic(language: str) -> None:
    words = words_of(language)
    names = {"ar": "الإنجليزية", "en": "English", "es": "inglés", "fr": "anglais", "ru": "английский", "zh": "英语"}
    told = document(build_export(0), language)
    assert names[language] in [
        fact["value"] for fact in cast("dict[str, list[dict[str, str]]]", told["cover"])["facts"]
    ]
    sentence = words.text("Authentic language of the checklist: {name}.", name=names[language])
    assert sentence in "".join(strings(told["notice"]))


def test_quotes_stay_as_they_are_and_are_tagged_with_their_language(reports: dict[str, bytes]) -> None:
    export = export_()
    for language in LANGUAGES:
        sections = cast("dict[str, list[dict[str, dict[str, str]]]]", document(export, language)["answers"])["sections"]
        quotes = [section["quote"]["text"] for section in sections]
        wanted = [paragraph.text for paragraph in export.instrument.paragraphs]
        assert quotes == (wanted if language == "en" else [marked(text, "en") for text in wanted])
        assert (tags(reports[language]) == {"en"}) is (language != "en")


def tags(pdf: bytes) -> set[str]:
    """The languages that parts of the document are tagged with."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        nodes = [one for one in opened.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one]
        own = str(opened.Root.Lang)
        return {str(one.Lang) for one in nodes if "/Lang" in one} - {own, own.partition("-")[0]}


def test_marks_are_put_on_and_taken_off() -> None:
    instrument = build_export(0).instrument
    assert quoted("Stresses", instrument, words_of("en")) == "Stresses"
    assert quoted("Stresses", instrument, words_of("fr")) == "Stresses\u00a0[en]"
    assert unmarked("Stresses\u00a0[en]") == ("Stresses", "\u00a0[en]")
    assert unmarked("8\u00a0[draft") == ("8\u00a0[draft", "")


@pytest.mark.parametrize(
    ("title", "called", "short"),
    [
        ("Paragraph 8 (a), the I-24/7 system", "8 (a)", "I-24/7 system"),
        ("Paragraphe 8 a) : système I-24/7", "8 (a)", "système I-24/7"),
        ("الفقرة 8 (أ)، منظومة الاتصالات", "8 (a)", "منظومة الاتصالات"),
        ("第8(a)段：I-24/7通信系统", "8 (a)", "I-24/7通信系统"),
        ("Пункт 2: терроризм, боевики", "2", "терроризм, боевики"),
        ("Quays, harbours", "2", "Quays, harbours"),
        ("In 20 harbours, lights", "2", "In 20 harbours, lights"),
        ("Preamble: lights", "Preamble", "lights"),
    ],
)
def test_a_topic_leaves_out_what_names_the_paragraph(title: str, called: str, short: str) -> None:
    assert paragraphs.without_label(title, called) == short


def test_every_language_has_a_plural_rule() -> None:
    assert set(PLURALS) == set(OTHERS)
