"""The throw-away PostgreSQL leaves nothing behind, however it ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from postgres_server import PREFIX, PostgresServer, postgres_server, sweep

STARTS_AND_WAITS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from postgres_server import PostgresServer
server = PostgresServer()
print(server.pid, server.folder, flush=True)
time.sleep(60)
"""


def alive(pid: int) -> bool:
    """Whether the process is there and not merely waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone_within(seconds: float, pid: int) -> bool:
    until = time.monotonic() + seconds
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pid)


def version(server: PostgresServer) -> int:
    with psycopg.connect(server.url().replace("+psycopg", "")) as connection:
        return connection.info.server_version // 10000


def test_it_answers_while_the_block_runs_and_leaves_nothing() -> None:
    with postgres_server() as server:
        assert version(server) >= 15
        pid, folder = server.pid, server.folder
        assert folder.exists()
    assert not alive(pid)
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become nobody")
def test_without_namespaces_root_becomes_nobody() -> None:
    server = PostgresServer(namespaces=False)
    try:
        assert Path(f"/proc/{server.pid}").owner() == "nobody"
        assert version(server) >= 15
    finally:
        server.stop()
    assert not server.folder.exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="dying with the parent is asked of Linux")
def test_it_dies_with_a_parent_that_is_killed_and_is_swept_up_later() -> None:
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", STARTS_AND_WAITS, here], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        first, _, name = parent.stdout.readline().strip().partition(" ")
        pid, folder = int(first), Path(name)
        assert alive(pid)
        parent.kill()
    assert gone_within(10, pid)
    assert folder.exists()  # nobody was left to remove it …
    sweep(folder.parent)
    assert not folder.exists()  # … until the next start


def test_what_belongs_to_somebody_alive_is_not_swept_up(tmp_path: Path) -> None:
    mine = tmp_path / f"{PREFIX}{os.getpid()}-x"
    strange = tmp_path / f"{PREFIX}not-a-number"
    mine.mkdir()
    strange.mkdir()
    sweep(tmp_path)
    assert mine.exists()
    assert strange.exists()
