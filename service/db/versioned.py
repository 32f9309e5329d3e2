"""Compare and set: rows with a version that a write must name. Each write is one statement, built once."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, bindparam, not_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import VersionConflict

Fields = Mapping[str, Any]  # column values are of many types


class Versioned:
    """Writes to one table whose rows carry a ``version`` from 1 on.

    ``vacant`` tells rows that are kept but count as absent: a write may create in their place.
    """

    def __init__(self, table: Table, key: tuple[str, ...], vacant: ColumnElement[bool] | None = None) -> None:
        self._key = key
        here = and_(*(table.c[name] == bindparam(f"k_{name}") for name in key))
        self._table = table
        content = [column.name for column in table.c if column.name not in (*key, "version")]
        changed: dict[str, Any] = {name: bindparam(name) for name in content}
        changed["version"] = table.c.version + 1
        there = and_(here, table.c.version == bindparam("k_version"))
        self._change = update(table).where(there if vacant is None else and_(there, not_(vacant))).values(changed)
        self._change = self._change.returning(table.c.version)
        self._current = select(table.c.version, *([vacant.label("vacant")] if vacant is not None else [])).where(here)
        self._create: dict[str, Any] = {}
        self._put: dict[str, Any] = {}
        self._put_all: dict[str, Any] = {}
        for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
            new = dialect.insert(table)
            renewed = {column: new.excluded[column] for column in content} | {"version": table.c.version + 1}
            put = new.on_conflict_do_update(index_elements=list(key), set_=renewed)
            self._put[name] = put.returning(table.c.version)
            self._put_all[name] = put.returning(*(table.c[part] for part in key), table.c.version)
            create = (
                new.on_conflict_do_nothing()
                if vacant is None
                else new.on_conflict_do_update(index_elements=list(key), set_=renewed, where=vacant)
            )
            self._create[name] = create.returning(table.c.version)

    def put(self, connection: Connection, row: Fields, replaces: int | None) -> int:
        """Write a whole row (without version) and return its new version.

        ``replaces``: the version that must stand, 0 for none, absent for any. Raises VersionConflict with both.
        """
        if replaces:
            where = {f"k_{name}": row[name] for name in self._key} | {"k_version": replaces}
            content = {name: value for name, value in row.items() if name not in self._key}
            version = connection.execute(self._change, {**content, **where}).scalar_one_or_none()
        else:
            statements = self._put if replaces is None else self._create
            statement = statements[connection.dialect.name]
            version = connection.execute(statement, {**row, "version": 1}).scalar_one_or_none()
        if version is None:
            raise self._conflict(connection, row, replaces or 0)
        return int(version)

    def put_all(self, connection: Connection, rows: Sequence[Fields]) -> dict[tuple[Any, ...], int]:
        """Write whole rows over whatever stands, many in one statement; the new version of each key."""
        if not rows:
            return {}
        statement = self._put_all[connection.dialect.name]
        written = connection.execute(statement, [{**row, "version": 1} for row in rows])
        return {tuple(key): int(version) for *key, version in written}

    def _conflict(self, connection: Connection, row: Fields, yours: int) -> VersionConflict:
        current = self.current(connection, {name: row[name] for name in self._key})
        if current == 0:
            return VersionConflict(
                "You would replace version {yours}, but there is none; create it with If-None-Match: *.",
                yours=yours,
                current=current,
            )
        if yours == 0:
            return VersionConflict(
                'It exists already, in version {current}; read it and replace it with If-Match: "{current}".',
                yours=yours,
                current=current,
            )
        return VersionConflict(
            "You would replace version {yours}, but version {current} stands. Read it and decide anew.",
            yours=yours,
            current=current,
        )

    def current(self, connection: Connection, key: Fields) -> int:
        """The version that stands, 0 for none."""
        found = connection.execute(self._current, {f"k_{name}": key[name] for name in self._key}).one_or_none()
        return 0 if found is None or (len(found) > 1 and found[1]) else int(found[0])
