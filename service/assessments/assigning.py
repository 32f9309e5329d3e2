"""Assigning sections and sites to agencies, and how much of each is still open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Action, Limits
from service.assessments import answers, assignments, results
from service.assessments.conditions import Surroundings, gates
from service.assessments.opening import Assessments
from service.assessments.reaching import no_such_site, reach_of
from service.assessments.results import Results
from service.assessments.tallies import site_groups
from service.catalogue.store import Shelf
from service.db.types import Record
from service.errors import NotFound, VersionConflict
from service.registry import store as registry
from service.registry.usecases import Register, no_such_agency
from stocktake.models.signoff import Assignment, AssignmentEntry


@dataclass(frozen=True, slots=True)
class Spot:
    """What is assigned: a section or a site; the other is empty."""

    section: str = ""
    site: str = ""


@dataclass(frozen=True, slots=True)
class Assigning:
    """The assignments of one assessment of one state, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str
    assessment: UUID
    today: date

    def listed(self, limits: Limits, after: tuple[str, str], most: int) -> list[Assignment]:
        """The assignments that are reached after this one (section, site), sites first, with what is open of each."""
        read = results.read(self.connection, self.shelf, self.state, self.assessment)
        within = reach_of(self.connection, read.row, read.picture.checklist, limits)
        rows = [
            row
            for row in assignments.listed(self.connection, self.state, self.assessment)
            if within is None or row.section in within.sections or row.site in within.sites
        ]
        return self._views(read, [row for row in rows if (row.section, row.site) > after][:most])

    def put(self, spot: Spot, entry: AssignmentEntry, replaces: int | None) -> Assignment:
        """Assign a section or a site, in place of whom it was assigned to before."""
        row = Assessments(self.connection, self.shelf, self.state).held(self.assessment, Action.ASSIGNMENT_WRITE)
        Register(self.connection, self.state).hold()
        self._check(spot, entry, row)
        written = {"state": self.state, "assessment": self.assessment, "section": spot.section, "site": spot.site}
        assignments.ASSIGNMENTS.put(self.connection, {**written, **entry.model_dump()}, replaces)
        read = results.read(self.connection, self.shelf, self.state, self.assessment)
        standing = assignments.listed(self.connection, self.state, self.assessment)
        return self._views(read, [one for one in standing if (one.section, one.site) == (spot.section, spot.site)])[0]

    def drop(self, spot: Spot, replaces: int | None) -> None:
        """Take an assignment back."""
        Assessments(self.connection, self.shelf, self.state).held(self.assessment, Action.ASSIGNMENT_WRITE)
        current = assignments.drop(self.connection, self.state, self.assessment, spot.section, spot.site)
        if current is None:
            raise NotFound("Nothing is assigned there.")
        if replaces is not None and replaces != current:
            raise VersionConflict(
                "You would take back version {yours}, but version {current} stands. Read it and decide anew.",
                yours=replaces,
                current=current,
            )

    def _check(self, spot: Spot, entry: AssignmentEntry, row: Record) -> None:
        sections = self.shelf.checklist(self.connection, row.digest).head.sections
        if spot.section and spot.section not in {section.id for section in sections}:
            raise NotFound("There is no section {section} in this assessment's checklist.", section=spot.section)
        if spot.site and registry.site(self.connection, self.state, spot.site) is None:
            raise no_such_site(spot.site)
        if registry.agency(self.connection, self.state, entry.agency) is None:
            raise no_such_agency(entry.agency)

    def _views(self, read: Results, rows: Sequence[Record]) -> list[Assignment]:
        by_section = {name: asked - given for name, (given, asked) in read.progress().by_section.items()}
        by_site = _open_at_sites(read, [row.site for row in rows if row.site])
        return [self._view(row, {**by_section, **by_site}.get(row.section or row.site, 0), read.row) for row in rows]

    def _view(self, row: Record, left: int, assessment: Record) -> Assignment:
        late = row.due is not None and row.due < self.today and assessment.status == "draft"
        return Assignment(
            section=row.section or None,
            site=row.site or None,
            agency=row.agency,
            due=row.due,
            open=left,
            overdue=late and left > 0,
            version=row.version,
        )


def _open_at_sites(read: Results, sites: Sequence[str]) -> Mapping[str, int]:
    """How many questions that apply at each of these sites, or may, have no answer; a closed site has none."""
    if not sites:
        return {}
    checklist = read.picture.checklist
    around = Surroundings.of(read.picture)
    places = [around.at(group) for group in read.picture.groups]
    asked = [[q.id for q in checklist.of_scope("site") if place.applies(q) is not False] for place in places]
    rows = answers.facts_at_sites(read.connection, read.scope.state, read.scope.assessment, sites)
    answered = {(row.site, row.question) for row in rows}
    groups = site_groups(read.connection, read.scope, gates(checklist), read.found)
    return {
        site: sum((site, question) not in answered for question in asked[groups[site]])
        for site in sites
        if site in groups
    }
