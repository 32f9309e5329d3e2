"""Every effect and every logged read leaves exactly one event, in the log of the state it is about.

What somebody may not do leaves exactly one in the log of their own state; nothing else leaves any.

Tried on every route there is. A route without a good request in ``route_calls`` fails.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

import service.access.api
import service.reports.api
from conftest import World
from route_calls import GIVER, Example, Holding, address, ask, example, fill, of_people, owned, ready, who_may
from service.access.api import declared_actions
from service.access.policy import POLICY, Action, Scope
from service.audit import store as log
from service.audit.chain import Event
from service.db.access_tables import AuditEvent

pytestmark = pytest.mark.long

STATE, MARK = "QZA", "canarywren"
EVENTS = AuditEvent.__table__
IDLE = frozenset({Action.ASSESSMENT_UPGRADE})
"""The good request moves the assessment to the version it is at: that changes nothing, and leaves nothing."""
DRY = ("/answers", "/import")
"""The ends of the addresses that can be tried without effect."""


class PlainPages:
    """In the place of the typesetter: answers with what it was given."""

    @staticmethod
    def render(_content: object, canonical: bytes, *_: object, **_options: object) -> bytes:
        return canonical


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    action: Action

    @property
    def acts(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    @property
    def logged(self) -> bool:
        """Whether the policy wants an event of it."""
        return self.action not in IDLE and (self.acts or POLICY[self.action].logged)

    @property
    def actions(self) -> list[str]:
        """What the events of one good request say was done."""
        return [self.action] if self.logged else []


@dataclass
class Books:
    """A state with everything in it, its routes, and its log."""

    world: World
    held: Holding
    everything: TestClient

    @property
    def routes(self) -> list[Route]:
        return [Route(method, path, action) for (method, path), action in declared_actions(self.world.app).items()]

    def number(self, state: str = STATE) -> int:
        """Of the last event in a state's log."""
        with self.world.database.transaction(writes=False, state=state) as connection:
            return log.head(connection, state)[0]

    def since(self, number: int, state: str = STATE) -> list[Event]:
        """The events after one."""
        with self.world.database.transaction(writes=False, state=state) as connection:
            return log.listed(connection, state, after=number, most=1000)

    def whole(self, state: str) -> bool:
        """Whether the log is whole: every hash right, every number there."""
        with self.world.database.transaction(writes=False, state=state) as connection:
            number, faults = log.verified(connection, state)
        return number > 0 and not faults

    def teller(self, route: Route) -> str:
        """The state in whose log a route's events stand: for a copy, of who gave it."""
        return GIVER if "{copy}" in route.path else STATE

    def prepared(self, route: Route) -> tuple[TestClient, Holding]:
        """Somebody who may ask, and what to ask about; what the good request needs is there."""
        of = ready(self.everything, route.method, route.path, self.held)
        return who_may(self.world, self.everything, route.action, route.path, of), of


@pytest.fixture
def books(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Books]:
    monkeypatch.setattr(service.reports.api, "typst", PlainPages)
    everything, held = fill(world, STATE, MARK)
    made = Books(world, held, everything)
    yield made
    assert made.whole(STATE)


def left(books: Books, route: Route) -> list[Event]:
    """The events that one good request to a route leaves."""
    caller, of = books.prepared(route)
    own, teller = books.number(), books.number(books.teller(route))
    answer = ask(caller, route.method, route.path, of)
    assert answer.is_success, f"{route}: {answer.text}"
    assert books.teller(route) == STATE or books.number() == own
    return books.since(teller, books.teller(route))


def test_every_effect_and_every_logged_read_leaves_one_event(books: Books) -> None:
    wrong = []
    for route in books.routes:
        found = left(books, route)
        if [event.action for event in found] != route.actions:
            wrong.append((route, found))
        if not of_people(route.path):  # of names and passwords there is no digest
            wrong += [(route, found) for event in found if (event.digest is not None) != digested(books, route)]
    assert wrong == []
    assert sum(route.logged for route in books.routes) >= 20


def digested(books: Books, route: Route) -> bool:
    """Whether the event has a digest: of what the request says, or of what was approved."""
    sent = example(route.method, route.path, books.held)
    return sent.json is not None or sent.csv is not None or route.action is Action.ASSESSMENT_APPROVE


def test_an_effect_that_leaves_no_event_is_noticed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.access.api.Work, "settle", lambda _work: None)
    route = next(one for one in books.routes if one.action is Action.AGENCY_WRITE)
    assert left(books, route) == []


def stranger(books: Books, action: Action) -> TestClient:
    """Somebody of another state who may do this there."""
    rule = POLICY[action]
    return books.world.caller("QZB") if rule.scopes else books.world.person("QZB", min(rule.roles))


