"""Scoring model 1.0: the worked vector, every rule on a small case."""

from fractions import Fraction
from typing import Literal

import pytest

from rule_builders import Asked, checklist, condition, group, level, non_answer, picture, question, tally
from service.assessments.facts import Given, SiteGroup, Tally
from service.assessments.readings import Counts, Row, read
from service.assessments.rounding import whole_percent
from service.assessments.scoring import (
    DimensionScore,
    Pooled,
    band,
    confidence,
    measure,
    pool,
    scores,
)
from service.catalogue.question import Question
from stocktake.models.assessments import Band

REACH = "3:4/3 3:3/2 2:3/2 2:2/1 1:2/1 1:0/1 1:0/1 1:0/1 1:? 1:? 1:1/0 1:2/1"
FIND = "3:3/2 3:3/2 2:1/1 2:0/1 1:0/1 1:0/1 1:0/1 1:0/1 1:? 1:? 1:0/0 1:0/1"


def vector_rows(text: str) -> list[Row]:
    """``tier:level/grade`` of each site, ``tier:?`` where it is not known."""
    rows = []
    for site in text.split():
        tier, _, answer = site.partition(":")
        reached, _, grade = answer.partition("/")
        rows.append(
            Row("unknown", tier=int(tier))
            if answer == "?"
            else Row("value", int(reached), int(grade), tier=int(tier), type="airport")
        )
    return rows


def test_the_worked_vector() -> None:
    reach, find = measure(vector_rows(REACH)), measure(vector_rows(FIND))
    assert (reach.low, reach.high, reach.known_share) == (Fraction(1, 2), Fraction(11, 18), Fraction(8, 9))
    assert (find.low, find.high, find.known_share) == (Fraction(5, 18), Fraction(7, 18), Fraction(8, 9))
    pooled = pool(
        [
            (3, reach),
            (3, find),
            (2, measure([Row("value", 3, 2)])),
            (2, measure([Row("value", 1, 1)])),
            (1, measure([Row("value", 4, 2)])),
            (1, measure([Row("not_applicable")])),
        ]
    )
    assert pooled == Pooled(
        low=Fraction(16, 33),
        high=Fraction(6, 11),
        known=Fraction(31, 33),
        supported=Fraction(61, 132),
        quality=Fraction(95, 186),
    )
    assert whole_percent(pooled.low) == 48
    assert round(float(pooled.high) * 100, 1) == 54.5
    assert round(float(pooled.known) * 100, 1) == 93.9
    assert whole_percent(pooled.supported) == 46
    assert round(float(pooled.quality or 0), 4) == 0.5108
    assert confidence(pooled) == "B"
    assert band(pooled, critical_gap=False) == "partial"
    assert pooled.high - pooled.low == 1 - pooled.known


def test_the_worked_vector_as_an_assessment() -> None:
    """The same numbers from a picture: twelve sites as groups and tallies, ageing and all."""
    sites = Asked(scope="site", weight=3)
    of = checklist(
        question("reach", sites),
        question("find", sites),
        question("api", Asked(weight=2)),
        question("pnr", Asked(weight=2)),
        question("rules", Asked(weight=1)),
        question("cruise", Asked(weight=1)),
    )
    answers = {"api": level(3, 2), "pnr": level(1, 1), "rules": level(4, 2), "cruise": non_answer("not_applicable")}
    groups: list[SiteGroup] = []
    tallies: list[Tally] = []
    for index, (reach, find) in enumerate(zip(vector_rows(REACH), vector_rows(FIND), strict=True)):
        groups.append(group("airport", tier=reach.tier))
        for id_, row in (("reach", reach), ("find", find)):
            kind: Literal["value", "unknown"] = "value" if row.kind == "value" else "unknown"
            tallies.append(tally(id_, row.level, kind=kind, grade=row.grade, in_group=index))
    sheet = scores(read(picture(of, answers, groups, tallies)))
    pooled = sheet.in_place.pooled
    assert pooled is not None
    assert (pooled.low, pooled.high, pooled.supported) == (Fraction(16, 33), Fraction(6, 11), Fraction(61, 132))
    assert (sheet.in_place.band, sheet.in_place.confidence, sheet.in_place.limited_basis) == ("partial", "B", False)
    assert sheet.counts == Counts(answered=23, unknown=4, not_applicable=1)


def place(*questions: Question, answers: dict[str, Given]) -> DimensionScore:
    return scores(read(picture(checklist(*questions), answers))).in_place


