"""The people of the demo state: a coordinator lets two others in, a validator accepts, an approver approves.

They know the service's address and the password that the operator gave the coordinator, and nothing else of it.
"""

import secrets
from base64 import b32decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from stocktake import Client, NewPerson, Review, ReviewRow, SignIn
from stocktake.models.people import RoleName

HALF_A_MINUTE = 30
MOST = 1000
"""Reviews in one call."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What was approved: its digest, told apart from the report, and the report as PDF."""

    digest: str
    pdf: bytes


def approve(url: str, state: str, assessment: UUID, one_time_password: str) -> Approved:
    """From filled to approved, and opened again for what turned out since.

    Three people, since nobody signs off their own work.
    """
    with _signed_in(url, state, "coordinator", one_time_password) as coordinator:
        passwords = {role: _invited(coordinator, state, role) for role in ("validator", "approver")}
        with _signed_in(url, state, "validator", passwords["validator"]) as validator:
            _accept(validator, assessment)
        seen = coordinator.assessments.get(assessment)
        coordinator.assessments.submit(assessment, version=seen.version)
        with _signed_in(url, state, "approver", passwords["approver"]) as approver:
            seen = approver.assessments.get(assessment)
            approver.assessments.approve(assessment, version=seen.version)
            [kept] = approver.snapshots.list(assessment)
            approved = Approved(kept.digest, approver.reports.pdf(assessment))
            seen = approver.assessments.get(assessment)
            approver.assessments.reopen(assessment, reason="Two sites reported late", version=seen.version)
            return approved


@contextmanager
def _signed_in(url: str, state: str, login: str, one_time_password: str) -> Iterator[Client]:
    """Somebody who chose a password of their own and entered a second factor, signed in with both."""
    person = SignIn(state=state, login=login, password=one_time_password, new_password=secrets.token_urlsafe(24))
    chosen = person.new_password or ""
    with Client.sign_in(url, person) as first:
        secret = first.sessions.propose_second_factor().secret
        first.sessions.enter_second_factor(chosen, secret, _code(secret))
        first.sessions.end()
    # A code opens once: this one is of the half minute to come, which is as much as clocks may differ
    with Client.sign_in(url, SignIn(state=state, login=login, password=chosen, code=_code(secret, 1))) as client:
        yield client


def _code(secret: str, ahead: int = 0) -> str:
    """What the authenticator app on their telephone shows, so many half minutes from now."""
    app = TOTP(b32decode(secret), 6, SHA1(), HALF_A_MINUTE)  # noqa: S303  # as every such app does it
    return app.generate(int(time()) + ahead * HALF_A_MINUTE).decode()


def _invited(coordinator: Client, state: str, role: RoleName) -> str:
    new = coordinator.people.invite(state, NewPerson(name=role.capitalize(), login=role))
    coordinator.people.grant(state, new.person.id, role)
    return new.one_time_password or ""  # nobody here comes through an identity provider


def _accept(validator: Client, assessment: UUID) -> None:
    """Accept every answer: what is not applicable, or done by other means, must not go without a second person."""
    for some in _pages(list(validator.reviews.list(assessment, unreviewed=True))):
        validator.reviews.put(assessment, some)


def _pages(answers: list[Review]) -> Iterator[list[ReviewRow]]:
    rows = [ReviewRow(question=a.question, site=a.site, version=a.version, verdict="accepted") for a in answers]
    yield from (rows[start : start + MOST] for start in range(0, len(rows), MOST))