def refusals(books: Books, route: Route) -> Iterator[tuple[str, Response]]:
    """What is refused, for every reason there is."""
    method, of = route.method, books.held
    sent = example(method, route.path, of)
    right = who_may(books.world, books.everything, route.action, route.path, of)
    yield "nobody", ask(TestClient(books.world.app), method, route.path, of, sent)
    others = frozenset(Scope) - POLICY[route.action].scopes
    if others:
        yield "other scopes", ask(books.world.caller(STATE, others), method, route.path, of, sent)
    if owned(route.path):
        yield "another state", ask(stranger(books, route.action), method, route.path, of, sent)
        no_id = str(uuid4())
        gone = replace(of, state="QZZ", assessment=no_id, signed=no_id, share=no_id, copy=no_id)
        yield "nothing there", ask(right, method, route.path, gone, example(method, route.path, of))
    yield "unknown query", ask(right, method, route.path, of, replace(sent, params={**sent.params, "zz": "1"}))
    if sent.json is not None:
        yield "unknown field", ask(right, method, route.path, of, replace(sent, json={**sent.json, "zz": 1}))
    if "if-match" in sent.headers:
        yield "another version", ask(right, method, route.path, of, replace(sent, headers={"if-match": '"99"'}))
        yield "no version", ask(right, method, route.path, of, replace(sent, headers={}))


MAY_NOT = {"other scopes": STATE, "another state": "QZB", "nothing there": STATE}
"""The reasons of which an event may be left, and in whose log: the caller's."""


def told(route: Route, why: str, answer: Response) -> list[str]:
    """What the caller's log is to say of a refusal: of 403, and of 404 where the address names a state."""
    forbidden = answer.status_code == 403
    not_theirs = answer.status_code == 404 and "{state}" in route.path and why in ("another state", "nothing there")
    return [f"refused:{route.action}"] if forbidden or not_theirs else []


def test_what_is_refused_leaves_one_event_if_the_caller_may_not_and_else_nothing(books: Books) -> None:
    reasons: dict[str, int] = {}
    for route in books.routes:
        before = {state: books.number(state) for state in (STATE, GIVER, "QZB")}
        for why, answer in refusals(books, route):
            assert not answer.is_success, (why, route, answer.text)
            expected = told(route, why, answer)
            reasons[why] = reasons.get(why, 0) + len(expected)
            for state, number in before.items():
                found = books.since(number, state)
                assert [event.action for event in found] == (expected if MAY_NOT.get(why) == state else []), (
                    why,
                    route,
                )
                assert [event for event in found if event.digest is not None] == []
                before[state] += len(found)
    assert len(reasons) == 8
    assert {why for why, events in reasons.items() if events} == MAY_NOT.keys()


def test_a_replayed_request_leaves_nothing_more(books: Books) -> None:
    posts = [route for route in books.routes if route.method == "POST"]
    for route in posts:
        caller, of = books.prepared(route)
        sent = example(route.method, route.path, of)
        sent = replace(sent, headers={**sent.headers, "idempotency-key": uuid4().hex})
        before = books.number()
        first, second = (ask(caller, route.method, route.path, of, sent) for _ in range(2))
        assert first.is_success, first.text
        # A secret that was shown is not shown again: that one is refused
        assert "idempotent-replayed" in second.headers or second.json()["code"] == "already_shown"
        assert [event.action for event in books.since(before)] == route.actions, route
    assert len(posts) > 5


def test_a_trial_leaves_nothing(books: Books) -> None:
    tried = 0
    for route in books.routes:
        if route.method != "POST" or not route.path.endswith(DRY):
            continue
        sent = example(route.method, route.path, books.held)
        (caller, _), before = books.prepared(route), books.number()
        dry = replace(sent, params={**sent.params, "dry_run": "true"})
        assert ask(caller, route.method, route.path, books.held, dry).is_success
        assert books.number() == before, route
        assert ask(caller, route.method, route.path, books.held, sent).is_success
        assert books.number() == before + 1, route
        tried += 1
    assert tried == len(DRY)


def test_no_value_is_in_the_log(books: Books) -> None:
    """Names of things in addresses are there, what was said of them is not."""
    for route in books.routes:
        caller, of = books.prepared(route)
        assert ask(caller, route.method, route.path, of).is_success, route
    assert MARK in ask(books.everything, "GET", "/v1/states/{state}", books.held).text  # else the search is blind
    for state in (STATE, GIVER):
        with books.world.database.transaction(writes=False, state=state) as connection:
            rows = connection.execute(select(EVENTS).where(EVENTS.c.state == state)).all()
        assert len(rows) > (20 if state == STATE else 0)
        assert books.whole(state)
        assert [row for row in rows if MARK in str(row)] == []


def test_who_acts_is_named_by_an_id(books: Books) -> None:
    for route in books.routes:
        for event in left(books, route):
            kind, _, name = event.actor.removeprefix(f"{STATE}/").partition(":")
            assert kind in {"key", "person"}
            assert len(name) == 10
            where = address(route.path, books.held).rpartition("/")[0]
            made = of_people(route.path)  # a new thing, which is named by its own address
            assert event.subject.startswith(f"/v1/states/{STATE}/" if made and "{state}" in route.path else where)


def test_a_route_nobody_wrote_a_request_for_fails(books: Books) -> None:
    with pytest.raises(KeyError):
        example("POST", "/v1/new", books.held)
    assert isinstance(example("GET", "/v1/new", books.held), Example)
