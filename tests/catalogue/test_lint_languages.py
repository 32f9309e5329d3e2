"""Translations: what is not whole, fresh or true is told with its file and line; what is sound is left alone."""

from dataclasses import dataclass
from pathlib import Path

import pytest

import overlay_files
from service.catalogue.lint import lint, load_sound
from service.catalogue.loader import load, load_translations
from service.catalogue.overlay import Overlay

HEAD = "checklist.yaml"
GLOSSARY = """\
format: glossary/1
terms:
  - id: lamp
    source: [lamp, Lamp]
    meaning: what burns in a light
    languages:
      ar:
        use: مصباح
        marks: [مصباح, مصابيح]
      fr:
        use: lampe à l’huile
        marks: [lampe à l’huile, lampes à l’huile]
  - id: hc
    source: [HC/1]
    meaning: the symbol of the text, the same in every language
"""
LAMP = "questions/p2.site.light/answer/options/lamp/text"
NOTE = "indicators/per_harbour/note"
DESCRIPTORS = "questions/p2.plan/answer/descriptors"


@pytest.fixture
def spoken(harbour: Path) -> Path:
    """The checklist on harbour lights in Arabic and French, both asked for, with a glossary; sound as it is."""
    replace(harbour / HEAD, "language: en\n", "language: en\nlanguages: [ar, fr]\n")
    replace(harbour / HEAD, "A plain ratio.", "A plain ratio of 98.5 to 100,000, see HC/1.")
    checklist = load(harbour).checklist
    for language, lamp in (("ar", "المصابيح"), ("fr", "Lampe\u00a0à l'huile")):
        made = overlay_files.translations(checklist, language)
        note = f"{overlay_files.WORDS[language]} 98,5 100\u00a0000 HC/1"
        overlay_files.write(harbour, language, made | {LAMP: lamp, NOTE: note})
    (harbour / "languages" / "glossary.yaml").write_text(GLOSSARY)
    assert lint(harbour) == []
    return harbour


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text, old
    path.write_text(text.replace(old, new, 1))


def french(folder: Path) -> Overlay:
    return next(overlay for overlay, _ in load_translations(folder).overlays if overlay.language == "fr")


def say(folder: Path, key: str, text: str) -> None:
    """Say this under a key of the French file, and all else as it is."""
    said = {name: entry.text for name, entry in french(folder).texts.items()}
    overlay_files.write(folder, "fr", said | {key: text})


def told(folder: Path) -> list[tuple[str, str, str]]:
    """Code, the line that is named and the message of all that is wrong."""
    return [(f.code, Path(f.file).read_text().split("\n")[f.line - 1].strip(), f.message) for f in lint(folder)]


@dataclass(frozen=True)
class Said:
    """One text said another way, and what is told of it; nothing where it is sound."""

    key: str
    text: str
    code: str = ""
    says: str = ""


