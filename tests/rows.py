"""One row of every table of states, made from the tables themselves: for tests of what the database alone refuses."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Boolean, Column, Connection, Date, Integer, Table, Uuid, insert, select
from sqlalchemy.types import TypeEngine

from service.db.rows import of_states, owner
from service.db.tables import ChecklistVersion
from service.db.types import Moment

Values = dict[str, object]


def full(connection: Connection, state: str) -> Mapping[str, Values]:
    """Enter one row of this state in every table; the rows by table. Whoever is connected must be allowed to."""
    made: dict[str, Values] = {}
    for table in of_states():
        made[table.name] = row_of(connection, table, state, made)
        connection.execute(insert(table), made[table.name])
    return made


def row_of(connection: Connection, table: Table, state: str, made: Mapping[str, Values]) -> Values:
    """A row of this state whose references meet the rows made before it."""
    row = {column.name: _value(column, state) for column in table.c}
    for constraint in table.foreign_key_constraints:
        parent = constraint.referred_table
        found = made[parent.name] if owner(parent) else _published(connection)
        row |= {
            mine: found[theirs.column.name]
            for mine, theirs in zip(constraint.columns.keys(), constraint.elements, strict=True)
        }
    return row


def another(table: Table, row: Values) -> Values:
    """The same row under another key of the same state, where the key has more than the state."""
    fresh = dict(row)
    for column in table.primary_key.columns:
        if column.name != owner(table) and not column.foreign_keys:
            fresh[column.name] = _other(row[column.name])
    return fresh


def _published(connection: Connection) -> Values:
    return dict(connection.execute(select(ChecklistVersion.__table__)).mappings().first() or {})


def _value(column: Column[Any], state: str) -> object:
    if column.name == owner(column.table):
        return state
    by_type: tuple[tuple[type[TypeEngine[Any]], object], ...] = (
        (Uuid, uuid5(NAMESPACE_URL, f"{state}/{column.table.name}/{column.name}")),
        (Boolean, False),
        (Integer, 1),
        (Moment, datetime(2026, 5, 6, tzinfo=UTC)),
        (Date, date(2026, 5, 6)),
    )
    return next((value for kind, value in by_type if isinstance(column.type, kind)), f"secret of {state}")


def _other(value: object) -> object:
    match value:
        case UUID():
            return uuid5(value, "another")
        case int():
            return value + 1
        case _:
            return f"another {value}"
