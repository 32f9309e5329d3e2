"""The sentences of the code and their translations: all gathered, none in pieces, every place and code intact."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator
from gettext import c2py
from io import BytesIO

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import service
from service.errors import Problem
from service.languages.messages import ENGLISH, PLURALS, NotWhole, Source, files, problems, sources, template, written
from service.languages.words import CATALOGUES, LANGUAGES, SOURCE, words_of

PLACES = re.compile(r"\{(\w+)\}")
CODES = re.compile(
    r"[A-Z][a-z]+(?:-[A-Z][a-z]+)+|Authorization: Bearer|\bAllow\b|application/json|text/csv|checklist\.yaml|stk_|"
    r"YYYY-MM-DD|\b(?:JSON|CSV|UTF-8|PUT|ASCII|UUID|PDF|SHA-256|SLTD|TDAWN|FIND|MIND|I-24/7|UTC|RFC)\b|`[^`]+`|[0-9]+"
)
"""What is the same in every language."""


def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each sentence that is translated, with its translation; a plural's forms are all of the plural."""
    if isinstance(message.string, str):
        yield str(message.id), message.string
    else:
        yield from ((message.id[-1], form) for form in message.string or ())


def sentences(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def missing(messages: Iterable[Message]) -> list[str]:
    """The sentences without a translation, or with one that is not sure."""
    return [str(m.id) for m in messages if m.fuzzy or not all(said.strip() for _, said in pairs(m))]


def unlike(messages: Iterable[Message]) -> list[str]:
    """Translations that lost or gained a place or a code; a plural's form may leave its number out."""
    found = []
    for message in messages:
        for source, said in pairs(message):
            wanted, given = set(PLACES.findall(source)), set(PLACES.findall(said))
            optional = {"n"} if message.pluralizable else set()
            codes, kept = set(CODES.findall(source)), set(CODES.findall(said))
            if said and (not wanted - optional <= given <= wanted or codes != kept):
                found.append(said)
    return found


def parsed(text: str) -> Catalog:
    """The sentences of one module with this text, beside the problems there are."""
    return template(
        [Source("service/errors.py", ast.parse("class Problem: pass\nclass NotFound(Problem): pass")), module(text)]
    )


def module(text: str) -> Source:
    return Source("service/x.py", ast.parse(text))


def entry(msgid: str, msgstr: str) -> list[Message]:
    text = f"msgid {msgid}\nmsgstr {msgstr}\n".encode()
    return [message for message in read_po(BytesIO(text), locale="fr") if message.id]


# ── gathering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_catalogues_in_the_tree_are_those_of_the_code() -> None:
    stale = [path.name for path, data in files().items() if not path.is_file() or path.read_bytes() != data]
    assert stale == [], "run make messages"


def test_every_language_but_english_has_a_catalogue() -> None:
    assert set(PLURALS) == set(LANGUAGES) - {SOURCE}
    assert len(sentences("fr")) > 150


def test_catalogues_name_nobody_and_no_day() -> None:
    for path in CATALOGUES.iterdir():
        head, _, _ = path.read_text(encoding="utf-8").partition("\n\n")
        assert not re.search(r"@|Translator|Team|Date|20\d\d|Generated", head)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('raise NotFound("There is no {x}.", x=1)', ["There is no {x}."]),
        ('A = mark("Yes" " and no")', ["Yes and no"]),
        ('Place("/x", "a year")', ["a year"]),
        ('words.text("at {x}", x=1)', ["at {x}"]),
        ('words.count("{n} site", "{n} sites", 3)', [("{n} site", "{n} sites")]),
        ("Message(TABLE[x])", []),
        ('Place("/x", expected(x))', []),
        ('Place("/x", "{finding}", finding=x)', []),
        ('text("SELECT 1")', []),
        ('"a b".count(" ", 0, 2)', []),
        ('KeyError("no sentence")', []),
    ],
)
def test_sentences_are_found_where_they_are_said(text: str, found: list[object]) -> None:
    assert [message.id for message in parsed(text) if message.id] == found