WRONG = {
    "number lost": Said(NOTE, "mot 98,5 HC/1", "translation", "the source says 100,000 and this does not"),
    "number changed": Said(NOTE, "mot 9,85 100 000 HC/1", "translation", "the source says 98.5"),
    "number within another": Said(NOTE, "mot 98,5 2100 000 HC/1", "translation", "the source says 100,000"),
    "decimals cut": Said(NOTE, "mot 98 100 000 HC/1", "translation", "the source says 98.5"),
    "other digits": Said("title", "mot \u0663", "translation", "digits of another script"),
    "source itself": Said("notice", "A self-assessment, made by the state itself.", "translation", "the source itself"),
    "several lines": Said("title", "un mot\ndeux mots", "translation", "the source is one line"),
    "term": Said(LAMP, "Bougie", "glossary", "the glossary says 'lamp' as 'lampe à l’huile'"),
    "code": Said(NOTE, "mot 98,5 100 000 CH/1", "glossary", "the glossary says 'HC/1' as it is"),
    "too few forms": Said(
        "units/lights/forms", "feu | feux", "forms", "2 forms; write 3, parted by |: one, many, other"
    ),
    "empty form": Said("units/lights/forms", "feu | | feux", "forms", "write 3"),
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_a_text_that_says_something_else_is_told(spoken: Path, said: Said) -> None:
    say(spoken, said.key, said.text)
    found = told(spoken)
    assert [(code, line) for code, line, _ in found] == [(said.code, "text: " + shown(said.text))]
    assert said.says in found[0][2]


def shown(text: str) -> str:
    """How the file writes it."""
    return "|-" if "\n" in text else text


RIGHT = {
    "thousands together": Said(NOTE, "mot 98,5 100000 HC/1"),
    "thousands by points": Said(NOTE, "mot 98,5 100.000 HC/1"),
    "thousands by narrow spaces": Said(NOTE, "100\u202f000 mot 98.5 (HC/1)"),
    "Arabic decimal point": Said(NOTE, "98\u066b5 100,000 HC/1."),
    "a name that is the same": Said("questions/p2.plan/title", "Plan"),
    "an extra number": Said(NOTE, "mot 7 98,5 100 000 HC/1"),
    "a stem in capitals": Said(LAMP, "LAMPES À L’HUILE"),
    "another space and apostrophe": Said(LAMP, "lampe\u202fà\u00a0l'huile"),
}


@pytest.mark.parametrize("said", RIGHT.values(), ids=RIGHT.keys())
def test_a_text_that_says_the_same_in_its_language_is_left_alone(spoken: Path, said: Said) -> None:
    say(spoken, said.key, said.text)
    assert told(spoken) == []


def test_descriptors_and_options_differ_in_every_language(spoken: Path) -> None:
    second = french(spoken).texts[f"{DESCRIPTORS}/1"].text
    say(spoken, f"{DESCRIPTORS}/3", second.upper())
    say(spoken, "questions/profile.coast/answer/no", french(spoken).texts["questions/profile.coast/answer/yes"].text)
    assert [(code, message.partition(":")[0]) for code, _, message in told(spoken)] == [
        ("duplicate", "questions/profile.coast/answer/no"),
        ("duplicate", f"{DESCRIPTORS}/3"),
    ]


def test_a_missing_text_is_told_where_the_language_has_to_be_whole(spoken: Path) -> None:
    said = {key: entry.text for key, entry in french(spoken).texts.items() if key != LAMP}
    path = overlay_files.write(spoken, "fr", said)
    assert told(spoken) == [("missing", "texts:", f"{LAMP}: no translation yet; write it and remove todo")]
    replace(spoken / HEAD, "languages: [ar, fr]", "languages: [ar]")
    assert told(spoken) == [], "any other language may be there in part"
    replace(spoken / HEAD, "languages: [ar]", "languages: [ar, fr]")
    path.unlink()
    code, line, message = told(spoken)[0]
    assert (code, line) == ("language", "languages: [ar, fr]")
    assert "languages/fr.yaml is not there" in message


def test_todo_is_missing(spoken: Path) -> None:
    path = spoken / "languages" / "fr.yaml"
    replace(path, "text: Lampe", "status: todo\n    text: Lampe")
    assert [(code, line) for code, line, _ in told(spoken)] == [("missing", f"{LAMP}:")]
    replace(path, "status: todo", "status: finished")
    assert [code for code, _, _ in told(spoken)] == ["type"]
    replace(path, "status: finished", "status: reviewed")
    assert told(spoken) == []


def test_a_text_of_an_earlier_source_is_stale_in_any_language(spoken: Path) -> None:
    replace(spoken / HEAD, "languages: [ar, fr]", "languages: [ar]")
    replace(spoken / "questions" / "01-profile.yaml", "Look at a map.", "Look at a new map.")
    found = told(spoken)
    assert [code for code, _, _ in found] == ["stale", "stale"]
    assert all(line.startswith("of: ") for _, line, _ in found)
    assert "questions/profile.coast/guidance: the source has changed since" in found[0][2]
    load_sound(spoken)  # a checklist can be locked before its translations follow


def test_a_key_without_a_text_is_unknown(spoken: Path) -> None:
    path = spoken / "languages" / "fr.yaml"
    replace(path, "  questions/profile.coast/why:", "  questions/profile.cost/why:")
    assert [(code, line) for code, line, _ in told(spoken)] == [
        ("missing", "texts:"),
        ("unknown", "questions/profile.cost/why:"),
    ]


def test_the_file_and_the_language_have_one_name(spoken: Path) -> None:
    path = spoken / "languages" / "fr.yaml"
    replace(path, "language: fr", "language: es")
    codes = [code for code, _, _ in told(spoken)]
    assert set(codes) == {"language", "glossary"}, "fr is not there, es has no terms, and the name is wrong"
    replace(path, "language: es", "language: en")
    assert any("the checklist itself is in this language" in message for _, _, message in told(spoken))


def test_the_head_names_other_languages_once(spoken: Path) -> None:
    replace(spoken / HEAD, "languages: [ar, fr]", "languages: [ar, fr, en, ar]")
    assert [message.partition(" ")[0] for code, _, message in told(spoken) if "named twice" in message] == ["ar", "en"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("text: المصابيح", "text: \u202eالمصابيح", "direction control U+202E"),
        ("text: المصابيح", 'text: "\\u2066"', "direction control U+2066"),
        ("text: المصابيح", 'text: ""', "at least 1 character"),
        ("text: المصابيح", "text:", "nothing after this key"),
        ("text: المصابيح", "note: x\n    text: المصابيح", "no field note"),
        ("format: language/1", "format: language/2", "language/2 is not known here"),
        ("status: draft", "status: todo", "todo is not known here"),
        ("language: ar", "language: xx", "a language that CLDR knows"),
        ("language: ar", "language: zh-hant", "not written as it must be"),
    ],
)
def test_an_overlay_is_read_strictly(spoken: Path, old: str, new: str, says: str) -> None:
    replace(spoken / "languages" / "ar.yaml", old, new)
    found = [(Path(f.file).name, f.message) for f in lint(spoken)]
    assert [name for name, _ in found] == ["ar.yaml"], "and that it is missing is not told too"
    assert says in found[0][1]


