"""Opening assessments and finding them again."""

import os
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Action, require_status
from service.assessments import store
from service.catalogue.store import Shelf
from service.db.types import Record
from service.errors import Conflict, Invalid, NotFound, Place
from service.languages.words import mark
from service.registry.usecases import Register
from stocktake.models.assessments import AssessmentSummary, NewAssessment


class AlreadyOpen(Conflict):
    code = "already_open"
    title = mark("There is an assessment of this checklist and cycle")


class Retired(Conflict):
    code = "checklist_retired"
    title = mark("This checklist version is retired")


class OtherChecklist(Conflict):
    code = "other_checklist"
    title = mark("The assessments are on different checklists")


@dataclass(frozen=True, slots=True)
class Assessments:
    """The assessments of one state, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str

    def open_new(self, new: NewAssessment, now: datetime) -> AssessmentSummary:
        """Open one, pinned to the digest of a published checklist version."""
        Register(self.connection, self.state).get_state()
        published = self.shelf.published(self.connection, new.checklist, new.version)
        if published.status == "retired":
            raise Retired(
                "{checklist} {version} is retired; open an assessment on a newer version.",
                checklist=published.id,
                version=published.version,
            )
        start, end = _period(new)
        row = store.NewRow(
            self.state, new_id(now), published.id, published.version, published.digest, new.cycle, start, end, now
        )
        if not store.open_new(self.connection, row):
            raise AlreadyOpen(
                "{state} has one of {checklist} for {cycle} already; list it and go on there.",
                state=self.state,
                checklist=new.checklist,
                cycle=new.cycle,
            )
        return self.get(row.id)

    def get(self, assessment: UUID) -> AssessmentSummary:
        return summary(self.row(assessment))

    def row(self, assessment: UUID) -> Record:
        return there(store.get(self.connection, self.state, assessment))

    def held(self, assessment: UUID, action: Action) -> Record:
        """The assessment, held until the transaction ends, where it stands so that this can be done to it."""
        row = there(store.hold(self.connection, self.state, assessment))
        require_status(action, row.status)
        return row

    def earlier(self, own: Record, assessment: UUID, place: str) -> Record:
        """Another assessment of the same checklist whose period begins before this one's; ``place`` named it."""
        row = self.row(assessment)
        if row.checklist != own.checklist:
            raise OtherChecklist(
                "That assessment is on {theirs}, this one on {own}.", theirs=row.checklist, own=own.checklist
            )
        if row.period_start >= own.period_start:
            raise Invalid.at(
                Place(
                    place,
                    "its period starts on {start}, not before {own}; name an earlier one",
                    start=row.period_start,
                    own=own.period_start,
                )
            )
        return row

    def all_of(self, *, after: UUID, most: int) -> list[AssessmentSummary]:
        return [summary(row) for row in store.all_of(self.connection, self.state, after=after, most=most)]


def there(row: Record | None) -> Record:
    """The assessment, if there is one."""
    if row is None:
        raise no_such_assessment()
    return row


def no_such_assessment() -> NotFound:
    """One refusal, whether it does not exist or is another state's."""
    return NotFound("There is no such assessment, or it is not yours.")


def summary(row: Record) -> AssessmentSummary:
    return AssessmentSummary.model_validate(row._mapping)


def _period(new: NewAssessment) -> tuple[date, date]:
    """The calendar year of the cycle, unless the period is given."""
    year = int(new.cycle[:4])
    if not 1900 <= year <= 2200:  # the days this service knows
        raise Invalid.at(Place("/cycle", "a year from 1900 to 2200"))
    start, end = new.period_start or date(year, 1, 1), new.period_end or date(year, 12, 31)
    if start >= end:
        raise Invalid.at(
            Place("/period_end", "ends on {end}, which is not after its start on {start}", end=end, start=start)
        )
    return start, end


def new_id(now: datetime) -> UUID:
    """A UUID that sorts by time (RFC 9562, 5.7); the database's own exists only from PostgreSQL 18 on."""
    body = bytearray(int(now.timestamp() * 1000).to_bytes(6, "big") + os.urandom(10))
    body[6] = (body[6] & 0x0F) | 0x70
    body[8] = (body[8] & 0x3F) | 0x80
    return UUID(bytes=bytes(body))
