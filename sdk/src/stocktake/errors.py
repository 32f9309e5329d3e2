"""What can go wrong, as one tree.

::

    StocktakeError
    ├── ApiError               the service answered with a problem: status, code, title, detail, errors, request_id
    │   ├── Unauthenticated    401: the key is missing, unknown or withdrawn
    │   ├── Forbidden          403: the key may not do that
    │   ├── NotFound           404: nothing of that name that the key may see
    │   ├── Conflict           409: it clashes with what is there; ``code`` says how
    │   ├── VersionConflict    412: it changed since it was read; holds ``yours`` and ``current``
    │   ├── Invalid            400, 413, 415, 422: the request has to be mended; ``errors`` say where
    │   ├── RateLimited        429: too many calls; ``retry_after`` in seconds
    │   └── ServerError        5xx: the service's own fault
    ├── TransportError         no answer arrived
    │   ├── Unreachable        no connection, or it broke
    │   └── TimedOut           not in time
    └── UnreadableAnswer       an answer arrived that is not what was asked for

An ``ApiError`` with another status (405, 428 …) is an ``ApiError`` itself. A value that cannot be sent at all raises
``ValueError`` (``pydantic.ValidationError`` is one) before anything is sent.
"""

from stocktake.models.base import Place, Problem

__all__ = [
    "ApiError",
    "Conflict",
    "Forbidden",
    "Invalid",
    "NotFound",
    "RateLimited",
    "ServerError",
    "StocktakeError",
    "TimedOut",
    "TransportError",
    "Unauthenticated",
    "Unreachable",
    "UnreadableAnswer",
    "VersionConflict",
]


class StocktakeError(Exception):
    """Whatever the SDK raises about a call that it tried to make."""


class ApiError(StocktakeError):
    """The service answered with a problem."""

    def __init__(self, problem: Problem, *, retry_after: float | None = None, uncertain: bool = False) -> None:
        super().__init__(problem)
        self.problem = problem
        self.retry_after = retry_after
        """Seconds the service asks to wait, if it says."""
        self.uncertain = uncertain
        """An earlier attempt of this very call ended unknown: what this problem is about may be its effect."""

    @property
    def status(self) -> int:
        return self.problem.status

    @property
    def code(self) -> str:
        """The stable word to tell problems apart by; empty when something other than the service answered."""
        return self.problem.code

    @property
    def title(self) -> str:
        return self.problem.title

    @property
    def detail(self) -> str:
        return self.problem.detail

    @property
    def errors(self) -> list[Place]:
        """Where in the request something is wrong, and the mend."""
        return self.problem.errors

    @property
    def request_id(self) -> str | None:
        """What to name when asking the service's operators."""
        return self.problem.request_id or None

    def __str__(self) -> str:
        lead = f"{self.request_id}: " if self.request_id else ""
        code = f" {self.code}" if self.code else ""
        places = "".join(f"\n  {place.at}: {place.detail}" for place in self.errors)
        doubt = "\n  An earlier attempt of this call ended unknown and may have taken effect." if self.uncertain else ""
        return f"{lead}{self.status}{code}: {self.detail or self.title}{places}{doubt}"


class Unauthenticated(ApiError):
    """401: the key is missing, unknown or withdrawn."""


class Forbidden(ApiError):
    """403: the key may not do that."""


class NotFound(ApiError):
    """404: nothing of that name that the key may see."""


class Conflict(ApiError):
    """409: it clashes with what is there; ``code`` says how."""


class VersionConflict(ApiError):
    """412: it changed since it was read. Read it again, decide, and write with the ``current`` version."""

    @property
    def yours(self) -> int:
        """The version the write named; 0 for *there is none yet*."""
        return self.problem.yours or 0

    @property
    def current(self) -> int:
        """The version that stands; 0 for none."""
        return self.problem.current or 0


class Invalid(ApiError):
    """400, 413, 415, 422: the request has to be mended; ``errors`` say where."""


class RateLimited(ApiError):
    """429: too many calls; ``retry_after`` in seconds."""


class ServerError(ApiError):
    """5xx: the service's own fault."""


class TransportError(StocktakeError):
    """No answer arrived."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent
        """Whether the request may have reached the service, and so may have taken effect."""


class Unreachable(TransportError):
    """No connection, or it broke."""


class TimedOut(TransportError):
    """Not in time."""


class UnreadableAnswer(StocktakeError):
    """An answer arrived that is not what was asked for: a redirect, another service's page, a broken body."""

    def __init__(self, message: str, *, status: int, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id

    def __str__(self) -> str:
        return f"{self.request_id}: {self.args[0]}" if self.request_id else str(self.args[0])
