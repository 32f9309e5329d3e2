"""What `check` says of real databases, and what `serve` does about it."""

import json
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import make_url
from typer.testing import CliRunner

from conftest import World
from operating.conftest import Roles
from service.access.policy import Scope
from service.access.usecases import create_key
from service.cli import app
from service.db import session
from service.db.migrating import upgrade
from service.operating import store
from service.operating.checking import examine
from service.operating.rules import Verdict
from service.settings import Settings

WEAK = {"fsync", "full_page_writes", "synchronous_commit"}


def verdicts(settings: Settings, host: str = "127.0.0.1") -> dict[str, Verdict]:
    return {one.check: one.verdict for one in examine(settings, host) if one.verdict not in {"ok", "note"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file.db"
    upgrade(make_url(f"sqlite:///{path}"))
    return path


def settings_of(file: Path) -> Settings:
    return Settings(database_url=f"sqlite:///{file}")


def test_a_new_sqlite_file_is_fit(file: Path) -> None:
    assert verdicts(settings_of(file)) == {}
    assert verdicts(settings_of(file), "0.0.0.0") == {"host names": Verdict.REFUSED}  # noqa: S104


@pytest.mark.parametrize(
    ("pragma", "instead", "check"),
    [
        ("journal_mode=WAL", "journal_mode=DELETE", "journal"),
        ("synchronous=FULL", "synchronous=NORMAL", "synchronous"),
        ("synchronous=FULL", "synchronous=OFF", "synchronous"),
        ("foreign_keys=ON", "foreign_keys=OFF", "foreign keys"),
    ],
)
def test_a_weaker_sqlite_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, instead: str, check: str
) -> None:
    assert pragma in session.PRAGMAS
    monkeypatch.setattr(session, "PRAGMAS", [instead if one == pragma else one for one in session.PRAGMAS])
    assert verdicts(settings_of(file)) == {check: Verdict.REFUSED}
    accepting = Settings(database_url=f"sqlite:///{file}", accept_weak_durability=True)
    kept = Verdict.REFUSED if check == "foreign keys" else Verdict.ACCEPTED
    assert verdicts(accepting) == {check: kept}


def test_a_file_that_others_may_read_or_replace_is_refused(file: Path) -> None:
    file.chmod(0o644)
    assert verdicts(settings_of(file)) == {}  # nobody gets into the folder
    file.parent.chmod(0o755)
    assert verdicts(settings_of(file)) == {"file": Verdict.REFUSED}
    file.chmod(0o600)
    assert verdicts(settings_of(file)) == {}
    file.parent.chmod(0o777)
    assert verdicts(settings_of(file)) == {"folder": Verdict.REFUSED}
    file.parent.chmod(0o700)


def test_a_file_on_a_network_is_refused(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {tmp_path} rw - nfs4 server:/ rw\n")
    monkeypatch.setattr(store, "MOUNTS", mounts)
    assert verdicts(settings_of(file)) == {"file system": Verdict.REFUSED}


def enter(file: Path, state: str) -> None:
    """Give a state a key."""
    database = session.Database(f"sqlite:///{file}", 2)
    with database.transaction(writes=True, state=state) as connection:
        create_key(connection, state, "x", scopes=frozenset({Scope.READ}), days=1, now=datetime.now(UTC))
    database.close()


def test_a_file_of_two_states_is_refused_unless_that_was_said(file: Path) -> None:
    for state in ("QZA", "XSG", "XDN"):
        enter(file, state)
        assert verdicts(settings_of(file)) == {}
    enter(file, "QZB")
    assert verdicts(settings_of(file)) == {"states in one file": Verdict.REFUSED}
    accepting = Settings(database_url=f"sqlite:///{file}", states_in_one_file=True, hosts="a.example")
    for host in ("127.0.0.1", "10.0.0.1"):
        assert verdicts(accepting, host) == {"states in one file": Verdict.ACCEPTED}


def test_a_database_of_two_states_behind_walls_is_fit(world: World) -> None:
    if not world.database.is_sqlite:
        world.key("QZA"), world.key("QZB")
        assert "states in one file" not in {one.check for one in examine(world.settings, "127.0.0.1")}


def test_looking_makes_no_file(tmp_path: Path) -> None:
    assert verdicts(settings_of(tmp_path / "none.db")) == {"schema": Verdict.REFUSED}
    assert list(tmp_path.iterdir()) == []


def test_an_older_schema_is_refused(tmp_path: Path) -> None:
    upgrade(make_url(f"sqlite:///{tmp_path / 'old.db'}"), "0001")
    assert verdicts(settings_of(tmp_path / "old.db")) == {"schema": Verdict.REFUSED}


def test_what_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database, but long enough to be looked at" * 30)
    assert verdicts(settings_of(tmp_path / "x.db")) == {"database": Verdict.REFUSED}
    gone = Settings(database_url="postgresql://nobody:hunter2-canary@127.0.0.1:1/none")
    assert verdicts(gone) == {"database": Verdict.REFUSED}
    assert "hunter2" not in str(examine(gone, "127.0.0.1"))


def test_postgresql_without_fsync_is_refused_and_accepted_for_a_try_out(roles: Roles) -> None:
    assert verdicts(Settings(database_url=roles.run)) == dict.fromkeys(WEAK, Verdict.REFUSED)
    accepting = Settings(database_url=roles.run, accept_weak_durability=True, hosts="a.example")
    assert verdicts(accepting) == dict.fromkeys(WEAK, Verdict.ACCEPTED)
    far = {"weak durability": Verdict.REFUSED} | dict.fromkeys(WEAK, Verdict.REFUSED)
    assert verdicts(accepting, "10.0.0.1") == far


def test_what_counts_is_what_the_role_runs_with(roles: Roles) -> None:
    place = f"ROLE {make_url(roles.run).username} IN DATABASE {make_url(roles.run).database}"
    roles.execute(f"ALTER {place} SET synchronous_commit = on")
    assert verdicts(Settings(database_url=roles.run)).keys() == WEAK - {"synchronous_commit"}
    roles.execute(f"ALTER {place} RESET synchronous_commit")


def test_a_role_that_row_level_security_does_not_bind_is_refused(roles: Roles) -> None:
    for url, check in ((roles.backup, "BYPASSRLS"), (roles.admin, "superuser")):
        assert verdicts(Settings(database_url=url, accept_weak_durability=True))[check] is Verdict.REFUSED
    for url in (roles.run, roles.owner):
        assert {"BYPASSRLS", "superuser"}.isdisjoint(verdicts(Settings(database_url=url)))
    assert notes(roles.owner) == {"owner", "rights"}
    assert notes(roles.run) == set()


@pytest.mark.parametrize(
    ("harm", "check", "verdict", "told"),
    [
        ("DROP POLICY own_state ON answer", "walls between states", Verdict.REFUSED, "answer: no policy"),
        (
            "CREATE VIEW shown AS SELECT * FROM answer",
            "walls between states",
            Verdict.REFUSED,
            "shown is no plain table",
        ),
        ("GRANT UPDATE ON snapshot TO stocktake_run", "rights", Verdict.NOTE, "snapshot: stocktake_run has INSERT"),
        ("REVOKE ALL ON answer FROM stocktake_run", "rights", Verdict.NOTE, "answer: stocktake_run has no rights"),
    ],
)
def test_a_wall_that_is_down_is_seen(roles: Roles, harm: str, check: str, verdict: Verdict, told: str) -> None:
    roles.execute(harm)
    found = {one.check: one for one in examine(Settings(database_url=roles.run), "127.0.0.1")}
    assert (found[check].verdict, found[check].detail.startswith(told)) == (verdict, True)


def notes(url: str) -> set[str]:
    found = examine(Settings(database_url=url, accept_weak_durability=True), "127.0.0.1")
    return {one.check for one in found if one.verdict is Verdict.NOTE}


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, words)
    return done.exit_code, done.output


def test_the_command_prints_every_check(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", f"sqlite:///{file}")
    code, said = run("check", "--json")
    assert code == 0
    assert {one["verdict"] for one in json.loads(said)} <= {"ok", "note"}
    assert len(json.loads(said)) == 11
    code, said = run("check")
    assert (code, len(said.splitlines())) == (0, 11)
    code, said = run("check", "--host", "10.0.0.1")
    assert code == 1
    assert "STOCKTAKE_HOSTS" in said


def test_serving_is_refused_where_check_refuses(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, object]] = []
    monkeypatch.setattr(uvicorn, "run", lambda _, **options: started.append(options))
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", f"sqlite:///{file}")
    monkeypatch.setenv("STOCKTAKE_DEBUG", "true")
    monkeypatch.setenv("STOCKTAKE_HOSTS", "a.example")
    code, said = run("serve", "--host", "10.0.0.1")
    assert (code, started) == (1, [])
    assert '"check": "debug"' in said
    assert run("serve")[0] == 0
    for state in ("QZA", "QZB"):
        enter(file, state)
    code, said = run("serve")
    assert (code, '"check": "states in one file"' in said, len(started)) == (1, True, 1)
    monkeypatch.setenv("STOCKTAKE_STATES_IN_ONE_FILE", "true")
    monkeypatch.delenv("STOCKTAKE_DEBUG")
    assert run("serve", "--host", "10.0.0.1")[0] == 0
    assert [one["host"] for one in started] == ["127.0.0.1", "10.0.0.1"]
    assert all(one["access_log"] is False and one["proxy_headers"] is False for one in started)


def test_a_file_that_is_made_is_its_owners_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import service.cli  # noqa: PLC0415

    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    monkeypatch.setattr("sys.argv", ["stocktake-service", "migrate"])
    before = os.umask(0o022)
    with pytest.raises(SystemExit):
        service.cli.main()
    os.umask(before)
    assert (tmp_path / "new.db").stat().st_mode & 0o777 == 0o600
    sqlite3.connect(tmp_path / "loose.db").execute("CREATE TABLE a (b)").connection.close()
    assert (tmp_path / "loose.db").stat().st_mode & 0o777 != 0o600
