"""``log verify`` at the command line, on both databases: whole logs, and what somebody did to one by hand."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, make_url, text
from typer.testing import CliRunner, Result

from conftest import BACKUP, OWNER, World
from service.audit import store
from service.audit.chain import Deed
from service.cli import app

Verify = Callable[..., Result]


@pytest.fixture
def verify(world: World, monkeypatch: pytest.MonkeyPatch) -> Verify:
    """Runs the command on the database of two states with three events each, as a role of PostgreSQL."""
    for state in ("QZA", "QZB"):
        with world.database.transaction(writes=True, state=state) as connection:
            for number in range(3):
                store.append(connection, state, Deed("operator", "x.y", f"/v1/{number}"), datetime.now(UTC))

    def run(*words: str, role: str = BACKUP) -> Result:
        monkeypatch.setenv("STOCKTAKE_DATABASE_URL", world.owner_url.replace(f"//{OWNER}@", f"//{role}@"))
        return CliRunner().invoke(app, ["log", "verify", *words])

    return run


def by_hand(world: World, statement: str) -> None:
    """What only somebody with the database's own rights can do, its guards taken down."""
    sqlite = world.database.is_sqlite
    engine = create_engine(make_url(world.owner_url))
    with engine.begin() as connection:
        if sqlite:
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER audit_event_no_{act}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
            connection.execute(text("ALTER TABLE audit_event NO FORCE ROW LEVEL SECURITY"))
        assert connection.execute(text(statement)).rowcount == 1
        if not sqlite:
            connection.execute(text("ALTER TABLE audit_event FORCE ROW LEVEL SECURITY"))
    engine.dispose()


def test_whole_logs_are_said_to_be_whole(verify: Verify) -> None:
    done = verify()
    assert (done.exit_code, done.stdout) == (0, "QZA: 3 events, every hash right\nQZB: 3 events, every hash right\n")
    assert verify("--state", "QZB").stdout == "QZB: 3 events, every hash right\n"
    assert verify("--state", "QZZ").stdout == "QZZ: 0 events, every hash right\n"
    assert verify("--state", "qza").exit_code == 2


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE audit_event SET actor = 'key:else' WHERE state = 'QZB' AND number = 2",
            "event 2 is not what was hashed",
        ),
        ("DELETE FROM audit_event WHERE state = 'QZB' AND number = 2", "event 3 follows event 1"),
        ("DELETE FROM audit_event WHERE state = 'QZB' AND number = 3", "the log ends at event 2, its head says 3"),
    ],
)
def test_what_was_done_by_hand_is_told(world: World, verify: Verify, statement: str, said: str) -> None:
    by_hand(world, statement)
    done = verify()
    assert done.exit_code == 1
    assert done.stdout == "QZA: 3 events, every hash right\n"
    assert f"QZB: {said}\n" in done.stderr
    assert verify("--state", "QZA").exit_code == 0
    assert verify("--state", "QZB").exit_code == 1


def test_a_role_behind_the_wall_is_told_so_and_may_look_at_one_state(world: World, verify: Verify) -> None:
    if world.database.is_sqlite:
        assert verify(role="none").exit_code == 0  # there are no roles: every state is seen
        return
    for role in (OWNER, "stocktake_run"):
        done = verify(role=role)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "one state at a time" in done.stderr
        assert verify("--state", "QZA", role=role).stdout == "QZA: 3 events, every hash right\n"
