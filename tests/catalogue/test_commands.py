"""The commands authors run: what they print, and 0, 1 or 2 for sound, to mend and misused."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.catalogue.commands import app

BAD_QUOTE = ("quote: without delay", "quote: without dalay")


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_lint_says_that_all_is_sound(harbour: Path) -> None:
    assert run("lint", harbour) == (0, "sound harbour\n")


def test_lint_of_this_project_s_own_checklists_is_green(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(content.parents[1])
    assert run("lint") == (0, "sound unga-73-11\n")


def test_lint_names_file_line_and_reason(harbour: Path) -> None:
    edit(harbour, "questions/02-lights.yaml", *BAD_QUOTE)
    code, output = run("lint", harbour)
    assert code == 1
    assert f"{harbour}/questions/02-lights.yaml:155: p2.delay: the quote is not in paragraph p2" in output
    assert output.endswith("1 to mend\n")


def test_lint_prints_json_for_programs(harbour: Path) -> None:
    edit(harbour, "questions/02-lights.yaml", *BAD_QUOTE)
    code, output = run("lint", "--json", harbour)
    found = json.loads(output)["findings"]
    assert code == 1
    assert [(Path(f["file"]).name, f["line"], f["code"]) for f in found] == [("02-lights.yaml", 155, "quote")]


def test_misuse_is_told_apart_from_findings(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("lint", harbour / "nowhere")[0] == 2
    monkeypatch.chdir(harbour)
    code, output = run("lint")
    assert code == 2
    assert "there is no checklists" in output
    assert run("lint", "--colour")[0] == 2


def test_every_checklist_is_taken_without_arguments(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = harbour.parent / "root" / "checklists"
    target.mkdir(parents=True)
    harbour.rename(target / "harbour")
    monkeypatch.chdir(target.parent)
    assert run("lint") == (0, "sound harbour\n")


def test_fmt_check_changes_nothing_and_fmt_changes(harbour: Path) -> None:
    before = (harbour / "checklist.yaml").read_bytes()
    code, output = run("fmt", "--check", harbour)
    assert (code, output.count("would change")) == (1, 2)
    assert (harbour / "checklist.yaml").read_bytes() == before
    assert json.loads(run("fmt", "--json", harbour)[1])["changed"] != []
    assert (harbour / "checklist.yaml").read_bytes() != before
    assert run("fmt", "--check", harbour) == (0, "4 files, 0 to format\n")
    assert run("fmt", harbour) == (0, "4 files, 0 formatted\n")


def test_fmt_refuses_what_it_cannot_read_and_writes_nothing(harbour: Path) -> None:
    edit(harbour, "questions/02-lights.yaml", "title: Plan", "title: Plan # comment")
    before = (harbour / "checklist.yaml").read_bytes()
    code, output = run("fmt", harbour)
    assert (code, "02-lights.yaml:4: a comment inside the file" in output) == (1, True)
    assert (harbour / "checklist.yaml").read_bytes() == before


def test_lock_writes_says_the_digest_and_is_quiet_the_second_time(harbour: Path) -> None:
    assert run("lock", "--check", harbour)[0] == 1
    assert not (harbour / "checklist.lock.json").exists()
    code, output = run("lock", "--json", harbour)
    lock = json.loads(output)["locks"][0]
    assert (code, lock["changed"]) == (0, True)
    assert lock["digest"] in (harbour / "checklist.lock.json").read_text()
    assert run("lock", "--check", harbour)[0] == 0
    assert run("lock", harbour)[1].startswith("unchanged ")


def test_lock_refuses_a_checklist_that_is_not_sound(harbour: Path) -> None:
    edit(harbour, "questions/02-lights.yaml", *BAD_QUOTE)
    code, output = run("lock", harbour)
    assert (code, "02-lights.yaml:155" in output) == (1, True)
    assert not (harbour / "checklist.lock.json").exists()


def test_lock_refuses_to_change_a_published_version(harbour: Path) -> None:
    edit(harbour, "checklist.yaml", "status: draft", "status: published")
    assert run("lock", harbour)[0] == 0
    edit(harbour, "checklist.yaml", "title: Harbour lights", "title: Lights of harbours")
    code, output = run("lock", harbour)
    assert (code, "raise the version" in output) == (1, True)
    assert json.loads(run("lock", "--json", harbour)[1])["findings"][0]["code"] == "lock"


def test_schemas_are_written_once(tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    assert run("schema", "--check", folder)[0] == 1
    assert not folder.exists()
    assert run("schema", folder) == (0, "6 of 6 schemas written\n")
    assert json.loads(run("schema", "--check", "--json", folder)[1]) == {"changed": [], "written": False}


@pytest.mark.parametrize("command", ["lint", "fmt", "lock", "schema"])
def test_help_shows_an_example(command: str) -> None:
    code, output = run(command, "--help")
    assert (code, f"stocktake-service checklists {command}" in output) == (0, True)
