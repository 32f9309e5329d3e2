"""What the OpenAPI document says beyond the routes' own words: problems, credentials, versions."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.http.problems import MEDIA_TYPE
from stocktake.models.base import Problem

VERSION = "1"
_REF = "#/components/schemas/Problem"
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Of your choice; the same request under the same key has one effect and one answer, for 72 hours",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_MEANINGS = {
    401: "No credential, or one that is not valid",
    403: "Neither the scope of the key nor the role of the person is for this",
    404: "There is no such thing, or it is another state's",
    409: "It conflicts with what is there",
    412: "It has changed since you read it; both versions are given",
    413: "The body is too large",
    415: "The body has another media type than this takes",
    422: "The request breaks a rule; the places are given",
    428: "A write must say which version it replaces",
    429: "Too many requests; go on after Retry-After seconds",
    500: "Something went wrong on our side",
    503: "Not available just now; read, or repeat with the same key",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problem answers of a route."""
    content = {MEDIA_TYPE: {"schema": {"$ref": _REF}}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in sorted(statuses)}


def install(app: FastAPI) -> None:
    """Make the document once, with the key's scheme and the problem's schema in it."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title="Stocktake",
                version=VERSION,
                description=app.description,
                routes=app.routes,
                separate_input_output_schemas=False,
            )
            parts = made.setdefault("components", {})
            parts.setdefault("schemas", {}).update(_schemas())
            parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer", "bearerFormat": "stk_… or sts_…"}}
            for path in made["paths"].values():
                for method, operation in path.items():
                    if "x-action" not in operation:
                        continue
                    operation["security"] = [{"key": []}]
                    if method == "post":
                        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # the framework's own way to extend it


def _schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "Problem": schema}
