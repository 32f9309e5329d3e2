"""Every refusal is a problem with a stable code and the request's id, and tells nothing from the inside."""

import logging
import re

import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute, iter_route_contexts
from httpx2 import Response as Answer
from sqlalchemy import Connection, text
from starlette.testclient import TestClient

from conftest import World
from service.access.api import Guarded, Job, declares
from service.access.keys import Credential, write
from service.access.policy import Action
from service.app import create_app
from service.http.problems import MOST_PLACES
from service.settings import Settings

INSIDE = re.compile(
    r"Traceback|sqlalchemy|psycopg|sqlite3|SELECT |INSERT |\.py\b|line \d+, in|0x[0-9a-f]{6}", re.IGNORECASE
)
"""What no caller may see."""


def problem(answer: Answer, status: int, code: str) -> dict[str, object]:
    """The body of an answer that is this problem, well formed."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["type"] == f"urn:stocktake:problem:{code}"
    assert (body["status"], body["code"]) == (status, code)
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert isinstance(body["errors"], list)
    assert not INSIDE.search(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return body


def test_refusals_have_one_form(world: World) -> None:
    caller = world.state(sites=0)
    nobody = TestClient(world.app)
    reader = world.caller(scopes=frozenset())
    url = "/v1/states/QZA"
    entry = {"name": "n", "un_member": True, "interpol_member": True}
    problem(nobody.get("/v1/nowhere"), 404, "not_found")
    problem(nobody.get("/v1/checklists/"), 404, "not_found")  # no redirect built from the caller's Host
    missing = nobody.get(url)
    problem(missing, 401, "unauthenticated")
    assert missing.headers["www-authenticate"] == "Bearer"
    problem(reader.get(url), 403, "forbidden")
    problem(caller.get("/v1/states/QZC"), 404, "not_found")
    problem(caller.get("/v1/assessments/not-a-uuid"), 422, "invalid")
    problem(caller.get(url + "/sites", params={"limit": "0"}), 422, "invalid")
    problem(caller.put(url, json=entry), 428, "version_missing")
    problem(
        caller.put(url, content=b"{}", headers={"if-match": "*", "content-type": "text/plain"}),
        415,
        "unsupported_media_type",
    )
    problem(caller.put(url, content=b"{}", headers={"if-match": "*"}), 415, "unsupported_media_type")
    problem(caller.post(url + "/sites/import", json={}), 415, "unsupported_media_type")
    stale = problem(caller.put(url, json=entry, headers={"if-match": '"9"'}), 412, "version_conflict")
    assert (stale["yours"], stale["current"]) == (9, 1)
    there = problem(caller.put(url, json=entry, headers={"if-none-match": "*"}), 412, "version_conflict")
    assert (there["yours"], there["current"]) == (0, 1)


def test_places_say_where(world: World) -> None:
    caller = world.state(sites=0)
    bad = caller.put("/v1/states/QZA", json={"name": "", "un_member": 1, "a/b~c": 1}, headers={"if-match": "*"})
    body = problem(bad, 422, "invalid")
    places = {place["at"]: place["detail"] for place in bad.json()["errors"]}
    assert places["/a~1b~0c"] == "unknown field; remove it"
    assert places["/interpol_member"] == "required; add it"
    assert {"/name", "/un_member"} <= set(places)
    assert "and 3 more" in str(body["detail"])


def test_a_long_list_of_faults_is_cut(world: World) -> None:
    caller = world.state(sites=0)
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    answer = caller.post(url, json={"rows": [{"x": 1}] * 1000})
    assert len(answer.json()["errors"]) == MOST_PLACES
    assert len(answer.content) < 10_000


def test_a_parameter_given_twice_is_refused(world: World) -> None:
    caller = world.state(sites=0)
    assert caller.get("/v1/states/QZA/sites?limit=1").status_code == 200
    body = problem(caller.get("/v1/states/QZA/sites?limit=1&limit=2"), 422, "invalid")
    assert body["errors"] == [{"at": "query:limit", "detail": "given twice; give it once"}]


@pytest.fixture
def app() -> FastAPI:
    return create_app(Settings(database_url="sqlite://"))


def test_another_method_names_all_that_are_allowed(app: FastAPI) -> None:
    """The methods of every route of the address, not of the first alone."""
    client = TestClient(app)
    allowed: dict[str, set[str]] = {}
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            allowed.setdefault(str(context.path), set()).update(context.methods or ())
    assert len(allowed) >= 20
    assert allowed["/v1/states/{state}/sites/{code}"] == {"GET", "PUT"}
    for path, methods in allowed.items():
        address = re.sub(r"\{[a-z_]+\}", "x", path)
        for method in {"GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "OPTIONS"} - methods:
            answer = client.request(method, address)
            if path == "/v1/states/{state}/sites/import" and method in {"GET", "PUT"}:
                continue  # the address of a site called import, which no site can be
            problem(answer, 405, "method_not_allowed")
            assert set(answer.headers["allow"].split(", ")) >= methods, (method, path)


def crashing(database_url: str, endpoint: str) -> tuple[FastAPI, World]:
    """The service with one more route, which goes wrong from the inside."""
    settings = Settings(database_url=database_url, pool=2, renderers=1)
    app = create_app(settings)
    router = APIRouter(route_class=Guarded)

    def crash(work: Job) -> Response:
        raise RuntimeError(f"secret-of-{work.principal.id}")

    def query(work: Job) -> Response:
        work.connection.execute(text("SELECT secret FROM nowhere"))
        return Response()

    wrong = {"crash": crash, "query": query}[endpoint]
    router.add_api_route("/v1/wrong", wrong, methods=["GET"], **declares(Action.STATE_READ))
    app.include_router(router)
    return app, World(app, settings, settings.database_url)


@pytest.mark.parametrize("endpoint", ["crash", "query"])
def test_a_crash_tells_nothing(database_url: str, endpoint: str, caplog: pytest.LogCaptureFixture) -> None:
    app, world = crashing(database_url, endpoint)
    key = world.key()
    client = TestClient(app, headers={"authorization": f"Bearer {key}"}, raise_server_exceptions=False)
    with caplog.at_level(logging.CRITICAL):
        answer = client.get("/v1/wrong")
    status, code = answer.status_code, answer.json()["code"]
    assert (status, code) in {(500, "internal"), (503, "unavailable")}
    assert endpoint == "query" or status == 500
    problem(answer, status, code)
    assert "secret" not in answer.text
    app.state.database.close()


def test_a_database_that_is_gone_is_said_so() -> None:
    app = create_app(Settings(database_url="postgresql://nobody@127.0.0.1:1/none"))
    client = TestClient(app, headers={"authorization": f"Bearer {write(Credential('stk', 'QZA', 'a' * 10, '0' * 43))}"})
    answer = client.get("/v1/checklists")
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
    assert client.get("/health").status_code == 200


def test_a_commit_that_fails_is_not_answered_with_success(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit comes before the answer."""
    caller = world.state(sites=0)
    patient = TestClient(world.app, headers=dict(caller.headers), raise_server_exceptions=False)
    entry = {"name": "after", "un_member": True, "interpol_member": True}
    with monkeypatch.context() as broken:

        def fail(_: Connection) -> None:
            raise RuntimeError("disk full")

        broken.setattr(Connection, "commit", fail)
        answer = patient.put("/v1/states/QZA", json=entry, headers={"if-match": "*"})
        problem(answer, 500, "internal")
    assert caller.get("/v1/states/QZA").json()["name"] == "State QZA"
    assert patient.put("/v1/states/QZA", json=entry, headers={"if-match": "*"}).status_code == 200
    assert caller.get("/v1/states/QZA").json()["name"] == "after"
