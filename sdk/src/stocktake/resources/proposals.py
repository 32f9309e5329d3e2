"""Proposals: the answers of an earlier cycle, to be confirmed one by one."""

from uuid import UUID

from stocktake._call import Call, encoded, keyed, nothing, path, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.answers import Answer
from stocktake.models.base import Page
from stocktake.models.versions import Proposal, Proposed, ProposeFrom


class _Proposals:
    @operation
    def make(
        self, assessment_id: UUID | str, *, from_id: UUID | str, idempotency_key: str | None = None
    ) -> Call[Proposed]:
        """Propose the answers of an earlier assessment, through the maps between the versions of the checklist.

        A proposal is no answer: it is in no score before it is confirmed. Made again, they are made anew.
        """
        return Call(
            "POST",
            path("assessments", assessment_id, "proposals"),
            Proposed.model_validate_json,
            headers=keyed(idempotency_key),
            body=encoded(ProposeFrom.model_validate({"from": from_id})),
        )

    @listing
    def list(
        self, assessment_id: UUID | str, *, cursor: str | None = None, limit: int | None = None
    ) -> Call[Page[Proposal]]:
        """The proposals that nobody has confirmed, dismissed or answered yet; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("assessments", assessment_id, "proposals"),
            Page[Proposal].model_validate_json,
            query=query(cursor=cursor, limit=limit),
        )

    @operation
    def confirm(
        self,
        assessment_id: UUID | str,
        question: str,
        *,
        site: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Answer]:
        """Write one proposal as the answer; ``VersionConflict`` where somebody has answered meanwhile."""
        return Call(
            "POST",
            path("assessments", assessment_id, "proposals", question, "confirm"),
            Answer.model_validate_json,
            query=query(site=site),
            headers=keyed(idempotency_key),
        )

    @operation
    def dismiss(self, assessment_id: UUID | str, question: str, *, site: str | None = None) -> Call[None]:
        """Take one proposal away; nothing is answered by it."""
        return Call(
            "DELETE",
            path("assessments", assessment_id, "proposals", question),
            nothing,
            query=query(site=site),
        )


class Proposals(_Proposals, SyncResource):
    """Answers of an earlier cycle, to be confirmed one by one."""


class AsyncProposals(_Proposals, AsyncResource):
    """Answers of an earlier cycle, to be confirmed one by one."""
