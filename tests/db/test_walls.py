"""PostgreSQL's own wall: the catalogue as it must be, and what direct SQL as the service's role reaches."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException
from sqlalchemy import (
    Connection,
    Executable,
    NullPool,
    Table,
    create_engine,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from conftest import BACKUP, OWNER, RUNTIME, served_by
from rows import Values, another, full
from service.db.rows import of_states, owner
from service.db.session import STATE, act_for
from service.db.walls import breaches, excess

STATES = ("QZA", "QZB")
REFUSALS = (InsufficientPrivilege, RaiseException)
"""By a wall or a missing right, and by the trigger that keeps rows as they are."""


def superuser(url: str) -> str:
    """The same database for somebody whom no wall holds."""
    return url.replace(f"//{OWNER}@", "//postgres@")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def faults(connection: Connection, runtime: str) -> list[str]:
    return [*breaches(connection), *excess(connection, runtime)]


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_catalogue_has_no_fault(postgres_url: str) -> None:
    with connected(served_by(postgres_url)) as connection:  # anybody may read it
        assert faults(connection, RUNTIME) == []


SEEN, WRITTEN = (
    "what is seen is not only the transaction's state",
    "what is written is not only the transaction's state",
)
LAX = "coalesce(nullif(current_setting('app.state', true), ''), state)"
"""In place of the transaction's state: everybody's, where none is set."""


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("DROP POLICY own_state ON answer", "answer: no policy"),
        ("ALTER TABLE answer NO FORCE ROW LEVEL SECURITY", "answer: row-level security does not hold for its owner"),
        ("ALTER TABLE answer DISABLE ROW LEVEL SECURITY", "answer: row-level security is off"),
        ("CREATE POLICY also ON answer USING (true)", "answer: a policy too many"),
        ("ALTER POLICY own_state ON answer USING (true)", f"answer: {SEEN}"),
        ("ALTER POLICY own_state ON answer WITH CHECK (true)", f"answer: {WRITTEN}"),
        (f"ALTER POLICY own_state ON answer USING (state = {LAX})", f"answer: {SEEN}"),
        (f"ALTER POLICY own_state ON site TO {OWNER}", "site: the policy is not for everybody and everything"),
        ("CREATE TABLE more (state text PRIMARY KEY)", "more: row-level security is off"),
        ("CREATE VIEW shown AS SELECT 1", "shown is no plain table: it may show what its owner sees"),
        ("CREATE MATERIALIZED VIEW kept AS SELECT 1", "kept is no plain table: it may show what its owner sees"),
        ("CREATE FUNCTION peek() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function peek: nobody reviewed it"),
        ("ALTER FUNCTION never_changed() SECURITY DEFINER", "function never_changed acts as its owner"),
        (
            "ALTER FUNCTION never_changed() RESET search_path",
            "function never_changed finds what it calls by the caller's search path",
        ),
        ("DROP TRIGGER audit_event_never_changed ON audit_event", "audit_event: its rows can be changed"),
        ("ALTER TABLE snapshot DISABLE TRIGGER snapshot_never_emptied", "snapshot: its rows can be changed"),
        (f"ALTER ROLE {RUNTIME} BYPASSRLS", f"{RUNTIME} goes past row-level security"),
        (f"ALTER ROLE {RUNTIME} SUPERUSER", f"{RUNTIME} is a superuser, whom no wall holds"),
        (f"ALTER ROLE {RUNTIME} CREATEROLE", f"{RUNTIME} may make roles or databases, or copy everything"),
        (f"ALTER TABLE site OWNER TO {RUNTIME}", f"{RUNTIME} owns something here"),
        (f"GRANT {OWNER} TO {RUNTIME}", f"{RUNTIME} is a member of another role"),
        (f"GRANT CREATE ON SCHEMA public TO {RUNTIME}", f"{RUNTIME} may create tables and functions"),
        (f"GRANT UPDATE ON audit_event TO {RUNTIME}", f"audit_event: {RUNTIME} has INSERT, SELECT, UPDATE"),
        (f"GRANT TRUNCATE ON answer TO {RUNTIME}", f"answer: {RUNTIME} has DELETE, INSERT, SELECT, TRUNCATE, UPDATE"),
        (f"REVOKE INSERT ON answer FROM {RUNTIME}", f"answer: {RUNTIME} has DELETE, SELECT, UPDATE"),
        (f"REVOKE ALL ON answer FROM {RUNTIME}", f"answer: {RUNTIME} has no rights"),
        ("GRANT SELECT ON snapshot TO PUBLIC", "snapshot: everybody has SELECT"),
        (f"GRANT UPDATE (hash) ON audit_event TO {RUNTIME}", "audit_event.hash has rights of its own"),
    ],
)
def test_each_fault_of_the_catalogue_is_found(postgres_url: str, harm: str, fault: str) -> None:
    with connected(superuser(postgres_url)) as connection:
        connection.execute(text(harm))  # rolled back: roles belong to the whole server
        assert fault in faults(connection, RUNTIME)


def test_a_role_that_is_not_there_is_a_fault(postgres_url: str) -> None:
    with connected(superuser(postgres_url)) as connection:
        assert "there is no role stocktake_missing" in faults(connection, "stocktake_missing")


# ── direct SQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Intruder:
    """Somebody who runs statements of their own in one transaction, for one state or for none."""

    connection: Connection
    acting: str | None

    def reaches(self, table: Table, victim: str, theirs: Values) -> Iterator[str]:
        """What they see or change of another state's rows of this table, in words."""
        column = table.c[owner(table) or ""]
        foreign, keep = column == victim, {column.name: column}
        new = postgresql.insert(table).values(theirs)
        key = [part.name for part in table.primary_key.columns]
        tries: Mapping[str, Executable] = {
            "reads everything in": select(table),
            "reads": select(table).where(foreign),
            "holds": select(table).where(foreign).with_for_update(),
            "counts": select(column, func.count()).group_by(column),
            "changes": update(table).where(foreign).values(keep),
            "takes": update(table).where(foreign).values({column.name: self.acting or "QZC"}),
            "gives away": update(table).values({column.name: victim}),
            "deletes": delete(table).where(foreign),
            "adds to": insert(table).values(another(table, theirs)),
            "adds unless there to": new.on_conflict_do_nothing(),
            "replaces": new.on_conflict_do_update(index_elements=key, set_=keep),
        }
        for what, statement in tries.items():
            if self._reached(statement, column.name):
                yield f"{self.acting} {what} {table.name} of {victim}"

    def _reached(self, statement: Executable, column: str) -> bool:
        """Whether it met a row that is not theirs; any other refusal tells that there is one."""
        here = self.connection.begin_nested()
        try:
            result = self.connection.execute(statement, execution_options={"preserve_rowcount": True})
            rows = result.mappings().all() if result.returns_rows else ()
            reached = any(row[column] != self.acting for row in rows) or (not rows and result.rowcount > 0)
        except DBAPIError as error:
            reached = not isinstance(error.orig, REFUSALS)
        here.rollback()
        return reached


