"""``checklists texts``: what a language still lacks, and how its translations come into the file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import TypeAdapter, ValidationError

from service.catalogue.findings import WrongChecklist
from service.catalogue.formatting import format_part
from service.catalogue.loader import HEAD, LANGUAGES, load, read_part
from service.catalogue.overlay import Overlay, entered, missing, renewed, stale, unknown
from service.catalogue.texts import texts as texts_of
from service.catalogue.yaml_text import refused

_TEXTS = TypeAdapter(dict[str, str])


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
        list[Path] | None, typer.Option("--from", help="JSON with translations: enter them, then as --write. Repeat.")
    ] = None,
    made_of: Annotated[
        list[Path] | None,
        typer.Option("--of", help="JSON with the texts they were made of; the present ones unless given. Repeat."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document for other programs to read.")
    ] = False,
) -> None:
    """Say which texts of a checklist a language lacks, or has of an earlier source; exit 1 when there are any.

    **In the file**: `--write` gives languages/LANGUAGE.yaml an entry for each of them, with the mark of the present
    source and the status `todo`. A new one holds the source, a stale one its earlier translation. Write the
    translation in its place, remove `todo`, run `checklists lint`. What the checklist no longer has is left out.

    **With an office**: send what `--json` prints; under `texts` it has every text to translate, by its key. Enter what
    comes back, the same document with the translations there or just `{"questions/p2.plan/title": "Projet", …}`, with
    `--from back.json --of sent.json`. Each is a draft; one whose source has changed since it was sent is `todo`.

    Example: `stocktake-service checklists texts fr checklists/harbour --from back.json --of sent.json`
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
        back = _checked(_read(given or ()), sources)
        overlay = renewed(entered(overlay, back, sources | _read(made_of or ())), sources)
        _save(overlay, path)
    if as_json:
        about = {"checklist": head.id, "version": head.version, "language": language, "total": len(sources)}
        typer.echo(json.dumps(about | _left(overlay, sources), indent=2, ensure_ascii=False))
    else:
        _print(overlay, sources)
    raise typer.Exit(1 if missing(overlay, sources) or stale(overlay, sources) else 0)


def _left(overlay: Overlay, sources: Mapping[str, str]) -> dict[str, object]:
    outdated = stale(overlay, sources)
    return {
        "texts": missing(overlay, sources) | outdated,
        "earlier": {key: overlay.texts[key].text for key in outdated},
        "unknown": unknown(overlay, sources),
    }


def _print(overlay: Overlay, sources: Mapping[str, str]) -> None:
    lacking, outdated = missing(overlay, sources), stale(overlay, sources)
    for word, those in (("missing", lacking), ("stale", outdated)):
        for key, text in those.items():
            typer.echo(f"{word} {key}\n    {text}")
    for key in unknown(overlay, sources):
        typer.echo(f"unknown {key}")
    done = len(sources) - len(lacking) - len(outdated)
    counts = f"{done} of {len(sources)} texts, {len(lacking)} missing, {len(outdated)} stale"
    typer.echo(f"{overlay.language}: {counts}")


def _save(overlay: Overlay, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    data = format_part(overlay, path.read_text("utf-8") if path.exists() else "")
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


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


def _read(files: list[Path] | tuple[()]) -> dict[str, str]:
    """The texts by key in these files: of the document that ``--json`` prints, or plain."""
    found: dict[str, str] = {}
    for file in files:
        try:
            document = json.loads(file.read_bytes())
            inside = document.get("texts", document) if isinstance(document, dict) else document
            found |= _TEXTS.validate_python(inside, strict=True)
        except (OSError, ValueError) as error:
            _refuse(f"{file}: not a JSON object of texts by key ({error})")
    return found


def _checked(given: dict[str, str], sources: Mapping[str, str]) -> dict[str, str]:
    """Translations of texts there are, in a form a file can hold."""
    wrong = [f"{key}: the checklist has no such text" for key in given if key not in sources]
    wrong += [f"{key}: the text is empty" for key, text in given.items() if not text.strip()]
    wrong += [f"{key}: {why}" for key, text in given.items() if (why := refused(text))]
    if wrong:
        _refuse("\n".join(wrong))
    return {key: text.strip() for key, text in given.items()}


def _refuse(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(1)
