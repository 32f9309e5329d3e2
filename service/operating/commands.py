"""``check``, ``backup``, ``backup-key``, ``restore`` and ``drill``."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from service.db import migrating
from service.operating.checking import examine, refused
from service.operating.copies import CopyFailed
from service.operating.drilling import Step
from service.operating.drilling import drill as practise
from service.operating.encryption import Recipients, identities_in, new_identity, recipients, recipients_in
from service.operating.keeping import back_up, copies_of
from service.operating.keeping import restore as put_back
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
    to: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    whom: Annotated[
        list[str] | None, typer.Option("--for", metavar="AGE1…", help="A public key of who may read it; repeatable.")
    ] = None,
    for_file: Annotated[Path | None, typer.Option(help="A file with such public keys, one a line.")] = None,
    programs: Programs = None,
) -> None:
    """Copy the whole database into one file, while the service runs, encrypted for those who may read it.

    The form is age's (age-encryption.org): this machine needs their public keys only, `age1…`, here or in
    STOCKTAKE_BACKUP_FOR. `backup-key FILE`, or age's own `age-keygen -o FILE`, makes a pair; keep FILE elsewhere.
    """
    settings = read_settings()
    try:
        readers = _readers(whom or [], for_file) or recipients(settings.backup_readers)
        back_up(settings, copies_of(settings.backup, programs), to, readers)
    except CopyFailed as failed:
        raise _stop(failed) from failed
    typer.echo(f"{to}: {to.stat().st_size:,} bytes")
    if not readers:
        said = "holds every answer, name and password digest in plain: say --for (backup-key makes a key) to encrypt it"
        typer.echo(f"{to} {said}, or set STOCKTAKE_BACKUP_FOR.", err=True)


def _readers(whom: list[str], file: Path | None) -> Recipients:
    return recipients(whom) + (() if file is None else recipients_in(file))


def backup_key(to: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]) -> None:
    """Make a private key for backups, as `age-keygen` does, and print its public key, which `backup --for` takes.

    Whoever has the file reads the backups; without it nobody does. Make it on another machine than the service's.
    """
    try:
        typer.echo(new_identity(to, datetime.now(UTC)))
    except CopyFailed as failed:
        raise _stop(failed) from failed


def restore(
    source: Annotated[Path, typer.Argument(metavar="FROM", help="A file that `backup` wrote.")],
    identity: Annotated[Path | None, typer.Option(help="The file with the private key, where it is encrypted.")] = None,
    programs: Programs = None,
) -> None:
    """Put a backup into an empty place, which STOCKTAKE_DATABASE_URL names. Nothing that is there is overwritten."""
    settings = read_settings()
    try:
        who = () if identity is None else identities_in(identity)
        put_back(copies_of(settings.database, programs), source, settings.database, who)
    except CopyFailed as failed:
        raise _stop(failed) from failed
    found, needed = migrating.revision(settings.database), migrating.newest(settings.database)
    typer.echo(f"Restored, at revision {found}." + ("" if found == needed else " Run migrate before you serve."))


def drill(programs: Programs = None, as_json: AsJson = False) -> None:
    """Back up, encrypted, restore into a fresh place, compare, clean up: proof that a backup is worth its name."""
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
