"""A checklist as an OSCAL catalog and back: nothing is lost, whatever the fields; what is no checklist is refused."""

import copy
import json
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from service.catalogue import oscal, oscal_parts
from service.catalogue.checklist import Checklist, Head, Term
from service.catalogue.formatting import format_folder
from service.catalogue.instrument import Part, Prose
from service.catalogue.loader import load
from service.catalogue.lock import digest, load_lock
from service.catalogue.oscal import Layout, WrongCatalog, from_oscal, layout_of, to_oscal
from service.catalogue.oscal_files import files, layout
from service.catalogue.oscal_parts import fields, marked, pieces, plain, properties
from service.cli import app

Catalog = dict[str, Any]  # as JSON gives it


def sent(data: object) -> Catalog:
    """What another program reads."""
    return cast("Catalog", json.loads(json.dumps(data)))


@pytest.fixture(params=["content", "invented", "harbour"])
def folder(request: pytest.FixtureRequest) -> Path:
    """This project's checklist, and two that nothing in the service knows."""
    found: Path = request.getfixturevalue(request.param)
    return found


def test_a_checklist_comes_back_whole(folder: Path) -> None:
    checklist = load(folder).checklist
    again = from_oscal(sent(to_oscal(checklist)))
    assert again == checklist
    assert digest(again) == digest(checklist)


def test_the_files_come_back_byte_by_byte(folder: Path) -> None:
    loaded = load(folder)
    data = sent(to_oscal(loaded.checklist, layout(loaded)))
    written = files(from_oscal(data), layout_of(data))
    formatted = {path.relative_to(folder).as_posix(): after for path, _, after in format_folder(folder)}
    beside = ("migrations/", "languages/")  # maps and translations are no part of a version
    assert written == {name: after for name, after in formatted.items() if not name.startswith(beside)}


def test_an_earlier_version_is_written_from_its_lock(content: Path) -> None:
    (lock, *_) = sorted((content / "migrations").glob("*.lock.json"))
    checklist, _ = load_lock(lock.read_bytes())
    assert from_oscal(sent(to_oscal(checklist))) == checklist


def test_the_same_content_gives_the_same_catalog_wherever_it_was_read(harbour: Path) -> None:
    from_files = load(harbour).checklist
    from_lock = Checklist.model_validate_json(from_files.model_dump_json(by_alias=True))
    assert to_oscal(from_lock) == to_oscal(from_files)


def test_ids_are_made_of_the_content(harbour: Path) -> None:
    checklist = load(harbour).checklist
    first, same = to_oscal(checklist)["catalog"], to_oscal(checklist)["catalog"]
    other = changed_head(checklist, release_notes="Other words.")
    second = to_oscal(other)["catalog"]
    assert first == same
    uuids = [cast("Catalog", catalog)["uuid"] for catalog in (first, second)]
    assert uuids[0] != uuids[1]
    assert {UUID(uuid).version for uuid in uuids} == {5}
    assert cast("Catalog", first)["back-matter"] == cast("Catalog", second)["back-matter"]


def test_it_is_oscal_that_people_can_read(harbour: Path) -> None:
    loaded = load(harbour)
    catalog = sent(to_oscal(loaded.checklist))["catalog"]
    question = loaded.checklist.by_id()["p2.plan"]
    (lights,) = (group for group in catalog["groups"] if group["id"] == "lights")
    (control,) = (control for control in lights["controls"] if control["id"] == "p2.plan")
    prose = {part["name"]: part.get("prose") for part in control["parts"]}
    assert control["title"] == question.title
    assert prose["statement"] == question.text
    assert prose["guidance"] == question.guidance
    assert prose["quote"] == question.quote
    (objective,) = (part for part in control["parts"] if part["name"] == "assessment-objective")
    levels = [part["prose"] for part in objective["parts"][0]["parts"]]
    assert levels == list(cast("Any", question.answer).descriptors)
    resources = {f"#{resource['uuid']}": resource for resource in catalog["back-matter"]["resources"]}
    assert resources[control["links"][0]["href"]]["description"] == loaded.checklist.instrument.paragraph("p2").text
    assert catalog["metadata"]["last-modified"] == "1931-05-04T00:00:00Z"
    released = changed_head(loaded.checklist, released="2026-02-01")
    assert sent(to_oscal(released))["catalog"]["metadata"]["last-modified"] == "2026-02-01T00:00:00Z"


def changed_head(checklist: Checklist, **changes: object) -> Checklist:
    head = Head.model_validate(checklist.head.model_dump(by_alias=True) | changes)
    return checklist.model_copy(update={"head": head})


# ── whatever the fields ──────────────────────────────────────────────────────────────────────────────────────────────


class Hint(Part):
    """A kind of part that nobody has thought of."""

    text: Prose
    level: int | None = None


class LaterHead(Head):
    motto: str | None = None
    hints: tuple[Hint, ...] = ()
    names: tuple[str, ...] = ()
    more: tuple[Term, ...] = ()
    table: dict[str, list[int]] | None = None


class LaterChecklist(Checklist):
    head: LaterHead
    languages: tuple[str, ...] = ()


def test_a_field_that_comes_later_is_not_lost(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oscal, "Checklist", LaterChecklist)
    before = load(harbour).checklist
    head = before.head.model_dump(by_alias=True) | {
        "motto": " two\n\nlines\u00a0* ",
        "hints": [{"text": "One _word_", "level": 3}, {"text": "Two"}],
        "names": ["only one"],
        "more": [{"id": "x", "term": "A *star*", "meaning": "What *it* means"}],
        "table": {"a": [1, 2], "b": []},
    }
    later = LaterChecklist.model_validate(
        before.model_dump(by_alias=True) | {"head": head, "languages": ["qaa", "qab"]}, by_alias=True, by_name=False
    )
    again = from_oscal(sent(to_oscal(later)))
    assert again == later
    assert again.head.hints[0].text == "One _word_"


