"""Answers and their history in the database; always of one state's assessment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, bindparam, insert, or_, select, tuple_, update

from service.assessments.assignments import reached, within
from service.assessments.facts import Given
from service.assessments.reach import Reach
from service.db.tables import Answer, AnswerHistory
from service.db.types import Record
from service.db.versioned import Versioned
from stocktake.models.answers import AnswerEntry

CLEARED = "cleared"
_A, _H = Answer.__table__, AnswerHistory.__table__
_KEY = ("state", "assessment", "question", "site")
ANSWERS = Versioned(_A, _KEY, vacant=_A.c.kind == CLEARED)
_NAMES = tuple(column.name for column in _H.c)
_OF = (_A.c.state == bindparam("of_state"), _A.c.assessment == bindparam("of_assessment"))
_HERE = (*_OF, _A.c.question == bindparam("to_question"), _A.c.site == bindparam("at_site"))
_REMEMBER = insert(_H).from_select(_NAMES, select(*(_A.c[name] for name in _NAMES)).where(*_HERE))
SHOWN = tuple(_A.c[name] for name in (
    "question", "site", "kind", "value", "level", "reason", "remark", "evidence", "certainty",
    "period_start", "period_end", "source", "change", "reconfirm", "checklist_version", "version", "updated_at",
    "updated_by",
))  # fmt: skip
_STANDS = _A.c.kind != CLEARED
_GET = select(*SHOWN).where(*_HERE, _STANDS)
_LIST = (
    select(*SHOWN)
    .where(
        *_OF,
        _STANDS,
        tuple_(_A.c.question, _A.c.site) > tuple_(bindparam("after_question"), bindparam("after_site")),
    )
    .order_by(_A.c.question, _A.c.site)
    .limit(bindparam("most"))
)
_LIST_QUESTION = _LIST.where(_A.c.question == bindparam("to_question"))
_LIST_SITE = _LIST.where(_A.c.site == bindparam("at_site"))
_LIST_BOTH = _LIST_QUESTION.where(_A.c.site == bindparam("at_site"))
_FACTS = tuple(_A.c[name] for name in (
    "question", "site", "kind", "value", "level", "grade", "evidence_on", "reconfirm", "version",
))  # fmt: skip
_OF_STATE = select(*_FACTS).where(*_OF, _A.c.site == "", _STANDS)
_AT_SITES = select(*_FACTS).where(*_OF, _A.c.site.in_(bindparam("at_sites", expanding=True)), _STANDS)
_CLEAR = (
    update(_A)
    .where(*_HERE, _STANDS, or_(bindparam("replaces") == 0, _A.c.version == bindparam("replaces")))
    .values(
        kind=CLEARED, value=None, level=None, reason=None, remark=None, evidence="[]", grade=0, evidence_on=None,
        certainty=None, period_start=None, period_end=None, source=None, change="correction", reconfirm=False,
        version=_A.c.version + 1, updated_at=bindparam("moment"), updated_by=bindparam("by"),
        author=bindparam("person"),
    )
    .returning(_A.c.version)
)  # fmt: skip
_SHOWN_HISTORY = tuple(_H.c[column.name] for column in SHOWN)
_HISTORY = (
    select(*_SHOWN_HISTORY)
    .where(
        _H.c.state == bindparam("of_state"),
        _H.c.assessment == bindparam("of_assessment"),
        _H.c.question == bindparam("to_question"),
        _H.c.site == bindparam("at_site"),
        _H.c.version > bindparam("after"),
    )
    .order_by(_H.c.version)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Spot:
    """Which answer: of which assessment, to which question, at which site (empty for the state)."""

    state: str
    assessment: UUID
    question: str
    site: str

    def where(self) -> dict[str, object]:
        return {
            "of_state": self.state,
            "of_assessment": self.assessment,
            "to_question": self.question,
            "at_site": self.site,
        }


@dataclass(frozen=True, slots=True)
class Writing:
    """Who writes, and when."""

    by: str
    """``key:…`` or ``person:…``."""
    person: str
    """The person answerable: themselves, or whoever made the key."""
    at: datetime


def row_of(spot: Spot, entry: AnswerEntry, given: Given, writing: Writing, asked_in: str) -> dict[str, object]:
    """The row an answer is kept as, without its version; ``asked_in`` is the checklist's."""
    return {
        "state": spot.state,
        "assessment": spot.assessment,
        "question": spot.question,
        "site": spot.site,
        "kind": given.kind,
        "value": None if given.value is None else orjson.dumps(given.value).decode(),
        "level": given.level,
        "reason": entry.reason,
        "remark": entry.remark,
        "evidence": _evidence(entry),
        "grade": given.grade,
        "evidence_on": given.evidence_on,
        "certainty": entry.certainty,
        "period_start": entry.period_start,
        "period_end": entry.period_end,
        "source": None if entry.source is None else entry.source.model_dump_json(),
        "change": entry.change,
        "reconfirm": False,
        "checklist_version": asked_in,
        "updated_at": writing.at,
        "updated_by": writing.by,
        "author": writing.person,
    }


