"""What a comparison reads from the database: the answers that stand, and the steps of those that moved."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, select

from service.assessments.answers import CLEARED
from service.db.tables import Answer, AnswerHistory
from service.db.types import Record

_A, _H = Answer.__table__, AnswerHistory.__table__
_OLD = _A.alias("old")
_STANDING = select(_A.c.question, _A.c.site, _A.c.level, _A.c.change).where(
    _A.c.state == bindparam("of_state"), _A.c.assessment == bindparam("of_assessment"), _A.c.kind != CLEARED
)
_MOVED = and_(
    _OLD.c.state == _A.c.state,
    _OLD.c.assessment == bindparam("with_assessment"),
    _OLD.c.question == _A.c.question,
    _OLD.c.site == _A.c.site,
    _OLD.c.level != _A.c.level,
)
_SAME = and_(*(_H.c[name] == _A.c[name] for name in ("state", "assessment", "question", "site")))
_STEPS = (
    select(_H.c.question, _H.c.site, _H.c.level, _H.c.change)
    .join_from(_A, _OLD, _MOVED)
    .join(_H, _SAME)
    .where(
        _A.c.state == bindparam("of_state"),
        _A.c.assessment == bindparam("of_assessment"),
        _H.c.level.is_not(None),
    )
    .order_by(_H.c.question, _H.c.site, _H.c.version)
)


def standing(connection: Connection, state: str, assessment: UUID) -> Sequence[Record]:
    """Every answer that stands, with its level and why it differs from the one before."""
    return connection.execute(_STANDING, {"of_state": state, "of_assessment": assessment}).all()


def steps(connection: Connection, state: str, assessment: UUID, with_assessment: UUID) -> Sequence[Record]:
    """The levels that answers went through whose level is another one than in the other assessment, in order."""
    where = {"of_state": state, "of_assessment": assessment, "with_assessment": with_assessment}
    return connection.execute(_STEPS, where).all()