def test_an_export_that_would_lose_something_is_not_made(harbour: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checklist = load(harbour).checklist
    kept = oscal_parts.properties
    monkeypatch.setattr(oscal_parts, "properties", lambda name, value: () if name == "also" else kept(name, value))
    with pytest.raises(AssertionError, match="would not give the checklist back"):
        to_oscal(checklist)


TEXT = st.text(min_size=1).filter(lambda text: text == text.strip() != "")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(), below, max_size=4),
    max_leaves=8,
)


@given(TEXT)
def test_text_is_the_same_behind_markup(text: str) -> None:
    assert plain(marked(text)) == text


@given(VALUES)
def test_any_value_survives_as_props(value: object) -> None:
    props = list(properties("name", value))
    assert all(prop.value.isprintable() and prop.value.strip() == prop.value != "" for prop in props)
    assert as_yaml(fields(props, ())["name"]) == as_yaml(value)


def as_yaml(value: object) -> object:
    """Scalars as the texts that YAML gives, from which the types read them."""
    match value:
        case list():
            return [as_yaml(below) for below in value]
        case dict():
            return {key: as_yaml(below) for key, below in value.items()}
        case bool() | int():
            return str(value).lower()
        case _:
            return value


@given(TEXT, TEXT)
def test_any_words_survive_in_parts(term: str, meaning: str) -> None:
    class Words(Part):
        glossary: tuple[Term, ...]

    part = Term.model_construct(id="x", term=term, meaning=meaning)
    _, passages = pieces(Words.model_construct(glossary=(part,)))
    assert fields((), passages)["glossary"] == [{"id": "x", "term": term, "meaning": meaning}]


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("data", [None, [], {}, {"catalog": {}}, {"catalog": {"uuid": "x", "metadata": {}}}])
def test_what_is_no_catalog_is_refused(data: object) -> None:
    with pytest.raises(WrongCatalog, match="no OSCAL catalog"):
        from_oscal(data)


def test_a_catalog_of_others_is_refused(harbour: Path) -> None:
    data = sent(to_oscal(load(harbour).checklist))
    text = json.dumps(data).replace(oscal_parts.NS, "urn:somebody:else")
    with pytest.raises(WrongCatalog, match="no checklist of ours"):
        from_oscal(json.loads(text))


def test_what_others_added_is_passed_over(harbour: Path) -> None:
    checklist = load(harbour).checklist
    data = sent(to_oscal(checklist))
    group = data["catalog"]["groups"][0]
    group["params"] = [{"id": "x", "values": ["1"]}]
    group["controls"][0]["props"].append({"name": "weight", "ns": "urn:somebody:else", "value": "9"})
    group["controls"][0]["parts"].append({"name": "item", "prose": "Theirs."})
    data["catalog"]["metadata"]["parties"] = [{"uuid": "x", "type": "person"}]
    assert from_oscal(data) == checklist


def test_a_value_that_is_said_to_be_json_and_is_not_is_refused(harbour: Path) -> None:
    data = sent(to_oscal(load(harbour).checklist))
    data["catalog"]["metadata"]["props"][0] |= {"class": "json", "value": "{"}
    with pytest.raises(WrongCatalog, match="JSON"):
        from_oscal(data)


@pytest.mark.parametrize("name", ["../../evil.yaml", "questions/../01-x.yaml", "/etc/01-x.yaml", "questions/x.sh"])
def test_a_file_s_name_cannot_lead_elsewhere(harbour: Path, name: str) -> None:
    checklist = load(harbour).checklist
    with pytest.raises(WrongCatalog, match="no name of a file of questions"):
        files(checklist, Layout(file_of={checklist.questions[0].id: name}))


def test_a_file_is_of_one_section(harbour: Path) -> None:
    checklist = load(harbour).checklist
    everywhere = dict.fromkeys(checklist.by_id(), "questions/01-all.yaml")
    with pytest.raises(WrongCatalog, match="a file is of one"):
        files(checklist, Layout(file_of=everywhere))


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["checklists", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_there_and_back_at_the_command_line(invented: Path, tmp_path: Path) -> None:
    catalog, back = tmp_path / "catalog.json", tmp_path / "back" / invented.name
    assert run("oscal", invented, "-o", catalog) == (0, "")
    code, output = run("from-oscal", catalog, back)
    assert (code, output.split(" written")[0]) == (0, "5 files")
    made = [path.relative_to(back) for path in back.rglob("*.yaml")]
    assert {name: (back / name).read_bytes() for name in made} == {n: (invented / n).read_bytes() for n in made}
    assert len(made) == 5
    assert sent(json.loads(run("oscal", invented)[1])) == json.loads(catalog.read_bytes())


def test_at_the_command_line_too_wrong_is_told(harbour: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    for text in ("{", "{}"):
        bad.write_text(text)
        code, output = run("from-oscal", bad, tmp_path / "out")
        assert code == 1
        assert str(bad) in output
    assert not (tmp_path / "out").exists()
    (harbour / "checklist.yaml").write_text("format: checklist/1\n")
    assert run("oscal", harbour)[0] == 1


def test_a_catalog_is_not_changed_by_reading_it(harbour: Path) -> None:
    data = sent(to_oscal(load(harbour).checklist))
    before = copy.deepcopy(data)
    from_oscal(data)
    assert data == before
