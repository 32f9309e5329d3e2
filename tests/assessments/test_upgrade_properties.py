"""What holds of every upgrade, on made-up pairs of versions: nothing is lost, twice is once, as the preview said."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import Connection, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from service.assessments import answers, carrying, upgrades
from service.assessments.answering import Answering
from service.assessments.answers import Spot, Writing
from service.assessments.opening import Assessments
from service.assessments.past import past
from service.assessments.results import read
from service.assessments.upgrading import Upgrading
from service.assessments.values import check_entry
from service.catalogue.checklist import Checklist
from service.catalogue.lint_migrations import _Map
from service.catalogue.lock import lock_bytes
from service.catalogue.store import Shelf, publish
from service.catalogue.yaml_text import Entries
from service.catalogue.yaml_text import Spot as Place
from service.db.session import Database
from service.db.tables import Answer, AnswerHistory, Assessment, AssessmentUpgrade, MemberState, Site
from service.languages.words import words_of
from stocktake.models.answers import AnswerEntry
from stocktake.models.assessments import NewAssessment
from stocktake.models.versions import FateCounts, Upgrade
from version_builders import SITES, Pair, pairs, renamed

pytestmark = pytest.mark.long

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LATER = Writing("later", "later", NOW + timedelta(days=30))
MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)
FEWER = settings(MANY, max_examples=30)
_numbers = count(1)


@dataclass
class Scene:
    """One assessment of one made-up checklist, answered in its earlier version."""

    connection: Connection
    shelf: Shelf
    pair: Pair
    assessment: UUID

    def upgrading(self) -> Upgrading:
        return Upgrading(self.connection, self.shelf, "QZA", self.assessment)

    def history(self) -> dict[tuple[str, str], list[dict[str, Any]]]:
        """Everything that was ever answered, with the question as it was asked."""
        kept = AnswerHistory.__table__
        where = (kept.c.state == "QZA", kept.c.assessment == self.assessment)
        spots = self.connection.execute(select(kept.c.question, kept.c.site).where(*where).distinct()).all()
        return {
            (question, site): past(
                self.connection,
                self.shelf,
                (self.pair.old.head.id, Spot("QZA", self.assessment, question, site)),
                0,
                1000,
            )
            for question, site in spots
        }

    def standing(self) -> dict[tuple[str, str], dict[str, Any]]:
        table = Answer.__table__
        where = (table.c.state == "QZA", table.c.assessment == self.assessment, table.c.kind != answers.CLEARED)
        rows = self.connection.execute(select(table).where(*where).order_by(table.c.question, table.c.site))
        return {(row.question, row.site): dict(row._mapping) for row in rows}

    def everything(self) -> list[list[tuple[Any, ...]]]:
        """Every row of the assessment, in every table."""
        found = []
        for kind in (Answer, AnswerHistory, AssessmentUpgrade, Assessment):
            table = kind.__table__
            mine = table.c.id if kind is Assessment else table.c.assessment
            rows = self.connection.execute(select(table).where(mine == self.assessment))
            found.append(sorted((tuple(row) for row in rows), key=repr))
        return found


def prepare(database: Database) -> None:
    state = {"code": "QZA", "name": "State", "un_member": True, "interpol_member": True, "version": 1}
    with database.transaction(writes=True, state="QZA") as connection:
        connection.execute(insert(MemberState.__table__), state)
        for code in SITES:
            site = {"state": "QZA", "code": code, "name": code, "type": "airport", "tier": 1, "version": 1}
            connection.execute(insert(Site.__table__), site)


def scene(connection: Connection, pair: Pair) -> Scene:
    """Publish both versions, open an assessment on the earlier one, and answer it."""
    pair = renamed(pair, f"made{next(_numbers)}")
    shelf = Shelf()
    for one in (pair.old, pair.new):
        publish(connection, lock_bytes(one), NOW)
    opened = Assessments(connection, shelf, "QZA").open_new(
        NewAssessment(checklist=pair.old.head.id, cycle="2026", version="1.0.0"), NOW
    )
    answering = Answering(connection, shelf, "QZA", opened.id, Writing("first", "first", NOW), None)
    for rows in pair.rounds:
        verdicts = answering.put_many(rows, words_of("en"), dry_run=False).rows if rows else []
        refused = [row for row in verdicts if row.code]
        assert refused == []
    for row in pair.taken_back:
        version = answers.version(connection, Spot("QZA", opened.id, row.question, row.site or ""))
        if version:
            answering.clear(row.question, row.site, version)
    return Scene(connection, shelf, pair, opened.id)


def upgraded(of: Scene) -> Upgrade:
    """Upgrade it, looking at everything that has to hold."""
    before, stood = of.history(), of.standing()
    seen = of.upgrading().preview("1.1.0")
    assert of.standing() == stood, "a preview changes nothing"
    done = of.upgrading().apply("1.1.0", seen.version, LATER)
    assert done == seen.model_copy(update={"applied": True, "version": seen.version + 1})
    nothing_is_lost(of, before)
    assert {row["author"] for row in of.standing().values()} <= {"first"}, "an upgrade answers nothing itself"
    as_it_said(of, seen, stood)
    levels_fit(of)
    read(of.connection, of.shelf, "QZA", of.assessment).scores()
    at_rest = of.everything()
    again = of.upgrading().apply("1.1.0", None, replace(LATER, at=LATER.at + timedelta(days=1)))
    assert (again.applied, again.answers) == (False, [])
    assert of.everything() == at_rest, "twice is once"
    return done


def nothing_is_lost(of: Scene, before: dict[tuple[str, str], list[dict[str, Any]]]) -> None:
    """Every earlier entry is read as it was, with the text of its question."""
    after = of.history()
    for spot, entries in before.items():
        asked = of.pair.old.question(spot[0])
        assert [orjson.dumps(one) for one in after[spot][: len(entries)]] == [orjson.dumps(one) for one in entries]
        assert {(one["title"], one["text"]) for one in entries} <= {(asked.title, asked.text)}
        assert all(one["checklist_version"] == "1.0.0" for one in entries)
    table = Answer.__table__
    rows = of.connection.execute(
        select(table.c.question, table.c.site, table.c.version).where(table.c.assessment == of.assessment)
    )
    assert {(row.question, row.site): row.version for row in rows} == {
        spot: entries[-1]["version"] for spot, entries in after.items()
    }


def as_it_said(of: Scene, seen: Upgrade, stood: dict[tuple[str, str], dict[str, Any]]) -> None:
    """What stands is what the preview said, answer by answer."""
    stands, lines = of.standing(), 0
    expected = set()
    for line in seen.answers:
        for site in line.sites or [""]:
            lines += 1
            was = stood[line.question, site]
            if line.fate == "history":
                continue
            expected.add((line.to, site))
            now = stands[str(line.to), site]
            assert (now["remark"], now["evidence"]) == (was["remark"], was["evidence"])
            assert now["reconfirm"] == (line.fate == "reconfirm")
            if line.fate == "kept":
                assert (now["kind"], now["value"], now["reason"]) == (was["kind"], was["value"], was["reason"])
            if line.fate == "kept" and line.to == line.question:
                assert (now["version"] == was["version"]) == (now["level"] == was["level"])
            if line.fate == "mapped":
                assert now["change"] == "upgrade"
                assert meant(of.pair, line.question, was["value"]) == set(words(now["value"]))
    assert stands.keys() == expected
    assert stood.keys() == {(line.question, site) for line in seen.answers for site in line.sites or [""]}
    assert lines == sum(seen.counts.model_dump().values()) == sum(line.answers for line in seen.answers)
    kept = AssessmentUpgrade.__table__
    logged = of.connection.execute(select(kept).where(kept.c.assessment == of.assessment)).one()
    assert {name: logged._mapping[name] for name in seen.counts.model_dump()} == seen.counts.model_dump()
    assert (logged.from_version, logged.to_version, logged.by, logged.at) == ("1.0.0", "1.1.0", LATER.by, LATER.at)


def words(value: str) -> list[str]:
    found = orjson.loads(value)
    return [str(one) for one in found] if isinstance(found, list) else [str(found)]


def meant(pair: Pair, question: str, value: str) -> set[str]:
    """What a value means by the map, worked out apart."""
    (migration,) = pair.new.migrations or ()
    (values,) = (decision.values for decision in migration.changes if decision.from_ == question)
    assert values is not None
    return {values[word] for word in words(value)}


def levels_fit(of: Scene) -> None:
    """Everything that stands is an answer its question takes, with the level of its rule."""
    period_end = Assessments(of.connection, of.shelf, "QZA").row(of.assessment).period_end
    for (id_, _), row in of.standing().items():
        value = None if row["value"] is None else orjson.loads(row["value"])
        entry = AnswerEntry(kind=row["kind"], value=value, reason=row["reason"])
        given_ = check_entry(of.pair.new.question(id_), entry, period_end=period_end)
        assert given_.level == row["level"]


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url, 1)
    prepare(database)
    yield database
    database.close()


@pytest.fixture
def both(sqlite: Database, postgres_url: str) -> Iterator[tuple[Database, Database]]:
    database = Database(postgres_url, 1)
    prepare(database)
    yield sqlite, database
    database.close()


def test_whatever_changes_nothing_is_lost_twice_is_once_and_the_preview_is_kept(sqlite: Database) -> None:
    fates: dict[str, int] = {}

    @MANY
    @given(pairs("made"))
    def holds(pair: Pair) -> None:
        with sqlite.transaction(writes=True, state="QZA") as connection:
            done = upgraded(scene(connection, pair))
        for name, number in done.counts.model_dump().items():
            fates[name] = fates.get(name, 0) + number

    holds()
    assert min(fates.values()) > 2, f"every way was gone: {fates}"


def test_both_databases_say_the_same(both: tuple[Database, Database]) -> None:
    @FEWER
    @given(pairs("made"))
    def holds(pair: Pair) -> None:
        told = []
        for database in both:
            with database.transaction(writes=True, state="QZA") as connection:
                of = scene(connection, pair)
                done = upgraded(of).model_copy(update={"assessment": UUID(int=0), "earlier": []})
                rows = [{**row, "assessment": 0} for row in of.standing().values()]
                told.append((done, rows))
        assert told[0] == told[1]

    holds()


@settings(MANY, max_examples=200)
@given(pairs("made"))
def test_the_maps_made_up_are_those_an_author_may_write(pair: Pair) -> None:
    assert pair.new.migrations
    assert list(_Map(pair.new.migrations[0], Place("map", Entries(1)), pair.old, pair.new).findings()) == []


# ── the properties see what breaks them ──────────────────────────────────────────────────────────────────────────────


def nothing(*_: object, **__: object) -> None:
    """In the place of a statement."""


def skipped(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    """A statement that is not sent."""

    def patch(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(getattr(upgrades, name), "sqlite", text("SELECT :rows"))

    return patch


def other_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """The deed does something else than the preview said."""
    real = upgrades.take

    def take(connection: Connection, step: upgrades.Step, carried: list[carrying.Carried], writing: Writing) -> int:
        return real(connection, step, [replace(one, fate="history") for one in carried], writing)

    monkeypatch.setattr(upgrades, "take", take)


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """The history is emptied."""
    real = upgrades.log

    def log(connection: Connection, step: upgrades.Step, counts: FateCounts, writing: Writing) -> None:
        kept = AnswerHistory.__table__
        connection.execute(kept.delete().where(kept.c.assessment == step.assessment, kept.c.version == 1))
        real(connection, step, counts, writing)

    monkeypatch.setattr(upgrades, "log", log)


def old_text_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The history shows every question as it is asked now."""
    real = Shelf.of_version

    def of_version(self: Shelf, connection: Connection, checklist: str, _: str) -> Checklist:
        return real(self, connection, checklist, "1.1.0")

    monkeypatch.setattr(Shelf, "of_version", of_version)


def twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The assessment stays in the earlier version, so a second upgrade upgrades again."""
    table = Assessment.__table__
    counted = update(table).values(version=table.c.version + 1).returning(table.c.version)
    monkeypatch.setattr(upgrades, "_STEP", counted.where(table.c.id == bindparam("of_assessment")))


@pytest.mark.parametrize(
    "breaking",
    [skipped("_LEAVE"), skipped("_CARRY"), skipped("_REMEMBER"), other_result, forgetful, old_text_lost, twice],
    ids=["leave", "carry", "remember", "other result", "history", "old text", "twice"],
)  # fmt: skip
def test_a_broken_upgrade_is_found(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch, breaking: Callable[[pytest.MonkeyPatch], None]
) -> None:
    breaking(monkeypatch)

    @settings(MANY, max_examples=100, phases=[Phase.generate], report_multiple_bugs=False)
    @given(pairs("made"))
    def holds(pair: Pair) -> None:
        with sqlite.transaction(writes=True, state="QZA") as connection:
            upgraded(scene(connection, pair))

    with pytest.raises((AssertionError, KeyError, IntegrityError)):
        holds()
