"""A report of a translated checklist, over the API: its texts, their marks, and what stays the same beside them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from starlette.testclient import TestClient

import overlay_files
from conftest import World
from pdf_reading import attached, flat
from pdf_reading import texts as pages
from service.catalogue import translations
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load
from service.catalogue.lock import lock_bytes
from service.catalogue.overlay import Overlay
from service.catalogue.store import Shelf, publish
from service.catalogue.texts import texts
from service.languages.words import LANGUAGES, words_of
from service.reports import content
from service.reports.translation import printed
from service.reports.usecases import Told, tell

NOW = datetime(2026, 2, 1, tzinfo=UTC)
OTHERS = sorted(set(LANGUAGES) - {"en"})
TITLE = "questions/a2.count/title"
FORMS = "units/bells/forms"


@pytest.fixture
def checklist(invented: Path) -> Checklist:
    return load(invented).checklist


@pytest.fixture
def caller(world: World, checklist: Checklist) -> TestClient:
    with world.publishing() as connection:
        publish(connection, lock_bytes(checklist), NOW)
    return world.state("QZA", sites=2)


@pytest.fixture
def assessment(caller: TestClient) -> str:
    """The id of one with an answer that has a unit."""
    opened = caller.post("/v1/states/QZA/assessments", json={"checklist": "tide-bells", "cycle": "2026"})
    rows = [{"question": "a2.count", "value": 5}, {"question": "a2.law", "value": "partial"}]
    written = caller.post(f"/v1/assessments/{opened.json()['id']}/answers", json={"rows": rows})
    assert written.json()["refused"] == 0
    return str(opened.json()["id"])


def enter(world: World, checklist: Checklist, *overlays: Overlay) -> None:
    with world.publishing() as connection:
        translations.replace(connection, checklist, overlays, NOW)


def told(world: World, assessment: str, language: str) -> Told:
    with world.database.transaction(writes=False, state="QZA") as connection:
        return tell(connection, Shelf(), "QZA", UUID(assessment), language)


def said(of: Told) -> str:
    document = content.build(of.export, of.wording, of.seal)
    return json.dumps(document, ensure_ascii=False)


def marked_unit(checklist: Checklist, language: str) -> Mapping[str, str]:
    """The forms of a unit that fell back, by the plural category of the report's language."""
    source = translations.Translated(checklist, "source", "", ())
    there, _ = printed(checklist, source, language)
    unit = next(unit for unit in there.head.units if unit.id == "bells")
    return words_of(language).forms(unit.forms)


# ── the texts of the checklist ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", OTHERS)
def test_the_texts_are_those_of_the_translation_and_the_export_is_not(
    world: World, checklist: Checklist, assessment: str, language: str
) -> None:
    enter(world, checklist, *(overlay_files.overlay(checklist, other) for other in OTHERS))
    english, here = told(world, assessment, "en"), told(world, assessment, language)
    assert (here.seal, here.moment) == (english.seal, english.moment)
    assert here.attached == told(world, assessment, "fr").attached
    assert (here.wording.status, here.wording.fallen_back, here.wording.authentic) == ("unofficial", 0, "en")
    texts_of = overlay_files.translations(checklist, language)
    titles = {question.id: question.title for question in here.export.checklist.questions}
    assert titles["a2.count"] == texts_of[TITLE]
    assert {gap.title for gap in here.export.gaps} <= set(texts_of.values())
    assert {step.title for step in here.export.coverage.steps} <= set(texts_of.values())
    assert {one.title for one in here.export.checks.indicators} <= set(texts_of.values())
    assert [gap.question for gap in here.export.gaps] == [gap.question for gap in english.export.gaps]
    assert here.export.scores == english.export.scores
    document = said(here)
    assert f"5 {words_of(language).unit(texts_of[FORMS], 5)}" in document
    assert f"{texts_of['questions/a2.law/text']}" in document
    assert only_quotes_are_marked(document, checklist)


def only_quotes_are_marked(document: str, checklist: Checklist) -> bool:
    """Whether every mark stands behind words of the instrument."""
    quotes = [checklist.instrument.title, *(text for p in checklist.instrument.paragraphs for text in (p.text, p.verb))]
    for quote in sorted(quotes, key=len, reverse=True):
        document = document.replace(json.dumps(f"{quote}\u00a0[en]", ensure_ascii=False)[1:-1], "")
    return "\u00a0[en]" not in document


def test_english_takes_the_forms_of_its_units(world: World, assessment: str) -> None:
    assert "5 bells" in said(told(world, assessment, "en"))


