"""``log verify``: whether every state's log in the database is still what was written."""

from contextlib import closing
from typing import Annotated

import typer
from sqlalchemy import Connection, text

from service.audit import store
from service.db.session import Database, tenant
from service.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Look after the logs of what was done and read.")
_WALLED = text("SELECT row_security_active('audit_head')")


@app.callback()
def log() -> None:
    """Look after the logs of what was done and read."""


@app.command()
def verify(
    state: Annotated[str | None, typer.Option(help="One state, for example QZA; every state unless given.")] = None,
) -> None:
    """Compute every event's hash anew and compare it with the next event and with the log's head.

    Tells what was changed, left out or put in between. A log that somebody wrote anew from its beginning is whole in
    itself: that shows against an export that was kept elsewhere.
    """
    settings = Settings()
    with closing(Database(settings.database, settings.pool)) as database:
        wrong = [one for one in _wanted(database, state) if not _tell(database, one)]
    if wrong:
        raise typer.Exit(1)


def _wanted(database: Database, state: str | None) -> list[str]:
    if state is not None:
        try:
            return [tenant(state)]
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--state") from error
    with database.transaction(writes=False) as connection:
        if _walled(connection):
            typer.echo(
                "This role sees the rows of one state at a time: give --state, or use the backup role.", err=True
            )
            raise typer.Exit(2)
        return store.states(connection)


def _walled(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql" and bool(connection.execute(_WALLED).scalar_one())


def _tell(database: Database, state: str) -> bool:
    """Print what was found in one log; whether it is whole."""
    with database.transaction(writes=False, state=state) as connection:
        number, faults = store.verified(connection, state)
    if not faults:
        typer.echo(f"{state}: {number} events, every hash right")
    for fault in faults:
        typer.echo(f"{state}: {fault}", err=True)
    return not faults