def crossings(url: str, rows: Mapping[str, Mapping[str, Values]], *, only: str = "") -> list[str]:
    """All that somebody reaches of a state that is not theirs, in every table (or one)."""
    found: list[str] = []
    for acting in (None, "", *rows):
        with connected(url) as connection:
            if acting is not None:
                act_for_text(connection, acting)
            intruder = Intruder(connection, acting)
            for table in of_states():
                for victim in rows.keys() - {acting}:
                    if only in ("", table.name):
                        found += intruder.reaches(table, victim, rows[victim][table.name])
    return found


def act_for_text(connection: Connection, state: str) -> None:
    """Set the variable to any text at all."""
    connection.execute(text(f"SELECT set_config('{STATE}', :state, true)"), {"state": state})


@pytest.fixture
def filled(postgres_url: str) -> Mapping[str, Mapping[str, Values]]:
    """One row of two states in every table."""
    rows = {}
    with connected(superuser(postgres_url)) as connection:
        for state in STATES:
            rows[state] = full(connection, state)
        connection.commit()
    return rows


def everything(url: str) -> list[str]:
    with connected(superuser(url)) as connection:
        return sorted(str(row) for table in of_states() for row in connection.execute(select(table)))


def test_direct_sql_as_the_services_role_reaches_no_foreign_row(
    postgres_url: str, filled: Mapping[str, Mapping[str, Values]]
) -> None:
    before = everything(postgres_url)
    assert len(before) == len(STATES) * len(of_states())
    for url in (served_by(postgres_url), postgres_url):  # the owner is held too
        assert crossings(url, filled) == []
    assert everything(postgres_url) == before
    with connected(served_by(postgres_url)) as connection:  # its own it does reach, or the search is blind
        act_for(connection, STATES[0])
        for table in of_states():
            assert len(connection.execute(select(table)).all()) == 1, table.name


@pytest.mark.parametrize(
    ("harm", "reached"),
    [
        ("ALTER POLICY own_state ON {} USING (true) WITH CHECK (true)", "QZA replaces {} of QZB"),
        ("ALTER POLICY own_state ON {} USING (true)", "QZA deletes {} of QZB"),
        ("ALTER POLICY own_state ON {} WITH CHECK (true)", "QZA adds to {} of QZB"),
        (f"ALTER POLICY own_state ON {{}} USING (state = {LAX})", " reads everything in {} of QZA"),
        (f"ALTER POLICY own_state ON {{}} WITH CHECK (state = {LAX})", "None adds to {} of QZA"),
        ("ALTER TABLE {} DISABLE ROW LEVEL SECURITY", "QZA counts {} of QZB"),
        (f"ALTER TABLE {{0}} NO FORCE ROW LEVEL SECURITY, OWNER TO {RUNTIME}", "QZA takes {} of QZB"),
    ],
)
def test_a_harmed_wall_lets_through(
    postgres_url: str, filled: Mapping[str, Mapping[str, Values]], harm: str, reached: str
) -> None:
    with connected(superuser(postgres_url)) as connection:
        connection.execute(text(harm.format("site")))
        connection.commit()
    assert reached.format("site") in crossings(served_by(postgres_url), filled, only="site")


def test_a_role_that_goes_past_the_wall_reaches_everything(
    postgres_url: str, filled: Mapping[str, Mapping[str, Values]]
) -> None:
    past = postgres_url.replace(f"//{OWNER}@", f"//{BACKUP}@")
    found = crossings(past, filled)
    assert {f"QZA reads {table.name} of QZB" for table in of_states()} <= set(found)
    assert not [reach for reach in found if " changes " in reach]  # it may only read
