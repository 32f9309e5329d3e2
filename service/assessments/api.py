"""``/v1/states/{state}/assessments`` and ``/v1/assessments/{id}``: filling, and what follows from it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.policy import Action
from service.assessments import answers as kept
from service.assessments import results
from service.assessments.answering import Answering, check_spot, no_such_answer, shown
from service.assessments.answers import Spot, Wanted, Writing
from service.assessments.opening import Assessments
from service.assessments.past import past
from service.assessments.reach import Reach
from service.assessments.reaching import reach_of, require_reach
from service.assessments.store import NO_ID
from service.assessments.worklist import Choice, worklist
from service.catalogue.api import Language, Shelved
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.db.types import Record
from service.http import answers
from service.http.paging import Pages, cursor_of, foreign_cursor
from service.http.preconditions import Precondition
from service.registry.api import StateInPath
from service.registry.usecases import changes
from stocktake.models.answers import Answer, AnswerChange, AnswerEntry, AnswerRows
from stocktake.models.assessments import (
    AssessmentSummary,
    Checks,
    Coverage,
    Gap,
    Scores,
    WorkItem,
)
from stocktake.models.base import AgencyCode, Page, QuestionId, SiteCode
from stocktake.models.registry import Verdicts

router = APIRouter(prefix="/v1", tags=["assessments"], route_class=Guarded)
AtSite = Annotated[SiteCode | None, Query(description="The site, for a question asked of each site")]


@router.put(
    "/assessments/{assessment}/answers/{question}", summary="Write one answer",
    **declares(Action.ANSWER_WRITE, Answer, also=(412, 428)),
)  # fmt: skip
def put_answer(
    assessment: UUID,
    question: QuestionId,
    body: AnswerEntry,
    replaces: Precondition,
    shelf: Shelved,
    work: Job,
    site: AtSite = None,
) -> Response:
    row = _answering(work, shelf, assessment).put(question, site, body, replaces.version)
    return answers.raw(shown(row), version=int(str(row["version"])))


@router.get("/assessments/{assessment}/answers", summary="Answers", **declares(Action.ANSWER_READ, Page[Answer]))
def list_answers(
    assessment: UUID,
    pages: Pages,
    shelf: Shelved,
    work: Job,
    question: Annotated[QuestionId | None, Query()] = None,
    site: AtSite = None,
) -> Response:
    within = _reach(work, shelf, Assessments(work.connection, shelf, work.state).row(assessment))
    after_question, after_site = pages.key(2)
    wanted = Wanted(question or "", site, after_question, after_site, pages.limit + 1, within)
    found = kept.listed(work.connection, work.state, assessment, wanted)
    page = found[: pages.limit]
    following = cursor_of(page[-1].question, page[-1].site) if len(found) > pages.limit else None
    return answers.rows(list(kept.bodies(page)), following)


@router.post(
    "/assessments/{assessment}/answers",
    summary="Write up to 1,000 answers, with a verdict on each",
    **declares(Action.ANSWER_WRITE, Verdicts, also=(409,)),
)
def put_answers(
    assessment: UUID, body: AnswerRows, shelf: Shelved, work: Job, dry_run: Annotated[bool, Query()] = False
) -> Response:
    verdicts = _answering(work, shelf, assessment).put_many(body.rows, work.words, dry_run=dry_run)
    work.changed(changes(verdicts))
    return answers.view(verdicts)


@router.get(
    "/assessments/{assessment}/answers/{question}", summary="One answer", **declares(Action.ANSWER_READ, Answer)
)
def get_answer(assessment: UUID, question: QuestionId, shelf: Shelved, work: Job, site: AtSite = None) -> Response:
    _check_spot(work, shelf, assessment, question, site)
    row = kept.get(work.connection, Spot(work.state, assessment, question, site or ""))
    if row is None:
        raise no_such_answer(question, site)
    return answers.raw(shown(dict(row._mapping)), version=row.version)


@router.delete(
    "/assessments/{assessment}/answers/{question}", summary="Take one answer back",
    **declares(Action.ANSWER_WRITE, status=204, also=(412, 428)),
)  # fmt: skip
def delete_answer(
    assessment: UUID, question: QuestionId, replaces: Precondition, shelf: Shelved, work: Job, site: AtSite = None
) -> Response:
    _answering(work, shelf, assessment).clear(question, site, replaces.version)
    return Response(status_code=204)


@router.get(
    "/assessments/{assessment}/answers/{question}/history",
    summary="What one answer was before",
    **declares(Action.ANSWER_READ, Page[AnswerChange]),
)
def get_history(
    assessment: UUID, question: QuestionId, pages: Pages, shelf: Shelved, work: Job, site: AtSite = None
) -> Response:
    spot = Spot(work.state, assessment, question, site or "")
    row = Assessments(work.connection, shelf, work.state).row(assessment)
    found = past(work.connection, shelf, (row.checklist, spot), _version(pages.key(1)[0]), pages.limit + 1)
    if not found:  # a question that is no longer asked has a history all the same
        check_spot(shelf.checklist(work.connection, row.digest), question, site)
    require_reach(_reach(work, shelf, row), question, site)
    page = found[: pages.limit]
    following = cursor_of(str(page[-1]["version"])) if len(found) > pages.limit else None
    return answers.rows(page, following)


@router.get(
    "/assessments/{assessment}/questions", summary="The worklist", **declares(Action.ANSWER_READ, Page[WorkItem])
)
def list_questions(
    assessment: UUID,
    pages: Pages,
    shelf: Shelved,
    work: Job,
    language: Language,
    scope: Annotated[Literal["state", "site"] | None, Query()] = None,
    site: AtSite = None,
    agency: Annotated[AgencyCode | None, Query()] = None,
    unanswered: Annotated[bool, Query(description="Only what has no answer yet")] = False,
) -> Response:
    choice = Choice(scope, site, agency, unanswered, language)
    after = pages.key(2)
    asked = worklist(work.connection, shelf, (work.state, assessment), choice, work.limits)
    items, following = asked.page((after[0], after[1]), pages.limit)
    page = answers.page(items, None if following is None else cursor_of(*following))
    return answers.in_language(page, asked.checklist.head.language)


@router.get(
    "/states/{state}/assessments",
    summary="Your assessments",
    **declares(Action.ASSESSMENT_READ, Page[AssessmentSummary]),
)
def list_assessments(state: StateInPath, pages: Pages, shelf: Shelved, work: Job) -> Response:
    after = _id(pages.key(1)[0])
    found = Assessments(work.connection, shelf, state).all_of(after=after, most=pages.limit + 1)
    following = cursor_of(str(found[pages.limit - 1].id)) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.get("/assessments/{assessment}/scores", summary="Scores", **declares(Action.RESULT_READ, Scores))
def get_scores(assessment: UUID, shelf: Shelved, work: Job) -> Response:
    return answers.view(_results(work, shelf, assessment).scores())


@router.get(
    "/assessments/{assessment}/coverage",
    summary="Where the sites stand, by type",
    **declares(Action.RESULT_READ, Coverage),
)
def get_coverage(assessment: UUID, shelf: Shelved, work: Job, language: Language) -> Response:
    found = _results(work, shelf, assessment, language)
    return answers.in_language(answers.view(found.coverage()), found.language)


@router.get("/assessments/{assessment}/gaps", summary="Gaps by priority", **declares(Action.GAP_READ, Page[Gap]))
def get_gaps(assessment: UUID, shelf: Shelved, work: Job, language: Language) -> Response:
    results.keep_still(work.connection, work.state, assessment)
    found = _results(work, shelf, assessment, language)
    return answers.in_language(answers.page(found.gaps()), found.language)


@router.get(
    "/assessments/{assessment}/checks",
    summary="Cross-checks and indicators",
    **declares(Action.RESULT_READ, Checks),
)
def get_checks(assessment: UUID, shelf: Shelved, work: Job, language: Language) -> Response:
    found = _results(work, shelf, assessment, language)
    return answers.in_language(answers.view(found.checks()), found.language)


def _results(work: Work, shelf: Shelf, assessment: UUID, language: WantedLanguage | None = None) -> results.Results:
    return results.read(work.connection, shelf, work.state, assessment, language)


def _answering(work: Work, shelf: Shelf, assessment: UUID) -> Answering:
    writing = Writing(work.principal.id, work.principal.person, work.now)
    return Answering(work.connection, shelf, work.state, assessment, writing, work.limits)


def _check_spot(work: Work, shelf: Shelf, assessment: UUID, question: str, site: str | None) -> None:
    row = Assessments(work.connection, shelf, work.state).row(assessment)
    check_spot(shelf.checklist(work.connection, row.digest), question, site)
    require_reach(_reach(work, shelf, row), question, site)


def _reach(work: Work, shelf: Shelf, row: Record) -> Reach | None:
    """What the caller reaches in an assessment; the checklist is looked at only where there is a limit."""
    if work.limits is None:
        return None
    return reach_of(work.connection, row, shelf.checklist(work.connection, row.digest), work.limits)


def _id(text: str) -> UUID:
    try:
        return UUID(text) if text else NO_ID
    except ValueError as error:
        raise foreign_cursor() from error


def _version(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and len(text) < 10):  # fits the column
        raise foreign_cursor()
    return int(text or 0)
