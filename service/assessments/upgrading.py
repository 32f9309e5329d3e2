"""Moving an assessment to a newer version of its checklist: first to see, then to do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection

from service.access.policy import Action
from service.assessments import upgrades
from service.assessments.answers import Writing
from service.assessments.carrying import Carriage, Carried
from service.assessments.opening import Assessments, Retired
from service.catalogue.checklist import Checklist
from service.catalogue.store import Published, Shelf
from service.catalogue.succession import succession
from service.db.types import Record
from service.errors import VersionConflict
from stocktake.models import versions as wire


@dataclass(frozen=True, slots=True)
class Upgrading:
    """The moves of one assessment of one state, in one transaction."""

    connection: Connection
    shelf: Shelf
    state: str
    assessment: UUID

    def preview(self, to: str | None) -> wire.Upgrade:
        """What the move to a version (the newest unless given) would do to the answers that stand now."""
        row = Assessments(self.connection, self.shelf, self.state).row(self.assessment)
        return self._view(row, *self._carried(row, self._target(row, to)))

    def apply(self, to: str | None, replaces: int | None, writing: Writing) -> wire.Upgrade:
        """Make the move; where the assessment is in that version already, nothing changes."""
        row = Assessments(self.connection, self.shelf, self.state).held(self.assessment, Action.ASSESSMENT_UPGRADE)
        if replaces is not None and replaces != row.version:
            raise VersionConflict(
                "You would upgrade version {yours} of the assessment, but version {current} stands. "
                "Look at the preview again.",
                yours=replaces,
                current=row.version,
            )
        target = self._target(row, to)
        into, carried = self._carried(row, target)
        if target.version == row.checklist_version:
            return self._view(row, into, carried)
        step = upgrades.Step(self.state, self.assessment, row.checklist_version, target.version, target.digest)
        seen = self._view(row, into, carried)
        version = upgrades.take(self.connection, step, carried, writing)
        upgrades.log(self.connection, step, seen.counts, writing)
        return seen.model_copy(update={"applied": True, "version": version})

    def _target(self, row: Record, to: str | None) -> Published:
        target = self.shelf.published(self.connection, row.checklist, to)
        if target.status == "retired" and target.version != row.checklist_version:
            raise Retired(
                "{checklist} {version} is retired; upgrade to a newer version.",
                checklist=target.id,
                version=target.version,
            )
        return target

    def _carried(self, row: Record, target: Published) -> tuple[Checklist, list[Carried]]:
        """The version it leads to, and what becomes of each answer; nothing does where it is there already."""
        old = self.shelf.checklist(self.connection, row.digest)
        new = self.shelf.checklist(self.connection, target.digest)
        if old is new:
            return new, []
        ways = succession(old, new)
        answers = upgrades.held(self.connection, self.state, self.assessment)
        return new, Carriage(ways, new, row.period_end).carry(answers)

    def _view(self, row: Record, into: Checklist, carried: Sequence[Carried]) -> wire.Upgrade:
        old = self.shelf.checklist(self.connection, row.digest)
        return wire.Upgrade(
            assessment=self.assessment,
            from_version=row.checklist_version,
            to_version=into.head.version,
            applied=False,
            version=row.version,
            counts=fate_counts(carried),
            answers=list(_listed(carried, old)),
            new_questions=[question.id for question in into.questions if question.id not in old.by_id()],
            earlier=[_step(one) for one in upgrades.logged(self.connection, self.state, self.assessment)],
        )


def fate_counts(carried: Sequence[Carried]) -> wire.FateCounts:
    """How many go which way."""
    counts = Counter(one.fate for one in carried)
    return wire.FateCounts(
        kept=counts["kept"], reconfirm=counts["reconfirm"], mapped=counts["mapped"], history=counts["history"]
    )


def _listed(carried: Sequence[Carried], old: Checklist) -> Iterator[wire.Carried]:
    place = {question.id: n for n, question in enumerate(old.questions)}

    def way(one: Carried) -> tuple[int, str, str]:
        return place[one.held.question], one.target or "", one.fate

    for _, some in groupby(sorted(carried, key=lambda one: (*way(one), one.held.site)), way):
        like = list(some)
        yield wire.Carried(
            question=like[0].held.question,
            to=like[0].target,
            fate=like[0].fate,
            answers=len(like),
            sites=[one.held.site for one in like if one.held.site],
        )


def _step(row: Record) -> wire.UpgradeStep:
    counts = wire.FateCounts(kept=row.kept, reconfirm=row.reconfirm, mapped=row.mapped, history=row.history)
    return wire.UpgradeStep(
        from_version=row.from_version, to_version=row.to_version, at=row.at, by=row.by, counts=counts
    )
