"""Comments in the database: they are added and read; always of one state's assessment."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, or_, select

from service.assessments.assignments import reached, within
from service.assessments.reach import Reach
from service.db.signoff_tables import Comment
from service.db.types import Record

_C = Comment.__table__
_LIST = (
    select(_C.c.id, _C.c.question, _C.c.site, _C.c.text, _C.c.by, _C.c.at)
    .where(
        _C.c.state == bindparam("of_state"),
        _C.c.assessment == bindparam("of_assessment"),
        _C.c.id > bindparam("after"),
        or_(bindparam("to_question") == "", _C.c.question == bindparam("to_question")),
        or_(bindparam("at_site") == "", _C.c.site == bindparam("at_site")),
    )
    .order_by(_C.c.id)
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which comments of a list; empty for all."""

    question: str
    site: str
    after: UUID
    most: int


def listed(
    connection: Connection, state: str, assessment: UUID, wanted: Wanted, reach: Reach | None
) -> Sequence[Record]:
    """Comments in the order in which they were written; only what is reached."""
    where: dict[str, object] = {"of_state": state, "of_assessment": assessment, "to_question": wanted.question}
    where |= {"at_site": wanted.site, "after": wanted.after, "most": wanted.most}
    if reach is None:
        return connection.execute(_LIST, where).all()
    return connection.execute(within(_LIST, _C.c.question, _C.c.site), where | reached(reach)).all()


def add(connection: Connection, row: dict[str, object]) -> None:
    """Keep a comment."""
    connection.execute(insert(_C), row)