@pytest.mark.parametrize("kind", ["unknown", "withheld"])
def test_what_is_not_known_is_0_at_the_low_end_and_1_at_the_high_end(kind: Literal["unknown", "withheld"]) -> None:
    for answers in ({"a": level(4)}, {"a": level(4), "b": non_answer(kind)}):
        pooled = place(question("a"), question("b"), answers=answers).pooled
        assert pooled is not None
        assert (pooled.low, pooled.high, pooled.known) == (Fraction(1, 2), Fraction(1), Fraction(1, 2))


def test_other_means_score_as_their_level() -> None:
    pooled = place(question("a"), answers={"a": Given("other_means", 3, 3)}).pooled
    assert pooled is not None
    assert pooled.low == Fraction(3, 4)


def test_a_value_without_a_level_is_not_known() -> None:
    assert measure([Row("value", None)]).known == 0


@pytest.mark.parametrize(("grade", "supported"), [(0, 1), (1, 2), (2, 3), (3, 4)])
def test_evidence_caps_the_supported_level(grade: int, supported: int) -> None:
    assert measure([Row("value", 4, grade)]).supported_share == Fraction(supported, 4)
    assert measure([Row("value", 1, grade)]).supported_share == Fraction(1, 4)


def test_weights_are_one_unless_given() -> None:
    pooled = place(question("a"), question("b", Asked(weight=3)), answers={"a": level(4), "b": level(0)}).pooled
    assert pooled is not None
    assert pooled.low == Fraction(1, 4)


def test_the_two_dimensions_are_never_merged_and_context_is_never_scored() -> None:
    of = checklist(question("a"), question("b", Asked(dimension="in_use")), question("c", Asked(dimension="context")))
    sheet = scores(read(picture(of, {"a": level(4), "b": level(0), "c": Given("value", 4)})))
    assert sheet.in_place.pooled == Pooled(Fraction(1), Fraction(1), Fraction(1), Fraction(1, 4), Fraction(0))
    assert sheet.in_use.pooled == Pooled(Fraction(0), Fraction(0), Fraction(1), Fraction(0), Fraction(0))
    assert sheet.counts == Counts(answered=2)


def test_a_question_counts_once_in_all_and_in_every_paragraph_it_supports() -> None:
    of = checklist(question("a", Asked(paragraphs=("p2", "p1"))), question("b", Asked(paragraphs=("p1",))))
    sheet = scores(read(picture(of, {"a": level(4), "b": level(0)})))
    assert [p.paragraph for p in sheet.paragraphs] == ["p1", "p2"]
    lows = [p.in_place.pooled.low for p in sheet.paragraphs if p.in_place.pooled]
    assert lows == [Fraction(1, 2), 1]
    assert [p.counts.answered for p in sheet.paragraphs] == [2, 1]
    assert sheet.in_place.pooled is not None
    assert sheet.in_place.pooled.low == Fraction(1, 2)
    assert sheet.counts.answered == 2


def test_where_nothing_counts_the_score_is_not_applicable() -> None:
    expected = DimensionScore(None, "not_applicable", None, limited_basis=False, critical_gaps=())
    assert place(question("a"), answers={"a": non_answer("not_applicable")}) == expected
    never = Asked(when=condition(state="un_member", in_=["false"]), critical=True)
    assert place(question("a", never), answers={"a": level(0)}) == expected
    assert scores(read(picture(checklist(question("a"))))).in_use == expected


@pytest.mark.parametrize(
    ("excused_weight", "limited"), [((2, 3), False), ((2, 2), True), ((1, 3), False), ((1, 1), True)]
)
def test_a_basis_is_limited_when_more_than_40_percent_is_not_applicable(
    excused_weight: tuple[Literal[1, 2, 3], Literal[1, 2, 3]],
    limited: bool,  # noqa: FBT001 - a table
) -> None:
    out, left = excused_weight
    asked = (question("a", Asked(weight=out)), question("b", Asked(weight=left)))
    answers = {"a": non_answer("not_applicable"), "b": level(4)}
    assert place(*asked, answers=answers).limited_basis is limited


def test_what_a_condition_takes_away_does_not_limit_the_basis() -> None:
    never = Asked(weight=3, when=condition(state="un_member", in_=["false"]))
    assert not place(question("a", never), question("b"), answers={"b": level(4)}).limited_basis