# ── what has no translation ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_text_without_a_translation_is_marked_and_counted(
    world: World, checklist: Checklist, assessment: str
) -> None:
    given = overlay_files.translations(checklist, "fr")
    for key in (TITLE, FORMS):
        del given[key]
    enter(world, checklist, overlay_files.overlay(checklist, "fr", given))
    here = told(world, assessment, "fr")
    title = texts(checklist)[TITLE]
    assert (here.wording.fallen_back, here.wording.translated) == (2, True)
    document = said(here)
    assert f"{title}\u00a0[en]" in document
    assert "5 bells\u00a0[en]" in document
    assert not only_quotes_are_marked(document, checklist)
    assert "2 textes du questionnaire ne sont pas encore traduits" in document
    whole = overlay_files.overlay(checklist, "fr")
    enter(world, checklist, whole)
    assert "pas encore traduit" not in said(told(world, assessment, "fr"))


def test_a_language_that_is_not_stored_falls_back_marked(world: World, checklist: Checklist, assessment: str) -> None:
    here = told(world, assessment, "ru")
    assert (here.wording.status, here.wording.translated) == ("source", False)
    assert here.wording.fallen_back == len(texts(checklist))
    assert all(question.title.endswith("\u00a0[en]") for question in here.export.checklist.questions)
    document = said(here)
    assert "Перевода контрольного перечня на язык этого доклада нет" in document
    assert "Неофициальный перевод" not in document
    assert "Сводка" in document
    assert here.seal == told(world, assessment, "en").seal


def test_a_unit_that_fell_back_has_a_form_for_every_number(checklist: Checklist) -> None:
    assert set(marked_unit(checklist, "ar").values()) == {"bell\u00a0[en]", "bells\u00a0[en]"}
    assert marked_unit(checklist, "ru") == {
        "one": "bell\u00a0[en]",
        "few": "bells\u00a0[en]",
        "many": "bells\u00a0[en]",
        "other": "bells\u00a0[en]",
    }
    assert marked_unit(checklist, "zh") == {"other": "bells\u00a0[en]"}


def test_a_text_without_letters_needs_no_mark(checklist: Checklist) -> None:
    source = translations.Translated(checklist, "source", "", ())
    there, _ = printed(checklist, source, "fr")
    units = {one.id: one.unit for one in there.head.indicators}
    assert units == {"bells_per_quay": "%", "silence": "minutes\u00a0[en]"}


def test_the_checklist_s_own_language_is_printed_as_it_is(checklist: Checklist) -> None:
    source = translations.Translated(checklist, "source", "", ())
    there, wording = printed(checklist, source, "en")
    assert there is checklist
    assert (wording.status, wording.fallen_back, wording.translated) == ("source", 0, True)


# ── over the API ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_report_is_given_in_the_language_asked_for(
    world: World, caller: TestClient, checklist: Checklist, assessment: str
) -> None:
    if not world.database.is_sqlite:
        return  # setting it is slow, and it is made from the same export on both
    path = f"/v1/assessments/{assessment}"
    reviewed = overlay_files.overlay(checklist, "fr").model_copy(update={"status": "reviewed"})
    enter(world, checklist, overlay_files.overlay(checklist, "ar"), reviewed)
    export = caller.get(f"{path}/export.json")
    for language, name in (("ar", "ar"), ("fr", "fr"), ("zh", "zh")):
        report = caller.get(f"{path}/report.pdf", params={"language": language})
        assert report.status_code == 200, report.text
        assert report.headers["content-language"] == language
        assert report.headers["content-disposition"] == f'attachment; filename="QZA-2026-national-{name}.pdf"'
        assert attached(report.content)["export.json"] == [export.content]
        said_ = flat("".join(pages(report.content)))
        assert (flat("Traduction non officielle") in said_) is False
        assert (flat("[en]") in said_) is True  # the instrument's own words at least
    reports = caller.get(f"{path}/report.pdf", params={"language": "fr"})
    enter(world, checklist, overlay_files.overlay(checklist, "fr"))
    draft = caller.get(f"{path}/report.pdf", params={"language": "fr"})
    assert flat("Traduction non officielle") in flat(pages(draft.content)[0] + pages(draft.content)[1])
    assert flat("Traduction non officielle") not in flat("".join(pages(reports.content)))


def test_a_language_there_is_no_report_in_is_refused(caller: TestClient, assessment: str) -> None:
    refused = caller.get(f"/v1/assessments/{assessment}/report.pdf", params={"language": "de"})
    assert refused.status_code == 422
    assert cast("list[dict[str, str]]", refused.json()["errors"])[0]["at"] == "query:language"
