"""``make bench``: what the service's hot paths cost in CPU, against the bare drivers doing the same SQL in one run.

Ratios, not times: service and raw routes take turns, each in a server process of its own, so that whatever else the
machine does disturbs both. Bounds and method are in docs/performance.md.
"""

import argparse
import contextlib
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from os import cpu_count
from pathlib import Path
from statistics import median

import httpx
import psycopg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import make_url

from benchmarks.load import Server, serving
from benchmarks.raw_routes import create_raw_app
from benchmarks.scene import PAGE, ROWS, Request, Scene, build, prepare
from benchmarks.statements import Recorded, record
from conftest import OWNER, RUNTIME
from postgres_server import postgres_server
from service.app import create_app
from service.db.roles import grant
from service.settings import Settings
from stocktake import Client

CONNECTIONS = 4
READ = f"read {PAGE} answers"
ONE = "write one answer, with its history"
MANY = f"write {ROWS:,} answers in one call"
SDK = "SDK call against httpx"
BOUNDS = {READ: 2.5, ONE: 2.5, MANY: 4.0, SDK: 1.3}
REQUESTS = {READ: 120, ONE: 120, MANY: 4, SDK: 150}
"""Of each side in one round: about a quarter of a second."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the result; times in milliseconds of CPU a request."""

    database: str
    what: str
    ours: float
    raw: float
    ratio: float
    lowest: float
    highest: float
    bound: float

    @property
    def held(self) -> bool:
        return self.ratio <= self.bound


@dataclass(frozen=True, slots=True)
class Options:
    rounds: int
    show_sql: bool


Side = Callable[[int], float]
"""Does so many requests and gives the CPU seconds they took."""
Databases = Iterator[tuple[str, str, str]]
"""Name, address for the service, address of a copy for the raw routes."""


def compare(database: str, what: str, ours: Side, raw: Side, rounds: int) -> Measured:
    """Take turns, A B B A; the median of the ratios of the rounds."""
    count = REQUESTS[what]
    ours(count), raw(count)  # warm: statements prepared, pages in memory
    pairs = []
    for number in range(rounds):
        if number % 2:
            second, first = raw(count), ours(count)
        else:
            first, second = ours(count), raw(count)
        pairs.append((first / count * 1000, second / count * 1000))
    ratios = sorted(first / second for first, second in pairs)
    ours_ms, raw_ms = (median(pair[side] for pair in pairs) for side in (0, 1))
    return Measured(database, what, ours_ms, raw_ms, median(ratios), ratios[0], ratios[-1], BOUNDS[what])


def requests_of(server: Server, requests: Sequence[Request]) -> Side:
    """The CPU of a server for a number of requests, in turn."""
    wires = [request.wire() for request in requests]

    def side(count: int) -> float:
        many = [wires[n % len(wires)] for n in range(count)]
        before = server.cpu()
        server.send(many)
        return server.cpu() - before

    return side


def calls_of(call: Callable[[], object]) -> Side:
    """Our own CPU for a number of calls."""

    def side(count: int) -> float:
        before = time.thread_time()
        for _ in range(count):
            call()
        return time.thread_time() - before

    return side


def check_same(ours: Server, raw: Server, scene: Scene) -> None:
    """Both sides answer alike and write alike, or the comparison is worth nothing."""
    for requests in (scene.many[:1], scene.one[:1], scene.read):
        wires = [request.wire() for request in requests]
        answers = [_content(json.loads(server.send(wires))) for server in (ours, raw)]
        if answers[0] != answers[1]:
            raise SystemExit(f"The raw route answers otherwise:\n{answers[0]!s:.2000}\n{answers[1]!s:.2000}")


VARIES = frozenset({"updated_at", "version", "next", "level"})
"""What differs from run to run; and the level, which only a rule can tell."""


def _content(value: object) -> object:
    """An answer without what differs, and without empty fields."""
    if isinstance(value, list):
        return [_content(item) for item in value]
    if isinstance(value, dict):
        kept = {name: _content(item) for name, item in value.items() if name not in VARIES}
        return {name: item for name, item in kept.items() if item is not None}
    return value


def measure(database: str, urls: tuple[str, str], scene: Scene, recorded: Recorded, rounds: int) -> Iterator[Measured]:
    """Every line of one database."""
    settings = Settings(database_url=urls[0], rate=1_000_000)
    with serving(create_app, settings) as ours, serving(create_raw_app, urls[1], recorded) as raw:
        ours.connect(CONNECTIONS)
        raw.connect(CONNECTIONS)
        check_same(ours, raw, scene)
        for what, requests in ((READ, scene.read), (ONE, scene.one), (MANY, scene.many)):
            yield compare(database, what, requests_of(ours, requests), requests_of(raw, requests), rounds)
        yield from _sdk(database, ours, scene, rounds)


