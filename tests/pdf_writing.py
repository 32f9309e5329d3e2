"""PDFs with a file attached, written as the service's worker writes its reports, and with that file exchanged."""

import re
import zlib
from pathlib import Path

import pikepdf

from service.reports.worker import compress

_LENGTH = re.compile(rb"/Length (\d+)")


def pdf_with(content: bytes, folder: Path, **more: bytes) -> bytes:
    """One empty page with the content attached, and whatever else by its name."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        for name, data in {"export.json": content, **more}.items():
            pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, data, mime_type="application/json")
        pdf.save(folder / "loose.pdf")
    compress(folder / "loose.pdf", folder / "attached.pdf")
    return (folder / "attached.pdf").read_bytes()


def packed(pdf: bytes) -> tuple[int, int]:
    """Where in the PDF the compressed bytes of its attachment begin and end."""
    head, start = _head(pdf)
    found = _LENGTH.search(pdf, head, start)
    assert found
    return start, start + int(found[1])


def with_packed(pdf: bytes, new: bytes) -> bytes:
    """The PDF with other compressed bytes as its attachment, and their length written beside them."""
    head, start = _head(pdf)
    _, end = packed(pdf)
    return pdf[:head] + _LENGTH.sub(b"/Length %d" % len(new), pdf[head:start]) + new + pdf[end:]


def _head(pdf: bytes) -> tuple[int, int]:
    """Where the dictionary of the attachment begins and its stream."""
    file = pdf.index(b"/EmbeddedFile")
    return pdf.rindex(b" obj", 0, file), pdf.index(b"stream\n", file) + len(b"stream\n")


def with_attachment(pdf: bytes, new: bytes) -> bytes:
    """The PDF with another file attached."""
    return with_packed(pdf, zlib.compress(new, 9))
