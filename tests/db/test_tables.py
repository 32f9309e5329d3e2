"""What the databases themselves refuse and keep: references across states, ranges, moments, failures."""

from datetime import UTC, date, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Index, Table, UniqueConstraint, func, insert, select, text
from sqlalchemy.exc import IntegrityError

from conftest import World
from service.db.access_tables import ApiKey, Issuer
from service.db.rows import Row, of_states
from service.db.session import act_for
from service.db.tables import Agency, Answer, Assessment, MemberState, Site

STATES = ("QZA", "QZB")
GLOBAL = {"checklist_version", "checklist_language", "issuer", "member_state"}
"""Tables whose key is not of a state, or is the state."""


def fill(connection: Connection) -> None:
    for state in STATES:
        act_for(connection, state)
        row = {"code": state, "name": state, "un_member": True, "interpol_member": True, "version": 1}
        connection.execute(insert(MemberState.__table__), row)
    agency = {"state": "QZB", "code": "BG", "name": "theirs", "kind": "police", "version": 1}
    connection.execute(insert(Agency.__table__), agency)


def fill_twice(connection: Connection) -> None:
    """What succeeds at first, and then does not."""
    fill(connection)
    fill(connection)


def site(state: str, **changes: object) -> dict[str, object]:
    return {"state": state, "code": "R1", "name": "n", "type": "rail", "tier": 1, "version": 1, **changes}


@pytest.mark.parametrize(
    ("row", "fits"),
    [
        (site("QZB", agency="BG"), True),
        (site("QZA", agency="BG"), False),  # there is such an agency, but it is another state's
        (site("QZA"), True),
        (site("QZC"), False),
        (site("QZA", tier=0), False),
        (site("QZA", tier=4), False),
        (site("QZA", name=None), False),
    ],
)
def test_a_site_refers_to_its_own_state_only(world: World, row: dict[str, object], fits: bool) -> None:  # noqa: FBT001
    with world.database.transaction(writes=True, state="QZA") as connection:
        fill(connection)
    if fits:
        with world.database.transaction(writes=True, state=str(row["state"])) as connection:
            connection.execute(insert(Site.__table__), row)
    else:
        with (
            pytest.raises(IntegrityError),
            world.database.transaction(writes=True, state=str(row["state"])) as connection,
        ):
            connection.execute(insert(Site.__table__), row)


def test_an_answer_refers_to_an_assessment_of_its_own_state(world: World) -> None:
    caller = world.state(sites=0)
    world.state("QZB", sites=0)
    own = world.assessment(caller)
    assert caller.put(
        f"/v1/assessments/{own}/answers/p9.check.legal", json={"value": "yes"}, headers={"if-match": "*"}
    ).is_success
    answer = Answer.__table__
    with world.database.transaction(writes=False, state="QZA") as connection:
        row = dict(connection.execute(select(answer)).one()._mapping)
    for changes in ({"state": "QZB"}, {"assessment": uuid4()}, {"level": 5}, {"grade": -1}):
        state = str(changes.get("state", "QZA"))  # as that state: the reference is what refuses, not a wall before it
        with pytest.raises(IntegrityError), world.database.transaction(writes=True, state=state) as connection:
            connection.execute(insert(answer), {**row, "question": "p9.other", **changes})
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(insert(answer), {**row, "question": "p9.other"})


def of_a_state(table: Table) -> list[str]:
    """The keys, references and unique sets of a table of states that do not begin with the state."""
    wrong = []
    if next(iter(table.primary_key.columns)).name != "state":
        wrong.append(f"{table.name}: key")
    for constraint in table.foreign_key_constraints:
        shared = constraint.referred_table.name == "checklist_version"
        if not shared and constraint.column_keys[0] != "state":
            wrong.append(f"{table.name}: {constraint.name}")
    groups: list[UniqueConstraint | Index] = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    groups += table.indexes
    return wrong + [f"{table.name}: {group.name}" for group in groups if next(iter(group.columns)).name != "state"]


def test_whatever_is_of_a_state_begins_with_it() -> None:
    tables = [table for table in Row.metadata.tables.values() if table.name not in GLOBAL]
    assert len(tables) == 21
    assert [wrong for table in tables for wrong in of_a_state(table)] == []
    assert of_a_state(Issuer.__table__) == ["issuer: key"]  # looked up before the state is known
    assert {table.name for table in of_states()} == {table.name for table in tables} | {"member_state"}


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 5, 6, 7, 8, 9, 123456, tzinfo=UTC),
        datetime(2026, 5, 6, 7, 8, 9, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        datetime(2026, 1, 1, 0, 30, tzinfo=timezone(timedelta(hours=14))),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-12))),
    ],
)
def test_moments_come_back_in_utc(world: World, moment: datetime) -> None:
    row = {"id": "abcdefghij", "state": "QZA", "name": "n", "secret_sha256": "", "scopes": "", "created_by": "operator"}
    table = ApiKey.__table__
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(insert(table), {**row, "created_at": moment, "expires_at": moment, "revoked_at": None})
    with world.database.transaction(writes=False, state="QZA") as connection:
        kept = connection.execute(select(table.c.created_at, table.c.revoked_at)).one()
        before = connection.execute(select(table.c.id).where(table.c.created_at < moment + timedelta(microseconds=1)))
        assert before.one()
        after = connection.execute(select(table.c.id).where(table.c.created_at < moment))
        assert after.one_or_none() is None
    assert kept[0] == moment
    assert kept[0].utcoffset() == timedelta(0)
    assert kept[1] is None


def test_a_transaction_that_fails_leaves_nothing(world: World) -> None:
    with pytest.raises(IntegrityError), world.database.transaction(writes=True, state="QZA") as connection:
        fill_twice(connection)
    with world.database.transaction(writes=False, state="QZA") as connection:
        assert connection.execute(select(MemberState.__table__)).all() == []


def test_reading_never_writes(world: World) -> None:
    with world.database.transaction(writes=False, state="QZA") as connection:
        fill(connection)
    with world.database.transaction(writes=False, state="QZA") as connection:
        assert connection.execute(select(MemberState.__table__)).all() == []


def seen_meanwhile(world: World, *, writes: bool) -> int:
    """How many records appear to a transaction while another commits one."""
    count = select(func.count()).select_from(MemberState.__table__)
    with world.database.transaction(writes=writes, state="QZA") as reader:
        before: int = reader.execute(count).scalar_one()
        with world.database.transaction(writes=True, state="QZA") as writer:
            fill(writer)
        return reader.execute(count).scalar_one() - before


def test_a_reader_sees_one_moment(world: World) -> None:
    """Groups and tallies of one request fit each other."""
    assert seen_meanwhile(world, writes=False) == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_writer_sees_what_others_commit(world: World) -> None:
    """The control, where there is more than one writer."""
    assert seen_meanwhile(world, writes=True) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sqlite_is_safe_in_a_power_cut_and_keeps_references(world: World) -> None:
    for writes in (False, True):
        with world.database.transaction(writes=writes, state="QZA") as connection:
            found = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema")
            }
        assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0}


def test_days_are_kept_as_days(world: World) -> None:
    caller = world.state(sites=0)
    caller.put(
        "/v1/states/QZA/sites/R1", json={"name": "n", "type": "rail", "opened": "1900-01-01"}, headers={"if-match": "*"}
    )
    with world.database.transaction(writes=False, state="QZA") as connection:
        assert connection.execute(select(Site.__table__.c.opened)).scalar_one() == date(1900, 1, 1)
        assert connection.execute(select(Assessment.__table__)).all() == []
