"""The demo from an empty folder to its report, as a program of its own."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pdf_reading import attached
from stocktake import Export, verify

ROOT = Path(__file__).parents[2]


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "demo" / script), *arguments]
    return subprocess.run(
        command,
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "new folder"


@pytest.fixture(scope="module")
def ran(out: Path) -> subprocess.CompletedProcess[str]:
    """The demo, run once."""
    return run("demo.py", "--out", str(out))


@pytest.fixture(scope="module")
def export(ran: subprocess.CompletedProcess[str], out: Path) -> Export:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Export.model_validate_json((out / "export.json").read_bytes())


@pytest.mark.slow
def test_it_ends_well_and_says_where_things_lie(ran: subprocess.CompletedProcess[str], out: Path) -> None:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stderr == ""
    assert "refused [" not in ran.stdout
    assert "0 refused" in ran.stdout
    assert "QZA-2026.pdf" in ran.stdout
    assert "Contradiction:" in ran.stdout
    assert (out / "QZA-2026.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.slow
def test_the_report_was_approved_and_proves_it(ran: subprocess.CompletedProcess[str], out: Path) -> None:
    digest = ran.stdout.partition("--digest ")[2].split()[0]
    pdf = (out / "QZA-2026.pdf").read_bytes()
    assert list(attached(pdf)) == ["sealed.json"]
    found = verify(pdf, expected=digest)
    assert (found.wrong, found.outcome) == ((), "verified")
    draft = (out / "QZA-2026-draft.pdf").read_bytes()
    assert attached(draft) == {"export.json": [(out / "export.json").read_bytes()]}


@pytest.mark.slow
def test_the_key_is_for_its_owner_alone(export: Export, out: Path) -> None:
    assert stat.S_IMODE((out / "key").stat().st_mode) == 0o600


@pytest.mark.slow
def test_the_sites_in_operation_are_42_of_every_type(export: Export) -> None:
    assert len(export.sites) == 42
    assert {site.type for site in export.sites} == {
        "airport", "seaport", "land_crossing", "rail", "river_port", "customs_post", "immigration_post",
    }  # fmt: skip
    assert {"LND-HOL", "AIR-NOV"}.isdisjoint(site.code for site in export.sites)  # closed, and not open yet


@pytest.mark.slow
def test_every_score_is_printed_and_use_lags_behind(export: Export) -> None:
    scores = export.scores
    for line in scores.paragraphs:
        assert line.in_place.low_percent is not None, line.label
        if line.in_use.band == "not_applicable":
            assert line.label == "6"  # which asks for means only, and for what a mission would need
            continue
        assert line.in_use.low_percent is not None, line.label
        assert line.in_use.low_percent < line.in_place.low_percent, line.label
    bands = {score.band for line in scores.paragraphs for score in (line.in_place, line.in_use)}
    assert len(bands) >= 3
    assert scores.in_place.critical_gaps == 1


@pytest.mark.slow
def test_answers_of_every_kind_are_given_with_evidence_of_every_grade(export: Export) -> None:
    assert {answer.kind for answer in export.answers} == {
        "value", "other_means", "not_applicable", "unknown", "withheld",
    }  # fmt: skip
    assert {proof.grade for answer in export.answers for proof in answer.evidence} == {0, 1, 2, 3}
    assert {answer.certainty for answer in export.answers} == {"measured", "estimated", None}


@pytest.mark.slow
def test_cross_checks_find_what_does_not_fit(export: Export) -> None:
    found = {result.check: result.count for result in export.checks.results}
    assert found.keys() == {"slowest_below_median", "find_everywhere_but_here", "sites_differ_from_register"}
    assert found["find_everywhere_but_here"] == 3


@pytest.mark.long
@pytest.mark.slow
def test_it_can_be_run_again_and_says_the_same(export: Export, out: Path, tmp_path: Path) -> None:
    """In a copy: what was printed of the first run is compared with its files by others, before or after this."""
    over = shutil.copytree(out, tmp_path / "again")
    assert run("demo.py", "--out", str(over)).returncode == 0
    again = Export.model_validate_json((over / "export.json").read_bytes())
    assert again.scores == export.scores
    assert again.gaps == export.gaps
    assert again.assessment.id != export.assessment.id


@contextmanager
def heard() -> Iterator[None]:
    """Let what is started here hear Ctrl-C, also where we do not, as in the background of a script."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.long
@pytest.mark.slow
def test_an_interrupt_stops_the_service_too(tmp_path: Path) -> None:
    command = [sys.executable, "-u", str(ROOT / "demo" / "demo.py"), "--out", str(tmp_path)]
    with heard():
        running = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    with running:
        assert running.stdout is not None
        url = next(line.split()[1] for line in running.stdout if line.startswith("Service:"))
        os.killpg(running.pid, signal.SIGINT)  # what Ctrl-C does
        rest = running.stdout.read()
    assert running.returncode == 130, rest
    assert "Traceback" not in rest
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) != 0


@pytest.mark.long
@pytest.mark.slow
def test_a_service_that_cannot_start_is_told_with_its_own_words(tmp_path: Path) -> None:
    ran = run("demo.py", "--out", str(tmp_path), STOCKTAKE_POOL="1")
    assert ran.returncode == 1
    assert "Its last words" in ran.stdout
    assert "greater than or equal to 2" in ran.stdout


def test_serving_without_a_demo_says_what_to_do(tmp_path: Path) -> None:
    ran = run("demo.py", "--serve", "--out", str(tmp_path))
    assert ran.returncode == 1
    assert "make demo" in ran.stdout


def test_a_service_that_is_not_there_is_said_in_a_sentence() -> None:
    ran = run("border_system.py", "http://127.0.0.1:9", STOCKTAKE_KEY="stk_nobody")
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert "127.0.0.1" in ran.stdout or "Connect" in ran.stdout
