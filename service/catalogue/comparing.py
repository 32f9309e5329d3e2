"""``checklists diff``: what changed between two versions, for whoever reviews a new one."""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from service.catalogue.changes import Change, changes, whole_aspects
from service.catalogue.checklist import Checklist
from service.catalogue.findings import WrongChecklist
from service.catalogue.loader import load
from service.catalogue.lock import load_lock
from service.catalogue.migration import ChangeKind
from service.errors import Problem

_COLOURS: dict[ChangeKind, str] = {
    "same": "dim",
    "reworded": "cyan",
    "scale_changed": "yellow",
    "split": "magenta",
    "merged": "magenta",
    "retired": "red",
    "new": "green",
}

Version = Annotated[Path, typer.Argument(help="The folder of a checklist, or a lock file.", show_default=False)]


def diff(
    earlier: Version,
    later: Version,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document for other programs to read.")
    ] = False,
) -> None:
    """Say what changed from one version of a checklist to another: by meaning, question by question.

    Where the later version has a map from the earlier one, it also says what becomes of the answers.

    Example: `stocktake-service checklists diff FOLDER/migrations/1.0.0.lock.json FOLDER`
    """
    old, new = _read(earlier), _read(later)
    migration = next((one for one in new.migrations or () if one.from_ == old.head.version), None)
    found, beside = changes(old, new, migration), whole_aspects(old, new)
    if as_json:
        typer.echo(json.dumps(_document((old, new), found, beside), indent=2, ensure_ascii=False))
    else:
        _print((old, new), found, beside)


def _read(path: Path) -> Checklist:
    try:
        return load(path).checklist if path.is_dir() else load_lock(path.read_bytes())[0]
    except WrongChecklist as wrong:
        typer.echo(wrong.detail, err=True)
    except (Problem, OSError) as error:
        typer.echo(f"{path}: {error}", err=True)
    raise typer.Exit(1)


def _document(
    versions: tuple[Checklist, Checklist], found: tuple[Change, ...], beside: tuple[str, ...]
) -> dict[str, object]:
    return {
        "versions": [{"checklist": one.head.id, "version": one.head.version} for one in versions],
        "counts": Counter(change.kind for change in found),
        "checklist": beside,
        "changes": [
            {
                "kind": change.kind,
                "from": change.before,
                "to": change.after,
                "aspects": change.aspects,
                "answers": change.answers,
            }
            for change in found
        ],
    }


def _print(versions: tuple[Checklist, Checklist], found: tuple[Change, ...], beside: tuple[str, ...]) -> None:
    """What is the same in every aspect is counted, not listed."""
    out = Console(highlight=False)
    title = " → ".join(f"{one.head.id} {one.head.version}" for one in versions)
    table = Table(title=title, title_justify="left")
    for column in ("change", "question", "now", "what differs", "answers"):
        table.add_column(column, overflow="fold")
    for change in found:
        if change.kind == "same" and not change.aspects:
            continue
        now = "" if change.after == (change.before,) else ", ".join(change.after)
        name = change.before or ", ".join(change.after)
        cells = (name, now if change.before else "", ", ".join(change.aspects), change.answers or "")
        table.add_row(Text(change.kind, _COLOURS[change.kind]), *cells)
    if table.row_count:
        out.print(table)
    if beside:
        out.print(f"Beside the questions: {', '.join(beside)}", soft_wrap=True)
    counts = Counter(change.kind for change in found)
    out.print(", ".join(f"{counts[kind]} {kind}" for kind in _COLOURS if counts[kind]), soft_wrap=True)
