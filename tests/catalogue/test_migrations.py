"""From one version to the next: what the linter wants of a map, what the lock carries, and what diff shows."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.catalogue.changes import changes, whole_aspects
from service.catalogue.checklist import Checklist
from service.catalogue.findings import WrongChecklist
from service.catalogue.lint import lint, load_sound
from service.catalogue.loader import load
from service.catalogue.lock import content, digest, load_lock, write_lock
from service.cli import app

LIGHTS, HEAD = "questions/02-lights.yaml", "checklist.yaml"
MAP, OLD_LOCK = "migrations/1.0.0.yaml", "migrations/1.0.0.lock.json"
SOUND = """\
format: migration/1
from: 1.0.0
changes:
  - kind: reworded
    from: p2.plan
    to: [p2.plan]
    answers: reconfirm

  - kind: scale_changed
    from: p2.site.light
    to: [p2.site.light]
    answers: map
    values:
      electric: strong
      lamp: weak
      none: none

  - kind: retired
    from: p2.drill
    answers: history
    note: The drill is part of the plan.
"""
"""For what ``released`` changes."""


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text, old
    (folder / name).write_text(text.replace(old, new))


@pytest.fixture
def released(harbour: Path) -> Path:
    """Version 1.0.0 was published; the files are 1.1.0 with a question reworded, one on another scale, one gone."""
    edit(harbour, HEAD, "status: draft", "status: published")
    write_lock(load(harbour))
    (harbour / "migrations").mkdir()
    (harbour / "checklist.lock.json").rename(harbour / OLD_LOCK)
    edit(harbour, HEAD, "version: 1.0.0", "version: 1.1.0")
    edit(harbour, HEAD, "status: published", "status: draft")
    edit(harbour, HEAD, "in: [electric]", "in: [strong]")
    edit(harbour, LIGHTS, "How mature is the plan for lights?", "How far is the plan for lights carried out?")
    edit(harbour, LIGHTS, "id: electric", "id: strong")
    edit(harbour, LIGHTS, "id: lamp", "id: weak")
    edit(harbour, LIGHTS, "in: [electric, lamp]", "in: [strong, weak]")
    text = (harbour / LIGHTS).read_text()
    (harbour / LIGHTS).write_text(text[: text.index("  - id: p2.drill")].rstrip() + "\n")
    (harbour / MAP).write_text(SOUND)
    return harbour


def test_a_map_that_decides_everything_is_sound(released: Path) -> None:
    assert lint(released) == []


def test_without_earlier_versions_no_map_is_asked_for(harbour: Path) -> None:
    assert lint(harbour) == []
    assert load(harbour).checklist.migrations is None


def test_a_published_version_needs_a_map(released: Path) -> None:
    (released / MAP).unlink()
    (finding,) = lint(released)
    assert finding.file.endswith(OLD_LOCK)
    assert "write migrations/1.0.0.yaml" in finding.message


REWORDED = "  - kind: reworded\n    from: p2.plan\n    to: [p2.plan]\n    answers: reconfirm\n"
SCALE = "    answers: map\n    values:\n      electric: strong\n      lamp: weak\n      none: none\n"
RETIRED = "  - kind: retired\n    from: p2.drill\n    answers: history\n    note: The drill is part of the plan.\n"
MAPPED_SHARE = """\
  - kind: scale_changed
    from: p2.share
    to: [p2.share]
    answers: map
    values:
      a: b
