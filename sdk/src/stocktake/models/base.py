"""What every wire model is built from."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Generic, Literal, TypeVar, cast

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError

T = TypeVar("T")

StateCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 3166-1 alpha-3."""
SiteCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_-]{0,15}$")]
"""The state's own code of a site."""
AgencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9_-]{0,15}$")]
QuestionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]
ChecklistId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]
SectionId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*([.-][a-z0-9_]+)*$", max_length=64)]
VersionText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,4}$")]
Cycle = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[A-Z0-9]{1,8})?$")]
"""The round a state assesses itself in: ``2026`` or ``2026-MID``."""
Count = Annotated[int, Strict(), Field(ge=0, le=10**12)]
Truth = Annotated[bool, Strict()]


_ISO_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(value: object) -> object:
    """Refuse what pydantic would else read as a Unix time."""
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise PydanticCustomError("day_form", "a day is written YYYY-MM-DD")
    if not isinstance(value, str | date):
        raise PydanticCustomError("day_type", "a day is a text, YYYY-MM-DD")
    return value


Day = Annotated[
    date, BeforeValidator(_day, json_schema_input_type=date), Field(ge=date(1900, 1, 1), le=date(2200, 12, 31))
]
"""A day from 1900 to 2200, ``YYYY-MM-DD``."""

_UTC_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z")


def _instant(value: object) -> object:
    """Refuse every other spelling of an instant, for digests are taken of this one."""
    if isinstance(value, datetime) or (isinstance(value, str) and _UTC_INSTANT.fullmatch(value)):
        return value
    raise PydanticCustomError("instant_form", "an instant is a text in UTC, YYYY-MM-DDThh:mm:ss.ffffffZ")


def _instant_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_instant),
    PlainSerializer(_instant_text, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant in UTC, ``2026-11-26T10:11:12.345678Z``. Events are hashed in this spelling, so it is always written with
microseconds; read without them too."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256, 64 hexadecimal digits in lower case."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
Remark = Annotated[str, StringConstraints(max_length=10_000)]


class Body(BaseModel):
    """Something sent to the service: an unknown field is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _hasty(schema: object) -> object:
    """The same schema, but a list is left at its first wrong element."""
    if isinstance(schema, dict):
        parts = cast("dict[str, object]", schema)
        hasty = {name: _hasty(part) for name, part in parts.items()}
        return {**hasty, "fail_fast": True} if hasty.get("type") == "list" else hasty
    return [_hasty(part) for part in cast("list[object]", schema)] if isinstance(schema, list) else schema


class View(BaseModel):
    """Something the service answers with: fields added later are passed over.

    It may also come from a file that somebody made to do harm: reading ends at the first wrong element of a list, not
    after millions of them.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        return cast("CoreSchema", _hasty(handler(source)))


class Page(View, Generic[T]):
    """One page of a list; ``next`` is the cursor of the following page, absent on the last."""

    items: list[T]
    next: str | None


class Place(View):
    """Where in the request something is wrong: a JSON pointer, a query parameter or a header, and the mend."""

    at: str
    detail: str


class Problem(View):
    """An error, as RFC 9457 problem details with a stable ``code``."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    errors: list[Place] = Field(default_factory=list)
    yours: int | None = None
    """On a version conflict: the version the write named."""
    current: int | None = None
    """On a version conflict: the version that stands."""


class Health(View):
    status: Literal["ok"]
