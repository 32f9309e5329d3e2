"""``stocktake verify``: what it says, and its exit status."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import JsonValue

from forging import forged, put
from sealed_builder import DOCUMENTS, books, canonical, sha256, small_export, write_documents
from stocktake.__main__ import MOST_TOLD, main
from stocktake._attachment import MOST_BYTES

ONE = books(small_export())
FIRST, SECOND, LOG, DRAFT = *map(canonical, ONE.sealed), canonical(ONE.log), canonical(ONE.export)
DIGEST = str(ONE.sealed[0]["digest"])
CHANGED = FIRST.replace(b"Border Guard", b"Border Watch")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one file of each kind, in which the command runs."""
    contents = {"first": FIRST, "second": SECOND, "log": LOG, "draft": DRAFT, "changed": CHANGED, "other": b"x"}
    for name, content in contents.items():
        (tmp_path / f"{name}.json").write_bytes(content)
    (tmp_path / "documents").mkdir()
    write_documents(tmp_path / "documents")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "status", "outcome"),
    [
        ("first.json", 0, "verified"),
        ("first.json second.json log.json", 0, "verified"),
        (f"first.json --digest {DIGEST}", 0, "verified"),
        ("first.json --evidence documents", 0, "verified"),
        (f"draft.json --digest {sha256(DRAFT)}", 0, "verified"),
        ("draft.json", 1, "unproven"),
        (f"first.json --digest {'0' * 64}", 1, "wrong"),
        ("changed.json", 1, "wrong"),
        ("changed.json other.json", 1, "wrong"),
        ("first.json other.json", 2, "unreadable"),
        ("other.json", 2, "unreadable"),
    ],
)
def test_the_exit_status_tells_the_outcome(
    words: str, status: int, outcome: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", *words.split()]) == status
    assert capsys.readouterr().err == ""
    assert main(["verify", *words.split(), "--json"]) == status
    assert json.loads(capsys.readouterr().out)["outcome"] == outcome


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nowhere.json", "No such file"),
        ("documents", "Is a directory"),
        ("first.json --evidence nowhere", "nowhere is no folder"),
        ("first.json --digest 7e5f9eb54c9e", "64 hexadecimal digits"),
    ],
)
def test_what_cannot_be_read_is_said_on_stderr(words: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *words.split()]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("stocktake: ")
    assert said in err


def test_it_says_what_the_file_is_and_what_was_not_done(capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "first.json"])
    assert capsys.readouterr().out.splitlines()[:3] == [
        "first.json: verified in itself",
        "  the self-assessment of QZA, cycle 2026, revision 1, approved 2026-11-20T09:36:00.120000Z",
        f"  digest {DIGEST}",
    ]
    main(["verify", "first.json"])
    alone = capsys.readouterr().out
    main(["verify", "first.json", "--digest", DIGEST])
    compared = capsys.readouterr().out
    assert "It agrees with itself." in alone
    assert "It agrees with itself." not in compared
    assert compared.startswith("first.json: verified\n")
    assert "the one that was given" in compared
    assert "scores were not computed again" in alone
    assert "scores were not computed again" in compared


def test_a_log_says_what_only_its_last_hash_shows(capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "log.json"])
    alone = capsys.readouterr().out
    main(["verify", "log.json", "--digest", ONE.head])
    compared = capsys.readouterr().out
    assert alone.startswith("log.json: verified in itself\n  the log of QZA, events 1 to 10\n")
    assert compared.startswith("log.json: verified\n")
    assert ("no later event was cut off" in alone, "no later event was cut off" in compared) == (True, False)


def test_it_says_what_is_wrong_and_where(capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "changed.json"])
    first, *rest = capsys.readouterr().out.splitlines()
    assert first == "changed.json: NOT VERIFIED"
    assert re.search(r"^  /digest: The snapshot was changed: .* \[wrong_digest\]$", "\n".join(rest), re.MULTILINE)
    assert not [line for line in rest if "agrees with itself" in line]


def test_evidence_is_counted_and_named(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", "first.json", "--evidence", "documents"])
    assert "2 recorded with a SHA-256, 2 of them found;" in capsys.readouterr().out
    (files / "documents" / next(iter(DOCUMENTS))).unlink()
    assert main(["verify", "first.json", "--evidence", "documents"]) == 1
    out = capsys.readouterr().out
    assert "2 recorded with a SHA-256, 1 of them found;" in out
    assert "[evidence_missing]" in out


def test_files_are_compared_with_each_other(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "first.json", "second.json"]) == 0
    assert capsys.readouterr().out.endswith("all together: they agree with one another\n")
    (files / "part.json").write_bytes(canonical(ONE.part(7, 10)))
    assert main(["verify", "first.json", "second.json", "part.json"]) == 1
    out = capsys.readouterr().out
    assert "all together: NOT VERIFIED\n  first.json: " in out
    assert out.endswith("[not_in_log]\n")
    main(["verify", "first.json", "changed.json"])
    assert "all together" not in capsys.readouterr().out


def test_many_findings_are_cut_short(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events: list[JsonValue] = [{**event, "note": "x"} for event in ONE.events * 3]
    (files / "log.json").write_bytes(canonical({**ONE.log, "events": events}))
    main(["verify", "log.json"])
    out = capsys.readouterr().out
    assert out.count("[") == MOST_TOLD
    assert re.search(r"and \d+ findings more$", out)
    main(["verify", "log.json", "--json"])
    assert len(json.loads(capsys.readouterr().out)["files"][0]["findings"]) > MOST_TOLD


def test_what_a_file_holds_does_not_steer_the_terminal(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evil = "2026\x1b[2J\r\n: verified\u202e"
    (files / "evil.json").write_bytes(forged(ONE.sealed[0], put("snapshot", "export", "assessment", "cycle", to=evil)))
    assert main(["verify", "evil.json"]) == 0
    out = capsys.readouterr().out
    assert "cycle 2026\ufffd[2J\ufffd\ufffd: verified\ufffd, revision 1" in out
    assert not set(out) & {"\x1b", "\r", "\u202e"}


def test_a_file_that_never_ends_is_refused(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (files / "long.json").open("wb") as file:
        file.write(b"{")
        file.truncate(MOST_BYTES + 10)
    assert main(["verify", "long.json"]) == 2
    assert "[too_large]" in capsys.readouterr().out


def test_it_runs_as_a_module_in_a_terminal_without_unicode(files: Path) -> None:
    folder = str(Path(__file__).resolve().parents[2] / "sdk" / "src")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONPATH": folder}
    command = [sys.executable, "-m", "stocktake", "verify", "first.json", "--evidence", "."]
    (files / "documents" / "log-extract.txt").unlink()
    run = subprocess.run(command, cwd=files, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (1, "")
    assert "is the document ?" in run.stdout


def test_the_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ("", "verify", "verify first.json --what"):
        with pytest.raises(SystemExit) as raised:
            main(words.split())
        assert raised.value.code == 2
    capsys.readouterr()
    with pytest.raises(SystemExit) as raised:
        main(["verify", "--help"])
    assert raised.value.code == 0
    said = capsys.readouterr().out
    for words in ("--evidence FOLDER", "--digest HEX", "--json", "examples:", "exit status: 0 verified, 1 not", "PDF"):
        assert words in said
