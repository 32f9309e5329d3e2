"""``checklists publish``: enter locked checklists into the database, for ever."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.catalogue.store import publish as enter
from service.db.session import Database
from service.errors import Problem
from service.settings import Settings

LOCK = "checklist.lock.json"


def publish(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of checklists; every folder under ./checklists unless given.")
    ] = None,
) -> None:
    """Publish locked checklists: from then on assessments can be opened on them. Safe to repeat."""
    found = folders or sorted(lock.parent for lock in Path("checklists").glob(f"*/{LOCK}"))
    if not found:
        typer.echo("No locked checklist found; run `checklists lock` first.", err=True)
        raise typer.Exit(2)
    settings = Settings()
    database = Database(settings.database, settings.pool)
    for folder in found:
        try:
            with database.transaction(writes=True) as connection:
                new = enter(connection, (folder / LOCK).read_bytes(), datetime.now(UTC))
        except (Problem, OSError) as error:
            typer.echo(f"{folder}: {error}", err=True)
            raise typer.Exit(1) from error
        typer.echo(f"{folder.name}: {'published' if new else 'was published already'}")
    database.close()
