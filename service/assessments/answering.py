"""Writing answers: one at a time with a precondition, or many with a verdict on each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Connection

from service.access.policy import Action, Limits, require_status
from service.assessments import answers, batches, store
from service.assessments.answers import Spot, Writing
from service.assessments.opening import Assessments, there
from service.assessments.reach import Reach
from service.assessments.reaching import no_such_question, no_such_site, reach_of, require_reach
from service.assessments.values import check_entry
from service.catalogue.checklist import Checklist
from service.catalogue.question import Question
from service.catalogue.store import Shelf
from service.db.types import Record
from service.errors import Invalid, NotFound, Place, Problem, VersionConflict
from service.languages.words import Words
from service.registry import store as registry
from service.registry.usecases import tally
from stocktake.models.answers import AnswerEntry, AnswerRow
from stocktake.models.registry import Outcome, RowVerdict, Verdicts

_CONTENT = ("kind", "value", "reason", "remark", "evidence", "certainty", "period_start", "period_end", "source")


@dataclass(frozen=True, slots=True)
class Answering:
    """Writing into one assessment of one state, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str
    assessment: UUID
    writing: Writing
    limits: Limits

    def put(self, question: str, site: str | None, entry: AnswerEntry, replaces: int | None) -> dict[str, object]:
        """Write one answer; its row with the new version."""
        moment = self.writing.at
        assessment = there(store.bump_at(self.connection, self.state, self.assessment, site or "", moment=moment))
        require_status(Action.ANSWER_WRITE, assessment.status)
        checklist = self.shelf.checklist(self.connection, assessment.digest)
        asked = check_spot(checklist, question, site)
        if site is not None and not assessment.has_site:
            raise no_such_site(site)
        require_reach(self.reach(assessment, checklist), question, site)
        spot = Spot(self.state, self.assessment, question, site or "")
        given = check_entry(asked, entry, period_end=assessment.period_end)
        row = answers.row_of(spot, entry, given, self.writing, assessment.checklist_version)
        version = answers.put(self.connection, spot, row, replaces)
        return {**row, "version": version}

    def clear(self, question: str, site: str | None, replaces: int | None) -> None:
        """Take one answer back; its history stays."""
        assessment = there(store.bump(self.connection, self.state, self.assessment, moment=self.writing.at))
        require_status(Action.ANSWER_WRITE, assessment.status)
        if self.limits is not None:
            checklist = self.shelf.checklist(self.connection, assessment.digest)
            require_reach(self.reach(assessment, checklist), question, site)
        spot = Spot(self.state, self.assessment, question, site or "")
        current = answers.version(self.connection, spot)
        if current == 0:
            raise no_such_answer(question, site)
        if replaces == 0 or not answers.clear(self.connection, spot, replaces, self.writing):
            raise VersionConflict(
                "You would take back version {yours}, but version {current} stands. Read it and decide anew.",
                yours=replaces or 0,
                current=current,
            )

    def put_many(self, rows: Sequence[AnswerRow], words: Words, *, dry_run: bool) -> Verdicts:
        """Write what can be written, a verdict a row; refused rows leave the others standing."""
        assessment = there(store.hold(self.connection, self.state, self.assessment))
        require_status(Action.ANSWER_WRITE, assessment.status)
        sites = registry.site_codes(self.connection, self.state) if any(row.site for row in rows) else frozenset[str]()
        spots = [(row.question, row.site or "") for row in rows]
        standing = batches.standing(self.connection, self.state, self.assessment, spots)
        checklist = self.shelf.checklist(self.connection, assessment.digest)
        within = self.reach(assessment, checklist)
        batch = _Batch(self, _Ground(assessment, checklist.by_id(), sites, within), standing)
        verdicts = [batch.judge(number, row, words) for number, row in enumerate(rows, 1)]
        if batch.written and not dry_run:
            batches.write(self.connection, self.state, self.assessment, batch.written)
            store.bump(self.connection, self.state, self.assessment, moment=self.writing.at)
        return tally(verdicts, dry_run=dry_run)

    @property
    def assessments(self) -> Assessments:
        """Of the same state."""
        return Assessments(self.connection, self.shelf, self.state)

    def reach(self, assessment: Record, checklist: Checklist) -> Reach | None:
        """What the writer reaches in an assessment of the state."""
        return reach_of(self.connection, assessment, checklist, self.limits)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What rows are judged by, beside what stands."""

    assessment: Record
    questions: Mapping[str, Question]
    sites: frozenset[str]
    within: Reach | None


class _Batch:
    """The rows of one bulk request, judged in order against what stands."""

    def __init__(self, answering: Answering, ground: _Ground, standing: Mapping[tuple[str, str], Record]) -> None:
        self._answering = answering
        self._ground = ground
        self._period_end = ground.assessment.period_end
        self._asked_in = ground.assessment.checklist_version
        self._standing = standing
        self._seen: set[tuple[str, str]] = set()
        self.written: list[Mapping[str, object]] = []

    def judge(self, number: int, row: AnswerRow, words: Words) -> RowVerdict:
        """What becomes of one row; what is to be written is kept."""
        key = row.question if row.site is None else f"{row.question}@{row.site}"
        try:
            outcome, version = self._accept(row)
        except Problem as problem:
            detail = problem.message.said(words)
            return RowVerdict(row=number, key=key, outcome="refused", version=None, code=problem.code, detail=detail)
        return RowVerdict.model_construct(row=number, key=key, outcome=outcome, version=version, code=None, detail=None)

    def _accept(self, row: AnswerRow) -> tuple[Outcome, int]:
        asked = self._ground.questions.get(row.question)
        if asked is None:
            raise no_such_question(row.question)
        check_scope(asked, row.site)
        if row.site is not None and row.site not in self._ground.sites:
            raise no_such_site(row.site)
        require_reach(self._ground.within, row.question, row.site)
        where = (row.question, row.site or "")
        if where in self._seen:
            raise Invalid("The same question (and site) stands twice in this request.")
        self._seen.add(where)
        given = check_entry(asked, row, period_end=self._period_end)
        spot = Spot(self._answering.state, self._answering.assessment, *where)
        fields = answers.row_of(spot, row, given, self._answering.writing, self._asked_in)
        return self._compare(row, fields, self._standing.get(where))

    def _compare(self, row: AnswerRow, fields: dict[str, object], before: Record | None) -> tuple[Outcome, int]:
        kept = 0 if before is None else int(before.version)
        current = 0 if before is None or before.kind == answers.CLEARED else kept
        if row.version is not None and row.version != current:
            raise VersionConflict(
                "It names version {yours}, but version {current} stands.", yours=row.version, current=current
            )
        if before is not None and current and not before.reconfirm and self._same(before, fields):
            return "unchanged", current
        self.written.append({**fields, "version": kept + 1})
        return ("changed" if current else "created"), kept + 1

    @staticmethod
    def _same(before: Record, fields: dict[str, object]) -> bool:
        return all(getattr(before, name) == fields[name] for name in _CONTENT)


def check_spot(checklist: Checklist, question: str, site: str | None) -> Question:
    """The question; a reader too is told when there is none, or when it needs a site."""
    asked = checklist.by_id().get(question)
    if asked is None:
        raise no_such_question(question)
    check_scope(asked, site)
    return asked


def check_scope(asked: Question, site: str | None) -> None:
    """A site question needs a site, a state question takes none."""
    if asked.scope == "site" and site is None:
        place = Place("query:site", "{question} is asked of each site; name the site", question=asked.id)
    elif asked.scope == "state" and site is not None:
        place = Place("query:site", "{question} is asked of the state; leave the site out", question=asked.id)
    else:
        return
    raise Invalid.at(place)


def no_such_answer(question: str, site: str | None) -> NotFound:
    if site is None:
        return NotFound("{question} has no answer.", question=question)
    return NotFound("{question} has no answer at site {site}.", question=question, site=site)


def shown(row: Mapping[str, Any]) -> bytes:  # columns are of many types
    """A written row as the wire's Answer, in JSON."""
    body = {column.name: row[column.name] for column in answers.SHOWN}
    return orjson.dumps(answers.passed_on(body), option=orjson.OPT_UTC_Z)
