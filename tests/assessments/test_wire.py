"""From results to wire models: exact text, whole percents, and what is left out."""

from fractions import Fraction
from typing import Literal

import pytest

from rule_builders import Asked, checklist, condition, group, level, non_answer, picture, question, tally, value
from service.assessments.checks import checks
from service.assessments.coverage import coverage
from service.assessments.gaps import gaps
from service.assessments.indicators import indicators
from service.assessments.progress import progress
from service.assessments.readings import read
from service.assessments.scoring import scores
from service.assessments.wire import checks_view, coverage_view, gap_views, progress_view, scores_view
from service.catalogue.checklist import Check, FunnelStep, Indicator, Ratio
from service.languages.words import words_of
from stocktake.models import assessments as wire

EMPTY = wire.Score(
    low=None,
    high=None,
    known=None,
    supported=None,
    low_percent=None,
    high_percent=None,
    known_percent=None,
    supported_percent=None,
    band="not_applicable",
    confidence=None,
    limited_basis=False,
    critical_gaps=0,
)


def test_scores() -> None:
    of = checklist(question("a", Asked(paragraphs=("p2",), critical=True)), question("b", Asked(weight=2)))
    sheet = scores_view(scores(read(picture(of, {"a": level(1, 2), "b": level(3, 1)}))), of)
    assert sheet.scoring_model == "1.0"
    assert sheet.in_place == wire.Score(
        low="7/12",
        high="7/12",
        known="1/1",
        supported="5/12",
        low_percent=58,
        high_percent=58,
        known_percent=100,
        supported_percent=42,
        band="partial",
        confidence="C",
        limited_basis=False,
        critical_gaps=1,
    )
    assert sheet.in_use == EMPTY
    assert sheet.counts == wire.Counts(answered=2, unanswered=0, unknown=0, withheld=0, not_applicable=0)
    assert [(p.paragraph, p.label, p.in_place.low, p.in_use) for p in sheet.paragraphs] == [
        ("p1", "1 (a)", "3/4", EMPTY),
        ("p2", "2 (a)", "1/4", EMPTY),
    ]
    assert sheet.paragraphs[1].counts.answered == 1


def test_where_too_little_is_known_the_headline_is_left_out_and_the_interval_stays() -> None:
    of = checklist(question("a"), question("b"))
    score = scores_view(scores(read(picture(of, {"a": level(4), "b": non_answer("unknown")}))), of).in_place
    assert (score.low, score.high, score.supported) == ("1/2", "1/1", "1/8")
    assert (score.band, score.low_percent, score.supported_percent) == ("insufficient", None, None)
    assert (score.high_percent, score.known_percent) == (100, 50)


def test_coverage() -> None:
    step = FunnelStep(question="a", title="Step")
    of = checklist(question("a", Asked(scope="site")), funnel=[step])
    groups = [group("rail", 3, travellers=9), group("airport", 1)]
    tallies = [tally("a", 4, 1, travellers=3), tally("a", 1, 1, travellers=3), tally("a", 0, in_group=1)]
    view = coverage_view(coverage(read(picture(of, {}, groups, tallies))))
    whole = wire.StepCount(
        question="a", title="Step", reached=1, partly=1, none=1, unknown=1, not_applicable=0, travellers_share=None
    )
    assert (view.sites, view.steps) == (4, [whole])
    assert [(t.type, t.sites, t.steps[0].reached, t.steps[0].travellers_share) for t in view.by_type] == [
        ("airport", 1, 0, None),
        ("rail", 3, 1, "1/3"),
    ]


@pytest.mark.parametrize("dimension", ["in_place", "in_use"])
def test_gaps(dimension: Literal["in_place", "in_use"]) -> None:
    of = checklist(question("a", Asked(dimension=dimension, critical=True)))
    assert gap_views(gaps(read(picture(of, {"a": level(1)})))) == [
        wire.Gap(
            question="a",
            title="Title of a",
            paragraph="p1",
            dimension=dimension,
            level=1,
            target=3,
            low="1/4",
            critical=True,
            critical_gap=True,
            priority="1/1",
            sites_below=None,
            sites_asked=None,
        )
    ]


def test_gaps_of_sites() -> None:
    of = checklist(question("a", Asked(scope="site")))
    (gap,) = gap_views(gaps(read(picture(of, {}, [group(sites=2)], [tally("a", 1)]))))
    assert (gap.level, gap.sites_below, gap.sites_asked) == (None, 1, 2)


def test_checks_and_indicators() -> None:
    check = Check(id="c", severity="warning", when=condition(question="site.q", above=0), message="M")
    figures = [
        Indicator(id=id_, title="I", unit="%", note="N", of=Ratio(kind="ratio", numerator=left, denominator=right))
        for id_, left, right in (
            ("i", "a", "register:sites"),
            ("j", "register:sites", "register:sites"),
            ("k", "a", "b"),
        )
    ]
    of = checklist(
        question("a", Asked(dimension="context")),
        question("b", Asked(dimension="context")),
        question("site.q", Asked(scope="site")),
        checks=[check],
        indicators=figures,
    )
    given = picture(of, {"a": value(1)}, [group(sites=30, gates={"site.q": value(1, 1)})])
    names = [f"S{n}" for n in range(30)]
    view = checks_view(checks(given), indicators(read(given)), {"c": names}, words_of("en"))
    assert view.results == [wire.CheckResult(check="c", severity="warning", message="M", sites=names[:20], count=30)]
    assert checks_view(checks(given), (), {}, words_of("en")).results[0].sites == []
    assert [(i.indicator, i.value, i.display, i.warning) for i in view.indicators] == [
        ("i", "10/3", "3.3 %", None),
        ("j", "100", "100 %", None),
        ("k", None, "not known", None),
    ]
    assert Fraction(view.indicators[0].value or 0) == Fraction(10, 3)


def test_progress() -> None:
    of = checklist(question("a"), second=[question("b"), question("c"), question("d"), question("e")])
    answers = {
        "a": level(1),
        "b": non_answer("unknown"),
        "c": non_answer("withheld"),
        "d": non_answer("not_applicable"),
    }
    assert progress_view(progress(read(picture(of, answers)))) == wire.Progress(
        asked=5,
        answered=4,
        values=1,
        not_applicable=1,
        unknown=1,
        withheld=1,
        by_section={"first": (1, 1), "second": (3, 4)},
    )
