"""Sharing an approved self-assessment, and reading what was shared."""

from uuid import UUID

from stocktake._call import Call, keyed, nothing, path, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.sharing import NewShare, Received, Share


class _Shares:
    @operation
    def give(self, assessment_id: UUID | str, share: NewShare, *, idempotency_key: str | None = None) -> Call[Share]:
        """Give an approved revision to one recipient until a moment; only an approver who has just signed in may.

        The copy is made now. ``paragraphs=None`` gives the whole. ``NotFound`` for a revision that is not approved.
        """
        return Call(
            "POST",
            path("assessments", assessment_id, "shares"),
            Share.model_validate_json,
            headers=keyed(idempotency_key),
            body=share.model_dump_json().encode(),  # with its nulls: that the whole is given has to be said
        )

    @listing
    def list(
        self, assessment_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> Call[Page[Share]]:
        """Everything that was given of an assessment, what has ended too; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("assessments", assessment_id, "shares"),
            Page[Share].model_validate_json,
            query=query(cursor=cursor, limit=limit),
        )

    @operation
    def revoke(self, assessment_id: UUID | str, share_id: UUID | str) -> Call[None]:
        """Take one share back: from now on its copy cannot be read. What was read before stands in the log."""
        return Call("DELETE", path("assessments", assessment_id, "shares", share_id), nothing)


class Shares(_Shares, SyncResource):
    """What a state gives of an assessment, to whom and until when."""


class AsyncShares(_Shares, AsyncResource):
    """What a state gives of an assessment, to whom and until when."""


class _ReceivedCopies:
    @listing
    def list(self, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[Received]]:
        """The copies that were given to you and can be read now; ``limit`` is the size of a page."""
        return Call(
            "GET", path("received"), Page[Received].model_validate_json, query=query(cursor=cursor, limit=limit)
        )

    @operation
    def read(self, copy_id: UUID | str) -> Call[bytes]:
        """One copy, byte for byte as it was given: its SHA-256 is the ``digest`` in the list.

        A sealed file (``Sealed``) where the whole was given as it was approved, else a ``SharedCopy``. Each reading
        stands in the log of the state that gave it. ``NotFound`` when it has ended.
        """
        return Call("GET", path("received", copy_id), bytes)


class ReceivedCopies(_ReceivedCopies, SyncResource):
    """What others gave you."""


class AsyncReceivedCopies(_ReceivedCopies, AsyncResource):
    """What others gave you."""
