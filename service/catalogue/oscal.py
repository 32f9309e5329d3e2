"""A checklist as a catalog of NIST's Open Security Controls Assessment Language (OSCAL), and back.

Sections are groups, questions are controls, paragraphs are resources. What OSCAL has no place for stands in props and
parts of our own namespace, so that reading the catalog gives the same checklist.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from pydantic import ValidationError

from service.catalogue.checklist import Checklist
from service.catalogue.instrument import Instrument, Paragraph
from service.catalogue.oscal_model import (
    OSCAL_VERSION,
    BackMatter,
    Catalog,
    Control,
    Document,
    DocumentId,
    Group,
    Link,
    Metadata,
    Passage,
    Prop,
    Resource,
    Revision,
    Role,
)
from service.catalogue.oscal_parts import NS, fields, marked, pieces, plain, properties
from service.catalogue.question import Question
from service.errors import Invalid

LAYOUT = f"{NS}:layout"
"""The namespace of what is no content: which file a question stands in, and what a resource is."""
_OURS = UUID("6f5b3e0a-2c1d-5a84-9d7e-0b4f1c8a7e36")
"""The namespace of our UUIDs of version 5."""
_ABOUT, _SECTION, _QUESTION = "_head", "section", "question"
_PLACED = frozenset({"title", "version", "notice", "release_notes", "roles", "sections"})
"""Fields of the head that OSCAL's metadata and groups hold themselves."""
_CONTENT = frozenset({"head", "instrument", "questions", "section_of"})
_SUFFIX = {"statement": "smt", "guidance": "gdn", "assessment-objective": "obj"}


class WrongCatalog(Invalid):
    """A catalog that no checklist was written as."""

    code = "wrong_catalog"
    title = "The OSCAL catalog holds no checklist"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a checklist is parted into files."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Each file with the comments at its head, which may be empty."""
    file_of: Mapping[str, str] = field(default_factory=dict)
    """Question id → file."""


def to_oscal(checklist: Checklist, layout: Layout | None = None) -> dict[str, object]:
    """The catalog as plain JSON values; the same content gives the same catalog."""
    layout = layout or Layout()
    catalog = Catalog(
        uuid=str(UUID(int=0)),
        metadata=_metadata(checklist, layout),
        groups=tuple(_groups(checklist, layout)),
        back_matter=BackMatter(resources=tuple(_resources(checklist.instrument))),
    )
    named = catalog.model_copy(update={"uuid": str(uuid5(_OURS, json.dumps(_dumped(catalog), sort_keys=True)))})
    data: dict[str, object] = {"catalog": _dumped(named)}
    # the one thing an export must never do is lose something
    if from_oscal(data) != checklist:
        raise AssertionError("the catalog would not give the checklist back")
    return data


def from_oscal(data: object) -> Checklist:
    """The checklist that was written as this catalog; WrongCatalog when none was."""
    catalog = _read(data)
    try:
        return Checklist.model_validate(_checklist_fields(catalog), by_alias=True, by_name=False)
    except ValidationError as error:
        raise WrongCatalog("The catalog holds no checklist of ours: {error}", error=_first(error)) from error
    except (ValueError, RecursionError) as error:
        raise WrongCatalog(
            "The catalog holds a value that is said to be JSON and is not: {error}", error=error
        ) from error


def layout_of(data: object) -> Layout:
    """Which files the catalog's checklist came from; empty when it does not say."""
    catalog = _read(data)
    files: dict[str, str] = {}
    for prop in catalog.metadata.props:
        if prop.ns == LAYOUT and prop.name == "file":
            files[prop.value] = prop.remarks or ""
    controls = [control for group in catalog.groups for control in group.controls]
    return Layout(files, {c.id: name for c in controls if (name := _kept(c.props, "file"))})


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _metadata(checklist: Checklist, layout: Layout) -> Metadata:
    head = checklist.head
    props, _ = pieces(head, besides=_PLACED)
    beside = checklist.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(_CONTENT))
    for name, value in beside.items():
        props += tuple(properties(name, value))
    return Metadata(
        title=marked(head.title),
        last_modified=f"{_day(checklist).isoformat()}T00:00:00Z",
        version=head.version,
        oscal_version=OSCAL_VERSION,
        revisions=(Revision(version=head.version, remarks=marked(head.release_notes)),),
        props=(*props, *_files(layout)),
        roles=tuple(
            Role(id=role.id, title=marked(role.title), props=pieces(role, besides=frozenset({"id", "title"}))[0])
            for role in head.roles
        ),
        remarks=marked(head.notice),
    )


def _day(checklist: Checklist) -> date:
    """When the content came to be, as far as it says so itself."""
    adoption = checklist.instrument.adoption
    return checklist.head.released or adoption.adopted or adoption.drafted or date(1970, 1, 1)


def _files(layout: Layout) -> Iterator[Prop]:
    for name, comments in layout.files.items():
        yield Prop(name="file", ns=LAYOUT, value=name, remarks=comments or None)


