"""``/v1/assessments/{id}``: reviews by a second person, and comments."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.policy import Action
from service.assessments.store import NO_ID
from service.catalogue.api import Shelved
from service.catalogue.store import Shelf
from service.errors import Invalid, Place
from service.http import answers
from service.http.paging import Pages, cursor_of, foreign_cursor
from service.signoff.commenting import Commenting
from service.signoff.comments import Wanted
from service.signoff.reviewing import Reviewer, Reviewing
from service.signoff.reviews import NOBODY
from stocktake.models.base import Page, QuestionId, SiteCode
from stocktake.models.registry import Verdicts
from stocktake.models.signoff import Comment, NewComment, Review, ReviewRows, Verdict

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["reviews"], route_class=Guarded)


@router.get(
    "/reviews",
    summary="The answers that stand, with what a second person said of them",
    **declares(Action.REVIEW_READ, Page[Review]),
)
def list_reviews(
    assessment: UUID,
    pages: Pages,
    shelf: Shelved,
    work: Job,
    verdict: Annotated[Verdict | None, Query()] = None,
    unreviewed: Annotated[bool, Query(description="Only what nobody has looked at yet")] = False,
) -> Response:
    if verdict is not None and unreviewed:
        raise Invalid.at(Place("query:unreviewed", "leave it out, or leave the verdict out"))
    wanted = NOBODY if unreviewed else verdict or ""
    question, site = pages.key(2)
    reviewing = Reviewing(work.connection, shelf, work.state, assessment)
    found = reviewing.listed((question, site), pages.limit + 1, verdict=wanted, limits=work.limits)
    page = found[: pages.limit]
    last = page[-1] if len(found) > pages.limit else None
    return answers.page(page, None if last is None else cursor_of(last.question, last.site or ""))


@router.post(
    "/reviews",
    summary="Accept or return up to 1,000 answers, with a verdict on each row",
    **declares(Action.REVIEW_WRITE, Verdicts, also=(409,)),
)
def put_reviews(assessment: UUID, body: ReviewRows, shelf: Shelved, work: Job) -> Response:
    reviewing = Reviewing(work.connection, shelf, work.state, assessment)
    verdicts = reviewing.put_many(body.rows, Reviewer(work.principal.person, work.now), work.words)
    work.changed(verdicts.created + verdicts.changed)
    return answers.view(verdicts)


@router.get("/comments", summary="Comments, as they were written", **declares(Action.COMMENT_READ, Page[Comment]))
def list_comments(
    assessment: UUID,
    pages: Pages,
    shelf: Shelved,
    work: Job,
    question: Annotated[QuestionId | None, Query()] = None,
    site: Annotated[SiteCode | None, Query()] = None,
) -> Response:
    wanted = Wanted(question or "", site or "", _id(pages.key(1)[0]), pages.limit + 1)
    found = _commenting(work, shelf, assessment).listed(wanted)
    following = cursor_of(str(found[pages.limit - 1].id)) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.post("/comments", summary="Comment", **declares(Action.COMMENT_WRITE, Comment, status=201))
def add_comment(assessment: UUID, body: NewComment, shelf: Shelved, work: Job) -> Response:
    added = _commenting(work, shelf, assessment).add(body, work.principal.person, work.now)
    return answers.view(added, 201)


def _commenting(work: Work, shelf: Shelf, assessment: UUID) -> Commenting:
    return Commenting(work.connection, shelf, work.state, assessment, work.limits)


def _id(text: str) -> UUID:
    try:
        return UUID(text) if text else NO_ID
    except ValueError as error:
        raise foreign_cursor() from error
