"""Reviews in the database: what was said of one version of an answer; always of one state's assessment."""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, TextClause, Uuid, and_, bindparam, or_, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from service.assessments.answers import CLEARED
from service.assessments.assignments import reached, within
from service.assessments.reach import Reach
from service.assessments.tallies import Scope
from service.assessments.upgrades import given_rows
from service.db.signoff_tables import AnswerReview
from service.db.tables import Answer
from service.db.types import Record

NOBODY = "none"
"""In place of a verdict: nobody has said anything yet."""
_A, _R = Answer.__table__, AnswerReview.__table__
_KEY = ("state", "assessment", "question", "site", "version")
_LIST = (
    select(
        _A.c.question, _A.c.site, _A.c.version, _A.c.kind, _A.c.updated_by, _R.c.verdict, _R.c.reason, _R.c.by, _R.c.at
    )
    .join_from(_A, _R, and_(*(_R.c[name] == _A.c[name] for name in _KEY)), isouter=True)
    .where(
        _A.c.state == bindparam("of_state"),
        _A.c.assessment == bindparam("of_assessment"),
        _A.c.kind != CLEARED,
        tuple_(_A.c.question, _A.c.site) > tuple_(bindparam("after_question"), bindparam("after_site")),
        or_(
            bindparam("of_verdict") == "",
            _R.c.verdict == bindparam("of_verdict"),
            and_(bindparam("of_verdict") == NOBODY, _R.c.verdict.is_(None)),
        ),
    )
    .order_by(_A.c.question, _A.c.site)
    .limit(bindparam("most"))
)


def _standing(given: str) -> TextClause:
    mine = " AND ".join(f"review.{name} = answer.{name}" for name in _KEY)
    return text(
        f"WITH given AS ({given}) SELECT answer.question, answer.site, answer.version, answer.author,"  # noqa: S608  # our own column names
        ' review.verdict, review.reason, review."by" FROM given JOIN answer ON answer.state = :of_state'
        " AND answer.assessment = :of_assessment AND answer.question = given.question AND answer.site = given.site"
        f" LEFT JOIN answer_review AS review ON {mine} WHERE answer.kind <> '{CLEARED}'"
    ).bindparams(bindparam("of_assessment", type_=Uuid()))


_STANDING = {name: _standing(given) for name, given in given_rows(("question", "text"), ("site", "text")).items()}
_PUT: dict[str, Any] = {}
for _name, _dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    _new = _dialect.insert(_R)
    _said = {name: _new.excluded[name] for name in ("verdict", "reason", "by", "at")}
    _PUT[_name] = _new.on_conflict_do_update(index_elements=list(_KEY), set_=_said)


def listed(
    connection: Connection, scope: Scope, after: tuple[str, str], most: int, *, verdict: str, reach: Reach | None
) -> Sequence[Record]:
    """Answers that stand, with what was said of them, by question and site; empty verdict for all."""
    where: dict[str, object] = {"of_state": scope.state, "of_assessment": scope.assessment, "of_verdict": verdict}
    where |= {"after_question": after[0], "after_site": after[1], "most": most}
    if reach is None:
        return connection.execute(_LIST, where).all()
    return connection.execute(within(_LIST, _A.c.question, _A.c.site), where | reached(reach)).all()


def standing(connection: Connection, scope: Scope, spots: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Record]:
    """The answers that stand at these spots (question, site), with who answered and what was said of them."""
    where = {"of_state": scope.state, "of_assessment": scope.assessment, "rows": orjson.dumps(spots).decode()}
    rows = connection.execute(_STANDING[connection.dialect.name], where)
    return {(row.question, row.site): row for row in rows}


def put(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    """Keep reviews, over what was said of the same versions before."""
    if rows:
        connection.execute(_PUT[connection.dialect.name], rows)
