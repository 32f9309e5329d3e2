"""The same recorded list of calls, played on SQLite and on PostgreSQL, gets the same answers."""

import base64
import json
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

import service.reports.api
from approvals import owned_by, receive
from conftest import UNHURRIED, World
from export_builder import build_export
from service.access.api import declared_actions
from service.access.policy import POLICY, Role, Scope
from service.app import create_app
from service.settings import Settings

CALLS, SEED = 650, 7311
GOOD = 6
"""How often every route is asked well at the end; more than once, for other calls may have taken what one needs."""
CYCLES = ("2026", "2025", "2024")
DISMISSED, CONFIRMED = "p9.api.legal", "p9.pnr.legal"
EARLIER = [{"question": question, "kind": "unknown"} for question in (DISMISSED, CONFIRMED)]
"""What was answered in the second assessment, whose cycle is the earlier one; it is answered in no other way."""
MADE_UP = "00000000-0000-7000-8000-000000000000"
VARIES = (
    (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(?:Z|[+-]00:00)"), "MOMENT"),
    (re.compile(r'"request_id":"[0-9a-f]{32}"'), '"request_id":""'),
    (re.compile(r'"updated_by":"key:[a-z0-9]{10}"'), '"updated_by":""'),
    (re.compile(r'"id":"key:[a-z0-9]{10}"'), '"id":""'),
    (re.compile(r'"actor":"key:[a-z0-9]{10}"'), '"actor":""'),
    (re.compile(r'"by":"key:[a-z0-9]{10}"'), '"by":""'),
    (re.compile(r'"person:[a-z0-9]{10}"'), '"person"'),
    (re.compile(r'"(salt|digest|previous|hash)":"[0-9a-f]{64}"'), r'"\1":""'),
)
"""What two runs cannot have in common: moments, ids of requests, keys and people, and what is hashed with them."""
HOSTILE = (
    b"", b"null", b"[]", b"{", b'{"name":NaN}', b'{"a":1,"a":2}', b'{"name":"\\u0000"}', b'{"name":"\\ud800"}', b"\xff",
    b'{"name":"n","un_member":9007199254740993}', b"[" * 2000, b'{"value":1e400}', b'{"rows":[]}', b'{"rows":[{}]}',
    b'{"rows":null}', b'{"value":"find","extra":1}', b'{"kind":"moon"}', b'{"name":"\\b"}', b"\xef\xbb\xbf{}",
)  # fmt: skip
VALUES: tuple[object, ...] = (
    "find", "mind", "none", "yes", "no", "all", "some", "", 0, 1, 3, 4, 5, -1, 2.5, 99.9999, 33.33333, 100, 101, True,
    None, [], ["stolen"], ["sltd", "sltd"], "2026-02-03", "2026-02-30", "été \u0301", "𝔘𝔫𝔦", "'; --", "x" * 4001,
    2**53 - 1, 1e15,
)  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """One call: ids and cursors that are known only while playing stand in it by name, as {first} or {cursor}."""

    who: str
    method: str
    route: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def record(app: FastAPI, questions: tuple[str, ...], seed: int = SEED, calls: int = CALLS) -> list[Recorded]:
    """A list of calls made by a seed: it begins by opening, then goes over every route, well and badly."""
    chance = random.Random(seed)  # noqa: S311  # the same list each time is the point
    routes = played(app)
    opening = [
        made(chance, questions, "PUT", "/v1/states/{state}", good=True),
        *(made(chance, questions, "PUT", "/v1/states/{state}/agencies/{code}", good=True) for _ in range(4)),
        *(made(chance, questions, "PUT", "/v1/states/{state}/sites/{code}", good=True) for _ in range(8)),
        *(sent("POST", "/v1/states/{state}/assessments", {"checklist": "unga-73-11", "cycle": y}) for y in CYCLES),
        sent("POST", "/v1/assessments/{assessment}/answers", {"rows": EARLIER}, assessment="{second}"),
        sent("POST", "/v1/assessments/{assessment}/proposals", {"from": "{second}"}),
        sent("GET", "/v1/assessments/{assessment}/answers/{question}", None, assessment="{second}"),
        *(made(chance, questions, "POST", "/v1/assessments/{assessment}/answers", good=True) for _ in range(4)),
        sent("POST", "/v1/assessments/{assessment}/answers", {"rows": EARLIER}, assessment="{third}"),
        sent("PUT", "/v1/assessments/{assessment}/answers/{question}", {"kind": "unknown"}, assessment="{third}"),
        *(step("DELETE", "answers/{question}", who) for who in ("read", "all")),
        replace(step("POST", "submit", "coordinator"), headers={}),
        *(step("POST", name, who) for name, who in (("submit", "coordinator"), ("approve", "approver"))),
    ]
    busy = [route for route in routes if "}/answers" in route[1] or "sites" in route[1]]
    while len(opening) < calls - GOOD * len(routes):
        method, route = chance.choice(busy if chance.random() < 0.6 else routes)
        opening.append(made(chance, questions, method, route, good=chance.random() < 0.6))
    return [*opening, *(made(chance, questions, method, route, good=True) for method, route in routes * GOOD)]


def played(app: FastAPI) -> list[tuple[str, str]]:
    """The routes that a key may use; those for people alone answer with ids and secrets, and are tried elsewhere."""
    return sorted(route for route, action in declared_actions(app).items() if POLICY[action].scopes)


def step(method: str, name: str, who: str) -> Recorded:
    """What is done to the third assessment, which is approved."""
    route = f"/v1/assessments/{{assessment}}/{name}"
    path = route.format(assessment="{third}", question=DISMISSED)
    return Recorded(who, method, route, path, {}, {"if-match": "*"})


def sent(method: str, route: str, body: object, assessment: str = "{first}") -> Recorded:
    """A good call that stands at the beginning of every list."""
    path = route.format(state="QZA", assessment=assessment, question=DISMISSED)
    if body is None:
        return Recorded("all", method, route, path)
    headers = {"content-type": "application/json"} | ({"if-match": "*"} if method == "PUT" else {})
    return Recorded("all", method, route, path, {}, headers, json.dumps(body).encode())


def made(chance: random.Random, questions: tuple[str, ...], method: str, route: str, *, good: bool) -> Recorded:
    code = (
        ("BG", "NCB", "PIU", "no!")[chance.randrange(3 if good else 4)] if "/agencies/" in route else site(chance, good)
    )
    path = route.format(
        state="QZA" if good or chance.random() < 0.7 else chance.choice(["QZB", "qza", "ZZZZ"]),
        assessment=chance.choice(["{second}", MADE_UP, "x"])
        if not good and chance.random() > 0.7
        else "{third}"
        if "/snapshots" in route
        else "{first}",
        copy="{copy}" if good or chance.random() < 0.5 else chance.choice([MADE_UP, "x"]),
        revision=1 if good or chance.random() < 0.7 else chance.choice([2, 0, "x"]),
        code=code,
        question=which(chance, questions, route, good=good),
        checklist="unga-73-11" if good or chance.random() < 0.5 else "unga-1",
        instrument="a-res-73-11" if good or chance.random() < 0.5 else "none",
    )
    params, headers = asked(chance, method, route, good=good), {}
    if method in {"PUT", "DELETE"}:
        match = chance.choice(['"1"', '"2"', "*", "*", "*"])
        headers = {"if-none-match": "*"} if chance.random() < 0.2 else {"if-match": match}
        if not good and chance.random() < 0.3:
            headers = chance.choice([{}, {"if-match": "1"}, {"if-match": "*", "if-none-match": "*"}])
    if route.endswith("/upgrade") and good:
        headers["if-match"] = "*"
    if method == "POST" and chance.random() < 0.4:
        headers["idempotency-key"] = f"key-{chance.randrange(12)}" if good else "a b"
    body = written(chance, questions, method, route, good=good)
    if body is not None:
        headers["content-type"] = "text/csv" if route.endswith("/import") else "application/json"
        if not good and chance.random() < 0.1:
            headers["content-type"] = "text/plain"
    who = "all" if good or chance.random() < 0.8 else chance.choice(["read", "write", "other", "nobody"])
    return Recorded(who, method, route, path, params, headers, body)


def which(chance: random.Random, questions: tuple[str, ...], route: str, *, good: bool) -> str:
    """The question: of a proposal, one that was answered before."""
    if not good and chance.random() < 0.2:
        return chance.choice(["p9.none", "P9", "p9..x"])
    if "/proposals/" in route:
        return CONFIRMED if route.endswith("/confirm") else DISMISSED
    return chance.choice(questions)


def site(chance: random.Random, good: bool) -> str:  # noqa: FBT001  # one flag through all of the maker
    return f"S{chance.randrange(8)}" if good or chance.random() < 0.8 else chance.choice(["s1", "NONE", "S 1"])


def asked(chance: random.Random, method: str, route: str, *, good: bool) -> dict[str, str]:
    """The query."""
    params: dict[str, str] = {}
    lists = ("/sites", "/agencies", "/assessments", "/questions", "/answers", "/history", "/received", "/log")
    paged = method == "GET" and route.endswith(lists)
    if route.endswith(("answers/{question}", "/history", "/answers", "/questions")) and chance.random() < 0.5:
        params["site"] = site(chance, good)
    if route.endswith("/compare"):
        params["with"] = "{second}" if good else MADE_UP
    if paged and chance.random() < 0.5:
        params["limit"] = str(chance.choice([1, 2, 5, 200] if good else [0, 201, "x"]))
    if paged and chance.random() < 0.4:
        params["cursor"] = "{cursor}" if good else chance.choice(["x", "WyJhIl0", "bnVsbA"])
    if route.endswith(("/import", "}/answers")) and chance.random() < 0.2:
        params["dry_run"] = chance.choice(["true", "false"])
    if not good and chance.random() < 0.1:
        params["unknown"] = "1"
    return params


def written(chance: random.Random, questions: tuple[str, ...], method: str, route: str, *, good: bool) -> bytes | None:
    """The body."""
    if method not in {"PUT", "POST"}:
        return None
    if not good and chance.random() < 0.4:
        return chance.choice(HOSTILE)
    name = chance.choice(["Zandria", "Zándria", "Za\u0301ndria", "مرحبا 中文", "=1+1", "#read(1)", "a\tb", "n" * 200])
    entry: dict[str, object] = {
        "name": name,
        "type": chance.choice(["airport", "rail"]),
        "tier": chance.choice([1, 2, 3]),
    }
    entry["travellers"] = chance.choice([None, 0, 1000, 10**12] if good else [-1, 1.5, True, "7"])
    entry["agency"] = chance.choice([None, "BG", "NCB"])
    entry["opened"] = chance.choice([None, "2001-01-01"] if good else ["2001-13-01", 5])
    answer: dict[str, object] = {"value": chance.choice(VALUES), "remark": chance.choice([None, name, "x"])}
    if chance.random() < 0.3:
        answer = {"kind": chance.choice(["unknown", "withheld", "not_applicable", "other_means"]), "reason": name}
        answer["value"] = 2 if answer["kind"] == "other_means" else None
    if chance.random() < 0.3:
        answer["evidence"] = [{"title": name, "grade": chance.randrange(4), "dated": "2026-01-02"}]
    rows = [
        {**answer, "question": chance.choice(questions), "value": chance.choice(VALUES)}
        | ({"site": site(chance, good)} if chance.random() < 0.5 else {})
        | ({"version": chance.randrange(3)} if chance.random() < 0.3 else {})
        for _ in range(chance.randrange(1, 40))
    ]
    lines = [
        f"S{chance.randrange(8)},{chance.choice(['One', ''])},rail,{chance.choice(['', '7', 'x'])}" for _ in range(5)
    ]
    bodies: dict[str, object] = {
        "/v1/states/{state}": {
            "name": name,
            "un_member": chance.random() < 0.9,
            "interpol_member": chance.random() < 0.9,
        },
        "/v1/states/{state}/agencies/{code}": {"name": name, "kind": chance.choice(["police", "ncb", "moon"])},
        "/v1/states/{state}/sites/{code}": entry,
        "/v1/states/{state}/sites": {**entry, "code": f"N{chance.randrange(12)}" if good else site(chance, good)},
        "/v1/states/{state}/assessments": {"checklist": "unga-73-11", "cycle": f"20{chance.randrange(20, 40)}"},
        "/v1/assessments/{assessment}/answers": {"rows": rows},
        "/v1/assessments/{assessment}/answers/{question}": answer,
        "/v1/assessments/{assessment}/upgrade": {} if good else {"to": chance.choice(["9.9.9", "1"])},
        "/v1/assessments/{assessment}/proposals": {"from": "{second}" if good else MADE_UP},
        "/v1/assessments/{assessment}/proposals/{question}/confirm": {},
    }
    if route.endswith("/import"):
        return ("code,name,type,travellers\n" + "\n".join(lines)).encode()
    return json.dumps(bodies[route], ensure_ascii=chance.random() < 0.5).encode()


@dataclass
class Player:
    """Plays a list of calls on one database; the answers, without what cannot be the same."""

    callers: Mapping[str, TestClient]
    copy: str
    """What somebody gave to the state that plays."""
    ids: list[str] = field(default_factory=list)
    cursor: str = "x"

    def play(self, calls: list[Recorded]) -> Iterator[tuple[int, str | None, str]]:
        for call in calls:
            answer = self._send(call)
            self._remember(call, answer)
            yield answer.status_code, answer.headers.get("etag"), self._plain(answer)

    def _send(self, call: Recorded) -> Response:
        known = [*self.ids, MADE_UP, MADE_UP, MADE_UP]
        names = dict(zip(("{first}", "{second}", "{third}"), known, strict=False)) | {"{copy}": self.copy}
        path = call.path
        for name, value in names.items():
            path = path.replace(name, value)
        names["{cursor}"] = self.cursor
        params = {name: names.get(value, value) for name, value in call.params.items()}
        body = call.body and call.body.replace(b"{second}", names["{second}"].encode())
        return self.callers[call.who].request(call.method, path, params=params, headers=call.headers, content=body)

    def _remember(self, call: Recorded, answer: Response) -> None:
        if not answer.headers.get("content-type", "").startswith("application/json"):
            return
        body = answer.json()
        if call.route.endswith("/assessments") and call.method == "POST" and body["id"] not in self.ids:
            self.ids.append(body["id"])
        self.cursor = body.get("next") or self.cursor

    def _plain(self, answer: Response) -> str:
        text = f"{answer.headers.get('content-type')} {answer.headers.get('allow')} {answer.text}"
        text = re.sub(r'"next":"([A-Za-z0-9_-]+)"', lambda found: opened(found[1]), text)
        for number, known in enumerate(self.ids):
            text = text.replace(known, f"ID{number}")
        text = text.replace(self.copy, "COPY")
        for pattern, instead in VARIES:
            text = pattern.sub(instead, text)
        return text


def opened(cursor: str) -> str:
    """What a cursor holds, for an id may be in it."""
    return '"next":' + base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


class PlainPages:
    """In the place of the typesetter: answers with what it was given."""

    @staticmethod
    def render(_content: object, canonical: bytes, *_: object, **_options: object) -> bytes:
        return canonical


def play(url: str, calls: list[Recorded]) -> list[tuple[int, str | None, str]]:
    settings = Settings(database_url=url, pool=2, renderers=1, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    callers = {
        "all": world.caller(),
        "read": world.caller(scopes=frozenset({Scope.READ})),
        "write": world.caller(scopes=frozenset({Scope.WRITE})),
        "other": world.caller("QZB"),
        "coordinator": world.person("QZA", Role.COORDINATOR),
        "approver": world.person("QZA", Role.APPROVER),
        "nobody": TestClient(app),
    }
    with world.database.transaction(writes=True, state="QZA") as connection:
        copy = receive(connection, "QZA", owned_by(build_export(1, questions=1), "XGV", UUID(MADE_UP)))
    answers = list(Player(callers, str(copy)).play(calls))
    app.state.database.close()
    return answers


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Recorded]:
    monkeypatch.setattr(service.reports.api, "typst", PlainPages)
    app = create_app(Settings(database_url="sqlite://"))
    questions = (
        "p9.site.mode",
        "p9.site.mode",
        "p9.site.databases",
        "p9.site.readers",
        "p9.check.legal",
        "p9.ext.plan",
    )
    more = (
        "p8b.sltd.access",
        "p8b.sltd.searches",
        "p8b.sltd.latency_median",
        "p9.find.version",
        "p9.api.arrival_share",
    )
    return record(app, (*questions, *more))


def differences(
    calls: list[Recorded], one: list[tuple[int, str | None, str]], two: list[tuple[int, str | None, str]]
) -> list[str]:
    return [
        f"{number} {call.method} {call.path} {call.params} {call.body!r:.200}\n  {a}\n  {b}"
        for number, (call, a, b) in enumerate(zip(calls, one, two, strict=True))
        if a != b
    ]


def test_both_databases_answer_the_same(calls: list[Recorded], sqlite_url: str, postgres_url: str) -> None:
    one, two = play(sqlite_url, calls), play(postgres_url, calls)
    assert differences(calls, one, two)[:5] == []
    # The list is worth playing: it reaches every route, with success and with most refusals
    app = create_app(Settings(database_url="sqlite://"))
    succeeded = {(call.method, call.route) for call, (status, _, _) in zip(calls, one, strict=True) if status < 300}
    assert len(calls) == CALLS
    assert set(played(app)) - succeeded == set()
    assert {status for status, _, _ in one} >= {200, 201, 204, 401, 403, 404, 409, 412, 415, 422, 428}
    assert 500 not in {status for status, _, _ in one}


def test_the_list_is_the_same_each_time(calls: list[Recorded]) -> None:
    app = create_app(Settings(database_url="sqlite://"))
    again = record(app, ("p9.site.mode",), calls=60)
    assert again == record(app, ("p9.site.mode",), calls=60) != record(app, ("p9.site.mode",), seed=1, calls=60)


def test_one_changed_answer_is_noticed(calls: list[Recorded], sqlite_url: str) -> None:
    few = calls[:40]
    one = play(sqlite_url, few)
    for changed in ((one[20][0] + 1, *one[20][1:]), (one[20][0], '"99"', one[20][2]), (*one[20][:2], one[20][2] + " ")):
        two = [*one[:20], changed, *one[21:]]
        assert len(differences(few, one, two)) == 1
