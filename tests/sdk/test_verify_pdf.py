"""The data of a PDF: found, and bounded whatever the PDF."""

import re
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest

from pdf_writing import packed, pdf_with, with_attachment, with_packed
from sealed_builder import books, canonical, sha256, small_export
from stocktake import _attachment, verify

ONE = books(small_export())
FIRST, DRAFT = canonical(ONE.sealed[0]), canonical(ONE.export)
MOST_MEMORY = 700 * 1024 * 1024
"""Address space that reading a hostile PDF may take, beside what the interpreter takes already."""


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pdf_with(FIRST, tmp_path_factory.mktemp("pdf"))


def codes(content: bytes) -> tuple[str, list[str]]:
    found = verify(content)
    return found.outcome, [finding.code for finding in found.wrong]


def test_the_attached_data_is_what_is_verified(pdf: bytes) -> None:
    found = verify(pdf, expected=str(ONE.sealed[0]["digest"]))
    assert (found.outcome, found.kind, found.from_pdf) == ("verified", "sealed", True)
    assert verify(with_attachment(pdf, DRAFT), expected=sha256(DRAFT)).outcome == "verified"
    changed = FIRST.replace(b"Border Guard", b"Border Watch")
    assert codes(with_attachment(pdf, changed)) == ("wrong", ["wrong_digest"])


def test_long_data_is_read_in_pieces(pdf: bytes) -> None:
    noise = bytes(range(32, 127)) * 4 + b"".join(sha256(bytes([n % 256, n // 256])).encode() for n in range(8_000))
    long = with_packed(pdf, zlib.compress(b'{"' + noise, 0))
    start, end = packed(long)
    assert end - start > 4 * _attachment.PIECE
    assert _attachment.attached(long) == b'{"' + noise


def test_a_pdf_without_data_or_with_several_files_is_told(tmp_path: Path) -> None:
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(tmp_path / "empty.pdf")
    assert codes((tmp_path / "empty.pdf").read_bytes()) == ("unreadable", ["no_attachment"])
    for other in (FIRST, b"a,b\n1,2\n"):
        assert codes(pdf_with(FIRST, tmp_path, **{"other.json": other})) == ("wrong", ["several_attachments"])


@pytest.mark.parametrize("name", [b"/Embedded#46ile", b"/Nothing_here"])
def test_a_second_file_under_another_name_is_seen(pdf: bytes, name: bytes, tmp_path: Path) -> None:
    two = pdf_with(FIRST, tmp_path, **{"other.json": b'{"a":1}'})
    assert two.count(b"/EmbeddedFile") == 2
    assert codes(two.replace(b"/EmbeddedFile", name, 1)) == ("wrong", ["several_attachments"])
    assert verify(pdf.replace(b"/EmbeddedFile", name)).outcome == "verified"


@pytest.mark.parametrize("before", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_appended_file_is_seen(pdf: bytes, before: bytes) -> None:
    stream = zlib.compress(before + b'{"format":"x"}')
    later = b"9 0 obj\n<< /Filter /FlateDecode >>\nstream\r\n" + stream + b"\nendstream\nendobj\n"
    assert codes(pdf + later) == ("wrong", ["several_attachments"])


def test_a_damaged_or_unpacked_attachment_is_told(pdf: bytes) -> None:
    start, end = packed(pdf)
    for damaged in (
        with_packed(pdf, pdf[start : end - 4]),
        with_packed(pdf, pdf[start:end] + b"more"),
        with_packed(pdf, FIRST),
        pdf[: end - 1],
        pdf[:end],
    ):
        assert codes(damaged) == ("wrong", ["broken_attachment"])


def test_without_the_check_of_its_end_more_could_follow_the_data(pdf: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    start, end = packed(pdf)
    longer = with_packed(pdf, pdf[start:end] + b"more")
    monkeypatch.setattr(_attachment, "_END", re.compile(b""))
    assert verify(longer).outcome == "verified"


def bomb() -> bytes:
    """A gigabyte that begins like JSON, packed."""
    packing = zlib.compressobj(9)
    piece = b" " * 1024 * 1024
    return packing.compress(b'{"') + b"".join(packing.compress(piece) for _ in range(1024)) + packing.flush()


PROGRAM = """
import resource, sys, zlib
from stocktake import verify
content = sys.stdin.buffer.read()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + int(sys.argv[1]),) * 2)
"""
VERDICT = "found = verify(content); print(found.outcome, found.wrong[0].code)"


def limited(content: bytes, act: str = VERDICT) -> str:
    """What a process says that has so much memory, or its error."""
    command = [sys.executable, "-c", PROGRAM + act, str(MOST_MEMORY)]
    run = subprocess.run(command, input=content, capture_output=True, check=False, timeout=120)
    return (run.stdout or run.stderr).decode().strip().splitlines()[-1]


@pytest.mark.long
def test_a_small_pdf_cannot_fill_the_memory(pdf: bytes) -> None:
    gigabyte = bomb()
    assert len(gigabyte) < 2_000_000
    assert limited(with_packed(pdf, gigabyte)) == "wrong broken_attachment"
    assert limited(gigabyte, "zlib.decompress(content)").startswith("MemoryError")


@pytest.mark.long
@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (b"%PDF-1.7\n" + b"<< /EmbeddedFile >> stream\n" * 1_000_000, "wrong several_attachments"),
        (b"%PDF-1.7\n" + b"stream\nx\x9c" * 1_000_000, "unreadable no_attachment"),
        (b'{"a":' + b"[" * 3_000_000, "wrong not_json"),
        (b'{"events":[' + b"{}," * 1_500_000 + b'{}],"format":"stocktake/log/1","state":"QZA"}', "wrong shape"),
        (b'{"answers":[' + b"[]," * 1_500_000 + b'[]],"format":"stocktake/export/1"}', "wrong shape"),
        (b'{"a":[' + b"{}," * 5_000_000 + b"{}]}", "unreadable too_large"),
        (b'{"a":' + b"9" * 60_000_000 + b"}", "wrong not_json"),
    ],
    ids=["files", "streams", "nested", "events", "answers", "values", "digits"],
)
def test_no_hostile_file_fills_the_memory(content: bytes, verdict: str) -> None:
    assert limited(content) == verdict
