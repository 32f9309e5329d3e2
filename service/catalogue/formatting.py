"""One way to write a checklist's files: fields in the order of their types, long texts folded, words quoted, and what
stands at its default left out.

Works on what was read, so that a file says the same before and after; comments at its head stay.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from service.catalogue.checklist import Head
from service.catalogue.findings import Finding, WrongChecklist
from service.catalogue.instrument import Instrument, Part
from service.catalogue.loader import (
    GLOSSARY,
    HEAD,
    INSTRUMENT,
    LANGUAGES,
    language_paths,
    migration_paths,
    question_paths,
    read_part,
)
from service.catalogue.migration import Migration
from service.catalogue.overlay import Glossary, Overlay
from service.catalogue.question import QuestionFile, decimal_text
from service.catalogue.yaml_text import plain, read

WIDTH = 110
"""Columns of a line, where words allow it."""

_SMALL = 3
"""Lines of an entry of the file's own lists; from longer ones on, an empty line sets them apart."""

Tree: TypeAlias = "_Written | list[Tree] | dict[str, Tree]"

_PLAIN = re.compile(r"[^\W_](?!.*(: |:$| #))[^\n]*(?<! )")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_OTHERWISE = re.compile(
    r"(?i:null|true|false|yes|no|on|off|y|n|nan|inf)"  # of YAML 1.1 and 1.2
    r"|[-+]?[0-9.][0-9_.,:xobeEa-fA-F+-]*"  # numbers, times and days
)
"""Texts that some reader would not take as text."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A value as text; a word is quoted where a reader could take it for something else, a number is not."""

    text: str
    word: bool = True


def format_folder(folder: Path) -> list[tuple[Path, bytes, bytes]]:
    """Each file of a checklist with its bytes as they are and as they should be.

    WrongChecklist with every finding when one cannot be read; then nothing is given out.
    """
    files: list[tuple[Path, type[Part]]] = [(folder / INSTRUMENT, Instrument), (folder / HEAD, Head)]
    files += [(path, QuestionFile) for path in question_paths(folder)]
    files += [(path, Overlay) for path in language_paths(folder)]
    files += [(path, Glossary) for path in (folder / LANGUAGES / GLOSSARY,) if path.exists()]
    files += [(path, Migration) for path in migration_paths(folder)]
    findings: list[Finding] = []
    done: list[tuple[Path, bytes, bytes]] = []
    for path, kind in files:
        try:
            part, _ = read_part(path, kind)
        except WrongChecklist as wrong:
            findings.extend(wrong.findings)
        else:
            before = path.read_bytes()
            done.append((path, before, format_part(part, before.decode())))
    if findings:
        raise WrongChecklist(findings)
    return done


def format_part(part: Part, before: str) -> bytes:
    """The text of one file; ``before`` is asked only for the comments at its head."""
    tree = _tree(part.model_dump(by_alias=True, exclude_defaults=True))
    text = "".join(f"{line}\n" for line in (*head_comments(before), *_lines(tree, 0, WIDTH)))
    data = text.encode()
    again = read(data, "formatted")
    # the one thing a formatter must never do is change what a file says
    if again.root is None or again.findings or plain(again.root.node) != _said(tree):
        raise AssertionError(f"formatting would change the content: {again.findings}")
    return data


def _tree(value: object) -> Tree:
    match value:
        case dict():
            return {str(key): _tree(below) for key, below in value.items()}
        case list() | tuple():
            return [_tree(below) for below in value]
        case bool() | int():
            return _Written(str(value).lower(), word=False)
        case Decimal():
            return _Written(decimal_text(value), word=False)
        case date() | str():
            return _Written(str(value))
        case _:
            raise AssertionError(f"the format has no values of {type(value).__name__}")


def _said(tree: Tree) -> object:
    match tree:
        case dict():
            return {key: _said(below) for key, below in tree.items()}
        case list():
            return [_said(below) for below in tree]
        case _Written(text=text):
            return text


def head_comments(before: str) -> Iterator[str]:
    for line in before.split("\n"):
        if line.strip() and not line.startswith("#"):
            return
        if line.startswith("#"):
            yield line.rstrip()


def _lines(tree: Tree, indent: int, width: int) -> Iterator[str]:
    """The lines of a mapping or list at an indent."""
    match tree:
        case dict():
            for key, below in tree.items():
                yield from _entry(f"{key}:", below, indent, width)
        case list():
            written = [list(_item(below, indent, width)) for below in tree]
            apart = indent == 2 and max(map(len, written), default=0) > _SMALL
            for number, lines in enumerate(written):
                if apart and number:
                    yield ""
                yield from lines
        case _Written():
            raise AssertionError("a file holds a mapping")


def _entry(key: str, below: Tree, indent: int, width: int) -> Iterator[str]:
    space = " " * indent
    match below:
        case _Written():
            first, *rest = _scalar(below, indent + 2, width - indent - len(key) - 1)
            yield f"{space}{key} {first}"
            yield from rest
        case list() if (short := _flow(below)) is not None and len(space + key + short) < width:
            yield f"{space}{key} {short}"
        case _:
            yield f"{space}{key}"
            yield from _lines(below, indent + 2, width)


def _item(below: Tree, indent: int, width: int) -> Iterator[str]:
    space = " " * indent
    if isinstance(below, _Written):
        first, *rest = _scalar(below, indent + 2, width - indent - 2)
        yield f"{space}- {first}"
        yield from rest
        return
    for number, line in enumerate(_lines(below, indent + 2, width)):
        yield line if number else f"{space}- {line.lstrip()}"


def _flow(items: Iterable[Tree]) -> str | None:
    """A list in brackets when it holds nothing but identifiers and numbers."""
    words: list[str] = []
    for item in items:
        if not isinstance(item, _Written) or not (_SHORT.fullmatch(item.text) or not item.word or _other(item.text)):
            return None
        words.append(_quoted(item.text) if item.word and _other(item.text) else item.text)
    return f"[{', '.join(words)}]"


def _scalar(value: _Written, indent: int, room: int) -> list[str]:
    """The lines of a scalar: the first without indent, those of a block with it."""
    text = value.text
    if not value.word:
        return [text]
    one_line = text if _PLAIN.fullmatch(text) and not _other(text) else _quoted(text)
    if "\n" not in text and len(one_line) <= room:
        return [one_line]
    return _block(text, indent) or [_quoted(text)]


def _block(text: str, indent: int) -> list[str] | None:
    """A folded block, or a literal one for lines that stand for themselves; none for what blocks cannot hold."""
    lines = text.split("\n")
    space, width = " " * indent, WIDTH - indent
    if not text or any(line != line.strip(" ") for line in lines) or not lines[0] or not lines[-1]:
        return None
    if len(lines) > 1 and all(len(line) <= width for line in lines):
        return ["|-", *(f"{space}{line}" if line else "" for line in lines)]
    folded = [">-"]
    for number, line in enumerate(lines):
        if number and lines[number - 1]:
            folded.append("")
        folded.extend(f"{space}{part}" if part else "" for part in _wrapped(line, width))
    return folded


def _wrapped(line: str, width: int) -> Iterator[str]:
    """Lines broken at single spaces: only those come back when the block is read."""
    held = ""
    for word in re.split(r"(?<! ) (?! )", line):
        if held and len(held) + 1 + len(word) > width:
            yield held
            held = word
        else:
            held = f"{held} {word}" if held else word
    yield held


def _other(text: str) -> bool:
    return _OTHERWISE.fullmatch(text) is not None


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
