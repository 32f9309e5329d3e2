"""The funnel: where the sites stand on each step."""

from fractions import Fraction

import pytest

from rule_builders import Asked, checklist, condition, group, picture, question, tally, value
from service.assessments.coverage import StepCounts, coverage
from service.assessments.facts import SiteGroup, Tally
from service.assessments.readings import read
from service.catalogue.checklist import FunnelStep

MODE = FunnelStep(question="mode", title="Connected")
EXIT = FunnelStep(question="exit", title="On exit", at_level=4)
OF = checklist(
    question("mode", Asked(scope="site")),
    question("exit", Asked(scope="site", when=condition(question="mode", level_at_least=1))),
    funnel=[MODE, EXIT],
)


def counts(groups: list[SiteGroup], tallies: list[Tally]) -> list[tuple[int, int, int, int, int, Fraction | None]]:
    return [parts(step) for step in coverage(read(picture(OF, {}, groups, tallies))).steps]


def parts(step: StepCounts) -> tuple[int, int, int, int, int, Fraction | None]:
    return step.reached, step.partly, step.none, step.unknown, step.not_applicable, step.travellers


def test_every_site_stands_somewhere() -> None:
    groups = [group(sites=20)]
    tallies = [
        tally("mode", 4, 1),
        tally("mode", 3, 2, kind="other_means"),
        tally("mode", 2, 3),
        tally("mode", 0, 4),
        tally("mode", kind="unknown", sites=1),
        tally("mode", kind="withheld", sites=1),
        tally("mode", None, 1),
        tally("mode", kind="not_applicable", sites=5),
    ]
    first, second = counts(groups, tallies)
    assert first == (3, 3, 4, 5, 5, None)
    assert second == (0, 0, 0, 20, 0, None)
    assert sum(first[:5]) == 20


def test_a_step_has_its_own_level() -> None:
    tallies = [tally("exit", 4), tally("exit", 3)]
    assert counts([group(sites=2)], tallies)[1] == (1, 1, 0, 0, 0, None)


def test_where_a_question_is_not_asked_it_is_not_applicable() -> None:
    without = group(sites=3, gates={"mode": value("none", 0)})
    assert counts([without], [tally("mode", 0, 3)]) == [(0, 0, 3, 0, 0, None), (0, 0, 0, 0, 3, None)]


def test_the_share_of_travellers_is_over_the_sites_where_the_step_applies() -> None:
    groups = [group(sites=4, travellers=100)]
    tallies = [
        tally("mode", 3, travellers=30),
        tally("mode", 1, travellers=20),
        tally("mode", kind="not_applicable", travellers=40),
    ]
    assert counts(groups, tallies)[0] == (1, 1, 0, 1, 1, Fraction(1, 2))


@pytest.mark.parametrize("volume", [None, 0])
def test_there_is_no_share_of_travellers_without_volumes(volume: int | None) -> None:
    groups = [group(sites=1, travellers=volume)]
    assert counts(groups, [tally("mode", 4, travellers=volume)])[0] == (1, 0, 0, 0, 0, None)


def test_one_unknown_volume_takes_the_share_from_its_type_and_from_the_whole() -> None:
    groups = [group("rail", travellers=5), group("airport", 2), group("rail", 2, travellers=10)]
    tallies = [tally("mode", 4, travellers=5), tally("mode", 4, in_group=1)]
    found = coverage(read(picture(OF, {}, groups, tallies)))
    assert found.sites == 5
    assert [step.step for step in found.steps] == [MODE, EXIT]
    assert parts(found.steps[0]) == (2, 0, 0, 3, 0, None)
    assert [(of.type, of.sites) for of in found.by_type] == [("airport", 2), ("rail", 3)]
    airport, rail = (of.steps[0] for of in found.by_type)
    assert parts(airport) == (1, 0, 0, 1, 0, None)
    assert parts(rail) == (1, 0, 0, 2, 0, Fraction(1, 3))


def test_without_sites_there_is_nothing_to_count() -> None:
    found = coverage(read(picture(OF)))
    assert (found.sites, found.by_type) == (0, ())
    assert [parts(step) for step in found.steps] == [(0, 0, 0, 0, 0, None)] * 2
