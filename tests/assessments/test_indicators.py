"""Indicators: exact values, and the text that shows them."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from rule_builders import Asked, checklist, choice, condition, group, level, non_answer, picture, question, tally, value
from service.assessments.displays import display, warning
from service.assessments.facts import Given, Picture, SiteGroup, StateFacts, Tally
from service.assessments.indicators import Figure, indicators
from service.assessments.readings import read
from service.catalogue.checklist import Bands, EvidenceRate, Indicator, Ratio, Reference, SiteShare
from service.catalogue.question import Condition, Number, Percent
from service.languages.words import words_of

ENGLISH = words_of("en")
COUNT = Asked(answer=Number(type="number", unit="n"), dimension="context")
SHARE = Percent(type="percent", counts="a / b")
CONNECTED = condition(question="mode", in_=["find", "terminal"])
QUESTIONS = [
    question("hits", COUNT),
    question("searches", COUNT),
    question("mode", Asked(answer=choice(find=4, terminal=3, none=0), scope="site")),
    question("exit", Asked(answer=SHARE, scope="site", when=CONNECTED)),
    question("claim"),
    question("context", Asked(dimension="context")),
    question("outside", replace(COUNT, when=condition(state="interpol_member", in_=["false"]))),
]


def computed(of: SiteShare | Ratio | Bands | EvidenceRate, unit: str, given: Picture) -> Figure:
    indicator = Indicator(id="i", title="I", unit=unit, note="N", of=of)
    asked = checklist(*QUESTIONS, indicators=[indicator])
    (figure,) = indicators(
        read(Picture(asked, given.state, given.period_end, given.answers, given.groups, given.tallies))
    )
    assert figure.indicator is indicator
    return figure


def facts(
    answers: dict[str, Given] | None = None, groups: tuple[SiteGroup, ...] = (), tallies: tuple[Tally, ...] = ()
) -> Picture:
    return picture(checklist(*QUESTIONS), answers, groups, tallies)


def at(mode: str | None, sites: int, travellers: int | None = None, exit_: Given | None = None) -> SiteGroup:
    gates = {} if mode is None else {"mode": value(mode)}
    return group(sites=sites, travellers=travellers, gates=gates if exit_ is None else {**gates, "exit": exit_})


LIVE = SiteShare(kind="site_share", where=CONNECTED)


def seen(figure: Figure) -> tuple[Fraction | None, str, str | None]:
    return figure.value, display(figure, ENGLISH), warning(figure, ENGLISH)


def test_a_share_of_sites() -> None:
    groups = (at("find", 10), at("terminal", 7), at("none", 25))
    assert seen(computed(LIVE, "%", facts(groups=groups))) == (Fraction(850, 21), "40 % (17 of 42 sites)", None)


def test_sites_not_yet_told_count_as_not_and_are_said() -> None:
    groups = (at("find", 1), at(None, 3))
    doubt = "not known at 3 sites, which are counted as not"
    figure = computed(LIVE, "%", facts(groups=groups))
    assert seen(figure) == (Fraction(25), "25 % (1 of 4 sites)", doubt)
    assert (figure.part, figure.whole, figure.untold) == (1, 4, 3)


def test_a_share_whose_numbers_were_not_kept_says_the_figure_alone() -> None:
    figure = computed(LIVE, "%", facts(groups=(at("find", 1), at("none", 1))))
    assert display(Figure(figure.indicator, figure.value), ENGLISH) == "50 %"
    assert display(figure, ENGLISH) == "50 % (1 of 2 sites)"


def test_a_share_of_travellers() -> None:
    weighted = LIVE.model_copy(update={"weighted_by": "travellers"})
    groups = (at("find", 1, 9000), at("none", 9, 1000))
    assert seen(computed(weighted, "%", facts(groups=groups))) == (
        Fraction(90),
        "90 % (9,000 of 10,000 travellers)",
        None,
    )
    figure = computed(weighted, "%", facts(groups=(*groups, at("find", 1))))
    assert seen(figure) == (None, "not known", "the travellers of some sites are not known")


def test_a_share_is_of_the_sites_to_which_the_condition_can_apply() -> None:
    leaving = SiteShare(kind="site_share", where=condition(question="exit", above=95))
    excused = at("find", 2, exit_=non_answer("not_applicable"))
    groups = (at("find", 1, exit_=value(99)), at("find", 3, exit_=value(10)), at("none", 5), excused)
    assert seen(computed(leaving, "%", facts(groups=groups))) == (Fraction(25), "25 % (1 of 4 sites)", None)
    every = SiteShare(kind="site_share", where=Condition(all=(CONNECTED, leaving.where)))
    assert seen(computed(every, "%", facts(groups=groups)))[1] == "9 % (1 of 11 sites)"
    assert seen(computed(leaving, "%", facts(groups=(excused,)))) == (None, "not known", None)


def test_a_share_may_look_at_the_register_alone() -> None:
    airports = SiteShare(
        kind="site_share",
        where=Condition(all=(condition(site="type", in_=["airport"]), condition(question="hits", above=0))),
    )
    groups = (group(sites=1), group("rail", 3))
    assert computed(airports, "%", facts({"hits": value(1)}, groups)).value == 25


RATE = Ratio(kind="ratio", numerator="hits", denominator="searches", times=100_000, plausible=(Decimal(1), Decimal(50)))


@pytest.mark.parametrize(
    ("hits", "searches", "exact", "shown", "doubt"),
    [
        (73, 1_000_000, Fraction(73, 10), "7.3 per 100,000", None),
        (1, 100_000, Fraction(1), "1 per 100,000", None),
        (50, 100_000, Fraction(50), "50 per 100,000", None),
        (51, 100_000, Fraction(51), "51 per 100,000", "outside the plausible 1 to 50: look at both numbers again"),
        (0, 100_000, Fraction(0), "0 per 100,000", "outside the plausible 1 to 50: look at both numbers again"),
        (1, 0, None, "not known", None),
        (None, 100, None, "not known", None),
        (1, None, None, "not known", None),
    ],
)
def test_a_ratio(hits: int | None, searches: int | None, exact: Fraction | None, shown: str, doubt: str | None) -> None:
    answers = {id_: value(n) for id_, n in (("hits", hits), ("searches", searches)) if n is not None}
    assert seen(computed(RATE, "per 100,000", facts(answers))) == (exact, shown, doubt)


def test_a_ratio_with_one_plausible_value_or_none() -> None:
    register = Ratio(
        kind="ratio", numerator="register:sites", denominator="hits", plausible=(Decimal(100), Decimal(100))
    )
    given = facts({"hits": value(3)}, (group(sites=2),))
    doubt = "outside the plausible 100: look at both numbers again"
    assert seen(computed(register, "%", given)) == (Fraction(200, 3), "66.7 %", doubt)
    free = register.model_copy(update={"plausible": None})
    assert seen(computed(free, "%", given)) == (Fraction(200, 3), "66.7 %", None)


def test_a_number_that_is_not_asked_for_is_in_no_figure() -> None:
    answers = {"hits": value(1), "outside": value(2)}
    ratio = Ratio(kind="ratio", numerator="hits", denominator="outside")
    assert computed(ratio, "%", facts(answers)).value is None
    outsider = replace(facts(answers), state=StateFacts(un_member=True, interpol_member=False))
    assert computed(ratio, "%", outsider).value == 50


LATENCY = Bands(
    kind="bands",
    value="hits",
    references=(
        Reference(at_most=Decimal(72), text="within 72 hours"),
        Reference(at_most=Decimal(24), text="within 24 hours"),
    ),
)


@pytest.mark.parametrize(
    ("hours", "shown"),
    [
        (24, "24 hours (within 24 hours)"),
        (24.5, "24.5 hours (within 72 hours)"),
        (73, "73 hours (beyond: within 72 hours)"),
        (None, "not known"),
    ],
)
def test_a_number_beside_references(hours: float | None, shown: str) -> None:
    answers = {} if hours is None else {"hits": value(hours)}
    exact = None if hours is None else Fraction(str(hours))
    assert seen(computed(LATENCY, "hours", facts(answers))) == (exact, shown, None)


def test_the_evidence_rate_is_of_scored_answers_with_a_value() -> None:
    answers = {"claim": level(4, 2), "context": level(4, 3), "hits": value(1)}
    tallies = (
        tally("mode", 4, 1, grade=3),
        tally("mode", 3, 1, grade=1),
        tally("mode", 3, 1, grade=2, kind="other_means"),
        tally("mode", 3, 1, grade=2, age=2),
        tally("mode", kind="unknown", grade=3),
    )
    given = facts(answers, (group(sites=9),), tallies)
    assert seen(computed(EvidenceRate(kind="evidence_rate"), "%", given)) == (
        Fraction(60),
        "60 % (3 of 5 answers)",
        None,
    )
    assert computed(EvidenceRate(kind="evidence_rate"), "%", facts()).value is None
