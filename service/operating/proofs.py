"""What must be the same after a restore, and what must hold in each place: a list to be added to.

Each proof reads one moment of a database. A new thing that has to survive is one more function, and one more line in
``PROOFS``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, String, cast, column, func, inspect, literal, select, table, text, union_all

from service.audit import store as audit
from service.catalogue.lock import WrongLock, load_lock
from service.catalogue.store import Shelf
from service.db import migrating
from service.db.access_tables import ApiKey, AuditHead, PersonSession
from service.db.signoff_tables import ReceivedCopy, Snapshot
from service.db.tables import Assessment, ChecklistVersion
from service.signoff.freezing import freeze

MOST_TOLD = 3
"""Differences that are told one by one."""
_ASSESSMENT, _VERSION, _SNAPSHOT, _HEAD = (one.__table__ for one in (Assessment, ChecklistVersion, Snapshot, AuditHead))
_KEY, _SESSION = ApiKey.__table__, PersonSession.__table__
_CREDENTIALS = union_all(
    select(_KEY.c.state, _KEY.c.id, _KEY.c.secret_sha256, _KEY.c.scopes, _KEY.c.expires_at, _KEY.c.revoked_at),
    select(
        _SESSION.c.state,
        _SESSION.c.id,
        _SESSION.c.secret_sha256,
        literal("session"),
        _SESSION.c.expires_at,
        _SESSION.c.ended_at,
    ),
)
_SNAPSHOTS = select(
    _SNAPSHOT.c.state, _SNAPSHOT.c.assessment, _SNAPSHOT.c.revision, _SNAPSHOT.c.digest, _SNAPSHOT.c.content
)
_COPY = ReceivedCopy.__table__
_COPIES = select(_COPY.c.state, _COPY.c.id, _COPY.c.digest, _COPY.c.content).where(_COPY.c.revoked_at.is_(None))
_HEADS = select(_HEAD.c.state, _HEAD.c.number, _HEAD.c.hash)
_ASSESSMENTS = select(_ASSESSMENT.c.state, _ASSESSMENT.c.id).order_by(_ASSESSMENT.c.state, _ASSESSMENT.c.id)
_LOCKS = select(_VERSION.c.checklist, _VERSION.c.version, _VERSION.c.digest, _VERSION.c.lock)
_GUARDS = {
    "sqlite": text("SELECT type || ' ' || name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"),
    "postgresql": text(
        "SELECT 'policy ' || tablename || '.' || policyname,"
        " concat_ws(' ', permissive, roles::text, cmd, qual, with_check)"
        " FROM pg_policies WHERE schemaname = 'public'"
        " UNION ALL SELECT 'table ' || c.relname, 'enabled ' || relrowsecurity || ', forced ' || relforcerowsecurity"
        " FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " UNION ALL SELECT 'trigger ' || tgrelid::regclass || '.' || tgname,"
        " tgenabled::text || ' ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
        " UNION ALL SELECT 'constraint ' || conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " UNION ALL SELECT 'index ' || indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one proof finds in one place: named values to compare, and what is wrong whatever it is compared with."""

    values: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    name: str
    read: Callable[[Connection], Reading]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One proof, after it was read before and after."""

    proof: str
    compared: int
    differences: tuple[str, ...]


def schema(connection: Connection) -> Reading:
    """The revision, which must be the one this service needs."""
    found = MigrationContext.configure(connection).get_current_revision()
    needed = migrating.newest(connection.engine.url)
    faults = () if found == needed else (f"the schema is at revision {found or 'none'}, not at {needed}",)
    return Reading({"revision": str(found)}, faults)


def rows(connection: Connection) -> Reading:
    """How many rows each table has, and of each state, for whatever tables there are."""
    counts = []
    for (_, name), columns in inspect(connection).get_multi_columns().items():
        counted, total = table(name, column("state")), func.count()
        counts.append(select(literal(name), literal(""), total).select_from(counted))
        if any(one["name"] == "state" for one in columns):
            state = cast(counted.c.state, String)
            counts.append(select(literal(name), state, total).select_from(counted).group_by(state))
    found = connection.execute(union_all(*counts)).all() if counts else []
    return Reading({f"{name} {state}".strip(): str(count) for name, state, count in found})


def guards(connection: Connection) -> Reading:
    """What the database itself refuses: constraints, triggers, row-level security."""
    found = connection.execute(_GUARDS[connection.dialect.name])
    return Reading({str(name): str(definition) for name, definition in found})


def locks(connection: Connection) -> Reading:
    """Every published checklist gives its digest."""
    values, faults = {}, []
    for checklist, version, digest, lock in connection.execute(_LOCKS):
        try:
            _, values[f"{checklist} {version}"] = load_lock(lock.encode())
        except WrongLock as wrong:
            faults.append(f"{checklist} {version}: {wrong}")
            continue
        if values[f"{checklist} {version}"] != digest:
            faults.append(f"{checklist} {version}: the lock is another one's")
    return Reading(values, tuple(faults))


def exports(connection: Connection) -> Reading:
    """The SHA-256 of every assessment's canonical export: answers, scores, gaps and all."""
    shelf = Shelf()
    every = connection.execute(_ASSESSMENTS).all()
    return Reading({f"{state} {id_}": freeze(connection, shelf, state, id_).digest for state, id_ in every})


