"""Requests that start at the same moment, over connections of their own to a served application."""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from itertools import count
from re import fullmatch, sub
from typing import Any

from starlette.testclient import TestClient

from conftest import World
from service.access.api import declared_actions
from service.access.policy import POLICY
from service.audit import store as log
from service.audit.chain import Event, faults

ANY = {"if-match": "*"}


@dataclass(frozen=True)
class Reply:
    """What one racer was told."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401  # whatever was answered
        return json.loads(self.body)

    @property
    def acted(self) -> bool:
        """Whether something was done by this very request: no refusal, no repetition, no row that stayed as it was."""
        if not 200 <= self.status < 300 or "idempotent-replayed" in self.headers:
            return False
        verdicts = self.json if self.body else {}
        return "dry_run" not in verdicts or verdicts["created"] + verdicts["changed"] > 0


@dataclass(frozen=True)
class Call:
    """One request that somebody is about to send."""

    racer: "Racer"
    method: str
    path: str
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self) -> Reply:
        return self.racer.send(self)


class Racer:
    """Somebody with a connection of their own."""

    def __init__(self, address: str, authorization: str, course: "Course") -> None:
        self.authorization = authorization
        self._course = course
        self._line = HTTPConnection(address.removeprefix("http://"), timeout=60)

    @property
    def id(self) -> str:
        """The public part of what they call with: a key's id, or in these tests a person's."""
        return self.authorization.split("_")[2]

    def call(self, method: str, path: str, body: object = None, **headers: str) -> Call:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Call(self, method, path, body, named)

    def do(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        """Send it now; it has to succeed."""
        reply = self.call(method, path, body, **headers).send()
        assert 200 <= reply.status < 300, (method, path, reply.body)
        return reply

    def send(self, call: Call) -> Reply:
        sent = {"authorization": self.authorization, **call.headers}
        content = None if call.body is None else json.dumps(call.body).encode()
        if isinstance(call.body, str):
            content = call.body.encode()
        if content is not None:
            sent.setdefault("content-type", "application/json")
        self._line.request(call.method, call.path, content, sent)
        answer = self._line.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return self._course.told(call, Reply(answer.status, headers, answer.read()))

    def close(self) -> None:
        self._line.close()


@dataclass
class Course:
    """Where races are run: counts what was done, to be compared with what the log says."""

    world: World
    address: str
    state: str = "QZA"
    effects: int = 0
    refusals: int = 0
    """What somebody was told they may not do."""
    _racers: list[Racer] = field(default_factory=list)
    _line: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8))
    _numbers: Iterator[int] = field(default_factory=count)

    def racer(self, like: TestClient | Racer) -> Racer:
        """Somebody who calls with the same credential."""
        authorization = like.authorization if isinstance(like, Racer) else like.headers["authorization"]
        made = Racer(self.address, authorization, self)
        self._racers.append(made)
        return made

    def number(self) -> int:
        """One that nobody had."""
        return next(self._numbers)

    def race(self, *calls: Call) -> Sequence[Reply]:
        """All of them at the same moment; what each was told. Nobody may be told that something went wrong here."""
        barrier = threading.Barrier(len(calls))

        def run(call: Call) -> Reply:
            barrier.wait()
            return call.send()

        replies = [done.result() for done in [self._pool.submit(run, call) for call in calls]]
        assert max(reply.status for reply in replies) < 500, [reply.body for reply in replies]
        return replies

    def told(self, call: Call, reply: Reply) -> Reply:
        """Count it where it leaves an event: an effect, a reading that is logged, or what the caller may not do."""
        if reply.status == 403:
            with self._line:
                self.refusals += 1
        if reply.acted and (call.method != "GET" or self._is_logged(call.path)):
            with self._line:
                self.effects += 1
        return reply

    def _is_logged(self, path: str) -> bool:
        return any(fullmatch(pattern, path.partition("?")[0]) for pattern in self._logged)

    @cached_property
    def _logged(self) -> Sequence[str]:
        """Patterns of the addresses whose reading leaves an event."""
        actions = declared_actions(self.world.app).items()
        paths = [path for (method, path), action in actions if method == "GET" and POLICY[action].logged]
        return [sub(r"\{[a-z_]+\}", "[^/]+", path) for path in paths]

    def events(self) -> list[Event]:
        """The state's log."""
        with self.world.database.transaction(writes=False, state=self.state) as connection:
            return log.listed(connection, self.state, after=0, most=2**31 - 1)

    def close(self) -> None:
        """Hang up."""
        self._pool.shutdown()
        for racer in self._racers:
            racer.close()

    def compare(self) -> None:
        """See that the log says of everything that was done, and of everything that was refused, that it was once."""
        events = self.events()
        assert faults(self.state, events) == []
        refused = [event for event in events if event.action.startswith("refused:")]
        assert len(refused) == self.refusals
        assert len(events) - len(refused) == self.effects
        assert self.world.guard.breaches == []
