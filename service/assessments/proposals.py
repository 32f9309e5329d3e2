"""Proposals in the database: answers of an earlier cycle, to be confirmed; always of one state's assessment."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection, Date, Uuid, and_, bindparam, delete, exists, select, text, tuple_
from sqlalchemy.types import TypeEngine

from service.assessments.answers import CLEARED, Spot, Writing
from service.assessments.assignments import reached, within
from service.assessments.carrying import Carried
from service.assessments.reach import Reach
from service.assessments.upgrades import given_rows
from service.db.tables import Answer, AnswerProposal
from service.db.types import Moment, Record

_A, _P = Answer.__table__, AnswerProposal.__table__
_COPIED = ("kind", "reason", "remark", "evidence", "certainty", "period_start", "period_end", "source")
_MINE = (_P.c.state == bindparam("of_state"), _P.c.assessment == bindparam("of_assessment"))
_OPEN = and_(
    *_MINE,
    _P.c.checklist_version == bindparam("in_version"),
    ~exists().where(
        _A.c.state == _P.c.state,
        _A.c.assessment == _P.c.assessment,
        _A.c.question == _P.c.question,
        _A.c.site == _P.c.site,
        _A.c.kind != CLEARED,
    ),
)
_HERE = (_P.c.question == bindparam("to_question"), _P.c.site == bindparam("at_site"))
_SHOWN = tuple(_P.c[name] for name in (
    "question", "site", "kind", "value", "reason", "remark", "evidence", "certainty", "period_start", "period_end",
    "source", "fate", "from_assessment", "from_question", "from_version", "answered_at",
))  # fmt: skip
_LIST = (
    select(*_SHOWN)
    .where(_OPEN, tuple_(_P.c.question, _P.c.site) > tuple_(bindparam("after_question"), bindparam("after_site")))
    .order_by(_P.c.question, _P.c.site)
    .limit(bindparam("most"))
)
_GET = select(*_SHOWN).where(*_MINE, *_HERE, _P.c.checklist_version == bindparam("in_version"))
_DROP = delete(_P).where(*_MINE, *_HERE).returning(_P.c.question)
_GIVEN = given_rows(("question", "text"), ("site", "text"), ("target", "text"), ("value", "text"), ("fate", "text"))


def _propose(given: str) -> Any:  # noqa: ANN401  # a statement of the library's own type
    """Where the site is in operation at the end of the period and nobody has answered yet."""
    new = {
        "state": "answer.state", "assessment": ":of_assessment", "question": "given.target", "site": "answer.site",
        "value": "given.value", "fate": "given.fate", "from_assessment": "answer.assessment",
        "from_question": "answer.question", "from_version": "answer.checklist_version",
        "answered_at": "answer.updated_at", "checklist_version": ":in_version", "proposed_at": ":moment",
        "proposed_by": ":by",
    } | {name: f"answer.{name}" for name in _COPIED}  # fmt: skip
    key = ("state", "assessment", "question", "site")
    renewed = ", ".join(f"{name} = excluded.{name}" for name in new if name not in key)
    kinds: Mapping[str, TypeEngine[Any]] = {
        "of_assessment": Uuid(), "from_assessment": Uuid(), "moment": Moment(), "on_day": Date(),
    }  # fmt: skip
    return text(
        f"WITH given AS ({given}) INSERT INTO answer_proposal ({', '.join(new)}) SELECT {', '.join(new.values())}"  # noqa: S608  # our own column names
        " FROM given JOIN answer ON answer.state = :of_state AND answer.assessment = :from_assessment"
        " AND answer.question = given.question AND answer.site = given.site"
        " WHERE (answer.site = '' OR EXISTS (SELECT 1 FROM site WHERE site.state = :of_state"
        " AND site.code = answer.site AND (site.opened IS NULL OR site.opened <= :on_day)"
        " AND (site.closed IS NULL OR site.closed > :on_day)))"
        " AND NOT EXISTS (SELECT 1 FROM answer standing WHERE standing.state = :of_state"
        " AND standing.assessment = :of_assessment AND standing.question = given.target"
        f" AND standing.site = answer.site AND standing.kind <> '{CLEARED}')"
        f" ON CONFLICT ({', '.join(key)}) DO UPDATE SET {renewed} RETURNING question"
    ).bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))


_PROPOSE = {name: _propose(given) for name, given in _GIVEN.items()}


@dataclass(frozen=True, slots=True)
class Into:
    """The assessment that proposals are for."""

    state: str
    assessment: UUID
    version: str
    period_end: date

    def where(self) -> dict[str, object]:
        return {"of_state": self.state, "of_assessment": self.assessment, "in_version": self.version}


def propose(
    connection: Connection, into: Into, from_assessment: UUID, carried: Sequence[Carried], writing: Writing
) -> int:
    """Enter what stands as proposals, over those made before; how many there are of them."""
    rows = [(o.held.question, o.held.site, o.target, o.value, o.fate) for o in carried if o.stands]
    if not rows:
        return 0
    where = into.where() | {"from_assessment": from_assessment, "on_day": into.period_end}
    where |= {"rows": orjson.dumps(rows).decode(), "moment": writing.at, "by": writing.by}
    return len(connection.execute(_PROPOSE[connection.dialect.name], where).all())


def listed(
    connection: Connection, into: Into, after: tuple[str, str], most: int, reach: Reach | None
) -> Sequence[Record]:
    """Proposals still open, by question and site; only what is reached."""
    where = into.where() | {"after_question": after[0], "after_site": after[1], "most": most}
    if reach is None:
        return connection.execute(_LIST, where).all()
    return connection.execute(within(_LIST, _P.c.question, _P.c.site), where | reached(reach)).all()


def get(connection: Connection, into: Into, question: str, site: str) -> Record | None:
    where = into.where() | {"to_question": question, "at_site": site}
    return connection.execute(_GET, where).one_or_none()


def drop(connection: Connection, spot: Spot) -> bool:
    """Take a proposal away; whether there was one."""
    return connection.execute(_DROP, spot.where()).one_or_none() is not None


def bodies(rows: Sequence[Record]) -> Iterator[dict[str, Any]]:
    """Rows as the fields of the wire's Proposal; what is JSON already is passed on as it is."""
    for row in rows:
        body = dict(row._mapping)
        body["site"] = body["site"] or None
        for name in ("value", "evidence", "source"):
            if body[name] is not None:
                body[name] = orjson.Fragment(body[name])
        yield body
