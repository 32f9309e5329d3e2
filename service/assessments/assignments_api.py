"""``/v1/assessments/{id}/assignments``: which agency is to fill which section or site, and until when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.policy import Action
from service.assessments.assigning import Assigning, Spot
from service.catalogue.api import Shelved
from service.catalogue.store import Shelf
from service.http import answers
from service.http.paging import Pages, cursor_of
from service.http.preconditions import Precondition
from stocktake.models.base import Page, SectionId, SiteCode
from stocktake.models.signoff import Assignment, AssignmentEntry

router = APIRouter(prefix="/v1/assessments/{assessment}/assignments", tags=["assignments"], route_class=Guarded)
Section = Annotated[SectionId, Path(description="A section of the assessment's checklist")]


@router.get("", summary="Who is to fill what, until when", **declares(Action.ASSIGNMENT_READ, Page[Assignment]))
def list_assignments(assessment: UUID, pages: Pages, shelf: Shelved, work: Job) -> Response:
    section, site = pages.key(2)
    found = _assigning(work, shelf, assessment).listed(work.limits, (section, site), pages.limit + 1)
    page = found[: pages.limit]
    last = page[-1] if len(found) > pages.limit else None
    return answers.page(page, None if last is None else cursor_of(last.section or "", last.site or ""))


@router.put(
    "/sections/{section}",
    summary="Assign a section to an agency",
    **declares(Action.ASSIGNMENT_WRITE, Assignment, also=(409, 412, 428)),
)
def assign_section(
    assessment: UUID, section: Section, body: AssignmentEntry, replaces: Precondition, shelf: Shelved, work: Job
) -> Response:
    written = _assigning(work, shelf, assessment).put(Spot(section=section), body, replaces.version)
    return answers.view(written, version=written.version)


@router.delete(
    "/sections/{section}",
    summary="Take a section back from its agency",
    **declares(Action.ASSIGNMENT_WRITE, status=204, also=(409, 412, 428)),
)
def unassign_section(assessment: UUID, section: Section, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    _assigning(work, shelf, assessment).drop(Spot(section=section), replaces.version)
    return Response(status_code=204)


@router.put(
    "/sites/{code}",
    summary="Assign a site to an agency",
    **declares(Action.ASSIGNMENT_WRITE, Assignment, also=(409, 412, 428)),
)
def assign_site(
    assessment: UUID, code: SiteCode, body: AssignmentEntry, replaces: Precondition, shelf: Shelved, work: Job
) -> Response:
    written = _assigning(work, shelf, assessment).put(Spot(site=code), body, replaces.version)
    return answers.view(written, version=written.version)


@router.delete(
    "/sites/{code}",
    summary="Take a site back from its agency",
    **declares(Action.ASSIGNMENT_WRITE, status=204, also=(409, 412, 428)),
)
def unassign_site(assessment: UUID, code: SiteCode, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    _assigning(work, shelf, assessment).drop(Spot(site=code), replaces.version)
    return Response(status_code=204)


def _assigning(work: Work, shelf: Shelf, assessment: UUID) -> Assigning:
    return Assigning(work.connection, shelf, work.state, assessment, work.now.date())
