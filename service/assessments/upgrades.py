"""The move of an assessment to a newer version, in the database: whole sets of answers in one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, TextClause, Uuid, bindparam, insert, select, text, update
from sqlalchemy.types import TypeEngine

from service.assessments.answers import CLEARED, Writing
from service.assessments.carrying import Carried, Held
from service.db.tables import Answer, Assessment, AssessmentUpgrade
from service.db.types import Moment, Record
from stocktake.models.versions import FateCounts

_A, _T, _U = Answer.__table__, Assessment.__table__, AssessmentUpgrade.__table__
_KEY = ("state", "assessment", "question", "site")
_NAMES = tuple(column.name for column in _A.c)
_HELD = (
    select(_A.c.question, _A.c.site, _A.c.kind, _A.c.value, _A.c.reason, _A.c.level, _A.c.reconfirm)
    .where(_A.c.state == bindparam("of_state"), _A.c.assessment == bindparam("of_assessment"), _A.c.kind != CLEARED)
    .order_by(_A.c.question, _A.c.site)
)
_STEP = (
    update(_T)
    .where(_T.c.state == bindparam("of_state"), _T.c.id == bindparam("of_assessment"))
    .values(
        checklist_version=bindparam("into_version"), digest=bindparam("into_digest"), version=_T.c.version + 1,
        updated_at=bindparam("moment"),
    )
    .returning(_T.c.version)
)  # fmt: skip
_LOG = insert(_U)
_LOGGED = (
    select(_U)
    .where(_U.c.state == bindparam("of_state"), _U.c.assessment == bindparam("of_assessment"))
    .order_by(_U.c.at)
)


def given_rows(*fields: tuple[str, str]) -> dict[str, str]:
    """A table out of the parameter ``rows``, a JSON list of lists, as each database reads it."""
    sqlite = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, (name, _) in enumerate(fields))
    postgresql = ", ".join(f"CAST(value ->> {n} AS {kind}) AS {name}" for n, (name, kind) in enumerate(fields))
    return {
        "sqlite": f"SELECT {sqlite} FROM json_each(:rows)",  # noqa: S608  # our own column names
        "postgresql": f"SELECT {postgresql} FROM jsonb_array_elements(CAST(:rows AS jsonb))",  # noqa: S608
    }


_MINE = "answer.state = :of_state AND answer.assessment = :of_assessment"
_SPOTS = given_rows(("question", "text"), ("site", "text"))
_CARRIED = given_rows(
    ("question", "text"), ("site", "text"), ("target", "text"), ("value", "text"), ("level", "int"),
    ("reconfirm", "boolean"),
)  # fmt: skip


def _typed(sql: str) -> TextClause:
    statement = text(sql)
    kinds: dict[str, TypeEngine[Any]] = {"of_assessment": Uuid(), "moment": Moment()}
    return statement.bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items() if f":{name}" in sql))


def _carry(given: str) -> TextClause:
    """Answers put to where they stand from now on: over what stood there, or new."""
    new = {
        "question": "given.target", "value": "given.value", "level": "given.level", "reconfirm": "given.reconfirm",
        "change": "'upgrade'", "checklist_version": ":into_version", "updated_at": ":moment", "updated_by": ":by",
        "version": "1",
    }  # fmt: skip
    columns = ", ".join(new.get(name, f"answer.{name}") for name in _NAMES)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in (*_KEY, "version"))
    return _typed(
        f"WITH given AS ({given}) INSERT INTO answer ({', '.join(_NAMES)})"  # noqa: S608  # our own column names
        f" SELECT {columns} FROM given JOIN answer"
        f" ON {_MINE} AND answer.question = given.question AND answer.site = given.site WHERE true"
        f" ON CONFLICT ({', '.join(_KEY)}) DO UPDATE SET {renewed}, version = answer.version + 1"
    )


def _leave(given: str) -> TextClause:
    """Answers that no longer stand; each keeps the version that asked its question."""
    empty = (
        f"kind = '{CLEARED}', value = NULL, level = NULL, reason = NULL, remark = NULL, evidence = '[]', grade = 0,"
        " evidence_on = NULL, certainty = NULL, period_start = NULL, period_end = NULL, source = NULL,"
        " change = 'upgrade', reconfirm = false, version = version + 1, updated_at = :moment, updated_by = :by"
    )
    return _typed(
        f"WITH given AS ({given}) UPDATE answer SET {empty}"  # noqa: S608  # our own column names
        f" WHERE {_MINE} AND (answer.question, answer.site) IN (SELECT question, site FROM given)"
    )


def _remember(given: str) -> TextClause:
    return _typed(
        f"WITH given AS ({given}) INSERT INTO answer_history ({', '.join(_NAMES)})"  # noqa: S608  # our own column names
        f" SELECT {', '.join(f'answer.{name}' for name in _NAMES)} FROM given JOIN answer"
        f" ON {_MINE} AND answer.question = given.question AND answer.site = given.site"
    )


_CARRY = {name: _carry(given) for name, given in _CARRIED.items()}
_LEAVE = {name: _leave(given) for name, given in _SPOTS.items()}
_REMEMBER = {name: _remember(given) for name, given in _SPOTS.items()}


@dataclass(frozen=True, slots=True)
class Step:
    """A move of one assessment into one version."""

    state: str
    assessment: UUID
    from_version: str
    into_version: str
    into_digest: str


def held(connection: Connection, state: str, assessment: UUID) -> list[Held]:
    """Every answer that stands."""
    rows = connection.execute(_HELD, {"of_state": state, "of_assessment": assessment})
    return [Held(*row) for row in rows]


def take(connection: Connection, step: Step, carried: Sequence[Carried], writing: Writing) -> int:
    """Put every answer where it stands in that version, with its history; the assessment's new version."""
    where = {"of_state": step.state, "of_assessment": step.assessment, "moment": writing.at, "by": writing.by}
    into = {"into_version": step.into_version, "into_digest": step.into_digest}
    changed = [one for one in carried if one.differs]
    stand = {(one.target, one.held.site) for one in carried if one.stands}
    left = {(one.held.question, one.held.site) for one in carried} - stand
    dialect = connection.dialect.name
    # in this order: an answer that leaves is still read for the questions that take it over
    if changed:
        rows = [(o.held.question, o.held.site, o.target, o.value, o.level, o.reconfirm) for o in changed]
        connection.execute(_CARRY[dialect], where | {"rows": _json(rows), "into_version": step.into_version})
    if left:
        connection.execute(_LEAVE[dialect], where | {"rows": _json(sorted(left))})
    spots = [*{(str(one.target), one.held.site) for one in changed}, *left]
    if spots:
        mine = {"of_state": step.state, "of_assessment": step.assessment}
        connection.execute(_REMEMBER[dialect], mine | {"rows": _json(spots)})
    return int(connection.execute(_STEP, where | into).scalar_one())


def log(connection: Connection, step: Step, counts: FateCounts, writing: Writing) -> None:
    """Keep who made the move, when, and how many answers went which way."""
    row = {"state": step.state, "assessment": step.assessment, "from_version": step.from_version}
    row |= {"to_version": step.into_version, "at": writing.at, "by": writing.by, **counts.model_dump()}
    connection.execute(_LOG, row)


def logged(connection: Connection, state: str, assessment: UUID) -> Sequence[Record]:
    """Every move made, in order."""
    return connection.execute(_LOGGED, {"of_state": state, "of_assessment": assessment}).all()


def _json(rows: Sequence[tuple[object, ...]]) -> str:
    return orjson.dumps(rows).decode()
