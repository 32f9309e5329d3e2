"""The policy table against its reviewed copy in ``docs/permissions.md``, and the one decision on it."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.access.policy import (
    FRESH,
    POLICY,
    Action,
    Grant,
    Principal,
    Role,
    Scope,
    SecondFactorNeeded,
    StaleSignIn,
    Status,
    WrongStatus,
    authorize,
    given,
    given_by_operator,
    grantable,
    is_body,
    may,
    require_own,
    require_status,
)
from service.access.table import page
from service.errors import Forbidden, NotFound

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def person(*roles: Role, signed_in: datetime | None = NOW, two_factors: bool = True) -> Principal:
    grants, who = tuple(Grant(role) for role in roles), "person:aaaaaaaaaa"
    return Principal("QZA", who, who, grants=grants, signed_in=signed_in, two_factors=two_factors)


def key(*scopes: Scope) -> Principal:
    return Principal("QZA", "key:aaaaaaaaaa", "operator", frozenset(scopes))


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make permissions` and read what changed"


def test_a_changed_rule_changes_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(POLICY, Action.GAP_READ, POLICY[Action.ME_READ])
    assert PAGE.read_text(encoding="utf-8") != page()


def test_every_action_has_a_rule_and_somebody_may_take_it() -> None:
    assert set(POLICY) == set(Action)
    assert [action for action, rule in POLICY.items() if not rule.roles] == []


@pytest.mark.parametrize("action", Action)
def test_one_allowed_role_or_scope_is_enough_and_none_is_not(action: Action) -> None:
    rule = POLICY[action]
    for several in itertools.chain.from_iterable(itertools.combinations(Role, many) for many in range(4)):
        assert passes(person(*several), action) == bool(rule.roles & set(several))
    for some in itertools.chain.from_iterable(itertools.combinations(Scope, many) for many in range(4)):
        assert passes(key(*some), action) == bool(rule.scopes & set(some))


def passes(who: Principal, action: Action) -> bool:
    allowed = may(who, action)
    if allowed:
        authorize(who, action, NOW)
    else:
        with pytest.raises(Forbidden, match=f"^{action} " if who.is_key or who.roles else "no role here yet"):
            authorize(who, action, NOW)
    return allowed


def test_a_step_that_cannot_be_taken_back_needs_a_fresh_sign_in() -> None:
    fresh = [action for action, rule in POLICY.items() if rule.fresh]
    assert Action.ASSESSMENT_APPROVE in fresh
    for action in fresh:
        assert not POLICY[action].scopes  # a key never signed in
        role = next(iter(POLICY[action].roles))
        authorize(person(role, signed_in=NOW - FRESH), action, NOW)
        for since in (NOW - FRESH - timedelta(seconds=1), None):
            with pytest.raises(StaleSignIn):
                authorize(person(role, signed_in=since), action, NOW)


def test_a_step_that_cannot_be_taken_back_needs_two_factors() -> None:
    fresh = {action for action, rule in POLICY.items() if rule.fresh}
    assert fresh == {
        Action.ASSESSMENT_APPROVE, Action.ASSESSMENT_REOPEN, Action.SHARE_GIVE, Action.PERSON_WRITE, Action.KEY_WRITE,
    }  # fmt: skip
    for action in Action:
        role = next(iter(POLICY[action].roles))
        if action in fresh:
            with pytest.raises(SecondFactorNeeded):
                authorize(person(role, two_factors=False), action, NOW)
        else:
            authorize(person(role, signed_in=None, two_factors=False), action, NOW)


def test_a_key_never_signs_shares_or_grants() -> None:
    for action in (
        Action.ASSESSMENT_SUBMIT, Action.ASSESSMENT_APPROVE, Action.ASSESSMENT_REOPEN, Action.SHARE_GIVE,
        Action.PERSON_WRITE, Action.KEY_WRITE, Action.REVIEW_WRITE,
    ):  # fmt: skip
        with pytest.raises(Forbidden, match="is for people"):
            authorize(key(*Scope), action, NOW)


@pytest.mark.parametrize("status", Status)
def test_what_can_be_done_hangs_on_where_the_assessment_stands(status: Status) -> None:
    for action, rule in POLICY.items():
        if status in rule.statuses:
            require_status(action, status)
        else:
            with pytest.raises(WrongStatus, match=f"this one is {status}"):
                require_status(action, status)


def test_a_coordinator_gives_a_key_no_more_than_they_have() -> None:
    assert grantable({Role.COORDINATOR}) == frozenset(Scope) - {Scope.RECEIVED}
    assert grantable({Role.RECIPIENT}) == {Scope.RECEIVED}
    assert grantable({Role.VALIDATOR}) == {Scope.READ, Scope.EXPORT}
    assert grantable(()) == frozenset()


def test_a_coordinator_gives_the_roles_of_their_own_house() -> None:
    assert not is_body("QZA")
    assert is_body("XSG")
    assert given("QZA") == given_by_operator("QZA") == set(Role) - {Role.RECIPIENT, Role.SECRETARIAT, Role.OPERATOR}
    assert given("XSG") == {Role.COORDINATOR, Role.AUDITOR, Role.RECIPIENT}
    assert given_by_operator("XSG") - given("XSG") == {Role.SECRETARIAT, Role.OPERATOR}


def test_a_contributor_is_limited_unless_another_role_would_do() -> None:
    assert person(Role.CONTRIBUTOR).limited(Action.ANSWER_READ)
    assert not person(Role.CONTRIBUTOR, Role.VALIDATOR).limited(Action.ANSWER_READ)
    assert person(Role.CONTRIBUTOR, Role.VALIDATOR).limited(Action.ANSWER_WRITE)
    assert not key(Scope.WRITE).limited(Action.ANSWER_WRITE)


def test_only_ones_own_state_passes() -> None:
    principal = key(*Scope)
    require_own(principal, "QZA")
    for other in ("QZB", "qza", "", "QZA "):
        with pytest.raises(NotFound) as refusal:
            require_own(principal, other)
        assert other not in refusal.value.detail or not other
