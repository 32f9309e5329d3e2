"""Who may do what: one table, one pure decision, default deny.

The table in ``docs/permissions.md`` and the test matrix are made from ``POLICY``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from service.errors import Conflict, Forbidden, Message, NotFound
from service.languages.words import mark

FRESH = timedelta(minutes=15)
"""How long ago somebody may have signed in who takes a step that cannot be taken back."""


class Role(StrEnum):
    """What a person does. All but the last three work inside one member state."""

    COORDINATOR = "coordinator"
    CONTRIBUTOR = "contributor"
    VALIDATOR = "validator"
    APPROVER = "approver"
    AUDITOR = "auditor"
    RECIPIENT = "recipient"
    SECRETARIAT = "secretariat"
    OPERATOR = "operator"


class Scope(StrEnum):
    """What an API key was made for."""

    READ = "read"
    WRITE = "write"
    REGISTRY = "registry"
    EXPORT = "export"
    LOG = "log"
    RECEIVED = "received"


class Status(StrEnum):
    """Where an assessment stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"


class Action(StrEnum):
    """Everything a route can do; a route declares exactly one."""

    CHECKLIST_READ = "checklist.read"
    ME_READ = "me.read"
    ME_WRITE = "me.write"
    SESSION_END = "session.end"
    STATE_READ = "state.read"
    STATE_WRITE = "state.write"
    AGENCY_READ = "agency.read"
    AGENCY_WRITE = "agency.write"
    SITE_READ = "site.read"
    SITE_WRITE = "site.write"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_OPEN = "assessment.open"
    ASSESSMENT_UPGRADE = "assessment.upgrade"
    RESULT_READ = "result.read"
    GAP_READ = "gap.read"
    ANSWER_READ = "answer.read"
    ANSWER_WRITE = "answer.write"
    ASSIGNMENT_READ = "assignment.read"
    ASSIGNMENT_WRITE = "assignment.write"
    REVIEW_READ = "review.read"
    REVIEW_WRITE = "review.write"
    COMMENT_READ = "comment.read"
    COMMENT_WRITE = "comment.write"
    SIGNOFF_READ = "signoff.read"
    ASSESSMENT_SUBMIT = "assessment.submit"
    ASSESSMENT_APPROVE = "assessment.approve"
    ASSESSMENT_RETURN = "assessment.return"
    ASSESSMENT_REOPEN = "assessment.reopen"
    SNAPSHOT_READ = "snapshot.read"
    EXPORT_READ = "export.read"
    SHARE_READ = "share.read"
    SHARE_GIVE = "share.give"
    SHARE_REVOKE = "share.revoke"
    RECEIVED_LIST = "received.list"
    RECEIVED_READ = "received.read"
    LOG_READ = "log.read"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    KEY_READ = "key.read"
    KEY_WRITE = "key.write"
    SERVICE_READ = "service.read"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may take an action, and when."""

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    """Key scopes of which one is enough; none: no key may."""
    statuses: frozenset[Status] = frozenset(Status)
    """Where the assessment may stand."""
    fresh: bool = False
    """Only within ``FRESH`` of signing in with two factors."""
    logged: bool = False
    """Reading it leaves an event in the state's log; every effect does anyway."""


_INSIDE = frozenset({Role.COORDINATOR, Role.CONTRIBUTOR, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR})
_WHOLE = _INSIDE - {Role.CONTRIBUTOR}
_COORDINATOR = frozenset({Role.COORDINATOR})
_APPROVER = frozenset({Role.APPROVER})
_OUTSIDE = frozenset({Role.RECIPIENT, Role.SECRETARIAT})
_IN_BODY = frozenset({Role.COORDINATOR, Role.AUDITOR, Role.RECIPIENT})
_READ = frozenset({Scope.READ, Scope.WRITE})
_REGISTER = frozenset({Scope.READ, Scope.WRITE, Scope.REGISTRY})
_REGISTRY = frozenset({Scope.REGISTRY})
_ANY_SCOPE = frozenset(Scope)
_OWN_SCOPES = _ANY_SCOPE - {Scope.RECEIVED}
_DRAFT = frozenset({Status.DRAFT})
_SUBMITTED = frozenset({Status.SUBMITTED})
_APPROVED = frozenset({Status.APPROVED})

