"""``checklists texts``: what a language still lacks, and how its translations come into the file."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import TypeAdapter, ValidationError

from service.catalogue.findings import WrongChecklist
from service.catalogue.formatting import format_part
from service.catalogue.loader import HEAD, LANGUAGES, load, read_part
from service.catalogue.overlay import Overlay, missing, renewed, stale, unknown
from service.catalogue.texts import texts as texts_of
from service.catalogue.yaml_text import refused

_GIVEN = TypeAdapter(dict[str, str])


def texts(
    language: Annotated[str, typer.Argument(help="ISO 639, as fr.")],
    folder: Annotated[
        Path | None,
        typer.Argument(help="The folder of the checklist. Without: the one in ./checklists.", show_default=False),
    ] = None,
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Put an entry for every text into languages/LANGUAGE.yaml.")
    ] = False,
    given: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", help="JSON with translations, text by key; enter them, then as --write. May be repeated."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document for other programs to read.")
    ] = False,
) -> None:
    """Say which texts of a checklist a language lacks, or has of an earlier source; exit 1 when there are any.

    **In the file**: `--write` gives languages/LANGUAGE.yaml an entry for each of them, with the mark of the present
    source and the status `todo`. A new one holds the source, a stale one its earlier translation. Write the
    translation in its place, remove `todo`, run `checklists lint`. What the checklist no longer has is left out.

    **With an office**: `--json` prints the texts to translate under `missing` and `stale`, each by its key. What
    comes back as JSON, `{"questions/p2.plan/title": "Plan", …}`, is entered with `--from`, as drafts of the present
    source.

    Example: `stocktake-service checklists texts fr checklists/harbour --from back.json`
    """
    chosen = folder or _only()
    if not (chosen / HEAD).is_file():
        raise typer.BadParameter(f"{chosen} holds no {HEAD}", param_hint="FOLDER")
    path = chosen / LANGUAGES / f"{language}.yaml"
    try:
        head, sources = (checklist := load(chosen).checklist).head, texts_of(checklist)
        overlay = read_part(path, Overlay)[0] if path.exists() else _new(language)
    except WrongChecklist as wrong:
        _refuse(str(wrong))
    if write or given:
        overlay = renewed(overlay, sources, _read(given or [], sources))
        path.parent.mkdir(exist_ok=True)
        before = path.read_text("utf-8") if path.exists() else ""
        path.write_bytes(format_part(overlay, before))
    lacking, outdated = missing(overlay, sources), stale(overlay, sources)
    if as_json:
        found = {
            "checklist": head.id,
            "version": head.version,
            "language": language,
            "texts": len(sources),
            "missing": lacking,
            "stale": {key: {"source": text, "text": overlay.texts[key].text} for key, text in outdated.items()},
            "unknown": unknown(overlay, sources),
        }
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for word, those in (("missing", lacking), ("stale", outdated)):
            for key, text in those.items():
                typer.echo(f"{word} {key}\n    {text}")
        for key in unknown(overlay, sources):
            typer.echo(f"unknown {key}")
        done = len(sources) - len(lacking) - len(outdated)
        typer.echo(f"{language}: {done} of {len(sources)} texts, {len(lacking)} missing, {len(outdated)} stale")
    raise typer.Exit(1 if lacking or outdated else 0)


def _only() -> Path:
    found = sorted(path.parent for path in Path("checklists").glob(f"*/{HEAD}"))
    if len(found) != 1:
        raise typer.BadParameter(f"there is not one checklists/*/{HEAD} here; name the folder", param_hint="FOLDER")
    return found[0]


def _new(language: str) -> Overlay:
    try:
        return Overlay(format="language/1", language=language, status="draft", texts={})
    except ValidationError as error:
        raise typer.BadParameter("two or three small letters, as fr", param_hint="LANGUAGE") from error


def _read(files: list[Path], sources: dict[str, str]) -> dict[str, str]:
    """The translations in these files, each of a text there is."""
    found: dict[str, str] = {}
    for file in files:
        try:
            found |= _GIVEN.validate_json(file.read_bytes(), strict=True)
        except (OSError, ValidationError) as error:
            _refuse(f"{file}: not a JSON object of texts by key ({error})")
    wrong = [f"{key}: the checklist has no such text" for key in found if key not in sources]
    wrong += [f"{key}: the text is empty" for key, text in found.items() if not text.strip()]
    wrong += [f"{key}: {why}" for key, text in found.items() if (why := refused(text))]
    if wrong:
        _refuse("\n".join(wrong))
    return found


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
