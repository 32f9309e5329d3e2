"""Set a document as PDF/A-3a and PDF/UA-1, in a child process that can be killed."""

import json
import logging
import os
import signal
import struct
import subprocess
import sys
import tempfile
from datetime import datetime
from typing import ClassVar

from service.errors import Problem
from service.languages.words import mark
from service.reports.cleaning import Json

HEADER = struct.Struct(">QQq")
"""What the worker reads first: bytes of the document, bytes of the attachment, seconds since 1970."""
TOO_LARGE = 3
"""The worker's exit code when the report has more pages or bytes than one may have."""
WALL_SECONDS = 60.0
WORKER = (sys.executable, "-P", "-m", "service.reports.worker")
logger = logging.getLogger(__name__)


class ReportFailed(Problem):
    """The report could not be set; the log says why, the reader cannot mend it."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "report_failed"
    title: ClassVar[str] = mark("The report could not be made")


class ReportTooLarge(Problem):
    status: ClassVar[int] = 422
    code: ClassVar[str] = "report_too_large"
    title: ClassVar[str] = mark("The report is too large to print")


class ReportTimeout(Problem):
    status: ClassVar[int] = 500
    code: ClassVar[str] = "report_timeout"
    title: ClassVar[str] = mark("The report took too long to make")


def render(
    document: Json,
    attachment: bytes,
    moment: datetime,
    *,
    worker: tuple[str, ...] = WORKER,
    wall_seconds: float = WALL_SECONDS,
) -> bytes:
    """The document as PDF with ``attachment`` in it, under the name it gives; the same input, the same bytes."""
    body = json.dumps(document).encode()
    header = HEADER.pack(len(body), len(attachment), int(moment.timestamp()))
    with tempfile.TemporaryDirectory(prefix="report-") as folder:
        code, pdf, said = _run(worker, header + body + attachment, folder, wall_seconds)
    if code == 0 and pdf:
        return pdf
    logger.error("report worker ended with %s: %s", code, said[-2000:])
    if code == TOO_LARGE:
        raise ReportTooLarge("The report would have more pages or bytes than can be printed. Use the JSON export.")
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise ReportTimeout("The report took more computing time than one may. Try again, or use the JSON export.")
    raise ReportFailed("The report could not be made. Quote the request id to the operator; the JSON export works.")


def _run(worker: tuple[str, ...], given: bytes, folder: str, wall_seconds: float) -> tuple[int, bytes, str]:
    """Run the worker in its own process group and with next to no environment; nothing of it outlives this call."""
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": folder,
    }
    with subprocess.Popen(  # noqa: S603  # our own module, and no word of it comes from a caller
        worker,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment,
        start_new_session=True,
    ) as child:
        try:
            pdf, said = child.communicate(given, timeout=wall_seconds)
        except subprocess.TimeoutExpired:
            raise ReportTimeout(
                "The report was not ready after {seconds} seconds. Try again, or use the JSON export.",
                seconds=f"{wall_seconds:g}",
            ) from None
        finally:
            _end(child)
    return child.returncode, pdf, said.decode(errors="replace")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill the child with all it may have started, unless it has ended."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
