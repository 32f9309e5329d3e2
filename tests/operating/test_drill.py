"""Back up, restore, drill: on both databases, while others write, under row-level security; and what must go red."""

import contextlib
import hashlib
import json
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from io import BufferedIOBase
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Connection, make_url, text
from typer.testing import Result

from conftest import World, served_by
from operating.conftest import roles_of, settings_of
from route_calls import Holding, ask, fill
from service.app import create_app
from service.db.session import frozen
from service.operating import drilling, postgres_copies, proofs, sqlite_copies
from service.operating.copies import Copies, CopyFailed
from service.operating.drilling import Step, drill, seen_whole
from service.operating.keeping import back_up, copies_of, restore
from service.operating.proofs import PROOFS, Reading, compare
from service.settings import Settings

NAMES = [proof.name for proof in PROOFS]
STEPS = ["read before", "back up", "restore", *NAMES]


def failed(steps: list[Step]) -> dict[str, str]:
    return {step.name: step.detail for step in steps if not step.good}


def damage(address: URL, statement: str) -> None:
    """Change what stands past triggers and walls, as a fault of a disk or of a restore would."""
    if address.get_backend_name() != "sqlite":
        where = roles_of(address.render_as_string(hide_password=False))
        where.execute(f"SET session_replication_role = replica; {statement}")
        return
    with contextlib.closing(sqlite3.connect(str(address.database))) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        again = [sql for _, sql in triggers]
        connection.executescript(";".join([*(f"DROP TRIGGER {name}" for name, _ in triggers), statement, *again]))


class Damaging:
    """Copies that do not restore everything."""

    def __init__(self, copies: Copies, statement: str) -> None:
        self.copies, self.statement = copies, statement

    def reading(self, connection: Connection, /) -> contextlib.AbstractContextManager[BufferedIOBase]:
        return self.copies.reading(connection)

    @contextlib.contextmanager
    def filling(self, into: URL, /) -> Iterator[BufferedIOBase]:
        with self.copies.filling(into) as place:
            yield place
        damage(into, self.statement)

    def fresh(self, near: URL, folder: Path, /) -> contextlib.AbstractContextManager[URL]:
        return self.copies.fresh(near, folder)


def test_a_drill_proves_a_restore(settings: Settings, held: Holding, copies: Copies) -> None:
    steps = list(drill(settings, copies))
    assert [step.name for step in steps] == STEPS
    assert failed(steps) == {}
    compared = {step.name: int(step.detail.split()[0]) for step in steps if step.name in NAMES}
    assert compared["SHA-256 of every export"] == 6
    assert compared["keys and sessions"] >= 2 + 2 * len(held.people)
    assert compared["logs, event by event"] == 2
    assert compared["snapshot digests"] >= 2
    assert compared["digests of what was shared"] == 4
    assert compared["checklist digests"] == 1
    assert compared["rows per table and state"] > 25
    assert compared["constraints and guards"] >= 10


@pytest.mark.parametrize(
    ("statement", "red"),
    [
        ("DELETE FROM answer_history", {"rows per table and state"}),
        ("DELETE FROM answer WHERE state = 'QZB'", {"rows per table and state", "SHA-256 of every export"}),
        ("UPDATE answer SET remark = 'another' WHERE state = 'QZA'", {"SHA-256 of every export"}),
        ("UPDATE api_key SET revoked_at = NULL", {"keys and sessions"}),
        ("DELETE FROM audit_event WHERE number = 2", {"rows per table and state", "logs, event by event"}),
        ("UPDATE audit_event SET actor = 'key:another' WHERE number = 2", {"logs, event by event"}),
        ("UPDATE audit_head SET number = 1", {"logs, event by event"}),
        ("UPDATE snapshot SET content = '{}'", {"snapshot digests"}),
        ("UPDATE received_copy SET content = '{}'", {"digests of what was shared"}),
        ("UPDATE alembic_version SET version_num = '0001'", {"schema at head"}),
        ("DROP INDEX ix_answer_state_assessment_site", {"constraints and guards"}),
    ],
)
def test_a_restore_that_lost_something_goes_red(
    settings: Settings, held: Holding, copies: Copies, statement: str, red: set[str]
) -> None:
    steps = list(drill(settings, Damaging(copies, statement)))
    assert [step.name for step in steps] == STEPS
    assert failed(steps).keys() == red


def test_a_lock_that_was_changed_goes_red(world: World, settings: Settings, held: Holding, copies: Copies) -> None:
    damage(make_url(world.owner_url), "UPDATE checklist_version SET lock = replace(lock, 'border', 'harbour')")
    with frozen(settings.backup) as connection:
        found = proofs.locks(connection)
    assert "unga-73-11" in found.faults[0]
    assert compare("x", found, found).differences == (f"before: {found.faults[0]}", f"after: {found.faults[0]}")
    steps = list(drill(settings, copies))
    assert steps[-1].name == "stopped"  # what cannot be trusted is not exported
    assert not steps[-1].good


