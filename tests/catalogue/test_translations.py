"""Translations beside a published version: what fits is stored, replaced when it changes, and given out at once."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import overlay_files
from conftest import World
from service.assessments import results
from service.catalogue import translations
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load
from service.catalogue.lock import digest, load_lock, lock_bytes
from service.catalogue.overlay import Entry, Overlay
from service.catalogue.store import Shelf, publish
from service.catalogue.texts import source_mark, texts, with_texts
from service.catalogue.translations import WantedLanguage
from service.cli import app
from stocktake.models.catalogue import ChecklistInLanguage

NOW = datetime(2026, 2, 1, tzinfo=UTC)
OTHERS = ("ar", "es", "fr", "ru", "zh")
WHY = "questions/profile.coast/why"
PLAN = "questions/p2.plan/title"


@pytest.fixture
def checklist(harbour: Path) -> Checklist:
    return load(harbour).checklist


def enter(world: World, checklist: Checklist, *overlays: Overlay) -> tuple[list[str], list[str]]:
    """Publish it with these translations, as the command does; the languages entered and those taken away."""
    with world.publishing() as connection:
        publish(connection, lock_bytes(checklist), NOW)
        new, gone = translations.replace(connection, checklist, overlays, NOW)
    return [one.language for one in new], gone


def every(checklist: Checklist, languages: Sequence[str] = OTHERS) -> list[Overlay]:
    return [overlay_files.overlay(checklist, language) for language in languages]


def read(caller: TestClient, wanted: str | None = None, header: str | None = None) -> ChecklistInLanguage:
    """The checklist in one language; the answer says which."""
    params = {} if wanted is None else {"language": wanted}
    answer = caller.get("/v1/checklists/harbour", params=params, headers={"accept-language": header or ""})
    assert answer.status_code == 200, answer.text
    view = ChecklistInLanguage.model_validate(answer.json())
    assert (answer.headers["content-language"], answer.headers["vary"]) == (view.language, "Accept-Language")
    return view


@pytest.mark.parametrize("language", ["ar", "zh"])
def test_a_checklist_is_read_in_another_language(world: World, checklist: Checklist, language: str) -> None:
    assert enter(world, checklist, *every(checklist)) == (list(OTHERS), [])
    caller, said = world.caller(), overlay_files.translations(checklist, language)
    source, found = read(caller), read(caller, language)
    assert (source.language, source.translation.status, source.translation.untranslated) == ("en", "source", [])
    assert source.translation.digest == source.digest == found.digest == digest(checklist)
    assert source.languages == found.languages == ["ar", "en", "es", "fr", "ru", "zh"]
    assert (found.language, found.quote_language, found.translation.status) == (language, "en", "unofficial")
    assert found.translation.digest != source.digest
    assert found.translation.untranslated == []
    plan = next(question for question in found.questions if question.id == "p2.plan")
    assert (plan.title, plan.evidence) == (said[PLAN], [said["questions/p2.plan/evidence/0"]])
    assert [option.text for option in plan.answer.options] == [
        said[f"questions/p2.plan/answer/descriptors/{level}"] for level in range(5)
    ]
    assert found.roles["keeper"] == said["roles/keeper/title"]
    assert list(found.units["lights"]) == (
        ["zero", "one", "two", "few", "many", "other"] if language == "ar" else ["other"]
    )


def test_what_is_no_text_is_the_same_in_every_language(world: World, checklist: Checklist) -> None:
    enter(world, checklist, *every(checklist))
    caller, said = world.caller(), {}
    for language in ("en", *OTHERS):
        said[language] = [
            (
                q.id,
                q.section,
                q.quote,
                q.verb,
                q.scope,
                q.weight,
                q.target,
                q.applies_when,
                [o.id for o in q.answer.options],
            )
            for q in read(caller, language).questions
        ]
    assert all(said[language] == said["en"] for language in OTHERS)


@pytest.mark.parametrize(
    ("wanted", "header", "given"),
    [
        (None, "fr", "fr"),
        (None, "fr-CH, de;q=0.9", "fr"),
        (None, "de, ru;q=0.8, en;q=0.5", "ru"),
        (None, "en;q=0.8, zh-Hans", "zh"),
        (None, "de", "en"),
        (None, "*", "en"),
        (None, "fr;q=0, ;;;, ar;q=x", "en"),
        ("es", "fr", "es"),
        ("zh-Hant", "fr", "zh"),
        ("de", "fr", "en"),
        ("", None, "en"),
    ],
)
def test_the_name_goes_before_the_header_and_the_unknown_falls_back(
    world: World, checklist: Checklist, wanted: str | None, header: str | None, given: str
) -> None:
    enter(world, checklist, *every(checklist))
    assert read(world.caller(), wanted, header).language == given


def test_a_checklist_of_another_source_falls_back_to_that(world: World, checklist: Checklist) -> None:
    french = checklist.model_copy(update={"head": checklist.head.model_copy(update={"language": "fr"})})
    enter(world, french, overlay_files.overlay(french, "es"))
    caller = world.caller()
    assert [read(caller, wanted).language for wanted in ("de", "en", "es", None)] == ["fr", "fr", "es", "fr"]
    assert read(caller, None, "en, es;q=0.5").language == "es"


def test_only_what_fits_is_stored_and_the_rest_is_named(world: World, checklist: Checklist) -> None:
    made = overlay_files.overlay(checklist, "fr")
    texts_of = dict(made.texts)
    texts_of[WHY] = Entry(of=source_mark("Earlier."), text="Ancien.")
    texts_of[PLAN] = texts_of[PLAN].model_copy(update={"status": "todo"})
    texts_of["questions/gone/why"] = Entry(of=source_mark("Gone."), text="Disparu.")
    enter(world, checklist, made.model_copy(update={"texts": texts_of}))
    found = read(world.caller(), "fr")
    assert found.translation.untranslated == [WHY, PLAN]
    coast, plan = (next(q for q in found.questions if q.id == of) for of in ("profile.coast", "p2.plan"))
    assert (coast.why, plan.title) == ("Without one there are no harbours.", "Plan")
    assert coast.title == made.texts["questions/profile.coast/title"].text


def test_reviewed_is_what_is_reviewed_throughout(world: World, checklist: Checklist) -> None:
    made = overlay_files.overlay(checklist, "fr").model_copy(update={"status": "reviewed"})
    caller = world.caller()
    enter(world, checklist, made)
    assert read(caller, "fr").translation.status == "reviewed"
    draft = {**made.texts, WHY: made.texts[WHY].model_copy(update={"status": "draft"})}
    enter(world, checklist, made.model_copy(update={"texts": draft}))
    assert read(caller, "fr").translation.status == "unofficial"


def test_a_mended_translation_is_given_out_without_a_restart(world: World, checklist: Checklist) -> None:
    caller, made = world.caller(), overlay_files.overlay(checklist, "fr")
    enter(world, checklist, made)
    first = read(caller, "fr")
    mended = {**made.texts, "title": made.texts["title"].model_copy(update={"text": "Feux des ports"})}
    assert enter(world, checklist, made) == ([], []), "the same again changes nothing"
    assert read(caller, "fr") == first
    assert enter(
        world, checklist, made.model_copy(update={"texts": mended}), overlay_files.overlay(checklist, "ru")
    ) == (
        ["fr", "ru"],
        [],
    )
    second = read(caller, "fr")
    assert (second.title, second.digest, second.languages) == ("Feux des ports", first.digest, ["en", "fr", "ru"])
    assert second.translation.digest != first.translation.digest
    assert enter(world, checklist, overlay_files.overlay(checklist, "ru")) == ([], ["fr"])
    assert read(caller, "fr").language == "en"


def test_an_overlay_without_a_fitting_text_is_no_translation(world: World, checklist: Checklist) -> None:
    nothing = Overlay(format="language/1", language="fr", status="draft", texts={})
    own = overlay_files.overlay(checklist, "fr").model_copy(update={"language": "en"})
    assert enter(world, checklist, nothing, own) == ([], [])
    assert read(world.caller(), "fr").languages == ["en"]


def test_the_list_says_the_languages_of_each(world: World, checklist: Checklist) -> None:
    enter(world, checklist, *every(checklist, ["zh", "ar"]))
    listed = {one["id"]: one["languages"] for one in world.caller().get("/v1/checklists").json()["items"]}
    assert listed["harbour"] == ["ar", "en", "zh"]
    assert "en" in listed["unga-73-11"]


def test_a_shelf_reads_a_translation_once(world: World, checklist: Checklist) -> None:
    enter(world, checklist, *every(checklist))
    shelf = Shelf()
    with world.database.transaction(writes=False, state="QZA") as connection:
        wanted = WantedLanguage("fr")
        first = shelf.checklist(connection, digest(checklist), wanted)
        assert shelf.checklist(connection, digest(checklist), wanted) is first
        assert shelf.checklist(connection, digest(checklist)) is shelf.checklist(
            connection, digest(checklist), WantedLanguage("de")
        )
        assert first.by_id()["p2.plan"].title == overlay_files.translations(checklist, "fr")[PLAN]


def test_a_translated_checklist_forgets_what_its_source_had_worked_out(checklist: Checklist) -> None:
    assert checklist.by_id()["p2.plan"].title == "Plan"
    assert with_texts(checklist, {PLAN: "Projet"}).by_id()["p2.plan"].title == "Projet"
    assert with_texts(checklist, {}) == checklist
    assert texts(with_texts(checklist, {PLAN: "Projet"})) == texts(checklist) | {PLAN: "Projet"}


# ── what follows from answers ────────────────────────────────────────────────────────────────────────────────────────


def filled(world: World) -> tuple[TestClient, str]:
    """An assessment on harbour lights with answers that give gaps, a check and figures."""
    caller = world.state(sites=0)
    for code in ("P1", "P2"):
        site = {"code": code, "name": f"Port {code}", "type": "seaport"}
        assert caller.post("/v1/states/QZA/sites", json=site).status_code == 201
    opened = caller.post("/v1/states/QZA/assessments", json={"checklist": "harbour", "cycle": "2026"})
    url = f"/v1/assessments/{opened.json()['id']}"
    rows = [
        {"question": "profile.coast", "value": "yes"},
        {"question": "p2.lit", "value": 7},
        {"question": "p2.plan", "value": 0},
        {"question": "p2.delay", "value": 30},
        {"question": "p2.site.light", "site": "P1", "value": "electric"},
        {"question": "p2.site.light", "site": "P2", "value": "none"},
    ]
    assert caller.post(f"{url}/answers", json={"rows": rows}).json()["refused"] == 0
    return caller, url


def test_scores_are_the_same_in_six_languages(world: World, checklist: Checklist) -> None:
    enter(world, checklist, *every(checklist))
    caller, url = filled(world)
    assessment = UUID(caller.get(url).json()["id"])
    scores, computed = set(), set()
    for language in ("en", *OTHERS):
        scores.add(caller.get(f"{url}/scores", headers={"accept-language": language}).text)
        with world.database.transaction(writes=False, state="QZA") as connection:
            read_ = results.read(connection, Shelf(), "QZA", assessment, WantedLanguage(language))
            assert read_.language == language
            computed.add(read_.scores().model_dump_json())
    assert len(scores) == len(computed) == 1
    assert scores == computed
    changed = caller.put(f"{url}/answers/p2.plan", json={"value": 4}, headers={"if-match": "*"})
    assert changed.status_code == 200
    assert caller.get(f"{url}/scores").text not in scores


def test_what_is_listed_of_an_assessment_is_in_the_language_and_says_the_same(
    world: World, checklist: Checklist
) -> None:
    enter(world, checklist, *every(checklist, ["ar"]))
    caller, url = filled(world)
    said = overlay_files.translations(checklist, "ar")
    source_of = {said[key]: text for key, text in texts(checklist).items()}
    for part in ("questions", "gaps", "checks", "coverage"):
        english = caller.get(f"{url}/{part}")
        arabic = caller.get(f"{url}/{part}", headers={"accept-language": "ar, en;q=0.1"})
        assert arabic.json() == caller.get(f"{url}/{part}", params={"language": "ar"}).json()
        assert [a.headers["content-language"] for a in (english, arabic)] == ["en", "ar"]
        assert arabic.headers["vary"] == "Accept-Language"
        assert arabic.json() != english.json()
        assert back(arabic.json(), source_of) == back(english.json(), {}), part
    item = caller.get(f"{url}/questions", params={"language": "ar", "site": "P1"}).json()["items"][0]
    assert item["title"] == said["questions/p2.site.light/title"]
    found = caller.get(f"{url}/checks", params={"language": "ar"}).json()
    assert found["results"][0]["message"] in said.values()
    assert "من المواقع" in next(one["display"] for one in found["indicators"] if one["indicator"] == "lit_share")


def back(value: object, source_of: dict[str, str]) -> object:
    """The same with every translation turned back; a figure is shown in the service's own words, with its numbers."""
    match value:
        case {"display": str(display), **others}:
            figures = sorted(re.findall(r"[0-9.,]+", display))
            return {"display": figures, **{key: back(below, source_of) for key, below in others.items()}}
        case dict():
            return {key: back(below, source_of) for key, below in value.items()}
        case list():
            return [back(below, source_of) for below in value]
        case str():
            for said in sorted(source_of, key=len, reverse=True):
                value = value.replace(said, source_of[said])
            return value
        case _:
            return value


