"""The migrations go up, down and up again on both databases, and leave exactly the tables the code has."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, create_engine, inspect, make_url

from service.db.migrating import configuration, downgrade, upgrade
from service.db.rows import Row
from service.db.session import Database


def tables(url: str) -> dict[str, list[str]]:
    """The tables there are, with their columns."""
    engine = create_engine(url)
    try:
        found = inspect(engine)
        return {
            name: sorted(f"{c['name']} {c['type']} {c['nullable']}" for c in found.get_columns(name))
            for name in sorted(found.get_table_names())
            if name != "alembic_version"
        }
    finally:
        engine.dispose()


def drift(url: str, metadata: MetaData) -> list[object]:
    """What a new migration would have to do."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            return list(compare_metadata(context, metadata))
    finally:
        engine.dispose()


def test_up_down_and_up_again(database_url: str) -> None:
    before = tables(database_url)
    assert set(before) == set(Row.metadata.tables)
    downgrade(make_url(database_url))
    assert tables(database_url) == {}
    upgrade(make_url(database_url))
    assert tables(database_url) == before
    upgrade(make_url(database_url))  # safe to repeat
    assert tables(database_url) == before


def test_each_step_goes_down_and_up(database_url: str) -> None:
    url = make_url(database_url)
    steps = [script.revision for script in ScriptDirectory.from_config(configuration(url)).walk_revisions()]
    downgrade(url)
    for step in reversed(steps):
        upgrade(url, step)
        downgrade(url, "-1")
        upgrade(url, step)
    assert set(tables(database_url)) == set(Row.metadata.tables)


def test_what_was_published_before_can_be_read_in_its_own_language(database_url: str) -> None:
    url = make_url(database_url)
    downgrade(url, "0001")
    upgrade(url)
    engine = create_engine(database_url)
    with engine.connect() as connection:
        versions = connection.exec_driver_sql("SELECT checklist, version, digest FROM checklist_version").all()
        languages = connection.exec_driver_sql(
            "SELECT checklist, version, digest, language, status, texts FROM checklist_language"
        ).all()
    engine.dispose()
    assert len(versions) == 1
    assert [tuple(row) for row in languages] == [(*versions[0], "en", "source", "{}")]


def test_there_is_one_head(sqlite_url: str) -> None:
    assert len(ScriptDirectory.from_config(configuration(make_url(sqlite_url))).get_heads()) == 1


def test_the_tables_are_those_of_the_code(database_url: str) -> None:
    assert drift(database_url, Row.metadata) == []
    command.check(configuration(make_url(database_url)))


def test_a_table_that_no_migration_makes_is_noticed(database_url: str) -> None:
    more = MetaData(naming_convention=Row.metadata.naming_convention)
    for table in Row.metadata.tables.values():
        table.to_metadata(more)
    Table("forgotten", more, Column("id", Integer, primary_key=True))
    assert len(drift(database_url, more)) == 1


BEFORE = (
    "INSERT INTO person (state, id, login, created_at, version) VALUES ('QZA', 'anna', 'anna', '{now}', 1)",
    (
        "INSERT INTO person_session (state, id, person, secret_sha256, authenticated_at, expires_at)"
        " VALUES ('QZA', 'one', 'anna', '0', '{now}', '{now}')"
    ),
    "INSERT INTO issuer (issuer, bound_to, audience, algorithms, jwks) VALUES ('i', 'QZA', 'a', 'ES256', '{{}}')",
)
"""Rows as they were before there was a second factor."""


def test_sessions_of_before_are_over_and_people_and_providers_stay(database_url: str) -> None:
    url = make_url(database_url)
    downgrade(url, "0004")
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    database = Database(database_url, 2)
    with database.transaction(writes=True, state="QZA") as connection:
        for statement in BEFORE:
            connection.exec_driver_sql(statement.format(now=now))
    database.close()
    for _ in range(2):  # and once more, after down and up
        upgrade(url)
        database = Database(database_url, 2)
        with database.transaction(writes=False, state="QZA") as connection:
            session = only(connection, "SELECT two_factors, seen_at FROM person_session")
            person = only(connection, "SELECT login, factor, factor_step FROM person")
            issuer = only(connection, "SELECT second_factor FROM issuer")
        database.close()
        assert (bool(session[0]), str(session[1])[:10]) == (False, "1970-01-01")
        assert person == ("anna", None, None)
        assert issuer == ("mfa",)
        downgrade(url, "0004")
    upgrade(url)


def only(connection: Connection, statement: str) -> tuple[object, ...]:
    """The one row there is."""
    return tuple(connection.exec_driver_sql(statement).one())
