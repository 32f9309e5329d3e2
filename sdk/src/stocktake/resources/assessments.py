"""Assessments, and what the service computes from their answers."""

from datetime import date
from typing import Literal
from uuid import UUID

from stocktake._call import Call, Script, ask, encoded, keyed, path, precondition, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation, procedure
from stocktake.errors import Conflict
from stocktake.models.assessments import (
    Assessment,
    AssessmentSummary,
    Checks,
    Coverage,
    Gap,
    NewAssessment,
    Scores,
    WorkItem,
)
from stocktake.models.base import Page
from stocktake.models.signoff import SignoffStep, StepReason
from stocktake.models.versions import Comparison, Upgrade, UpgradeTo


def _list(state: str, cursor: str | None, limit: int | None = None) -> Call[Page[AssessmentSummary]]:
    return Call(
        "GET",
        path("states", state, "assessments"),
        Page[AssessmentSummary].model_validate_json,
        query=query(cursor=cursor, limit=limit),
    )


def _get(assessment_id: UUID | str) -> Call[Assessment]:
    return Call("GET", path("assessments", assessment_id), Assessment.model_validate_json)


def _step(
    assessment_id: UUID | str, name: str, version: int, idempotency_key: str | None, reason: StepReason | None = None
) -> Call[Assessment]:
    return Call(
        "POST",
        path("assessments", assessment_id, name),
        Assessment.model_validate_json,
        headers=keyed(idempotency_key) | precondition(version),
        body=None if reason is None else encoded(reason),
    )


