"""What a caller reaches in an assessment, and the refusal of the rest."""

from sqlalchemy import Connection

from service.access.policy import Limits
from service.assessments import assignments
from service.assessments.reach import Reach, agencies, reach
from service.catalogue.checklist import Checklist
from service.db.types import Record
from service.errors import NotFound


def reach_of(connection: Connection, assessment: Record, checklist: Checklist, limits: Limits) -> Reach | None:
    """What is reached in this assessment; none where there is no limit, which costs nothing."""
    if limits is None:
        return None
    assigned = assignments.assigned(connection, assessment.state, assessment.id, agencies(limits))
    return reach(limits, assigned, checklist)


def require_reach(within: Reach | None, question: str, site: str | None) -> None:
    """Refuse what is out of reach as what does not exist."""
    if within is not None and not within.holds(question, site or ""):
        raise no_such_question(question) if site is None else no_such_site(site)


def no_such_question(question: str) -> NotFound:
    return NotFound("There is no question {question} in this assessment's checklist.", question=question)


def no_such_site(site: str) -> NotFound:
    return NotFound("There is no site {site} in your register; enter it first.", site=site)
