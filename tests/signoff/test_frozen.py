"""What the databases themselves refuse to whoever has a connection: to bend what was kept, to judge one's own work."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from conftest import World, who
from service.db.access_tables import AuditEvent
from service.db.session import Database
from service.db.signoff_tables import AnswerReview, Comment, Signoff, Snapshot
from service.db.tables import AnswerHistory, Assessment
from sign_off import STATE_QUESTION, House, house

KEPT: tuple[Table, ...] = tuple(kind.__table__ for kind in (AnswerHistory, AuditEvent, Comment, Signoff, Snapshot))


@pytest.fixture
def own(world: World) -> House:
    """An approved assessment, with one of everything that is kept."""
    made = house(world)
    made.coordinator.post(f"{made.url}/comments", json={"text": "Noted"})
    made.review({"question": STATE_QUESTION, "version": 1, "verdict": "accepted"})
    made.approved()
    return made


def hands(own: House) -> Iterator[tuple[str, Database]]:
    """The database in the hands of the role that serves, and of the one that owns it."""
    yield "runtime", own.world.database
    owner = Database(own.world.owner_url, 2)
    yield "owner", owner
    owner.close()


def refused(database: Database, statement: Any, *, with_: dict[str, object] | None = None) -> bool:  # noqa: ANN401  # of either way to write SQL
    """Whether the database refuses a statement."""
    try:
        with database.transaction(writes=True, state="QZA") as connection:
            connection.execute(statement, with_ or {})
    except DBAPIError:
        return True
    return False


def rows(own: House, table: Table) -> list[dict[str, Any]]:
    with own.world.database.transaction(writes=False, state="QZA") as connection:
        return [dict(row._mapping) for row in connection.execute(select(table))]


@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_what_is_kept_is_never_changed_whoever_tries(own: House, table: Table) -> None:
    before = rows(own, table)
    assert before
    changed = "digest" if "digest" in table.c else "state"
    for _, database in hands(own):
        assert refused(database, update(table).values({changed: "0" * 64}))
        assert refused(database, delete(table))
        assert refused(database, insert(table), with_=before[0])  # it is there already
        if database.is_sqlite:
            assert refused(database, insert(table).prefix_with("OR REPLACE"), with_=before[0])
            assert refused(database, text(f"REPLACE INTO {table.name} SELECT * FROM {table.name}"))  # noqa: S608
        else:
            assert refused(database, text(f"TRUNCATE {table.name} CASCADE"))
    assert rows(own, table) == before


def test_what_may_change_can_be_changed_in_the_same_way(own: House) -> None:
    """The control: it is not that nothing is let through."""
    assert not refused(own.world.database, update(Assessment.__table__).values(version=99))
    assert not refused(own.world.database, delete(AnswerReview.__table__))


def review(own: House, by: str) -> dict[str, object]:
    (answer,) = (row for row in rows(own, AnswerHistory.__table__) if row["question"] == STATE_QUESTION)
    spot = {name: answer[name] for name in ("state", "assessment", "question", "site", "version")}
    return spot | {"verdict": "accepted", "by": by, "at": datetime.now(UTC)}


def approval(connection: Connection, by: str) -> dict[str, object]:
    row = connection.execute(select(Assessment.__table__)).one()
    step = {"number": 9, "revision": row.revision, "step": "approved", "role": "approver", "by": by}
    return {"state": row.state, "assessment": row.id, **step, "at": datetime.now(UTC)}


def test_nobody_reviews_their_own_answer_past_the_service(own: House) -> None:
    table = AnswerReview.__table__
    for _, database in hands(own):
        assert not refused(database, delete(table))
        assert refused(database, insert(table), with_=review(own, "operator"))  # whoever made the key that answered
        assert not refused(database, insert(table), with_=review(own, "person:another000"))
        assert refused(database, update(table).values(by="operator"))


def test_nobody_approves_their_own_work_past_the_service(own: House) -> None:
    for _, database in hands(own):
        for by, own_work in ((who(own.coordinator), True), ("operator", True), ("person:another000", False)):
            with database.transaction(writes=False, state="QZA") as connection:  # taken back at the end
                row = approval(connection, by)
                if own_work:
                    with pytest.raises(DBAPIError):
                        connection.execute(insert(Signoff.__table__), row)
                else:
                    connection.execute(insert(Signoff.__table__), row)
