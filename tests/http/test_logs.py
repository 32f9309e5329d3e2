"""The log: one line for each request, warning and error; nothing in it that somebody wrote or that opens a door."""

import io
import json
import logging
import logging.config
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from fastapi import APIRouter, Response
from sqlalchemy import make_url, text
from starlette.testclient import TestClient

from conftest import World
from route_calls import ask, fill
from service.access.api import Guarded, Job, declared_actions, declares
from service.access.keys import Credential, write
from service.access.policy import Action
from service.app import create_app
from service.db.migrating import upgrade
from service.http import logs
from service.settings import Settings

REQUEST = ["at", "level", "event", "request_id", "method", "route", "status", "ms", "state", "caller"]
EVIL = "a\r\nb\x1b[31m\x7f\x9b2J\u2028\u202e\x00"
Line = dict[str, object]


class Terminal(io.StringIO):
    """A stream that says it is a screen."""

    def isatty(self) -> bool:
        return True


@contextmanager
def heard(*, quoting: bool = False, terminal: bool = False) -> Iterator[io.StringIO]:
    """What the log of a running service would hold, beside what pytest catches."""
    stream, root, ours = io.StringIO(), logging.getLogger(), logging.getLogger("stocktake")
    handler = logging.StreamHandler(stream)
    handler.setFormatter((logs.Readable if terminal else logs.Lines)(quoting=quoting))
    handler.addFilter(logs.Once())
    before = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        ours.setLevel(before)


def lines(stream: io.StringIO) -> list[Line]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_request_is_one_line(world: World) -> None:
    caller, held = fill(world, "QZA", "north")
    for method, path in sorted(declared_actions(world.app)):
        with heard() as stream:
            answer = ask(caller, method, path, held)
        (line,) = lines(stream)
        assert list(line) == REQUEST
        assert (line["method"], line["route"], line["status"]) == (method, path, answer.status_code)
        assert line["request_id"] == answer.headers["x-request-id"]
        assert datetime.fromisoformat(str(line["at"])).utcoffset() is not None
        assert str(line["at"]).endswith("Z")
        assert isinstance(line["ms"], float)


def test_the_caller_is_named_once_the_door_knows_who_it_is(world: World) -> None:
    caller, nobody = world.caller("QZA"), TestClient(world.app)
    with heard() as stream:
        assert caller.get("/v1/checklists").status_code == 200
        assert nobody.get("/v1/checklists").status_code == 401
    named, unnamed = lines(stream)
    assert named["state"] == "QZA"
    assert re.fullmatch("key:[a-z0-9]{10}", str(named["caller"]))
    assert (unnamed["state"], unnamed["caller"]) == (None, None)


def test_a_path_is_never_said(world: World) -> None:
    client = TestClient(world.app)
    with heard() as stream:
        client.get("/v1/states/canary-in-path/sites/canary%0a?canary=1")
        client.get("/canary-nowhere?language=canary", headers={"user-agent": "canary", "referer": "canary"})
        client.request("CANARY", "/v1/checklists")
    assert "canary" not in stream.getvalue().lower()
    assert [line["route"] for line in lines(stream)] == ["/v1/states/{state}/sites/{code}", None, "/v1/checklists"]
    assert [line["method"] for line in lines(stream)] == ["GET", "GET", "OTHER"]


def test_nothing_that_was_written_is_in_the_log(world: World) -> None:
    """Answers, remarks, names and keys of a whole round over every route, good and refused."""
    with heard() as stream:
        caller, held = fill(world, "QZA", "canaryword")
        for method, path in sorted(declared_actions(world.app)):
            ask(caller, method, path, held)
            caller.request(method, path, json={"canaryword": "canaryword"}, params={"canaryword": "canaryword"})
    said = stream.getvalue()
    assert len(said.splitlines()) > 50
    assert "canaryword" not in said.lower()
    assert "stk_" not in said
    assert str(caller.headers["authorization"]).removeprefix("Bearer ") not in said
    assert held.assessment not in said


@pytest.fixture
def wrong(world: World) -> TestClient:
    """The service with routes that go wrong from the inside, on an answer that they quote."""
    router = APIRouter(route_class=Guarded)

    def crash(work: Job) -> Response:
        raise RuntimeError("canary-remark") from KeyError("canary-remark")

    def query(work: Job) -> Response:
        work.connection.execute(text("SELECT :value FROM nowhere"), {"value": "canary-remark"})
        return Response()

    def twice(work: Job) -> Response:
        insert = text("INSERT INTO member_state (code, name, un_member, interpol_member, version) VALUES "
                      "(:state, :name, true, true, 1), (:state, :name, true, true, 1)")  # fmt: skip
        work.connection.execute(insert, {"state": work.state, "name": "canary-remark"})
        return Response()

    for endpoint in (crash, query, twice):
        router.add_api_route(
            f"/v1/wrong/{endpoint.__name__}", endpoint, methods=["POST"], **declares(Action.STATE_READ)
        )
    world.app.include_router(router)
    key = world.key()
    return TestClient(world.app, headers={"authorization": f"Bearer {key}"}, raise_server_exceptions=False)


