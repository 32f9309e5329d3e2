"""``checklists publish``: enter locked checklists into the database, for ever, and their translations."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from service.catalogue import translations
from service.catalogue.findings import WrongChecklist
from service.catalogue.loader import LOCK, load_translations
from service.catalogue.lock import load_lock
from service.catalogue.store import publish as enter
from service.catalogue.texts import texts
from service.db.session import Database
from service.errors import Problem
from service.settings import read_settings


def publish(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of checklists; every folder under ./checklists unless given.")
    ] = None,
) -> None:
    """Publish locked checklists: from then on assessments can be opened on them. Safe to repeat.

    A published version never changes; its translations may. Publish again to bring those of the files into the
    database: a running service gives them out from the next request on. A text of another source than the
    published one, or one still to do, is left out, and stays in the checklist's own language.
    """
    found = folders or sorted(lock.parent for lock in Path("checklists").glob(f"*/{LOCK}"))
    if not found:
        typer.echo("No locked checklist found; run `checklists lock` first.", err=True)
        raise typer.Exit(2)
    settings = read_settings()
    with closing(Database(settings.database, settings.pool)) as database:
        for folder in found:
            try:
                with database.transaction(writes=True) as connection:
                    said = _enter(connection, folder, datetime.now(UTC))
            except (Problem, OSError) as error:
                typer.echo(f"{folder}: {error}", err=True)
                raise typer.Exit(1) from error
            for line in said:
                typer.echo(f"{folder.name}: {line}")


def _enter(connection: Connection, folder: Path, now: datetime) -> list[str]:
    """Enter one checklist and its translations; what there is to say of it."""
    lock, found = (folder / LOCK).read_bytes(), load_translations(folder)
    if found.findings:
        raise WrongChecklist(found.findings)
    said = ["published" if enter(connection, lock, now) else "was published already"]
    checklist, _ = load_lock(lock)
    total = len(texts(checklist))
    new, gone = translations.replace(connection, checklist, (overlay for overlay, _ in found.overlays), now)
    said += [f"{one.language}, {len(one.texts)} of {total} texts, {one.status}" for one in new]
    return [*said, *(f"{language} taken away" for language in gone)]
