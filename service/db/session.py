"""Engines, and the one place where a transaction begins, commits and rolls back."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import IsolationLevel

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged answers in a power cut
    "foreign_keys=ON",
    "busy_timeout=10000",
    "trusted_schema=OFF",
    "cache_size=-16384",
)
"""What every SQLite connection is set to."""

LIMITS = ("statement_timeout=15s", "lock_timeout=10s", "idle_in_transaction_session_timeout=60s")
"""What every PostgreSQL connection is held to: a stuck row or a lost client must not stop the pool."""


class Database:
    """The engines of one database: one writer and a pool of readers on SQLite, a pool for each on PostgreSQL."""

    def __init__(self, url: str | URL, pool: int) -> None:
        address = make_url(url)
        self.is_sqlite = address.get_backend_name() == "sqlite"
        self.pool = pool
        if self.is_sqlite:
            self._reader = _sqlite(address, pool, begin="BEGIN")
            # IMMEDIATE: a deferred BEGIN fails with "database is locked" when a reader becomes a writer
            self._writer = _sqlite(address, 1, begin="BEGIN IMMEDIATE")
        else:
            # One snapshot for all that a request reads, as on SQLite: groups and tallies of two moments do not fit
            self._reader = _postgresql(address, pool, "REPEATABLE READ")
            self._writer = _postgresql(address, pool, "READ COMMITTED")

    @contextmanager
    def transaction(self, *, writes: bool) -> Iterator[Connection]:
        """One transaction: committed on return, rolled back on any error."""
        engine = self._writer if writes else self._reader
        with engine.connect() as connection:
            yield connection
            connection.commit() if writes else connection.rollback()

    def close(self) -> None:
        """Give every connection back."""
        for engine in {self._reader, self._writer}:
            engine.dispose()


def _postgresql(address: URL, pool: int, isolation: IsolationLevel) -> Engine:
    # No parameters in errors, here and below: they are answers, and an error's text goes to the log
    return create_engine(
        address,
        pool_size=pool,
        max_overflow=0,
        isolation_level=isolation,
        hide_parameters=True,
        connect_args={"options": " ".join(f"-c {limit}" for limit in LIMITS)},
    )


def _sqlite(address: URL, pool: int, *, begin: str) -> Engine:
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=pool,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins late and only before a change: we begin ourselves
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.connection.cursor().execute(begin)

    return engine
