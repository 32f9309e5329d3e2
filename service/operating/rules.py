"""What the ground a service runs on must be like: facts in, findings out, nothing fetched.

Floors and durability: measured by replaying power cuts; below FULL acknowledged answers are lost, below WAL files too.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from service.access.policy import crowd

ONE_WRITER = (3, 37, 0)
"""The oldest SQLite that knows every statement of this service."""
MANY_WRITERS = (3, 51, 3)
"""The first SQLite that two writing processes cannot damage a file with (WAL-reset race, since 3.7.0)."""
POSTGRESQL = {15: 150014, 16: 160010, 17: 170006}
"""The oldest release of each major version; later majors are all right, earlier ones are not."""
SHORTEST_PASSWORD = 12
MOST_TOLD = 3
"""Faults of one kind that are told one by one."""
DEFAULTS = frozenset({
    "admin", "change-me", "changeme", "default", "example", "letmein", "pass", "password", "postgres", "postgresql",
    "root", "secret", "stocktake", "test",
})  # fmt: skip
NETWORKED = frozenset({
    "9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "gfs2", "glusterfs", "lustre",
    "ncpfs", "nfs", "nfs4", "ocfs2", "smb3", "smbfs",
})  # fmt: skip
"""File systems on which SQLite's locks do not hold, as Linux calls them."""


class Verdict(StrEnum):
    OK = "ok"
    NOTE = "note"
    """It runs, and there is something to know."""
    WEAK = "weak"
    """Acknowledged answers may be lost; refused unless this was accepted."""
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check with its verdict, and what to do where it is not ok."""

    check: str
    verdict: Verdict
    detail: str


class Password(StrEnum):
    """What is kept of a password: how well it keeps others out."""

    ABSENT = "absent"
    DEFAULT = "default"
    SHORT = "short"
    FINE = "fine"


@dataclass(frozen=True, slots=True)
class Serving:
    """How the service is to be reached."""

    host: str
    """The address it listens on."""
    names: frozenset[str]
    debug: bool
    accept_weak: bool


@dataclass(frozen=True, slots=True)
class Schema:
    found: str | None
    needed: str | None


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A file on disk and the folder it is in: their mode bits, where the system has them."""

    file_mode: int | None
    folder_mode: int | None
    file_system: str | None
    """As the system calls it; absent where it does not say."""


@dataclass(frozen=True, slots=True)
class Sqlite:
    version: tuple[int, ...]
    journal: str
    synchronous: int
    """0 off, 1 NORMAL, 2 FULL, 3 EXTRA."""
    foreign_keys: bool
    file: SqliteFile | None
    """Absent for a database in memory."""


@dataclass(frozen=True, slots=True)
class Postgres:
    version: int
    """As ``server_version_num``."""
    fsync: str
    full_page_writes: str
    synchronous_commit: str
    superuser: bool
    bypasses: bool
    """Whether row-level security does not bind the role."""
    owns: bool
    """Whether the tables are the role's own."""
    host: str
    """Where the server is: an address, or a folder for a local socket."""
    password: Password
    proven: bool
    """Whether a client certificate or Kerberos vouches for us."""
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Walls:
    """What is wrong between states: in the database for everybody, and with the rights of the role that serves."""

    breaches: tuple[str, ...]
    excess: tuple[str, ...]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def password_of(password: str, user: str, database: str) -> Password:
    """How well a password keeps others out."""
    if not password:
        return Password.ABSENT
    if password.lower() in DEFAULTS | {user.lower(), database.lower()}:
        return Password.DEFAULT
    return Password.SHORT if len(password) < SHORTEST_PASSWORD else Password.FINE


def file_system_of(path: str, mounts: str) -> str | None:
    """The kind of file system an absolute path is on, by the lines of ``/proc/self/mountinfo``."""
    best, kind = "", None
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        if not after or len(fields := before.split()) < 5:
            continue
        point = fields[4].encode("latin-1", "replace").decode("unicode_escape")  # a space is \040
        if len(point) >= len(best) and (path == point or path.startswith(point.rstrip("/") + "/")):
            best, kind = point, after.split()[0]
    return kind


def judge_serving(serving: Serving) -> Iterator[Finding]:
    """Who may reach the service, and by which name."""
    near = is_loopback(serving.host)
    yield _finding("debug", near or not serving.debug, "STOCKTAKE_DEBUG is for loopback only: its log quotes answers")
    named = near or bool(serving.names)
    yield _finding("host names", named, f"set STOCKTAKE_HOSTS: {serving.host} is reached by more than this machine")
    if serving.accept_weak:
        yield _finding("weak durability", near, "STOCKTAKE_ACCEPT_WEAK_DURABILITY is for try-outs on loopback only")


def judge_schema(schema: Schema) -> Iterator[Finding]:
    """Whether the database has the tables of this version."""
    fits = schema.found == schema.needed
    detail = f"the database is at revision {schema.found or 'none'}, this service needs {schema.needed}: run migrate"
    yield _finding("schema", fits, detail)