def _sdk(database: str, server: Server, scene: Scene, rounds: int) -> Iterator[Measured]:
    url = f"http://127.0.0.1:{server.port}"
    headers = {"authorization": f"Bearer {scene.key}"}
    path = f"/v1/assessments/{scene.assessment}/answers/{scene.question}"
    with Client(url, scene.key) as client, httpx.Client(base_url=url, headers=headers, trust_env=False) as plain:

        def ours() -> object:
            return client.answers.get(scene.assessment, scene.question, site=scene.site)

        def raw() -> object:
            return plain.get(path, params={"site": scene.site}).raise_for_status().json()

        yield compare(database, SDK, calls_of(ours), calls_of(raw), rounds)


def databases(folder: Path) -> Iterator[tuple[str, tuple[str, str], Scene]]:
    """Both databases, filled, each with a copy of its own for the raw routes."""
    path = folder / "service.db"
    url = f"sqlite:///{path}"
    scene = build(url, prepare(url))
    shutil.copyfile(path, folder / "raw.db")
    yield "SQLite", (url, f"sqlite:///{folder / 'raw.db'}"), scene
    with postgres_server() as server:
        with psycopg.connect(server.url().replace("+psycopg", ""), autocommit=True) as connection:
            for role in (OWNER, RUNTIME):  # row-level security holds neither superusers nor, unforced, owners
                connection.execute(f"CREATE ROLE {role} LOGIN".encode())
            connection.execute(f"CREATE DATABASE service OWNER {OWNER}".encode())
            url = server.url("service", user=OWNER)
            checklist = prepare(url)
            grant(make_url(url), RUNTIME)
            scene = build(server.url("service", user=RUNTIME), checklist)
            connection.execute(f"CREATE DATABASE raw OWNER {OWNER} TEMPLATE service".encode())
        yield "PostgreSQL", (server.url("service", user=RUNTIME), server.url("raw", user=RUNTIME)), scene


def run(options: Options, console: Console) -> list[Measured]:
    """Measure everything, with progress where somebody watches."""
    found: list[Measured] = []
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="stocktake-bench-")))
        progress = stack.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        task = progress.add_task("filling SQLite", total=2 * len(BOUNDS))
        for database, urls, scene in databases(folder):
            recorded = record(urls[1], scene)
            if options.show_sql:
                show_sql(database, recorded)
            for measured in measure(database, urls, scene, recorded, options.rounds):
                found.append(measured)
                progress.update(task, advance=1, description=f"{database}: {measured.what}")
    return found


def show_sql(database: str, recorded: Recorded) -> None:
    """The statements both sides execute."""
    for kind, statements in recorded.items():
        for statement in statements:
            times = " (for every row)" if statement.many else ""
            print(f"-- {database}, {kind}{times}\n{statement.sql.strip()};\n")
    print("-- and at the end COMMIT, or ROLLBACK after a read\n")


def show(found: Sequence[Measured]) -> None:
    """The result as a table."""
    table = Table("database", "what", "service ms", "raw ms", "ratio", "from – to", "at most", "", highlight=False)
    for line in found:
        times = (f"{line.ours:.2f}", f"{line.raw:.2f}")
        spread = f"{line.lowest:.2f} – {line.highest:.2f}"
        verdict = "ok" if line.held else "MISSED"
        table.add_row(line.database, line.what, *times, f"{line.ratio:.2f}", spread, f"{line.bound}", verdict)
    Console(width=120).print(table)
    print(", ".join(f"{name} {value}" for name, value in machine().items()))


def machine() -> Mapping[str, str]:
    """What the figures depend on."""
    parts = ("fastapi", "uvicorn", "uvloop", "sqlalchemy", "psycopg", "pydantic", "orjson", "httpx")
    return {"cores": str(cpu_count()), "Python": platform.python_version()} | {part: version(part) for part in parts}


def main() -> int:
    """1 with ``--check`` when a bound is missed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="turns a line (15)")
    parser.add_argument("--quick", action="store_true", help="3 turns: whether it runs, not what it costs")
    parser.add_argument("--check", action="store_true", help="exit 1 when a bound is missed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--show-sql", action="store_true", help="print the statements both sides execute")
    given = parser.parse_args()
    found = run(Options(3 if given.quick else given.rounds, given.show_sql), Console(stderr=True))
    if given.json:
        lines = [asdict(line) | {"held": line.held} for line in found]
        print(json.dumps({"machine": machine(), "lines": lines}, indent=2))
    else:
        show(found)
    return int(given.check and not all(line.held for line in found))


if __name__ == "__main__":
    sys.exit(main())
