"""The API keys of a member state."""

from collections.abc import Sequence

from stocktake._call import Call, encoded, keyed, nothing, path, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.keys import Key, KeyEntry, NewKey, Rotation, ScopeName


class _Keys:
    @listing
    def list(self, state: str, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[Key]]:
        """The keys of a member state, without their secrets; ``limit`` is the size of a page."""
        return Call(
            "GET", path("states", state, "keys"), Page[Key].model_validate_json, query(cursor=cursor, limit=limit)
        )

    @operation
    def create(
        self,
        state: str,
        name: str,
        scopes: Sequence[ScopeName],
        *,
        days: int = 90,
        idempotency_key: str | None = None,
    ) -> Call[NewKey]:
        """Make a key; its ``secret`` is shown this once.

        A ``Conflict`` with the code ``already_shown`` says that an earlier attempt made it: revoke that one.
        """
        return Call(
            "POST",
            path("states", state, "keys"),
            NewKey.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(KeyEntry(name=name, scopes=[*scopes], days=days)),
        )

    @operation
    def rotate(
        self, state: str, key: str, *, days: int = 90, overlap_days: int = 7, idempotency_key: str | None = None
    ) -> Call[NewKey]:
        """Make the key that takes over from one, with its name and scopes; both open while the days overlap."""
        return Call(
            "POST",
            path("states", state, "keys", key, "rotate"),
            NewKey.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(Rotation(days=days, overlap_days=overlap_days)),
        )

    @operation
    def revoke(self, state: str, key: str) -> Call[None]:
        """End a key, by its id; it opens nothing from the next request on."""
        return Call("DELETE", path("states", state, "keys", key), nothing)


class Keys(_Keys, SyncResource):
    """Keys for tools."""


class AsyncKeys(_Keys, AsyncResource):
    """Keys for tools."""
