"""What a picture says of each question: rows, rests, and what is not asked."""

from datetime import date

import pytest

from rule_builders import Asked, checklist, condition, group, level, non_answer, picture, question, tally, value
from service.assessments.facts import Given
from service.assessments.readings import Counts, Readings, Row, counted, read
from service.catalogue.question import Condition

SITE = Asked(scope="site")


def only(of: Readings) -> tuple[Row, ...]:
    (reading,) = of
    return reading.rows


def test_the_states_answer_is_one_row() -> None:
    of = checklist(question("q"))
    assert only(read(picture(of))) == (Row("unanswered"),)
    assert only(read(picture(of, {"q": level(3, grade=2)}))) == (Row("value", 3, 2),)
    assert only(read(picture(of, {"q": non_answer("unknown")}))) == (Row("unknown"),)


def test_what_does_not_apply_is_not_asked_whatever_is_recorded() -> None:
    never = question("q", Asked(when=condition(state="un_member", in_=["false"])))
    assert only(read(picture(checklist(never), {"q": level(4)}))) == (Row("inapplicable"),)


def test_old_evidence_loses_a_grade_by_its_dimension() -> None:
    answers = {id_: Given("value", 3, 3, 3, date(2024, 6, 1)) for id_ in ("place", "use")}
    of = checklist(question("place"), question("use", Asked(dimension="in_use")))
    assert [reading.rows[0].grade for reading in read(picture(of, answers))] == [3, 2]


def test_sites_in_no_tally_are_unanswered() -> None:
    of = checklist(question("q", SITE))
    groups = [group("airport", 5, tier=3, travellers=100), group("rail", 2, travellers=7)]
    tallies = [
        tally("q", 4, 2, grade=3, travellers=60),
        tally("q", kind="withheld", travellers=30),
        tally("q", 1, 2, in_group=1, age=2, grade=1, travellers=7),
    ]
    assert only(read(picture(of, {}, groups, tallies))) == (
        Row("value", 4, 3, 3, "airport", 2, 60),
        Row("withheld", None, 0, 3, "airport", 1, 30),
        Row("unanswered", None, 0, 3, "airport", 2, 10),
        Row("value", 1, 0, 1, "rail", 2, 7),
    )


@pytest.mark.parametrize(("of_group", "of_tally"), [(None, 3), (10, None), (None, None)])
def test_the_travellers_of_the_rest_are_known_only_from_known_ones(of_group: int | None, of_tally: int | None) -> None:
    of = checklist(question("q", SITE))
    groups, tallies = [group(sites=2, travellers=of_group)], [tally("q", 1, travellers=of_tally)]
    assert only(read(picture(of, {}, groups, tallies)))[1].travellers is None


def test_a_site_question_is_not_asked_where_its_condition_does_not_hold() -> None:
    at_airports = condition(site="type", in_=["airport"])
    of = checklist(question("q", Asked(scope="site", when=at_airports)))
    groups = [group("rail", 3, tier=2, travellers=9), group("airport", 1)]
    tallies = [tally("q", 4, 3, in_group=0)]
    assert only(read(picture(of, {}, groups, tallies))) == (
        Row("inapplicable", None, 0, 2, "rail", 3, 9),
        Row("unanswered", None, 0, 1, "airport", 1),
    )


def test_a_question_that_waits_is_asked() -> None:
    waits = Asked(scope="site", when=condition(question="gate", in_=["1"]))
    of = checklist(question("gate", SITE), question("q", waits))
    told, untold = group(gates={"gate": value("0")}), group()
    rows = read(picture(of, {}, [told, untold], [tally("gate", 0)])).each[1].rows
    assert [row.kind for row in rows] == ["inapplicable", "unanswered"]


def test_more_answers_than_sites_are_a_mistake_of_the_caller() -> None:
    of = checklist(question("q", SITE))
    with pytest.raises(ValueError, match="1 more sites answered q than there are in their group"):
        read(picture(of, {}, [group(sites=2)], [tally("q", 1, 3)]))


def test_every_question_is_read_in_order_without_any_site() -> None:
    of = checklist(question("b"), question("a", SITE), second=[question("c", Asked(dimension="context"))])
    found = read(picture(of))
    assert [(reading.question.id, len(reading.rows)) for reading in found] == [("b", 1), ("a", 0), ("c", 1)]


def test_counts_are_of_sites_and_leave_out_what_is_not_asked() -> None:
    rows = [
        Row("value", 1, sites=2),
        Row("other_means", 1, sites=3),
        Row("unanswered", sites=5),
        Row("unknown", sites=7),
        Row("withheld", sites=11),
        Row("not_applicable", sites=13),
        Row("inapplicable", sites=17),
    ]
    counts = counted(rows)
    assert counts == Counts(5, 5, 7, 11, 13)
    assert counts.asked == 41
    assert [row.asked for row in rows] == [True] * 6 + [False]
    assert [row.scored for row in rows] == [True] * 5 + [False] * 2


def test_control_a_negated_condition_keeps_the_question() -> None:
    kept = Condition(negate=condition(state="un_member", in_=["false"]))
    assert only(read(picture(checklist(question("q", Asked(when=kept)))))) == (Row("unanswered"),)
