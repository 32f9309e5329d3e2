"""Keeping the register: the state's own record, its agencies, its sites."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from sqlalchemy import Connection

from service.access.policy import Limits
from service.db.types import Record
from service.errors import Conflict, Invalid, Message, NotFound, Place, VersionConflict
from service.languages.words import Words, mark
from service.registry import store
from service.registry.rules import SiteRow, check_site, read_sites
from stocktake.models.registry import (
    Agency,
    AgencyEntry,
    NewSite,
    Outcome,
    RowVerdict,
    Site,
    SiteEntry,
    State,
    StateEntry,
    Verdicts,
)


class SiteExists(Conflict):
    code = "site_exists"
    title = mark("There is a site with this code")


@dataclass(frozen=True, slots=True)
class Register:
    """The register of one state, in one transaction."""

    connection: Connection
    state: str

    def get_state(self) -> State:
        return State.model_validate(_entered(store.state(self.connection, self.state))._mapping)

    def hold(self) -> None:
        """Keep other writers of this register waiting until the transaction ends."""
        _entered(store.hold(self.connection, self.state))

    def put_state(self, entry: StateEntry, replaces: int | None) -> State:
        version = store.STATES.put(self.connection, {"code": self.state, **entry.model_dump()}, replaces)
        return State(code=self.state, version=version, **entry.model_dump())

    def agencies(self, *, after: str, most: int) -> list[Agency]:
        found = store.agencies(self.connection, self.state, after=after, most=most)
        return [Agency.model_validate(row._mapping) for row in found]

    def get_agency(self, code: str) -> Agency:
        row = store.agency(self.connection, self.state, code)
        if row is None:
            raise NotFound("There is no such agency.")
        return Agency.model_validate(row._mapping)

    def put_agency(self, code: str, entry: AgencyEntry, replaces: int | None) -> Agency:
        self.get_state()
        row = {"state": self.state, "code": code, **entry.model_dump()}
        version = store.AGENCIES.put(self.connection, row, replaces)
        return Agency(code=code, version=version, **entry.model_dump())

    def sites(self, wanted: store.SiteFilter, *, after: str, most: int) -> list[Site]:
        found = store.sites(self.connection, self.state, wanted, after=after, most=most)
        return [Site.model_validate(row._mapping) for row in found]

    def get_site(self, code: str, within: store.SiteReach | None = None) -> Site:
        row = store.site(self.connection, self.state, code, within)
        if row is None:
            raise NotFound("There is no such site.")
        return Site.model_validate(row._mapping)

    def put_site(self, code: str, entry: SiteEntry, replaces: int | None) -> Site:
        self.hold()
        self._check(entry)
        return self._write(code, entry, replaces)

    def add_site(self, new: NewSite) -> Site:
        self.hold()
        self._check(new)
        try:
            return self._write(new.code, new, 0)
        except VersionConflict as conflict:
            raise SiteExists("There is a site {site} already; change it with PUT.", site=new.code) from conflict

    def import_sites(self, text: str, words: Words, *, dry_run: bool) -> Verdicts:
        """Create or change the sites of a CSV, a verdict a row; refused rows leave the others standing.

        The number of statements does not grow with the rows.
        """
        self.hold()
        agencies = store.agency_codes(self.connection, self.state)
        load = _Load(store.every_site(self.connection, self.state), agencies, words)
        judged = [(row, load.judge(row)) for row in read_sites(text)]
        if dry_run:
            return tally([verdict for _, verdict in judged], dry_run=True)
        rows = [
            self._row(row.code, row.site)
            for row, verdict in judged
            if isinstance(row.site, NewSite) and verdict.outcome in _WRITTEN
        ]
        versions = store.SITES.put_all(self.connection, rows)
        verdicts = [
            _verdict(row, verdict.outcome, versions[self.state, row.code]) if verdict.outcome in _WRITTEN else verdict
            for row, verdict in judged
        ]
        return tally(verdicts, dry_run=False)

    def _check(self, entry: SiteEntry) -> None:
        check_site(entry)
        if entry.agency is not None and store.agency(self.connection, self.state, entry.agency) is None:
            raise no_such_agency(entry.agency)

    def _row(self, code: str, entry: SiteEntry) -> dict[str, object]:
        return {"state": self.state, "code": code, **entry.model_dump(exclude={"code"})}

    def _write(self, code: str, entry: SiteEntry, replaces: int | None) -> Site:
        version = store.SITES.put(self.connection, self._row(code, entry), replaces)
        return Site(code=code, version=version, **entry.model_dump(exclude={"code"}))


_WRITTEN = frozenset({"created", "changed"})


class _Load:
    """The rows of one file, judged in order against what stands."""

    def __init__(self, standing: Mapping[str, Record], agencies: frozenset[str], words: Words) -> None:
        self._standing = standing
        self._agencies = agencies
        self._words = words
        self._seen: set[str] = set()

    def judge(self, row: SiteRow) -> RowVerdict:
        """What becomes of one row, with the version it will have."""
        twice = row.code in self._seen
        self._seen.add(row.code)
        if isinstance(row.site, Message):
            return self._refused(row, row.site)
        if twice:
            return self._refused(row, Message("code: {code} stands twice in this file", code=row.code))
        standing = self._standing.get(row.code)
        if standing is not None and _same(row.site, standing):
            return _verdict(row, "unchanged", standing.version)
        if row.site.agency is not None and row.site.agency not in self._agencies:
            return self._refused(row, no_such_agency(row.site.agency).message)
        return _verdict(row, "created", 1) if standing is None else _verdict(row, "changed", standing.version + 1)

    def _refused(self, row: SiteRow, why: Message) -> RowVerdict:
        detail = why.said(self._words)
        return RowVerdict(
            row=row.number, key=row.code, outcome="refused", version=None, code=Invalid.code, detail=detail
        )


def _entered(row: Record | None) -> Record:
    if row is None:
        raise NotFound("Your state is not in the register yet; a key with scope registry can enter it.")
    return row


def reach_of(limits: Limits) -> store.SiteReach | None:
    """The sites that somebody reaches in the register; none where there is no limit."""
    if limits is None:
        return None
    return store.SiteReach(
        frozenset(site for grant in limits for site in grant.sites),
        frozenset(grant.agency for grant in limits if grant.agency is not None),
    )


def no_such_agency(code: str) -> Invalid:
    return Invalid.at(Place("/agency", "there is no agency {agency}; enter it first", agency=code))


def tally(rows: list[RowVerdict], *, dry_run: bool) -> Verdicts:
    """The verdicts with their counts."""
    counts = {outcome: sum(row.outcome == outcome for row in rows) for outcome in get_args(Outcome)}
    return Verdicts(dry_run=dry_run, rows=rows, **counts)


def changes(verdicts: Verdicts) -> int:
    """How many rows changed something."""
    return 0 if verdicts.dry_run else verdicts.created + verdicts.changed


def _same(entry: SiteEntry, standing: Record) -> bool:
    return all(getattr(standing, name) == value for name, value in entry.model_dump().items())


def _verdict(row: SiteRow, outcome: Outcome, version: int) -> RowVerdict:
    return RowVerdict(row=row.number, key=row.code, outcome=outcome, version=version, code=None, detail=None)
