"""The report of an approved assessment: of its snapshot and nothing else, sealed, in every language."""

import json
from uuid import UUID

import pytest

from conftest import ROOT, World
from pdf_reading import attached, findings, flat, texts
from service.catalogue.loader import load
from service.catalogue.store import Shelf
from service.languages.words import words_of
from service.reports.seal import Seal
from service.reports.translation import retold
from service.reports.usecases import tell
from service.reports.wording import Wording
from sign_off import House, house
from stocktake import verify
from stocktake.models.export import Export
from stocktake.models.snapshot import Snapshot

SITE = {"name": "Renamed since", "type": "airport", "travellers": 5}


def report(of: House, language: str = "en") -> bytes:
    answer = of.tool.get(f"{of.url}/report.pdf", params={"language": language})
    assert answer.status_code == 200, answer.text
    return answer.content


def sealed_file(of: House, revision: int = 1) -> bytes:
    return of.tool.get(f"{of.url}/snapshots/{revision}").content


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_approved_report_is_that_of_the_snapshot(world: World) -> None:
    of = house(world)
    draft = report(of)
    assert list(attached(draft)) == ["export.json"]
    of.approved()
    pdf = report(of)
    digest = json.loads(sealed_file(of))["digest"]
    assert attached(pdf) == {"sealed.json": [sealed_file(of)]}
    said = flat("".join(texts(pdf)))
    for shown in ("APPROVED", digest[:32], digest[32:], "coordinator", "Approvedbythestateon", "asrevision1"):
        assert shown in said, shown
    assert "DRAFT" in flat("".join(texts(draft)))
    assert "DRAFT" not in said
    assert verify(pdf, expected=digest).outcome == "verified"
    assert verify(pdf, expected="0" * 64).outcome == "wrong"
    assert findings(pdf, "3a") + findings(pdf, "ua1") == []
    # What changes in the register afterwards is not in it
    renamed = of.tool.put("/v1/states/QZA/sites/A01", json=SITE, headers={"if-match": "*"})
    assert renamed.status_code == 200
    assert report(of) == pdf
    # Opened again, it is a draft again, and says what stands now
    assert of.step("reopen", of.approver, reason="A number was read wrongly").status_code == 200
    again = report(of)
    assert list(attached(again)) == ["export.json"]
    assert "Renamedsince" in flat("".join(texts(again)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_seal_is_the_same_in_every_language(world: World) -> None:
    of = house(world)
    of.approved()
    for language in ("ar", "zh"):
        pdf = report(of, language)
        assert attached(pdf) == {"sealed.json": [sealed_file(of)]}
        assert findings(pdf, "3a") + findings(pdf, "ua1") == []


def test_both_databases_tell_the_snapshot(world: World) -> None:
    of = house(world)
    of.approved()
    with world.database.transaction(writes=False, state="QZA") as connection:
        told = tell(connection, Shelf(), "QZA", UUID(of.assessment), "fr")
    kept = Snapshot.model_validate(json.loads(sealed_file(of))["snapshot"])
    assert told.seal == Seal(json.loads(sealed_file(of))["digest"], kept)
    assert (told.moment, told.attached) == (kept.approved_at, sealed_file(of))


def test_texts_are_told_anew_and_figures_are_not(world: World) -> None:
    of = house(world)
    export = Export.model_validate_json(of.tool.get(f"{of.url}/export.json").content)
    checklist = load(ROOT / "checklists" / "unga-73-11").checklist
    titled = checklist.model_copy(
        update={"questions": tuple(q.model_copy(update={"title": f"T {q.id}"}) for q in checklist.questions)}
    )
    told = export.model_copy(update=retold(export, titled, Wording(words_of("fr"), "en", "unofficial")))
    assert [gap.title for gap in told.gaps] == [f"T {gap.question}" for gap in export.gaps]
    assert [gap.model_copy(update={"title": ""}) for gap in told.gaps] == [
        gap.model_copy(update={"title": ""}) for gap in export.gaps
    ]
    assert [one.value for one in told.checks.indicators] == [one.value for one in export.checks.indicators]
    assert [step.reached for step in told.coverage.steps] == [step.reached for step in export.coverage.steps]
