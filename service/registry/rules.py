"""What the register takes: rules on sites, and reading them from CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from service.errors import Invalid, Message, Place
from service.expected import expected
from service.languages.words import mark
from stocktake.models.registry import NewSite, SiteEntry

COLUMNS = tuple(NewSite.model_fields)
MOST_ROWS = 5000
MOST_DIGITS = 15
"""What fits a JSON number."""
_NUMBERS = ("travellers", "tier")
_SYNTAX = (
    mark("unexpected end of data"),
    mark("',' expected after '\"'"),
    mark("field larger than field limit (131072)"),
)
"""What the standard library says of a text that is not CSV."""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One line of a CSV."""

    number: int
    """Counted from 1, the header line not counted."""
    code: str
    site: NewSite | Message
    """The site, or why it is none."""


def check_site(entry: SiteEntry) -> None:
    """A site closes after it opened."""
    if entry.opened and entry.closed and entry.closed <= entry.opened:
        raise Invalid.at(
            Place(
                "/closed",
                "closed on {closed}, which is not after it opened on {opened}",
                closed=entry.closed,
                opened=entry.opened,
            )
        )


def read_sites(text: str) -> Iterator[SiteRow]:
    """Read a CSV of sites: a header line with column names, then a site a line; empty cells are absent values."""
    reader = csv.reader(io.StringIO(text), strict=True)
    header = [cell.strip() for cell in _next(reader) or []]
    _check_header(header)
    number = 0
    while (cells := _next(reader)) is not None:
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        if number > MOST_ROWS:
            raise Invalid("More than {most} sites in one file; split it.", most=MOST_ROWS)
        yield _read(number, header, cells)


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise Invalid(
            "The CSV cannot be read: {why}. Quote cells with quotes, commas or line breaks.",
            why=Message(str(error)) if str(error) in _SYNTAX else error,
        ) from error


def _check_header(header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            raise Invalid(
                "The header names a column {name}; the columns are {columns}.",
                name=repr(name[:40]),
                columns=", ".join(COLUMNS),
            )
    if len(set(header)) != len(header):
        raise Invalid("The header names one column twice.")
    for name in ("code", "name", "type"):
        if name not in header:
            raise Invalid("The header lacks the column {name}; code, name and type are needed.", name=repr(name))


def _read(number: int, header: list[str], cells: list[str]) -> SiteRow:
    if len(cells) != len(header):
        uneven = Message("{cells} cells under {columns} columns", cells=len(cells), columns=len(header))
        return SiteRow(number, "", uneven)
    given: Mapping[str, str] = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    code = given.get("code", "")
    try:
        site = NewSite.model_validate({name: _number(name, cell) for name, cell in given.items()})
        check_site(site)
    except ValidationError as error:
        first = error.errors()[0]
        refusal = Message("{column}: {detail}", column=first["loc"][0], detail=expected(first))
        return SiteRow(number, code[:16], refusal)
    except Invalid as error:
        return SiteRow(number, code, error.message)
    return SiteRow(number, code, site)


def _number(name: str, cell: str) -> str | int:
    whole = cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS
    return int(cell) if name in _NUMBERS and whole else cell
