"""What the register takes: rules on sites, and reading them from CSV."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from service.errors import Invalid, Place
from stocktake.models.registry import NewSite, SiteEntry

COLUMNS = tuple(NewSite.model_fields)
MOST_ROWS = 5000
MOST_DIGITS = 15
"""What fits a JSON number."""
_NUMBERS = ("travellers", "tier")


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One line of a CSV: the site, or why it is none."""

    number: int
    """Counted from 1, the header line not counted."""
    code: str
    site: NewSite | None
    refusal: str | None


def check_site(entry: SiteEntry) -> None:
    """A site closes after it opened."""
    if entry.opened and entry.closed and entry.closed <= entry.opened:
        detail = f"closed on {entry.closed}, which is not after it opened on {entry.opened}"
        raise Invalid(f"/closed: {detail}.", places=(Place("/closed", detail),))


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
            raise Invalid(f"More than {MOST_ROWS} sites in one file; split it.")
        yield _read(number, header, cells)


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise Invalid(f"The CSV cannot be read: {error}. Quote cells with quotes, commas or line breaks.") from error


def _check_header(header: list[str]) -> None:
    for name in header:
        if name not in COLUMNS:
            raise Invalid(f"The header names a column {name[:40]!r}; the columns are {', '.join(COLUMNS)}.")
    if len(set(header)) != len(header):
        raise Invalid("The header names one column twice.")
    for name in ("code", "name", "type"):
        if name not in header:
            raise Invalid(f"The header lacks the column {name!r}; code, name and type are needed.")


def _read(number: int, header: list[str], cells: list[str]) -> SiteRow:
    if len(cells) != len(header):
        return SiteRow(number, "", None, f"{len(cells)} cells under {len(header)} columns")
    given: Mapping[str, str] = {name: cell.strip() for name, cell in zip(header, cells, strict=True) if cell.strip()}
    code = given.get("code", "")
    try:
        site = NewSite.model_validate({name: _number(name, cell) for name, cell in given.items()})
        check_site(site)
    except ValidationError as error:
        first = error.errors()[0]
        return SiteRow(number, code[:16], None, f"{first['loc'][0]}: {first['msg']}")
    except Invalid as error:
        return SiteRow(number, code, None, error.detail)
    return SiteRow(number, code, site, None)


def _number(name: str, cell: str) -> str | int:
    whole = cell.isascii() and cell.isdigit() and len(cell) <= MOST_DIGITS
    return int(cell) if name in _NUMBERS and whole else cell
