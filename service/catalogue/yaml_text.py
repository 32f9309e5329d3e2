"""Strict YAML 1.2: text in, a tree of strings with lines out. Whatever could be read in two ways is refused.

Every scalar stays a string: the types of the format decide what is a number. Nothing here knows a checklist.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from service.catalogue.findings import Finding

LARGEST = 1024 * 1024
"""Bytes of one file."""
DEEPEST = 32
"""Mappings and lists within one another."""

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_REFUSED = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff{_BIDI}]")
_NULL = re.compile(r"~|null|Null|NULL")


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: list["Node"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Entries:
    """A mapping."""

    line: int
    entries: dict[str, "Node"] = field(default_factory=dict)


Node: TypeAlias = Scalar | Items | Entries


@dataclass(frozen=True, slots=True)
class Spot:
    """A node and the file it stands in: where a finding points to."""

    file: str
    node: Node

    def at(self, *path: str | int) -> "Spot":
        """The spot below; steps that do not exist are passed over, so that the nearest known line is named."""
        node = self.node
        for step in path:
            if isinstance(node, Entries) and isinstance(step, str) and step in node.entries:
                node = node.entries[step]
            elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
        return Spot(self.file, node)

    def finding(self, code: str, message: str) -> Finding:
        return Finding(self.file, self.node.line, code, message)

    def scalars(self, key: str = "") -> Iterator[tuple[str, Scalar]]:
        """Every scalar at or below, with the key it is found under."""
        match self.node:
            case Scalar() as scalar:
                yield key, scalar
            case Items(items=items):
                for item in items:
                    yield from Spot(self.file, item).scalars(key)
            case Entries(entries=entries):
                for name, node in entries.items():
                    yield from Spot(self.file, node).scalars(name)


def plain(node: Node) -> Plain:
    """The tree as lists, dictionaries and strings, for the types to read."""
    match node:
        case Scalar(text=text):
            return text
        case Items(items=items):
            return [plain(item) for item in items]
        case Entries(entries=entries):
            return {key: plain(value) for key, value in entries.items()}


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: the root, absent when the text cannot be read at all, and everything wrong with it."""

    root: Spot | None
    findings: tuple[Finding, ...]


def read(data: bytes, file: str) -> Document:
    """Read one file; ``file`` is the name findings give it."""
    text, findings = _decoded(data, file)
    if findings:
        return Document(None, tuple(findings))
    builder = _Builder(file, text)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except _StopError:
        pass
    except MarkedYAMLError as error:
        builder.find(_marked_line(error), _taught(error))
    except (YAMLError, ValueError, OverflowError, AssertionError, IndexError, AttributeError) as error:
        # the parser's own slips on broken text, such as an escape beyond Unicode
        builder.find(builder.line, f"this is not YAML ({error}); correct the text from here on")
    if builder.root is None:
        if not builder.findings:
            builder.find(1, "the file is empty; write its content or remove the file")
        return Document(None, tuple(builder.findings))
    return Document(Spot(file, builder.root), tuple(dict.fromkeys(builder.findings)))


def refused(text: str) -> str | None:
    """Why this cannot stand in a file, if it cannot: a control character, or one that turns the direction round."""
    found = _REFUSED.search(text)
    return _character(found.group()) if found else None


