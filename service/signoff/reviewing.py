"""Reviews: a second person accepts an answer or returns it with a reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Action, Limits
from service.assessments.answering import check_scope, no_such_answer
from service.assessments.opening import Assessments
from service.assessments.reaching import no_such_question, reach_of
from service.assessments.tallies import Scope
from service.catalogue.question import Question
from service.catalogue.store import Shelf
from service.db.types import Record
from service.errors import Invalid, Problem, VersionConflict
from service.languages.words import Words
from service.registry.usecases import tally
from service.signoff import reviews
from service.signoff.rules import require_reason, require_second_person
from stocktake.models.registry import Outcome, RowVerdict, Verdicts
from stocktake.models.signoff import Review, ReviewRow


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The reviews of one assessment of one state, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str
    assessment: UUID

    def listed(self, after: tuple[str, str], most: int, *, verdict: str, limits: Limits) -> list[Review]:
        """Answers that stand, with what was said of them, as far as they are reached."""
        row = Assessments(self.connection, self.shelf, self.state).row(self.assessment)
        reach = reach_of(self.connection, row, self.shelf.checklist(self.connection, row.digest), limits)
        found = reviews.listed(self.connection, self._scope(row), after, most, verdict=verdict, reach=reach)
        return [Review.model_validate({**one._mapping, "site": one.site or None}) for one in found]

    def put_many(self, rows: Sequence[ReviewRow], reviewer: "Reviewer", words: Words) -> Verdicts:
        """Keep what can be kept, a verdict a row; refused rows leave the others standing."""
        row = Assessments(self.connection, self.shelf, self.state).held(self.assessment, Action.REVIEW_WRITE)
        questions = self.shelf.checklist(self.connection, row.digest).by_id()
        spots = sorted({(one.question, one.site or "") for one in rows})
        standing = reviews.standing(self.connection, self._scope(row), spots)
        batch = _Batch(row, questions, standing, reviewer)
        verdicts = [batch.judge(number, one, words) for number, one in enumerate(rows, 1)]
        reviews.put(self.connection, batch.written)
        return tally(verdicts, dry_run=False)

    def _scope(self, row: Record) -> Scope:
        return Scope(self.state, self.assessment, row.period_end)


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who reviews, and when."""

    person: str
    at: datetime


class _Batch:
    """The rows of one request, judged in order against what stands."""

    def __init__(
        self,
        assessment: Record,
        questions: Mapping[str, Question],
        standing: Mapping[tuple[str, str], Record],
        reviewer: Reviewer,
    ) -> None:
        self._assessment = assessment
        self._questions = questions
        self._standing = standing
        self._reviewer = reviewer
        self._seen: set[tuple[str, str]] = set()
        self.written: list[dict[str, object]] = []

    def judge(self, number: int, row: ReviewRow, words: Words) -> RowVerdict:
        """What becomes of one row; what is to be kept is kept."""
        key = row.question if row.site is None else f"{row.question}@{row.site}"
        try:
            outcome = self._accept(row)
        except Problem as problem:
            detail = problem.message.said(words)
            return RowVerdict(row=number, key=key, outcome="refused", version=None, code=problem.code, detail=detail)
        return RowVerdict(row=number, key=key, outcome=outcome, version=row.version, code=None, detail=None)

    def _accept(self, row: ReviewRow) -> Outcome:
        asked = self._questions.get(row.question)
        if asked is None:
            raise no_such_question(row.question)
        check_scope(asked, row.site)
        where = (row.question, row.site or "")
        if where in self._seen:
            raise Invalid("The same question (and site) stands twice in this request.")
        self._seen.add(where)
        stands = self._standing.get(where)
        if stands is None:
            raise no_such_answer(row.question, row.site)
        if row.version != stands.version:
            raise VersionConflict(
                "It names version {yours}, but version {current} stands.", yours=row.version, current=stands.version
            )
        require_second_person(self._reviewer.person, stands.author)
        require_reason(row.verdict, row.reason)
        return self._keep(row, stands)

    def _keep(self, row: ReviewRow, before: Record) -> Outcome:
        if (before.verdict, before.reason, before.by) == (row.verdict, row.reason, self._reviewer.person):
            return "unchanged"
        said = {"verdict": row.verdict, "reason": row.reason, "by": self._reviewer.person, "at": self._reviewer.at}
        spot = {"question": row.question, "site": row.site or "", "version": row.version}
        self.written.append({"state": self._assessment.state, "assessment": self._assessment.id, **spot, **said})
        return "created" if before.verdict is None else "changed"
