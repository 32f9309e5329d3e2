"""What follows from the answers: progress, scores, coverage, gaps, checks, computed from one picture."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from service.assessments import answers, readings, store, wire
from service.assessments.checks import Raised, checks
from service.assessments.conditions import gates
from service.assessments.coverage import coverage
from service.assessments.facts import Picture, StateFacts
from service.assessments.gaps import gaps
from service.assessments.indicators import indicators
from service.assessments.opening import Assessments
from service.assessments.progress import progress
from service.assessments.readings import Readings
from service.assessments.scoring import scores
from service.assessments.tallies import Grouped, Scope, grouped, site_groups
from service.catalogue.checklist import Checklist
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.db.types import Record
from service.languages.words import words_of
from service.registry import store as registry
from service.registry.usecases import Register
from stocktake.models import assessments as views


@dataclass(frozen=True, slots=True)
class Results:
    """Everything computed of one assessment, from one reading of the database."""

    connection: Connection
    scope: Scope
    picture: Picture
    readings: Readings
    """Of the picture; read once for all results."""
    found: Grouped
    row: Record

    @property
    def language(self) -> str:
        """The one its texts are in."""
        return self.picture.checklist.head.language

    def progress(self) -> views.Progress:
        return wire.progress_view(progress(self.readings))

    def scores(self) -> views.Scores:
        return wire.scores_view(scores(self.readings), self.picture.checklist)

    def coverage(self) -> views.Coverage:
        return wire.coverage_view(coverage(self.readings))

    def gaps(self) -> list[views.Gap]:
        return wire.gap_views(gaps(self.readings))

    def checks(self) -> views.Checks:
        raised = checks(self.picture)
        return wire.checks_view(raised, indicators(self.readings), self._sites(raised), words_of(self.language))

    def _sites(self, raised: Sequence[Raised]) -> Mapping[str, Sequence[str]]:
        """The codes of the sites at which each check was raised; read only when one was."""
        if not any(result.groups for result in raised):
            return {}
        of_group: dict[int, list[str]] = defaultdict(list)
        for code, group in site_groups(self.connection, self.scope, gates(self.picture.checklist), self.found).items():
            of_group[group].append(code)
        return {
            result.check.id: sorted(code for group in result.groups for code in of_group[group]) for result in raised
        }


def read(
    connection: Connection, shelf: Shelf, state: str, assessment: UUID, language: WantedLanguage | None = None
) -> Results:
    """Read one assessment of this state and put its picture together; its texts in the language wanted."""
    row = Assessments(connection, shelf, state).row(assessment)
    checklist = shelf.checklist(connection, row.digest, language)
    scope = Scope(state, assessment, row.period_end)
    found = grouped(connection, scope, gates(checklist))
    picture = _picture(connection, checklist, scope, found)
    return Results(connection, scope, picture, readings.read(picture), found, row)


def keep_still(connection: Connection, state: str, assessment: UUID) -> None:
    """Keep writers waiting until the transaction ends, for a reader whose transaction sees what others commit."""
    store.keep_still(connection, state, assessment)
    registry.keep_still(connection, state)


def state_facts(connection: Connection, state: str) -> StateFacts:
    """What the register says of the state itself."""
    entered = Register(connection, state).get_state()
    return StateFacts(entered.un_member, entered.interpol_member)


def _picture(connection: Connection, checklist: Checklist, scope: Scope, found: Grouped) -> Picture:
    return Picture(
        checklist=checklist,
        state=state_facts(connection, scope.state),
        period_end=scope.period_end,
        answers=answers.given_by_state(connection, scope.state, scope.assessment),
        groups=found.groups,
        tallies=found.tallies,
    )
