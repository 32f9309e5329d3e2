"""What the verifier finds in files of every kind, in evidence, and between files."""

import copy
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from forging import Change, drop, forged, part, put
from sealed_builder import (
    DOCUMENTS,
    Books,
    Json,
    books,
    canonical,
    chained,
    other_state,
    sha256,
    small_export,
    write_documents,
)
from stocktake import Log, Sealed, _together, verify, verify_files
from stocktake.verification import Findings

EXPORT = small_export()
ONE, OTHER = books(EXPORT), other_state(EXPORT)
FIRST, SECOND = map(canonical, ONE.sealed)
LOG = canonical(ONE.log)
DRAFT = canonical(ONE.export)


def told(found: Findings) -> list[tuple[str, str]]:
    """Code and place of all that is wrong."""
    return [(finding.code, finding.at) for finding in found.wrong]


# ── what is right ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("content", [FIRST, SECOND])
def test_a_sealed_file_is_verified(content: bytes) -> None:
    found = verify(content)
    assert (found.outcome, found.kind, told(found)) == ("verified", "sealed", [])
    assert isinstance(found.content, Sealed)
    assert found.digest == found.content.digest
    assert (found.expected, found.from_pdf) == (False, False)


def test_what_was_sealed_before_indicators_kept_their_numbers_is_verified() -> None:
    def earlier(seal: Json) -> None:
        for number in range(len(EXPORT.checks.indicators)):
            for member in ("part", "whole", "untold"):
                drop("snapshot", "export", "checks", "indicators", number, member)(seal)

    content = forged(ONE.sealed[0], earlier)
    assert b'"untold"' not in content
    assert verify(content).outcome == "verified"


def test_a_log_is_verified_whole_and_in_parts() -> None:
    for first, last in ((1, 10), (1, 1), (4, 7), (10, 10)):
        found = verify(canonical(ONE.part(first, last)))
        assert (found.outcome, found.kind) == ("verified", "log")
        assert isinstance(found.content, Log)
        assert found.digest == found.content.events[-1].hash


def test_the_digest_on_paper_is_compared_whatever_its_blanks_and_case() -> None:
    digest = str(ONE.sealed[0]["digest"])
    for said in (digest, digest.upper(), f" {digest[:32]}\n{digest[32:]} "):
        assert (verify(FIRST, expected=said).outcome, verify(FIRST, expected=said).expected) == ("verified", True)
    assert told(verify(FIRST, expected=str(ONE.sealed[1]["digest"]))) == [("not_expected", "")]
    for said in ("", digest[:12], digest[:63] + "g"):
        with pytest.raises(ValueError, match="64 hexadecimal digits"):
            verify(FIRST, expected=said)


def test_a_draft_is_proved_by_the_digest_on_paper_alone() -> None:
    found = verify(DRAFT)
    assert (found.outcome, found.kind, found.digest) == ("unproven", "draft", sha256(DRAFT))
    assert verify(DRAFT, expected=sha256(DRAFT)).outcome == "verified"
    assert verify(DRAFT, expected=sha256(FIRST)).outcome == "wrong"
    changed = canonical({**ONE.export, "agencies": []})
    assert verify(changed).outcome == "unproven"
    assert verify(changed, expected=sha256(DRAFT)).outcome == "wrong"


def test_who_makes_all_of_it_anew_is_found_by_what_came_another_way() -> None:
    export = EXPORT.model_copy(update={"agencies": []})
    forged = books(export)
    content = canonical(forged.sealed[0])
    assert verify(content).outcome == "verified"
    assert told(verify(content, expected=str(ONE.sealed[0]["digest"]))) == [("not_expected", "")]
    together = verify_files({"seal": content, "log": LOG}).together
    assert [(finding.code, finding.at) for finding in together] == [("other_in_log", "seal")]


# ── shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (drop("event"), "/event"),
        (put("event", to=None), "/event"),
        (drop("snapshot", "export", "state"), "/snapshot/export/state"),
        (put("event", "number", to=True), "/event/number"),
        (put("event", "number", to=0), "/event/number"),
        (put("event", "number", to="6"), "/event/number"),
        (put("event", "at", to="2026-11-20T09:36:00+00:00"), "/event/at"),
        (put("event", "at", to=1), "/event/at"),
        (put("event", "at", to="2026-13-20T09:36:00Z"), "/event/at"),
        (put("digest", to="A" * 64), "/digest"),
        (put("state", to="Q"), "/state"),
        (put("snapshot", "signoffs", 1, "step", to="looked"), "/snapshot/signoffs/1/step"),
        (put("snapshot", "export", "answers", 0, "value", to={}), "/snapshot/export/answers/0/value"),
        (put("snapshot", "export", "answers", 0, to=[]), "/snapshot/export/answers/0"),
        (
            put("snapshot", "export", "progress", "by_section", "p2", to=[1]),
            "/snapshot/export/progress/by_section/p2/1",
        ),
    ],
    ids=map(str, range(15)),
)
def test_another_shape_is_found_and_pointed_at(change: Change, at: str) -> None:
    seal = copy.deepcopy(ONE.sealed[0])
    change(seal)
    found = verify(canonical(seal))
    assert (found.outcome, found.kind) == ("wrong", "sealed")
    assert {code for code, _ in told(found)} == {"shape"}
    assert {place for _, place in told(found)} == {at}


