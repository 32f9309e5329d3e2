"""Steps, what waits for a second person, and snapshots in the database; always of one state."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, case, exists, func, insert, or_, select, union_all, update

from service.assessments.answers import CLEARED
from service.assessments.tallies import Scope
from service.db.signoff_tables import AnswerReview, Signoff, Snapshot
from service.db.tables import Answer, Assessment, Site
from service.db.types import Record
from service.signoff.rules import SECOND_PERSON, Unsettled

_A, _R, _S, _T, _G, _N = (
    table.__table__ for table in (Answer, AnswerReview, Site, Assessment, Signoff, Snapshot)
)  # fmt: skip
_REVIEWED = and_(
    _R.c.state == _A.c.state,
    _R.c.assessment == _A.c.assessment,
    _R.c.question == _A.c.question,
    _R.c.site == _A.c.site,
    _R.c.version == _A.c.version,
)
_STANDING = (
    _A.c.state == bindparam("of_state"),
    _A.c.assessment == bindparam("of_assessment"),
    _A.c.kind != CLEARED,
)
_COUNTED = or_(
    _A.c.site == "",
    exists().where(
        _S.c.state == _A.c.state,
        _S.c.code == _A.c.site,
        or_(_S.c.opened.is_(None), _S.c.opened <= bindparam("on_day")),
        or_(_S.c.closed.is_(None), _S.c.closed > bindparam("on_day")),
    ),
)
"""Of the state, or at a site in operation: what a snapshot holds."""
_UNACCEPTED = and_(_A.c.kind.in_(sorted(SECOND_PERSON)), or_(_R.c.verdict.is_(None), _R.c.verdict != "accepted"))
_UNSETTLED = (
    select(
        func.count(case((_A.c.reconfirm, 1))),
        func.count(case((_UNACCEPTED, 1))),
        func.count(case((_R.c.verdict == "returned", 1))),
        func.count(case((_R.c.verdict.is_(None), 1))),
    )
    .join_from(_A, _R, _REVIEWED, isouter=True)
    .where(*_STANDING, _COUNTED)
)
_ACCEPTED = (
    select(_A.c.question, _A.c.site, _A.c.version, _R.c.by, _R.c.at)
    .join_from(_A, _R, _REVIEWED)
    .where(*_STANDING, _COUNTED, _R.c.verdict == "accepted")
    .order_by(_A.c.question, _A.c.site)
)
_MINE = (_G.c.state == bindparam("of_state"), _G.c.assessment == bindparam("of_assessment"))
_OWN_WORK = union_all(
    select(_A.c.author).where(*_STANDING, _A.c.author == bindparam("person")),
    select(_G.c.by).where(
        *_MINE, _G.c.revision == bindparam("in_revision"), _G.c.step == "submitted", _G.c.by == bindparam("person")
    ),
).limit(1)
_STEPS = select(*(column for column in _G.c if column.name not in {"state", "assessment"})).where(*_MINE)
_STEPS = _STEPS.order_by(_G.c.number)
_LAST = select(_G.c.number, _G.c.at).where(*_MINE).order_by(_G.c.number.desc()).limit(1)
_MOVE = (
    update(_T)
    .where(_T.c.state == bindparam("of_state"), _T.c.id == bindparam("of_assessment"))
    .values(
        status=bindparam("to_status"), revision=bindparam("to_revision"), version=_T.c.version + 1,
        updated_at=bindparam("moment"),
    )
    .returning(_T)
)  # fmt: skip
_OF = (_N.c.state == bindparam("of_state"), _N.c.assessment == bindparam("of_assessment"))
_SNAPSHOTS = select(_N.c.revision, _N.c.digest, _N.c.approved_at).where(*_OF).order_by(_N.c.revision)
_SNAPSHOT = select(_N).where(*_OF, _N.c.revision == bindparam("with_revision"))


def _of(scope: Scope) -> dict[str, object]:
    return {"of_state": scope.state, "of_assessment": scope.assessment}


def unsettled(connection: Connection, scope: Scope) -> Unsettled:
    """What waits for somebody, of the answers that a snapshot would hold."""
    return Unsettled(*connection.execute(_UNSETTLED, _of(scope) | {"on_day": scope.period_end}).one())


def accepted(connection: Connection, scope: Scope) -> Sequence[Record]:
    """The answers that a second person accepted as they stand, by question and site."""
    return connection.execute(_ACCEPTED, _of(scope) | {"on_day": scope.period_end}).all()


def took_part(connection: Connection, scope: Scope, person: str, revision: int) -> bool:
    """Whether a person is answerable for an answer that stands, or submitted this revision."""
    where = _of(scope) | {"person": person, "in_revision": revision}
    return connection.execute(_OWN_WORK, where).first() is not None


def move(connection: Connection, scope: Scope, status: str, revision: int, moment: datetime) -> Record:
    """Put an assessment that is held where a step leads; its row from now on."""
    where = _of(scope) | {"to_status": status, "to_revision": revision, "moment": moment}
    return connection.execute(_MOVE, where).one()


def steps(connection: Connection, scope: Scope) -> Sequence[Record]:
    """Every step that was taken, in order."""
    return connection.execute(_STEPS, _of(scope)).all()


def last_step(connection: Connection, scope: Scope) -> tuple[int, datetime] | None:
    """The number and the moment of the last step."""
    row = connection.execute(_LAST, _of(scope)).one_or_none()
    return None if row is None else (row.number, row.at)


def add_step(connection: Connection, scope: Scope, step: dict[str, object]) -> None:
    """Keep a step; the assessment is held."""
    connection.execute(insert(_G), {"state": scope.state, "assessment": scope.assessment, **step})


def snapshots(connection: Connection, scope: Scope) -> Sequence[Record]:
    """The approved revisions, without their content."""
    return connection.execute(_SNAPSHOTS, _of(scope)).all()


def snapshot(connection: Connection, scope: Scope, revision: int) -> Record | None:
    return connection.execute(_SNAPSHOT, _of(scope) | {"with_revision": revision}).one_or_none()


def keep(connection: Connection, row: dict[str, object]) -> None:
    """Keep a snapshot for ever."""
    connection.execute(insert(_N), row)
