"""Problems: what can go wrong, as classes with a status, a stable code and a sentence that says what to do.

Raised where the rule is, rendered in one place as problem+json (RFC 9457).
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is wrong (a JSON pointer, ``query:name``, ``header:name`` or ``file:line``) and the mend."""

    at: str
    detail: str


class Problem(Exception):
    """Something the caller can understand and mend."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong on our side"

    def __init__(self, detail: str, *, places: tuple[Place, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.places = places


class NotFound(Problem):
    """Nothing of that name that the caller may see; the same whether it does not exist or is another's."""

    status = 404
    code = "not_found"
    title = "Not found"


class Unauthenticated(Problem):
    status = 401
    code = "unauthenticated"
    title = "A valid API key is needed"


class Forbidden(Problem):
    status = 403
    code = "forbidden"
    title = "This key may not do that"


class Invalid(Problem):
    """The request is readable but breaks a rule; ``places`` say where and how to mend it."""

    status = 422
    code = "invalid"
    title = "The request breaks a rule"


class WrongAnswer(Invalid):
    """An answer that its question does not take: names the question, what was expected and what came."""

    code = "wrong_answer"
    title = "The question does not take this answer"


class Unreadable(Invalid):
    """The body is not the JSON this service reads."""

    code = "unreadable"
    title = "The body is not readable JSON"


class WrongMediaType(Problem):
    """The body has another media type than this address takes."""

    status = 415
    code = "unsupported_media_type"
    title = "The body has the wrong media type"


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = "This conflicts with what is there"


class VersionConflict(Problem):
    """A write named another version than the one that stands."""

    status = 412
    code = "version_conflict"
    title = "It has changed since you read it"

    def __init__(self, detail: str, *, yours: int, current: int) -> None:
        super().__init__(detail)
        self.yours = yours
        self.current = current


class VersionMissing(Problem):
    status = 428
    code = "version_missing"
    title = "Say which version you replace"
