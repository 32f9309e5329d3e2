"""Where an assessment stands for one caller: its progress, what they may do now, and what is missing."""

from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Action, Principal, Status, may
from service.assessments import results
from service.assessments.opening import Assessments, summary
from service.assessments.results import Results
from service.assessments.tallies import Scope
from service.catalogue.store import Shelf
from service.db.types import Record
from service.signoff import store
from service.signoff.rules import possible
from stocktake.models.assessments import Assessment, Missing, Progress
from stocktake.models.signoff import SignoffStep


def standing(connection: Connection, shelf: Shelf, principal: Principal, assessment: UUID) -> Assessment:
    """One assessment of the caller's state; figures of the whole are for those who see the whole."""
    if principal.limited(Action.ASSESSMENT_READ):
        row = Assessments(connection, shelf, principal.state).row(assessment)
        return Assessment(
            **summary(row).model_dump(), may=_may(connection, principal, row), progress=None, missing=None
        )
    read = results.read(connection, shelf, principal.state, assessment)
    progress = read.progress()
    return Assessment(
        **summary(read.row).model_dump(),
        may=_may(connection, principal, read.row),
        progress=progress,
        missing=_missing(read, progress),
    )


def signoffs(connection: Connection, shelf: Shelf, principal: Principal, assessment: UUID) -> list[SignoffStep]:
    """Every step that was taken, in order; the reasons are for those who see the whole."""
    row = Assessments(connection, shelf, principal.state).row(assessment)
    hidden = {"reason": None} if principal.limited(Action.SIGNOFF_READ) else {}
    steps = store.steps(connection, Scope(row.state, row.id, row.period_end))
    return [SignoffStep.model_validate({**step._mapping, "person": step.by, **hidden}) for step in steps]


def _may(connection: Connection, principal: Principal, row: Record) -> list[str]:
    own_work = False
    if row.status == Status.SUBMITTED and may(principal, Action.ASSESSMENT_APPROVE):
        scope = Scope(row.state, row.id, row.period_end)
        own_work = store.took_part(connection, scope, principal.person, row.revision)
    return [str(action) for action in possible(principal, row.status, own_work=own_work)]


def _missing(read: Results, progress: Progress) -> Missing:
    unsettled = store.unsettled(read.connection, read.scope)
    contradictions = sum(raised.severity == "contradiction" for raised in read.checks().results)
    return Missing(
        unanswered=progress.asked - progress.answered,
        to_confirm=unsettled.to_confirm,
        second_person=unsettled.second_person,
        returned=unsettled.returned,
        unreviewed=unsettled.unreviewed,
        contradictions=contradictions,
    )
