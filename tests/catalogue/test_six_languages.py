"""The project's own checklist in six languages: whole, fresh, read through the API, and of no effect on a score."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from conftest import ROOT, World
from service.assessments import results
from service.catalogue import translations
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load, load_translations
from service.catalogue.overlay import Overlay, fitting, missing, stale, unknown
from service.catalogue.question import Choice, Choices, Day, Question, Text, YesPartialNo
from service.catalogue.store import Shelf
from service.catalogue.texts import texts
from service.catalogue.translations import WantedLanguage
from stocktake.models.catalogue import ChecklistInLanguage

CONTENT = ROOT / "checklists" / "unga-73-11"
OTHERS = ("ar", "es", "fr", "ru", "zh")
NOW = datetime(2026, 2, 1, tzinfo=UTC)
OWN_SCRIPT = {
    "ar": re.compile("[\u0621-\u064a]{2}"),
    "ru": re.compile("[А-яё]{2}"),
    "zh": re.compile("[\u4e00-\u9fff]"),
}
"""What a text in this language has, were it only one word beside codes."""
DESCRIPTOR = re.compile(r"(questions/[^/]+/answer)/(?:descriptors/|options/|yes|partial|no$)")


@pytest.fixture(scope="module")
def checklist() -> Checklist:
    return load(CONTENT).checklist


@pytest.fixture(scope="module")
def overlays() -> Mapping[str, Overlay]:
    """The files as they stand, read once."""
    found = load_translations(CONTENT)
    assert found.findings == ()
    return {overlay.language: overlay for overlay, _ in found.overlays}


@pytest.fixture
def caller(world: World, checklist: Checklist, overlays: Mapping[str, Overlay]) -> TestClient:
    """Somebody of a state with two airports, where the translations are published beside the version."""
    with world.publishing() as connection:
        new, _ = translations.replace(connection, checklist, overlays.values(), NOW)
    assert [one.language for one in new] == list(OTHERS)
    return world.state("QZA", sites=2)


def lacking(checklist: Checklist, overlay: Overlay) -> set[str]:
    """The keys of texts that are missing or stale, and of those the checklist no longer has."""
    sources = texts(checklist)
    return {*missing(overlay, sources), *stale(overlay, sources), *unknown(overlay, sources)}


# ── the files ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_all_six_languages_are_whole_and_fresh(checklist: Checklist, overlays: Mapping[str, Overlay]) -> None:
    assert tuple(overlays) == checklist.head.languages == OTHERS
    for language, overlay in overlays.items():
        assert lacking(checklist, overlay) == set(), language
    changed = checklist.head.model_copy(update={"title": "Another title"})
    other = Checklist.model_construct(
        head=changed, instrument=checklist.instrument, questions=checklist.questions[1:], section_of={}
    )
    assert "title" in lacking(other, overlays["fr"])
    assert f"questions/{checklist.questions[0].id}/text" in lacking(other, overlays["fr"])


def test_no_two_texts_share_a_key(checklist: Checklist) -> None:
    steps = [key for key in texts(checklist) if key.startswith("funnel/")]
    assert len(steps) == len(checklist.head.funnel)


@pytest.mark.parametrize("language", OWN_SCRIPT)
def test_every_text_is_in_the_script_of_its_language(overlays: Mapping[str, Overlay], language: str) -> None:
    script = OWN_SCRIPT[language]
    foreign = {key for key, entry in overlays[language].texts.items() if not script.search(entry.text)}
    codes = {key for key in foreign if re.fullmatch(r"[A-Za-z0-9%/ -]{1,12}", overlays[language].texts[key].text)}
    assert foreign == codes, "only codes and signs are written alike in every language"
    assert not any(script.search(entry.text) for entry in overlays["es"].texts.values())


@pytest.mark.parametrize("language", OTHERS)
def test_levels_differ_from_one_another(overlays: Mapping[str, Overlay], language: str) -> None:
    together: dict[str, list[str]] = {}
    for key, entry in overlays[language].texts.items():
        if found := DESCRIPTOR.match(key):
            together.setdefault(found[1], []).append(entry.text)
    assert len(together) > 60
    assert {key for key, said in together.items() if len(set(said)) < len(said)} == set()


# ── through the API ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_it_is_read_in_arabic_and_in_chinese(
    caller: TestClient, checklist: Checklist, overlays: Mapping[str, Overlay], language: str
) -> None:
    said = fitting(overlays[language], texts(checklist))
    answer = caller.get("/v1/checklists/unga-73-11", headers={"accept-language": f"{language}, en;q=0.5"})
    assert answer.headers["content-language"] == language
    found = ChecklistInLanguage.model_validate(answer.json())
    assert (found.language, found.quote_language, found.title) == (language, "en", said["title"])
    assert (found.translation.status, found.translation.untranslated) == ("unofficial", [])
    assert found.languages == ["ar", "en", "es", "fr", "ru", "zh"]
    assert len(found.questions) == len(checklist.questions)
    script = OWN_SCRIPT[language]
    for question in found.questions:
        assert question.text == said[f"questions/{question.id}/text"]
        assert script.search(question.title + question.text)
        assert question.quote == checklist.question(question.id).quote, "the quoted paragraph stays authentic"
    source = ChecklistInLanguage.model_validate(caller.get("/v1/checklists/unga-73-11").json())
    assert (source.digest, source.language) == (found.digest, "en")
    assert not any(script.search(question.text) for question in source.questions)


def test_both_steps_on_one_question_have_their_own_title(caller: TestClient, world: World) -> None:
    path = f"/v1/assessments/{world.assessment(caller)}/coverage"
    for language in ("en", *OTHERS):
        titles = [step["title"] for step in caller.get(path, params={"language": language}).json()["steps"]]
        assert len(set(titles)) == len(titles) == 6


def test_scores_are_the_same_in_all_six_languages(caller: TestClient, world: World, checklist: Checklist) -> None:
    assessment = world.assessment(caller)
    path = f"/v1/assessments/{assessment}"
    answered = caller.post(f"{path}/answers", json={"rows": rows(checklist)})
    assert (answered.status_code, answered.json()["refused"]) == (200, 0), answered.text
    sent, computed = set(), set()
    for language in ("en", *OTHERS):
        sent.add(caller.get(f"{path}/scores", headers={"accept-language": language}).text)
        with world.database.transaction(writes=False, state="QZA") as connection:
            read = results.read(connection, Shelf(), "QZA", UUID(assessment), WantedLanguage(language))
        assert read.language == language
        computed.add(read.scores().model_dump_json())
    assert len(sent) == 1
    assert sent == computed
    assert '"insufficient"' not in caller.get(f"{path}/scores").text, "there is something to compare"
    better = caller.put(f"{path}/answers/p9.ext.plan", json={"value": 4}, headers={"if-match": "*"})
    assert better.status_code == 200, better.text
    assert caller.get(f"{path}/scores").text not in sent


def rows(checklist: Checklist) -> list[dict[str, object]]:
    """An answer to every question, those of a site for both."""
    return [
        {"question": question.id, "value": value(question)} | ({"site": site} if site else {})
        for question in checklist.questions
        for site in (("A01", "A02") if question.scope == "site" else ("",))
    ]


def value(question: Question) -> object:
    """One the question takes."""
    match question.answer:
        case Choice(options=options):
            taken: object = options[0].id
        case Choices(options=options):
            taken = [option.id for option in options if not option.alone]
        case YesPartialNo():
            taken = "partial"
        case Day():
            taken = "2026-01-31"
        case Text():
            taken = "A remark."
        case _:
            taken = 3
    return taken