def judge_sqlite(facts: Sqlite) -> Iterator[Finding]:
    """Durability and privacy of the embedded database."""
    version = ".".join(map(str, facts.version))
    if ONE_WRITER <= facts.version < MANY_WRITERS:
        detail = f"{version}; below 3.51.3 let one process at a time write: stop the service before other commands do"
        yield Finding("SQLite version", Verdict.NOTE, detail)
    else:
        detail = f"{version} is too old: use a Python with SQLite 3.37 or later, better 3.51.3"
        yield _finding("SQLite version", facts.version >= ONE_WRITER, detail)
    yield _durable("journal", facts.journal == "wal", f"the journal is {facts.journal}, not WAL")
    durable = facts.synchronous >= 2
    yield _durable("synchronous", durable, "synchronous is below FULL: a power cut loses acknowledged answers")
    yield _finding("foreign keys", facts.foreign_keys, "foreign_keys is off: this SQLite was built without them")
    if facts.file is not None:
        yield from _judge_file(facts.file)


def _judge_file(file: SqliteFile) -> Iterator[Finding]:
    if file.file_system is None:
        yield Finding("file system", Verdict.NOTE, "this system does not say; it must be a local disk")
    else:
        detail = f"{file.file_system} is a network file system: use a local disk, or PostgreSQL"
        yield _finding("file system", file.file_system not in NETWORKED, detail)
    if file.file_mode is None or file.folder_mode is None:
        return
    detail = "anyone on this machine may replace the database: chmod o-w the folder it is in"
    yield _finding("folder", not file.folder_mode & 0o002, detail)
    open_to_all = file.file_mode & 0o006 and file.folder_mode & 0o001
    yield _finding("file", not open_to_all, "anyone on this machine may read the database: chmod 600 the file")


def judge_tenants(states: Iterable[str], *, accepted: bool) -> Finding:
    """Whether an SQLite file is one member state's alone: it has no row-level security as second wall."""
    crowded = crowd(states)
    if not crowded:
        return Finding("states in one file", Verdict.OK, "")
    more = len(crowded) - MOST_TOLD
    named = ", ".join(crowded[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")
    detail = f"{named} share this SQLite file, with no wall between them but this program"
    if accepted:
        return Finding("states in one file", Verdict.ACCEPTED, detail)
    mend = "a file and a process for each, PostgreSQL, or STOCKTAKE_STATES_IN_ONE_FILE=true"
    return Finding("states in one file", Verdict.REFUSED, f"{detail}: {mend}")


def judge_postgres(facts: Postgres) -> Iterator[Finding]:
    """Durability, the role, and who else could log in as it."""
    major, release = divmod(facts.version, 10000)
    floor = POSTGRESQL.get(major, 0 if major > max(POSTGRESQL) else facts.version + 1)
    detail = f"{major}.{release} is too old: use 15.14, 16.10, 17.6 or later"
    yield _finding("PostgreSQL version", facts.version >= floor, detail)
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        yield _durable(name, getattr(facts, name) != "off", f"{name} is off: a power cut loses acknowledged answers")
    detail = "the role is a superuser: row-level security does not bind it; serve as a role of its own"
    yield _finding("superuser", not facts.superuser, detail)
    detail = "the role has BYPASSRLS, which is for backups: serve as a role without it"
    yield _finding("BYPASSRLS", not facts.bypasses, detail)
    less = not facts.owns or facts.superuser
    detail = "the role owns the tables and could change what is never changed: serve as one that does not"
    yield Finding("owner", Verdict.OK if less else Verdict.NOTE, "" if less else detail)
    if not facts.host.startswith("/") and not is_loopback(facts.host):
        yield _judge_password(facts)
        secret = facts.encrypted
        detail = "not encrypted: add ?sslmode=verify-full to the address unless the network is yours alone"
        yield Finding("connection", Verdict.OK if secret else Verdict.NOTE, "" if secret else detail)


def judge_walls(walls: Walls) -> Iterator[Finding]:
    """Row-level security, and what the role may do beside it."""
    yield _finding("walls between states", not walls.breaches, _told(walls.breaches))
    verdict = Verdict.NOTE if walls.excess else Verdict.OK
    yield Finding("rights", verdict, f"{_told(walls.excess)}: run migrate --runtime" if walls.excess else "")


def _told(faults: tuple[str, ...]) -> str:
    more = len(faults) - MOST_TOLD
    return "; ".join(faults[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def _judge_password(facts: Postgres) -> Finding:
    if facts.password is Password.ABSENT:
        detail = f"{facts.host} lets the role in without a password or certificate"
        return _finding("database password", facts.proven, detail)
    detail = f"it is {facts.password}: take a long random one, and keep it in a file"
    return _finding("database password", facts.password is Password.FINE, detail)


def settle(findings: Iterable[Finding], serving: Serving) -> list[Finding]:
    """Weak durability is refused, unless it was accepted for a try-out on this machine."""
    accepted = serving.accept_weak and is_loopback(serving.host)
    verdict = Verdict.ACCEPTED if accepted else Verdict.REFUSED
    return [replace(one, verdict=verdict) if one.verdict is Verdict.WEAK else one for one in findings]


def _finding(check: str, good: bool, otherwise: str) -> Finding:  # noqa: FBT001  # what was found, not a switch
    return Finding(check, Verdict.OK, "") if good else Finding(check, Verdict.REFUSED, otherwise)


def _durable(check: str, good: bool, otherwise: str) -> Finding:  # noqa: FBT001
    return Finding(check, Verdict.OK, "") if good else Finding(check, Verdict.WEAK, otherwise)