def test_a_log_without_events_and_a_draft_of_another_shape_are_wrong() -> None:
    assert told(verify(canonical({**ONE.log, "events": []}))) == [("shape", "/events")]
    found = verify(canonical({**ONE.export, "sites": None}), expected=sha256(DRAFT))
    assert [code for code, _ in told(found)] == ["shape", "not_expected"]


@pytest.mark.parametrize(
    ("content", "outcome", "code"),
    [
        (b"", "unreadable", "unknown_file"),
        (b"\x89PNG\r\n", "unreadable", "unknown_file"),
        (b"[]", "unreadable", "unknown_file"),
        (b"{}", "unreadable", "unknown_format"),
        (b'{"format":"stocktake/sealed/2"}', "unreadable", "unknown_format"),
        (b'{"format":["stocktake/sealed/1"]}', "unreadable", "unknown_format"),
        (b"{" + b" " * 64 * 1024 * 1024, "unreadable", "too_large"),
        (b"%PDF-1.7\n", "unreadable", "no_attachment"),
        (FIRST[:-1], "wrong", "not_json"),
        (FIRST + b"\n", "wrong", "not_canonical"),
        (FIRST.replace(b'"state":"QZA"}', b'"state":"QZA","state":"QZA"}'), "wrong", "repeated_member"),
    ],
    ids=map(str, range(11)),
)
def test_what_is_no_file_of_ours_is_told_from_a_damaged_one(content: bytes, outcome: str, code: str) -> None:
    for expected in (None, sha256(DRAFT)):
        found = verify(content, expected=expected)
        assert (found.outcome, [finding.code for finding in found.wrong]) == (outcome, [code])


FORMATS = st.sampled_from(["stocktake/sealed/1", "stocktake/log/1", "stocktake/export/1", "x"])
ANYTHING: st.SearchStrategy[JsonValue] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["event", "snapshot", "state", "events", "x"]), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(["event", "snapshot", "events", "digest"]), ANYTHING), FORMATS)
def test_whatever_the_json_there_is_a_verdict(members: Json, form: str) -> None:
    assert verify(canonical({**members, "format": form})).outcome in {"wrong", "unreadable"}


@given(st.binary(), st.sampled_from([b"", b"{", b"%PDF-1.7\n", b"%PDF-1.7 /EmbeddedFile>>stream\nx\x9c"]))
def test_whatever_the_bytes_there_is_a_verdict(content: bytes, before: bytes) -> None:
    assert verify(before + content).outcome in {"wrong", "unreadable"}


# ── evidence ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_document_with_a_digest_is_looked_for(tmp_path: Path) -> None:
    folder = write_documents(tmp_path)
    for content in (FIRST, DRAFT):
        found = verify(content, evidence=folder)
        assert found.wrong == ()
        assert found.evidence
        assert (found.evidence.hashed, found.evidence.found) == (2, 2)
        assert found.evidence.unhashed > 0
    without = verify(FIRST).evidence
    assert without
    assert (without.hashed, without.found) == (2, None)
    assert verify(LOG, evidence=folder).evidence is None


def test_a_missing_document_and_a_changed_one_are_told_apart(tmp_path: Path) -> None:
    folder = write_documents(tmp_path)
    (first, title), (second, _) = [
        (f"/snapshot/export/answers/{at}/evidence/{one}", evidence.title)
        for at, answer in enumerate(EXPORT.answers)
        for one, evidence in enumerate(answer.evidence)
        if evidence.sha256
    ]
    gone, other = (folder / name for name in DOCUMENTS)
    gone.unlink()
    found = verify(FIRST, evidence=folder)
    assert (found.outcome, told(found)) == ("wrong", [("evidence_missing", first)])
    (folder / f"{title.upper()}.pdf").write_bytes(b"another content")
    other.unlink()
    (folder / "link.txt").symlink_to(__file__)
    found = verify(FIRST, evidence=folder)
    assert told(found) == [("evidence_wrong", first), ("evidence_missing", second)]
    assert found.evidence
    assert found.evidence.found == 0
    assert sha256(b"another content") in found.wrong[0].detail


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError):
        verify(FIRST, evidence=tmp_path / "nowhere")


