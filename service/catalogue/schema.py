"""The published JSON Schemas of a checklist's files, for editors and other tools; the types are their source."""

import json
from typing import cast

from service.catalogue.checklist import Head
from service.catalogue.instrument import Instrument, Part
from service.catalogue.migration import Migration
from service.catalogue.overlay import Glossary, Overlay
from service.catalogue.question import QuestionFile

SCHEMAS: dict[str, tuple[type[Part], str]] = {
    "instrument.json": (Instrument, "instrument.yaml of a checklist"),
    "checklist.json": (Head, "checklist.yaml of a checklist"),
    "questions.json": (QuestionFile, "questions/NN-name.yaml of a checklist"),
    "language.json": (Overlay, "languages/LANGUAGE.yaml of a checklist"),
    "glossary.json": (Glossary, "languages/glossary.yaml of a checklist"),
    "migration.json": (Migration, "migrations/<version>.yaml of a checklist"),
}
"""File name → the type it describes and where it is used."""


def schema_files() -> dict[str, bytes]:
    """Each schema's file name and text."""
    return {name: _text(name, kind, title) for name, (kind, title) in SCHEMAS.items()}


def _text(name: str, kind: type[Part], title: str) -> bytes:
    made = cast("dict[str, object]", _without_null(kind.model_json_schema(by_alias=True)))
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:stocktake:{name.removesuffix('.json')}:1",
    }
    return json.dumps(head | made | {"title": title}, indent=2, ensure_ascii=False).encode() + b"\n"


def _without_null(value: object) -> object:
    """An absent field is left out of a file, never written as null."""
    if isinstance(value, list):
        return [_without_null(below) for below in value]
    if not isinstance(value, dict):
        return value
    choices = value.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        left = [choice for choice in choices if choice != {"type": "null"}]
        kept = {key: below for key, below in value.items() if key not in ("anyOf", "default")}
        value = kept | (left[0] if len(left) == 1 else {"anyOf": left})
    return {key: _without_null(below) for key, below in value.items()}