def test_files_that_nobody_would_read_are_told(spoken: Path) -> None:
    (spoken / "languages" / "french.yml").write_text("format: language/1\n")
    assert [(f.code, Path(f.file).name) for f in lint(spoken)] == [("file", "french.yml")]


def test_a_term_is_said_in_every_language_there_is(spoken: Path) -> None:
    replace(spoken / "languages" / "glossary.yaml", "      fr:\n", "      es:\n")
    assert [(code, line) for code, line, _ in told(spoken)] == [("glossary", "- id: lamp")]
    replace(spoken / "languages" / "glossary.yaml", "id: hc", "id: lamp")
    assert "duplicate" in [code for code, _, _ in told(spoken)]


def test_a_checklist_without_translations_is_whole(harbour: Path) -> None:
    assert lint(harbour) == []


def test_what_is_wrong_in_translations_is_told_beside_what_cannot_be_read(spoken: Path) -> None:
    replace(spoken / HEAD, "format: checklist/1", "format: checklist/2")
    replace(spoken / "languages" / "fr.yaml", "format: language/1", "format: language/2")
    assert [Path(f.file).name for f in lint(spoken)] == ["checklist.yaml", "fr.yaml"]


def test_units_of_the_source_have_its_forms_and_are_listed(harbour: Path) -> None:
    replace(harbour / HEAD, "forms: light | lights", "forms: light")
    assert told(harbour) == [("forms", "forms: light", "1 forms; write 2, parted by |: one, other")]
    replace(harbour / HEAD, "units:\n  - id: lights\n    forms: light\n", "")
    assert told(harbour) == [
        ("unit", "unit: lights", "p2.lit: checklist.yaml lists no unit lights; add it under units")
    ]


def test_every_question_says_who_may_see_its_answer(harbour: Path) -> None:
    replace(harbour / "questions" / "01-profile.yaml", "    sensitivity: open\n", "")
    assert [(code, message.partition(" ")[0]) for code, _, message in told(harbour)] == [
        ("sensitivity", "profile.coast")
    ]