@pytest.mark.long
def test_the_copy_is_of_one_moment_while_others_write(
    world: World, settings: Settings, held: Holding, copies: Copies
) -> None:
    caller, stop, written = world.caller("QZA"), threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            answer = ask(caller, "PUT", "/v1/assessments/{assessment}/answers/{question}", held)
            assert answer.status_code == 200, answer.text
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        rounds = [failed(list(drill(settings, copies))) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert rounds == [{}] * 3
    assert written > 10


def test_the_command_restores_what_the_command_backed_up(
    settings: Settings,
    held: Holding,
    copies: Copies,
    command: Callable[..., Result],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    to = tmp_path / "kept"
    made = command("backup", str(to))
    assert made.exit_code == 0, made.output
    assert to.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith((".", "kept"))] == ["kept"]
    again = command("backup", str(to))
    assert (again.exit_code, "there already" in again.output) == (1, True)
    over = command("restore", str(to))
    assert (over.exit_code, "overwritten" in over.output) == (1, True)
    with frozen(settings.backup) as connection:
        before = [proof.read(connection) for proof in PROOFS]
    with copies.fresh(settings.drill, tmp_path) as place:
        monkeypatch.setenv("STOCKTAKE_DATABASE_URL", place.render_as_string(hide_password=False))
        done = command("restore", str(to))
        assert done.exit_code == 0, done.output
        with frozen(seen_whole(settings, place)) as connection:
            after = [proof.read(connection) for proof in PROOFS]
    assert before == after


def test_the_command_prints_a_table_or_json(
    held: Holding, command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = command("drill")
    assert shown.exit_code == 0, shown.output
    assert [line.split()[0] for line in shown.output.splitlines()] == ["ok"] * len(STEPS)
    assert [step["name"] for step in json.loads(command("drill", "--json").output)] == STEPS
    monkeypatch.setattr(drilling, "PROOFS", (proofs.Proof("wrong", lambda _: Reading({}, ("broken",))),))
    red = command("drill")
    assert (red.exit_code, "FAILED" in red.output) == (1, True)


def test_a_database_that_does_not_answer_stops_the_drill(programs: Path) -> None:
    gone = Settings(database_url="postgresql://nobody:hunter2-canary@127.0.0.1:1/none")
    (step,) = drill(gone, copies_of(gone.database, programs))
    assert (step.name, step.good) == ("stopped", False)
    assert "hunter2" not in step.detail


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-journal"])
def test_sqlite_is_not_restored_over_what_is_there(tmp_path: Path, sqlite_url: str, end: str) -> None:
    settings, copies = Settings(database_url=sqlite_url), sqlite_copies.SqliteCopies()
    back_up(settings, copies, tmp_path / "kept", ())
    (tmp_path / f"place.db{end}").write_bytes(b"")
    with pytest.raises(CopyFailed, match="not overwritten"):
        restore(copies, tmp_path / "kept", make_url(f"sqlite:///{tmp_path / 'place.db'}"), ())


def test_a_damaged_sqlite_file_is_refused_and_nothing_is_left(tmp_path: Path, sqlite_url: str) -> None:
    settings, copies, to = Settings(database_url=sqlite_url), sqlite_copies.SqliteCopies(), tmp_path / "kept"
    back_up(settings, copies, to, ())
    data = bytearray(to.read_bytes())
    data[8192:16384] = bytes(8192)
    (tmp_path / "torn").write_bytes(data)
    (tmp_path / "text").write_text("no database " * 1000)
    for wrong in ("torn", "text", "nowhere"):
        with pytest.raises(CopyFailed):
            restore(copies, tmp_path / wrong, make_url(f"sqlite:///{tmp_path / 'place.db'}"), ())
    assert not [path for path in tmp_path.iterdir() if "place.db" in path.name]
    with contextlib.closing(sqlite3.connect(tmp_path / "half.db")) as half:
        half.executescript("CREATE TABLE a (id PRIMARY KEY); CREATE TABLE b (a REFERENCES a); INSERT INTO b VALUES (1)")
    with pytest.raises(CopyFailed, match="refers to nothing"):
        restore(copies, tmp_path / "half.db", make_url(f"sqlite:///{tmp_path / 'place.db'}"), ())


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    settings, copies = Settings(database_url=f"sqlite:///{tmp_path / 'none.db'}"), sqlite_copies.SqliteCopies()
    with pytest.raises(CopyFailed, match="no database"):
        back_up(settings, copies, tmp_path / "kept", ())
    assert [step.good for step in drill(settings, copies)] == [False]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, sqlite_url: str) -> None:
    with pytest.raises(CopyFailed, match="cannot be written"):
        back_up(Settings(database_url=sqlite_url), sqlite_copies.SqliteCopies(), tmp_path / "none" / "kept", ())


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def walled(postgres_url: str) -> Settings:
    """Answers behind row-level security: seen by the role of backups, hidden from everyone else."""
    settings = Settings(database_url=served_by(postgres_url), pool=4)
    world = World(create_app(settings), settings, postgres_url)
    fill(world, "QZA", "north")
    world.database.close()
    return settings_of(world)


def test_the_role_of_backups_sees_through_the_wall(walled: Settings, programs: Path) -> None:
    with frozen(walled.backup) as connection:
        assert int(proofs.rows(connection).values["answer QZA"]) > 2
        assert "policy answer.own_state" in proofs.guards(connection).values
    steps = list(drill(walled, postgres_copies.PostgresCopies(programs)))
    assert failed(steps) == {}
    assert [step.name for step in steps] == STEPS


@pytest.mark.parametrize("role", ["run", "owner"])
def test_a_role_that_the_wall_binds_cannot_back_up(
    walled: Settings, postgres_url: str, programs: Path, tmp_path: Path, role: str
) -> None:
    copies = postgres_copies.PostgresCopies(programs)
    bound = Settings(database_url=walled.database_url, backup_url=getattr(roles_of(postgres_url), role))
    with pytest.raises(CopyFailed, match="BYPASSRLS"):
        back_up(bound, copies, tmp_path / "kept", ())
    assert list(tmp_path.iterdir()) == []
    (step,) = drill(bound, copies)
    assert "BYPASSRLS" in step.detail


class Emptied(postgres_copies.PostgresCopies):
    """Copies as they are made where row-level security is left on: in silence, without the rows it hides."""

    owner: URL

    @contextlib.contextmanager
    def reading(self, _: Connection) -> Iterator[BufferedIOBase]:
        with self._running("pg_dump", self.owner, "--format=custom", "--enable-row-security") as program:
            assert isinstance(program.stdout, BufferedIOBase)
            yield program.stdout


def test_a_dump_that_is_silently_empty_goes_red(walled: Settings, postgres_url: str, programs: Path) -> None:
    copies = Emptied(programs)
    copies.owner = make_url(postgres_url)
    red = failed(list(drill(walled, copies)))
    kept = {"schema at head", "constraints and guards", "checklist digests"}
    assert red.keys() == {proof.name for proof in PROOFS} - kept
    assert "agency: " in red["rows per table and state"]
    assert "→ 0" in red["rows per table and state"]


def test_what_a_drill_made_is_gone_afterwards(walled: Settings, programs: Path) -> None:
    copies = postgres_copies.PostgresCopies(programs)
    assert failed(list(drill(walled, copies))) == {}
    with pytest.raises(psycopg.errors.UndefinedTable):
        list(drill(walled, Damaging(copies, "DROP TABLE nowhere")))
    with frozen(walled.backup) as connection:
        names = [str(row[0]) for row in connection.execute(text("SELECT datname FROM pg_database"))]
    assert not [name for name in names if name.startswith("stocktake_drill")]


def test_a_role_that_may_not_create_a_database_is_told(walled: Settings, programs: Path) -> None:
    settings = Settings(database_url=walled.database_url, backup_url=walled.backup_url)
    steps = list(drill(settings, postgres_copies.PostgresCopies(programs)))
    assert "STOCKTAKE_DRILL_URL" in failed(steps)["stopped"]


def test_programs_that_are_not_there_are_said(walled: Settings, tmp_path: Path) -> None:
    with pytest.raises(CopyFailed, match="--programs"):
        back_up(walled, postgres_copies.PostgresCopies(tmp_path), tmp_path / "kept", ())


def test_a_password_is_not_seen_by_other_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments of a process are public on its machine, its environment is not."""
    seen: list[tuple[list[str], dict[str, str]]] = []

    def start(command: list[str], *, env: dict[str, str], **pipes: Any) -> subprocess.Popen[bytes]:  # noqa: ANN401  # as Popen
        seen.append((command, env))
        return popen(["true"], **pipes)

    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", start)
    address = make_url("postgresql+psycopg://backup:hunter2-canary%2F@db.example:5433/stock?sslmode=verify-full")
    with postgres_copies.PostgresCopies(None)._running("pg_dump", address):
        pass
    ((command, environment),) = seen
    assert "hunter2" not in " ".join(command)
    assert environment["PGPASSWORD"] == "hunter2-canary/"
    assert command == ["pg_dump", "--dbname=postgresql://backup@db.example:5433/stock?sslmode=verify-full"]


# ── proofs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_differences_are_told_in_short() -> None:
    before = Reading({f"n{n}": str(n) for n in range(9)} | {"long": "x" * 200})
    after = Reading({"n0": "0", "long": "y" * 200})
    found = compare("p", before, after)
    assert found.compared == 10
    assert found.differences == ("long: it is another", "n1: 1 → absent", "n2: 2 → absent", "and 6 more")
    assert compare("p", before, before).differences == ()


def test_what_is_exported_is_what_the_api_gives(world: World, settings: Settings, held: Holding) -> None:
    given = world.caller("QZA").get(f"/v1/assessments/{held.assessment}/export.json")
    with frozen(settings.backup) as connection:
        digest = proofs.exports(connection).values[f"QZA {held.assessment}"]
    assert digest == hashlib.sha256(given.content).hexdigest()
