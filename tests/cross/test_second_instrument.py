"""A checklist on an invented convention goes the whole way: nothing in the service knows resolution 73/11."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from conftest import ROOT, World
from pdf_reading import flat, texts
from service.catalogue.loader import load
from service.catalogue.lock import lock_bytes
from service.catalogue.oscal import from_oscal
from service.catalogue.store import publish
from stocktake import verify

STATE_ANSWERS: dict[str, object] = {
    "coast.tides": ["spring", "neap"],
    "a2.count": 3,
    "a2.law": "partial",
    "a2.silent": 90,
    "a3.warden": 3,
    "a3.practice": "2026-03-01",
    "a3.words": "A longer rope.",
}
SITE_ANSWERS: dict[str, dict[str, object]] = {
    "A01": {"a2.site.bell": "automatic", "a2.site.rung": 99},
    "A02": {"a2.site.bell": "none", "a2.site.rung": 50},
}
PROOF = {"title": "A book", "grade": 2, "dated": "2026-02-01"}
FIELD = re.compile(
    r"73[/-]11|unga|INTERPOL|SLTD|TDAWN|I-24/7|\b(?:NCB|FIND|MIND)\b|General Assembly|National Central Bureau"
)
"""Words that only resolution 73/11 and its checklist bring."""


@pytest.fixture
def caller(world: World, invented: Path) -> TestClient:
    """Somebody of a state with two sites, where the invented checklist is published beside the real one."""
    with world.publishing() as connection:
        assert publish(connection, lock_bytes(load(invented).checklist), datetime(2026, 1, 2, tzinfo=UTC))
    return world.state("QZA", sites=2)


@pytest.fixture
def assessment(caller: TestClient) -> str:
    """The path of an assessment in which everything is answered."""
    opened = caller.post("/v1/states/QZA/assessments", json={"checklist": "tide-bells", "cycle": "2026"})
    assert opened.status_code == 201, opened.text
    path = f"/v1/assessments/{opened.json()['id']}"
    rows = [{"question": name, "value": value, "evidence": [PROOF]} for name, value in STATE_ANSWERS.items()]
    rows += [
        {"question": name, "site": site, "value": value, "evidence": [PROOF]}
        for site, answers in SITE_ANSWERS.items()
        for name, value in answers.items()
    ]
    schema = caller.get("/v1/checklists/tide-bells/answers.schema.json", params={"version": "0.3.0"})
    assert Draft202012Validator(schema.json()).is_valid({"rows": rows})
    written = caller.post(f"{path}/answers", json={"rows": rows})
    assert [row["outcome"] for row in written.json()["rows"]] == ["created"] * 11, written.text
    return path


def test_it_is_scored(caller: TestClient, assessment: str) -> None:
    scores = caller.get(f"{assessment}/scores").json()
    by_paragraph = {one["paragraph"]: one for one in scores["paragraphs"]}
    # in place: law 2 of 4 (weight 2), bells (4 + 0) / 2 of 4 (weight 3)
    assert by_paragraph["a2"]["in_place"]["low"] == "1/2"
    # in use: silence 2 of 4 (weight 3), rung 4 at the one quay with a bell (weight 2)
    assert by_paragraph["a2"]["in_use"]["low"] == "7/10"
    assert by_paragraph["a3"]["in_place"]["low"] == "3/4"
    assert {gap["question"] for gap in caller.get(f"{assessment}/gaps").json()["items"]} >= {"a2.law", "a2.site.bell"}
    checks = caller.get(f"{assessment}/checks").json()
    assert [(one["check"], one["sites"]) for one in checks["results"]] == [
        ("rung_without_bell", ["A02"]),
        ("more_bells_than_quays", []),
    ]
    assert caller.get(f"{assessment}/coverage").json()["sites"] == 2


def test_it_is_reported(caller: TestClient, assessment: str, world: World) -> None:
    export = caller.get(f"{assessment}/export.json")
    assert export.json()["checklist"]["id"] == "tide-bells"
    assert FIELD.search(export.text) is None
    if not world.database.is_sqlite:
        return  # setting it is slow, and it is made from the export on both
    report = caller.get(f"{assessment}/report.pdf")
    assert report.status_code == 200, report.text
    for file in (report.content, export.content):
        found = verify(file, expected=sha256(export.content).hexdigest())
        assert (found.outcome, found.kind) == ("verified", "draft")
    said = " ".join(texts(report.content))
    for words in ("the Tide Bell Convention", "Keeper of the National Bell Register", "Turn of the tide", "3 bells"):
        assert flat(words) in flat(said), words
    assert FIELD.search(said) is None


def test_its_catalog_is_served(caller: TestClient, invented: Path) -> None:
    catalog = caller.get("/v1/checklists/tide-bells/oscal.json")
    assert from_oscal(catalog.json()) == load(invented).checklist
    real = caller.get("/v1/checklists/unga-73-11/oscal.json", params={"version": "9.9.9"})
    assert (real.status_code, real.json()["code"]) == (404, "not_found")


# ── the source ───────────────────────────────────────────────────────────────────────────────────────────────────────


def told(text: str, questions: frozenset[str]) -> set[str]:
    """What of the real instrument a text names."""
    return set(FIELD.findall(text)) | {name for name in questions if re.search(rf"[\"'`/]{re.escape(name)}\b", text)}


@pytest.fixture(scope="module")
def questions() -> frozenset[str]:
    checklist = load(ROOT / "checklists" / "unga-73-11").checklist
    return frozenset(checklist.by_id())


def test_the_service_s_source_names_nothing_of_the_resolution(questions: frozenset[str]) -> None:
    files = [*(ROOT / "service").rglob("*.py"), *(ROOT / "service").rglob("*.typ")]
    assert len(files) > 80
    found = {file.relative_to(ROOT).as_posix(): told(file.read_text(encoding="utf-8"), questions) for file in files}
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "text", ["resolution 73/11", 'if question == "p9.site.mode":', "an NCB", "checklists/unga-73-11"]
)
def test_what_it_must_not_name_is_found(text: str, questions: frozenset[str]) -> None:
    assert told(text, questions)
    assert not told("_FIND = find(interpol_member)", questions)
