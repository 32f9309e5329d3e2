"""From nothing to a scored self-assessment of a fictional state, and its report as PDF; with ``--serve``, serve it.

The operator's part: a fresh SQLite database, the service on a free port, and what comes out of it. The answers are
given by ``border_system.py``, which knows the service's address and a key, and nothing else of it.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from offices import approve
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Connection, make_url

from service.access.policy import Scope
from service.access.usecases import create_key
from service.catalogue import translations
from service.catalogue.loader import LOCK, load_translations
from service.catalogue.lock import load_lock
from service.catalogue.store import publish
from service.db.migrating import upgrade
from service.db.session import Database
from stocktake import Assessment, Checks, Client, Coverage, Gap, Scores, StocktakeError, TransportError, verify
from stocktake.models.assessments import Band, Score

HERE = Path(__file__).parent
CHECKLIST = HERE.parent / "checklists" / "unga-73-11"
STATE = "QZA"
PATIENCE = 60.0
"""Seconds the service may take to start."""
GAPS = 5
"""How many gaps are printed."""
SIGNED_OFF = (
    "\nEach enters a second factor. A validator accepts the answers, the coordinator submits, the approver approves.\n"
    "Two sites reported late: the approver opens it again, and revision 2 is a draft."
)
BANDS: dict[Band, str] = {
    "not_started": "not started",
    "early": "early",
    "partial": "partial",
    "advanced": "advanced",
    "established": "established",
    "insufficient": "too little known",
    "not_applicable": "not applicable",
}


class DemoFailed(Exception):
    """A step that did not work, in a sentence for the terminal."""


def main() -> int:
    """Run the demo, or serve what it left; 130 when interrupted."""
    parser = argparse.ArgumentParser(description="A fictional state assesses itself.")
    parser.add_argument("--out", type=Path, default=HERE / "out", help="where everything is written")
    parser.add_argument("--serve", action="store_true", help="serve the database of an earlier run")
    parser.add_argument("--port", type=int, default=8000, help="port for --serve")
    given = parser.parse_args()
    console = Console(highlight=False)
    signal.signal(signal.SIGTERM, _stop)
    out: Path = given.out.resolve()
    try:
        if given.serve:
            serve(out, given.port, console)
        else:
            run(out, console)
    except (DemoFailed, StocktakeError, OSError) as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; the service is stopped.")
        return 130
    return 0


def run(out: Path, console: Console) -> None:
    """Everything, in order."""
    begun = time.monotonic()
    console.rule("A fictional state assesses itself: the Republic of Zandria (QZA)")
    key, password = prepare(out), invited(out)
    console.print(f"Database: {shown(database_path(out))}, migrated; checklist published in six languages; key made")
    with service(out) as (url, process), Client(url, key) as client:
        await_health(url, key, process)
        console.print(f"Service:  {url}")
        answer(url, key)
        [opened] = client.assessments.list(STATE)
        assessment = client.assessments.get(opened.id)
        console.print(score_table(client.assessments.scores(assessment.id)))
        console.print(funnel_table(client.assessments.coverage(assessment.id)))
        console.print(gap_table(list(client.assessments.gaps(assessment.id))))
        print_checks(client.assessments.checks(assessment.id), console)
        draft = write_draft(client, assessment, out)
        console.print(SIGNED_OFF)
        approved = approve(url, STATE, assessment.id, password)
    pdf = out / f"{STATE}-{assessment.cycle}.pdf"
    pdf.write_bytes(approved.pdf)
    proof = verified(pdf, approved.digest)
    console.rule(f"Done in {time.monotonic() - begun:.0f} seconds")
    console.print(f"Report:   {shown(pdf)}, approved as revision 1\n          {proof}", soft_wrap=True)
    console.print(f"Draft:    {shown(draft)}, as it stood before\nKey:      {shown(key_path(out))}")
    console.print("Look at it over the API with [bold]make run[/].")


def serve(out: Path, port: int, console: Console) -> None:
    """Say how to reach the service and become it."""
    if not database_path(out).exists() or not key_path(out).exists():
        raise DemoFailed(f"There is no demo in {shown(out)} yet: make it with `make demo`.")
    url, key = f"http://127.0.0.1:{port}", key_path(out).read_text(encoding="ascii").strip()
    console.print(f"The demo's service, until Ctrl-C: {url}\nKey of the state {STATE}: {key}\n\nTry:", soft_wrap=True)
    console.print(f"  curl -H 'Authorization: Bearer {key}' {url}/v1/states/{STATE}/assessments\n", soft_wrap=True)
    command, environment = serving(out, port)
    os.execve(command[0], command, environment)  # noqa: S606  # our own interpreter: Ctrl-C goes to the service itself


def prepare(out: Path) -> str:
    """A fresh database with the checklist in it; the key of the state, which is also kept in a file of its own."""
    out.mkdir(parents=True, exist_ok=True)
    for stale in (*out.glob("zandria.db*"), *out.glob(f"{STATE}-*"), out / "export.json", key_path(out)):
        stale.unlink(missing_ok=True)
    url = make_url(database_url(out))
    upgrade(url)
    database_path(out).chmod(0o600)  # the service does not start on a database that others may read
    database = Database(url, 2)
    now = datetime.now(UTC)
    with database.transaction(writes=True, state=STATE) as connection:
        publish_checklist(connection, now)
        key = create_key(connection, STATE, "demo", scopes=frozenset(Scope), days=90, now=now)
    database.close()
    with os.fdopen(os.open(key_path(out), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{key}\n")
    return key


def publish_checklist(connection: Connection, now: datetime) -> None:
    """Enter the locked checklist with the translations beside it."""
    lock = (CHECKLIST / LOCK).read_bytes()
    publish(connection, lock, now)
    overlays = [overlay for overlay, _ in load_translations(CHECKLIST).overlays]
    translations.replace(connection, load_lock(lock)[0], overlays, now)


@contextmanager
def service(out: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of the service, and its process; stopped in any case."""
    port = free_port()
    command, environment = serving(out, port)
    with (out / "service.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield f"http://127.0.0.1:{port}", process
    except TransportError as error:
        log_tail = (out / "service.log").read_text(encoding="utf-8", errors="replace")[-2000:]
        raise DemoFailed(f"The service does not answer ({error}). Its last words:\n{log_tail}") from error
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serving(out: Path, port: int) -> tuple[list[str], dict[str, str]]:
    """The command that serves, and its environment."""
    environment = {**os.environ, "STOCKTAKE_DATABASE_URL": database_url(out)}
    return [sys.executable, "-m", "service.cli", "serve", "--port", str(port)], environment


def await_health(url: str, key: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the service answers; no longer than it lives."""
    end = time.monotonic() + PATIENCE
    with Client(url, key, retries=0) as client:
        while True:
            try:
                client.health()
            except TransportError:
                if time.monotonic() > end or process.poll() is not None:
                    raise
                time.sleep(0.1)
            else:
                return


def answer(url: str, key: str) -> None:
    """Let the national border system answer: a program of its own, with an address and a key."""
    command = [sys.executable, str(HERE / "border_system.py"), url]
    if subprocess.run(command, env={**os.environ, "STOCKTAKE_KEY": key}, check=False).returncode:
        raise DemoFailed("The border system could not answer.")


def invited(out: Path) -> str:
    """Let the first coordinator in, as the operator does; the password for one sign-in."""
    people = [sys.executable, "-m", "service.cli", "people", "invite", "--state", STATE]
    rest = {name: value for name, value in os.environ.items() if not name.startswith("STOCKTAKE_")}
    environment = {**rest, "STOCKTAKE_DATABASE_URL": database_url(out)}
    command = [*people, "--login", "coordinator", "--role", "coordinator"]
    done = subprocess.run(command, cwd=HERE.parent, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoFailed(f"The coordinator could not be let in: {done.stderr.strip()}")
    return done.stdout.split()[-1]


def write_draft(client: Client, assessment: Assessment, out: Path) -> Path:
    """The report as long as nobody has approved it, and the export that is attached to it."""
    draft = out / f"{STATE}-{assessment.cycle}-draft.pdf"
    draft.write_bytes(client.reports.pdf(assessment.id))
    (out / "export.json").write_bytes(client.reports.export_json(assessment.id))
    return draft


def verified(pdf: Path, digest: str) -> str:
    """Whether the report proves what was approved, told without the service."""
    found = verify(pdf.read_bytes(), expected=digest)
    if found.outcome != "verified":
        raise DemoFailed(f"The report does not prove what was approved: {found.wrong}")
    return f"verified without the service: stocktake verify {shown(pdf)} --digest {digest}"


def score_table(scores: Scores) -> Table:
    """Each paragraph and the whole, in place and in use."""
    table = new_table("Scores by paragraph")
    for name in ("", "", "Score", "", "Supported", "Known", "Confidence", "Critical gaps"):
        table.add_column(name, justify="right" if name in ("Score", "Supported", "Known", "Critical gaps") else "left")
    lines = [(line.label, line.in_place, line.in_use) for line in scores.paragraphs]
    for label, in_place, in_use in [*lines, ("All", scores.in_place, scores.in_use)]:
        table.add_row(label, "In place", *score_cells(in_place))
        table.add_row("", "In use", *score_cells(in_use))
    return table


def score_cells(score: Score) -> tuple[str, ...]:
    """The interval, its word, and what it rests on."""
    low, high = score.low_percent, score.high_percent
    interval = "–" if low is None else f"{low} %" if low == high else f"{low}–{high} %"
    band = f"[bold]{BANDS[score.band]}[/]"
    critical = f"[red]{score.critical_gaps}[/]" if score.critical_gaps else "–"
    return (
        interval,
        band,
        percent(score.supported_percent),
        percent(score.known_percent),
        score.confidence or "–",
        critical,
    )


def percent(value: int | None) -> str:
    """Whole percent, or a dash where there is no number."""
    return "–" if value is None else f"{value} %"


def funnel_table(coverage: Coverage) -> Table:
    """How many sites reach each step."""
    table = new_table(f"Coverage of the {coverage.sites} sites in operation")
    table.add_column("Sites", no_wrap=True)
    for name in ("Reached", "Partly", "No", "Unknown", "Not applicable"):
        table.add_column(name, justify="right")
    for step in coverage.steps:
        counts = (step.reached, step.partly, step.none, step.unknown, step.not_applicable)
        table.add_row(step.title, *(str(count) if count else "–" for count in counts))
    return table


def gap_table(gaps: list[Gap]) -> Table:
    """The gaps of highest priority."""
    table = new_table(f"The first {min(GAPS, len(gaps))} of {len(gaps)} gaps")
    for name in ("Gap", "Question", "Level", "Target"):
        table.add_column(name, no_wrap=name != "Gap")
    for gap in gaps[:GAPS]:
        title = f"{escape(gap.title)} [red](critical)[/]" if gap.critical_gap else escape(gap.title)
        table.add_row(title, gap.question, standing(gap), str(gap.target))
    return table


def standing(gap: Gap) -> str:
    """Where the state, or how many of its sites, stand."""
    if gap.sites_asked is not None:
        return f"{gap.sites_below} of {gap.sites_asked} sites below"
    return "not known" if gap.level is None else str(gap.level)


def new_table(title: str) -> Table:
    """A table as all of them look; narrow enough for eighty columns."""
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False
    )


def print_checks(checks: Checks, console: Console) -> None:
    """What does not fit together."""
    for result in checks.results:
        where = f" ({', '.join(result.sites)})" if result.sites else ""
        console.print(f"[yellow]{result.severity.capitalize()}:[/] {escape(result.message)}{where}")


def database_path(out: Path) -> Path:
    """Where the database lies."""
    return out / "zandria.db"


def database_url(out: Path) -> str:
    """The same as the service wants it."""
    return f"sqlite:///{database_path(out)}"


def key_path(out: Path) -> Path:
    """Where the key lies, readable by its owner alone."""
    return out / "key"


def shown(path: Path) -> str:
    """A path as short as it can be from here."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
    return number


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
