"""``checklists oscal``, ``from-oscal`` and ``answer-schema``: checklists for other programs."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from service.catalogue.answer_schema import answer_schema
from service.catalogue.commands import chosen, refuse, replace
from service.catalogue.findings import WrongChecklist
from service.catalogue.lint import load_sound
from service.catalogue.loader import Loaded
from service.catalogue.oscal import WrongCatalog, from_oscal, layout_of, to_oscal
from service.catalogue.oscal_files import files, layout

Folder = Annotated[
    Path | None, typer.Argument(help="The folder of one checklist; the only one in ./checklists unless given.")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="The file to write; else it is printed.")]


def oscal(folder: Folder = None, *, output: Output = None) -> None:
    """Write a checklist as an OSCAL catalog (JSON).

    Example: `stocktake-service checklists oscal checklists/harbour -o harbour.oscal.json`
    """
    loaded = _loaded(folder)
    _write(to_oscal(loaded.checklist, layout(loaded)), output)


def read_oscal(
    file: Annotated[Path, typer.Argument(help="A catalog that `checklists oscal` or the service wrote.")],
    folder: Annotated[Path, typer.Argument(help="Where the checklist's files are to lie; named as the checklist.")],
) -> None:
    """Write the files of a checklist from its OSCAL catalog, in fmt's form.

    Example: `stocktake-service checklists from-oscal harbour.oscal.json checklists/harbour`
    """
    try:
        data = json.loads(file.read_bytes())
        written = files(from_oscal(data), layout_of(data))
    except WrongCatalog as wrong:
        _stop(f"{file}: {wrong.detail}")
    except (OSError, ValueError, RecursionError) as error:
        _stop(f"{file}: {error}")
    for name, content in written.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, content)
    typer.echo(f"{len(written)} files written to {folder}; run `checklists lint` and `checklists lock` on it.")


def answers_schema(folder: Folder = None, *, output: Output = None) -> None:
    """Write the JSON Schema of the answers that a checklist takes.

    Example: `stocktake-service checklists answer-schema checklists/harbour -o answers.schema.json`
    """
    _write(answer_schema(_loaded(folder).checklist), output)


def _loaded(folder: Path | None) -> Loaded:
    found = chosen(None if folder is None else [folder])
    if len(found) != 1:
        raise typer.BadParameter(f"name one of {', '.join(str(path) for path in found)}")
    try:
        return load_sound(found[0])
    except WrongChecklist as wrong:
        refuse(wrong.findings, as_json=False)


def _write(data: dict[str, object], output: Path | None) -> None:
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if output is None:
        typer.echo(text)
    else:
        replace(output, f"{text}\n".encode())


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
