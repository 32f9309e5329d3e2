"""Answers counted in SQL: the sites grouped by what conditions look at, and the answers tallied by group.

What comes back grows with the number of different situations, not with the number of sites.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Numeric,
    Select,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)

from service.assessments.age import age_limits
from service.assessments.answers import CLEARED
from service.assessments.conditions import Looked
from service.assessments.facts import Given, SiteGroup, Tally
from service.catalogue.question import decimal_text
from service.db.tables import Answer, Site
from service.db.types import Record

_S, _A = Site.__table__, Answer.__table__
_FIXED = 2
"""Columns of a situation before the gates: type and tier."""
_PER_GATE = 3
"""Kind, value and level; the latter two only where a condition looks at them."""
Gates = Mapping[str, Looked]


@dataclass(frozen=True, slots=True)
class Grouped:
    """The groups and tallies of one assessment."""

    groups: tuple[SiteGroup, ...]
    tallies: tuple[Tally, ...]
    situations: tuple[tuple[object, ...], ...]
    """Each group's columns, for finding the sites in it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is counted: one assessment's answers at the sites in operation at the end of its period."""

    state: str
    assessment: UUID
    period_end: date

    def where(self) -> dict[str, object]:
        year_ago, three_years_ago = age_limits(self.period_end)
        return {
            "of_state": self.state,
            "of_assessment": self.assessment,
            "on_day": self.period_end,
            "year_ago": year_ago,
            "three_years_ago": three_years_ago,
        }


def groups_only(connection: Connection, scope: Scope, gates: Gates) -> tuple[SiteGroup, ...]:
    """Group the sites, for conditions alone: one statement."""
    asked = tuple(sorted(gates))
    rows = connection.execute(_statements_for(gates).groups, scope.where())
    return tuple(_group(asked, row) for row in rows)


def grouped(connection: Connection, scope: Scope, gates: Gates) -> Grouped:
    """Group the sites and tally their answers: two statements."""
    asked = tuple(sorted(gates))
    statements = _statements_for(gates)
    situations = connection.execute(statements.groups, scope.where()).all()
    groups = tuple(_group(asked, row) for row in situations)
    width = _FIXED + _PER_GATE * len(asked)
    keys = tuple(tuple(row[:width]) for row in situations)
    number = {key: n for n, key in enumerate(keys)}
    counted = connection.execute(statements.tallies, scope.where())
    tallies = tuple(_tally(number[tuple(row[:width])], row[width:]) for row in counted)
    return Grouped(groups, tallies, keys)


def site_groups(connection: Connection, scope: Scope, gates: Gates, found: Grouped) -> dict[str, int]:
    """Each site's code with the index of its group, by code."""
    number = {key: n for n, key in enumerate(found.situations)}
    rows = connection.execute(_statements_for(gates).sites, scope.where())
    return {row[0]: number[tuple(row[1:])] for row in rows}


@dataclass(frozen=True, slots=True)
class _Statements:
    groups: Select[Any]
    tallies: Select[Any]
    sites: Select[Any]


def _statements_for(gates: Gates) -> _Statements:
    return _statements(tuple((gate, gates[gate]) for gate in sorted(gates)))


@lru_cache(maxsize=64)
def _statements(gates: tuple[tuple[str, Looked], ...]) -> _Statements:
    """The statements for a checklist with these gates, built once."""
    situation = _situation(gates)
    alike = [column for column in situation.c if column.name not in ("code", "travellers")]
    sums = (func.count(), func.sum(situation.c.travellers), func.count(situation.c.travellers))
    answered = and_(
        _A.c.state == bindparam("of_state"),
        _A.c.assessment == bindparam("of_assessment"),
        _A.c.site == situation.c.code,
        _A.c.kind != CLEARED,
    )
    what = (_A.c.question, _A.c.kind, _A.c.level, _A.c.grade, _age())
    return _Statements(
        groups=select(*alike, *sums).group_by(*alike).order_by(*alike),
        tallies=select(*alike, *what, *sums).join_from(situation, _A, answered).group_by(*alike, *what),
        sites=select(situation.c.code, *alike).order_by(situation.c.code),
    )