class _Assessments:
    @listing
    def list(self, state: str, *, cursor: str | None = None, limit: int | None = None) -> Call[Page[AssessmentSummary]]:
        """The assessments of a member state; ``limit`` is the size of a page."""
        return _list(state, cursor, limit)

    @operation
    def get(self, assessment_id: UUID | str) -> Call[Assessment]:
        """One assessment: how far its filling is, what the caller may do now, and what is missing."""
        return _get(assessment_id)

    @procedure
    def open(
        self,
        *,
        state: str,
        checklist: str,
        cycle: str,
        version: str | None = None,
        period_start: date | None = None,
        period_end: date | None = None,
    ) -> Script[Assessment]:
        """Open the assessment of a state, checklist and cycle; the one there is, when it is open already.

        One that is there keeps its version and period, whatever is given here: look at ``checklist_version``.
        """
        entry = NewAssessment(
            checklist=checklist, cycle=cycle, version=version, period_start=period_start, period_end=period_end
        )
        new = Call(
            "POST",
            path("states", state, "assessments"),
            Assessment.model_validate_json,
            headers=keyed(),
            body=encoded(entry),
        )
        try:
            return (yield from ask(new)).data
        except Conflict as error:
            if error.code != "already_open":
                raise
            conflict = error
        cursor: str | None = None
        while True:
            page = (yield from ask(_list(state, cursor))).data
            for there in page.items:
                if (there.checklist, there.cycle) == (checklist, cycle):
                    return (yield from ask(_get(there.id))).data
            if page.next is None:
                raise conflict
            cursor = page.next

    @listing
    def questions(  # noqa: PLR0913  # one parameter for each filter
        self,
        assessment_id: UUID | str,
        *,
        scope: Literal["state", "site"] | None = None,
        site: str | None = None,
        agency: str | None = None,
        unanswered: bool | None = None,
        language: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[WorkItem]]:
        """The worklist: what is asked, at which site, and how it is answered so far; ``limit`` is the size of a page.

        ``unanswered=True`` leaves out what has an answer. An item's ``standing`` is ``applies``, or ``waits``
        while another answer has to tell first. Titles are in ``language`` where there is a translation.
        """
        return Call(
            "GET",
            path("assessments", assessment_id, "questions"),
            Page[WorkItem].model_validate_json,
            query=query(
                scope=scope,
                site=site,
                agency=agency,
                unanswered=unanswered,
                language=language,
                cursor=cursor,
                limit=limit,
            ),
        )

    @operation
    def scores(self, assessment_id: UUID | str) -> Call[Scores]:
        """The scores, whole and by paragraph."""
        return Call("GET", path("assessments", assessment_id, "scores"), Scores.model_validate_json)

    @operation
    def coverage(self, assessment_id: UUID | str, *, language: str | None = None) -> Call[Coverage]:
        """How many sites reached each step of the funnel, whole and by type of site."""
        return Call(
            "GET",
            path("assessments", assessment_id, "coverage"),
            Coverage.model_validate_json,
            query=query(language=language),
        )

    @listing
    def gaps(self, assessment_id: UUID | str, *, language: str | None = None) -> Call[Page[Gap]]:
        """What lies below its target level, by falling priority."""
        return Call(
            "GET",
            path("assessments", assessment_id, "gaps"),
            Page[Gap].model_validate_json,
            query=query(language=language),
        )

    @operation
    def checks(self, assessment_id: UUID | str, *, language: str | None = None) -> Call[Checks]:
        """Contradictions and warnings among the answers, and the indicators drawn from them."""
        return Call(
            "GET",
            path("assessments", assessment_id, "checks"),
            Checks.model_validate_json,
            query=query(language=language),
        )

    @operation
    def preview_upgrade(self, assessment_id: UUID | str, *, to: str | None = None) -> Call[Upgrade]:
        """What a move to a newer version of the checklist would do to each answer; the newest unless ``to`` says so."""
        return Call(
            "GET", path("assessments", assessment_id, "upgrade"), Upgrade.model_validate_json, query=query(to=to)
        )

    @operation
    def upgrade(
        self,
        assessment_id: UUID | str,
        *,
        version: int,
        to: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Upgrade]:
        """Move the assessment to a newer version of its checklist, as the preview with this ``version`` said.

        Nothing is deleted: an answer that no longer stands is read in its history. ``VersionConflict`` when something
        changed since the preview.
        """
        return Call(
            "POST",
            path("assessments", assessment_id, "upgrade"),
            Upgrade.model_validate_json,
            headers=keyed(idempotency_key) | precondition(version),
            body=encoded(UpgradeTo(to=to)),
        )

    @operation
    def submit(
        self, assessment_id: UUID | str, *, version: int, idempotency_key: str | None = None
    ) -> Call[Assessment]:
        """Put the assessment, in the version that was seen, before the approver; from then on no answer changes.

        ``Conflict`` with the code ``not_ready`` while ``missing.second_person`` or ``missing.returned`` is not 0.
        """
        return _step(assessment_id, "submit", version, idempotency_key)

    @operation
    def approve(
        self, assessment_id: UUID | str, *, version: int, idempotency_key: str | None = None
    ) -> Call[Assessment]:
        """Approve a submitted assessment: it is kept as a snapshot for ever.

        ``Forbidden`` with the code ``own_work`` for whoever answered or submitted any of it, with ``sign_in_again``
        for whoever signed in too long ago, with ``second_factor_needed`` for whoever did without a second factor.
        """
        return _step(assessment_id, "approve", version, idempotency_key)

    @operation
    def return_(
        self, assessment_id: UUID | str, reason: str, *, version: int, idempotency_key: str | None = None
    ) -> Call[Assessment]:
        """Return a submitted assessment to those who fill it."""
        return _step(assessment_id, "return", version, idempotency_key, StepReason(reason=reason))

    @operation
    def reopen(
        self, assessment_id: UUID | str, reason: str, *, version: int, idempotency_key: str | None = None
    ) -> Call[Assessment]:
        """Open an approved assessment for a correction, as another revision; the snapshot before stays."""
        return _step(assessment_id, "reopen", version, idempotency_key, StepReason(reason=reason))

    @listing
    def signoffs(self, assessment_id: UUID | str) -> Call[Page[SignoffStep]]:
        """The steps the assessment took, and who took them."""
        return Call("GET", path("assessments", assessment_id, "signoffs"), Page[SignoffStep].model_validate_json)

    @operation
    def compare(self, assessment_id: UUID | str, with_id: UUID | str) -> Call[Comparison]:
        """This assessment beside one of an earlier cycle: like for like, with the cause of each change."""
        return Call(
            "GET",
            path("assessments", assessment_id, "compare"),
            Comparison.model_validate_json,
            query={"with": str(with_id)},
        )


class Assessments(_Assessments, SyncResource):
    """Assessments: one state filling one checklist for one cycle."""


class AsyncAssessments(_Assessments, AsyncResource):
    """Assessments: one state filling one checklist for one cycle."""
