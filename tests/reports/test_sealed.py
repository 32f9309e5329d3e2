"""The report of an approved assessment: of its snapshot and nothing else, sealed, in every language."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from conftest import ROOT, World
from pdf_reading import attached, findings, flat, texts
from service.catalogue import translations
from service.catalogue.loader import load, load_translations
from service.catalogue.store import Shelf
from service.languages.words import words_of
from service.reports.seal import Seal
from service.reports.translation import retold
from service.reports.usecases import Told, tell
from service.reports.wording import Wording
from sign_off import House, house
from stocktake import verify
from stocktake.models.export import Export
from stocktake.models.snapshot import Snapshot

CHECKLIST = ROOT / "checklists" / "unga-73-11"
NOW = datetime(2026, 2, 1, tzinfo=UTC)
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
    french = told(world, of, "fr")
    kept = Snapshot.model_validate(json.loads(sealed_file(of))["snapshot"])
    assert french.seal == Seal(json.loads(sealed_file(of))["digest"], kept)
    assert (french.moment, french.attached) == (kept.approved_at, sealed_file(of))


def told(world: World, of: House, language: str) -> Told:
    with world.database.transaction(writes=False, state="QZA") as connection:
        return tell(connection, Shelf(), "QZA", UUID(of.assessment), language)


def translate(world: World) -> None:
    """Store the checklist's translations, as publishing does."""
    overlays = (overlay for overlay, _ in load_translations(CHECKLIST).overlays)
    with world.publishing() as connection:
        translations.replace(connection, load(CHECKLIST).checklist, overlays, NOW)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("language", ["ar", "en", "zh"])
def test_what_is_approved_is_told_as_the_draft_was(world: World, language: str) -> None:
    """Every figure with what it is of and every doubt, from the snapshot alone, in the words of the language."""
    translate(world)
    of = house(world)
    draft = told(world, of, language).export
    by_api = of.tool.get(f"{of.url}/checks", params={"language": language}).json()
    of.approved()
    approved = told(world, of, language).export
    assert (approved.checks, approved.coverage, approved.gaps) == (draft.checks, draft.coverage, draft.gaps)
    assert approved.checks.model_dump(mode="json") == by_api
    figures = {one.indicator: one for one in approved.checks.indicators}
    connected = figures["sites_connected"]
    assert (connected.part, connected.whole, connected.untold) == (1, 2, 1)
    assert {"1", "2"} <= set(connected.display)
    assert connected.warning is not None
    assert ("not known" in connected.warning) is (language == "en")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_was_approved_before_the_numbers_were_kept_is_told_as_far_as_it_goes(world: World) -> None:
    """A figure without what it is of; a doubt in the language it was kept in, marked."""
    translate(world)
    of = house(world)
    export = Export.model_validate_json(of.tool.get(f"{of.url}/export.json").content)
    kept = export.model_dump(mode="json")
    for figure in kept["checks"]["indicators"]:
        for member in ("part", "whole", "untold"):
            del figure[member]
    old = Export.model_validate(kept)
    chinese = told(world, of, "zh")
    checklist = load(CHECKLIST).checklist
    for exported, whole in ((export, True), (old, False)):
        parts = retold(exported, checklist, chinese.wording)
        said = Export.model_validate(exported.model_copy(update=parts)).checks.indicators
        connected = next(one for one in said if one.indicator == "sites_connected")
        assert ("2" in connected.display) is whole
        assert connected.display.startswith("50")
        assert (connected.warning or "").endswith("\u00a0[en]") is not whole


def test_texts_are_told_anew_and_figures_are_not(world: World) -> None:
    of = house(world)
    export = Export.model_validate_json(of.tool.get(f"{of.url}/export.json").content)
    checklist = load(CHECKLIST).checklist
    titled = checklist.model_copy(
        update={"questions": tuple(q.model_copy(update={"title": f"T {q.id}"}) for q in checklist.questions)}
    )
    here = export.model_copy(update=retold(export, titled, Wording(words_of("fr"), "en", "unofficial")))
    assert [gap.title for gap in here.gaps] == [f"T {gap.question}" for gap in export.gaps]
    assert [gap.model_copy(update={"title": ""}) for gap in here.gaps] == [
        gap.model_copy(update={"title": ""}) for gap in export.gaps
    ]
    assert [one.value for one in here.checks.indicators] == [one.value for one in export.checks.indicators]
    assert [step.reached for step in here.coverage.steps] == [step.reached for step in export.coverage.steps]
