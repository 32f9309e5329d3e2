"""``checklists texts``: what a language lacks is said, put into its file to be done, and entered when it comes back."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import overlay_files
from service.catalogue.lint import lint
from service.catalogue.loader import load, load_translations
from service.catalogue.overlay import Entry
from service.catalogue.texts import source_mark, texts
from service.cli import app

WHY = "questions/profile.coast/why"
PLAN = "questions/p2.plan/title"


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["checklists", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def entries(folder: Path) -> dict[str, Entry]:
    return load_translations(folder).overlays[0][0].texts


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def total(folder: Path) -> int:
    return len(texts(load(folder).checklist))


def test_what_is_missing_is_said_and_nothing_is_written(harbour: Path) -> None:
    code, output = run("texts", "fr", harbour)
    assert code == 1
    assert f"missing {WHY}\n    Without one there are no harbours.\n" in output
    assert output.endswith(f"fr: 0 of {total(harbour)} texts, {total(harbour)} missing, 0 stale\n")
    assert not (harbour / "languages").exists()


def test_the_file_of_a_translator(harbour: Path) -> None:
    edit(harbour / "checklist.yaml", "language: en\n", "language: en\nlanguages: [fr]\n")
    assert run("texts", "fr", harbour, "--write")[0] == 1
    path = harbour / "languages" / "fr.yaml"
    mark = source_mark("Without one there are no harbours.")
    assert entries(harbour)[WHY] == Entry(of=mark, text="Without one there are no harbours.", status="todo")
    assert list(entries(harbour)) == list(texts(load(harbour).checklist)), "in the checklist's order"
    assert {finding.code for finding in lint(harbour)} == {"missing"}

    edit(path, "text: Without one there are no harbours.\n    status: todo", "text: Sans côte, pas de port.")
    before = entries(harbour)
    assert run("texts", "fr", harbour, "--write")[0] == 1
    assert entries(harbour) == before, "what is done stays, what is to do stays to do"
    assert entries(harbour)[WHY] == Entry(of=mark, text="Sans côte, pas de port.")


def test_a_stale_text_keeps_its_translation_to_start_from(harbour: Path) -> None:
    path = overlay_files.write(harbour, "fr")
    assert run("texts", "fr", harbour)[0] == 0
    edit(harbour / "questions" / "01-profile.yaml", "why: Without one there", "why: Without a coast there")
    code, output = run("texts", "fr", harbour, "--json")
    found = json.loads(output)
    earlier = entries(harbour)[WHY].text
    assert (code, found["total"], found["unknown"]) == (1, total(harbour), [])
    assert found["texts"] == {WHY: "Without a coast there are no harbours."}
    assert found["earlier"] == {WHY: earlier}
    run("texts", "fr", harbour, "--write")
    assert entries(harbour)[WHY] == Entry(
        of=source_mark("Without a coast there are no harbours."), text=earlier, status="todo"
    )
    edit(harbour / "questions" / "01-profile.yaml", "why: Without a coast", "why: Without any coast")
    run("texts", "fr", harbour, "--write")
    assert entries(harbour)[WHY].text == "Without any coast there are no harbours.", "nobody translates an old source"
    assert run("fmt", "--check", harbour)[1].count("fr.yaml") == 0, "what is written is formatted"
    assert path.read_text().startswith("format: language/1\n")


def test_what_the_checklist_no_longer_has_is_left_out(harbour: Path) -> None:
    path = overlay_files.write(harbour, "fr")
    edit(path, f"  {WHY}:", "  questions/profile.coast/wherefore:")
    assert "unknown questions/profile.coast/wherefore" in run("texts", "fr", harbour)[1]
    run("texts", "fr", harbour, "--write")
    assert "wherefore" not in path.read_text()


def test_translations_that_come_back_are_entered_as_drafts(harbour: Path, tmp_path: Path) -> None:
    path = overlay_files.write(harbour, "fr")
    edit(path, "status: draft", "status: reviewed")
    first, second = tmp_path / "one.json", tmp_path / "two.json"
    same = entries(harbour)[PLAN].text
    first.write_text(json.dumps({WHY: "Sans côte, pas de port.", PLAN: same}))
    second.write_text(json.dumps({"title": "Feux: « ports » #1 "}))
    assert run("texts", "fr", harbour, "--from", first, "--from", second)[0] == 0
    there = entries(harbour)
    assert there[WHY].status == "draft"
    assert there["title"].text == "Feux: « ports » #1"
    assert there[PLAN].status is None, "what says the same stays reviewed"


def test_what_was_sent_out_comes_back_as_drafts_of_what_was_sent(harbour: Path, tmp_path: Path) -> None:
    sent, back = tmp_path / "sent.json", tmp_path / "back.json"
    sent.write_text(run("texts", "fr", harbour, "--json")[1])
    document = json.loads(sent.read_text())
    back.write_text(json.dumps(document | {"texts": overlay_files.translations(load(harbour).checklist, "fr")}))
    edit(harbour / "questions" / "01-profile.yaml", "why: Without one there", "why: Without a coast there")
    code, output = run("texts", "fr", harbour, "--from", back, "--of", sent)
    assert (code, output.splitlines()[0]) == (1, f"missing {WHY}")
    assert entries(harbour)[WHY].status == "todo", "it was made of a text that is no more"
    assert entries(harbour)[WHY].text == json.loads(back.read_text())["texts"][WHY]
    assert entries(harbour)[PLAN].status is None
    assert run("texts", "fr", harbour, "--from", back)[0] == 0, "unless it is said to be of the present one"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('{"questions/nothing/why": "x"}', "questions/nothing/why: the checklist has no such text"),
        ('{"title": "\\u202e"}', "direction control U+202E"),
        ('{"title": "a\\tb"}', "a tab"),
        ('{"title": " "}', "the text is empty"),
        ('{"title": 3}', "not a JSON object of texts by key"),
        ("[]", "not a JSON object of texts by key"),
        ("{", "not a JSON object of texts by key"),
    ],
)
def test_what_cannot_be_entered_is_refused_and_nothing_is_written(
    harbour: Path, tmp_path: Path, given: str, says: str
) -> None:
    file = tmp_path / "given.json"
    file.write_text(given)
    code, output = run("texts", "fr", harbour, "--from", file)
    assert code == 1
    assert says in output
    assert not (harbour / "languages").exists()


def test_misuse_is_told_apart(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(harbour)
    assert run("texts", "fr")[0] == 2
    assert run("texts", "French", harbour)[0] == 2
    assert run("texts", "fr", harbour / "nowhere")[0] == 2
    (harbour / "languages").mkdir()
    (harbour / "languages" / "fr.yaml").write_text("format: language/1\n")
    code, output = run("texts", "fr", harbour)
    assert (code, "fr.yaml:1: language is missing" in output) == (1, True)


def test_the_only_checklist_here_is_taken_without_a_folder(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = harbour.parent / "root" / "checklists"
    target.mkdir(parents=True)
    harbour.rename(target / "harbour")
    monkeypatch.chdir(target.parent)
    assert run("texts", "fr")[0] == 1
