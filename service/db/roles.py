"""What the roles of a PostgreSQL database may do. The owner migrates; the service runs with less."""

from collections.abc import Iterator

from sqlalchemy import URL, text

from service.db import access_tables, signoff_tables, tables  # noqa: F401  # every table, so that Row knows them
from service.db.rows import Row
from service.db.session import Database

ONLY_ADDED = frozenset({"answer_history", "audit_event", "comment", "signoff", "snapshot"})
"""Tables whose rows are never changed: the service may read them and add to them."""
ONLY_READ = frozenset({"alembic_version", "checklist_version", "checklist_language", "issuer"})
"""What the owner enters: checklists, and identity providers."""


def grant(url: URL, runtime: str, backup: str | None = None) -> None:
    """Give the role that runs the service, and the one that makes backups, what they need and no more.

    Safe to repeat, after every migration. The roles must exist; ``docs/operators.md`` says how they are made.
    """
    database = Database(url, 1)
    with database.transaction(writes=True) as connection:
        quote = connection.dialect.identifier_preparer.quote
        for statement in _statements(quote(runtime), None if backup is None else quote(backup)):
            connection.execute(text(statement))
    database.close()


def _statements(runtime: str, backup: str | None) -> Iterator[str]:
    yield f"GRANT USAGE ON SCHEMA public TO {runtime}"
    for name in sorted({"alembic_version", *Row.metadata.tables}):
        yield f"REVOKE ALL ON {name} FROM {runtime}"
        yield f"GRANT {', '.join(rights(name))} ON {name} TO {runtime}"
    if backup is not None:
        yield f"GRANT USAGE ON SCHEMA public TO {backup}"
        yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {backup}"


def rights(table: str) -> tuple[str, ...]:
    """What the role that runs the service may do with a table."""
    if table in ONLY_READ:
        return ("SELECT",)
    return ("SELECT", "INSERT") if table in ONLY_ADDED else ("SELECT", "INSERT", "UPDATE", "DELETE")
