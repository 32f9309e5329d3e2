"""The names the service may be called by."""

import re

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import Problem
from service.http.problems import answer
from service.languages.words import mark

ANY_NAME = frozenset({"/health"})
"""Where load balancers call by number."""
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::[0-9]*)?")


class WrongHost(Problem):
    """The request was meant for another service (RFC 9110, 15.5.20)."""

    status = 421
    code = "wrong_host"
    title = mark("This service does not go by that name")


class Hosts:
    """Refuses requests that call the service by another name than its own; with no names, any will do."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app = app
        self.names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self.names or scope["path"] in ANY_NAME or self._is_ours(scope):
            await self.app(scope, receive, send)
            return
        refused = WrongHost("Call the service by the name that its operator gave you; Host names another.")
        await answer(Request(scope, receive), refused)(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        given = Headers(scope=scope).getlist("host")
        found = _HOST.fullmatch(given[0].lower()) if len(given) == 1 else None
        return found is not None and found[1] in self.names
