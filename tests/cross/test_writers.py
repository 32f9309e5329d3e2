"""Writers at the same time: no error, no lost update, no gap in the history, one effect for one key."""

import json
import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection

import pytest
from starlette.testclient import TestClient

from conftest import UNHURRIED, World
from cross_serving import served
from service.access.policy import Scope
from service.app import create_app
from service.settings import Settings

WRITERS = 8
SITES = tuple(f"A{number:02}" for number in range(1, 17))
QUESTION = "p9.site.hit_sop"
Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Tool:
    """A national tool on one connection: reads an answer, adds one to the count in its remark, writes it back."""

    address: str
    key: str
    assessment: str
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._line = HTTPConnection(self.address.removeprefix("http://"), timeout=60)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        sent = {"authorization": f"Bearer {self.key}", "content-type": "application/json"} | headers
        self._line.request(method, path, None if body is None else json.dumps(body), sent)
        reply = self._line.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()

    def close(self) -> None:
        self._line.close()

    def add_one(self, site: str, *, careless: bool = False) -> None:
        """Read, add, write; again from the start when someone was faster. ``careless`` writes over whatever stands."""
        path = f"/v1/assessments/{self.assessment}/answers/{QUESTION}?site={site}"
        while True:
            status, headers, body = self.send("GET", path)
            assert status == 200, body
            count = int(json.loads(body)["remark"]) + 1
            match = "*" if careless else headers["etag"]
            entry = {"value": "yes", "remark": str(count)}
            status, _, body = self.send("PUT", path, entry, **{"if-match": match})
            self.statuses[status] += 1
            if status == 200:
                self.acknowledged[site] += 1
                return
            assert status == 412, body


def run(
    address: str, world: World, assessment: str, writes: int, *, careless: bool = False
) -> tuple[Counter[int], Counter[str]]:
    """Eight tools at once, each so many acknowledged writes; the statuses they saw, and their writes by site."""
    tools = [Tool(address, world.key(), assessment) for _ in range(WRITERS)]

    def work(tool: Tool, seed: int) -> None:
        chosen = random.Random(seed)  # noqa: S311  # which answer comes next is no secret
        for _ in range(writes):
            tool.add_one(chosen.choice(SITES), careless=careless)
        tool.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(work, tool, seed) for seed, tool in enumerate(tools)]:
            done.result()
    return sum((t.statuses for t in tools), Counter[int]()), sum((t.acknowledged for t in tools), Counter[str]())


def begun(world: World) -> tuple[TestClient, str]:
    """An assessment in which every answer that is written has the count 0."""
    caller = world.state(sites=len(SITES))
    assessment = world.assessment(caller)
    rows = [{"question": QUESTION, "site": site, "value": "yes", "remark": "0"} for site in SITES]
    assert caller.post(f"/v1/assessments/{assessment}/answers", json={"rows": rows}).json()["created"] == len(rows)
    return caller, assessment


def lost(caller: TestClient, assessment: str, acknowledged: Counter[str]) -> dict[str, tuple[int, int]]:
    """The answers whose count differs from the writes that were acknowledged."""
    wrong = {}
    for site in SITES:
        url = f"/v1/assessments/{assessment}/answers/{QUESTION}"
        answer = caller.get(url, params={"site": site}).json()
        if int(answer["remark"]) != acknowledged[site] or answer["version"] != acknowledged[site] + 1:
            wrong[site] = (int(answer["remark"]), acknowledged[site])
    return wrong


def versions(caller: TestClient, assessment: str, site: str) -> list[tuple[int, str]]:
    """The whole history of one answer: versions and counts."""
    found: list[tuple[int, str]] = []
    cursor = None
    while True:
        url = f"/v1/assessments/{assessment}/answers/{QUESTION}/history"
        params = {"limit": "200", "site": site} | ({"cursor": cursor} if cursor else {})
        page = caller.get(url, params=params).json()
        found += [(change["version"], change["answer"]["remark"]) for change in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.mark.long
@pytest.mark.parametrize(("database_url", "writes"), [("sqlite", 250), ("postgresql", 40)], indirect=["database_url"])
def test_no_write_is_lost(database_url: str, writes: int) -> None:
    settings = Settings(database_url=database_url, pool=WRITERS, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    caller, assessment = begun(world)
    with served(app) as address:
        statuses, acknowledged = run(address, world, assessment, writes)
    assert acknowledged.total() == WRITERS * writes == statuses[200]
    assert set(statuses) == {200, 412}  # they did get in each other's way
    assert lost(caller, assessment, acknowledged) == {}
    for site in SITES:
        many = acknowledged[site]
        assert versions(caller, assessment, site) == [(n + 1, str(n)) for n in range(many + 1)]
    app.state.database.close()


def test_writers_who_do_not_look_lose_writes(sqlite_url: str) -> None:
    """The count can go wrong: it does for writers who write over whatever stands."""
    settings = Settings(database_url=sqlite_url, pool=WRITERS, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    caller, assessment = begun(world)
    with served(app) as address:
        _, acknowledged = run(address, world, assessment, 25, careless=True)
    assert lost(caller, assessment, acknowledged)
    app.state.database.close()


def together(address: str, key: str, path: str, body: object, header: dict[str, str]) -> list[Reply]:
    """The same POST from eight at the same moment."""
    start = threading.Barrier(WRITERS)

    def one() -> Reply:
        tool = Tool(address, key, "")
        start.wait()
        try:
            return tool.send("POST", path, body, **header)
        finally:
            tool.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return [done.result() for done in [pool.submit(one) for _ in range(WRITERS)]]


def test_one_key_has_one_effect_however_many_send_it(database_url: str) -> None:
    settings = Settings(database_url=database_url, pool=WRITERS, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    caller = world.state(sites=0)
    key = world.key(scopes=frozenset({Scope.REGISTRY}))
    with served(app) as address:
        for number in range(10):
            body = {"checklist": "unga-73-11", "cycle": f"2026-{number}"}
            replies = together(address, key, "/v1/states/QZA/assessments", body, {"idempotency-key": f"k{number}"})
            assert {(status, text) for status, _, text in replies} == {(201, replies[0][2])}
            assert sum("idempotent-replayed" in headers for _, headers, _ in replies) == WRITERS - 1
    assert len(caller.get("/v1/states/QZA/assessments").json()["items"]) == 10
    app.state.database.close()


def test_without_a_key_one_of_many_creates_and_the_others_are_told(database_url: str) -> None:
    settings = Settings(database_url=database_url, pool=WRITERS, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    world.state(sites=0)
    key = world.key()
    with served(app) as address:
        for number in range(10):
            site = {"code": f"R{number}", "name": "n", "type": "rail"}
            replies = together(address, key, "/v1/states/QZA/sites", site, {})
            assert sorted(status for status, _, _ in replies) == [201] + [409] * (WRITERS - 1)
    app.state.database.close()
