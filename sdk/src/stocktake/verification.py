"""Proof without the server: whether a file of Stocktake is what was sealed. No network, no database, no account.

>>> from pathlib import Path
>>> from stocktake import verify
>>> found = verify(Path("QZA-2026.pdf").read_bytes(), expected="7e5f9eb54c9e…")    # the digest printed on paper
>>> found.outcome, [finding.detail for finding in found.wrong]

A sealed file proves that nothing in it was changed one by one. Somebody who makes all of it anew can make it agree with
itself: that is what the printed digest and the state's log are for.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from stocktake import _chain, _evidence, _seal, _together
from stocktake._attachment import MOST_BYTES, attached
from stocktake._canonical import NotCanonical, read
from stocktake._evidence import Documents
from stocktake._finding import Finding, shaped
from stocktake.models.export import Export
from stocktake.models.log import Log
from stocktake.models.sharing import SharedCopy
from stocktake.models.snapshot import Sealed

__all__ = ["Documents", "Finding", "Findings", "Verification", "verify", "verify_files"]

Kind = Literal["sealed", "log", "draft", "shared"]
Outcome = Literal["verified", "unproven", "wrong", "unreadable"]
Files = Mapping[str, str] | None
"""SHA-256 by path of the files among which evidence is looked for."""

UNREADABLE = frozenset({"too_large", "unknown_file", "unknown_format", "no_attachment"})
"""The findings that say: this is no file of ours."""
WORST_FIRST: tuple[Outcome, ...] = ("wrong", "unreadable", "unproven", "verified")
_DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one file."""

    kind: Kind | None = None
    """A sealed self-assessment, a part of a log, the export of a draft, or a copy of a part or without what names
    sites; none where it could not be told."""
    digest: str | None = None
    """Computed here: of the snapshot; of the content of a draft or a copy; of a log the hash of its last event."""
    wrong: tuple[Finding, ...] = ()
    content: Sealed | Log | Export | SharedCopy | None = None
    """What the file holds, where it has the shape of its kind."""
    evidence: Documents | None = None
    """The evidence that the answers record; none for a log."""
    from_pdf: bool = False
    """The content was attached to a PDF, whose pages were not compared with it."""
    expected: bool = False
    """The digest is the one that was given."""

    @property
    def outcome(self) -> Outcome:
        """``unproven``: nothing is wrong, but nothing in the file proves it, and no digest was given for it."""
        if self.wrong:
            return "unreadable" if {finding.code for finding in self.wrong} <= UNREADABLE else "wrong"
        return "unproven" if self.kind in {"draft", "shared"} and not self.expected else "verified"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found in several files, each by itself and all of them together."""

    files: Mapping[str, Findings]
    together: tuple[Finding, ...] = field(default=())
    """Where files contradict each other; ``at`` is the name of a file."""

    @property
    def outcome(self) -> Outcome:
        """The worst of all: wrong before unreadable before unproven."""
        outcomes = {found.outcome for found in self.files.values()}
        return "wrong" if self.together else next(one for one in WORST_FIRST if one in outcomes)


def verify(content: bytes, *, expected: str | None = None, evidence: Path | None = None) -> Findings:
    """What is wrong with a sealed file, a shared copy, a part of a log, a draft's export or a report as PDF.

    ``expected`` is the digest printed on paper, 64 hexadecimal digits, blanks between them allowed; for a log the hash
    of its last event. ``evidence`` is a folder in which every document recorded with a SHA-256 must be.
    ``ValueError`` for an ``expected`` that is no digest, ``OSError`` for a folder that cannot be read; never anything
    for ``content``, whatever it is.
    """
    return verify_files({"": content}, expected=expected, evidence=evidence).files[""]


def verify_files(
    contents: Mapping[str, bytes], *, expected: str | None = None, evidence: Path | None = None
) -> Verification:
    """As ``verify``, of several files by name, and whether they agree with each other.

    Revisions of an assessment must follow one another, parts of a log must join, and each approval must stand in the
    log of its state, if there is a log among the files. One of the files must have the ``expected`` digest.
    """
    digest = None if expected is None else _digest(expected)
    files = None if evidence is None else _evidence.hashed(evidence)
    found = {name: _file(content, files) for name, content in contents.items()}
    right = {name: one.content for name, one in found.items() if not one.wrong}
    together = _together.check(
        {name: content for name, content in right.items() if isinstance(content, Sealed)},
        {name: content for name, content in right.items() if isinstance(content, Log)},
    )
    return Verification(found if digest is None else _expecting(digest, found), tuple(together))


def _digest(expected: str) -> str:
    digest = "".join(expected.split()).lower()
    if not _DIGEST.fullmatch(digest):
        raise ValueError("a digest is written with 64 hexadecimal digits; blanks between them are allowed")
    return digest


def _expecting(digest: str, found: Mapping[str, Findings]) -> dict[str, Findings]:
    """The same, with what the digest says: it is that of a file, or of none, which then is said of all."""
    if any(one.digest == digest for one in found.values()):
        return {name: replace(one, expected=one.digest == digest) for name, one in found.items()}
    return {name: _unexpected(one, digest) if one.digest else one for name, one in found.items()}


def _unexpected(one: Findings, digest: str) -> Findings:
    detail = f"Its digest is {one.digest}, not {digest}, which was given."
    return replace(one, wrong=(*one.wrong, Finding("not_expected", "", detail)))


def _file(content: bytes, files: Files) -> Findings:
    if len(content) > MOST_BYTES:
        return Findings(wrong=(Finding("too_large", "", f"It is longer than {MOST_BYTES:,} bytes."),))
    if not content.startswith(b"%PDF-"):
        return _data(content, files)
    data = attached(content)
    return Findings(wrong=(data,)) if isinstance(data, Finding) else replace(_data(data, files), from_pdf=True)


def _data(content: bytes, files: Files) -> Findings:
    if not content.startswith(b"{"):
        detail = "It is neither a PDF nor a JSON object: no file of Stocktake."
        return Findings(wrong=(Finding("unknown_file", "", detail),))
    try:
        value = read(content)
    except NotCanonical as error:
        return Findings(wrong=(Finding(error.code, "", error.detail),))
    return _by_format(value if isinstance(value, dict) else {}, hashlib.sha256(content).hexdigest(), files)


def _by_format(written: dict[str, JsonValue], digest: str, files: Files) -> Findings:
    match written.get("format"):
        case "stocktake/sealed/1":
            return _sealed(written, files)
        case "stocktake/log/1":
            return _log(written)
        case "stocktake/export/1":
            return _draft(written, digest, files)
        case "stocktake/shared/1":
            return _copy(written, digest)
        case _:
            detail = "Its format is none that this version of the verifier knows."
            return Findings(wrong=(Finding("unknown_format", "/format", detail),))


def _sealed(written: dict[str, JsonValue], files: Files) -> Findings:
    sealed = shaped(Sealed, written)
    if isinstance(sealed, list):
        return Findings(kind="sealed", wrong=tuple(sealed))
    seal = _seal.Seal(written, sealed, _seal.computed_digest(written))
    proofs, missing = _evidence.compare(_evidence.recorded(sealed.snapshot.export, "snapshot", "export"), files)
    return Findings("sealed", seal.computed, (*_seal.check(seal), *missing), sealed, proofs)


def _log(written: dict[str, JsonValue]) -> Findings:
    log = shaped(Log, written)
    if isinstance(log, list):
        return Findings(kind="log", wrong=tuple(log))
    return Findings("log", log.events[-1].hash, tuple(_chain.check(written, log)), log)


def _draft(written: dict[str, JsonValue], digest: str, files: Files) -> Findings:
    export = shaped(Export, written)
    if isinstance(export, list):
        return Findings(kind="draft", digest=digest, wrong=tuple(export))
    proofs, missing = _evidence.compare(_evidence.recorded(export), files)
    return Findings("draft", digest, tuple(missing), export, proofs)


def _copy(written: dict[str, JsonValue], digest: str) -> Findings:
    copy = shaped(SharedCopy, written)
    if isinstance(copy, list):
        return Findings(kind="shared", digest=digest, wrong=tuple(copy))
    return Findings("shared", digest, content=copy)
