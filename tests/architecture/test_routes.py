"""Every route declares its action or is named as public; each check is also tried on a route that does not."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import iter_route_contexts

import service.app
from service.access.api import PUBLIC, Guarded, Undeclared, declared_actions, declares, require_declared
from service.access.policy import POLICY, Action
from service.app import create_app
from service.settings import Settings

METHODS = frozenset({"get", "put", "post", "delete", "patch", "head", "options", "trace"})


@pytest.fixture
def app() -> Iterator[FastAPI]:
    made = create_app(Settings(database_url="sqlite://"))
    yield made
    made.state.database.close()


def documented(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every operation of the OpenAPI document: a second way to the same routes."""
    return {
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if method in METHODS
    }


def test_every_route_is_guarded_or_public(app: FastAPI) -> None:
    guarded = set(declared_actions(app))
    public = {
        (method, str(context.path))
        for context in iter_route_contexts(app.routes)
        if context.path in PUBLIC
        for method in context.methods or ()
    }
    signing_in = ("POST", "/v1/sessions")
    assert documented(app) == guarded | {("GET", "/health"), signing_in}
    assert public == {("GET", "/health"), ("GET", "/openapi.json"), ("HEAD", "/openapi.json"), signing_in}
    assert len(guarded) >= 28


def test_the_public_list_is_what_was_reviewed() -> None:
    assert frozenset({"/health", "/openapi.json", "/v1/sessions"}) == PUBLIC


def test_a_naive_walk_would_pass_without_checking(app: FastAPI) -> None:
    """Why the walk goes through the framework's own iterator: the list itself does not show what was included."""
    outer = APIRouter(prefix="/outer")
    outer.add_api_route("/leak", answer)
    app.include_router(outer)
    assert not [route for route in app.routes if getattr(route, "path", "") == "/outer/leak"]
    with pytest.raises(Undeclared, match="/outer/leak"):
        require_declared(app)


def test_every_action_has_a_policy_and_a_route(app: FastAPI) -> None:
    assert set(POLICY) == set(Action) == set(declared_actions(app).values())
    assert all(POLICY.values())


def test_the_document_names_the_action_that_is_checked(app: FastAPI) -> None:
    for (method, path), action in declared_actions(app).items():
        assert app.openapi()["paths"][path][method.lower()]["x-action"] == action


def answer() -> Response:
    return Response()


def test_a_guarded_route_without_an_action_is_refused_when_made() -> None:
    router = APIRouter(route_class=Guarded)
    with pytest.raises(Undeclared, match="/v1/leak declares no action"):
        router.add_api_route("/v1/leak", answer)


def test_a_guarded_route_with_an_unknown_action_is_refused_when_made() -> None:
    router = APIRouter(route_class=Guarded)
    with pytest.raises(ValueError, match=r"leak\.read"):
        router.add_api_route("/v1/leak", answer, openapi_extra={"x-action": "leak.read"})


def test_the_service_is_not_made_with_an_unguarded_route(monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()
    router.add_api_route("/v1/leak", answer)
    monkeypatch.setattr(service.app, "reports", router)
    with pytest.raises(Undeclared, match="/v1/leak is neither guarded nor listed as public"):
        create_app(Settings(database_url="sqlite://"))


def test_an_unguarded_route_below_a_router_is_found(app: FastAPI) -> None:
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/outer")
    inner.add_api_route("/leak", answer)
    outer.include_router(inner)
    app.include_router(outer)
    with pytest.raises(Undeclared, match="/outer/inner/leak"):
        require_declared(app)


def test_a_declared_route_passes(app: FastAPI) -> None:
    router = APIRouter(route_class=Guarded)
    router.add_api_route("/v1/more", answer, **declares(Action.STATE_READ))
    app.include_router(router)
    require_declared(app)
    assert declared_actions(app)["GET", "/v1/more"] is Action.STATE_READ
