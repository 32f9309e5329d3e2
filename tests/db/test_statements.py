"""What requests ask of the database is held by the state of the caller, on both databases; and the guard that looks."""

from dataclasses import replace

import pytest
from sqlalchemy import Select, bindparam, literal, select

from conftest import World
from route_calls import Holding, actor, ask, example, fill, ready
from service.access.api import declared_actions
from service.assessments import answers, store
from service.db.rows import of_states
from service.db.tables import Answer, Assessment
from sql_reading import NOTHING, OWNERS, read

STATE, OTHER = "QZA", "QZB"
A, T = Answer.__table__, Assessment.__table__


def walk(world: World) -> Holding:
    """Every route, asked well and with a key of its own."""
    caller, held = fill(world, STATE, "mark")
    for (method, path), action in sorted(declared_actions(world.app).items(), key=lambda route: route[0][0] != "GET"):
        if not path.endswith("/report.pdf"):  # it reads what the export reads
            ready(caller, method, path, held)
            sent = example(method, path, held)
            sent = replace(sent, headers={**sent.headers, "idempotency-key": f"{method}{path}"})
            answer = ask(actor(caller, action, held), method, path, held, sent)
            assert answer.is_success, (method, path, answer.text)
    return held


def test_every_statement_of_every_route_is_held_by_the_caller(world: World) -> None:
    walk(world)
    assert world.guard.breaches == []
    assert {table.name for table in of_states()} - world.guard.seen.keys() <= UNUSED


UNUSED = frozenset(
    {
        "person", "role_grant", "person_session", "assignment", "answer_review", "comment", "signoff", "snapshot",
        "share", "received_copy",
    }
)  # fmt: skip
"""Tables that no route looks at."""


@pytest.mark.parametrize(
    "lost",
    [
        select(T).where(T.c.id == bindparam("with_id")),
        select(T).where((T.c.state == bindparam("of_state")) | (T.c.cycle > "2"), T.c.id == bindparam("with_id")),
        select(T).where(T.c.state == literal(OTHER), T.c.id == bindparam("with_id")),
    ],
)
def test_a_statement_that_lost_its_state_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch, lost: Select[tuple[object]]
) -> None:
    caller, held = fill(world, STATE, "mark")
    assert world.guard.breaches == []
    monkeypatch.setattr(store, "_GET", lost)
    ask(caller, "GET", "/v1/assessments/{assessment}", held)
    assert any("assessment" in breach for breach in world.guard.breaches)
    world.guard.breaches.clear()


