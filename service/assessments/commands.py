"""``checklists count``: how many questions a state has to answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from service.assessments.counting import Counts, count, most, site_forms
from service.assessments.profiles import Profile, picture_of
from service.catalogue.checklist import Checklist
from service.catalogue.commands import chosen, print_json, refuse
from service.catalogue.findings import WrongChecklist
from service.catalogue.lint import load_sound
from service.catalogue.loader import PROFILES, read_part
from service.errors import Problem
from stocktake.models.registry import SiteType

Rows = dict[str, Counts]


def count_questions(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of checklists; every folder in ./checklists unless given.")
    ] = None,
    *,
    answers: Annotated[
        list[Path] | None, typer.Option(help="A profile to count besides those in the folder; repeat for several.")
    ] = None,
    most_site: Annotated[
        int | None, typer.Option(min=1, help="Exit 1 when a site of some type can be asked more than this.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count the questions that made-up states have to answer, and the most that any can be asked.

    A profile is a file `profiles/NAME.yaml` of a checklist: what such a state answers to the questions that decide.

    Example: `stocktake-service checklists count checklists/harbour --most-site 20`
    """
    too_long = False
    documents: list[object] = []
    for folder in chosen(folders):
        checklist, rows = _counted(folder, answers or [])
        forms = site_forms(checklist)
        too_long |= most_site is not None and any(size > most_site for size in forms.values())
        if as_json:
            documents.append(_document(checklist, rows, forms))
        else:
            _print(checklist, rows, forms, most_site)
    if as_json:
        print_json(documents)
    raise typer.Exit(1 if too_long else 0)


def _counted(folder: Path, named: Sequence[Path]) -> tuple[Checklist, Rows]:
    """Each profile's counts by its title, and the most there can be."""
    try:
        checklist = load_sound(folder).checklist
        paths = [*sorted((folder / PROFILES).glob("*.yaml")), *named]
        profiles = [read_part(path, Profile)[0] for path in paths]
    except WrongChecklist as wrong:
        refuse(wrong.findings, as_json=False)
    try:
        rows = {profile.title: count(picture_of(profile, checklist)) for profile in profiles}
    except Problem as problem:
        _stop(f"{folder}: {problem.detail}")
    return checklist, rows | {"A state of which as much is asked as can be": count(most(checklist))}


def _print(checklist: Checklist, rows: Rows, forms: Mapping[SiteType, int], most_site: int | None) -> None:
    of_state, of_site = len(checklist.of_scope("state")), len(checklist.of_scope("site"))
    typer.echo(f"{checklist.head.id} {checklist.head.version}: {of_state} questions of the state, {of_site} of a site")
    for title, counts in rows.items():
        typer.echo(f"\n{title}")
        typer.echo(f"  {'of the state':<18}{counts.state.asked:>4}{_waiting(counts.state.waiting)}")
        for kind, at_site in counts.sites:
            typer.echo(f"  {kind:<18}{at_site.asked:>4}{_waiting(at_site.waiting)}")
    typer.echo(f"  never asked together with these: {', '.join(counts.left_out) or 'none'}")
    if forms:
        typer.echo("\nThe longest form of one site")
    for kind, size in forms.items():
        typer.echo(f"  {kind:<18}{size:>4}{' more than ' + str(most_site) if most_site and size > most_site else ''}")


def _waiting(waiting: Sequence[str]) -> str:
    return f"  of which {len(waiting)} as another answer will tell: {', '.join(waiting)}" if waiting else ""


def _document(checklist: Checklist, rows: Rows, forms: Mapping[SiteType, int]) -> dict[str, object]:
    return {
        "checklist": checklist.head.id,
        "version": checklist.head.version,
        "questions": {"state": len(checklist.of_scope("state")), "site": len(checklist.of_scope("site"))},
        "profiles": {
            title: {
                "state": counts.state._asdict(),
                "sites": [{"type": kind, **at_site._asdict()} for kind, at_site in counts.sites],
                "left_out": counts.left_out,
            }
            for title, counts in rows.items()
        },
        "site_forms": dict(forms),
    }


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
