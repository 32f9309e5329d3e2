"""The published JSON Schemas fit the files as an editor reads them, and refuse what the loader refuses."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from service.catalogue.schema import schema_files


def validator(name: str) -> Draft202012Validator:
    schema = json.loads(schema_files()[name])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def typed(text: str) -> object:
    """The file as an editor understands it: YAML 1.2 with its own types."""
    value: object = YAML(typ="safe", pure=True).load(text)
    return value


def schema_of(path: Path) -> str:
    folders = {"questions": "questions.json", "languages": "language.json", "migrations": "migration.json"}
    own = path.with_suffix(".json").name
    return own if own in schema_files() else folders[path.parent.name]


def test_the_schemas_in_the_tree_are_those_of_the_types(content: Path) -> None:
    folder = content.parent / "schema"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == schema_files()


def test_every_file_of_this_project_s_checklist_is_valid(content: Path) -> None:
    paths = sorted([*content.glob("*.yaml"), *(content / "questions").glob("*.yaml")])
    assert len(paths) >= 8
    for path in paths:
        errors = [error.message for error in validator(schema_of(path)).iter_errors(typed(path.read_text()))]
        assert errors == [], path


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("questions/02-lights.yaml", "title: Plan", "colour: red"),
        ("questions/02-lights.yaml", "weight: 2", "weight: 4"),
        ("questions/02-lights.yaml", "target: 3", "target: 5"),
        ("questions/02-lights.yaml", "type: maturity", "type: grade"),
        ("questions/02-lights.yaml", "at_least: 25", "at_least: much"),
        ("questions/02-lights.yaml", "        - There is no plan.\n", ""),
        ("questions/02-lights.yaml", "also: [p3]", "also: null"),
        ("questions/02-lights.yaml", "critical: true", "critical: perhaps"),
        ("checklist.yaml", "version: 1.0.0", "version: 1.0"),
        ("checklist.yaml", "checklist/1", "checklist/2"),
        ("instrument.yaml", "speaks_to_states: true", "speaks_to_states: 1"),
        ("instrument.yaml", "id: p2", "id: P2"),
    ],
)
def test_the_schemas_refuse_what_the_loader_refuses(harbour: Path, name: str, old: str, new: str) -> None:
    path = harbour / name
    text = path.read_text()
    assert validator(schema_of(path)).is_valid(typed(text))
    assert old in text
    assert not validator(schema_of(path)).is_valid(typed(text.replace(old, new, 1)))
