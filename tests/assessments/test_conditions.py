"""Conditions in three truths: every test, every combination, and what takes a question away."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from rule_builders import (
    Asked,
    checklist,
    choice,
    choices,
    condition,
    group,
    level,
    non_answer,
    picture,
    question,
    value,
)
from service.assessments.conditions import (
    Looked,
    Surroundings,
    Truth,
    applies,
    asks_everywhere,
    every,
    gates,
    holds,
    looks_at_site,
    negated,
    number_of,
    some,
)
from service.assessments.facts import Given, SiteGroup
from service.catalogue.checklist import Check, Checklist, EvidenceRate, Indicator, SiteShare
from service.catalogue.question import Condition, Percent
from stocktake.models.answers import AnswerKind

PERCENT = Percent(type="percent", counts="a / b")
MODES = Asked(answer=choice(find=4, none=0))
FIND = condition(question="mode", in_=["find"])
SITE_FIND = condition(question="site.mode", in_=["find"])


def basic() -> Checklist:
    return checklist(
        question("mode", MODES),
        question("agencies", Asked(answer=choices("a", "b", "c"))),
        question("share", Asked(answer=PERCENT)),
        question("scale"),
        question("site.mode", Asked(answer=choice(find=4, none=0), scope="site")),
        question("site.next", Asked(scope="site", when=SITE_FIND)),
        question("site.last", Asked(scope="site", when=condition(question="site.next", level_at_least=2))),
    )


def told(
    of: Condition,
    answers: dict[str, Given] | None = None,
    here: SiteGroup | None = None,
    groups: tuple[SiteGroup, ...] = (),
) -> Truth:
    around = Surroundings.of(picture(basic(), answers, groups))
    return holds(of, around if here is None else around.at(here))


@pytest.mark.parametrize(
    ("test", "given", "truth"),
    [
        ({"in": ["find"]}, value("find", 4), True),
        ({"in": ["none"]}, value("find", 4), False),
        ({"in": ["none"]}, None, None),
        ({"in": ["none"]}, non_answer("unknown"), None),
        ({"in": ["none"]}, non_answer("withheld"), None),
        ({"in": ["none"]}, non_answer("not_applicable"), False),
        ({"in": ["find"]}, Given("other_means", 3, 3), None),
        ({"in": ["3"]}, Given("other_means", 3, 3), None),
        ({"level_at_least": 3}, Given("other_means", 3, 3), True),
        ({"level_at_least": 4}, value("find", 4), True),
        ({"level_at_least": 4}, value("find", 3), False),
        ({"level_at_least": 4}, value("find"), None),
        ({"level_below": 4}, value("find", 4), False),
        ({"level_below": 4}, value("find", 3), True),
        ({"level_below": 4}, value("find"), None),
        ({"above": 0}, Given("other_means", 3, 3), None),
        ({"level_at_least": 2, "level_below": 4}, value("find", 4), False),
        ({"level_at_least": 2, "level_below": 4}, value("find", 3), True),
    ],
)
def test_a_test_on_an_answer(test: dict[str, object], given: Given | None, truth: Truth) -> None:
    answers = {} if given is None else {"mode": given}
    assert told(condition(question="mode", **test), answers) is truth


@pytest.mark.parametrize(
    ("test", "share", "truth"),
    [
        ({"above": "0.3"}, 0.3, False),
        ({"above": "0.3"}, 0.3001, True),
        ({"below": "0.3"}, 0.3, False),
        ({"below": "0.3"}, 0.2999, True),
        ({"above": 1, "below": 3}, 2, True),
        ({"above": 1, "below": 3}, 3, False),
        ({"above": 1, "below": 3}, 1, False),
        ({"in": ["25"]}, 25, True),
        ({"in": ["25"]}, 2.5, False),
    ],
)
def test_a_test_on_a_number_is_exact(test: dict[str, object], share: float, truth: Truth) -> None:
    assert told(condition(question="share", **test), {"share": value(share)}) is truth


def test_of_several_choices_one_is_enough() -> None:
    either = condition(question="agencies", in_=["a", "b"])
    assert told(either, {"agencies": value(["b", "c"])}) is True
    assert told(either, {"agencies": value(["c"])}) is False


def test_no_number_is_neither_above_nor_below() -> None:
    assert number_of("1") is None
    assert told(condition(question="mode", below=3), {"mode": value(given=True)}) is None
    assert number_of(None) is None
    assert told(condition(question="mode", below=3), {"mode": value("find")}) is None


YES = condition(state="un_member", in_=["true"])
NO = condition(state="un_member", in_=["false"])
OPEN = FIND


@pytest.mark.parametrize(
    ("combined", "truth"),
    [
        (Condition(all=(YES, YES)), True),
        (Condition(all=(YES, OPEN)), None),
        (Condition(all=(OPEN, NO)), False),
        (Condition(any=(NO, NO)), False),
        (Condition(any=(NO, OPEN)), None),
        (Condition(any=(OPEN, YES)), True),
        (Condition(negate=YES), False),
        (Condition(negate=NO), True),
        (Condition(negate=OPEN), None),
    ],
)
def test_combinations(combined: Condition, truth: Truth) -> None:
    assert told(combined) is truth


def test_the_three_truths() -> None:
    three: list[Truth] = [True, None, False]
    assert [[every((a, b)) for b in three] for a in three] == [
        [True, None, False],
        [None, None, False],
        [False, False, False],
    ]
    for a in three:
        for b in three:
            assert some((a, b)) is negated(every((negated(a), negated(b))))
    assert every([]) is True
    assert some([]) is False


def test_membership_is_the_registers() -> None:
    of = basic()
    interpol = condition(state="interpol_member", in_=["true"])
    assert holds(interpol, Surroundings.of(picture(of, interpol=True))) is True
    assert holds(interpol, Surroundings.of(picture(of, interpol=False))) is False
    assert holds(YES, Surroundings.of(picture(of, un=False))) is False


def test_a_site_is_looked_at_only_at_a_site() -> None:
    airport = condition(site="type", in_=["airport"])
    assert told(airport) is None
    assert told(airport, here=group("airport")) is True
    assert told(airport, here=group("rail")) is False
    assert told(SITE_FIND) is None
    assert told(SITE_FIND, here=group(gates={"site.mode": value("find", 4)})) is True


FINDS, LACKS, SILENT = (
    group(gates={"site.mode": value("find", 4)}),
    group(gates={"site.mode": value("none", 0)}),
    group(),
)


@pytest.mark.parametrize(
    ("groups", "truth"),
    [
        ((LACKS, SILENT, FINDS), True),
        ((LACKS, SILENT), None),
        ((LACKS, LACKS), False),
        ((), False),
    ],
)
def test_at_some_site(groups: tuple[SiteGroup, ...], truth: Truth) -> None:
    anywhere = Condition(any_site=SITE_FIND)
    assert told(anywhere, groups=groups) is truth
    assert told(anywhere, here=LACKS, groups=groups) is truth


def test_some_site_is_looked_for_once_for_all_sites() -> None:
    anywhere = Condition(any_site=SITE_FIND)
    around = Surroundings.of(picture(basic(), groups=(LACKS, FINDS)))
    assert [holds(anywhere, around.at(here)) for here in around.groups] == [True, True]
    assert len(around.anywhere) == 1


def test_only_a_condition_that_does_not_hold_takes_a_question_away() -> None:
    waits = question("waits", Asked(when=FIND))
    of = checklist(question("mode", MODES), waits)
    assert applies(picture(of), of.question("mode")) is True
    assert applies(picture(of), waits) is None
    assert applies(picture(of, {"mode": value("find", 4)}), waits) is True
    assert applies(picture(of, {"mode": value("none", 0)}), waits) is False


def test_a_test_on_a_question_that_does_not_apply_does_not_hold_whatever_is_recorded() -> None:
    of = basic()
    last = of.question("site.last")
    kept = {"site.next": level(4)}
    for mode, truth in ((value("none", 0), False), (value("find", 4), True), (non_answer("unknown"), True)):
        at = group(gates={"site.mode": mode, **kept})
        assert applies(picture(of, groups=(at,)), last, at) is truth
    assert applies(picture(of), last) is None


def test_recorded_answers_are_looked_at_when_so_asked_whether_the_question_applies_or_not() -> None:
    at = group(gates={"site.mode": value("none", 0), "site.next": level(4)})
    given = picture(basic(), groups=(at,))
    kept = condition(question="site.next", level_at_least=2)
    assert holds(kept, Surroundings.of(given).at(at)) is False
    assert holds(kept, Surroundings.of(given, recorded=True).at(at)) is True


def test_a_site_question_may_hang_on_the_states_answers() -> None:
    second = question("second", Asked(when=FIND))
    site = question("site.q", Asked(scope="site", when=condition(question="second", level_at_least=1)))
    of = checklist(question("mode", MODES), second, site)
    at = group()
    for mode, truth in (("find", True), ("none", False)):
        answers = {"mode": value(mode), "second": level(1)}
        assert applies(picture(of, answers, (at,)), site, at) is truth


def test_each_site_is_told_apart_and_asked_once() -> None:
    of = basic()
    around = Surroundings.of(picture(of, groups=(FINDS, LACKS)))
    following = of.question("site.next")
    finds = around.at(FINDS)
    assert finds.applies(following) is True
    assert finds.told == {"site.next": True}
    assert finds.applies(following) is True
    assert finds.at(LACKS).applies(following) is False
    assert around.told == {}


def test_gates_are_the_site_questions_any_condition_looks_at() -> None:
    def share(of: str) -> SiteShare:
        return SiteShare(kind="site_share", where=condition(question=of, level_at_least=1))

    names = ["a", "b", "c", "d", "e", "f", "g"]
    sites = [question(f"site.{name}", Asked(scope="site")) for name in names]
    nested = Condition(all=(condition(question="site.a", in_=["1"]), Condition(negate=Condition(any=(YES, FIND)))))
    of = checklist(
        *sites,
        question("mode", MODES),
        question("x", Asked(when=nested)),
        question("y", Asked(when=Condition(any_site=condition(question="site.b", in_=["1"])))),
        checks=[
            Check(id="k", severity="warning", when=condition(question="site.c", in_=["1"]), message="M"),
            Check(id="l", severity="warning", message="M"),
        ],
        indicators=[
            Indicator(id="i", title="I", unit="%", note="N", of=share("site.d")),
            Indicator(id="j", title="J", unit="%", note="N", of=EvidenceRate(kind="evidence_rate")),
        ],
    )
    assert set(gates(of)) == {"site.a", "site.b", "site.c", "site.d"}
    assert gates(checklist(question("mode", MODES))) == {}


@pytest.mark.parametrize(
    ("of", "about_site"),
    [
        (SITE_FIND, True),
        (condition(site="type", in_=["rail"]), True),
        (Condition(all=(FIND, Condition(negate=SITE_FIND))), True),
        (Condition(any_site=SITE_FIND), False),
        (Condition(all=(FIND, Condition(negate=Condition(any_site=SITE_FIND)))), False),
        (Condition(any=(FIND, YES)), False),
    ],
)
def test_whether_a_condition_is_about_one_site(of: Condition, about_site: bool) -> None:  # noqa: FBT001 - a table
    assert looks_at_site(of, basic().by_id()) is about_site


@pytest.mark.parametrize("kind", ["unknown", "withheld"])
def test_control_a_non_answer_is_not_a_no(kind: AnswerKind) -> None:
    """Were an unknown read as no, the negation would hold."""
    assert told(Condition(negate=FIND), {"mode": non_answer(kind)}) is None
    assert told(Condition(negate=FIND), {"mode": non_answer("not_applicable")}) is True


def test_what_is_looked_at_in_a_gate_is_told_test_by_test() -> None:
    share = question("share", Asked(answer=PERCENT, scope="site"))
    mode = question("mode", Asked(answer=choice(find=4, terminal=3, mind=1, none=0), scope="site"))
    lists = question("lists", Asked(answer=choices("x", "y"), scope="site"))
    tests: list[Mapping[str, object]] = [
        {"question": "share", "above": "25", "below": "95"},
        {"question": "share", "above": "0"},
        {"question": "share", "level_at_least": 3},
        {"question": "share", "level_below": 2},
        {"question": "mode", "in": ["find", "terminal", "mind"]},
        {"question": "mode", "in": ["mind"]},
        {"question": "mode", "above": "1"},
        {"question": "lists", "in": ["x"]},
    ]
    asked = [question(f"q{n}", Asked(when=condition(any_site=test))) for n, test in enumerate(tests)]
    assert gates(checklist(share, mode, lists, *asked)) == {
        "share": Looked(levels=(2, 3), above=(Decimal(0), Decimal(25)), below=(Decimal(95),)),
        "mode": Looked(words=(("find", "find"), ("mind", "mind"), ("terminal", "find"))),
        "lists": Looked(value=True),
    }


def test_every_site_is_asked_after_only_where_a_condition_comes_to_it() -> None:
    any_ = condition(any_site={"question": "s", "level_at_least": 1})
    of = checklist(
        question("s", Asked(scope="site")),
        question("n", Asked(when=any_)),
        question("m", Asked(when=condition(question="n", level_at_least=1))),
        question("o", Asked(when=condition(not_={"question": "p", "level_at_least": 1}))),
        question("p", Asked(when=condition(question="s", level_at_least=1))),
    )
    names = of.by_id()
    told_by = {id_: asks_everywhere([names[id_], names[id_]], names) for id_ in names}
    assert told_by == {"s": False, "n": True, "m": True, "o": False, "p": False}
    assert asks_everywhere(of.questions, names)
