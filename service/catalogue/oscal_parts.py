"""Any part of a checklist as OSCAL's props and parts, and back.

What people read becomes a part with prose, everything else a prop. Nothing here lists the fields of a checklist: a
field that is new tomorrow is written and read like the others. Names and places are chosen where OSCAL has its own.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from service.catalogue.checklist import Check, FunnelStep, Indicator, Reference, Section, Term, Unit
from service.catalogue.instrument import Part
from service.catalogue.oscal_model import Passage, Prop
from service.catalogue.question import Option, Percent, Question, Reason
from service.catalogue.texts import TEXTS, has_texts

NS = "urn:stocktake:oscal:1"
"""The namespace of our props and parts: a name, no address."""

ENTRY, JSON, LIST = "entry", "json", "list"
"""Classes: one of several values of a list; a value as JSON; a part that holds a list."""


class _Place(NamedTuple):
    """The fields that stand as OSCAL's own title and prose."""

    title: str | None
    prose: str | None


_PLACES: Mapping[type[Part], _Place] = {
    Check: _Place(None, "message"),
    FunnelStep: _Place("title", None),
    Indicator: _Place("title", "note"),
    Option: _Place(None, "text"),
    Percent: _Place(None, "counts"),
    Reason: _Place(None, "text"),
    Reference: _Place(None, "text"),
    Term: _Place("term", "meaning"),
    Unit: _Place(None, "forms"),
}
_SPOKEN: Mapping[type[Part], frozenset[str]] = {Question: frozenset({"quote", "answer"})}
"""Parts beside what is translated: the authentic words, and how a question is answered."""
_NATIVE: Mapping[tuple[type[Part], str], str] = {
    (Question, "text"): "statement",
    (Question, "guidance"): "guidance",
    (Question, "answer"): "assessment-objective",
    (Section, "introduction"): "overview",
}
"""Names that OSCAL itself gives."""
_FIELDS = {native: field for (_, field), native in _NATIVE.items()}


def _kind(part: type[Part]) -> str:
    """``funnel-step`` for FunnelStep."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", part.__name__).lower()


_BY_KIND = {_kind(part): place for part, place in _PLACES.items()}
_NOWHERE = _Place(None, None)


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def pieces(part: Part, *, besides: frozenset[str] = frozenset()) -> tuple[tuple[Prop, ...], tuple[Passage, ...]]:
    """All fields that are not at their default, as props and parts, without the ones that are placed elsewhere."""
    data = cast("dict[str, object]", part.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    props: list[Prop] = []
    passages: list[Passage] = []
    for name, field in type(part).model_fields.items():
        known_as = field.alias or name
        if known_as not in data or name in besides:
            continue
        value: object = getattr(part, name)
        if _spoken(part, name, value):
            passages.append(_passage(type(part), name, value))
        else:
            props += properties(known_as, data[known_as])
    return tuple(props), tuple(passages)


def properties(name: str, value: object) -> Iterator[Prop]:
    """A value as props: a line as it is, a list of lines as one each, anything else as JSON on one line."""
    if (line := _line(value)) is not None:
        yield Prop(name=name, ns=NS, value=line)
        return
    lines = [_line(item) for item in value] if isinstance(value, list) else [None]
    if lines and None not in lines:
        yield from (Prop(name=name, ns=NS, value=line, kind=ENTRY) for line in lines if line is not None)
        return
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if not text.isprintable():
        text = json.dumps(value, separators=(",", ":"))
    yield Prop(name=name, ns=NS, value=text, kind=JSON)


def marked(text: str) -> str:
    """Plain text as OSCAL's markup, in which some signs would mean something."""
    return re.sub(r"([\\*_`~^\[\]<>{}])", r"\\\1", text)


def _line(value: object) -> str | None:
    """A scalar as one line that every reader takes whole; none for what is no line."""
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, str) and value and value.isprintable() and value == value.strip():
        return value
    return None


def _spoken(part: Part, name: str, value: object) -> bool:
    if name in TEXTS.get(type(part), ()) or name in _SPOKEN.get(type(part), ()):
        return True
    items = value if isinstance(value, tuple) else (value,)
    return any(isinstance(item, Part) and has_texts(item) for item in items)


def _passage(owner: type[Part], name: str, value: object) -> Passage:
    native = _NATIVE.get((owner, name))
    ns = None if native else NS
    match value:
        case str():
            return Passage(name=native or name, ns=ns, prose=marked(value))
        case Part():
            return _of_part(native or name, ns, _kind(type(value)), value)
        case tuple():
            return Passage(name=native or name, ns=ns, kind=LIST, parts=tuple(map(_entry, value)))
        case _:
            raise AssertionError(f"the format has no texts of {type(value).__name__}")


def _entry(item: object) -> Passage:
    if isinstance(item, Part):
        return _of_part(_kind(type(item)), NS, None, item)
    return Passage(name=ENTRY, ns=NS, prose=marked(str(item)))


def _of_part(name: str, ns: str | None, kind: str | None, part: Part) -> Passage:
    place = _PLACES.get(type(part), _NOWHERE)
    props, parts = pieces(part, besides=frozenset(field for field in place if field))
    title, prose = (marked(str(getattr(part, field))) if field else None for field in place)
    return Passage(name=name, ns=ns, kind=kind, title=title, props=props, prose=prose, parts=parts)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def fields(props: Iterable[Prop], passages: Iterable[Passage]) -> dict[str, object]:
    """What was written as these; the scalars are texts, as YAML's are, for the types to read."""
    found: dict[str, object] = {}
    for prop in props:
        if prop.ns != NS:
            continue
        if prop.kind == ENTRY:
            before = found.get(prop.name)
            found[prop.name] = [*(before if isinstance(before, list) else []), prop.value]
        else:
            found[prop.name] = json.loads(prop.value) if prop.kind == JSON else prop.value
    for passage in passages:
        if passage.ns == NS or (passage.ns is None and passage.name in _FIELDS):
            found[passage.name if passage.ns else _FIELDS[passage.name]] = _value(passage)
    return found


def plain(markup: str) -> str:
    """The text that was marked."""
    return re.sub(r"\\(.)", r"\1", markup)


def _value(passage: Passage) -> object:
    if passage.kind == LIST:
        return [plain(p.prose or "") if p.name == ENTRY else _part_fields(p, p.name) for p in passage.parts]
    return plain(passage.prose or "") if passage.kind is None else _part_fields(passage, passage.kind)


def _part_fields(passage: Passage, kind: str) -> dict[str, object]:
    place = _BY_KIND.get(kind, _NOWHERE)
    found = fields(passage.props, passage.parts)
    if place.title and passage.title is not None:
        found[place.title] = plain(passage.title)
    if place.prose and passage.prose is not None:
        found[place.prose] = plain(passage.prose)
    return found
