"""``/v1/assessments/{id}``: where it stands, its steps to approval, and what was approved."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.policy import Action
from service.assessments.opening import Assessments
from service.audit.chain import Deed, Event
from service.catalogue.api import Shelved
from service.catalogue.store import Shelf
from service.http import answers
from service.http.preconditions import Precondition
from service.registry.api import StateInPath
from service.signoff import sealing, standing
from service.signoff.signing import Signing
from stocktake.models.assessments import Assessment, NewAssessment
from stocktake.models.base import Page
from stocktake.models.signoff import SignoffStep, SnapshotSummary, StepReason
from stocktake.models.snapshot import Sealed

router = APIRouter(prefix="/v1", tags=["assessments"], route_class=Guarded)
Revision = Annotated[int, Path(ge=1, le=2**31 - 1, description="Of an approved assessment, counted from 1")]


@router.post(
    "/states/{state}/assessments", summary="Open an assessment",
    **declares(Action.ASSESSMENT_OPEN, Assessment, status=201, also=(409,)),
)  # fmt: skip
def open_assessment(state: StateInPath, body: NewAssessment, shelf: Shelved, work: Job) -> Response:
    opened = Assessments(work.connection, shelf, state).open_new(body, work.now)
    return _stands(work, shelf, opened.id, 201)


@router.get(
    "/assessments/{assessment}",
    summary="One assessment: how far it is, what you may do now, what is missing",
    **declares(Action.ASSESSMENT_READ, Assessment),
)
def get_assessment(assessment: UUID, shelf: Shelved, work: Job) -> Response:
    return _stands(work, shelf, assessment)


@router.get(
    "/assessments/{assessment}/signoffs",
    summary="The steps it took, and who took them",
    **declares(Action.SIGNOFF_READ, Page[SignoffStep]),
)
def list_signoffs(assessment: UUID, shelf: Shelved, work: Job) -> Response:
    return answers.page(standing.signoffs(work.connection, shelf, work.principal, assessment))


@router.post(
    "/assessments/{assessment}/submit",
    summary="Put it before the approver; from then on no answer changes",
    **declares(Action.ASSESSMENT_SUBMIT, Assessment, also=(409, 412, 428)),
)
def submit(assessment: UUID, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    _signing(work, shelf, assessment).submit(replaces.version)
    return _stands(work, shelf, assessment)


@router.post(
    "/assessments/{assessment}/approve",
    summary="Approve it: what was answered is kept as a snapshot for ever",
    **declares(Action.ASSESSMENT_APPROVE, Assessment, also=(409, 412, 428)),
)
def approve(assessment: UUID, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    def log(digest: str) -> Event:
        return work.log(Deed(work.principal.id, work.action, work.subject, digest))

    _signing(work, shelf, assessment).approve(replaces.version, log)
    return _stands(work, shelf, assessment)


@router.post(
    "/assessments/{assessment}/return",
    summary="Return a submitted assessment to those who fill it, with a reason",
    **declares(Action.ASSESSMENT_RETURN, Assessment, also=(409, 412, 428)),
)
def return_(assessment: UUID, body: StepReason, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    _signing(work, shelf, assessment).give_back(replaces.version, body.reason)
    return _stands(work, shelf, assessment)


@router.post(
    "/assessments/{assessment}/reopen",
    summary="Open an approved assessment for a correction, as another revision, with a reason",
    **declares(Action.ASSESSMENT_REOPEN, Assessment, also=(409, 412, 428)),
)
def reopen(assessment: UUID, body: StepReason, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    _signing(work, shelf, assessment).reopen(replaces.version, body.reason)
    return _stands(work, shelf, assessment)


@router.get(
    "/assessments/{assessment}/snapshots",
    summary="The revisions that were approved",
    **declares(Action.SNAPSHOT_READ, Page[SnapshotSummary]),
)
def list_snapshots(assessment: UUID, work: Job) -> Response:
    return answers.page(sealing.snapshots(work.connection, work.state, assessment))


@router.get(
    "/assessments/{assessment}/snapshots/{revision}",
    summary="The sealed file of an approved revision, as canonical JSON (RFC 8785)",
    **declares(Action.SNAPSHOT_READ, Sealed),
)
def get_snapshot(assessment: UUID, revision: Revision, work: Job) -> Response:
    return answers.raw(sealing.sealed_bytes(work.connection, work.state, assessment, revision))


def _stands(work: Work, shelf: Shelf, assessment: UUID, status: int = 200) -> Response:
    found = standing.standing(work.connection, shelf, work.principal, assessment)
    return answers.view(found, status, version=found.version)


def _signing(work: Work, shelf: Shelf, assessment: UUID) -> Signing:
    return Signing(work.connection, shelf, work.principal, assessment, work.now)
