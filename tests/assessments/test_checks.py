"""Cross-checks: of the state, at sites, and between two numbers."""

from typing import Literal

import pytest

from rule_builders import Asked, checklist, condition, group, non_answer, picture, question, value
from service.assessments.checks import Raised, checks
from service.assessments.facts import Given, SiteGroup
from service.catalogue.checklist import Check, Comparison
from service.catalogue.question import Condition, Number

COUNT = Asked(answer=Number(type="number", unit="n"), dimension="context")
UN_ONLY = condition(state="interpol_member", in_=["false"])
QUESTIONS = [
    question("hits", COUNT),
    question("searches", COUNT),
    question("hidden", Asked(answer=COUNT.answer, dimension="context", when=UN_ONLY)),
    question("site.mode", Asked(scope="site")),
    question("site.share", Asked(scope="site")),
]


def raised(
    *of: Check, answers: dict[str, Given] | None = None, groups: tuple[SiteGroup, ...] = (), interpol: bool = True
) -> tuple[Raised, ...]:
    return checks(picture(checklist(*QUESTIONS, checks=of), answers, groups, interpol=interpol))


def when(of: Condition | None, severity: Literal["contradiction", "warning"] = "warning", id_: str = "c") -> Check:
    return Check(id=id_, severity=severity, when=of, message="M")


def compare(left: str, relation: Literal["greater", "less", "differs"], right: str) -> Check:
    comparison = Comparison(left=left, relation=relation, right=right)
    return Check(id="c", severity="contradiction", compare=comparison, message="M")


MANY = condition(question="hits", above=5)


def test_a_check_of_the_state_is_raised_once() -> None:
    assert raised(when(MANY), answers={"hits": value(6)}) == (Raised(when(MANY), (), 1),)
    assert raised(when(MANY), answers={"hits": value(5)}) == ()
    assert raised(when(MANY)) == ()
    assert raised(when(None)) == ()


def test_a_check_that_looks_at_site_answers_is_raised_at_each_site_where_it_holds() -> None:
    both = Condition(all=(condition(question="site.mode", in_=["0"]), condition(question="site.share", above=0)))
    bad, good, open_ = (
        {"site.mode": value(0), "site.share": value(5)},
        {"site.mode": value(0), "site.share": value(0)},
        {"site.mode": value(0)},
    )
    groups = (group(sites=2, gates=bad), group(sites=3, gates=good), group(sites=4, gates=bad), group(gates=open_))
    assert raised(when(both), groups=groups) == (Raised(when(both), (0, 2), 6),)
    assert raised(when(both), groups=groups[1:2]) == ()


def test_a_check_of_any_site_is_about_the_state() -> None:
    somewhere = Condition(any_site=condition(question="site.mode", in_=["0"]))
    groups = (group(sites=2), group(sites=3, gates={"site.mode": value(0)}))
    assert raised(when(somewhere), groups=groups) == (Raised(when(somewhere), (), 1),)


def test_contradictions_come_first_else_in_the_checklists_order() -> None:
    of = [when(MANY, "warning", "a"), when(MANY, "contradiction", "b"), when(MANY, "warning", "c")]
    found = raised(*of, answers={"hits": value(6)})
    assert [result.check.id for result in found] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("relation", "left", "right", "stands"),
    [
        ("greater", 2, 1, True),
        ("greater", 1, 1, False),
        ("less", 1, 2, True),
        ("less", 1, 1, False),
        ("differs", 1, 2, True),
        ("differs", 0.1, 0.1, False),
    ],
)
def test_comparisons(
    relation: Literal["greater", "less", "differs"], left: float, right: float, *, stands: bool
) -> None:
    check = compare("hits", relation, "searches")
    answers = {"hits": value(left), "searches": value(right)}
    assert raised(check, answers=answers) == ((Raised(check, (), 1),) if stands else ())


@pytest.mark.parametrize("missing", [None, non_answer("unknown"), Given("other_means", 3, 3), value("many")])
def test_without_both_numbers_nothing_is_raised(missing: Given | None) -> None:
    answers = {"hits": value(2)} | ({} if missing is None else {"searches": missing})
    assert raised(compare("hits", "differs", "searches"), answers=answers) == ()
    assert raised(compare("searches", "differs", "hits"), answers=answers) == ()


def test_an_answer_kept_from_a_question_that_does_not_apply_is_what_contradicts() -> None:
    """Hidden is asked of states outside INTERPOL only; an answer to it beside a membership is a contradiction."""
    kept = condition(question="hidden", above=0)
    member = Condition(all=(condition(state="interpol_member", in_=["true"]), kept))
    assert raised(when(member), answers={"hidden": value(1)}) == (Raised(when(member), (), 1),)
    assert raised(when(member)) == ()
    assert raised(when(member), answers={"hidden": value(1)}, interpol=False) == ()
    check = compare("hits", "greater", "hidden")
    assert len(raised(check, answers={"hits": value(2), "hidden": value(1)})) == 1


def test_the_register_is_compared_too() -> None:
    groups = (group(sites=2, travellers=10), group("rail", 3, travellers=5))
    for operand, number in (("register:sites", 5), ("register:travellers", 15)):
        check = compare("hits", "differs", operand)
        assert raised(check, answers={"hits": value(number)}, groups=groups) == ()
        assert len(raised(check, answers={"hits": value(number + 1)}, groups=groups)) == 1
    unknown = (*groups, group("seaport"))
    travellers = compare("hits", "differs", "register:travellers")
    assert raised(travellers, answers={"hits": value(1)}, groups=unknown) == ()


def test_a_comparison_may_hang_on_a_condition() -> None:
    check = compare("hits", "greater", "searches").model_copy(update={"when": UN_ONLY})
    answers = {"hits": value(2), "searches": value(1)}
    assert raised(check, answers=answers) == ()
    assert raised(check, answers=answers, interpol=False) == (Raised(check, (), 1),)
