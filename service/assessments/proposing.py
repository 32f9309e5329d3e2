"""Carry-over: the answers of an earlier cycle as proposals, confirmed or dismissed one by one."""

from dataclasses import dataclass
from uuid import UUID

import orjson

from service.access.policy import Action
from service.assessments import proposals, upgrades
from service.assessments.answering import Answering
from service.assessments.answers import Spot
from service.assessments.carrying import Carriage, Carried
from service.assessments.reach import Reach
from service.assessments.upgrading import fate_counts
from service.catalogue.succession import succession
from service.db.types import Record
from service.errors import NotFound
from stocktake.models import versions as wire
from stocktake.models.answers import AnswerEntry


@dataclass(frozen=True, slots=True)
class Proposing:
    """The proposals of one assessment, with the means to write its answers."""

    answering: Answering

    def propose(self, from_assessment: UUID) -> wire.Proposed:
        """Propose what an earlier assessment of this state holds, through the maps between the two versions."""
        a = self.answering
        own = a.assessments.held(a.assessment, Action.ANSWER_WRITE)
        earlier = a.assessments.earlier(own, from_assessment, "/from")
        old, new = (a.shelf.checklist(a.connection, row.digest) for row in (earlier, own))
        carriage = Carriage(succession(old, new), new, own.period_end)
        carried = carriage.carry(upgrades.held(a.connection, a.state, from_assessment))
        if a.limits is not None:
            then, now = a.reach(earlier, old), a.reach(own, new)
            carried = [one for one in carried if _reached(one, then, now)]
        count = proposals.propose(a.connection, _into(own), from_assessment, carried, a.writing)
        return wire.Proposed(
            assessment=own.id, from_assessment=from_assessment, proposed=count, counts=fate_counts(carried)
        )

    def listed(self, after: tuple[str, str], most: int) -> list[dict[str, object]]:
        """Proposals still open, each with its question's title."""
        a, own = self.answering, self._row()
        checklist = a.shelf.checklist(a.connection, own.digest)
        rows = proposals.listed(a.connection, _into(own), after, most, a.reach(own, checklist))
        questions = checklist.by_id()
        return [{**body, "title": questions[body["question"]].title} for body in proposals.bodies(rows)]

    def confirm(self, question: str, site: str | None) -> dict[str, object]:
        """Write one proposal as the answer, where none stands yet; the answer's row."""
        own = self.answering.assessments.held(self.answering.assessment, Action.ANSWER_WRITE)
        found = proposals.get(self.answering.connection, _into(own), question, site or "")
        if found is None or not self._within(own, question, site):
            raise _no_such_proposal(question, site)
        row = self.answering.put(question, site, _entry(found, own), 0)
        self._drop(question, site)
        return row

    def dismiss(self, question: str, site: str | None) -> None:
        """Take one proposal away; nothing is answered by it."""
        own = self.answering.assessments.held(self.answering.assessment, Action.ANSWER_WRITE)
        if not self._within(own, question, site) or not self._drop(question, site):
            raise _no_such_proposal(question, site)

    def _drop(self, question: str, site: str | None) -> bool:
        spot = Spot(self.answering.state, self.answering.assessment, question, site or "")
        return proposals.drop(self.answering.connection, spot)

    def _row(self) -> Record:
        return self.answering.assessments.row(self.answering.assessment)

    def _within(self, own: Record, question: str, site: str | None) -> bool:
        a = self.answering
        if a.limits is None:
            return True
        within = a.reach(own, a.shelf.checklist(a.connection, own.digest))
        return within is None or within.holds(question, site or "")


def _reached(one: Carried, then: Reach | None, now: Reach | None) -> bool:
    """Whether an answer is reached where it was given, and where it is proposed."""
    target, site = one.target or one.held.question, one.held.site
    return (then is None or then.holds(one.held.question, site)) and (now is None or now.holds(target, site))


def _into(own: Record) -> proposals.Into:
    return proposals.Into(own.state, own.id, own.checklist_version, own.period_end)


def _entry(found: Record, own: Record) -> AnswerEntry:
    """The proposal as an answer: its evidence keeps its dates; its period is this cycle's where it names none."""
    unsaid = found.period_start is None and found.period_end is None
    return AnswerEntry.model_validate(
        {
            "kind": found.kind,
            "value": None if found.value is None else orjson.loads(found.value),
            "reason": found.reason,
            "remark": found.remark,
            "evidence": orjson.loads(found.evidence),
            "certainty": found.certainty,
            "period_start": own.period_start if unsaid else found.period_start,
            "period_end": own.period_end if unsaid else found.period_end,
            "source": None if found.source is None else orjson.loads(found.source),
        }
    )


def _no_such_proposal(question: str, site: str | None) -> NotFound:
    if site is None:
        return NotFound(
            "There is no proposal for {question}; list them, or make them anew after an upgrade.", question=question
        )
    return NotFound(
        "There is no proposal for {question} at site {site}; list them, or make them anew after an upgrade.",
        question=question,
        site=site,
    )
