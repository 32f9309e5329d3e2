"""Column types that mean the same on both databases."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, Row, String
from sqlalchemy.types import TypeDecorator, TypeEngine

Record = Row[*tuple[Any, ...]]
"""A row of any columns; the statement that made it says which."""


Code = String().with_variant(String(collation="C"), "postgresql")
"""A text that lists are ordered by: by code point on both databases, whatever the server's language."""


class Moment(TypeDecorator[datetime]):
    """An aware moment, kept in UTC: ``timestamptz`` on PostgreSQL, ISO 8601 text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite's own DateTime drops the offset without converting."""
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        if value is None:
            return None
        utc = value.astimezone(UTC)
        return utc.isoformat(timespec="microseconds") if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | str | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if isinstance(value, str) else value.astimezone(UTC)
