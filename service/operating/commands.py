"""``check``, ``backup``, ``restore`` and ``drill``."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from service.db import migrating
from service.operating.checking import examine, refused
from service.operating.copies import CopyFailed
from service.operating.drilling import Step, back_up, copies_of
from service.operating.drilling import drill as practise
from service.operating.rules import Finding
from service.settings import read_settings

Programs = Annotated[
    Path | None, typer.Option(help="The folder of pg_dump and pg_restore, of the server's version or later.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]


def check(
    host: Annotated[str, typer.Option(help="The address the service is to listen on.")] = "127.0.0.1",
    as_json: AsJson = False,
) -> None:
    """Say whether the ground is fit to serve on: settings, durability, roles, files, schema. `serve` asks the same."""
    found = examine(read_settings(), host)
    typer.echo(json.dumps([asdict(one) for one in found], indent=2) if as_json else "\n".join(map(line, found)))
    if refused(found):
        raise typer.Exit(1)


def line(finding: Finding) -> str:
    """A finding as one line of a table."""
    return f"{finding.verdict:<8}  {finding.check:<20}  {finding.detail}".rstrip()


def backup(
    to: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")], programs: Programs = None
) -> None:
    """Copy the whole database into one file, while the service runs. It holds every secret the database holds."""
    settings = read_settings()
    try:
        back_up(settings, copies_of(settings.backup, programs), to)
    except CopyFailed as failed:
        raise _stop(failed) from failed
    typer.echo(f"{to}: {to.stat().st_size:,} bytes")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A file that `backup` wrote.")],
    programs: Programs = None,
) -> None:
    """Put a backup into an empty place, which STOCKTAKE_DATABASE_URL names. Nothing that is there is overwritten."""
    settings = read_settings()
    try:
        copies_of(settings.database, programs).restore(source, settings.database)
    except CopyFailed as failed:
        raise _stop(failed) from failed
    found, needed = migrating.revision(settings.database), migrating.newest(settings.database)
    typer.echo(f"Restored, at revision {found}." + ("" if found == needed else " Run migrate before you serve."))


def drill(programs: Programs = None, as_json: AsJson = False) -> None:
    """Back up, restore into a fresh place, compare, and clean up: proof that a backup is worth its name."""
    settings = read_settings()
    steps = practise(settings, copies_of(settings.database, programs))
    done = list(steps) if as_json else list(_shown(steps))
    if as_json:
        typer.echo(json.dumps([asdict(step) for step in done], indent=2))
    if not all(step.good for step in done):
        raise typer.Exit(1)


def _shown(steps: Iterable[Step]) -> Iterable[Step]:
    for step in steps:
        typer.echo(f"{'ok' if step.good else 'FAILED':<8}  {step.seconds:>7.2f} s  {step.name:<26}  {step.detail}")
        yield step


def _stop(failed: CopyFailed) -> typer.Exit:
    typer.echo(str(failed), err=True)
    return typer.Exit(1)
