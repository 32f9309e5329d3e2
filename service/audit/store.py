"""A state's log in the database: appended to under the lock of its head, read in pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from service.audit.chain import NOTHING, Deed, Event, event, faults
from service.db.access_tables import AuditEvent, AuditHead
from service.db.types import Record

_E, _H = AuditEvent.__table__, AuditHead.__table__
_HOLD = {}
for _name, _dialect in (("sqlite", sqlite), ("postgresql", postgresql)):
    _new = _dialect.insert(_H).values(state=bindparam("of_state"), number=0, hash=NOTHING)
    # An update that changes nothing: it holds the row until the transaction ends, and answers with it
    _HOLD[_name] = _new.on_conflict_do_update(index_elements=["state"], set_={"number": _H.c.number}).returning(
        _H.c.number, _H.c.hash
    )
_NAMES = tuple(column.name for column in _E.c)
_APPEND = insert(_E)
_ADVANCE = (
    update(_H)
    .where(_H.c.state == bindparam("of_state"))
    .values(number=bindparam("to_number"), hash=bindparam("to_hash"))
)
_APPEND_AND_ADVANCE = text(
    f"WITH written AS (INSERT INTO audit_event ({', '.join(_NAMES)})"  # noqa: S608  # our own column names
    f" VALUES ({', '.join(f':{name}' for name in _NAMES)}))"
    " UPDATE audit_head SET number = :number, hash = :hash WHERE state = :state"
)
_SHOWN = tuple(_E.c[name] for name in Event.__slots__)
_LIST = (
    select(*_SHOWN)
    .where(_E.c.state == bindparam("of_state"), _E.c.number > bindparam("after"))
    .order_by(_E.c.number)
    .limit(bindparam("most"))
)
_SEARCH = (
    select(*_SHOWN)
    .where(
        _E.c.state == bindparam("of_state"),
        _E.c.number > bindparam("after"),
        _E.c.number <= bindparam("last"),
        or_(
            bindparam("action") == "",
            _E.c.action == bindparam("action"),
            # All refusals by the word before their colon
            func.substr(_E.c.action, 1, func.length(bindparam("action")) + 1) == bindparam("action").concat(":"),
        ),
        or_(bindparam("actor") == "", _E.c.actor == bindparam("actor")),
        # Not LIKE: it takes letters of either case for the same on one of the databases
        func.substr(_E.c.subject, 1, func.length(bindparam("subject"))) == bindparam("subject"),
        or_(bindparam("since") == "", _E.c.at >= bindparam("since")),
        or_(bindparam("before") == "", _E.c.at < bindparam("before")),
    )
    .order_by(_E.c.number)
    .limit(bindparam("most"))
)
_HEAD = select(_H.c.number, _H.c.hash).where(_H.c.state == bindparam("of_state"))
_STATES = select(_H.c.state).order_by(_H.c.state)
_ONE = select(*_SHOWN).where(_E.c.state == bindparam("of_state"), _E.c.number == bindparam("numbered"))


PAGE = 2_000
"""Events read at once when a whole log is verified."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which events are wanted; an empty text stands for any."""

    action: str = ""
    """As it is named; ``refused`` for everything that was refused."""
    actor: str = ""
    subject: str = ""
    """How it begins."""
    since: str = ""
    """As events write their moment; included."""
    before: str = ""


def append(connection: Connection, state: str, deed: Deed, at: datetime) -> Event:
    """Write the next event of a state, in the caller's transaction; the numbers of a state have no gap."""
    name = connection.dialect.name
    head = connection.execute(_HOLD[name], {"of_state": state}).one()
    following = event(state, deed, at, (head.number, head.hash))
    row = {"state": state, "salt": deed.salt, **{name: getattr(following, name) for name in Event.__slots__}}
    if name == "sqlite":
        connection.execute(_APPEND, row)
        where = {"of_state": state, "to_number": following.number, "to_hash": following.hash}
        connection.execute(_ADVANCE, where)
    else:
        connection.execute(_APPEND_AND_ADVANCE, row)
    return following


def listed(connection: Connection, state: str, *, after: int, most: int) -> list[Event]:
    """Events of a state from the one after a number on."""
    return _events(connection.execute(_LIST, {"of_state": state, "after": after, "most": most}).all())


def sought(connection: Connection, state: str, wanted: Sought, span: tuple[int, int], most: int) -> list[Event]:
    """The wanted events of a state from the one after the first number of ``span`` up to its last."""
    where = {"of_state": state, "after": span[0], "last": span[1], "most": most, **asdict(wanted)}
    return _events(connection.execute(_SEARCH, where).all())


def head(connection: Connection, state: str) -> tuple[int, str]:
    """Number and hash of a state's last event; 0 and ``NOTHING`` where nothing was logged yet."""
    row = connection.execute(_HEAD, {"of_state": state}).one_or_none()
    return (0, NOTHING) if row is None else (row.number, row.hash)


def states(connection: Connection) -> list[str]:
    """The states with a log, as far as this transaction may see them."""
    return [row.state for row in connection.execute(_STATES)]


def verified(connection: Connection, state: str) -> tuple[int, list[str]]:
    """How many events a state's log has, and what is wrong with it: every hash computed anew, up to its head."""
    found, last, ends = list[str](), (0, NOTHING), head(connection, state)
    while events := listed(connection, state, after=last[0], most=PAGE):
        found += faults(state, events, last)
        last = (events[-1].number, events[-1].hash)
    if last != ends:
        found.append(f"the log ends at event {last[0]}, its head says {ends[0]}")
    return last[0], found


def one(connection: Connection, state: str, number: int) -> Event | None:
    """The event with this number."""
    found = _events(connection.execute(_ONE, {"of_state": state, "numbered": number}).all())
    return found[0] if found else None


def _events(rows: Sequence[Record]) -> list[Event]:
    return [Event(*row) for row in rows]
