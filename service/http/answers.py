"""Answers made in the endpoint's own thread, so that nothing is left to do after the commit."""

from collections.abc import Sequence
from typing import Any

import orjson
from fastapi import Response
from pydantic import BaseModel, TypeAdapter

JSON = "application/json"
_ANY: TypeAdapter[Any] = TypeAdapter(Any)  # takes whatever model the items are


def view(body: BaseModel, status: int = 200, *, version: int | None = None) -> Response:
    """One view as JSON, with the version as a strong ETag where it has one."""
    return raw(body.model_dump_json().encode(), status, version=version)


class ShownOnce(Response):
    """An answer with a secret in it, kept nowhere: repeated under its idempotency key, it is not given again."""


def once(body: BaseModel, status: int = 201) -> Response:
    """One view with a secret in it."""
    return ShownOnce(body.model_dump_json().encode(), status, media_type=JSON)


def raw(body: bytes, status: int = 200, *, version: int | None = None) -> Response:
    """JSON that is already made."""
    return Response(body, status, None if version is None else {"etag": f'"{version}"'}, JSON)


def page(items: Sequence[BaseModel], following: str | None = None) -> Response:
    """One page of views with the cursor of the next."""
    listed = _ANY.dump_json({"items": items, "next": following})
    return raw(listed)


def in_language(answer: Response, language: str) -> Response:
    """Say which language the texts are in, and that the reader's wish made the answer what it is."""
    answer.headers["content-language"] = language
    answer.headers["vary"] = "Accept-Language"
    return answer


def rows(items: Sequence[dict[str, object]], following: str | None) -> Response:
    """One page of rows straight from the database."""
    return raw(orjson.dumps({"items": items, "next": following}, option=orjson.OPT_UTC_Z))
