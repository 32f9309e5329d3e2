"""The auditors' page says what the verifier does: its examples run, and it names every finding."""

import hashlib
import itertools
import json
import re
import shlex
from pathlib import Path

import pytest

from pdf_writing import pdf_with
from sealed_builder import books, canonical, small_export, write_documents
from stocktake.__main__ import main

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "auditors.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "sdk" / "src" / "stocktake").glob("*.py"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
ONE = books(small_export())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the page speaks of."""
    first, second = map(canonical, ONE.sealed)
    files = {
        "QZA-2026.pdf": pdf_with(first, tmp_path),
        "QZA-2026.sealed.json": first,
        "QZA-2026-revision-2.sealed.json": second,
        "QZA-2026-changed.sealed.json": first.replace(b"Border Guard", b"Border Watch"),
        "QZA-log.json": canonical(ONE.log),
        "QZA-draft.json": canonical(ONE.export),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "documents").mkdir()
    write_documents(tmp_path / "documents")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples(page: str) -> list[tuple[str, str]]:
    """Each command on the page, with what the page says it prints."""
    blocks = FENCE.findall(page)
    return [(code, said) for (kind, code), (_, said) in itertools.pairwise(blocks) if code.startswith("stocktake ")]


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command of the page prints; a digest in it stands for that of the first sealed file."""
    words = shlex.split(DIGEST.sub(str(ONE.sealed[0]["digest"]), command))
    main(words[1:])
    return capsys.readouterr().out


def masked(text: str) -> str:
    """The text with digests made the same: they change with the made-up content."""
    return DIGEST.sub("DIGEST", text)


def test_every_example_prints_what_the_page_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = examples(PAGE)
    assert len(found) == 6
    for command, said in found:
        real = printed(command, capsys)
        assert masked(real) == masked(said), f"{command}printed\n{real}"


def test_an_example_that_prints_something_else_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command, said in examples(PAGE.replace("QZA, ", "QZB, ")):
        assert masked(printed(command, capsys)) != masked(said)


def told(page: str) -> set[str]:
    """The codes in the table of the page."""
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| [^|]+ \|$", page.partition("| code |")[2], re.MULTILINE)
    return set(re.findall(r"`(\w+)`", " ".join(rows)))


def real_codes() -> set[str]:
    """The codes of every finding that the sources make."""
    made = re.compile(r"\b(?:Finding|NotCanonical)\(\s*\"(\w+)\"")
    return {code for source in SOURCES for code in made.findall(source.read_text(encoding="utf-8"))}


def test_every_code_is_told_and_no_other() -> None:
    assert len(real_codes()) > 25
    assert told(PAGE) == real_codes()
    assert told(PAGE.replace("| `fork` |", "| – |")) == real_codes() - {"fork"}


def test_what_it_says_of_the_formats_is_enough_to_verify_without_the_sdk(folder: Path) -> None:
    content = (folder / "QZA-2026.sealed.json").read_bytes()
    seal = json.loads(content)
    assert set(seal) == {"digest", "event", "format", "snapshot", "state"}
    snapshot = content[content.index(b'"snapshot":') + 11 : content.rindex(b',"state":')]
    assert hashlib.sha256(snapshot).hexdigest() == seal["digest"] == seal["event"]["digest"]
    hashed = {**seal["event"], "state": seal["state"]}
    del hashed["hash"]
    text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == seal["event"]["hash"]
