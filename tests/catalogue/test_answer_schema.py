"""The JSON Schema of the answers: what it takes and what it refuses, on a checklist with every type of answer."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from service.catalogue.answer_schema import answer_schema
from service.catalogue.loader import load
from service.cli import app

Row = dict[str, object]


@pytest.fixture
def schema(invented: Path) -> dict[str, object]:
    return answer_schema(load(invented).checklist)


@pytest.fixture
def row(schema: dict[str, object]) -> Draft202012Validator:
    """Judges one row alone."""
    return Draft202012Validator(schema | {"$id": "urn:test:row"} | {"$ref": "#/$defs/Row", **OPEN})


OPEN: Row = {"type": "object", "required": [], "properties": {}, "additionalProperties": True}
"""In place of what the schema asks of a bulk request."""

SITE = {"site": "Q1"}
TAKEN: list[Row] = [
    {"question": "a3.warden", "value": 4},
    {"question": "a3.warden", "value": 4.0, "reason": None, "version": 0},
    {"question": "a3.warden", "kind": "other_means", "value": 2, "reason": "a neighbour's warden"},
    {"question": "a3.warden", "kind": "unknown", "value": None},
    {"question": "a3.warden", "kind": "withheld", "reason": "the Assembly"},
    {"question": "a3.warden", "kind": "not_applicable", "reason": "no_bells"},
    {"question": "a2.site.bell", **SITE, "value": "horn"},
    {"question": "a2.site.rung", **SITE, "value": 12.5},
    {"question": "a2.law", "value": "partial"},
    {"question": "a2.silent", "value": 15},
    {"question": "a2.count", "value": 10**11},
    {"question": "coast.tides", "value": ["neap", "spring"]},
    {"question": "coast.tides", "value": ["none"]},
    {"question": "a3.practice", "value": "2024-02-29"},
    {"question": "a3.words", "value": " A boat,\nand a rope. "},
    {"question": "a2.law", "value": "yes", "evidence": [{"title": "The law", "grade": 2, "dated": "2026-01-31"}]},
]
REFUSED: list[Row] = [
    {"question": "a9.none", "value": 1},
    {"value": 1},
    {"question": "a3.warden"},
    {"question": "a3.warden", "value": None},
    {"question": "a3.warden", "value": 5},
    {"question": "a3.warden", "value": True},
    {"question": "a3.warden", "value": "4"},
    {"question": "a3.warden", "value": 4, "colour": "red"},
    {"question": "a3.warden", "value": 4, "site": "Q1"},
    {"question": "a3.warden", "kind": "other_means", "value": 2},
    {"question": "a3.warden", "kind": "other_means", "value": 5, "reason": "x"},
    {"question": "a3.warden", "kind": "unknown", "value": 1},
    {"question": "a3.warden", "kind": "withheld", "reason": " "},
    {"question": "a3.warden", "kind": "not_applicable", "reason": "no_tides"},
    {"question": "a3.warden", "kind": "perhaps"},
    {"question": "a3.words", "kind": "other_means", "value": 2, "reason": "x"},
    {"question": "a2.site.bell", "value": "horn"},
    {"question": "a2.site.bell", "site": None, "value": "horn"},
    {"question": "a2.site.bell", "site": "q1", "value": "horn"},
    {"question": "a2.site.bell", **SITE, "value": "gong"},
    {"question": "a2.site.rung", **SITE, "value": 100.1},
    {"question": "a2.law", "value": "maybe"},
    {"question": "a2.silent", "value": -1},
    {"question": "a2.count", "value": 1.5},
    {"question": "a2.count", "value": 10**11 + 1},
    {"question": "coast.tides", "value": []},
    {"question": "coast.tides", "value": ["none", "neap"]},
    {"question": "coast.tides", "value": ["neap", "neap"]},
    {"question": "coast.tides", "value": "neap"},
    {"question": "a3.practice", "value": "2023-02-29"},
    {"question": "a3.practice", "value": "1900-02-29"},
    {"question": "a3.practice", "value": "2201-01-01"},
    {"question": "a3.practice", "value": "2024-04-31"},
    {"question": "a3.words", "value": " \n "},
    {"question": "a3.words", "value": "a" * 401},
    {"question": "a3.words", "value": "a\u0007"},
    {"question": "a2.law", "value": "yes", "evidence": [{"title": "The law", "grade": 4, "dated": "2026-01-31"}]},
    {"question": "a2.law", "value": "yes", "evidence": [{"title": "The law", "grade": 2, "dated": "31 January"}]},
]


def test_it_is_a_schema_of_draft_2020_12(schema: dict[str, object]) -> None:
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "urn:stocktake:answers:tide-bells:0.3.0"
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("sent", TAKEN, ids=str)
def test_a_good_row_is_taken(row: Draft202012Validator, sent: Row) -> None:
    assert [error.message for error in row.iter_errors(sent)] == []


@pytest.mark.parametrize("sent", REFUSED, ids=str)
def test_a_wrong_row_is_refused(row: Draft202012Validator, sent: Row) -> None:
    assert not row.is_valid(sent)


def test_it_judges_a_bulk_request(schema: dict[str, object]) -> None:
    bulk = Draft202012Validator(schema)
    assert bulk.is_valid({"rows": TAKEN})
    wrongs: list[object] = [{"rows": []}, {"rows": [*TAKEN, REFUSED[0]]}, {"rows": TAKEN, "more": 1}, {}, TAKEN]
    for wrong in wrongs:
        assert not bulk.is_valid(wrong)
    assert not bulk.is_valid({"rows": TAKEN[:1] * 1001})


def test_every_question_of_this_project_s_checklist_has_its_own(content: Path) -> None:
    checklist = load(content).checklist
    made = answer_schema(checklist)
    Draft202012Validator.check_schema(made)
    definitions = made["$defs"]
    assert isinstance(definitions, dict)
    assert checklist.by_id().keys() <= definitions.keys()


def test_it_is_written_at_the_command_line(invented: Path, tmp_path: Path, schema: dict[str, object]) -> None:
    result = CliRunner().invoke(app, ["checklists", "answer-schema", str(invented), "-o", str(tmp_path / "s.json")])
    assert (result.exit_code, result.output) == (0, "")
    assert json.loads((tmp_path / "s.json").read_text()) == schema