# ── several files ────────────────────────────────────────────────────────────────────────────────────────────────────


def together(**contents: bytes) -> list[tuple[str, str]]:
    """Code and file of what speaks against one another."""
    found = verify_files(contents)
    assert all(one.outcome == "verified" for one in found.files.values())
    assert found.outcome == ("wrong" if found.together else "verified")
    return [(finding.code, finding.at) for finding in found.together]


def twin(**changes: JsonValue) -> bytes:
    """The second revision with another content, right in itself."""
    return forged(ONE.sealed[1], lambda seal: part(seal, "snapshot").update(changes))


def log_of(one: Books, first: int, last: int) -> bytes:
    return canonical(one.part(first, last))


def test_what_belongs_together_agrees() -> None:
    assert together(first=FIRST, second=SECOND, log=LOG) == []
    assert together(first=FIRST, again=FIRST) == []
    assert together(first=FIRST, early=log_of(ONE, 1, 4), late=log_of(ONE, 5, 10)) == []
    assert together(first=FIRST, overlap=log_of(ONE, 5, 8), late=log_of(ONE, 6, 10)) == []
    assert together(early=log_of(ONE, 1, 2), late=log_of(ONE, 5, 10)) == []
    assert together(one=FIRST, other=canonical(OTHER.sealed[0]), log=LOG, strange=canonical(OTHER.log)) == []


APART = [
    ("revisions", {"a": FIRST, "b": twin(replaces="0" * 64)}, [("other_predecessor", "b")]),
    ("revisions", {"a": SECOND, "b": twin(salt="0" * 64)}, [("two_contents", "b")]),
    ("approvals", {"a": FIRST, "log": log_of(ONE, 7, 10)}, [("not_in_log", "a")]),
    ("approvals", {"a": FIRST, "log": canonical(OTHER.log)}, [("not_in_log", "a")]),
    ("approvals", {"a": twin(salt="0" * 64), "log": LOG}, [("other_in_log", "a")]),
]


@pytest.mark.parametrize(("check", "contents", "wrong"), APART)
def test_files_that_contradict_each_other_are_found_by_one_check_alone(
    check: str, contents: dict[str, bytes], wrong: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert together(**contents) == wrong
    monkeypatch.setattr(_together, check, lambda *_: iter(()))
    assert together(**contents) == []


def test_a_fork_of_the_log_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    events = chained("QZA", [{**event, "actor": "operator"} for event in ONE.events])
    fork: Json = {**ONE.log, "events": cast("list[JsonValue]", events)}
    whole, late = canonical(fork), canonical({**fork, "events": cast("list[JsonValue]", events[5:])})
    assert together(a=LOG, b=whole) == [("fork", "b")]
    assert together(a=log_of(ONE, 1, 5), b=late) == [("broken_link", "b")]
    assert together(a=log_of(ONE, 1, 5), b=late, c=log_of(OTHER, 1, 10)) == [("broken_link", "b")]
    monkeypatch.setattr(_together, "one_log", lambda _: iter(()))
    assert together(a=LOG, b=whole) == []


def test_one_of_several_files_must_have_the_digest_on_paper() -> None:
    files = {"first": FIRST, "second": SECOND, "log": LOG}
    found = verify_files(files, expected=str(ONE.sealed[1]["digest"]))
    assert (found.outcome, [name for name, one in found.files.items() if one.expected]) == ("verified", ["second"])
    found = verify_files(files, expected="0" * 64)
    assert {name: told(one) for name, one in found.files.items()} == {name: [("not_expected", "")] for name in files}


def test_a_file_that_is_wrong_in_itself_is_not_compared() -> None:
    found = verify_files({"a": FIRST, "b": twin(replaces="0" * 64) + b"\n"})
    assert (found.outcome, found.together) == ("wrong", ())


def test_the_worst_outcome_is_that_of_all() -> None:
    for files, outcome in (
        ({"a": FIRST, "b": DRAFT}, "unproven"),
        ({"a": FIRST, "b": DRAFT, "c": b"x"}, "unreadable"),
        ({"a": FIRST[:-1], "b": DRAFT, "c": b"x"}, "wrong"),
    ):
        assert verify_files(files).outcome == outcome