@pytest.mark.parametrize(("excused", "limited"), [(2, False), (3, True)])
def test_of_a_site_question_the_share_of_its_sites_is_not_applicable(excused: int, limited: bool) -> None:  # noqa: FBT001
    of = checklist(question("a", Asked(scope="site")))
    tallies = [tally("a", kind="not_applicable", sites=excused), tally("a", 4, 5 - excused)]
    sheet = scores(read(picture(of, {}, [group(sites=5)], tallies)))
    assert sheet.in_place.limited_basis is limited
    assert sheet.in_place.pooled is not None
    assert sheet.in_place.pooled.low == 1


@pytest.mark.parametrize(
    ("low", "known", "critical_gap", "expected"),
    [
        ("0.0999", "1", False, "not_started"),
        ("0.1", "1", False, "early"),
        ("0.3999", "1", False, "early"),
        ("0.4", "1", False, "partial"),
        ("0.6999", "1", False, "partial"),
        ("0.7", "1", False, "advanced"),
        ("0.8999", "1", False, "advanced"),
        ("0.9", "1", False, "established"),
        ("0.9", "0.95", False, "established"),
        ("0.9", "0.9499", False, "advanced"),
        ("1", "1", True, "advanced"),
        ("0.7", "0.8", True, "advanced"),
        ("0.79", "0.7999", False, "insufficient"),
        ("0", "0", False, "insufficient"),
    ],
)
def test_bands_on_exact_values(low: str, known: str, critical_gap: bool, expected: Band) -> None:  # noqa: FBT001
    low_, known_ = Fraction(low), Fraction(known)
    pooled = Pooled(low_, low_ + 1 - known_, known_, low_, Fraction(1))
    assert band(pooled, critical_gap=critical_gap) == expected


@pytest.mark.parametrize(
    ("quality", "letter"),
    [("1", "A"), ("0.75", "A"), ("0.7499", "B"), ("0.5", "B"), ("0.4999", "C"), ("0.25", "C"), ("0.2499", "D")],
)
def test_confidence_letters(quality: str, letter: str) -> None:
    assert confidence(Pooled(Fraction(1), Fraction(1), Fraction(1), Fraction(1), Fraction(quality))) == letter


def test_where_nothing_is_known_there_is_no_confidence() -> None:
    score = place(question("a"), answers={})
    assert score.pooled == Pooled(Fraction(0), Fraction(1), Fraction(0), Fraction(0), None)
    assert (score.band, score.confidence) == ("insufficient", None)


@pytest.mark.parametrize(
    ("given", "open_gap"),
    [
        (level(1), True),
        (level(2), False),
        (non_answer("unknown"), True),
        (non_answer("not_applicable"), False),
    ],
)
def test_a_critical_question_below_half_is_a_critical_gap(given: Given, open_gap: bool) -> None:  # noqa: FBT001
    critical = question("a", Asked(critical=True))
    assert place(critical, answers={"a": given}).critical_gaps == (("a",) if open_gap else ())
    assert place(question("a"), answers={"a": given}).critical_gaps == ()


@pytest.mark.parametrize(("tier", "open_gap"), [(3, True), (2, False)])
def test_one_strategic_site_at_level_0_is_a_critical_gap(tier: int, open_gap: bool) -> None:  # noqa: FBT001
    of = checklist(question("a", Asked(scope="site", critical=True)))
    groups = [group(tier=tier), group("rail", 99)]
    sheet = scores(read(picture(of, {}, groups, [tally("a", 0), tally("a", 4, 99, in_group=1)])))
    assert sheet.in_place.critical_gaps == (("a",) if open_gap else ())
    assert sheet.in_place.band == ("advanced" if open_gap else "established")


def test_a_critical_gap_of_the_other_dimension_bars_the_highest_band_of_the_paragraph() -> None:
    use = Asked(dimension="in_use", critical=True, paragraphs=("p1",))
    elsewhere = Asked(paragraphs=("p2",))
    of = checklist(question("a"), question("b", use), question("c", elsewhere))
    sheet = scores(read(picture(of, {"a": level(4), "b": level(0), "c": level(4)})))
    first, second = sheet.paragraphs
    assert (first.in_place.band, first.in_place.critical_gaps) == ("advanced", ())
    assert first.in_use.critical_gaps == ("b",)
    assert second.in_place.band == "established"
    assert sheet.in_place.band == "advanced"
