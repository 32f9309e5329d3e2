"""``stocktake-service``: run the service, prepare and keep its database, let people and tools in, lint checklists."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

import typer

from service.access import commands as access
from service.access.table import page
from service.assessments.commands import count_questions
from service.audit.commands import app as log
from service.catalogue.commands import app as checklists
from service.catalogue.comparing import diff
from service.catalogue.exchange import answers_schema, oscal, read_oscal
from service.catalogue.publishing import publish
from service.catalogue.translating import texts
from service.db import migrating
from service.db.roles import grant
from service.http import logs
from service.operating import commands as operating
from service.operating.checking import examine, refused
from service.operating.rules import Verdict
from service.settings import Settings, SettingsRefused, read_settings

HELP = """Run the service, prepare and keep its database, let people and tools in, lint checklists.

First: `migrate`, `checklists publish`, `people invite`, `serve`. Settings come from the environment (STOCKTAKE_…).
"""
app = typer.Typer(no_args_is_help=True, help=HELP, pretty_exceptions_enable=False)


def migrate(
    runtime: Annotated[str | None, typer.Option(help="The PostgreSQL role that serves; it gets what it needs.")] = None,
    backup: Annotated[str | None, typer.Option(help="The PostgreSQL role that makes backups.")] = None,
) -> None:
    """Bring the database (STOCKTAKE_DATABASE_URL) to the newest schema; safe to repeat.

    On PostgreSQL run it as the owner, and name the roles that serve and that make backups: they are given their rights.
    """
    url = read_settings().database
    migrating.upgrade(url)
    if runtime is not None:
        grant(url, runtime, backup)
    typer.echo("The database is up to date.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the API. Run `migrate` and `checklists publish` first; it does not start where `check` refuses."""
    import uvicorn

    from service.app import create_app

    settings = read_settings()
    found, terminal = examine(settings, host), sys.stderr.isatty()
    for finding in found:
        if finding.verdict is not Verdict.OK:
            typer.echo(logs.line("check", asdict(finding), terminal=terminal), err=True)
    if refused(found):
        raise typer.Exit(1)
    uvicorn.run(
        create_app(settings),
        host=host,
        port=port,
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        access_log=False,
        log_level="warning",
        log_config=logs.configuration(terminal=terminal, quoting=settings.debug),
    )


def openapi() -> None:
    """Print the OpenAPI document; `make openapi` keeps it in docs/openapi.json."""
    typer.echo(document())


def permissions() -> None:
    """Print who may do what; `make permissions` keeps it in docs/permissions.md."""
    typer.echo(page(), nl=False)


def document() -> str:
    """The OpenAPI document as it is committed: indented and sorted, so that it changes only where the API does."""
    from service.app import create_app

    return json.dumps(
        create_app(Settings(database_url="sqlite://")).openapi(), indent=2, sort_keys=True, ensure_ascii=False
    )


PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Serve": (migrate, serve, operating.check),
    "Keep it safe": (operating.backup, operating.backup_key, operating.restore, operating.drill),
    "Write the docs": (openapi, permissions),
}
for panel, commands in PANELS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)
for name, group in {
    "people": access.people,
    "keys": access.keys,
    "issuers": access.issuers,
    "checklists": checklists,
    "log": log,
}.items():
    app.add_typer(group, name=name, rich_help_panel="Let in, publish, look after")
PARTS: dict[str, Callable[..., None]] = {
    "diff": diff,
    "publish": publish,
    "texts": texts,
    "count": count_questions,
    "oscal": oscal,
    "from-oscal": read_oscal,
    "answer-schema": answers_schema,
}
for name, part in PARTS.items():
    checklists.command(name)(part)


def main() -> None:
    """The console script."""
    os.umask(0o077)  # what it writes, a database above all, is its owner's alone
    try:
        app()
    except SettingsRefused as refusal:
        typer.echo(str(refusal), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