@pytest.mark.parametrize(
    "text",
    [
        'raise NotFound(f"There is no {x}.")',
        'raise NotFound("There is no " + x)',
        "raise NotFound(detail)",
        'raise NotFound("There is no {}".format(x))',
        'Place("/x", f"a {x}")',
        'Place("/x", detail)',
        'Message(f"{x}")',
        'words.text(f"at {x}")',
        'mark("a" + x)',
    ],
)
def test_a_sentence_in_pieces_is_refused(text: str) -> None:
    with pytest.raises(NotWhole, match=r"service/x\.py:1: give \w+ one sentence"):
        parsed(text)


def test_every_problem_there_is_says_its_sentences_here() -> None:
    for found in pkgutil.walk_packages(service.__path__, "service."):
        importlib.import_module(found.name)
    waiting, known = [Problem], set[str]()
    while waiting:
        problem = waiting.pop()
        known.add(problem.__name__)
        waiting += problem.__subclasses__()
    assert {name for name in known if not name.startswith("_")} >= ENGLISH
    assert known - problems(sources()) == {name for name in known if "test" in name.lower()}


def test_what_is_translated_stays_when_the_catalogue_is_brought_up_to_date() -> None:
    standing = catalogue("fr")
    standing["Not found"].string = "Disparu"
    grown = template([module('mark("Not found")\nmark("New")')])
    standing.update(grown, no_fuzzy_matching=True)
    kept = read_po(BytesIO(written(standing, "x")), locale="fr")
    assert [(message.id, message.string) for message in kept if message.id] == [("Not found", "Disparu"), ("New", "")]


# ── translations ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", PLURALS)
def test_every_sentence_is_translated(language: str) -> None:
    assert missing(sentences(language)) == []


def test_a_sentence_without_a_translation_is_found() -> None:
    assert missing(entry('"Not found"', '""')) == ["Not found"]
    assert missing(entry('"Not found"', '"Introuvable"')) == []
    assert missing(entry('"{n} a"\nmsgid_plural "{n} b"', '""\nmsgstr[0] "x"\nmsgstr[1] ""'.replace('msgstr ""\n', "")))


@pytest.mark.parametrize("language", PLURALS)
def test_every_place_and_code_is_intact(language: str) -> None:
    assert unlike(sentences(language)) == []


@pytest.mark.parametrize(
    ("msgid", "msgstr"),
    [
        ('"no site {site}"', '"aucun site"'),
        ('"no site {site}"', '"aucun site {sit}"'),
        ('"no site {site}"', '"aucun site {site} {x}"'),
        ('"Send If-Match: *"', '"Envoyez Si-Correspond: *"'),
        ('"as JSON"', '"en texte"'),
        ('"from 0 to 4"', '"de 0 à quatre"'),
    ],
)
def test_a_lost_place_or_code_is_found(msgid: str, msgstr: str) -> None:
    assert len(unlike(entry(msgid, msgstr))) == 1
    assert unlike(entry(msgid, msgid)) == []


@pytest.mark.parametrize("language", PLURALS)
def test_plurals_have_the_forms_of_the_language(language: str) -> None:
    found = catalogue(language)
    assert found.num_plurals == int(re.findall(r"nplurals=(\d)", PLURALS[language])[0])
    plurals = [message for message in found if message.id and message.pluralizable]
    assert plurals
    assert {len(message.string or ()) for message in plurals} == {found.num_plurals}


@pytest.mark.parametrize(
    ("language", "forms"), [("ar", {6}), ("es", {2, 3}), ("fr", {2, 3}), ("ru", {3, 4}), ("zh", {1})]
)
def test_units_of_time_have_a_form_for_every_number(language: str, forms: set[int]) -> None:
    for message in ("second | seconds", "minute | minutes", "hour | hours", "day | days"):
        said = words_of(language).text(message)
        assert said == message or len(said.split("|")) in forms


def test_arabic_counts_in_the_order_of_translators_tools() -> None:
    """Many is the fifth form and other the sixth."""
    form = c2py(PLURALS["ar"].partition("plural=")[2].rstrip(";"))
    assert [form(n) for n in (0, 1, 2, 3, 11, 99, 100, 102, 103)] == [0, 1, 2, 3, 4, 4, 5, 5, 3]
    assert "n%100>=11 ? 4 : 5" in catalogue("ar").plural_expr
