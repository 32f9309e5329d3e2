"""The child process that sets a report: ``python -m service.reports.worker``.

Input on stdin: the header (``typst.HEADER``), the document as JSON, the attachment. Output on stdout: the PDF.
It limits itself before it reads anything, runs in an empty folder, and ends with 0, ``TOO_LARGE`` or another code.
"""

import json
import resource
import sys
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

import pikepdf
import typst

from service.reports.fonts import folders
from service.reports.qr import svg
from service.reports.typst import HEADER, TOO_LARGE

PAGES = 2_000
BYTES = 50 * 1024 * 1024

MEMORY = 1024**3
"""Address space. 1,500 sites take half of it."""
CPU_SECONDS = 60
"""1,500 sites take nine."""
FILE_BYTES = 64 * 1024 * 1024


class TooLarge(Exception):
    """More pages or bytes than a report may have."""


def main() -> int:
    """Read one report's data, write its PDF."""
    for limit, value in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))
    document_bytes, attachment_bytes, moment = HEADER.unpack(sys.stdin.buffer.read(HEADER.size))
    document = sys.stdin.buffer.read(document_bytes)
    attachment = sys.stdin.buffer.read(attachment_bytes)
    try:
        pdf = make(document, attachment, moment, Path.cwd())
    except TooLarge as problem:
        sys.stderr.write(f"{problem}\n")
        return TOO_LARGE
    sys.stdout.buffer.write(pdf)
    sys.stdout.buffer.flush()
    return 0


def make(document: bytes, attachment: bytes, moment: int, folder: Path) -> bytes:
    """Set the document, then mend and shrink the PDF; scratch files go to ``folder``."""
    root = folder / "root"
    root.mkdir()
    data = json.loads(document)
    set_ = typeset(data, attachment, moment, root)
    tagged, small = folder / "tagged.pdf", folder / "small.pdf"
    (folder / "set.pdf").write_bytes(set_)
    head_rows(folder / "set.pdf", tagged)
    compress(tagged, small)
    pdf = small.read_bytes()
    if len(pdf) > BYTES:
        raise TooLarge(f"{len(pdf)} bytes")
    return pdf


def typeset(data: dict[str, object], attachment: bytes, moment: int, root: Path) -> bytes:
    """The PDF as Typst makes it. A warning is an error: a missing font would show as one."""
    at = datetime.fromtimestamp(moment, UTC)
    extra = {"moment": [at.year, at.month, at.day, at.hour, at.minute, at.second], "qr": svg(str(data["payload"]))}
    sources: dict[str, bytes] = {
        file.name: file.read_bytes()
        for file in files("service.reports").joinpath("templates").iterdir()
        if file.name.endswith(".typ")
    }
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders()))
    pdf, warnings = typst.compile_with_warnings(  # type: ignore[call-overload]  # its stubs leave out a dict of files
        {**sources, "data.json": json.dumps({**data, **extra}).encode(), "export.json": attachment},
        root=root,
        font_paths=fonts,
        format="pdf",
        pdf_standards=["a-3a", "ua-1"],
        timestamp=moment,
    )
    if warnings:
        raise RuntimeError("; ".join(str(warning) for warning in warnings))
    return bytes(pdf)


def head_rows(source: Path, target: Path) -> None:
    """Make the first cell of every table row its header, which Typst cannot say yet; readers then name the row."""
    with pikepdf.open(source) as pdf:
        if len(pdf.pages) > PAGES:
            raise TooLarge(f"{len(pdf.pages)} pages")
        for node in list(pdf.objects):
            if isinstance(node, pikepdf.Dictionary) and node.get("/S") == "/TBody":
                for row in _kids(node):
                    _head(row)
        pdf.save(target)


def _kids(node: pikepdf.Object) -> list[pikepdf.Object]:
    kids = node.get("/K")
    if kids is None:
        return []
    members = list(kids.as_list()) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in members if isinstance(kid, pikepdf.Dictionary)]


def _head(row: pikepdf.Object) -> None:
    cells = _kids(row)
    if row.get("/S") == "/TR" and cells and cells[0].get("/S") == "/TD":
        first = cells[0]
        first["/S"] = pikepdf.Name.TH
        kept = first.get("/A")
        attributes = [] if kept is None else list(kept.as_list()) if isinstance(kept, pikepdf.Array) else [kept]
        scope = pikepdf.Dictionary(O=pikepdf.Name.Table, Scope=pikepdf.Name.Row)
        first["/A"] = pikepdf.Array([*attributes, scope])


def compress(source: Path, target: Path) -> None:
    """Write it again small, in the form PDF/A asks for, with an id that comes from the content."""
    pikepdf.Job(
        {
            "inputFile": str(source),
            "outputFile": str(target),
            "objectStreams": "generate",
            "newlineBeforeEndstream": "",
            "deterministicId": "",
            "compressionLevel": "9",
            "recompressFlate": "",
        }
    ).run()


if __name__ == "__main__":
    sys.exit(main())