# ── publishing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def run(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", world.owner_url)
    result = CliRunner().invoke(app, ["checklists", "publish", str(folder)])
    return result.exit_code, result.output


def test_publishing_enters_the_translations_beside_the_lock(
    world: World, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (harbour / "checklist.lock.json").write_bytes(lock_bytes(load(harbour).checklist))
    assert run(world, harbour, monkeypatch) == (0, "harbour: published\n")
    path = overlay_files.write(harbour, "fr")
    total = len(texts(load(harbour).checklist))
    stored = f"harbour: was published already\nharbour: fr, {total} of {total} texts, unofficial\n"
    assert run(world, harbour, monkeypatch) == (0, stored)
    assert run(world, harbour, monkeypatch) == (0, "harbour: was published already\n")
    assert read(world.caller(), "fr").language == "fr"
    path.unlink()
    assert run(world, harbour, monkeypatch)[1].endswith("harbour: fr taken away\n")
    (harbour / "languages" / "fr.yaml").write_text("format: language/1\n")
    code, output = run(world, harbour, monkeypatch)
    assert (code, "fr.yaml:1: language is missing" in output) == (1, True)


def test_texts_of_the_next_version_do_not_reach_the_published_one(
    world: World, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (harbour / "checklist.lock.json").write_bytes(lock_bytes(load(harbour).checklist))
    file = harbour / "questions" / "01-profile.yaml"
    file.write_text(file.read_text().replace("Without one there are no harbours.", "No coast, no harbours."))
    overlay_files.write(harbour, "fr")
    run(world, harbour, monkeypatch)
    found = read(world.caller(), "fr")
    assert found.translation.untranslated == [WHY]
    assert found.questions[0].why == "Without one there are no harbours."


def test_the_first_version_s_lock_still_loads_and_is_published_with_its_digest(world: World, content: Path) -> None:
    lock = (content / "migrations" / "1.0.0.lock.json").read_bytes()
    checklist, before = load_lock(lock)
    with world.publishing() as connection:
        publish(connection, lock, NOW)
    caller = world.caller()
    found = caller.get("/v1/checklists/unga-73-11", params={"version": "1.0.0", "language": "ru"}).json()
    assert (found["digest"], found["language"], checklist.head.languages) == (before, "en", ())
