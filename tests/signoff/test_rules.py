"""The rules of sign-off, exhaustively: who may do what now, what stands in the way, who judges whom."""

import itertools
from dataclasses import fields

import pytest

from service.access.policy import POLICY, Action, Grant, Principal, Role, Scope, Status
from service.errors import Invalid
from service.signoff.rules import (
    APPROVE,
    EFFECTS,
    REOPEN,
    RETURN,
    SUBMIT,
    NotReady,
    OwnWork,
    Unsettled,
    possible,
    require_another,
    require_ready,
    require_reason,
    require_second_person,
)

INSIDE = (Role.COORDINATOR, Role.CONTRIBUTOR, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR)
STEPS = (SUBMIT, RETURN, APPROVE, REOPEN)


def person(roles: tuple[Role, ...]) -> Principal:
    return Principal("QZA", "person:a", "person:a", grants=tuple(Grant(role) for role in roles))


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("own_work", [False, True])
def test_what_somebody_may_do_follows_from_the_table_the_status_and_their_own_work(
    status: Status,
    own_work: bool,  # noqa: FBT001
) -> None:
    for many in range(len(INSIDE) + 1):
        for roles in itertools.combinations(INSIDE, many):
            found = possible(person(roles), status, own_work=own_work)
            assert found == [
                action
                for action in EFFECTS
                if POLICY[action].roles & set(roles)
                and status in POLICY[action].statuses
                and not (action is Action.ASSESSMENT_APPROVE and own_work)
            ]
    for scopes in ({Scope.READ}, {Scope.WRITE}, {Scope.REGISTRY}, set(Scope)):
        key = Principal("QZA", "key:a", "operator", frozenset(scopes))
        found = possible(key, status, own_work=own_work)
        assert found == [a for a in EFFECTS if POLICY[a].scopes & scopes and status in POLICY[a].statuses]


def test_whoever_may_approve_is_told_so_only_when_it_is_not_their_own_work() -> None:
    approver = person((Role.APPROVER,))
    assert Action.ASSESSMENT_APPROVE in possible(approver, Status.SUBMITTED, own_work=False)
    assert Action.ASSESSMENT_APPROVE not in possible(approver, Status.SUBMITTED, own_work=True)
    assert Action.ASSESSMENT_RETURN in possible(approver, Status.SUBMITTED, own_work=True)


def test_what_waits_for_somebody_blocks_only_where_it_has_to() -> None:
    for counts in itertools.product((0, 1), repeat=len(fields(Unsettled))):
        unsettled = Unsettled(*counts)
        if unsettled.second_person or unsettled.returned:
            with pytest.raises(NotReady, match=f"second person: {unsettled.second_person}") as refusal:
                require_ready(unsettled)
            assert f"since: {unsettled.returned}" in refusal.value.detail
        else:
            require_ready(unsettled)


def test_a_step_begins_where_the_table_says_and_is_taken_in_a_role_that_may() -> None:
    led = {(step.name, step.status, step.revisions) for step in STEPS}
    assert led == {
        ("submitted", "submitted", 0), ("returned", "draft", 0), ("approved", "approved", 0), ("reopened", "draft", 1),
    }  # fmt: skip
    for step in STEPS:
        assert step.status not in POLICY[step.action].statuses  # no step leads to where it is taken from
        for role in POLICY[step.action].roles:
            assert step.role({role, Role.AUDITOR}) is role


def test_nobody_judges_their_own() -> None:
    require_second_person("person:a", "person:b")
    require_another(own_work=False)
    with pytest.raises(OwnWork):
        require_second_person("person:a", "person:a")
    with pytest.raises(OwnWork):
        require_another(own_work=True)


def test_a_return_needs_a_reason() -> None:
    require_reason("accepted", None)
    require_reason("returned", "Which law?")
    with pytest.raises(Invalid, match="/reason"):
        require_reason("returned", None)