def _situation(gates: tuple[tuple[str, Looked], ...]) -> CTE:
    """One row a site: its type and tier, and what conditions look at in its answers to the gates."""
    on = and_(
        _A.c.state == _S.c.state,
        _A.c.assessment == bindparam("of_assessment"),
        _A.c.site == _S.c.code,
        _A.c.question.in_([gate for gate, _ in gates]),
        _A.c.kind != CLEARED,
    )
    gate_columns = [
        func.max(case((_A.c.question == gate, column))).label(f"{name}_{n}")
        for n, (gate, looked) in enumerate(gates)
        for name, column in (("kind", _A.c.kind), ("value", _value(looked)), ("level", _level(looked)))
    ]
    fixed = (_S.c.type, _S.c.tier)
    return (
        select(_S.c.code, *fixed, *gate_columns, _S.c.travellers)
        .join_from(_S, _A, on if gates else and_(on, ~true()), isouter=True)
        .where(
            _S.c.state == bindparam("of_state"),
            or_(_S.c.opened.is_(None), _S.c.opened <= bindparam("on_day")),
            or_(_S.c.closed.is_(None), _S.c.closed > bindparam("on_day")),
        )
        .group_by(_S.c.code, *fixed, _S.c.travellers)
        .cte("situation")
    )


def _level(looked: Looked) -> ColumnElement[int | None]:
    """The level as far as conditions look at it: the highest one it is asked to be at least, and is."""
    if not looked.levels:
        return _nothing(_A.c.level)
    reached = {level: _A.c.level >= level for level in (*reversed(looked.levels), 0)}
    return case(*((holds, literal_column(str(level))) for level, holds in reached.items()))


def _value(looked: Looked) -> ColumnElement[str | None]:
    """The value as far as conditions look at it: one that every condition judges the same."""
    if looked.value:
        return _A.c.value
    if looked.words:
        of_words = {orjson.dumps(word).decode(): orjson.dumps(first).decode() for word, first in looked.words}
        return case((_A.c.kind == "value", case(of_words, value=_A.c.value, else_='""')))
    if looked.above or looked.below:
        # Only a value is a number for sure, and the cast of anything else would fail.
        return case((_A.c.kind == "value", _number(looked)))
    return _nothing(_A.c.value)


def _number(looked: Looked) -> ColumnElement[str]:
    """Of the numbers that stand alike to every limit, always the same one."""
    # Exact on both: PostgreSQL compares decimals; SQLite reads the digits of value and limit by the same rule, as whole
    # numbers or nearest binary floats, and those keep the order of numbers that have 15 digits at most.
    number = cast(_A.c.value, Numeric)
    limits = sorted([(limit, False) for limit in looked.below] + [(limit, True) for limit in looked.above])
    steps: list[tuple[ColumnElement[bool], ColumnElement[str]]] = []
    before = limits[0][0] - 1
    for limit, up_to_it in limits:
        digits: ColumnElement[Decimal] = literal_column(decimal_text(limit))
        step = (number <= digits, _digits(limit)) if up_to_it else (number < digits, _digits((before + limit) / 2))
        steps.append(step)
        before = limit
    return case(*steps, else_=_digits(before + 1))


def _nothing(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(null(), column.type)


def _digits(number: Decimal) -> ColumnElement[str]:
    return literal(decimal_text(number), _A.c.value.type)


def _age() -> ColumnElement[int]:
    """0 within a year before the end of the period, 1 within three, 2 older or undated."""
    return case(
        (_A.c.evidence_on >= bindparam("year_ago"), literal_column("0")),
        (_A.c.evidence_on >= bindparam("three_years_ago"), literal_column("1")),
        else_=literal_column("2"),
    ).label("age")


def _group(gates: tuple[str, ...], row: Record | Sequence[Any]) -> SiteGroup:
    width = _FIXED + _PER_GATE * len(gates)
    answers = {}
    for n, gate in enumerate(gates):
        kind, value, level = row[_FIXED + _PER_GATE * n : _FIXED + _PER_GATE * (n + 1)]
        if kind is not None:
            answers[gate] = Given(kind, None if value is None else orjson.loads(value), level)
    count, travellers, known = row[width : width + 3]
    return SiteGroup(row[0], row[1], answers, count, _whole(travellers, known, count))


def _tally(group: int, row: Sequence[Any]) -> Tally:
    question, kind, level, grade, age, count, travellers, known = row
    return Tally(question, group, kind, level, grade, age, count, _whole(travellers, known, count))


def _whole(total: object, known: int, count: int) -> int | None:
    return int(str(total)) if known == count and total is not None else None
