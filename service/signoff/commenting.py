"""Comments between those who work on an assessment; they stay as they were written."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Limits
from service.assessments.answering import check_spot
from service.assessments.opening import Assessments, new_id
from service.assessments.reach import Reach
from service.assessments.reaching import no_such_question, no_such_site, reach_of
from service.catalogue.checklist import Checklist
from service.catalogue.store import Shelf
from service.errors import Invalid, Place
from service.registry import store as registry
from service.signoff import comments
from service.signoff.comments import Wanted
from stocktake.models.signoff import Comment, NewComment


@dataclass(frozen=True, slots=True)
class Commenting:
    """The comments on one assessment of one state, as far as they are reached, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str
    assessment: UUID
    limits: Limits

    def listed(self, wanted: Wanted) -> list[Comment]:
        _, reach = self._ground()
        found = comments.listed(self.connection, self.state, self.assessment, wanted, reach)
        return [Comment.model_validate({**row._mapping, **_places(row.question, row.site)}) for row in found]

    def add(self, new: NewComment, by: str, now: datetime) -> Comment:
        """Keep a comment on a question, on a site, on both, or on the whole."""
        checklist, reach = self._ground()
        self._check(new, checklist, reach)
        row: dict[str, object] = {"id": new_id(now), "question": new.question or "", "site": new.site or ""}
        row |= {"text": new.text, "by": by, "at": now}
        comments.add(self.connection, {"state": self.state, "assessment": self.assessment, **row})
        return Comment.model_validate({**row, **_places(new.question, new.site)})

    def _ground(self) -> tuple[Checklist, Reach | None]:
        row = Assessments(self.connection, self.shelf, self.state).row(self.assessment)
        checklist = self.shelf.checklist(self.connection, row.digest)
        return checklist, reach_of(self.connection, row, checklist, self.limits)

    def _check(self, new: NewComment, checklist: Checklist, reach: Reach | None) -> None:
        if new.question is not None and new.site is None:
            if new.question not in checklist.by_id():
                raise no_such_question(new.question)
        elif new.question is not None:
            check_spot(checklist, new.question, new.site)
        if new.site is not None and registry.site(self.connection, self.state, new.site) is None:
            raise no_such_site(new.site)
        if reach is None or reach.holds(new.question or "", new.site or ""):
            return
        if new.site is not None:
            raise no_such_site(new.site)
        if new.question is not None:
            raise no_such_question(new.question)
        raise Invalid.at(Place("/question", "name a question or a site that is yours"))


def _places(question: str | None, site: str | None) -> dict[str, str | None]:
    return {"question": question or None, "site": site or None}