POLICY: dict[Action, Rule] = {
    Action.CHECKLIST_READ: Rule(frozenset(Role), _ANY_SCOPE),
    Action.ME_READ: Rule(frozenset(Role), _ANY_SCOPE),
    Action.ME_WRITE: Rule(frozenset(Role)),
    Action.SESSION_END: Rule(frozenset(Role)),
    Action.STATE_READ: Rule(_INSIDE, _OWN_SCOPES),
    Action.STATE_WRITE: Rule(_COORDINATOR, _REGISTRY),
    Action.AGENCY_READ: Rule(_INSIDE, _REGISTER),
    Action.AGENCY_WRITE: Rule(_COORDINATOR, _REGISTRY),
    Action.SITE_READ: Rule(_INSIDE, _REGISTER),
    Action.SITE_WRITE: Rule(_COORDINATOR, _REGISTRY),
    Action.ASSESSMENT_READ: Rule(_INSIDE, _READ),
    Action.ASSESSMENT_OPEN: Rule(_COORDINATOR, _REGISTRY),
    Action.ASSESSMENT_UPGRADE: Rule(_COORDINATOR, _REGISTRY, _DRAFT),
    Action.RESULT_READ: Rule(_WHOLE, _READ),
    Action.GAP_READ: Rule(_WHOLE, _READ, logged=True),
    Action.ANSWER_READ: Rule(_INSIDE, _READ),
    Action.ANSWER_WRITE: Rule(frozenset({Role.COORDINATOR, Role.CONTRIBUTOR}), frozenset({Scope.WRITE}), _DRAFT),
    Action.ASSIGNMENT_READ: Rule(_INSIDE, _READ),
    Action.ASSIGNMENT_WRITE: Rule(_COORDINATOR, statuses=_DRAFT),
    Action.REVIEW_READ: Rule(_INSIDE, _READ),
    Action.REVIEW_WRITE: Rule(frozenset({Role.VALIDATOR}), statuses=_DRAFT),
    Action.COMMENT_READ: Rule(_INSIDE),
    Action.COMMENT_WRITE: Rule(_INSIDE - {Role.AUDITOR}),
    Action.SIGNOFF_READ: Rule(_INSIDE, _READ),
    Action.ASSESSMENT_SUBMIT: Rule(_COORDINATOR, statuses=_DRAFT),
    Action.ASSESSMENT_APPROVE: Rule(_APPROVER, statuses=_SUBMITTED, fresh=True),
    Action.ASSESSMENT_RETURN: Rule(_APPROVER, statuses=_SUBMITTED),
    Action.ASSESSMENT_REOPEN: Rule(_APPROVER, statuses=_APPROVED, fresh=True),
    Action.SNAPSHOT_READ: Rule(_WHOLE, frozenset({Scope.EXPORT}), logged=True),
    Action.EXPORT_READ: Rule(_WHOLE, frozenset({Scope.EXPORT}), logged=True),
    Action.SHARE_READ: Rule(frozenset({Role.COORDINATOR, Role.APPROVER, Role.AUDITOR})),
    Action.SHARE_GIVE: Rule(_APPROVER, fresh=True),
    Action.SHARE_REVOKE: Rule(frozenset({Role.COORDINATOR, Role.APPROVER})),
    Action.RECEIVED_LIST: Rule(_OUTSIDE, frozenset({Scope.RECEIVED})),
    Action.RECEIVED_READ: Rule(_OUTSIDE, frozenset({Scope.RECEIVED}), logged=True),
    Action.LOG_READ: Rule(
        frozenset({Role.COORDINATOR, Role.APPROVER, Role.AUDITOR}), frozenset({Scope.LOG}), logged=True
    ),
    Action.PERSON_READ: Rule(_WHOLE | _OUTSIDE),
    Action.PERSON_WRITE: Rule(_COORDINATOR, fresh=True),
    Action.KEY_READ: Rule(_COORDINATOR),
    Action.KEY_WRITE: Rule(_COORDINATOR, fresh=True),
    Action.SERVICE_READ: Rule(frozenset({Role.OPERATOR})),
}
"""The one table. What is not allowed here is not allowed."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One role, and for a contributor what it reaches: an agency's sites and work, whole sections, whole sites."""

    role: Role
    agency: str | None = None
    sections: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()


Limits = tuple[Grant, ...] | None
"""The grants that say what is reached; none for everything."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: a person or a key of one tenant. The tenant comes from here and from nowhere else."""

    state: str
    id: str
    """``key:…`` or ``person:…``; it stands beside everything they do."""
    person: str
    """The person answerable: themselves, or whoever made the key."""
    scopes: frozenset[Scope] = frozenset()
    grants: tuple[Grant, ...] = ()
    signed_in: datetime | None = None
    two_factors: bool = False
    """Whether they signed in with a second factor beside their password, here or at their identity provider."""
    session: str | None = None
    """The session that a person came with, for signing out."""
    seen_at: datetime | None = None
    """When that session was last noted to be in use."""
    roles: frozenset[Role] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", frozenset(grant.role for grant in self.grants))

    @property
    def is_key(self) -> bool:
        return self.id.startswith("key:")

    def limited(self, action: Action) -> bool:
        """Whether only what their grants reach is theirs: a contributor, with no other role that would do."""
        return self.roles & POLICY[action].roles == {Role.CONTRIBUTOR}

    def limits(self, action: Action) -> Limits:
        """The grants outside of which nothing is theirs in this action; none where all of the state is."""
        return tuple(grant for grant in self.grants if grant.role is Role.CONTRIBUTOR) if self.limited(action) else None


