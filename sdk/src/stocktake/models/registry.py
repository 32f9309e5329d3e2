"""Member states, their agencies and their sites."""

from typing import Annotated, Literal

from pydantic import Field, Strict, StringConstraints

from stocktake.models.base import AgencyCode, Body, Count, Day, Name, SiteCode, StateCode, Truth, View

SiteType = Literal[
    "airport", "seaport", "land_crossing", "rail", "river_port", "customs_post", "immigration_post", "other"
]
AgencyKind = Literal[
    "ncb",
    "police",
    "border_guard",
    "immigration",
    "customs",
    "coast_guard",
    "passenger_information_unit",
    "passport_issuer",
    "civil_aviation",
    "data_protection",
    "justice",
    "other",
]
Locode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z2-9]{3}$")]
Iata = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Icao = Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}$")]


class StateEntry(Body):
    """What the register says of a member state."""

    name: Name
    un_member: Truth
    interpol_member: Truth


class State(View):
    code: StateCode
    name: str
    un_member: bool
    interpol_member: bool
    version: int


class AgencyEntry(Body):
    name: Name
    kind: AgencyKind


class Agency(View):
    code: AgencyCode
    name: str
    kind: AgencyKind
    version: int


class SiteEntry(Body):
    """What the register says of a site: a strategic location where travellers, goods or documents are checked."""

    name: Name
    type: SiteType
    unlocode: Locode | None = None
    iata: Iata | None = None
    icao: Icao | None = None
    operating_state: StateCode | None = None
    """Who runs it, when not the state itself."""
    host_state: StateCode | None = None
    """On whose soil it lies, when not the state's own."""
    agency: AgencyCode | None = None
    """The agency that answers for it."""
    opened: Day | None = None
    closed: Day | None = None
    """First day out of operation; a closed site is kept."""
    travellers: Count | None = None
    """Travellers a year, both directions; absent when unknown."""
    tier: Annotated[int, Strict(), Field(ge=1, le=3)] = 1
    """Weight of the site in scores."""


class NewSite(SiteEntry):
    code: SiteCode


class Site(View):
    code: SiteCode
    name: str
    type: SiteType
    unlocode: str | None
    iata: str | None
    icao: str | None
    operating_state: str | None
    host_state: str | None
    agency: str | None
    opened: Day | None
    closed: Day | None
    travellers: int | None
    tier: int
    version: int


Outcome = Literal["created", "changed", "unchanged", "refused"]


class RowVerdict(View):
    """What became of one row of a bulk request."""

    row: int
    """Counted from 1, the header line of a CSV not counted."""
    key: str
    """The site's code, or ``question`` or ``question@site``; empty when the row could not be read so far."""
    outcome: Outcome
    version: int | None
    code: str | None
    """The problem's code when refused."""
    detail: str | None


class Verdicts(View):
    """The verdict on every row; with ``dry_run`` what would have become of it."""

    dry_run: bool
    created: int
    changed: int
    unchanged: int
    refused: int
    rows: list[RowVerdict]
