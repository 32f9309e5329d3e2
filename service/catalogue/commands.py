"""``checklists``: what authors run on the files of checklists. Exit codes: 0 sound, 1 something to mend, 2 misused."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from service.catalogue.findings import Finding, WrongChecklist
from service.catalogue.formatting import format_folder
from service.catalogue.lint import lint, load_sound
from service.catalogue.loader import HEAD, LOCK
from service.catalogue.lock import locked, write_lock
from service.catalogue.schema import schema_files
from service.errors import Problem

app = typer.Typer(
    name="checklists",
    help="Check, format, lock, publish and translate checklists.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)

Folders = Annotated[
    list[Path] | None,
    typer.Argument(
        help="Folders of checklists, each with a checklist.yaml. Without any: every folder in ./checklists.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document for other programs to read.")]
Check = Annotated[bool, typer.Option("--check", help="Change nothing; exit 1 when something would change.")]


@app.command("lint")
def lint_command(folders: Folders = None, *, as_json: AsJson = False) -> None:
    """Say everything that is wrong with checklists: file, line, what, and how to mend it.

    Every quote has to stand letter by letter in the paragraph its question names.

    Example: `stocktake-service checklists lint checklists/harbour`
    """
    looked_at = chosen(folders)
    findings = [finding for folder in looked_at for finding in lint(folder)]
    if as_json:
        print_json({"checklists": [str(folder) for folder in looked_at], "findings": _as_data(findings)})
    else:
        _print_findings(findings)
        if not findings:
            names = ", ".join(folder.name for folder in looked_at)
            _out().print(Text.assemble(("sound ", "green"), names))
    raise typer.Exit(1 if findings else 0)


@app.command("fmt")
def fmt_command(folders: Folders = None, *, check: Check = False, as_json: AsJson = False) -> None:
    """Write checklists' files in the one way: order of fields, folded texts, quotes where they are needed.

    What the files say stays the same. Comments stay at the head of a file; elsewhere they are refused.

    Example: `stocktake-service checklists fmt --check`
    """
    changed: list[str] = []
    try:
        files = [entry for folder in chosen(folders) for entry in format_folder(folder)]
    except WrongChecklist as wrong:
        refuse(wrong.findings, as_json=as_json)
    for path, before, after in files:
        if before != after:
            changed.append(path.as_posix())
            if not check:
                replace(path, after)
    if as_json:
        print_json({"files": len(files), "changed": changed, "written": not check})
    else:
        for name in changed:
            _out().print(Text.assemble(("would change " if check else "formatted ", "yellow"), name))
        _out().print(f"{len(files)} files, {len(changed)} {'to format' if check else 'formatted'}")
    raise typer.Exit(1 if check and changed else 0)


@app.command("lock")
def lock_command(folders: Folders = None, *, check: Check = False, as_json: AsJson = False) -> None:
    """Write checklist.lock.json: the whole content in canonical form, with the digest that assessments pin.

    A published version never changes: when its content differs, raise the version in checklist.yaml first.

    Example: `stocktake-service checklists lock checklists/harbour`
    """
    locks: list[dict[str, str | bool]] = []
    for folder in chosen(folders):
        try:
            locks.append(_lock(folder, check=check))
        except WrongChecklist as refused:
            refuse(refused.findings, as_json=as_json)
        except Problem as problem:
            refuse([Finding((folder / LOCK).as_posix(), 1, "lock", problem.detail)], as_json=as_json)
    if as_json:
        print_json({"locks": locks, "written": not check})
    else:
        for lock in locks:
            word = ("would change" if check else "locked") if lock["changed"] else "unchanged"
            _out().print(Text.assemble((f"{word} ", "green"), f"{lock['file']} {lock['version']} {lock['digest']}"))
    raise typer.Exit(1 if check and any(lock["changed"] for lock in locks) else 0)


@app.command("schema")
def schema_command(
    folder: Annotated[Path, typer.Argument(help="Where the schemas lie.")] = Path("checklists/schema"),
    *,
    check: Check = False,
    as_json: AsJson = False,
) -> None:
    """Write the JSON Schemas of checklists' files, which editors use to complete and check while you type.

    Example: `stocktake-service checklists schema --check`
    """
    files = {folder / name: data for name, data in schema_files().items()}
    changed = [path for path, data in files.items() if not path.exists() or path.read_bytes() != data]
    if not check:
        folder.mkdir(parents=True, exist_ok=True)
        for path in changed:
            replace(path, files[path])
    if as_json:
        print_json({"changed": [path.as_posix() for path in changed], "written": not check})
    else:
        word = "would change" if check else "written"
        _out().print(f"{len(changed)} of {len(files)} schemas {word}")
    raise typer.Exit(1 if check and changed else 0)


def _lock(folder: Path, *, check: bool) -> dict[str, str | bool]:
    """Lock one checklist that is sound, or say whether that would change its lock."""
    loaded = load_sound(folder)
    lock = locked(loaded) if check else write_lock(loaded)
    version = loaded.checklist.head.version
    return {"file": lock.path.as_posix(), "version": version, "digest": lock.digest, "changed": lock.changed}


def chosen(named: list[Path] | None) -> list[Path]:
    """The folders to work on; misuse when one is no folder or there is none."""
    if named:
        for folder in named:
            if not folder.is_dir():
                raise typer.BadParameter(f"{folder} is no folder; name one that holds a {HEAD}")
        return named
    found = sorted(path.parent for path in Path("checklists").glob(f"*/{HEAD}"))
    if not found:
        raise typer.BadParameter(f"there is no checklists/*/{HEAD} here; name the folders of checklists")
    return found


def replace(path: Path, data: bytes) -> None:
    """Write whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def refuse(findings: tuple[Finding, ...] | list[Finding], *, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"findings": _as_data(list(findings))})
    else:
        _print_findings(list(findings))
    raise typer.Exit(1)


def _as_data(findings: list[Finding]) -> list[dict[str, str | int]]:
    return [{"file": f.file, "line": f.line, "code": f.code, "message": f.message} for f in findings]


def _print_findings(findings: list[Finding]) -> None:
    for finding in findings:
        place = Text.assemble((f"{finding.file}:{finding.line}", "bold"), ": ", finding.message)
        _out().print(place, f"[{finding.code}]", markup=False)
    if findings:
        _out().print(Text.assemble((f"{len(findings)} to mend", "red")))


def print_json(value: object) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _out() -> Console:
    return Console(highlight=False, soft_wrap=True)
