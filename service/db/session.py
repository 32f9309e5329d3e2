"""Engines, and the one place where a transaction begins, commits and rolls back, and learns whose rows it may see."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection

from psycopg import Connection as PostgresConnection
from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, bindparam, create_engine, event, make_url, text

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


STATE = "app.state"
"""The variable of a PostgreSQL transaction that row-level security compares with (migration 0004)."""
_TENANT = re.compile("[A-Z]{3}")
_SET_STATE = text(f"SELECT set_config('{STATE}', :state, true)").bindparams(bindparam("state"))


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
            self._reader = _postgresql(address, pool, "BEGIN ISOLATION LEVEL REPEATABLE READ")
            self._writer = _postgresql(address, pool, "BEGIN ISOLATION LEVEL READ COMMITTED")

    @contextmanager
    def transaction(self, *, writes: bool, state: str | None = None) -> Iterator[Connection]:
        """One transaction: committed on return, rolled back on any error.

        ``state`` is whose rows it is about; without it PostgreSQL shows no row of any state.
        """
        engine = self._writer if writes else self._reader
        with engine.connect() as connection:
            if state is not None:
                connection.execution_options(state=tenant(state))
            yield connection
            connection.commit() if writes else connection.rollback()

    def close(self) -> None:
        """Give every connection back."""
        for engine in {self._reader, self._writer}:
            engine.dispose()


def tenant(state: str) -> str:
    """A code that may stand in a statement; ValueError for anything else."""
    if not _TENANT.fullmatch(state):
        raise ValueError("a tenant is named by three capital letters")
    return state


def act_for(connection: Connection, state: str) -> None:
    """Let the rest of the transaction be about this state: for what is only known after it began."""
    if connection.dialect.name == "postgresql":
        connection.execute(_SET_STATE, {"state": tenant(state)})


@contextmanager
def frozen(address: URL) -> Iterator[Connection]:
    """One moment of a whole database, read only and for as long as it takes: for copies, and for what proves them.

    Raises DBAPIError where a role would see only some of the rows: row-level security must not empty a copy.
    """
    if address.get_backend_name() == "sqlite":
        engine = _sqlite(address, 1, begin="BEGIN")
    else:
        engine = create_engine(
            address,
            poolclass=NullPool,
            isolation_level="REPEATABLE READ",
            hide_parameters=True,
            connect_args={"options": "-c row_security=off -c default_transaction_read_only=on"},
        )
    try:
        with engine.connect() as connection:
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _postgresql(address: URL, pool: int, begin: str) -> Engine:
    # No parameters in errors, here and below: they are answers, and an error's text goes to the log
    engine = create_engine(
        address,
        pool_size=pool,
        max_overflow=0,
        isolation_level="AUTOCOMMIT",  # the driver would spend a round trip on its own BEGIN: we begin ourselves
        hide_parameters=True,
        connect_args={"options": " ".join(f"-c {limit}" for limit in LIMITS)},
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, PostgresConnection)  # noqa: S101  # the engine's own driver
        state = connection.get_execution_options().get("state")
        # BEGIN and the tenant in one round trip; the code is three letters, which tenant() saw to
        driver.execute(begin if state is None else f"{begin}; SELECT set_config('{STATE}', '{state}', true)")

    return engine


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
