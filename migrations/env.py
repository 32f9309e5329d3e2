"""Migrations on SQLite and PostgreSQL, from the same files."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import URL, NullPool, create_engine
from sqlmodel.sql.sqltypes import AutoString

from service.db import access_tables, signoff_tables, tables  # noqa: F401  # every table, so that Row knows them
from service.db.rows import Row
from service.db.types import Code, Moment


def plain(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - as Alembic types it
    """Write our own types plainly into new migrations; the library's rendering needs imports it does not make."""
    if kind == "type" and item is Code:
        return "Code"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return "Moment()" if kind == "type" and isinstance(item, Moment) else False


url: URL = context.config.attributes["url"]
engine = create_engine(url, poolclass=NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=True,
        compare_type=True,
        compare_server_default=True,
        render_item=plain,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        context.run_migrations()
    connection.commit()
engine.dispose()
