"""Who may do what, tried on every route there is: no caller, bad keys, each scope, and another state's.

What is expected follows from the policy table alone. A route without a good request in ``route_calls`` fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from httpx2 import Response
from sqlalchemy import bindparam, select
from starlette.testclient import TestClient

import service.access.api
import service.reports.api
from conftest import World
from route_calls import Holding, address, ask, example, fill, owned, ready, who_may
from service.access import keys
from service.access.api import declared_actions
from service.access.policy import POLICY, Action, Scope
from service.access.usecases import create_key, revoke_key
from service.assessments import answers, store
from service.db.tables import Assessment

OWN, OTHER = "QZA", "QZB"
SUCCESS = {"GET": 200, "PUT": 200, "DELETE": 204}


@dataclass(frozen=True)
class Caller:
    """Someone who asks: what they send, and what they may."""

    name: str
    client: TestClient
    state: str | None
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True)
class Case:
    caller: Caller
    method: str
    path: str
    of: Holding


def expected(case: Case, action: Action) -> int:
    """The status, from the policy table and nothing else."""
    if case.caller.state is None:
        return 401
    if not case.caller.scopes & POLICY[action].scopes:
        return 403
    if owned(case.path) and case.of.state != case.caller.state:
        return 404
    created = case.method == "POST" and case.path.endswith(("/sites", "/assessments"))
    return 201 if created else SUCCESS.get(case.method, 200)


@dataclass(frozen=True)
class Setting:
    """Two states, full, and everybody who may come."""

    world: World
    own: Holding
    other: Holding
    own_caller: TestClient
    other_caller: TestClient
    callers: tuple[Caller, ...]

    def cases(self) -> Iterator[Case]:
        for method, path in declared_actions(self.world.app):
            for caller in self.callers:
                yield Case(caller, method, path, self.own)
                if owned(path):
                    yield Case(caller, method, path, self.other)

    def send(self, case: Case) -> Response:
        if POLICY[declared_actions(self.world.app)[case.method, case.path]].scopes:  # else no key may do anything
            ready(self.own_caller if case.of is self.own else self.other_caller, case.method, case.path, case.of)
        return ask(case.caller.client, case.method, case.path, case.of)


def bearer(world: World, key: str) -> TestClient:
    return TestClient(world.app, headers={"authorization": f"Bearer {key}"})


def bad_keys(world: World) -> Mapping[str, str]:
    """Keys that open nothing: misformed, unknown, of another secret, revoked, expired, not valid yet."""
    now = datetime.now(UTC)
    good = world.key(OWN)
    known = keys.read(good)
    assert known is not None
    wrong = keys.write(keys.Credential("stk", OWN, known.id, "0" * keys.SECRET_LENGTH))
    unknown = keys.write(keys.Credential("stk", OWN, "aaaaaaaaaa", known.secret))
    revoked = world.key(OWN)
    with world.database.transaction(writes=True, state="QZA") as connection:
        revoke_key(connection, OWN, revoked[8:18], now=now)
        before = now - timedelta(days=31)
        expired = create_key(connection, OWN, "old", scopes=frozenset(Scope), days=30, now=before)
    bad = {"misformed": good[:-1], "unknown": unknown, "wrong secret": wrong, "revoked": revoked, "expired": expired}
    return bad | {"checksum": good[:-1] + ("0" if good[-1] != "0" else "1")}


@pytest.fixture
def setting(world: World, monkeypatch: pytest.MonkeyPatch) -> Setting:
    # The report's content stands in for its pages: it is everything that could be printed on them.
    monkeypatch.setattr(service.reports.api, "typst", PlainPages)
    own_caller, own = fill(world, OWN, "ownmark")
    other_caller, other = fill(world, OTHER, "othermark")
    callers = [Caller("nobody", TestClient(world.app), None)]
    callers += [Caller(name, bearer(world, key), None) for name, key in bad_keys(world).items()]
    callers += [Caller(scope, world.caller(OWN, frozenset({scope})), OWN, frozenset({scope})) for scope in Scope]
    callers += [Caller("everything", own_caller, OWN, frozenset(Scope))]
    return Setting(world, own, other, own_caller, other_caller, tuple(callers))


class PlainPages:
    """In the place of the typesetter: answers with what it was given."""

    @staticmethod
    def render(content: object, canonical: bytes, moment: datetime, **_options: object) -> bytes:
        return repr(content).encode() + canonical + str(moment).encode()


def deviations(setting: Setting, only: str = "") -> tuple[list[str], int, str]:
    """Every answer that is not what the policy says, how many were tried, and all that own callers were told.

    ``only`` keeps to the routes under one address.
    """
    wrong, tried, told = [], 0, []
    actions = declared_actions(setting.world.app)
    for case in setting.cases():
        if not case.path.startswith(only):
            continue
        answer = setting.send(case)
        tried += 1
        wanted = expected(case, actions[case.method, case.path])
        if answer.status_code != wanted:
            wrong.append(f"{case.caller.name} {case.method} {case.path} of {case.of.state}: {answer.status_code}")
        if case.of is setting.own:
            told.append(f"{answer.headers} {answer.text}")
        else:  # what was asked for may be named in the refusal; nothing else may
            told.append(f"{answer.headers} {answer.text}".replace(setting.other.assessment, ""))
    return wrong, tried, "\n".join(told)


def test_every_route_answers_everybody_as_the_policy_says(setting: Setting) -> None:
    wrong, tried, told = deviations(setting)
    assert wrong == []
    assert tried >= 28 * len(setting.callers)
    assert [mark for mark in setting.other.texts() if mark in told] == []
    assert all(mark in told for mark in setting.own.texts())  # else the search is blind


def test_the_other_state_sees_its_own(setting: Setting) -> None:
    """The canaries are really there, in every kind of thing; else their absence shows nothing."""
    figures = ("/scores", "/coverage", "/gaps", "/checks", "/snapshots", "/shares")
    for (method, path), action in declared_actions(setting.world.app).items():
        if method == "GET" and owned(path) and not path.endswith(figures):
            caller = who_may(setting.world, setting.other_caller, action, path, setting.other)
            answer = ask(caller, method, path, setting.other)
            assert any(text in answer.text for text in setting.other.texts()), path


def test_a_key_never_gets_a_cookie_and_an_origin_is_never_let_in(setting: Setting) -> None:
    for (method, path), action in declared_actions(setting.world.app).items():
        sent = example(method, path, setting.own)
        caller = who_may(setting.world, setting.own_caller, action, path, setting.own)
        ready(setting.own_caller, method, path, setting.own)
        answer = ask(
            caller,
            method,
            path,
            setting.own,
            replace(sent, headers={**sent.headers, "origin": "https://x.test"}),
        )
        assert "set-cookie" not in answer.headers, path
        assert not [name for name in answer.headers if name.startswith("access-control-")], path
        assert answer.headers["cache-control"] == "no-store"


# ── the matrix goes red when one filter is gone ──────────────────────────────────────────────────────────────────────


def assert_guarded(setting: Setting) -> None:
    """The statement guard saw it too."""
    breaches = setting.world.guard.breaches
    assert breaches
    breaches.clear()


on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_one_database
def test_the_matrix_sees_a_door_that_lets_other_states_in(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.access.api, "require_own", lambda _principal, _state: None)
    wrong, _, told = deviations(setting, "/v1/states/{state}/agencies")
    assert any("GET /v1/states/{state}/agencies of QZB: 200" in line for line in wrong)
    assert setting.other.mark in told
    assert_guarded(setting)


@on_one_database
def test_the_matrix_sees_a_statement_that_lost_its_state(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    table = Assessment.__table__
    monkeypatch.setattr(store, "_GET", select(table).where(table.c.id == bindparam("with_id")))
    wrong, _, _ = deviations(setting, "/v1/assessments/{assessment}/scores")
    assert any("GET /v1/assessments/{assessment}/scores of QZB: 200" in line for line in wrong)
    assert_guarded(setting)


@on_one_database
def test_the_matrix_sees_a_list_that_lost_its_state(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    """The status stays the same: only the canaries tell."""
    columns = answers.SHOWN
    monkeypatch.setattr(answers, "_LIST_SITE", select(*columns))
    wrong, _, told = deviations(setting, "/v1/assessments/{assessment}/answers")
    assert wrong == []
    assert setting.other.mark in told
    assert_guarded(setting)


@on_one_database
def test_the_matrix_sees_a_policy_that_is_not_asked(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.access.api, "authorize", lambda *_: None)
    wrong, _, _ = deviations(setting, "/v1/states/{state}/agencies")
    assert any(line.startswith("read PUT ") for line in wrong)


@on_one_database
def test_a_route_nobody_wrote_a_request_for_fails(setting: Setting) -> None:
    with pytest.raises(KeyError):
        example("POST", "/v1/states/{state}/new", setting.own)
    with pytest.raises(KeyError):
        address("/v1/things/{thing}", setting.own)
