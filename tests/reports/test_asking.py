from typing import cast

import pytest

from export_builder import build_export
from service.languages.words import words_of
from service.reports import annex, content, sites
from service.reports.asking import outside
from service.reports.seal import Seal
from service.reports.wording import Wording
from stocktake.models.answers import Answer
from stocktake.models.export import Export

EN = words_of("en")
ENGLISH = Wording(EN, "en")
MODE, FIND = "p9.site.mode", "p9.site.find"
LIVE: dict[str, object] = {"question": MODE, "in": ["find", "terminal"]}


def under(conditions: dict[str, dict[str, object]], answers: dict[tuple[str, str | None], Answer | None]) -> Export:
    """Two sites, the questions under these conditions, with just these answers."""
    export = build_export(2)
    questions = [
        question.model_copy(update={"applies_when": conditions.get(question.id)})
        for question in export.checklist.questions
    ]
    given = [
        answer.model_copy(update={"question": question, "site": site})
        for (question, site), answer in answers.items()
        if answer is not None
    ]
    checklist = export.checklist.model_copy(update={"questions": questions})
    return export.model_copy(update={"checklist": checklist, "answers": given})


def answer(value: str | None, kind: str = "value") -> Answer:
    first = build_export(0).answers[0]
    level = {"find": 4, "terminal": 2, "none": 0}.get(value or "")
    return first.model_copy(update={"kind": kind, "value": value, "level": level, "reason": None, "evidence": []})


@pytest.mark.parametrize(
    ("mode", "taken"),
    [
        (answer("none"), True),
        (answer(None, "not_applicable"), True),
        (answer("find"), False),
        (answer(None, "unknown"), False),
        (None, False),
    ],
)
def test_only_a_condition_that_fails_takes_a_question_away(mode: Answer | None, *, taken: bool) -> None:
    export = under({FIND: LIVE}, {(MODE, "Z000"): mode})
    assert ((FIND, "Z000") in outside(export)) is taken
    assert (FIND, "Z001") not in outside(export)


def test_conditions_on_the_state_and_on_any_site_are_told_as_well() -> None:
    conditions: dict[str, dict[str, object]] = {
        "p9.q0": {"state": "interpol_member", "in": ["false"]},
        "p9.q1": {"any_site": LIVE},
        "p9.q2": {"not": {"any_site": LIVE}},
        FIND: {"site": "type", "in": ["seaport"]},
    }
    export = under(conditions, {(MODE, "Z000"): answer("none"), (MODE, "Z001"): answer("terminal")})
    assert outside(export) == {("p9.q0", None), ("p9.q2", None), (FIND, "Z000")}


def test_nothing_is_taken_away_without_conditions() -> None:
    assert outside(build_export(3)) == frozenset()


def test_the_grid_and_the_annexes_tell_no_question_from_no_answer() -> None:
    conditions: dict[str, dict[str, object]] = {FIND: LIVE, "p9.q0": {"state": "interpol_member", "in": ["false"]}}
    export = under(conditions, {(MODE, "Z000"): answer("none"), (FIND, "Z000"): answer("find")})
    grid = cast("dict[str, list[list[object]]]", sites.grid(export, outside(export), EN))
    marks = {cast("dict[str, str]", row[0])["code"]: row[4:6] for row in grid["rows"]}
    assert marks == {"Z000": ["○\u20090", "–"], "Z001": ["·", "·"]}
    table = cast("dict[str, list[list[object]]]", annex.site_answers(export, outside(export), EN))
    counts = {cast("dict[str, str]", row[0])["id"]: row[-2:] for row in table["rows"]}
    assert counts[MODE] == ["0", "1"]
    assert counts[FIND] == ["1", "1"]
    said = str(content.build(export, ENGLISH, Seal("0" * 64))["answers"])
    assert said.count("Does not apply") == 1
    assert "Does not apply" not in str(content.build(build_export(2), ENGLISH, Seal("0" * 64))["answers"])
