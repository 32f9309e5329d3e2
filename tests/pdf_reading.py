"""How the tests read the PDFs they get: their text, their attachment and what a validator says of them."""

import re
from io import BytesIO

import page
from pypdf import PdfReader

_LENGTH = re.compile(rb"/Length (\d+)")
_STREAM = re.compile(rb">>\s*stream\r?\n")
_INVISIBLE = re.compile("[\\s\u200b\u00ad]+")


def flat(text: str) -> str:
    """The text without blanks and line breaks, which setting moves about."""
    return _INVISIBLE.sub("", text)


def texts(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [one.extract_text() for one in PdfReader(BytesIO(pdf)).pages]


def attached(pdf: bytes) -> dict[str, list[bytes]]:
    """What is attached, by file name."""
    return {name: [bytes(data) for data in versions] for name, versions in PdfReader(BytesIO(pdf)).attachments.items()}


def findings(pdf: bytes, profile: str) -> list[str]:
    """What speaks against the PDF being what the profile (``3a``, ``ua1``) asks for."""
    report = page.validate_pdf_bytes(pdf, profile=profile)
    return [
        f"{failure.rule_id}: {failure.message}"
        for failure in report.failures
        if not (failure.rule_id.endswith("STREAM-LENGTH-001") and lengths_are_right(pdf))
    ]


def lengths_are_right(pdf: bytes) -> bool:
    """Whether every stream ends where its length says.

    The validator takes a carriage return that ends compressed data for a line end, and then finds the length too long.
    """
    at = 0
    while found := _LENGTH.search(pdf, at):
        start = _STREAM.search(pdf, found.end())
        if start is None:
            return False
        at = start.end() + int(found[1])
        if pdf[at : at + 10] != b"\nendstream":
            return False
    return at > 0
