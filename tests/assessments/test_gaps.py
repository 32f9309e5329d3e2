"""The gap list: what is in it, how far, in which order."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from rule_builders import Asked, checklist, group, level, non_answer, picture, question, tally
from service.assessments.facts import Given
from service.assessments.gaps import OpenGap, gaps
from service.assessments.readings import read
from service.catalogue.question import Question


def found(*questions: Question, answers: Mapping[str, Given] | None = None) -> tuple[OpenGap, ...]:
    return gaps(read(picture(checklist(*questions), answers or {})))


def test_a_level_below_the_target_is_a_gap() -> None:
    (gap,) = found(question("a", Asked(weight=3)), answers={"a": level(1)})
    assert (gap.level, gap.target, gap.low, gap.priority) == (1, 3, Fraction(1, 4), Fraction(3, 2))
    assert (gap.sites_below, gap.sites_unknown, gap.sites_asked) == (None, None, None)
    assert found(question("a"), answers={"a": level(3)}) == ()


@pytest.mark.parametrize(("target", "number", "is_gap"), [(4, 3, True), (2, 2, False), (0, 0, False), (None, 2, True)])
def test_the_target_is_the_questions_or_3(target: int | None, number: int, is_gap: bool) -> None:  # noqa: FBT001
    assert bool(found(question("a", Asked(target=target)), answers={"a": level(number)})) is is_gap


def test_what_is_not_known_is_as_far_as_can_be() -> None:
    for answers in ({}, {"a": non_answer("unknown")}):
        (gap,) = found(question("a"), answers=answers)
        assert (gap.level, gap.low, gap.priority) == (None, Fraction(0), Fraction(3, 4))


def test_what_is_not_scored_is_no_gap() -> None:
    context = question("c", Asked(dimension="context"))
    assert found(context, question("a"), answers={"a": non_answer("not_applicable")}) == ()


def test_a_critical_question_counts_double_and_critical_gaps_come_first() -> None:
    asked = [
        question("small", Asked(critical=True)),
        question("large", Asked(weight=3)),
        question("none", Asked(critical=True, target=0)),
    ]
    listed = found(*asked, answers={"small": level(2), "large": level(0), "none": level(1)})
    assert [(gap.question.id, gap.critical_gap, gap.priority) for gap in listed] == [
        ("none", True, Fraction(0)),
        ("large", False, Fraction(9, 4)),
        ("small", False, Fraction(1, 2)),
    ]


def test_ties_go_by_paragraph_and_then_by_id() -> None:
    one, two = Asked(paragraphs=("p1",)), Asked(paragraphs=("p2", "p1"))
    asked = [question("a", two), question("d", one), question("c", one), question("b", Asked(paragraphs=("none",)))]
    assert [gap.question.id for gap in found(*asked)] == ["c", "d", "a", "b"]


def test_a_site_question_says_how_many_sites_are_below() -> None:
    of = checklist(question("a", Asked(scope="site")))
    tallies = [
        tally("a", 0, 2),
        tally("a", 2, 1, kind="other_means"),
        tally("a", 3, 3),
        tally("a", kind="unknown"),
        tally("a", kind="not_applicable"),
    ]
    (gap,) = gaps(read(picture(of, {}, [group(sites=10)], tallies)))
    assert (gap.level, gap.low) == (None, Fraction(11, 36))
    assert (gap.sites_below, gap.sites_unknown, gap.sites_asked) == (3, 3, 9)


def test_a_strategic_site_at_level_0_is_listed_though_the_target_is_reached() -> None:
    of = checklist(question("a", Asked(scope="site", critical=True, target=2)))
    groups = [group(tier=3), group("rail", 9)]
    (gap,) = gaps(read(picture(of, {}, groups, [tally("a", 0), tally("a", 4, 9, in_group=1)])))
    assert (gap.critical_gap, gap.priority, gap.sites_below, gap.sites_asked) == (True, Fraction(0), 1, 10)