def test_a_request_in_the_name_of_another_state_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    caller, held = fill(world, STATE, "mark")
    whole = answers.Spot.where
    monkeypatch.setattr(answers.Spot, "where", lambda spot: whole(spot) | {"of_state": OTHER})
    ask(caller, "GET", "/v1/assessments/{assessment}/answers/{question}", held)
    assert any(f"{STATE} asks in the name of {OTHER}" in breach for breach in world.guard.breaches)
    world.guard.breaches.clear()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM answer WHERE answer.state = :s",
        "SELECT * FROM answer WHERE answer.state = :s AND (question = 'a' OR question = 'b')",
        "SELECT * FROM answer a JOIN site s ON s.state = a.state AND s.code = a.site WHERE a.state = :s",
        "SELECT * FROM site LEFT JOIN answer ON answer.state = site.state WHERE site.state = :s",
        "SELECT * FROM answer WHERE answer.state = :s AND EXISTS (SELECT 1 FROM site WHERE site.state = answer.state)",
        "SELECT * FROM (SELECT state, site FROM answer WHERE answer.state = :s) AS a JOIN site ON site.state = a.state",
        "WITH a AS (SELECT * FROM answer WHERE answer.state = :s) SELECT count(*) FROM a",
        "SELECT 1 FROM answer WHERE answer.state = :s UNION SELECT 1 FROM site WHERE state = :s",
        "UPDATE answer SET kind = 'x' WHERE answer.state = :s",
        "DELETE FROM answer WHERE answer.state = :s",
        "INSERT INTO site (code, state) VALUES ('a', :s), ('b', :s)",
        "INSERT INTO site (state, code) VALUES (:s, 'a') ON CONFLICT (state, code) DO UPDATE SET name = 'n'",
        "INSERT INTO site (state, code) VALUES (:s, 'a') ON CONFLICT DO NOTHING",
        "INSERT INTO answer_history (state, kind) SELECT answer.state, kind FROM answer WHERE answer.state = :s",
        "WITH n AS (INSERT INTO site (state) VALUES (:s) RETURNING state) INSERT INTO site (state) SELECT state FROM n",
        "UPDATE audit_head SET number = 1 WHERE state = :s",
        "SELECT * FROM member_state WHERE CAST(:s AS text) = (code)",
    ],
)
def test_a_statement_that_is_held_passes(sql: str) -> None:
    for dialect in ("sqlite", "postgresql"):
        reading = read(sql.replace(":s", "?" if dialect == "sqlite" else "%(s)s::VARCHAR"), dialect)
        assert reading.faults == ()
        assert reading.states
        assert reading.tables


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM answer",
        "SELECT * FROM answer WHERE assessment = :s",
        "SELECT * FROM answer WHERE answer.state = :s OR kind = 'x'",
        "SELECT * FROM answer WHERE NOT (answer.state = :s)",
        "SELECT * FROM answer WHERE state <> :s",
        "SELECT * FROM answer WHERE state = 'QZA'",
        "SELECT * FROM answer WHERE state = question",
        "SELECT * FROM answer WHERE state IN (SELECT state FROM site)",
        "SELECT * FROM answer, site WHERE answer.state = :s",
        "SELECT * FROM answer a JOIN site s ON s.state = a.state",
        "SELECT * FROM answer LEFT JOIN site ON site.state = answer.state AND answer.state = :s",
        "SELECT * FROM answer RIGHT JOIN site ON site.state = answer.state WHERE answer.state = :s OR true",
        "SELECT * FROM answer WHERE answer.state = :s AND EXISTS (SELECT 1 FROM site WHERE code = 'a')",
        "SELECT (SELECT count(*) FROM site) FROM answer WHERE state = :s",
        "SELECT * FROM (SELECT * FROM answer) AS a WHERE a.state = :s",
        "WITH a AS (SELECT * FROM answer) SELECT count(*) FROM a WHERE state = :s",
        "WITH a AS (SELECT 'QZB' AS state) INSERT INTO site (state) SELECT state FROM a",
        "SELECT 1 FROM answer WHERE answer.state = :s UNION SELECT 1 FROM site",
        "UPDATE answer SET kind = 'x'",
        "UPDATE answer SET state = :s WHERE answer.state = :s",
        "DELETE FROM answer",
        "INSERT INTO site (code) VALUES ('a')",
        "INSERT INTO site VALUES (:s, 'a')",
        "INSERT INTO site (state, code) VALUES ('QZB', :s)",
        "INSERT INTO site (state, code) VALUES (:s, 'a'), ('QZB', 'b')",
        "INSERT INTO site (state, code) VALUES (:s, 'a') ON CONFLICT (code) DO UPDATE SET name = 'n'",
        "INSERT INTO site (state, code) VALUES (:s, 'a') ON CONFLICT (state, code) DO UPDATE SET state = :s",
        "INSERT INTO answer_history (state) SELECT question FROM answer WHERE state = :s",
        "INSERT INTO answer_history (state) SELECT state FROM answer",
        "TRUNCATE TABLE answer",
        "CREATE TABLE copy AS SELECT * FROM answer WHERE state = :s",
    ],
)
def test_a_statement_that_is_not_held_is_a_fault(sql: str) -> None:
    for dialect in ("sqlite", "postgresql"):
        assert read(sql.replace(":s", "?" if dialect == "sqlite" else "%(s)s::VARCHAR"), dialect).faults


def test_what_is_of_no_state_is_let_pass() -> None:
    assert read("SELECT * FROM checklist_version", "sqlite") == NOTHING
    assert OWNERS.keys() == {table.name for table in of_states()}
