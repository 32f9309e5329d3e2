"""Reads a statement as the driver gets it: whose rows it can meet. Pure; the SQL is parsed, not searched.

Every table of states in it must be held by a state: compared with a parameter, or with the state of a table that is
held, where that decides on the row (not in the ON of an outer join, not under OR). A row that is added carries the
parameter itself.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count

import sqlglot
from sqlglot import exp

from service.db import access_tables, signoff_tables, tables  # noqa: F401  # every table, so that Row knows them
from service.db.rows import of_states, owner

OWNERS = {table.name: column for table in of_states() if (column := owner(table)) is not None}
_NAMES = re.compile(rf"\b({'|'.join(OWNERS)})\b")
_QUOTED_OR_MARK = re.compile(r"'[^']*'|\?")
_NAMED = re.compile(r"%\((\w+)\)s")
_QUERIES = (exp.Query, exp.Insert, exp.Update, exp.Delete)
_WRAPPINGS = (exp.Paren, exp.Cast, exp.Collate)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one statement does with tables of states."""

    tables: frozenset[str]
    states: frozenset[str]
    """Names of the parameters that say whose rows: ``p0``, ``p1`` … where they have places only."""
    faults: tuple[str, ...]
    """What is not held by any state, in words."""


NOTHING = Reading(frozenset(), frozenset(), ())


@cache
def read(sql: str, dialect: str) -> Reading:
    """The reading of a statement; ``dialect`` as SQLAlchemy names it."""
    if not _NAMES.search(sql):
        return NOTHING
    numbers = count()
    named = _NAMED.sub(r":\1", sql) if dialect == "postgresql" else _QUOTED_OR_MARK.sub(
        lambda found: f":p{next(numbers)}" if found[0] == "?" else found[0], sql
    )  # fmt: skip
    reader = _Reader()
    reader.statement(sqlglot.parse_one(named, dialect="postgres" if dialect == "postgresql" else "sqlite"), {})
    return Reading(frozenset(reader.tables), frozenset(reader.states), tuple(reader.faults))


Aliases = Mapping[str, str]
"""Table of states, or the name of a subquery whose own tables are held, by the name it goes by."""


