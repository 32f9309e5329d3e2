"""Who may do what: one table, one pure decision, default deny."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.errors import Forbidden, Message, NotFound


class Scope(StrEnum):
    """What an API key was made for."""

    READ = "read"
    WRITE = "write"
    REGISTRY = "registry"
    EXPORT = "export"


class Action(StrEnum):
    """Everything a route can do; a route declares exactly one."""

    CHECKLIST_READ = "checklist.read"
    STATE_READ = "state.read"
    STATE_WRITE = "state.write"
    AGENCY_READ = "agency.read"
    AGENCY_WRITE = "agency.write"
    SITE_READ = "site.read"
    SITE_WRITE = "site.write"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_OPEN = "assessment.open"
    ASSESSMENT_UPGRADE = "assessment.upgrade"
    ANSWER_READ = "answer.read"
    ANSWER_WRITE = "answer.write"
    EXPORT_READ = "export.read"


POLICY: dict[Action, frozenset[Scope]] = {
    Action.CHECKLIST_READ: frozenset(Scope),
    Action.STATE_READ: frozenset(Scope),
    Action.STATE_WRITE: frozenset({Scope.REGISTRY}),
    Action.AGENCY_READ: frozenset({Scope.READ, Scope.WRITE, Scope.REGISTRY}),
    Action.AGENCY_WRITE: frozenset({Scope.REGISTRY}),
    Action.SITE_READ: frozenset({Scope.READ, Scope.WRITE, Scope.REGISTRY}),
    Action.SITE_WRITE: frozenset({Scope.REGISTRY}),
    Action.ASSESSMENT_READ: frozenset({Scope.READ, Scope.WRITE}),
    Action.ASSESSMENT_OPEN: frozenset({Scope.REGISTRY}),
    Action.ASSESSMENT_UPGRADE: frozenset({Scope.REGISTRY}),
    Action.ANSWER_READ: frozenset({Scope.READ, Scope.WRITE}),
    Action.ANSWER_WRITE: frozenset({Scope.WRITE}),
    Action.EXPORT_READ: frozenset({Scope.EXPORT}),
}
"""Which key scopes allow an action; one of them is enough."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a key of one state, with its scopes. The state comes from here and from nowhere else."""

    state: str
    key: str
    scopes: frozenset[Scope]


def authorize(principal: Principal, action: Action) -> None:
    """Let the action pass or raise Forbidden, which names the scope that is missing."""
    allowed = POLICY[action]
    if not principal.scopes & allowed:
        raise Forbidden(
            "{action} needs a key with scope {scopes}; this key has {own}.",
            action=action,
            scopes=_any_of(sorted(allowed)),
            own=" ".join(sorted(principal.scopes)),
        )


def _any_of(scopes: Sequence[Scope]) -> Message | Scope:
    *others, last = scopes
    return Message("{one} or {other}", one=_any_of(others), other=last) if others else last


def require_own(principal: Principal, state: str) -> None:
    """Another state's record is answered exactly as one that does not exist."""
    if state != principal.state:
        raise NotFound("There is no such member state, or it is not yours.")
