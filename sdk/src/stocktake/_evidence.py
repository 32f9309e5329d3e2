"""Documents of evidence: those recorded in an export by their SHA-256, and those that lie in a folder."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from stocktake._finding import Finding, pointer
from stocktake.models.answers import Evidence
from stocktake.models.export import Export


@dataclass(frozen=True, slots=True)
class Recorded:
    """A document as an answer records it, and where in the file it does."""

    at: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Documents:
    """How many documents the answers record, and how many of them were found."""

    hashed: int
    """Recorded with a SHA-256."""
    unhashed: int
    """Recorded without one: nothing can be compared."""
    found: int | None
    """Of those with a SHA-256; none where no folder was looked into."""


def recorded(export: Export, *place: str | int) -> list[Recorded]:
    """The documents that the answers of an export record; ``place`` is where the export stands in its file."""
    return [
        Recorded(pointer(*place, "answers", at, "evidence", one), evidence)
        for at, answer in enumerate(export.answers)
        for one, evidence in enumerate(answer.evidence)
    ]


def hashed(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file in the folder and those below it, by its path in there; ``OSError`` as it comes."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder")
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def compare(documents: list[Recorded], files: Mapping[str, str] | None) -> tuple[Documents, list[Finding]]:
    """How many documents are among the files (SHA-256 by path), and which are not; without files only counts."""
    proved = [document for document in documents if document.evidence.sha256]
    present = frozenset(files.values()) if files is not None else frozenset()
    absent = [document for document in proved if document.evidence.sha256 not in present]
    found = None if files is None else len(proved) - len(absent)
    counts = Documents(len(proved), len(documents) - len(proved), found)
    return counts, [] if files is None else list(_told(absent, files))


def _told(absent: list[Recorded], files: Mapping[str, str]) -> Iterator[Finding]:
    """Each one missing, or there under its name with another content."""
    named: dict[str, str] = {}
    for file in files:
        named.setdefault(PurePath(file).name.casefold(), file)
        named.setdefault(PurePath(file).stem.casefold(), file)
    for document in absent:
        title, sha256 = document.evidence.title, document.evidence.sha256
        names = (title, document.evidence.reference or title, sha256 or title)
        other = next((named[name.casefold()] for name in names if name.casefold() in named), None)
        if other is None:
            detail = f"No file in the folder is the document “{title}”, SHA-256 {sha256}."
            yield Finding("evidence_missing", document.at, detail)
        else:
            detail = f"{other} is named like the document “{title}”, but its SHA-256 is {files[other]}, not {sha256}."
            yield Finding("evidence_wrong", document.at, detail)