@dataclass
class _Reader:
    tables: set[str] = field(default_factory=set)
    states: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    _derived: dict[str, str] = field(default_factory=dict)
    """CTEs and subqueries that give rows of a state, and the name of the column that says whose."""

    def statement(self, node: exp.Expr, outer: Aliases) -> None:
        """Read a query and all below it; ``outer`` are the tables of the queries around it."""
        for cte in node.args["with_"].expressions if node.args.get("with_") else ():
            self.statement(cte.this, {})
            self._derive(cte.alias, cte.this)
        match node:
            case exp.Select():
                self._query(node, outer, [node.args.get("from_"), *(node.args.get("joins") or ())])
            case exp.Update():
                self._query(node, outer, [node.this, node.args.get("from_")])
                self._assigned(node.this.name, node.expressions)
            case exp.Delete():
                self._query(node, outer, [node.this, *(node.args.get("using") or ())])
            case exp.Insert():
                self._insert(node)
            case exp.SetOperation():
                self.statement(node.left, outer)
                self.statement(node.right, outer)
            case exp.Subquery():
                self.statement(node.this, outer)
            case _:
                self.faults.append(f"{type(node).__name__} is no statement the guard knows")

    # ── queries ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _query(self, node: exp.Expr, outer: Aliases, sources: Iterable[exp.Expr | None]) -> None:
        inner = {}
        for source in sources:
            for table in _tables(source):
                if table.name in OWNERS and table.name not in self._derived:
                    inner[table.alias_or_name] = table.name
        for nested in _nested(node):
            parent = nested.parent
            if isinstance(parent, exp.Subquery) and isinstance(parent.parent, exp.From | exp.Join):
                self.statement(nested, {})
                self._derive(parent.alias, nested)
            else:
                self.statement(nested, {**outer, **inner})
        self.tables |= set(inner.values())
        left = inner.keys() - self._held(node, inner, outer)
        self.faults += [f"{inner[alias]} (as {alias}) is held by no state" for alias in sorted(left)]

    def _held(self, node: exp.Expr, inner: Aliases, outer: Aliases) -> set[str]:
        """The tables of this query that a parameter holds, directly or through another."""
        held: set[str] = set()
        links: list[tuple[str, str]] = []  # what the second is held by, once the first is
        for one, other, only in self._equalities(node):
            for here, there in ((one, other), (other, one)):
                alias = self._owning(here, inner)
                if alias is None or (only is not None and alias != only):
                    continue
                name = _parameter(there)
                if name is not None:
                    self.states.add(name)
                    held.add(alias)
                elif self._owning(there, outer) is not None or self._derives(there):
                    held.add(alias)
                elif (through := self._owning(there, inner)) is not None:
                    links.append((through, alias))
        while fresh := {then for first, then in links if first in held} - held:
            held |= fresh
        return held

    @staticmethod
    def _equalities(node: exp.Expr) -> Iterator[tuple[exp.Expr, exp.Expr, str | None]]:
        """Both sides of what every row has to meet; with it, of an outer join, the only table it decides on."""
        where = node.args.get("where")
        conditions: list[tuple[exp.Expr, str | None]] = [] if where is None else [(where.this, None)]
        for join in node.find_all(exp.Join):
            on = join.args.get("on")
            if on is not None and join.find_ancestor(*_QUERIES) is node and join.side in ("", "LEFT"):
                conditions.append((on, join.this.alias_or_name if join.side else None))
        for condition, only in conditions:
            for part in condition.flatten() if isinstance(condition, exp.And) else (condition,):
                if isinstance(part, exp.EQ):
                    yield _bare(part.this), _bare(part.expression), only

    @staticmethod
    def _owning(node: exp.Expr, known: Aliases) -> str | None:
        """The table whose owner this column is."""
        if not isinstance(node, exp.Column):
            return None
        alias = node.table or (next(iter(known)) if len(known) == 1 else "")
        return alias if OWNERS.get(known.get(alias, "")) == node.name else None

    def _derives(self, node: exp.Expr) -> bool:
        return isinstance(node, exp.Column) and self._derived.get(node.table) == node.name

    def _derive(self, alias: str, query: exp.Expr) -> None:
        """Remember that this subquery says whose its rows are: its tables were seen to."""
        for column in _columns(query):
            if column in OWNERS.values() and any(table.name in OWNERS for table in query.find_all(exp.Table)):
                self._derived[alias] = column

    # ── rows that are added ──────────────────────────────────────────────────────────────────────────────────────────

    def _insert(self, node: exp.Insert) -> None:
        target = node.this.this if isinstance(node.this, exp.Schema) else node.this
        source = node.expression
        if isinstance(source, exp.Query) and not isinstance(source, exp.Values):
            self.statement(source, {})
        if target.name not in OWNERS:
            return
        self.tables.add(target.name)
        column = OWNERS[target.name]
        names = [name.name for name in node.this.expressions] if isinstance(node.this, exp.Schema) else []
        if column not in names:
            self.faults.append(f"{target.name} gets rows of no state")
            return
        for values in _rows(source):
            self._given(target.name, _bare(values[names.index(column)]), source)
        conflict = node.args.get("conflict")
        if conflict is not None:
            keys = [key.name for key in conflict.args.get("conflict_keys") or ()]
            if conflict.expressions and column not in keys:
                self.faults.append(f"{target.name}: what stands in the way may be another state's")
            self._assigned(target.name, conflict.expressions)

    def _given(self, table: str, value: exp.Expr, source: exp.Expr) -> None:
        """Whose a new row is: a parameter, or the state of rows that are held."""
        value = _bare(value.this) if isinstance(value, exp.Alias) else value
        name = _parameter(value)
        known = {found.alias_or_name: found.name for found in _tables(source)}
        if name is not None:
            self.states.add(name)
        elif isinstance(value, exp.Column):
            alias = value.table or (next(iter(known)) if len(known) == 1 else "")
            of = known.get(alias, "")
            if OWNERS.get(of) != value.name and self._derived.get(of or alias) != value.name:
                self.faults.append(f"{table} gets rows of whatever state {value.sql()} names")
        else:
            self.faults.append(f"{table} gets rows of the state {value.sql()}")

    def _assigned(self, table: str, changes: Iterable[exp.Expr]) -> None:
        for change in changes:
            if isinstance(change, exp.EQ) and OWNERS.get(table) == change.this.name:
                self.faults.append(f"{table}: rows change hands")


def _rows(source: exp.Expr) -> Iterator[list[exp.Expr]]:
    """The values of each row that an insert names."""
    if isinstance(source, exp.Values):
        yield from (list(row.expressions) for row in source.expressions)
    elif isinstance(source, exp.Select):
        yield list(source.expressions)


def _columns(query: exp.Expr) -> list[str]:
    """The names of what a query gives."""
    if isinstance(query, exp.Select):
        return [column.alias_or_name for column in query.expressions]
    returning = query.args.get("returning")
    return [] if returning is None else [column.alias_or_name for column in returning.expressions]


def _bare(node: exp.Expr) -> exp.Expr:
    """Without brackets, casts and collations."""
    while isinstance(node, _WRAPPINGS):
        node = node.this
    return node


def _parameter(node: exp.Expr) -> str | None:
    return str(node.name) if isinstance(node, exp.Placeholder) else None


def _tables(node: exp.Expr | None) -> Iterator[exp.Table]:
    """The tables of this query, but not of those below it."""
    for found in _own(node) if node is not None else ():
        if isinstance(found, exp.Table):
            yield found


def _nested(node: exp.Expr) -> Iterator[exp.Expr]:
    """The queries directly below, but for the CTEs, which are read before."""
    for found in _own(node):
        if found is not node and _is_query(found):
            yield found


def _own(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of this query down to the queries below it, which are the last of them."""
    yield from node.walk(prune=lambda at: at is not node and (isinstance(at, exp.With) or _is_query(at)))


def _is_query(node: exp.Expr) -> bool:
    return isinstance(node, _QUERIES) and not isinstance(node, exp.Subquery | exp.Table | exp.Values)
