"""Problems: what can go wrong, as classes with a status, a stable code and a sentence that says what to do.

Raised where the rule is, rendered in one place as problem+json (RFC 9457), in the language of the caller. A sentence is
written as its English template with named places, never put together from pieces.
"""

from typing import ClassVar, Self

from service.languages.words import SOURCE, Words, mark, words_of

_AT_A_PLACE = mark("{at}: {detail}.")


class Message:
    """A sentence: its English template, and what stands in its places, which may be messages too."""

    __slots__ = ("template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values

    def said(self, words: Words) -> str:
        """The sentence in one language."""
        values = {name: v.said(words) if isinstance(v, Message) else v for name, v in self.values.items()}
        return words.text(self.template, **values)

    def __str__(self) -> str:
        return self.said(words_of(SOURCE))


class Place:
    """Where something is wrong (a JSON pointer, ``query:name``, ``header:name`` or ``file:line``) and the mend."""

    __slots__ = ("at", "message")

    def __init__(self, at: str, detail: str | Message, /, **values: object) -> None:
        self.at = at
        self.message = Message(detail, **values) if isinstance(detail, str) else detail

    @property
    def detail(self) -> str:
        """In English."""
        return str(self.message)


class Problem(Exception):
    """Something the caller can understand and mend."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = mark("Something went wrong on our side")

    def __init__(self, detail: str, /, *, places: tuple[Place, ...] = (), **values: object) -> None:
        super().__init__(detail)
        self.message = Message(detail, **values)
        self.places = places

    @property
    def detail(self) -> str:
        """In English."""
        return str(self.message)

    def __str__(self) -> str:
        return self.detail


class NotFound(Problem):
    """Nothing of that name that the caller may see; the same whether it does not exist or is another's."""

    status = 404
    code = "not_found"
    title = mark("Not found")


class Unauthenticated(Problem):
    status = 401
    code = "unauthenticated"
    title = mark("A valid key or session is needed")


class Forbidden(Problem):
    status = 403
    code = "forbidden"
    title = mark("You may not do that")


class Invalid(Problem):
    """The request is readable but breaks a rule; ``places`` say where and how to mend it."""

    status = 422
    code = "invalid"
    title = mark("The request breaks a rule")

    @classmethod
    def at(cls, place: Place) -> Self:
        """What is wrong in one place of the request."""
        return cls(_AT_A_PLACE, at=place.at, detail=place.message, places=(place,))


class WrongAnswer(Invalid):
    """An answer that its question does not take: names the question, what was expected and what came."""

    code = "wrong_answer"
    title = mark("The question does not take this answer")


class Unreadable(Invalid):
    """The body is not the JSON this service reads."""

    code = "unreadable"
    title = mark("The body is not readable JSON")


class WrongMediaType(Problem):
    """The body has another media type than this address takes."""

    status = 415
    code = "unsupported_media_type"
    title = mark("The body has the wrong media type")


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = mark("This conflicts with what is there")


class VersionConflict(Problem):
    """A write named another version than the one that stands."""

    status = 412
    code = "version_conflict"
    title = mark("It has changed since you read it")

    def __init__(self, detail: str, /, *, yours: int, current: int) -> None:
        super().__init__(detail, yours=yours, current=current)
        self.yours = yours
        self.current = current


class VersionMissing(Problem):
    status = 428
    code = "version_missing"
    title = mark("Say which version you replace")


class TooMany(Problem):
    """Too many requests, or too many in vain; ``seconds`` until it makes sense to go on."""

    status = 429
    code = "too_many_requests"
    title = mark("Too many requests")

    def __init__(self, detail: str, /, *, seconds: int) -> None:
        super().__init__(detail, seconds=seconds)
        self.seconds = seconds
