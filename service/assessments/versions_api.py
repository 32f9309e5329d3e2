"""``/v1/assessments/{id}``: the way into a newer version, what comes over from an earlier cycle, the two compared."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.policy import Action
from service.assessments.answering import Answering, shown
from service.assessments.answers import Writing
from service.assessments.comparing import Comparing
from service.assessments.proposing import Proposing
from service.assessments.upgrading import Upgrading
from service.catalogue.api import Shelved
from service.catalogue.store import Shelf
from service.http import answers
from service.http.paging import Pages, cursor_of
from service.http.preconditions import Precondition
from stocktake.models.answers import Answer
from stocktake.models.base import Page, QuestionId, SiteCode, VersionText
from stocktake.models.versions import Comparison, Proposal, Proposed, ProposeFrom, Upgrade, UpgradeTo

router = APIRouter(prefix="/v1", tags=["versions"], route_class=Guarded)
AtSite = Annotated[SiteCode | None, Query(description="The site, for a question asked of each site")]
UpTo = Annotated[VersionText | None, Query(description="The version to move to; the newest unless given")]


@router.get(
    "/assessments/{assessment}/upgrade",
    summary="What a move to a newer version would do to each answer",
    **declares(Action.RESULT_READ, Upgrade, also=(409,)),
)
def preview_upgrade(assessment: UUID, shelf: Shelved, work: Job, to: UpTo = None) -> Response:
    seen = Upgrading(work.connection, shelf, work.state, assessment).preview(to)
    return answers.view(seen, version=seen.version)


@router.post(
    "/assessments/{assessment}/upgrade",
    summary="Move to a newer version; nothing is deleted",
    **declares(Action.ASSESSMENT_UPGRADE, Upgrade, also=(409, 412, 428)),
)
def apply_upgrade(assessment: UUID, body: UpgradeTo, replaces: Precondition, shelf: Shelved, work: Job) -> Response:
    upgrading = Upgrading(work.connection, shelf, work.state, assessment)
    done = upgrading.apply(body.to, replaces.version, _writing(work))
    work.changed(int(done.applied))
    return answers.view(done, version=done.version)


@router.get(
    "/assessments/{assessment}/proposals",
    summary="Answers of an earlier cycle that wait to be confirmed",
    **declares(Action.ANSWER_READ, Page[Proposal]),
)
def list_proposals(assessment: UUID, pages: Pages, shelf: Shelved, work: Job) -> Response:
    question, site = pages.key(2)
    found = _proposing(work, shelf, assessment).listed((question, site), pages.limit + 1)
    page = found[: pages.limit]
    last = page[-1] if len(found) > pages.limit else None
    return answers.rows(page, None if last is None else cursor_of(str(last["question"]), str(last["site"] or "")))


@router.post(
    "/assessments/{assessment}/proposals",
    summary="Propose the answers of an earlier cycle",
    **declares(Action.ANSWER_WRITE, Proposed, also=(409,)),
)
def make_proposals(assessment: UUID, body: ProposeFrom, shelf: Shelved, work: Job) -> Response:
    return answers.view(_proposing(work, shelf, assessment).propose(body.from_))


@router.post(
    "/assessments/{assessment}/proposals/{question}/confirm",
    summary="Write one proposal as the answer",
    **declares(Action.ANSWER_WRITE, Answer, also=(409, 412)),
)
def confirm_proposal(
    assessment: UUID, question: QuestionId, shelf: Shelved, work: Job, site: AtSite = None
) -> Response:
    row = _proposing(work, shelf, assessment).confirm(question, site)
    return answers.raw(shown(row), version=int(str(row["version"])))


@router.delete(
    "/assessments/{assessment}/proposals/{question}",
    summary="Dismiss one proposal",
    **declares(Action.ANSWER_WRITE, status=204),
)
def dismiss_proposal(
    assessment: UUID, question: QuestionId, shelf: Shelved, work: Job, site: AtSite = None
) -> Response:
    _proposing(work, shelf, assessment).dismiss(question, site)
    return Response(status_code=204)


@router.get(
    "/assessments/{assessment}/compare",
    summary="This assessment beside one of an earlier cycle, like for like",
    **declares(Action.RESULT_READ, Comparison, also=(409,)),
)
def compare(
    assessment: UUID,
    shelf: Shelved,
    work: Job,
    with_: Annotated[UUID, Query(alias="with", description="The earlier assessment")],
) -> Response:
    return answers.view(Comparing(work.connection, shelf, work.state).compare(assessment, with_))


def _writing(work: Work) -> Writing:
    return Writing(work.principal.id, work.principal.person, work.now)


def _proposing(work: Work, shelf: Shelf, assessment: UUID) -> Proposing:
    return Proposing(Answering(work.connection, shelf, work.state, assessment, _writing(work), work.limits))