def _evidence(entry: AnswerEntry) -> str:
    return "[" + ",".join(piece.model_dump_json() for piece in entry.evidence) + "]" if entry.evidence else "[]"


def put(connection: Connection, spot: Spot, row: Mapping[str, object], replaces: int | None) -> int:
    """Write one answer and its history; the new version, or VersionConflict."""
    version = ANSWERS.put(connection, row, replaces)
    connection.execute(_REMEMBER, spot.where())
    return version


def clear(connection: Connection, spot: Spot, replaces: int | None, writing: Writing) -> bool:
    """Take one answer back, keeping its history; whether there was one in that version."""
    where = spot.where() | {"replaces": replaces or 0, "moment": writing.at}
    where |= {"by": writing.by, "person": writing.person}
    if connection.execute(_CLEAR, where).one_or_none() is None:
        return False
    connection.execute(_REMEMBER, spot.where())
    return True


def version(connection: Connection, spot: Spot) -> int:
    """The version that stands, 0 for none."""
    return ANSWERS.current(connection, {name: getattr(spot, name) for name in _KEY})


def get(connection: Connection, spot: Spot) -> Record | None:
    return connection.execute(_GET, spot.where()).one_or_none()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which answers of a list; empty question for all, no site for all, the empty site for the state's own."""

    question: str = ""
    site: str | None = None
    after_question: str = ""
    after_site: str = ""
    most: int = 2**31 - 1
    within: Reach | None = None
    """Only what is reached; none for everything."""


def listed(connection: Connection, state: str, assessment: UUID, wanted: Wanted) -> Sequence[Record]:
    """Answers by question and site."""
    where: dict[str, object] = {
        "of_state": state,
        "of_assessment": assessment,
        "after_question": wanted.after_question,
        "after_site": wanted.after_site,
        "most": wanted.most,
    }
    statement = _LIST
    if wanted.question:
        where["to_question"] = wanted.question
        statement = _LIST_QUESTION
    if wanted.site is not None:
        where["at_site"] = wanted.site
        statement = _LIST_BOTH if wanted.question else _LIST_SITE
    if wanted.within is not None:
        where |= reached(wanted.within)
        statement = within(statement, _A.c.question, _A.c.site)
    return connection.execute(statement, where).all()


def history(connection: Connection, spot: Spot, *, after: int, most: int) -> Sequence[Record]:
    return connection.execute(_HISTORY, spot.where() | {"after": after, "most": most}).all()


def given_by_state(connection: Connection, state: str, assessment: UUID) -> dict[str, Given]:
    """The state's own answers, as rules look at them."""
    rows = connection.execute(_OF_STATE, {"of_state": state, "of_assessment": assessment})
    return {row.question: given_of(row) for row in rows}


def facts_of_state(connection: Connection, state: str, assessment: UUID) -> Sequence[Record]:
    return connection.execute(_OF_STATE, {"of_state": state, "of_assessment": assessment}).all()


def facts_at_sites(connection: Connection, state: str, assessment: UUID, sites: Sequence[str]) -> Sequence[Record]:
    """The answers at these sites, as rules look at them, with their versions."""
    where = {"of_state": state, "of_assessment": assessment, "at_sites": list(sites)}
    return connection.execute(_AT_SITES, where).all() if sites else []


def given_of(row: Record) -> Given:
    """One answer's row as rules look at it."""
    value = None if row.value is None else orjson.loads(row.value)
    return Given(row.kind, value, row.level, row.grade, row.evidence_on)


def bodies(rows: Sequence[Record]) -> Iterator[dict[str, object]]:
    """Rows as the fields of the wire's Answer; what is JSON already is passed on as it is."""
    names = tuple(column.name for column in SHOWN)
    for row in rows:
        yield passed_on(dict(zip(names, row, strict=True)))


def passed_on(body: dict[str, Any]) -> dict[str, object]:
    """Columns as the wire has them, in place: what is JSON already goes out as it is."""
    body["site"] = body["site"] or None
    for name in ("value", "evidence", "source"):
        if body[name] is not None:
            body[name] = orjson.Fragment(body[name])
    return body
