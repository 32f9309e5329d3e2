"""What the verifier says of a copy that is not the whole as it was approved."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785

from approvals import snapshot_of
from export_builder import build_export
from service.sharing.copying import Extent, copy_of
from stocktake import SharedCopy, verify
from stocktake.__main__ import NO_PROOF, main

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def content() -> bytes:
    snapshot = snapshot_of(build_export(2, questions=2), AT)
    copy = copy_of(snapshot, "ab" * 32, Extent("redacted", ("p2", "p9")))
    written: bytes = rfc8785.dumps(copy.model_dump(mode="json"))
    return written


def test_a_copy_is_proved_by_the_digest_that_the_state_gives_alone(content: bytes) -> None:
    digest = sha256(content).hexdigest()
    found = verify(content)
    assert (found.kind, found.outcome, found.digest, found.wrong) == ("shared", "unproven", digest, ())
    assert isinstance(found.content, SharedCopy)
    assert verify(content, expected=digest).outcome == "verified"
    assert [one.code for one in verify(content, expected="0" * 64).wrong] == ["not_expected"]


def test_a_changed_copy_is_not_the_one_that_was_given(content: bytes) -> None:
    digest = sha256(content).hexdigest()
    for place in range(0, len(content), 499):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert verify(changed, expected=digest).outcome in {"wrong", "unreadable"}
    shape = content.replace(b'"revision":1', b'"revision":0')
    assert [(one.code, one.at) for one in verify(shape).wrong] == [("shape", "/revision")]


def test_the_command_says_what_a_copy_is_of(content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, digest = tmp_path / "copy.json", sha256(content).hexdigest()
    file.write_bytes(content)
    assert main(["verify", str(file)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said == [
        f"{file}: {NO_PROOF}",
        "  a copy from QZA, cycle 2026, revision 1: redacted edition, paragraphs p2, p9",
        f"  digest {digest}",
    ]
    assert main(["verify", str(file), "--digest", digest]) == 0
    assert capsys.readouterr().out.splitlines()[0] == f"{file}: verified"
