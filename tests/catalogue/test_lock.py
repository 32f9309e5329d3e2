"""The lock: the same content gives the same digest, nobody changes it unseen, and a published version stays."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from service.catalogue.findings import Finding
from service.catalogue.formatting import format_folder
from service.catalogue.lint import lint, load_sound
from service.catalogue.loader import HEAD, LOCK, load
from service.catalogue.lock import WrongLock, digest, load_lock, lock_bytes, locked, write_lock
from service.errors import Conflict

HARBOUR_DIGEST = "76d3cdc724a760eb059a6b32a4893c3976efbb2cfb6190095e9ca9cc9db5d7d9"


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1))


def test_the_digest_is_of_the_content_and_stays_the_same(harbour: Path) -> None:
    assert digest(load(harbour).checklist) == HARBOUR_DIGEST
    for path, _, after in format_folder(harbour):
        path.write_bytes(b"# Another comment.\n" + after)
    assert digest(load(harbour).checklist) == HARBOUR_DIGEST
    edit(harbour, "questions/02-lights.yaml", "Ships see it.", "Ships see it!")
    assert digest(load(harbour).checklist) != HARBOUR_DIGEST


def test_two_ways_to_write_a_number_have_one_digest(harbour: Path) -> None:
    edit(harbour, "questions/02-lights.yaml", "at_least: 25\n", "at_least: 25.00\n")
    assert digest(load(harbour).checklist) == HARBOUR_DIGEST


def test_the_digest_can_be_checked_with_nothing_but_canonical_json(harbour: Path) -> None:
    data = json.loads(lock_bytes(load(harbour).checklist))
    # no floats and only ASCII keys: sorted keys without spaces are the canonical form
    canonical = json.dumps(data["checklist"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert data == {"format": "lock/1", "digest": hashlib.sha256(canonical).hexdigest(), "checklist": data["checklist"]}


def test_a_lock_gives_back_the_checklist(harbour: Path, content: Path) -> None:
    for folder in (harbour, content):
        checklist = load(folder).checklist
        assert load_lock(lock_bytes(checklist)) == (checklist, digest(checklist))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda data: data.replace(b"Ships see it", b"Ships saw it"), "it was changed after it was made"),
        (lambda data: data.replace(b"lock/1", b"lock/9"), "not of the format"),
        (lambda data: data[:-20], "not JSON"),
        (lambda _: b"[1]", "not of the format"),
        (lambda _: b"\xff", "not JSON"),
        (lambda _: b"[" * 100_000, "not JSON"),
        (lambda _: b'{"format":"lock/1","digest":"","checklist":1e999}', "no canonical form"),
        (lambda data: relocked(data, "weight", 7), "not a checklist"),
        (lambda data: relocked(data, "colour", "red"), "not a checklist"),
    ],
    ids=["content", "format", "cut", "list", "bytes", "deep", "infinite", "value", "field"],
)
def test_a_lock_that_was_changed_is_refused(harbour: Path, change: Callable[[bytes], bytes], says: str) -> None:
    data = lock_bytes(load(harbour).checklist)
    assert change(data) != data
    with pytest.raises(WrongLock, match=says):
        load_lock(change(data))


def relocked(data: bytes, field: str, value: object) -> bytes:
    """The lock with one field of its first question changed and a digest that fits."""
    lock = json.loads(data)
    lock["checklist"]["questions"][0][field] = value
    canonical = json.dumps(lock["checklist"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    lock["digest"] = hashlib.sha256(canonical).hexdigest()
    return json.dumps(lock).encode()


def test_a_draft_may_be_locked_again_and_again(harbour: Path) -> None:
    assert locked(load(harbour)).changed
    assert write_lock(load(harbour)).changed
    assert not write_lock(load(harbour)).changed
    edit(harbour, "questions/02-lights.yaml", "Ships see it.", "Ships see it!")
    assert lint(harbour) == [], "a draft's lock may lag behind"
    assert write_lock(load(harbour)).changed
    assert [path.name for path in harbour.iterdir() if "part" in path.name] == []


def test_a_published_version_never_changes(harbour: Path) -> None:
    edit(harbour, HEAD, "status: draft", "status: published")
    first = write_lock(load_sound(harbour))
    assert lint(harbour) == []
    edit(harbour, "questions/02-lights.yaml", "Ships see it.", "Ships see it!")
    with pytest.raises(Conflict, match="raise the version"):
        write_lock(load_sound(harbour))
    assert (harbour / LOCK).read_bytes() == first.data
    assert "raise the version" in one(lint(harbour)).message
    edit(harbour, HEAD, "version: 1.0.0", "version: 0.9.0")
    with pytest.raises(Conflict, match=r"above 1\.0\.0"):
        write_lock(load_sound(harbour))
    edit(harbour, HEAD, "version: 0.9.0", "version: 1.0.10")
    stale = one(lint(harbour))
    assert (Path(stale.file).name, stale.line, stale.code) == (LOCK, 1, "lock")
    assert "not of these files" in stale.message
    assert write_lock(load_sound(harbour)).digest != first.digest
    assert lint(harbour) == []


def test_a_version_is_compared_as_numbers(harbour: Path) -> None:
    edit(harbour, HEAD, "status: draft", "status: published")
    edit(harbour, HEAD, "version: 1.0.0", "version: 1.9.0")
    write_lock(load(harbour))
    edit(harbour, HEAD, "version: 1.9.0", "version: 1.10.0")
    assert write_lock(load(harbour)).changed


def test_a_published_checklist_needs_a_lock(harbour: Path) -> None:
    edit(harbour, HEAD, "status: draft", "status: published")
    missing = one(lint(harbour))
    assert (Path(missing.file).name, missing.line) == (HEAD, 4)
    assert "has no lock" in missing.message


def test_a_lock_that_cannot_be_trusted_is_found_in_drafts_too(harbour: Path) -> None:
    (harbour / LOCK).write_text("{}")
    assert Path(one(lint(harbour)).file).name == LOCK


def one(findings: list[Finding]) -> Finding:
    assert len(findings) == 1, findings
    return findings[0]
