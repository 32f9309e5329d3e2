"""How many questions a made-up state is asked: counted by the evaluator itself, and the most that a search finds."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rule_builders import Asked, checklist, choice, condition, question
from service.assessments.counting import SITE_TYPES, Count, count, most, site_forms
from service.assessments.profiles import Profile, WrongProfile, picture_of
from service.catalogue.checklist import Checklist
from service.cli import app

MODE = choice(find=4, none=0)
AT_SITE = condition(question="mode", in_=["find"])


def profile(**changes: object) -> Profile:
    return Profile.model_validate({"format": "profile/1", "id": "x", "title": "X", **changes})


def of(made: Checklist, **changes: object) -> tuple[tuple[int, int], dict[str, tuple[int, int]]]:
    """Asked and waiting, of the state and of each site."""
    counts = count(picture_of(profile(**changes), made))
    return _pair(counts.state), {kind: _pair(one) for kind, one in counts.sites}


def _pair(one: Count) -> tuple[int, int]:
    return one.asked, len(one.waiting)


SMALL = checklist(
    question("gate", Asked(answer=choice(yes=4, no=0))),
    question("behind", Asked(when=condition(question="gate", in_=["yes"]))),
    question("member", Asked(when=condition(state="interpol_member", in_=["true"]))),
    question("mode", Asked(answer=MODE, scope="site")),
    question("after", Asked(scope="site", when=AT_SITE)),
    question("docks", Asked(scope="site", when=condition(site="type", in_=["seaport"]))),
    question("anywhere", Asked(when=condition(any_site=AT_SITE.model_dump(by_alias=True, exclude_none=True)))),
)


def test_conditions_shorten_the_list() -> None:
    port: Mapping[str, object] = {"type": "seaport", "answers": {"mode": "find"}}
    bare: Mapping[str, object] = {"type": "airport", "answers": {"mode": "none"}}
    assert of(SMALL, answers={"gate": "yes"}, sites=[port]) == ((4, 0), {"seaport": (3, 0)})
    assert of(SMALL, answers={"gate": "no"}, sites=[bare]) == ((2, 0), {"airport": (1, 0)})
    assert of(SMALL, answers={"gate": "no"}, sites=[bare], interpol_member="false") == ((1, 0), {"airport": (1, 0)})
    assert of(SMALL, sites=[{"type": "airport"}]) == ((4, 2), {"airport": (2, 1)})


@pytest.mark.parametrize("answers", [{"nobody": "yes"}, {"mode": "find"}])
def test_a_profile_answers_questions_there_are(answers: dict[str, str]) -> None:
    with pytest.raises(WrongProfile, match="no question"):
        picture_of(profile(answers=answers), SMALL)


def test_the_most_is_found() -> None:
    counts = count(most(SMALL))
    assert (_pair(counts.state), counts.left_out) == ((4, 0), ())
    assert {kind: one.asked for kind, one in counts.sites} == {k: 3 if k == "seaport" else 2 for k in SITE_TYPES}
    assert site_forms(SMALL) == {kind: 3 if kind == "seaport" else 2 for kind in SITE_TYPES}


def test_what_cannot_be_asked_together_is_named() -> None:
    made = checklist(
        question("gate", Asked(answer=choice(a=4, b=0))),
        question("one", Asked(when=condition(question="gate", in_=["a"]))),
        question("other", Asked(when=condition(question="gate", in_=["b"]))),
    )
    counts = count(most(made))
    assert (counts.state.asked, counts.left_out) == (2, ("other",))


def test_a_condition_on_several_answers_at_once_is_met() -> None:
    """No single change makes the last question apply."""
    gates = [question(f"g{n}", Asked(answer=choice(off=0, on=4))) for n in range(3)]
    all_on = condition(all=[{"question": f"g{n}", "in": ["on"]} for n in range(3)])
    made = checklist(*gates, question("deep", Asked(when=all_on)))
    assert count(most(made)).left_out == ()


def test_checklists_without_sites_have_no_site_form() -> None:
    assert site_forms(checklist(question("a"))) == {}


# ── command ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["checklists", "count", *(str(argument) for argument in arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_it_prints_profiles_and_the_longest_site_form(invented: Path, tmp_path: Path) -> None:
    code, output = run(invented)
    assert code == 0
    assert "A silent coast\n  of the state         6\n  seaport              1\n" in output
    assert "A state of which as much is asked as can be\n  of the state         7\n" in output
    more = tmp_path / "more.yaml"
    more.write_text("format: profile/1\nid: more\ntitle: A state with a warden\nanswers:\n  a3.warden: '3'\n")
    assert "A state with a warden\n  of the state         7\n" in run(invented, "--answers", more)[1]
    more.write_text("format: profile/1\nid: more\ntitle: A state\nanswers:\n  a3.warden: '9'\n")
    code, output = run(invented, "--answers", more)
    assert code == 1
    assert "a3.warden" in output


@pytest.mark.parametrize(("limit", "code"), [(2, 0), (1, 1)])
def test_a_site_form_that_is_too_long_fails(invented: Path, limit: int, code: int) -> None:
    found, output = run(invented, "--most-site", str(limit))
    assert found == code
    assert (f"more than {limit}" in output) == (code == 1)


def test_this_project_s_checklist_asks_little_of_a_state_without_systems(content: Path) -> None:
    """Conditions really shorten the list, and a site answers at most 20 questions."""
    code, output = run(content, "--json", "--most-site", "20")
    (found,) = json.loads(output)
    profiles = found["profiles"]
    asked = {title: counts["state"]["asked"] for title, counts in profiles.items()}
    most_asked = asked.pop("A state of which as much is asked as can be")
    assert code == 0
    assert len(asked) >= 2
    assert all(number < most_asked <= found["questions"]["state"] for number in asked.values())
    assert all(at_site["asked"] <= 5 for counts in list(profiles.values())[:-1] for at_site in counts["sites"])
    assert {title: counts["state"]["waiting"] for title, counts in profiles.items() if counts["state"]["waiting"]} == {}


@pytest.fixture
def content() -> Path:
    return Path(__file__).parents[2] / "checklists" / "unga-73-11"
