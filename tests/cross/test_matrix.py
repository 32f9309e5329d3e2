"""Every route, asked by everybody, about one's own, another state's and what was shared, wherever an assessment stands.

What is expected follows from the policy table and from the actions that docs/openapi.json declares, which is reviewed;
not from the code of the routes. A route without a good request in ``route_calls`` fails. In the everyday suite a
refusal that cannot depend on where the assessment stands is tried in one place; ``make matrix`` tries it in all.
"""

import io
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zlib import crc32

import pytest
from fastapi.routing import iter_route_contexts
from httpx2 import Response
from sqlalchemy import bindparam, select, update
from starlette.testclient import TestClient

import service.access.api
import service.reports.api
from conftest import ROOT, World
from hearing import heard
from principals import Principal, again, everybody, session
from route_calls import (
    CHECKLIST,
    RECIPIENT,
    STEPS,
    Holding,
    address,
    ask,
    at_the_desk,
    example,
    fill,
    kept,
    of_people,
    owned,
    ready,
    stand,
    who_may,
)
from service.access.api import Guarded, declared_actions
from service.access.policy import POLICY, Action, Role, Status
from service.access.table import REACHING
from service.assessments import answers, store
from service.audit import store as log
from service.db.access_tables import Person
from service.db.tables import Assessment

pytestmark = pytest.mark.long

OWN, OTHER = "QZA", "QZB"
FULL = os.environ.get("MATRIX") == "full"
Route = tuple[str, str]
Refusal = tuple[str, str, str]
"""In whose log, as which action, at which address."""