def credentials(connection: Connection) -> Reading:
    """Every key and session opens what it opened, and what was revoked or ended stays so."""
    return Reading(
        {
            f"{state} {id_}": f"{secret} {scopes} until {expires}, {'open' if ended is None else f'ended {ended}'}"
            for state, id_, secret, scopes, expires, ended in connection.execute(_CREDENTIALS)
        }
    )


def snapshots(connection: Connection) -> Reading:
    """Everything that was approved has the digest it was approved with."""
    values, faults = {}, []
    for state, assessment, revision, digest, content in connection.execute(_SNAPSHOTS):
        name = f"{state} {assessment} {revision}"
        values[name] = sha256(content.encode()).hexdigest()
        if values[name] != digest:
            faults.append(f"{name}: the content is not what was approved")
    return Reading(values, tuple(faults))


def copies(connection: Connection) -> Reading:
    """Everything that was shared, and not taken back, is what its recipient was given."""
    values, faults = {}, []
    for state, copy, digest, content in connection.execute(_COPIES):
        values[f"{state} {copy}"] = sha256(content.encode()).hexdigest()
        if values[f"{state} {copy}"] != digest:
            faults.append(f"{state} {copy}: the content is not what was given")
    return Reading(values, tuple(faults))


def logs(connection: Connection) -> Reading:
    """The log of every state is whole, event by event, up to its head."""
    values, faults = {}, []
    for state, number, hash_ in connection.execute(_HEADS).all():
        values[state] = f"{number} {hash_}"
        faults += [f"{state}: {fault}" for fault in audit.verified(connection, state)[1]]
    return Reading(values, tuple(faults))


PROOFS: tuple[Proof, ...] = (
    Proof("schema at head", schema),
    Proof("rows per table and state", rows),
    Proof("constraints and guards", guards),
    Proof("checklist digests", locks),
    Proof("keys and sessions", credentials),
    Proof("snapshot digests", snapshots),
    Proof("digests of what was shared", copies),
    Proof("logs, event by event", logs),
    Proof("SHA-256 of every export", exports),
)


def compare(proof: str, before: Reading, after: Reading) -> Outcome:
    """What differs, or is wrong in either place."""
    names = sorted(before.values.keys() | after.values.keys())
    differing = [name for name in names if before.values.get(name) != after.values.get(name)]
    told = [f"{name}: {_differs(before, after, name)}" for name in differing[:MOST_TOLD]]
    more = len(differing) - len(told)
    wrong = [f"before: {fault}" for fault in before.faults] + [f"after: {fault}" for fault in after.faults]
    return Outcome(proof, len(names), (*wrong, *told, *([f"and {more} more"] if more else [])))


def _differs(before: Reading, after: Reading, name: str) -> str:
    was, is_ = (place.values.get(name, "absent") for place in (before, after))
    return f"{was} → {is_}" if len(was) + len(is_) <= 100 else "it is another"