def _decoded(data: bytes, file: str) -> tuple[str, list[Finding]]:
    if len(data) > LARGEST:
        return "", [Finding(file, 1, "yaml", f"the file has {len(data)} bytes; split it, {LARGEST} are the most")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return "", [Finding(file, line, "yaml", "this is not UTF-8; save the file as UTF-8")]
    return text, [
        Finding(file, number, "yaml", _character(found.group()))
        for number, line in enumerate(text.split("\n"), start=1)
        if (found := _REFUSED.search(line))
    ]


def _character(char: str) -> str:
    name = f"U+{ord(char):04X}"
    if char == "\t":
        return "a tab; indent and separate with spaces"
    if char == "\r":
        return "a carriage return; save the file with LF line ends"
    if re.match(f"[{_BIDI}]", char):
        return f"the direction control {name}, which can make text look other than it is; remove it"
    return f"the control character {name}; remove it"


def _marked_line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return 1 if mark is None else int(mark.line) + 1


def _taught(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "unreadable")
    if "mapping values are not allowed" in problem:
        return 'a ": " inside an unquoted text; put the text in double quotes or write it as a block after >-'
    return f"this is not YAML ({problem}); correct the text from here on"


class _StopError(Exception):
    """Nothing after this can be read with sense."""


@dataclass(slots=True)
class _Open:
    """A list or mapping being read; ``key`` is the key that waits for its value."""

    node: Items | Entries
    flow: bool
    key: Scalar | None = None


class _Builder:
    """Builds the tree from parser events and notes what is refused on the way."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self.root: Node | None = None
        self.findings: list[Finding] = []
        self.line = 1
        self._open: list[_Open] = []
        self._documents = 0
        self._end = 0

    def find(self, line: int, message: str) -> None:
        self.findings.append(Finding(self.file, line, "yaml", message))

    def take(self, event: Event) -> None:
        self.line = int(event.start_mark.line) + 1
        self._comments(event)
        match event:
            case DocumentStartEvent():
                self._document(event)
            case AliasEvent():
                self.find(self.line, f"the alias *{event.anchor}; write the content out here")
                self._place(Scalar("", self.line))
            case ScalarEvent():
                self._plain_node(event)
                self._scalar(event)
            case MappingStartEvent() | SequenceStartEvent():
                self._plain_node(event)
                self._start(event)
            case CollectionEndEvent():
                self._open.pop()

    def _document(self, event: DocumentStartEvent) -> None:
        self._documents += 1
        if event.version or event.tags:
            self.find(1, "a % directive; remove it, files are read as YAML 1.2")
        if self._documents > 1:
            self.find(self.line, "a second document; a file holds one, remove the line ---")
            raise _StopError

    def _comments(self, event: Event) -> None:
        """Comments anywhere but at the head would not survive formatting."""
        start, end = int(event.start_mark.index), int(event.end_mark.index)
        between = self.text[self._end : start]
        if self._end and "#" in between:
            line = self.text.count("\n", 0, self._end + between.index("#")) + 1
            self.find(line, "a comment inside the file; move it to the head of the file")
        if isinstance(event, ScalarEvent):
            if event.style in (">", "|") and "#" in self.text[start:end].partition("\n")[0]:
                self.find(self.line, "a comment after > or |; move it to the head of the file")
            self._end = end

    def _plain_node(self, event: NodeEvent) -> None:
        if event.anchor is not None:
            self.find(self.line, f"the anchor &{event.anchor}; remove it, content is written out where it is used")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.find(self.line, f"the tag {tag}; remove it, the format knows the type of each field")

    def _start(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        if len(self._open) >= DEEPEST:
            self.find(self.line, f"more than {DEEPEST} levels within one another; write it flatter")
            raise _StopError
        mapping = isinstance(event, MappingStartEvent)
        inside = self._open[-1] if self._open else None
        if event.flow_style and (mapping or (inside and inside.flow)):
            self.find(self.line, "braces or nested brackets; write one entry a line, indented")
        line = self._here(inside)
        node: Items | Entries = Entries(line) if mapping else Items(line)
        self._place(node)
        self._open.append(_Open(node, bool(event.flow_style)))

    def _scalar(self, event: ScalarEvent) -> None:
        text, style = str(event.value), event.style
        inside = self._open[-1] if self._open else None
        line = self._here(inside)
        if not style and not text:
            if inside and inside.key is None:
                # the parser marks an absent value where the next thing starts
                line = self.text.count("\n", 0, self._end) + 1
            self.find(line, "nothing after this key or dash; remove the line or write a value")
        elif not style and _NULL.fullmatch(text):
            self.find(line, f"{text} stands for nothing; remove the line, or put a word in quotes")
        elif found := _REFUSED.search(text):
            self.find(line, _character(found.group()))
        self._place(Scalar(text, line))

    def _here(self, inside: _Open | None) -> int:
        """The line findings name: that of the key for whatever stands under one."""
        return inside.key.line if inside and inside.key else self.line

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        inside = self._open[-1]
        if isinstance(inside.node, Items):
            inside.node.items.append(node)
        elif inside.key is None:
            if not isinstance(node, Scalar):
                self.find(node.line, "a list or mapping as key; keys are single words")
                node = Scalar("", node.line)
            elif node.text in inside.node.entries:
                first = inside.node.entries[node.text].line
                self.find(node.line, f"the key {node.text} a second time (first in line {first}); keep one")
            inside.key = node
        else:
            inside.node.entries[inside.key.text] = node
            inside.key = None
