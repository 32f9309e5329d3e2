"""The worklist: what is asked, of the state and at each site, with what is answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal
from uuid import UUID

import orjson
from sqlalchemy import Connection

from service.access.policy import Grant, Limits, Role
from service.assessments import answers
from service.assessments.conditions import Surroundings, asks_everywhere, gates
from service.assessments.facts import SiteGroup
from service.assessments.opening import Assessments
from service.assessments.reach import Reach
from service.assessments.reaching import reach_of
from service.assessments.results import state_facts
from service.assessments.tallies import Scope, groups_only
from service.catalogue.checklist import Checklist
from service.catalogue.question import Question
from service.catalogue.store import Shelf
from service.catalogue.translations import WantedLanguage
from service.db.types import Record
from service.errors import NotFound
from service.registry import store as registry
from service.registry.store import OpenSites
from stocktake.models.assessments import WorkItem

SITES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """Which part of the worklist is wanted."""

    scope: Literal["state", "site"] | None = None
    site: str | None = None
    agency: str | None = None
    """Only what is assigned to it, and the sites it answers for."""
    unanswered: bool = False
    language: WantedLanguage | None = None


@dataclass(frozen=True)
class Worklist:
    """The worklist of one assessment: the state's own part first, then site by site. A page reads what it shows."""

    connection: Connection
    scope: Scope
    checklist: Checklist
    choice: Choice
    within: tuple[Reach, ...] = ()
    """What the caller reaches and what the agency asked about does; an item is in all of them."""

    def page(self, after: tuple[str, str], most: int) -> tuple[list[WorkItem], tuple[str, str] | None]:
        """So many items at most after this (site, question), and where the next page starts."""
        site, question = after
        order = {q.id: n for n, q in enumerate(self.checklist.questions)}
        last = order.get(question, -1)
        found: list[WorkItem] = []
        for item in self._items(site):
            if (item.site or "") == site and order[item.question] <= last:
                continue
            if len(found) == most:
                return found, (found[-1].site or "", found[-1].question)
            found.append(item)
        return found, None

    def _items(self, from_site: str) -> Iterator[WorkItem]:
        if from_site == "" and self.choice.scope != "site" and not self.choice.site:
            asked = self._reached(self.checklist.of_scope("state"), "")
            yield from self._asked(self._around(asked), asked, None, self._of_state)
        if self.choice.scope != "state":
            yield from self._at_sites(from_site)

    @cached_property
    def _of_state(self) -> Sequence[Record]:
        return answers.facts_of_state(self.connection, self.scope.state, self.scope.assessment)

    def _around(self, asked: Sequence[Question]) -> Surroundings:
        """What tells whether these questions apply; every site only if one of them hangs on some site."""
        questions = self.checklist.by_id()
        everywhere = asks_everywhere(asked, questions)
        groups = groups_only(self.connection, self.scope, gates(self.checklist)) if everywhere else ()
        given = {row.question: answers.given_of(row) for row in self._of_state}
        return Surroundings(questions, state_facts(self.connection, self.scope.state), given, groups)

    def _reached(self, questions: Sequence[Question], site: str) -> Sequence[Question]:
        """Those of the questions that are within reach, of the state or at a site."""
        if not self.within:
            return questions
        return [q for q in questions if all(reach.holds(q.id, site) for reach in self.within)]

    @cached_property
    def _only(self) -> frozenset[str] | None:
        """The sites at which something can be in reach; none for all: a question is reached at every site."""
        only: frozenset[str] | None = None
        of_site = {question.id for question in self.checklist.of_scope("site")}
        for reach in self.within:
            if reach.questions.isdisjoint(of_site):
                only = reach.sites if only is None else only & reach.sites
        return only

    def _at_sites(self, from_site: str) -> Iterator[WorkItem]:
        asked = self.checklist.of_scope("site")
        around = self._around(asked)
        for some in self._sites(from_site):
            by_site: dict[str, list[Record]] = defaultdict(list)
            codes = [site.code for site in some]
            for row in answers.facts_at_sites(self.connection, self.scope.state, self.scope.assessment, codes):
                by_site[row.site].append(row)
            for site in some:
                rows = by_site[site.code]
                given = {row.question: answers.given_of(row) for row in rows}
                place = around.at(SiteGroup(site.type, site.tier, given, 1, site.travellers))
                yield from self._asked(place, self._reached(asked, site.code), site.code, rows)

    def _sites(self, from_site: str) -> Iterator[Sequence[Record]]:
        """The sites wanted from this one on, by code, so many at once."""
        wanted = OpenSites(self.scope.period_end, self.choice.site or "", self._only)
        some = registry.open_sites(self.connection, self.scope.state, wanted, start=from_site, most=SITES_AT_ONCE + 1)
        if self.choice.site and not some and from_site <= self.choice.site:
            raise NotFound("There is no site {site} in operation at the end of the period.", site=self.choice.site)
        while some:
            yield some[:SITES_AT_ONCE]
            if len(some) <= SITES_AT_ONCE:
                return
            start = some[SITES_AT_ONCE].code
            some = registry.open_sites(self.connection, self.scope.state, wanted, start=start, most=SITES_AT_ONCE + 1)

    def _asked(
        self, around: Surroundings, questions: Sequence[Question], site: str | None, rows: Sequence[Record]
    ) -> Iterator[WorkItem]:
        answered = {row.question: row for row in rows}
        for question in questions:
            told = around.applies(question)
            row = answered.get(question.id)
            if told is False or (self.choice.unanswered and row is not None):
                continue
            yield WorkItem.model_construct(
                question=question.id,
                site=site,
                section=self.checklist.section_of[question.id],
                title=question.title,
                standing="applies" if told else "waits",
                kind=None if row is None else row.kind,
                value=None if row is None or row.value is None else orjson.loads(row.value),
                level=None if row is None else row.level,
                reconfirm=row is not None and row.reconfirm,
                version=None if row is None else row.version,
            )


def worklist(connection: Connection, shelf: Shelf, scope: tuple[str, UUID], choice: Choice, limits: Limits) -> Worklist:
    """The worklist of one assessment (state, id), as far as it is reached."""
    state, assessment = scope
    row = Assessments(connection, shelf, state).row(assessment)
    checklist = shelf.checklist(connection, row.digest, choice.language)
    theirs = None if choice.agency is None else (Grant(Role.CONTRIBUTOR, choice.agency),)
    reaches = (reach_of(connection, row, checklist, some) for some in (limits, theirs))
    within = tuple(reach for reach in reaches if reach is not None)
    return Worklist(connection, Scope(state, assessment, row.period_end), checklist, choice, within)
