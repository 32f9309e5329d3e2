"""Many answers written at once: one statement for the answers and their history on PostgreSQL, two on SQLite."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import orjson
from sqlalchemy import Connection, TextClause, insert, text

from service.assessments.answers import SHOWN
from service.db.tables import Answer
from service.db.types import Record

_A = Answer.__table__
_NAMES = tuple(column.name for column in _A.c)
_SAME_FOR_ALL = {
    "state": "text", "assessment": "uuid", "reconfirm": "boolean", "checklist_version": "text",
    "updated_at": "timestamptz", "updated_by": "text", "author": "text",
}  # fmt: skip
_ARRAYS = {
    "question": "text", "site": "text", "kind": "text", "value": "text", "level": "int", "reason": "text",
    "remark": "text", "evidence": "text", "grade": "int", "evidence_on": "date", "certainty": "text",
    "period_start": "date", "period_end": "date", "source": "text", "change": "text", "version": "int",
}  # fmt: skip
_STANDING_COLUMNS = ", ".join(f"answer.{column.name}" for column in SHOWN)
_OF = "answer.state = :of_state AND answer.assessment = :of_assessment"
_SPOTS = (
    f"json_each(:spots) AS spot CROSS JOIN answer ON {_OF}"
    " AND answer.question = json_extract(spot.value, '$[0]') AND answer.site = json_extract(spot.value, '$[1]')"
)
_STANDING = {
    "sqlite": text(
        f"SELECT {_STANDING_COLUMNS} FROM {_SPOTS}"  # noqa: S608  # our own column names
    ).columns(*SHOWN),
    "postgresql": text(
        f"SELECT {_STANDING_COLUMNS} FROM answer"  # noqa: S608  # our own column names
        " JOIN unnest(CAST(:questions AS text[]), CAST(:sites AS text[])) AS spot(question, site)"
        f" ON {_OF} AND answer.question = spot.question AND answer.site = spot.site"
    ).columns(*SHOWN),
}


def standing(
    connection: Connection, state: str, assessment: UUID, spots: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Record]:
    """The answers kept at these spots (question, site), cleared ones included."""
    where: dict[str, object] = {"of_state": state}
    if connection.dialect.name == "sqlite":
        where |= _spots(assessment, spots)
    else:
        where |= {"of_assessment": assessment, "questions": [s[0] for s in spots], "sites": [s[1] for s in spots]}
    return {(row.question, row.site): row for row in connection.execute(_STANDING[connection.dialect.name], where)}


def _spots(assessment: UUID, spots: Sequence[tuple[str, str]]) -> dict[str, object]:
    return {"of_assessment": assessment.hex, "spots": orjson.dumps(spots).decode()}


def write(connection: Connection, state: str, assessment: UUID, rows: Sequence[Mapping[str, object]]) -> None:
    """Write whole rows of one assessment, each with its new version, and their history; the caller holds it."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(_REPLACE, rows)
        spots = [(str(row["question"]), str(row["site"])) for row in rows]
        connection.execute(_REMEMBER, {"of_state": state, **_spots(assessment, spots)})
        return
    shared = {name: rows[0][name] for name in _SAME_FOR_ALL}
    connection.execute(_MERGE, shared | {name: [row[name] for row in rows] for name in _ARRAYS})


def _merge() -> TextClause:
    """One statement: the rows of the arrays into the answers, and what was written into the history."""
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _ARRAYS.items())
    shared = ", ".join(f"CAST(:{name} AS {kind})" for name, kind in _SAME_FOR_ALL.items())
    names = ", ".join((*_SAME_FOR_ALL, *_ARRAYS))
    key = ("state", "assessment", "question", "site")
    changes = ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in key)
    return text(
        f"WITH written AS (INSERT INTO answer ({names}) SELECT {shared}, given.* FROM unnest({arrays}) AS given"  # noqa: S608  # our own column names
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes} RETURNING {names})"
        f" INSERT INTO answer_history ({names}) SELECT {names} FROM written"
    )


_MERGE = _merge()
_REPLACE = insert(_A).prefix_with("OR REPLACE")
_REMEMBER = text(
    f"INSERT INTO answer_history ({', '.join(_NAMES)})"  # noqa: S608  # our own column names
    f" SELECT {', '.join(f'answer.{name}' for name in _NAMES)} FROM {_SPOTS}"
)