class StaleSignIn(Forbidden):
    """Allowed, but only to somebody who has just signed in."""

    code = "sign_in_again"
    title = mark("Sign in again for this step")


class SecondFactorNeeded(Forbidden):
    """Allowed, but only to somebody who signed in with a second factor."""

    code = "second_factor_needed"
    title = mark("This step needs a second factor")


class NotYours(NotFound):
    """The address names a member state that is not the caller's: to them the same as one that does not exist."""


class WrongStatus(Conflict):
    """The assessment does not stand where this can be done."""

    code = "wrong_status"
    title = mark("The assessment stands elsewhere")


def may(principal: Principal, action: Action) -> bool:
    """Whether the table lets this caller take the action, whenever it can be taken."""
    rule = POLICY[action]
    return bool(principal.roles & rule.roles or principal.scopes & rule.scopes)


def authorize(principal: Principal, action: Action, now: datetime) -> None:
    """Let the action pass or raise Forbidden, which names the role or scope that is missing."""
    rule = POLICY[action]
    if not may(principal, action):
        raise _refusal(principal, action, rule)
    if rule.fresh:
        require_fresh(principal, now)


def require_fresh(principal: Principal, now: datetime) -> None:
    """Refuse who did not sign in with two factors, or not within ``FRESH``."""
    if not principal.two_factors:
        raise SecondFactorNeeded(
            "This step needs a sign-in with a second factor: with a code, or at an identity provider that asks for one."
            " If you have none yet, enter one at PUT /v1/me/second-factor."
        )
    if principal.signed_in is None or now - principal.signed_in > FRESH:
        raise StaleSignIn("You signed in more than 15 minutes ago; sign in again to take this step.")


def require_status(action: Action, status: str) -> None:
    """Refuse what cannot be done to an assessment that stands here."""
    wanted = POLICY[action].statuses
    if status not in wanted:
        raise WrongStatus(
            "{action} needs an assessment that is {wanted}; this one is {status}.",
            action=action,
            wanted=_any_of(sorted(wanted)),
            status=status,
        )


def require_own(principal: Principal, state: str) -> None:
    """Another state's record is answered exactly as one that does not exist."""
    if state != principal.state:
        raise NotYours("There is no such member state, or it is not yours.")


def is_body(state: str) -> bool:
    """Whether a code is that of a body which is no state: XAA to XZZ are nobody's in ISO 3166-1."""
    return state.startswith("X")


def crowd(states: Iterable[str]) -> Sequence[str]:
    """The member states among these where they are several: too many for one SQLite file, which has one wall only.

    Bodies may be in it too: they hold copies of what they were given, and answer nothing.
    """
    members = sorted({state for state in states if not is_body(state)})
    return members if len(members) > 1 else ()


def given(state: str) -> frozenset[Role]:
    """The roles that a coordinator gives here."""
    return _IN_BODY if is_body(state) else _INSIDE


def given_by_operator(state: str) -> frozenset[Role]:
    """The roles that can be given here at all: a body's own are the operator's to give."""
    return given(state) | {Role.SECRETARIAT, Role.OPERATOR} if is_body(state) else given(state)


def grantable(roles: Iterable[Role]) -> frozenset[Scope]:
    """The scopes that somebody with these roles may give a key: every action of the scope is their own too."""
    mine = frozenset(roles)
    return frozenset(
        scope for scope in Scope if all(rule.roles & mine for rule in POLICY.values() if scope in rule.scopes)
    )


def _refusal(principal: Principal, action: Action, rule: Rule) -> Forbidden:
    if principal.is_key and not rule.scopes:
        return Forbidden(
            "{action} is for people; sign in as {roles}.", action=action, roles=_any_of(sorted(rule.roles))
        )
    if principal.is_key:
        return Forbidden(
            "{action} needs a key with scope {scopes}; this key has {own}.",
            action=action,
            scopes=_any_of(sorted(rule.scopes)),
            own=" ".join(sorted(principal.scopes)),
        )
    if not principal.roles:
        return Forbidden("You have no role here yet; ask your coordinator for one.")
    return Forbidden(
        "{action} is for {roles}; you are {own}.",
        action=action,
        roles=_any_of(sorted(rule.roles)),
        own=", ".join(sorted(principal.roles)),
    )


def _any_of(words: Sequence[str]) -> Message | str:
    *others, last = words
    return Message("{one} or {other}", one=_any_of(others), other=last) if others else last