def reviewed() -> Mapping[Route, Action]:
    """The action of every route, as the committed interface declares it."""
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    return {
        (method.upper(), path): Action(operation["x-action"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if "x-action" in operation
    }


ACTIONS = reviewed()
OF_ONESELF = ("/v1/me", "/v1/sessions")
"""The addresses that are about whoever asks."""


@dataclass(frozen=True)
class Case:
    """One request: who, which route, about whose things, standing where."""

    principal: Principal
    route: Route
    of: Holding
    status: Status

    def __str__(self) -> str:
        return f"{self.principal.name} {' '.join(self.route)} of {self.of.state}, {self.status}"


@dataclass
class Setting:
    """Two states and a body, full, and everybody who may come."""

    world: World
    principals: list[Principal]
    keepers: Mapping[str, TestClient]
    """Of each state, a key with every scope, to make things ready with."""
    held: Mapping[str, Mapping[Status, Holding]]
    """The things of each, once for each place where an assessment can stand."""
    belongs: Mapping[str, str]
    """Whose an assessment or a copy is, by its id."""
    successes: Mapping[Route, int]
    heard: io.StringIO = field(default_factory=io.StringIO)
    """What the service logged."""

    def cases(self, only: str) -> Iterator[Case]:
        for (method, path), action in ACTIONS.items():
            for number in range(len(self.principals)) if path.startswith(only) else ():
                for whose in self._relations(self.principals[number], path):
                    for status in self._statuses(self.principals[number], path, action, whose):
                        yield Case(self.principals[number], (method, path), self.held[whose][status], status)

    def _relations(self, principal: Principal, path: str) -> Sequence[str]:
        """Whose things are asked about: everybody's, where it can matter whose they are."""
        if not owned(path) or (principal.state is None and not FULL):
            return [OWN]
        shared = FULL or "{copy}" in path or principal.state == RECIPIENT
        return [OWN, OTHER, RECIPIENT] if shared else [OWN, OTHER]

    def _statuses(self, principal: Principal, path: str, action: Action, whose: str) -> list[Status]:
        """Where the assessment stands: everywhere, or in one place where that cannot matter."""
        if "{assessment}" not in path or whose == RECIPIENT:
            return [Status.DRAFT]
        if FULL or (principal.may(action) and principal.state == whose):
            return list(Status)
        return [list(Status)[crc32(f"{principal.name}{path}".encode()) % len(Status)]]

    def owner(self, path: str, of: Holding) -> str | None:
        """Whose the thing is that a route is about."""
        if "{assessment}" in path:
            return self.belongs[of.assessment]
        if "{copy}" in path:
            return self.belongs[of.copy]
        return of.state if "{state}" in path else None

    def expected(self, case: Case) -> int:
        """The status of the answer, by the policy table."""
        method, path = case.route
        who, action = case.principal, ACTIONS[case.route]
        if who.state is None:
            return 401
        if not who.may(action) or not who.in_time(action):
            return 403
        if self.owner(path, case.of) not in (None, who.state):
            return 404
        if "{assessment}" in path and case.status not in POLICY[action].statuses:
            return 409
        out_of_reach = who.limited(action) and not who.reaches and about_one_thing(method, path)
        return 404 if out_of_reach else self.successes[case.route]

    def send(self, case: Case) -> Response:
        """Ask, with everything ready where it should succeed, and everything as it was afterwards."""
        method, path = case.route
        allowed = self.expected(case) == self.successes[case.route]
        if allowed and path.startswith(OF_ONESELF) and case.principal.person:
            with_password(self.world, case.principal)
        if method == "GET" or not allowed:
            return ask(case.principal.client, method, path, case.of)
        keeper = self.keepers.get(case.of.state, self.keepers[OWN])
        if path.startswith(OF_ONESELF):
            assert case.principal.state is not None
            other = session(self.world, case.principal.state, case.principal.person)
            return self._asked(replace(case, of=replace(case.of, session=other.split("_")[2])), keeper)
        if of_people(path):
            at_the_desk(self.world, case.of)
        return self._asked(case, keeper)

    def _asked(self, case: Case, keeper: TestClient) -> Response:
        method, path = case.route
        answer = ask(case.principal.client, method, path, ready(keeper, method, path, case.of))
        self._put_back(case, keeper)
        return answer

    def _put_back(self, case: Case, keeper: TestClient) -> None:
        path = case.route[1]
        if path.startswith(OF_ONESELF):
            self.principals[self.principals.index(case.principal)] = again(self.world, case.principal)
        elif of_people(path):
            at_the_desk(self.world, case.of)
        elif path.endswith(tuple(STEPS)):
            stand(case.of, case.status)
        elif path.endswith(("/answers/{question}", "/reviews")):
            assert ask(keeper, "PUT", "/v1/assessments/{assessment}/answers/{question}", case.of).is_success


def about_one_thing(method: str, path: str) -> bool:
    """Whether a route names one answer or one site, which a contributor's grant reaches or not."""
    named = "{question}" in path or path.endswith(("/sites/{code}", "/questions"))  # a worklist is asked of one site
    return named or (method == "POST" and path.endswith("/comments"))


@pytest.fixture
def setting(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    # The report's content stands in for its pages: it is everything that could be printed on them.
    monkeypatch.setattr(service.reports.api, "typst", PlainPages)
    keepers: dict[str, TestClient] = {}
    held: dict[str, Mapping[Status, Holding]] = {}
    belongs: dict[str, str] = {}
    for state, mark in ((OWN, "ownmark"), (OTHER, "othermark")):
        keepers[state], of = fill(world, state, mark)
        held[state] = {status: standing(keepers[state], of, status) for status in Status}
        belongs |= {one.assessment: state for one in held[state].values()} | {of.copy: state}
    own = held[OWN][Status.DRAFT]
    # The body holds a copy of it: the share's id is the copy's
    held[RECIPIENT] = {Status.DRAFT: replace(own, state=RECIPIENT, mark="bodymark", copy=own.share)}
    belongs[own.share] = RECIPIENT
    at_the_desk(world, held[RECIPIENT][Status.DRAFT])
    principals = list(everybody(world, own, held[OTHER][Status.DRAFT]))
    made = Setting(world, principals, keepers, held, belongs, successes(world))
    with heard(made.heard):
        yield made


def standing(keeper: TestClient, of: Holding, status: Status) -> Holding:
    """The same state with another full assessment that stands here, whose first revision was approved."""
    body = {"checklist": CHECKLIST, "cycle": f"2026-{status[:3].upper()}"}
    opened = keeper.post(f"/v1/states/{of.state}/assessments", json=body)
    assert opened.status_code == 201, opened.text
    number = str(opened.json()["id"])
    of = replace(of, assessment=number, signed=number)
    answered = "/v1/assessments/{assessment}/answers/{question}"
    for role, method, path in (
        (None, "PUT", answered),
        (None, "POST", "/v1/assessments/{assessment}/proposals"),
        (Role.VALIDATOR, "POST", "/v1/assessments/{assessment}/reviews"),
        (None, "PUT", answered),  # else what was returned keeps it from being submitted
        (Role.COORDINATOR, "POST", "/v1/assessments/{assessment}/comments"),
        (Role.COORDINATOR, "PUT", "/v1/assessments/{assessment}/assignments/sections/{section}"),
        (Role.COORDINATOR, "PUT", "/v1/assessments/{assessment}/assignments/sites/{code}"),
    ):
        done = ask(keeper if role is None else of.people[role], method, path, of)
        assert done.is_success, done.text
    stand(of, Status.APPROVED)
    given = ask(of.people[Role.APPROVER], "POST", "/v1/assessments/{assessment}/shares", of)
    assert given.status_code == 201, given.text
    stand(of, status)
    return replace(of, share=given.json()["id"])


def successes(world: World) -> Mapping[Route, int]:
    """What each route answers when all is well."""
    return {
        (method, str(context.path)): context.original_route.status_code or 200
        for context in iter_route_contexts(world.app.routes)
        if isinstance(context.original_route, Guarded)
        for method in context.methods or ()
    }


def with_password(world: World, principal: Principal) -> None:
    """Let ``PASSWORD`` be theirs."""
    assert principal.state is not None
    table = Person.__table__
    mine = (table.c.state == principal.state, table.c.id == principal.person)
    with world.database.transaction(writes=True, state=principal.state) as connection:
        connection.execute(update(table).where(*mine).values(password=kept(), factor=None, factor_step=None))


class PlainPages:
    """In the place of the typesetter: answers with what it was given."""

    @staticmethod
    def render(content: object, canonical: bytes, moment: datetime, **_options: object) -> bytes:
        return repr(content).encode() + canonical + str(moment).encode()


@dataclass
class Found:
    """What is not as the policy table says, and what somebody was told who must not know it."""

    tried: int = 0
    deviations: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    """The states whose own things were told to their own people."""
    refused: Counter[Refusal] = field(default_factory=Counter)
    """What the logs are to say of those who may not: in whose, of what, at which address, how often."""

    def told_of(self, case: Case, answer: Response) -> None:
        """Count a refusal that has to stand in the caller's log: 403, and 404 where the address names another state."""
        path, who = case.route[1], case.principal.state
        elsewhere = answer.status_code == 404 and "{state}" in path and case.of.state != who
        if who is not None and (answer.status_code == 403 or elsewhere):
            site = answer.request.url.params.get("site")
            address = answer.request.url.path + (f"?site={site}" if site else "")
            self.refused[who, f"refused:{ACTIONS[case.route]}", address] += 1

    def repeated(self, state: str, told: str) -> str:
        """What a log tells, without the addresses that its own people asked for in vain."""
        for asked in {asked for whose, _, asked in self.refused if whose == state}:
            told = told.replace(f'"subject":"{asked}"', "")
        return told


def ask_all(setting: Setting, only: str = "") -> Found:
    """Try every case; ``only`` keeps to the routes under one address."""
    found = Found()
    for case in setting.cases(only):
        answer = setting.send(case)
        found.tried += 1
        wanted = setting.expected(case)
        if answer.status_code != wanted:
            found.deviations.append(f"{case}: {answer.status_code}, not {wanted}: {answer.text[:200]}")
        found.told_of(case, answer)
        told = f"{answer.headers} {answer.text}"
        if ACTIONS[case.route] is Action.LOG_READ and case.principal.state is not None:
            told = found.repeated(case.principal.state, told)
        for name in (case.of.assessment, case.of.site, case.of.agency):  # what was asked for may be repeated
            told = told.replace(name, "")
        for state in (OWN, OTHER):
            if setting.held[state][Status.DRAFT].mark in told.lower():
                if state == case.principal.state:
                    found.own.add(state)
                elif not (case.principal.state == RECIPIENT and case.route[1].startswith("/v1/received")):
                    found.foreign.append(f"{case}: {state}")
                if not case.principal.reaches and ACTIONS[case.route] in REACHING:
                    found.foreign.append(f"{case}: out of reach")
    return found


def test_every_route_answers_everybody_as_the_policy_says(setting: Setting) -> None:
    assert declared_actions(setting.world.app) == ACTIONS
    before = in_logs(setting)
    found = ask_all(setting)
    print(f"{found.tried} requests on {len(ACTIONS)} routes by {len(setting.principals)} principals")
    assert "\n".join(found.deviations) == ""
    assert found.foreign == []
    assert found.own == {OWN, OTHER}  # else the search is blind
    assert found.tried > len(ACTIONS) * len(setting.principals)
    assert in_logs(setting) - before == found.refused  # one event for each that was refused, and no other
    assert found.refused.total() > 1000
    logged = setting.heard.getvalue()
    assert len(logged.splitlines()) >= found.tried
    assert "mark" not in logged.lower()


def in_logs(setting: Setting) -> Counter[Refusal]:
    """The refusals in the logs of everybody who may come."""
    found: Counter[Refusal] = Counter()
    for state in {principal.state for principal in setting.principals if principal.state is not None}:
        with setting.world.database.transaction(writes=False, state=state) as connection:
            events = log.listed(connection, state, after=0, most=2**31 - 1)
        found.update((state, one.action, one.subject) for one in events if one.action.startswith("refused:"))
    return found


# ── the matrix goes red when one thing is gone ───────────────────────────────────────────────────────────────────────

SCORES, ANSWERS = "/v1/assessments/{assessment}/scores", "/v1/assessments/{assessment}/answers"
ANYBODYS = select(Assessment.__table__).where(Assessment.__table__.c.id == bindparam("with_id"))


def guarded(setting: Setting) -> bool:
    """Whether the statement guard saw it too."""
    seen = bool(setting.world.guard.breaches)
    setting.world.guard.breaches.clear()
    return seen


def test_a_statement_that_lost_its_state_is_seen(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite in the answers; on PostgreSQL the other wall still stands, until its policy is dropped too."""
    monkeypatch.setattr(store, "_GET", ANYBODYS)
    if not setting.world.database.is_sqlite:
        assert ask_all(setting, SCORES).deviations == []
        with setting.world.publishing() as connection:
            connection.exec_driver_sql("DROP POLICY own_state ON assessment")
            connection.exec_driver_sql("CREATE POLICY own_state ON assessment USING (true)")
    assert any(
        f"GET {SCORES} of QZB" in line and ": 200, not 404" in line for line in ask_all(setting, SCORES).deviations
    )
    assert guarded(setting)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_lost_its_state_is_seen(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status stays the same: only the canaries tell."""
    monkeypatch.setattr(answers, "_LIST_SITE", select(*answers.SHOWN))
    found = ask_all(setting, ANSWERS)
    assert found.deviations == []
    assert any("coordinator GET" in line for line in found.foreign)
    assert guarded(setting)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_declared_action_that_was_changed_is_seen(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    for context in iter_route_contexts(setting.world.app.routes):
        if isinstance(context.original_route, Guarded) and str(context.path) == SCORES:
            monkeypatch.setattr(context.original_route, "action", Action.CHECKLIST_READ)
    assert declared_actions(setting.world.app) != ACTIONS
    assert any(line.startswith("contributor in reach GET") for line in ask_all(setting, SCORES).deviations)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("name", "only", "seen"),
    [
        ("authorize", SCORES, "contributor in reach GET"),
        ("require_own", "/v1/states/{state}/agencies", "of QZB, draft: 200, not 404"),
        ("require_own", "/v1/states/{state}/people", "of QZB, draft: 200, not 404"),
    ],
)
def test_a_door_that_does_not_ask_is_seen(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, name: str, only: str, seen: str
) -> None:
    monkeypatch.setattr(service.access.api, name, lambda *_: None)
    assert any(seen in line for line in ask_all(setting, only).deviations)
    guarded(setting)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_refusal_that_is_not_logged_is_seen(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    async def leave_nothing(_: object) -> None:
        pass

    assert ask_all(setting, SCORES).refused == in_logs(setting)
    before = in_logs(setting)
    monkeypatch.setattr(service.access.api, "_leave_refusal", leave_nothing)
    assert ask_all(setting, SCORES).refused.total() > 0
    assert in_logs(setting) == before


def test_a_key_never_gets_a_cookie_and_an_origin_is_never_let_in(setting: Setting) -> None:
    """No answer to whoever may ask it sets a cookie or lets another origin in."""
    of, world, keeper = setting.held[OWN][Status.DRAFT], setting.world, setting.keepers[OWN]
    for (method, path), action in ACTIONS.items():
        sent = example(method, path, of)
        sent = replace(sent, headers={**sent.headers, "origin": "https://x.test"})
        answer = ask(who_may(world, keeper, action, path, of), method, path, of, sent)
        assert "set-cookie" not in answer.headers, path
        assert not [name for name in answer.headers if name.startswith("access-control-")], path
        assert answer.headers["cache-control"] == "no-store"


def test_a_route_nobody_wrote_a_request_for_fails() -> None:
    of = Holding(OWN, "ownmark", "", "S", "A")
    with pytest.raises(KeyError):
        example("POST", "/v1/states/{state}/new", of)
    with pytest.raises(KeyError):
        address("/v1/things/{thing}", of)
