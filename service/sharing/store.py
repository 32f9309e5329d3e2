"""Shares in the database, of the state that gives; and copies, of the tenant that reads them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, insert, select, update

from service.db.session import act_for
from service.db.signoff_tables import ReceivedCopy, Share
from service.db.types import Record

_S, _C = Share.__table__, ReceivedCopy.__table__
_GIVE, _PUT = insert(_S), insert(_C)
_THIS = (
    _S.c.state == bindparam("of_state"),
    _S.c.assessment == bindparam("of_assessment"),
    _S.c.id == bindparam("with_id"),
)
_ONE = select(_S).where(*_THIS)
_LIST = (
    select(_S)
    .where(
        _S.c.state == bindparam("of_state"),
        _S.c.assessment == bindparam("of_assessment"),
        _S.c.id > bindparam("after"),
    )
    .order_by(_S.c.id)
    .limit(bindparam("most"))
)
_REVOKE = (
    update(_S)
    .where(*_THIS, _S.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("moment"), revoked_by=bindparam("person"))
    .returning(_S.c.recipient)
)
_EMPTY = (
    update(_C)
    .where(_C.c.state == bindparam("of_recipient"), _C.c.id == bindparam("with_id"))
    .values(revoked_at=bindparam("moment"), content="")
)
_READABLE = (
    _C.c.state == bindparam("of_recipient"),
    _C.c.revoked_at.is_(None),
    _C.c.expires_at > bindparam("moment"),
)
_RECEIVED = (
    select(*(column for column in _C.c if column.name not in {"state", "content", "revoked_at"}))
    .where(*_READABLE, _C.c.id > bindparam("after"))
    .order_by(_C.c.id)
    .limit(bindparam("most"))
)
# Held, so that no read is logged after the event of its revocation
_READ = (
    select(_C.c.from_state, _C.c.content).where(*_READABLE, _C.c.id == bindparam("with_id")).with_for_update(read=True)
)


def give(connection: Connection, share: dict[str, object], copy: dict[str, object]) -> None:
    """Enter a share, and the copy on the side of its recipient."""
    connection.execute(_GIVE, share)
    act_for(connection, str(copy["state"]))
    connection.execute(_PUT, copy)
    act_for(connection, str(share["state"]))


def one(connection: Connection, state: str, assessment: UUID, share: UUID) -> Record | None:
    where = {"of_state": state, "of_assessment": assessment, "with_id": share}
    return connection.execute(_ONE, where).one_or_none()


def given(connection: Connection, state: str, assessment: UUID, *, after: UUID, most: int) -> Sequence[Record]:
    where = {"of_state": state, "of_assessment": assessment, "after": after, "most": most}
    return connection.execute(_LIST, where).all()


def revoke(connection: Connection, share: dict[str, object]) -> bool:
    """End a share (its ``of_state``, ``of_assessment``, ``with_id``; ``moment``, ``person``); whether it stood."""
    recipient = connection.execute(_REVOKE, share).scalar_one_or_none()
    if recipient is None:
        return False
    act_for(connection, recipient)
    connection.execute(_EMPTY, {**share, "of_recipient": recipient})
    act_for(connection, str(share["of_state"]))
    return True


def received(connection: Connection, recipient: str, *, now: datetime, after: UUID, most: int) -> Sequence[Record]:
    """The copies that a recipient may read at this moment, without their content."""
    where = {"of_recipient": recipient, "moment": now, "after": after, "most": most}
    return connection.execute(_RECEIVED, where).all()


def read(connection: Connection, recipient: str, copy: UUID, *, now: datetime) -> Record | None:
    """Whose it is, and the content of one copy that may be read at this moment."""
    return connection.execute(_READ, {"of_recipient": recipient, "with_id": copy, "moment": now}).one_or_none()
