"""Routes that read their query and their JSON strictly, before anything else does."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from service.errors import Invalid, Place, WrongMediaType
from service.http import strict_json


class Strict(APIRoute):
    """A route that takes only the query parameters it knows, and reads JSON by the one strict reader."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Read query and body strictly before anything else does."""
        handle = super().get_route_handler()
        known = _query_names(self.dependant)

        async def read(request: Request) -> Response:
            if request.scope["query_string"]:
                _require_known(request, known)
            strict = StrictRequest(request.scope, request.receive)
            if self.body_field is not None:
                _require_json(strict)
                body = await strict.body()
                strict.value = strict_json.read(body) if body else None
            return await handle(strict)

        return read


class StrictRequest(Request):
    """A request whose JSON is read by the one strict reader."""

    value: object = None

    async def json(self) -> Any:  # noqa: ANN401  # as its base's
        return self.value


def _query_names(dependant: Dependant) -> frozenset[str]:
    own = (field.alias for field in dependant.query_params)
    return frozenset(own).union(*(_query_names(below) for below in dependant.dependencies))


def _require_known(request: Request, known: frozenset[str]) -> None:
    """A misspelt filter must not answer with everything."""
    for name in request.query_params:
        if len(request.query_params.getlist(name)) > 1:
            raise Invalid.at(Place(f"query:{name[:40]}", "given twice; give it once"))
        if name not in known:
            raise Invalid.at(_unknown(f"query:{name[:40]}", known))


def _unknown(at: str, known: frozenset[str]) -> Place:
    if not known:
        return Place(at, "unknown; this address takes no parameters")
    return Place(at, "unknown; this address takes {names}", names=", ".join(sorted(known)))


def _require_json(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise WrongMediaType("Send the body as Content-Type: application/json.")
