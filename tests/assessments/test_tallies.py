"""Groups of like sites give what every site on its own gives, on both databases."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from uuid import UUID

from sqlalchemy import Connection, delete, insert

from conftest import World
from rule_builders import (
    END,
    MATURITY,
    Asked,
    Place,
    checklist,
    choice,
    choices,
    condition,
    one_by_one,
    picture,
    question,
)
from service.assessments.answers import Spot, Writing, row_of
from service.assessments.checks import checks
from service.assessments.conditions import Looked, gates
from service.assessments.coverage import coverage
from service.assessments.facts import Given, Picture
from service.assessments.gaps import gaps
from service.assessments.indicators import indicators
from service.assessments.progress import progress
from service.assessments.readings import read
from service.assessments.scoring import scores
from service.assessments.tallies import Scope, grouped, groups_only, site_groups
from service.catalogue.checklist import Check, FunnelStep, Indicator, SiteShare
from service.catalogue.question import Condition, Number, Percent
from service.db.tables import Answer, Site
from stocktake.models.answers import AnswerEntry, AnswerKind, Value

KINDS: list[AnswerKind] = [*(("value",) * 5), "unknown", "withheld", "not_applicable", "other_means"]
SHARES = [0, 0.0001, 0.1, 0.3, 24.9999, 25, 25.0001, 60, 94.9999, 95, 100]
COUNTS = [0, 1, 2, 3, 9_999_999_999, 10_000_000_000]
WORDS = ["find", "terminal", "mind", "none"]
NOW = Writing("test", "test", datetime(2026, 6, 1, tzinfo=UTC))


def when(id_: str, parts: Mapping[str, object]) -> Asked:
    return Asked(scope="site", when=condition(question=id_, **parts))


def raised(id_: str, when_: Condition) -> Check:
    return Check(id=id_, severity="warning", when=when_, message="M")


def share(id_: str, where: Condition) -> Indicator:
    return Indicator(id=id_, title="I", unit="%", note="N", of=SiteShare(kind="site_share", where=where))


OF = checklist(
    question("share", Asked(answer=Percent(type="percent", counts="all"), scope="site")),
    question("count", Asked(answer=Number(type="number", unit="hits", max=Decimal(10**10)), scope="site")),
    question("mode", Asked(answer=choice(find=4, terminal=3, mind=1, none=0), scope="site")),
    question("lists", Asked(answer=choices("find", "terminal", "mind", "none"), scope="site")),
    question("grade", Asked(answer=MATURITY, scope="site")),
    question("a", when("share", {"above": "0.3"})),
    question("b", when("share", {"above": "25", "below": "95"})),
    question("c", when("count", {"below": "1"})),
    question("d", when("count", {"above": "9999999999"})),
    question("e", when("mode", {"in_": ["find", "terminal"]})),
    question("f", when("grade", {"level_at_least": 2})),
    question("g", Asked(when=condition(any_site={"question": "share", "above": "94.9999"}))),
    question("h", when("lists", {"in_": ["mind", "none"]})),
    checks=[
        raised("k", condition(all=[{"question": "share", "below": "25"}, {"question": "mode", "in": ["find"]}])),
        raised("l", condition(not_={"question": "grade", "level_below": 4})),
    ],
    indicators=[
        share("i", condition(question="share", above="25")),
        share("j", condition(all=[{"question": "mode", "in": ["mind"]}, {"question": "grade", "below": "3"}])),
    ],
    funnel=[FunnelStep(question=id_, title=id_) for id_ in ("mode", "a", "b", "c")],
)


def answer(chance: Random, id_: str) -> Given:
    kind = chance.choice(KINDS)
    level = chance.randrange(5)
    if kind == "other_means":
        return Given(kind, level, level)
    if kind != "value":
        return Given(kind)
    of_value: dict[str, Value] = {
        "share": chance.choice(SHARES),
        "count": chance.choice(COUNTS),
        "mode": chance.choice(WORDS),
        "lists": sorted(chance.sample(WORDS, chance.randrange(1, 3))),
    }
    return Given(kind, of_value.get(id_, level), level, chance.randrange(4), END)


def places(chance: Random) -> list[Place]:
    ids = [asked.id for asked in OF.of_scope("site")]
    return [
        Place(
            chance.choice(["airport", "rail"]), chance.choice([1, 3]), chance.randrange(9),
            {id_: answer(chance, id_) for id_ in ids if chance.random() < 0.8},
        )
        for _ in range(60)
    ]  # fmt: skip


def keep(connection: Connection, assessment: UUID, all_: list[Place]) -> None:
    """In place of whatever sites and answers there were."""
    connection.execute(delete(Answer.__table__))
    connection.execute(delete(Site.__table__))
    for number, place in enumerate(all_):
        code = f"S{number:02}"
        site = {"state": "QZA", "code": code, "name": code, "type": place.type, "tier": place.tier}
        connection.execute(insert(Site.__table__), site | {"travellers": place.travellers, "version": 1})
        for id_, given in place.answers.items():
            row = row_of(Spot("QZA", assessment, id_, code), AnswerEntry(kind="unknown"), given, NOW, "1.1.0")
            connection.execute(insert(Answer.__table__), row | {"version": 1})


def results(of: Picture) -> dict[str, object]:
    """Everything computed; checks by how many sites they are raised at."""
    readings = read(of)
    found: dict[str, object] = {rule.__name__: rule(readings) for rule in (scores, coverage, gaps, progress)}
    found["indicators"] = [(f.value, f.part, f.whole, f.untold) for f in indicators(readings)]
    return found | {"checks": [(r.check.id, r.count) for r in checks(of)]}


def from_database(connection: Connection, assessment: UUID, looked: Mapping[str, Looked]) -> dict[str, object]:
    found = grouped(connection, Scope("QZA", assessment, END), looked)
    assert groups_only(connection, Scope("QZA", assessment, END), looked) == found.groups
    return results(picture(OF, {}, found.groups, found.tallies))


def shifted(field: str, id_: str) -> Callable[[Mapping[str, Looked]], dict[str, Looked]]:
    """The same with one limit of one question in the wrong place, or a word taken for another."""

    def wrong(looked: Mapping[str, Looked]) -> dict[str, Looked]:
        was = looked[id_]
        other: dict[str, tuple[object, ...]] = {
            "above": tuple(limit + Decimal("0.0001") for limit in was.above),
            "below": tuple(limit + 1 for limit in was.below),
            "levels": tuple(level - 1 for level in was.levels),
            "words": tuple((word, "find") for word, _ in was.words),
        }
        return {**looked, id_: Looked(**(asdict(was) | {field: other[field]}))}

    return wrong


WRONG = [shifted("above", "share"), shifted("below", "count"), shifted("levels", "grade"), shifted("words", "mode")]


def test_grouped_sites_give_what_every_site_on_its_own_gives(world: World) -> None:
    assessment = UUID(world.assessment(world.state(sites=0)))
    looked, differs = gates(OF), [False] * len(WRONG)
    for seed in range(5):
        apart = places(Random(seed))  # noqa: S311  # made-up answers, the same every time
        expected = results(one_by_one(OF, {}, apart, looked))
        with world.database.transaction(writes=True, state="QZA") as connection:
            keep(connection, assessment, apart)
        with world.database.transaction(writes=False, state="QZA") as connection:
            assert from_database(connection, assessment, looked) == expected
            for n, wrong in enumerate(WRONG):
                differs[n] |= from_database(connection, assessment, wrong(looked)) != expected
    assert all(differs), differs


def test_sites_are_alike_when_no_condition_tells_them_apart(world: World) -> None:
    """Shares all different, on three sides of the limits 0.3, 25, 94.9999 and 95."""
    assessment = UUID(world.assessment(world.state(sites=0)))
    values = [0.1, 0.2, 0.3, 0.3001, 24, 25, 25.0001, 26, 94.9999, 95, 96]
    apart = [Place("airport", 1, 1, {"share": Given("value", value, 2)}) for value in values]
    with world.database.transaction(writes=True, state="QZA") as connection:
        keep(connection, assessment, apart)
    scope = Scope("QZA", assessment, END)
    with world.database.transaction(writes=False, state="QZA") as connection:
        found = grouped(connection, scope, gates(OF))
        of_site = site_groups(connection, scope, gates(OF), found)
    sides: dict[int, list[float]] = {}
    for number, value in enumerate(values):
        sides.setdefault(of_site[f"S{number:02}"], []).append(value)
    assert list(sides.values()) == [[0.1, 0.2, 0.3], [0.3001, 24], [25], [25.0001, 26, 94.9999], [95, 96]]
    assert all(group.gates["share"].level is None for group in found.groups)
