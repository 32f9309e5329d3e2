"""What must hold in a sealed self-assessment: digest, approval and sign-offs agree with one another. Pure."""

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from pydantic import JsonValue

from stocktake._canonical import dumps
from stocktake._chain import BEGINNING, event_hash
from stocktake._finding import Finding, pointer, unknown_members
from stocktake.models.log import APPROVAL, Event
from stocktake.models.snapshot import Sealed


@dataclass(frozen=True, slots=True)
class Seal:
    """A sealed file: as it is written, as the models hold it, and the digest computed of its snapshot."""

    written: dict[str, JsonValue]
    sealed: Sealed
    computed: str


def computed_digest(written: dict[str, JsonValue]) -> str:
    """The digest of the snapshot in a sealed file."""
    return hashlib.sha256(dumps(written["snapshot"])).hexdigest()


def no_more_members(seal: Seal) -> Iterator[Finding]:
    """Outside of the snapshot no digest covers what else is written in."""
    yield from unknown_members(seal.written, Sealed)
    yield from unknown_members(seal.written["event"], Event, "event")


def digest_of_the_snapshot(seal: Seal) -> Iterator[Finding]:
    """The digest is that of the snapshot."""
    if seal.sealed.digest != seal.computed:
        detail = f"The snapshot was changed: its digest is {seal.computed}, not the one that is written here."
        yield Finding("wrong_digest", pointer("digest"), detail)


def hash_of_the_event(seal: Seal) -> Iterator[Finding]:
    """The hash of the approval is that of its content and its state."""
    if seal.sealed.event.hash != event_hash(seal.sealed.state, seal.written["event"]):
        detail = "The event of the approval was changed after it was written, or is another state's."
        yield Finding("wrong_hash", pointer("event", "hash"), detail)


def approval_of_this_snapshot(seal: Seal) -> Iterator[Finding]:
    """The event is an approval, of this assessment and of this snapshot."""
    event = seal.sealed.event
    if event.action != APPROVAL:
        yield Finding("not_approval", pointer("event", "action"), "The event is not that of an approval.")
    if _assessment(event.subject) != seal.sealed.snapshot.export.assessment.id:
        detail = "The event is about something else than the assessment in the snapshot."
        yield Finding("other_subject", pointer("event", "subject"), detail)
    if event.digest != seal.sealed.digest:
        yield Finding("other_digest", pointer("event", "digest"), "The event approves another snapshot.")
    if event.number == 1 and event.previous != BEGINNING:
        yield Finding("broken_link", pointer("event", "previous"), "The first event of a state has none before it.")


def _assessment(subject: str) -> UUID | None:
    """The assessment that a path leads to, in whichever spelling it was asked for."""
    found = re.match(r"/v1/assessments/([0-9A-Fa-f-]+)(?:/|\Z)", subject)
    try:
        return UUID(found[1]) if found else None
    except ValueError:
        return None


def one_state(seal: Seal) -> Iterator[Finding]:
    """Seal, assessment and content are of one state."""
    export = seal.sealed.snapshot.export
    for code, place in ((export.state.code, ("state", "code")), (export.assessment.state, ("assessment", "state"))):
        if code != seal.sealed.state:
            detail = f"The content is of {code}, the seal of {seal.sealed.state}."
            yield Finding("other_state", pointer("snapshot", "export", *place), detail)


def signed_off_in_order(seal: Seal) -> Iterator[Finding]:
    """It was submitted, then approved, once and at the moment the snapshot names."""
    snapshot = seal.sealed.snapshot
    steps = [signoff.step for signoff in snapshot.signoffs]
    place = ("snapshot", "signoffs")
    if steps[-1:] != ["approved"] or steps.count("approved") != 1 or "submitted" not in steps:
        detail = "It must have been submitted, and then approved once, as the last step."
        yield Finding("signoff_steps", pointer(*place), detail)
        return
    moments = [signoff.at for signoff in snapshot.signoffs]
    if moments != sorted(moments):
        yield Finding("signoff_order", pointer(*place), "A later step has an earlier moment.")
    if moments[-1] != snapshot.approved_at:
        detail = "The moment of the approval is not that of the snapshot."
        yield Finding("approved_at", pointer("snapshot", "approved_at"), detail)


def two_persons(seal: Seal) -> Iterator[Finding]:
    """Nobody approved what they submitted, and the event names the person who approved."""
    signoffs = seal.sealed.snapshot.signoffs
    submitters = {signoff.person for signoff in signoffs if signoff.step == "submitted"}
    for place, signoff in enumerate(signoffs):
        where = ("snapshot", "signoffs", place, "person")
        if signoff.step == "approved" and signoff.person in submitters:
            yield Finding("same_person", pointer(*where), "The person who approved it had submitted it too.")
        if signoff.step == "approved" and signoff.person != seal.sealed.event.actor:
            yield Finding("other_person", pointer(*where), "The event of the approval names another person.")


def place_in_the_row(seal: Seal) -> Iterator[Finding]:
    """The first revision replaces none, and every later one does."""
    snapshot = seal.sealed.snapshot
    if (snapshot.revision == 1) != (snapshot.replaces is None):
        detail = "Revision 1 replaces none; every later one names the digest of the revision before."
        yield Finding("replaces", pointer("snapshot", "replaces"), detail)


CHECKS: tuple[Callable[[Seal], Iterator[Finding]], ...] = (
    no_more_members,
    digest_of_the_snapshot,
    hash_of_the_event,
    approval_of_this_snapshot,
    one_state,
    signed_off_in_order,
    two_persons,
    place_in_the_row,
)


def check(seal: Seal) -> Iterator[Finding]:
    """All that is wrong with a sealed file."""
    for checked in CHECKS:
        yield from checked(seal)