@pytest.mark.parametrize("endpoint", ["crash", "query", "twice"])
def test_an_error_is_told_without_what_it_says(wrong: TestClient, endpoint: str) -> None:
    with heard() as stream:
        answer = wrong.post(f"/v1/wrong/{endpoint}")
    error, request = sorted(lines(stream), key=lambda line: line["event"] == "request")
    assert error["level"] in {"error", "warning"}
    assert error["request_id"] == request["request_id"] == answer.headers["x-request-id"]
    assert request["status"] == answer.status_code >= 500
    assert "canary" not in stream.getvalue()
    raised, kinds = error["raised"], error["error"]
    assert isinstance(raised, list)
    assert isinstance(kinds, list)
    assert all(re.fullmatch(r"[\w./-]+:\d+ \w+", place) for place in raised)
    if endpoint == "crash":
        assert kinds == ["RuntimeError", "KeyError"]
    elif endpoint == "twice":
        assert re.search("23505|SQLITE_CONSTRAINT", str(kinds))


def test_debugging_quotes_errors(wrong: TestClient) -> None:
    with heard(quoting=True) as stream:
        wrong.post("/v1/wrong/crash")
    assert next(line for line in lines(stream) if "said" in line)["said"] == ["canary-remark", "'canary-remark'"]


def test_a_database_that_is_gone_is_told_with_its_reason_and_without_its_password() -> None:
    app = create_app(Settings(database_url="postgresql://nobody:canary-password@127.0.0.1:1/none"))
    key = {"authorization": "Bearer " + write(Credential("stk", "QZA", "a" * 10, "0" * 43))}
    with heard() as stream:
        TestClient(app, headers=key).get("/v1/checklists")
    app.state.database.close()
    gone = next(line for line in lines(stream) if line["event"] == "database not available")
    assert "127.0.0.1" in str(gone["why"])
    assert "canary" not in stream.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_no_field_can_break_out_of_its_line(terminal: bool) -> None:  # noqa: FBT001
    log = logging.getLogger("stocktake.test")
    with heard(quoting=True, terminal=terminal) as stream:
        log.warning("event %s", EVIL, extra={"fields": {"name": EVIL, EVIL: 1, "deep": [EVIL, {"x": EVIL}]}})
        log.error(EVIL, exc_info=ValueError(EVIL))
    said = stream.getvalue()
    assert said.count("\n") == 2
    assert re.fullmatch(r"[ -~\n]+", said)
    if not terminal:
        assert lines(stream)[0]["name"] == EVIL


def test_a_formatter_that_escapes_nothing_is_found() -> None:
    plain = logging.Formatter("%(message)s")
    record = logging.makeLogRecord({"name": "stocktake", "msg": EVIL})
    assert not re.fullmatch(r"[ -~]+", plain.format(record))
    assert re.fullmatch(r"[ -~]+", logs.Lines().format(record))


def test_what_other_libraries_say_is_left_out() -> None:
    with heard() as stream:
        logging.getLogger("asyncio").error("Task exception was never retrieved: %r", ValueError("canary"))
        logging.getLogger("uvicorn.error").warning("Invalid HTTP request received.")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=ValueError("canary"))
    foreign, server = lines(stream)
    assert "canary" not in stream.getvalue()
    assert re.fullmatch(r"asyncio at test_logs\.py:\d+", str(foreign["event"]))
    assert server["event"] == "Invalid HTTP request received."


def test_people_get_readable_lines() -> None:
    record = logging.makeLogRecord({"name": "stocktake", "levelname": "INFO", "msg": "request", "fields": {"ms": 2}})
    assert re.fullmatch(r"\d\d:\d\d:\d\d info request ms=2", logs.Readable().format(record))
    for terminal, chosen in ((True, logs.Readable), (False, logs.Lines)):
        assert logs.configuration(terminal=terminal)["formatters"]["lines"]["()"] is chosen


@pytest.mark.slow
def test_a_served_process_logs_lines_of_json_and_nothing_else(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'served.db'}"
    upgrade(make_url(address))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "service.cli", "serve", "--port", str(port)]
    environment = {**os.environ, "STOCKTAKE_DATABASE_URL": address}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        end = time.monotonic() + 60
        while True:
            try:
                urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.1)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"GET /canary HTTP/1.1\r\nHost: canary\r\n\r\n")
            line.recv(4096)
        with socket.create_connection(("127.0.0.1", port)) as line:
            line.sendall(b"canary \x1b[31m\r\n\r\n")
            line.recv(4096)
        process.terminate()
        out, err = process.communicate(timeout=30)
    assert out == b""
    said = [json.loads(line) for line in err.decode("ascii").splitlines()]
    assert {line["event"] for line in said} <= {"check", "request", "Invalid HTTP request received."}
    assert [line["status"] for line in said if line["event"] == "request"][-2:] == [200, 404]
    assert b"canary" not in err
