"""Who may take which step, and what stands in its way. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from service.access.policy import POLICY, Action, Principal, Role, Status, may
from service.errors import Conflict, Forbidden, Invalid, Message, Place
from service.languages.words import mark
from stocktake.models.signoff import Verdict

StepName = Literal["submitted", "returned", "approved", "reopened"]
EFFECTS = (
    Action.ANSWER_WRITE,
    Action.REVIEW_WRITE,
    Action.COMMENT_WRITE,
    Action.ASSIGNMENT_WRITE,
    Action.ASSESSMENT_UPGRADE,
    Action.ASSESSMENT_SUBMIT,
    Action.ASSESSMENT_RETURN,
    Action.ASSESSMENT_APPROVE,
    Action.ASSESSMENT_REOPEN,
)
"""What can be done to an assessment, in the order of the work."""
SECOND_PERSON = frozenset({"not_applicable", "other_means"})
"""Kinds of answers that count only when a second person has accepted them."""


class OwnWork(Forbidden):
    """Allowed, but not to whoever did what is to be judged."""

    code = "own_work"
    title = mark("Somebody else has to do this")


class NotReady(Conflict):
    """It cannot go to the approver: something that has to be settled is not."""

    code = "not_ready"
    title = mark("The assessment is not ready")


@dataclass(frozen=True, slots=True)
class Unsettled:
    """How many of the answers that stand wait for somebody; they are those that a snapshot would hold."""

    to_confirm: int = 0
    second_person: int = 0
    returned: int = 0
    unreviewed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an assessment: what it is called, where it leads, and whether another revision begins."""

    action: Action
    name: StepName
    status: Status
    revisions: int = 0

    def role(self, roles: AbstractSet[Role]) -> Role:
        """The role in which somebody with these roles takes it."""
        return min(POLICY[self.action].roles & roles)


SUBMIT = Step(Action.ASSESSMENT_SUBMIT, "submitted", Status.SUBMITTED)
RETURN = Step(Action.ASSESSMENT_RETURN, "returned", Status.DRAFT)
APPROVE = Step(Action.ASSESSMENT_APPROVE, "approved", Status.APPROVED)
REOPEN = Step(Action.ASSESSMENT_REOPEN, "reopened", Status.DRAFT, revisions=1)


def possible(principal: Principal, status: str, *, own_work: bool) -> list[Action]:
    """What somebody may do now to an assessment that stands here; ``own_work``: they answered or submitted it."""
    allowed = (action for action in EFFECTS if may(principal, action) and status in POLICY[action].statuses)
    return [action for action in allowed if not (own_work and action is Action.ASSESSMENT_APPROVE)]


def require_ready(unsettled: Unsettled) -> None:
    """Refuse while a second person is needed, or an answer stands that was returned."""
    if unsettled.second_person or unsettled.returned:
        raise NotReady(
            "Answers not applicable or by other means that wait for a second person: {second_person}. "
            "Answers that were returned and not changed since: {returned}. Settle them first.",
            second_person=unsettled.second_person,
            returned=unsettled.returned,
        )


def require_second_person(person: str, author: str) -> None:
    """Refuse a review of what the reviewer, or a key of theirs, answered."""
    if person == author:
        raise OwnWork("You gave this answer, or a key that you made did; somebody else has to review it.")


def require_another(*, own_work: bool) -> None:
    """Refuse an approval by somebody who answered or submitted any of it."""
    if own_work:
        raise OwnWork(
            "You submitted this assessment, or you or a key that you made gave one of its answers; "
            "somebody else has to approve it."
        )


def require_reason(verdict: Verdict, reason: str | None) -> None:
    """Refuse to return an answer without a word."""
    if verdict == "returned" and reason is None:
        raise Invalid.at(Place("/reason", Message("say why you return it")))
