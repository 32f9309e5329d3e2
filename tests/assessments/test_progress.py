"""How far the filling is."""

from rule_builders import Asked, checklist, condition, group, level, non_answer, picture, question, tally, value
from service.assessments.facts import Given
from service.assessments.progress import Filling, progress
from service.assessments.readings import read

OF = checklist(
    question("a"),
    question("never", Asked(when=condition(state="un_member", in_=["false"]))),
    question("waits", Asked(when=condition(question="a", level_at_least=1))),
    question("context", Asked(dimension="context")),
    second=[question("site.q", Asked(scope="site"))],
)


def test_with_nothing_recorded_all_that_applies_or_may_is_asked() -> None:
    assert progress(read(picture(OF, {}, [group(sites=3)]))) == Filling(
        6, 0, 0, 0, 0, 0, {"first": (0, 3), "second": (0, 3)}
    )


def test_every_recorded_answer_is_progress_a_non_answer_too() -> None:
    answers = {"a": Given("other_means", 3, 3), "never": level(1), "waits": non_answer("withheld"), "context": value(1)}
    tallies = [
        tally("site.q", 1),
        tally("site.q", kind="unknown", sites=2),
        tally("site.q", kind="not_applicable", sites=3),
    ]
    assert progress(read(picture(OF, answers, [group(sites=10)], tallies))) == Filling(
        13, 9, 3, 3, 2, 1, {"first": (3, 3), "second": (6, 10)}
    )


def test_an_answer_may_take_a_question_away() -> None:
    assert progress(read(picture(OF, {"a": level(0)}))).by_section == {"first": (1, 2), "second": (0, 0)}
