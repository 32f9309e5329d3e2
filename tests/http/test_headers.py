"""The headers of every route's every answer, the names the service goes by, and methods nobody needs."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from starlette.testclient import TestClient

from conftest import World
from route_calls import ask, fill, ready, who_may
from service.access.api import declared_actions
from service.app import create_app
from service.http.hosts import ANY_NAME
from service.settings import Settings

SNAPSHOT = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
}
ALSO = frozenset({
    "allow", "content-disposition", "content-language", "content-length", "content-type", "etag",
    "idempotent-replayed", "location", "retry-after", "vary", "www-authenticate", "x-request-id",
})  # fmt: skip
"""What some answers say besides; no banner, no cookie, no other origin let in."""
ORIGIN = {"origin": "https://evil.example", "access-control-request-method": "GET"}


def unlike(answer: Response) -> dict[str, str | None]:
    """Headers that differ from the snapshot, are given twice, or are not known."""
    found: dict[str, str | None] = {
        name: answer.headers.get(name) for name, value in SNAPSHOT.items() if answer.headers.get(name) != value
    }
    for name in answer.headers:
        if name not in SNAPSHOT.keys() | ALSO or len(answer.headers.get_list(name)) != 1:
            found[name] = answer.headers[name]
    return found


def routes(app: FastAPI) -> set[tuple[str, str]]:
    return {
        (method, str(context.path)) for context in iter_route_contexts(app.routes) for method in context.methods or ()
    }


@pytest.mark.long
def test_every_route_answers_with_these_headers_alone(world: World) -> None:
    caller, held = fill(world, "QZA", "north")
    nobody = TestClient(world.app)
    tried = set()
    order = ("PUT", "POST", "GET", "DELETE")
    actions = declared_actions(world.app)
    for method, path in sorted(actions, key=lambda route: order.index(route[0])):
        ready(caller, method, path, held)
        done = ask(who_may(world, caller, actions[method, path], path, held), method, path, held)
        assert done.is_success, (method, path, done.text)
        refused = nobody.request(method, path, headers=ORIGIN)
        assert refused.is_client_error
        assert (unlike(done), unlike(refused)) == ({}, {}), (method, path)
        tried.add((method, path))
    signed_in = ask(nobody, "POST", "/v1/sessions", held)
    assert (signed_in.status_code, unlike(signed_in)) == (201, {})
    tried.add(("POST", "/v1/sessions"))
    for path in ("/health", "/openapi.json"):
        assert unlike(nobody.get(path, headers=ORIGIN)) == {}
        tried |= {("GET", path), ("HEAD", path)}
    assert routes(world.app) <= tried


@pytest.fixture
def app() -> Iterator[FastAPI]:
    made = create_app(Settings(database_url="sqlite://", hosts="Stocktake.example, 192.0.2.7,[2001:db8::1]"))
    yield made
    made.state.database.close()


@pytest.mark.parametrize(
    ("header", "value"), [("server", "uvicorn"), ("referrer-policy", "origin"), ("x-content-type-options", "")]
)
def test_another_header_or_value_is_found(header: str, value: str) -> None:
    good = Response(200, headers=SNAPSHOT)
    assert unlike(good) == {}
    assert unlike(Response(200, headers={**SNAPSHOT, header: value})) == {header: value}
    assert unlike(Response(200, headers=[*SNAPSHOT.items(), ("referrer-policy", "no-referrer")]))
    assert unlike(Response(200))


def test_every_refusal_has_them_too(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://stocktake.example")
    for answer in (
        client.get("/nowhere"),
        client.put("/health"),
        client.options("/v1/checklists", headers=ORIGIN),
        client.get("/v1/checklists", headers={"host": "evil.example"}),
        client.put("/v1/states/QZA", content=b"x" * 2**21, headers={"content-type": "application/json"}),
    ):
        assert answer.is_client_error
        assert unlike(answer) == {}, answer.request


# ── methods ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "X-MADE-UP"])
def test_no_route_takes_a_method_nobody_needs(app: FastAPI, method: str) -> None:
    client = TestClient(app, base_url="http://stocktake.example", headers={"x-echo": "canary-of-the-caller"})
    for path in sorted({path for _, path in routes(app)}):
        answer = client.request(method, path)
        assert answer.status_code == 405, (method, path)
        assert "canary" not in answer.text + str(answer.headers)


# ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("stocktake.example", True),
        ("STOCKTAKE.example:8443", True),
        ("192.0.2.7:8000", True),
        ("[2001:db8::1]:8000", True),
        ("evil.example", False),
        ("stocktake.example.evil.example", False),
        ("evil.example:80@stocktake.example", False),
        ("stocktake.example/x", False),
        ("stocktake.example.", False),
        ("127.0.0.1", False),
        ("[::1]", False),
        ("", False),
    ],
)
def test_only_a_name_of_the_service_is_answered(app: FastAPI, host: str, known: bool) -> None:  # noqa: FBT001
    answer = TestClient(app).get("/v1/checklists", headers={"host": host})
    assert answer.status_code == (401 if known else 421)
    if not known:
        assert answer.json()["code"] == "wrong_host"
        assert host == "" or host not in answer.text
    assert TestClient(app).get("/health", headers={"host": host}).status_code == 200


def test_two_names_are_none(app: FastAPI) -> None:
    answer = TestClient(app).get(
        "/v1/checklists", headers=[("host", "stocktake.example"), ("host", "stocktake.example")]
    )
    assert answer.status_code == 421


def test_every_route_looks_at_the_name(app: FastAPI) -> None:
    client = TestClient(app, base_url="http://evil.example")
    refused = {path for method, path in routes(app) if client.request(method, path).status_code == 421}
    assert refused == {path for _, path in routes(app)} - ANY_NAME
    assert {"/health"} == ANY_NAME


def test_without_names_any_will_do() -> None:
    app = create_app(Settings(database_url="sqlite://"))
    assert TestClient(app).get("/v1/checklists", headers={"host": "any.example"}).status_code == 401
    app.state.database.close()