"""
WRONG: Mapping[str, tuple[str, str, str, str]] = {
    "reworded and not decided": (REWORDED, "", "changes", "p2.plan is reworded since 1.0.0"),
    "retired and not decided": (f"\n{RETIRED}", "", "changes", "p2.drill is retired since 1.0.0"),
    "scale and not decided": (
        f"  - kind: scale_changed\n    from: p2.site.light\n    to: [p2.site.light]\n{SCALE}", "", "changes",
        "p2.site.light is scale_changed since 1.0.0",
    ),
    "unknown from": ("from: p2.drill", "from: p2.dril", "p2.dril", "1.0.0 has no question p2.dril;"),
    "unknown to": ("to: [p2.plan]", "to: [p2.plans]", "p2.plans", "1.1.0 has no question p2.plans"),
    "unknown old value": ("lamp: weak", "lamp: weak\n      candle: weak", "candle", "light had no value candle"),
    "unknown new value": ("lamp: weak", "lamp: feeble", "feeble", "p2.site.light has no value feeble"),
    "value left out": ("      lamp: weak\n", "", "values", "which value of p2.site.light is meant by lamp"),
    "less than it is": (
        "kind: scale_changed", "kind: same", "kind: same", "p2.site.light is scale_changed (options), which is more",
    ),
    "kept where it cannot be": (SCALE, "    answers: keep\n", "keep", "does not take every answer"),
    "map without values": (SCALE, "    answers: map\n", "kind: scale_changed", "values stand beside answers: map"),
    "values without map": ("answers: reconfirm", "answers: keep\n    values:\n      a: b", "kind: reworded", "stand"),
    "reworded to history": ("answers: reconfirm", "answers: history", "answers", "keep, reconfirm"),
    "retired and kept": ("    answers: history\n", "    answers: keep\n", "keep", "retired: history"),
    "retired and still asked": (
        REWORDED, "  - kind: retired\n    from: p2.plan\n", "kind: retired", "p2.plan is still asked",
    ),
    "new with from": ("kind: retired", "kind: new", "kind: new", "write from"),
    "new and there before": (
        RETIRED, f"{RETIRED}\n  - kind: new\n    to: [p2.share]\n", "p2.share", "p2.share was there before",
    ),
    "retired with to": ("    from: p2.drill\n", "    from: p2.drill\n    to: [p2.plan]\n", "retired", "write to"),
    "twice": (RETIRED, f"{RETIRED}\n{RETIRED}", "p2.drill", "p2.drill is decided a second time"),
    "split in one": (
        REWORDED, REWORDED.replace("reworded", "split"), "[p2.plan]", "is split into two questions at least",
    ),
    "merged alone": (
        REWORDED, REWORDED.replace("reworded", "merged"), "[p2.plan]", "two questions at least are merged",
    ),
    "other id": (
        "to: [p2.plan]", "to: [p2.share]", "[p2.share]", "a question that is reworded keeps its id; write p2.plan",
    ),
    "split into an earlier one": (
        RETIRED, "  - kind: split\n    from: p2.drill\n    to: [p2.plan, p2.delay]\n    answers: history\n", "p2.delay",
        "p2.delay is another earlier question",
    ),
    "split and still asked": (
        REWORDED, "  - kind: split\n    from: p2.plan\n    to: [p2.share, p2.delay]\n    answers: history\n",
        "p2.share", "p2.plan is still asked",
    ),
    "map of what is not listed": (
        RETIRED, f"{RETIRED}\n{MAPPED_SHARE}", "values:\n      a", "are not both answered out of a list",
    ),
    "from another version": ("from: 1.0.0", "from: 1.0.1", "1.0.1", "a map from 1.0.1 is named 1.0.1.yaml"),
    "unknown kind": ("kind: retired", "kind: removed", "removed", "removed is not known here"),
    "unknown field": ("    note: The", "    why: The", "why", "no field why"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_map_that_does_not_fit_is_refused_with_file_line_and_reason(released: Path, name: str) -> None:
    old, new, at, says = WRONG[name]
    edit(released, MAP, old, new)
    text = (released / MAP).read_text()
    findings = [f for f in lint(released) if says in f.message]
    assert findings, [str(finding) for finding in lint(released)]
    assert all(finding.file.endswith(MAP) for finding in findings)
    lines = {text[: n + 1].count("\n") + 1 for n in range(len(text)) if text.startswith(at, n)}
    assert {finding.line for finding in findings} & lines, (findings, lines)


def test_a_lock_that_is_not_what_its_name_says_is_refused(released: Path) -> None:
    (released / OLD_LOCK).rename(released / "migrations/0.9.0.lock.json")
    messages = [finding.message for finding in lint(released)]
    assert any("this is the lock of harbour 1.0.0" in message for message in messages)
    assert any("there is no lock of 1.0.0" in message for message in messages)


def test_a_lock_that_was_changed_is_refused(released: Path) -> None:
    edit(released, OLD_LOCK, "Coast", "Shore")
    assert any("changed after it was made" in finding.message for finding in lint(released))


def test_a_lock_of_this_version_or_a_later_one_is_refused(released: Path) -> None:
    edit(released, HEAD, "version: 1.1.0", "version: 1.0.0")
    assert any("1.0.0 is no earlier version than 1.0.0" in finding.message for finding in lint(released))


def test_strangers_are_told(released: Path) -> None:
    (released / "migrations/notes.txt").write_text("x")
    assert [finding.message for finding in lint(released)] == [
        "a map <version>.yaml or a lock <version>.lock.json lies here; remove it"
    ]


def third(released: Path) -> Path:
    """Version 1.1.0 is published too; the files are 1.2.0."""
    edit(released, HEAD, "status: draft", "status: published")
    write_lock(load_sound(released))
    (released / "checklist.lock.json").rename(released / "migrations/1.1.0.lock.json")
    edit(released, HEAD, "version: 1.1.0", "version: 1.2.0")
    edit(released, HEAD, "status: published", "status: draft")
    (released / "migrations/1.1.0.yaml").write_text("format: migration/1\nfrom: 1.1.0\n")
    return released


def test_each_map_leads_to_the_next_version(released: Path) -> None:
    folder = third(released)
    assert lint(folder) == []
    assert [one.from_ for one in load(folder).checklist.migrations or ()] == ["1.0.0", "1.1.0"]


def test_an_id_is_never_used_again(released: Path) -> None:
    folder = third(released)
    edit(folder, LIGHTS, "  - id: p2.delay", "  - id: p2.drill")
    edit(folder, HEAD, "value: p2.delay", "value: p2.drill")
    (folder / "migrations/1.1.0.yaml").write_text(
        "format: migration/1\nfrom: 1.1.0\nchanges:\n  - kind: retired\n    from: p2.delay\n"
    )
    assert [finding.message for finding in lint(folder)] == [
        "p2.drill was the id of an earlier question and is never used again; take another id"
    ]


def test_the_lock_carries_the_maps_and_an_old_digest_stays(released: Path, content_of_1_0_0: str) -> None:
    old, old_digest = load_lock((released / OLD_LOCK).read_bytes())
    assert "migrations" not in content(old)
    assert old_digest == content_of_1_0_0 == digest(old)
    new, _ = load_lock(write_lock(load_sound(released)).data)
    assert [(one.from_, len(one.changes)) for one in new.migrations or ()] == [("1.0.0", 3)]
    assert new == load(released).checklist


@pytest.fixture
def content_of_1_0_0(released: Path) -> str:
    digest_: str = json.loads((released / OLD_LOCK).read_text())["digest"]
    return digest_


def test_the_first_published_version_of_this_project_keeps_its_digest(content: Path) -> None:
    _, held = load_lock((content / OLD_LOCK).read_bytes())
    assert held == "71a929ab0c74" + held[12:]


def test_a_change_of_a_map_changes_the_digest(released: Path) -> None:
    before = digest(load(released).checklist)
    edit(released, MAP, "answers: reconfirm", "answers: keep")
    assert digest(load(released).checklist) != before


# ── what changed ─────────────────────────────────────────────────────────────────────────────────────────────────────


def versions(released: Path) -> tuple[Checklist, Checklist]:
    return load_lock((released / OLD_LOCK).read_bytes())[0], load(released).checklist


WEIGHT = "weight: 2\n    target: 3\n    applies_when:\n      question: p"
ASPECTS: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "title": ("title: Plan", "title: The plan", "reworded", ("words:title",)),
    "descriptor": ("A plan is drafted.", "A plan is written.", "reworded", ("words:answer",)),
    "evidence": ("- The plan\n", "- The plan\n      - Its annex\n", "reworded", ("words:evidence",)),
    "reason": ("All harbours are frozen.", "All harbours are under ice.", "reworded", ("words:not_applicable",)),
    "weight": (WEIGHT, WEIGHT.replace("2", "3"), "same", ("weight",)),
    "condition": ('in: ["yes", partial]', 'in: ["yes"]', "same", ("condition",)),
    "paragraph": ("also: [p3]\n    quote: >-", "quote: >-", "same", ("paragraph",)),
    "scope": ("scope: state\n    dimension: in_place", "scope: site\n    dimension: in_place", "scale_changed",
              ("scope",)),
    "dimension": ("scope: state\n    dimension: in_place", "scope: state\n    dimension: in_use", "scale_changed",
                  ("dimension",)),
    "reason gone": ("- id: frozen\n", "- id: iced\n", "scale_changed", ("reasons", "more_reasons")),
}  # fmt: skip


@pytest.mark.parametrize("name", ASPECTS)
def test_every_aspect_of_a_question_is_told_by_name(harbour: Path, name: str) -> None:
    old_text, new_text, kind, aspects = ASPECTS[name]
    old = load(harbour).checklist
    edit(harbour, LIGHTS, old_text, new_text)
    new = load(harbour).checklist
    told = {change.before: change for change in changes(old, new)}
    assert (told["p2.plan"].kind, told["p2.plan"].aspects) == (kind, aspects)
    assert {change.kind for id_, change in told.items() if id_ != "p2.plan"} == {"same"}


SCALES: Mapping[str, tuple[str, str, str, tuple[str, ...]]] = {
    "p2.share": ("- at_least: 25", "- at_least: 30", "scale_changed", ("levels",)),
    "p2.site.light": ("level: 3\n        - id: none", "level: 2\n        - id: none", "scale_changed", ("levels",)),
    "p2.delay": ("unit: hours", "unit: minutes", "scale_changed", ("unit",)),
    "p2.site.warnings": ("id: gun\n          text: Gun", "id: horn\n          text: Horn", "scale_changed",
                         ("options",)),
}  # fmt: skip


@pytest.mark.parametrize("id_", SCALES)
def test_a_scale_that_changed_is_told_apart_from_words(harbour: Path, id_: str) -> None:
    old_text, new_text, kind, aspects = SCALES[id_]
    old = load(harbour).checklist
    edit(harbour, LIGHTS, old_text, new_text)
    told = {change.before: change for change in changes(old, load(harbour).checklist)}
    assert (told[id_].kind, told[id_].aspects) == (kind, aspects)


def test_moves_and_what_is_beside_the_questions_are_told(harbour: Path) -> None:
    old = load(harbour).checklist
    profile, lights = (harbour / "questions/01-profile.yaml"), (harbour / LIGHTS)
    start = profile.read_text().index("  - id: p2.lit")
    moved = profile.read_text()[start:]
    profile.write_text(profile.read_text()[:start].rstrip() + "\n")
    lights.write_text(f"{lights.read_text()}\n{moved}")
    edit(harbour, HEAD, "message: More lights than harbours.", "message: There are more lights than harbours.")
    new = load(harbour).checklist
    told = {change.before: change for change in changes(old, new)}
    assert (told["p2.lit"].kind, told["p2.lit"].aspects) == ("same", ("section",))
    assert whole_aspects(old, new) == ("checks",)


def test_the_map_tells_splits_and_mergers_and_may_say_more_than_the_files_show(released: Path) -> None:
    edit(released, MAP, REWORDED, REWORDED.replace("reworded", "scale_changed"))
    old, new = versions(released)
    assert new.migrations is not None
    plain = {change.before: change.kind for change in changes(old, new)}
    told = {change.before: change for change in changes(old, new, new.migrations[0])}
    assert (plain["p2.plan"], told["p2.plan"].kind, told["p2.plan"].answers) == (
        "reworded", "scale_changed", "reconfirm",
    )  # fmt: skip
    split = "  - kind: split\n    from: p2.drill\n    to: [p2.drill.last, p2.drill.plan]\n    answers: history\n"
    edit(released, MAP, RETIRED, split)
    with pytest.raises(WrongChecklist, match=r"no question p2\.drill\.last"):
        load_sound(released)
    new = load(released).checklist
    assert new.migrations is not None
    (change,) = (c for c in changes(old, new, new.migrations[0]) if c.before == "p2.drill")
    assert (change.kind, change.after) == ("split", ("p2.drill.last", "p2.drill.plan"))


def diff(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["checklists", "diff", *map(str, arguments)], env={"COLUMNS": "120"})
    return result.exit_code, result.output


def test_diff_shows_a_table_of_what_changed_and_counts_the_rest(released: Path) -> None:
    code, output = diff(released / OLD_LOCK, released)
    assert code == 0
    assert "harbour 1.0.0 → harbour 1.1.0" in output
    for words in ("reworded", "p2.plan", "words:text", "reconfirm", "scale_changed", "options", "map", "retired"):
        assert words in output
    assert "p2.lit" not in output
    assert "Beside the questions: checks" in output
    assert output.endswith("5 same, 1 reworded, 1 scale_changed, 1 retired\n")


def test_diff_prints_json_for_programs(released: Path) -> None:
    code, output = diff("--json", released / OLD_LOCK, released)
    told = json.loads(output)
    assert code == 0
    assert told["versions"] == [
        {"checklist": "harbour", "version": "1.0.0"},
        {"checklist": "harbour", "version": "1.1.0"},
    ]
    assert told["counts"] == {"same": 5, "reworded": 1, "scale_changed": 1, "retired": 1}
    (retired,) = (change for change in told["changes"] if change["kind"] == "retired")
    assert retired == {"kind": "retired", "from": "p2.drill", "to": [], "aspects": [], "answers": "history"}


def test_diff_backwards_and_with_itself(released: Path) -> None:
    code, output = diff("--json", released, released / OLD_LOCK)
    assert (code, json.loads(output)["counts"]) == (0, {"same": 5, "reworded": 1, "scale_changed": 1, "new": 1})
    assert json.loads(diff("--json", released, released)[1])["counts"] == {"same": 7}


def test_diff_of_what_cannot_be_read_fails(released: Path) -> None:
    assert diff(released / "nowhere", released)[0] == 1
    edit(released, LIGHTS, "scope: state", "scope: nowhere")
    assert diff(released / OLD_LOCK, released)[0] == 1
