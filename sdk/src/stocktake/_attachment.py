"""The data attached to a report: found by scanning the PDF's streams, with nothing but zlib. Pure.

Which of several attachments a reader shows is not decided here: exactly one stream may be a file or hold a JSON object,
whatever else the PDF says of it. A stream is unpacked in pieces up to a bound: a small file cannot fill the memory.
"""

import re
import zlib

from stocktake._finding import Finding

MOST_BYTES = 64 * 1024 * 1024
"""No file of ours is longer, packed or not: the service makes no PDF beyond 50 MiB."""
PIECE = 64 * 1024
PEEK = 256
"""Bytes of a stream that tell whether it may be JSON."""
HEAD = 1024
"""The object's dictionary stands within so many bytes before its stream."""

_STREAM = re.compile(rb"(?<!end)stream\r?\n")
_END = re.compile(rb"(\r\n|\n|\r)?endstream")


def attached(pdf: bytes) -> bytes | Finding:
    """The one JSON file in a PDF, or what is wrong instead."""
    places = [found for found in _STREAM.finditer(pdf) if _is_file(pdf, found) or _may_be_json(pdf, found.end())]
    unpacked = [_unpacked(pdf, found.end()) for found in places[:2]]
    if not unpacked:
        return Finding("no_attachment", "", "The PDF carries no data that could be verified.")
    if len(places) > 1:
        detail = "Several files are attached to the PDF, and nothing tells which one a reader shows. It should be one."
        return Finding("several_attachments", "", detail)
    if unpacked[0] is None:
        return Finding("broken_attachment", "", "The data attached to the PDF is damaged, or is far too long.")
    return unpacked[0]


def _is_file(pdf: bytes, found: re.Match[bytes]) -> bool:
    head = pdf[max(0, found.start() - HEAD) : found.start()].rpartition(b" obj")[2]
    return b"/EmbeddedFile" in head


def _may_be_json(pdf: bytes, start: int) -> bool:
    try:
        beginning = zlib.decompressobj().decompress(pdf[start : start + PEEK], PEEK)
    except zlib.error:
        return False
    return beginning.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"')


def _unpacked(pdf: bytes, start: int) -> bytes | None:
    """The stream that begins there; nothing where it is damaged, does not end where it says, or is too long."""
    packed, pieces, left = zlib.decompressobj(), list[bytes](), MOST_BYTES
    for place in range(start, len(pdf), PIECE):
        taken = pdf[place : place + PIECE]
        try:
            pieces.append(packed.decompress(taken, left))
        except zlib.error:
            return None
        left -= len(pieces[-1])
        if packed.eof:
            ended = _END.match(pdf, place + len(taken) - len(packed.unused_data))
            return b"".join(pieces) if ended else None
        if left <= 0:
            return None
    return None
