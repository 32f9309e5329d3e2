"""Work inside a state: assignments, reviews, comments, and what was approved."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from stocktake._call import Call, encoded, keyed, nothing, path, precondition, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.registry import Verdicts
from stocktake.models.signoff import (
    Assignment,
    AssignmentEntry,
    Comment,
    NewComment,
    Review,
    ReviewRow,
    ReviewRows,
    SnapshotSummary,
)
from stocktake.models.snapshot import Sealed


class _Assignments:
    @listing
    def list(
        self, assessment_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> Call[Page[Assignment]]:
        """Which agency is to fill what, until when, and how much is open; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("assessments", assessment_id, "assignments"),
            Page[Assignment].model_validate_json,
            query=query(cursor=cursor, limit=limit),
        )

    @operation
    def put_section(
        self,
        assessment_id: UUID | str,
        section: str,
        *,
        agency: str,
        due: date | None = None,
        version: int | None = None,
    ) -> Call[Assignment]:
        """Assign a section to an agency; ``version`` is the assignment it replaces, 0 for none, none for any."""
        return _assign(path("assessments", assessment_id, "assignments", "sections", section), agency, due, version)

    @operation
    def put_site(
        self,
        assessment_id: UUID | str,
        site: str,
        *,
        agency: str,
        due: date | None = None,
        version: int | None = None,
    ) -> Call[Assignment]:
        """Assign a site to an agency; ``version`` is the assignment it replaces, 0 for none, none for any."""
        return _assign(path("assessments", assessment_id, "assignments", "sites", site), agency, due, version)

    @operation
    def delete_section(self, assessment_id: UUID | str, section: str, *, version: int | None) -> Call[None]:
        """Take a section back from its agency; ``version`` is the one that was seen, none for any."""
        address = path("assessments", assessment_id, "assignments", "sections", section)
        return Call("DELETE", address, nothing, headers=precondition(version))

    @operation
    def delete_site(self, assessment_id: UUID | str, site: str, *, version: int | None) -> Call[None]:
        """Take a site back from its agency; ``version`` is the one that was seen, none for any."""
        address = path("assessments", assessment_id, "assignments", "sites", site)
        return Call("DELETE", address, nothing, headers=precondition(version))


def _assign(address: str, agency: str, due: date | None, version: int | None) -> Call[Assignment]:
    body = encoded(AssignmentEntry(agency=agency, due=due))
    return Call("PUT", address, Assignment.model_validate_json, headers=precondition(version), body=body)


class Assignments(_Assignments, SyncResource):
    """Who is to fill what, until when."""


class AsyncAssignments(_Assignments, AsyncResource):
    """Who is to fill what, until when."""


class _Reviews:
    @listing
    def list(
        self,
        assessment_id: UUID | str,
        *,
        verdict: Literal["accepted", "returned"] | None = None,
        unreviewed: bool | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[Review]]:
        """The answers that stand, with what a second person said of them; ``limit`` is the size of a page.

        ``verdict`` keeps to what was accepted or returned, ``unreviewed=True`` to what nobody has looked at.
        """
        return Call(
            "GET",
            path("assessments", assessment_id, "reviews"),
            Page[Review].model_validate_json,
            query=query(verdict=verdict, unreviewed=unreviewed, cursor=cursor, limit=limit),
        )

    @operation
    def put(
        self, assessment_id: UUID | str, rows: Sequence[ReviewRow], *, idempotency_key: str | None = None
    ) -> Call[Verdicts]:
        """Accept or return up to 1,000 answers, each in the version that was looked at, with a verdict on each row.

        Nobody reviews what they, or a key of theirs, answered. A changed answer has to be reviewed again.
        """
        return Call(
            "POST",
            path("assessments", assessment_id, "reviews"),
            Verdicts.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(ReviewRows(rows=[*rows])),
        )


class Reviews(_Reviews, SyncResource):
    """What a second person says of answers."""


class AsyncReviews(_Reviews, AsyncResource):
    """What a second person says of answers."""


class _Comments:
    @listing
    def list(
        self,
        assessment_id: UUID | str,
        *,
        question: str | None = None,
        site: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[Comment]]:
        """The comments in the order in which they were written; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("assessments", assessment_id, "comments"),
            Page[Comment].model_validate_json,
            query=query(question=question, site=site, cursor=cursor, limit=limit),
        )

    @operation
    def add(
        self,
        assessment_id: UUID | str,
        text: str,
        *,
        question: str | None = None,
        site: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Comment]:
        """Comment on a question, on a site, on both, or on the whole; a comment stays as it was written."""
        return Call(
            "POST",
            path("assessments", assessment_id, "comments"),
            Comment.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(NewComment(text=text, question=question, site=site)),
        )


class Comments(_Comments, SyncResource):
    """Remarks between those who work on an assessment."""


class AsyncComments(_Comments, AsyncResource):
    """Remarks between those who work on an assessment."""


class _Snapshots:
    @listing
    def list(self, assessment_id: UUID | str) -> Call[Page[SnapshotSummary]]:
        """The revisions that were approved, with their digests."""
        return Call("GET", path("assessments", assessment_id, "snapshots"), Page[SnapshotSummary].model_validate_json)

    @operation
    def get(self, assessment_id: UUID | str, revision: int) -> Call[Sealed]:
        """The sealed file of an approved revision, as objects."""
        return Call("GET", path("assessments", assessment_id, "snapshots", revision), Sealed.model_validate_json)

    @operation
    def get_json(self, assessment_id: UUID | str, revision: int) -> Call[bytes]:
        """The same, as the very bytes to keep: ``stocktake verify`` checks them without the service."""
        return Call("GET", path("assessments", assessment_id, "snapshots", revision), bytes)


class Snapshots(_Snapshots, SyncResource):
    """What was approved, for ever."""


class AsyncSnapshots(_Snapshots, AsyncResource):
    """What was approved, for ever."""