def _groups(checklist: Checklist, layout: Layout) -> Iterator[Group]:
    paragraphs = {p.id: _uuid(checklist.instrument, p) for p in checklist.instrument.paragraphs}
    for section in checklist.head.sections:
        props, parts = pieces(section, besides=frozenset({"id", "title"}))
        asked = (q for q in checklist.questions if checklist.section_of[q.id] == section.id)
        yield Group(
            id=section.id,
            kind=_SECTION,
            title=marked(section.title),
            props=props,
            links=tuple(_links([section.paragraph] if section.paragraph else [], paragraphs)),
            parts=parts,
            controls=tuple(_control(q, paragraphs, layout.file_of.get(q.id)) for q in asked),
        )
    _, about = pieces(checklist.head, besides=_PLACED)
    if about:
        yield Group(id=_ABOUT, kind="head", title="About this checklist", parts=about)


def _control(question: Question, paragraphs: Mapping[str, str], file: str | None) -> Control:
    props, parts = pieces(question, besides=frozenset({"id", "title"}))
    return Control(
        id=question.id,
        kind=_QUESTION,
        title=marked(question.title),
        props=(*props, *([Prop(name="file", ns=LAYOUT, value=file)] if file else [])),
        links=tuple(_links(question.paragraphs, paragraphs)),
        parts=tuple(_identified(part, question.id) for part in parts),
    )


def _identified(part: Passage, control: str) -> Passage:
    suffix = _SUFFIX.get(part.name)
    return part.model_copy(update={"id": f"{control}_{suffix}"}) if suffix else part


def _links(wanted: "list[str] | tuple[str, ...]", paragraphs: Mapping[str, str]) -> Iterator[Link]:
    for paragraph in wanted:
        if paragraph in paragraphs:
            yield Link(href=f"#{paragraphs[paragraph]}", rel="reference")


def _resources(instrument: Instrument) -> Iterator[Resource]:
    props, _ = pieces(instrument, besides=frozenset({"title", "symbol", "paragraphs"}))
    yield Resource(
        uuid=str(uuid5(_OURS, instrument.id)),
        title=marked(instrument.title),
        props=(*props, Prop(name="resource", ns=LAYOUT, value="instrument")),
        document_ids=(DocumentId(identifier=instrument.symbol),),
    )
    for paragraph in instrument.paragraphs:
        props, _ = pieces(paragraph, besides=frozenset({"label", "text"}))
        yield Resource(
            uuid=_uuid(instrument, paragraph),
            title=marked(paragraph.label),
            description=marked(paragraph.text),
            props=(*props, Prop(name="resource", ns=LAYOUT, value="paragraph")),
        )


def _uuid(instrument: Instrument, paragraph: Paragraph) -> str:
    return str(uuid5(_OURS, f"{instrument.id}/{paragraph.id}"))


def _dumped(catalog: Catalog) -> dict[str, object]:
    return catalog.model_dump(mode="json", by_alias=True, exclude_defaults=True)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read(data: object) -> Catalog:
    try:
        return Document.model_validate(data, by_alias=True, by_name=False).catalog
    except ValidationError as error:
        raise WrongCatalog("This is no OSCAL catalog: {error}", error=_first(error)) from error


def _checklist_fields(catalog: Catalog) -> dict[str, object]:
    sections = [group for group in catalog.groups if group.kind == _SECTION]
    about = [group for group in catalog.groups if group.id == _ABOUT]
    metadata = catalog.metadata
    rest = fields(metadata.props, [passage for group in about for passage in group.parts])
    head = rest | {
        "title": plain(metadata.title),
        "version": metadata.version,
        "notice": plain(metadata.remarks or ""),
        "release_notes": plain(metadata.revisions[0].remarks or "") if metadata.revisions else "",
        "roles": [{"id": r.id, "title": plain(r.title)} | fields(r.props, ()) for r in metadata.roles],
        "sections": [{"id": g.id, "title": plain(g.title)} | fields(g.props, g.parts) for g in sections],
    }
    beside = {key: head.pop(key) for key in list(head) if key in Checklist.model_fields.keys() - _CONTENT}
    return beside | {
        "head": head,
        "instrument": _instrument_fields(catalog.back_matter.resources),
        "questions": [_question_fields(control) for group in sections for control in group.controls],
        "section_of": {control.id: group.id for group in sections for control in group.controls},
    }


def _question_fields(control: Control) -> dict[str, object]:
    return {"id": control.id, "title": plain(control.title)} | fields(control.props, control.parts)


def _instrument_fields(resources: tuple[Resource, ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    paragraphs: list[dict[str, object]] = []
    for resource in resources:
        kept = fields(resource.props, ())
        match _kept(resource.props, "resource"):
            case "instrument":
                symbol = resource.document_ids[0].identifier if resource.document_ids else ""
                found = kept | {"title": plain(resource.title or ""), "symbol": symbol}
            case "paragraph":
                text = plain(resource.description or "")
                paragraphs.append(kept | {"label": plain(resource.title or ""), "text": text})
            case _:
                pass
    return found | {"paragraphs": paragraphs}


def _kept(props: tuple[Prop, ...], name: str) -> str | None:
    return next((prop.value for prop in props if prop.ns == LAYOUT and prop.name == name), None)


def _first(error: ValidationError) -> str:
    detail = error.errors(include_url=False)[0]
    return f"{'.'.join(str(step) for step in detail['loc'])}: {detail['msg']}"
