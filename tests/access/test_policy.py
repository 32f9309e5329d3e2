"""The policy table, written out a second time: a change of it is a change here too."""

import itertools

import pytest

from service.access.policy import POLICY, Action, Principal, Scope, authorize, require_own
from service.errors import Forbidden, NotFound

REVIEWED = {
    "checklist.read": "read write registry export",
    "state.read": "read write registry export",
    "state.write": "registry",
    "agency.read": "read write registry",
    "agency.write": "registry",
    "site.read": "read write registry",
    "site.write": "registry",
    "assessment.read": "read write",
    "assessment.open": "registry",
    "answer.read": "read write",
    "answer.write": "write",
    "export.read": "export",
}
COMBINATIONS = [frozenset(some) for many in range(len(Scope) + 1) for some in itertools.combinations(Scope, many)]


def test_the_table_is_the_reviewed_one() -> None:
    assert {str(action): scopes for action, scopes in POLICY.items()} == {
        action: frozenset(scopes.split()) for action, scopes in REVIEWED.items()
    }


@pytest.mark.parametrize("action", Action)
def test_one_allowed_scope_is_enough_and_none_is_not(action: Action) -> None:
    allowed = frozenset(REVIEWED[action].split())
    for scopes in COMBINATIONS:
        principal = Principal("QZA", "k", scopes)
        if scopes & allowed:
            authorize(principal, action)
        else:
            with pytest.raises(Forbidden, match=f"^{action} needs a key with scope"):
                authorize(principal, action)


def test_only_ones_own_state_passes() -> None:
    principal = Principal("QZA", "k", frozenset(Scope))
    require_own(principal, "QZA")
    for other in ("QZB", "qza", "", "QZA "):
        with pytest.raises(NotFound) as refusal:
            require_own(principal, other)
        assert other not in refusal.value.detail or not other
