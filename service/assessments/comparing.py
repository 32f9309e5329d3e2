"""Comparing an assessment with one of an earlier cycle."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Connection

from service.assessments import comparison, comparisons, results
from service.assessments.comparison import Likened, Line, Pair, Step
from service.assessments.conditions import Surroundings, gates
from service.assessments.opening import Assessments
from service.assessments.rounding import exact
from service.assessments.scoring import TOP
from service.assessments.tallies import site_groups
from service.catalogue.migration import order
from service.catalogue.question import Question
from service.catalogue.store import Shelf
from service.catalogue.succession import succession
from service.db.types import Record
from stocktake.models import versions as wire


@dataclass(frozen=True, slots=True)
class Comparing:
    """The comparisons of one state's assessments, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str

    def compare(self, assessment: UUID, with_assessment: UUID) -> wire.Comparison:
        """This assessment beside an earlier one."""
        found = Assessments(self.connection, self.shelf, self.state)
        own = found.row(assessment)
        other = found.earlier(own, with_assessment, "query:with")
        before, now = self._readings(with_assessment), self._readings(assessment)
        steps = self._steps(assessment, with_assessment)
        lines = [comparison.line(pair, before, now, steps) for pair in self._pairs(other, own)]
        return wire.Comparison(
            assessment=assessment,
            version=own.checklist_version,
            with_assessment=with_assessment,
            with_version=other.checklist_version,
            in_place=_score(comparison.likened(lines, "in_place")),
            in_use=_score(comparison.likened(lines, "in_use")),
            questions=[_line(line) for line in lines],
        )

    def _pairs(self, other: Record, own: Record) -> Sequence[Pair]:
        """The passages lead from the lower version to the higher one, whichever cycle has it."""
        old, new = (self.shelf.checklist(self.connection, row.digest) for row in (other, own))
        if order(old.head.version) <= order(new.head.version):
            return comparison.pairs(succession(old, new), old, new)
        turned = comparison.pairs(succession(new, old), new, old)
        return [replace(pair, before=pair.now, now=pair.before) for pair in turned]

    def _readings(self, assessment: UUID) -> comparison.Readings:
        """The answers to what is asked: of the state, and at the sites in operation."""
        read = results.read(self.connection, self.shelf, self.state, assessment)
        asked = _asked(read)
        groups = site_groups(self.connection, read.scope, gates(read.picture.checklist), read.found)
        questions = read.picture.checklist.by_id()
        found: dict[str, dict[str, comparison.Reading]] = defaultdict(dict)
        for row in comparisons.standing(self.connection, self.state, assessment):
            group = groups.get(row.site)
            if (row.site and group is None) or not asked(questions[row.question], group):
                continue
            weight = 1 if group is None else read.picture.groups[group].tier
            found[row.question][row.site] = comparison.Reading(row.level, row.change, weight)
        return found

    def _steps(self, assessment: UUID, with_assessment: UUID) -> comparison.Steps:
        found: dict[tuple[str, str], list[Step]] = defaultdict(list)
        for row in comparisons.steps(self.connection, self.state, assessment, with_assessment):
            found[row.question, row.site].append(Step(row.level, row.change))
        return found


def _asked(read: results.Results) -> Callable[[Question, int | None], bool]:
    """Whether a question is asked of the state (no group) or at the sites of a group."""
    around = Surroundings.of(read.picture)
    places = [around.at(group) for group in read.picture.groups]
    return lambda question, group: (around if group is None else places[group]).applies(question) is not False


def _line(line: Line) -> wire.ComparedQuestion:
    pair = line.pair
    shifts = sorted(line.shifts.items(), key=lambda one: (one[0].cause, str(one[0].before), str(one[0].now)))
    return wire.ComparedQuestion(
        question=None if pair.now is None else pair.now.id,
        earlier=None if pair.before is None else pair.before.id,
        title=pair.question.title,
        scope=pair.question.scope,
        alike=pair.alike,
        before=_levels(line.before),
        now=_levels(line.now),
        moves=[
            wire.Move(before=shift.before, now=shift.now, cause=shift.cause, count=count) for shift, count in shifts
        ],
    )


def _levels(counts: Counter[int | None]) -> wire.LevelCounts:
    return wire.LevelCounts(levels=[counts[level] for level in range(TOP + 1)], without=counts[None])


def _score(found: Likened | None) -> wire.ComparedScore:
    if found is None:
        return wire.ComparedScore(
            before=None, now=None, difference=None, real=None, reading_corrected=None, questions=0
        )
    return wire.ComparedScore(
        before=exact(found.before),
        now=exact(found.now),
        difference=exact(found.now - found.before),
        real=exact(found.real),
        reading_corrected=exact(found.corrected),
        questions=found.questions,
    )
