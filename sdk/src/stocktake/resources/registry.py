"""The register of a member state: itself, its agencies, its sites."""

from os import PathLike
from pathlib import Path

from stocktake._call import CSV, Call, encoded, keyed, path, precondition, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.registry import (
    Agency,
    AgencyEntry,
    NewSite,
    Site,
    SiteEntry,
    SiteType,
    State,
    StateEntry,
    Verdicts,
)


class _States:
    @operation
    def get(self, state: str) -> Call[State]:
        """One member state, by its ISO 3166-1 alpha-3 code."""
        return Call("GET", path("states", state), State.model_validate_json)

    @operation
    def put(self, state: str, entry: StateEntry, *, version: int | None = None) -> Call[State]:
        """Enter or change a member state; ``version`` as for an answer."""
        return Call(
            "PUT",
            path("states", state),
            State.model_validate_json,
            headers=precondition(version),
            body=encoded(entry),
        )


class States(_States, SyncResource):
    """Member states."""


class AsyncStates(_States, AsyncResource):
    """Member states."""


class _Agencies:
    @listing
    def list(self, state: str, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[Agency]]:
        """The agencies of a member state; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("states", state, "agencies"),
            Page[Agency].model_validate_json,
            query=query(cursor=cursor, limit=limit),
        )

    @operation
    def get(self, state: str, code: str) -> Call[Agency]:
        """One agency, by the state's own code."""
        return Call("GET", path("states", state, "agencies", code), Agency.model_validate_json)

    @operation
    def put(self, state: str, code: str, entry: AgencyEntry, *, version: int | None = None) -> Call[Agency]:
        """Enter or change an agency; ``version`` as for an answer."""
        return Call(
            "PUT",
            path("states", state, "agencies", code),
            Agency.model_validate_json,
            headers=precondition(version),
            body=encoded(entry),
        )


class Agencies(_Agencies, SyncResource):
    """National bodies that contribute answers."""


class AsyncAgencies(_Agencies, AsyncResource):
    """National bodies that contribute answers."""


class _Sites:
    @listing
    def list(
        self,
        state: str,
        *,
        type: SiteType | None = None,  # noqa: A002  # the field's name on the wire
        agency: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[Site]]:
        """The sites of a member state, of one type or agency if wished; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("states", state, "sites"),
            Page[Site].model_validate_json,
            query=query(type=type, agency=agency, cursor=cursor, limit=limit),
        )

    @operation
    def get(self, state: str, code: str) -> Call[Site]:
        """One site, by the state's own code."""
        return Call("GET", path("states", state, "sites", code), Site.model_validate_json)

    @operation
    def create(self, state: str, site: NewSite, *, idempotency_key: str | None = None) -> Call[Site]:
        """Enter a new site; a ``Conflict`` when its code is taken."""
        return Call(
            "POST",
            path("states", state, "sites"),
            Site.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(site),
        )

    @operation
    def put(self, state: str, code: str, entry: SiteEntry, *, version: int | None = None) -> Call[Site]:
        """Enter or change a site; ``version`` as for an answer."""
        return Call(
            "PUT",
            path("states", state, "sites", code),
            Site.model_validate_json,
            headers=precondition(version),
            body=encoded(entry),
        )

    @operation
    def upload_csv(
        self,
        state: str,
        source: str | bytes | PathLike[str],
        *,
        dry_run: bool = False,
        idempotency_key: str | None = None,
    ) -> Call[Verdicts]:
        """Enter or change many sites from CSV: the text itself, or a ``Path`` to a file of it, in UTF-8.

        Answers with a verdict on every row; ``dry_run`` tells what would become of it and changes nothing.
        """
        if isinstance(source, PathLike):
            source = Path(source).read_bytes()
        return Call(
            "POST",
            path("states", state, "sites", "import"),
            Verdicts.model_validate_json,
            query=query(dry_run=dry_run or None),
            headers=keyed(idempotency_key, content_type=f"{CSV}; charset=utf-8"),
            body=source.encode() if isinstance(source, str) else source,
        )


class Sites(_Sites, SyncResource):
    """Strategic locations: airports, seaports, land crossings and the like."""


class AsyncSites(_Sites, AsyncResource):
    """Strategic locations: airports, seaports, land crossings and the like."""
