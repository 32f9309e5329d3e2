"""``docs/permissions.md``, made from the policy table. Pure."""

from collections.abc import Iterator

from service.access.policy import FRESH, POLICY, Action, Role, Rule, Scope, Status

_HEAD = """\
# Who may do what

Made by `make permissions` from the one table in the code, `POLICY` in `service/access/policy.py`; change it there.
Every route declares one of these actions, and `x-action` in [openapi.json](openapi.json) names it. What is not allowed
here is not allowed. Another state's things are answered as if they did not exist, whoever asks.

● may · ◐ may, for what their grant reaches · – may not
"""
_FOOT = """\
**Status**: where the assessment must stand; empty for any. **Fresh**: only within {minutes} minutes of
signing in with a second factor. **Logged**: reading it leaves an event in the state's log; every effect does anyway.

Besides the table, judged on persons and not on roles: a validator reviews no answer of their own, an approver approves
nothing they answered or submitted. A key belongs to whoever made it. A coordinator changes no role of their own and
gives no key more than they have.
"""


def page() -> str:
    """The whole page, in Markdown."""
    head = ["Action", *(role.capitalize() for role in Role), "Key scopes", "Status", "Fresh", "Logged"]
    rows = [head, ["---"] * len(head), *(_row(action, rule) for action, rule in POLICY.items())]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    minutes = int(FRESH.total_seconds()) // 60
    return f"{_HEAD}\n{table}\n\n{_FOOT.format(minutes=minutes)}"


def _row(action: Action, rule: Rule) -> list[str]:
    return [
        f"`{action}`",
        *(_cell(role, action, rule) for role in Role),
        " ".join(f"`{scope}`" for scope in Scope if scope in rule.scopes),
        ", ".join(_statuses(rule)),
        "yes" if rule.fresh else "",
        "yes" if rule.logged else "",
    ]


def _cell(role: Role, action: Action, rule: Rule) -> str:
    if role not in rule.roles:
        return "–"
    return "◐" if role is Role.CONTRIBUTOR and action in REACHING else "●"


def _statuses(rule: Rule) -> Iterator[str]:
    if rule.statuses != frozenset(Status):
        yield from (status for status in Status if status in rule.statuses)


REACHING = frozenset(
    {
        Action.ANSWER_READ,
        Action.ANSWER_WRITE,
        Action.ASSIGNMENT_READ,
        Action.COMMENT_READ,
        Action.COMMENT_WRITE,
        Action.REVIEW_READ,
        Action.SITE_READ,
    }
)
"""The actions in which a contributor's grant decides on what."""
