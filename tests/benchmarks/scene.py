"""What is measured on: a state with 100 sites, an assessment with 1,000 answers, and the requests that are sent."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI
from sqlalchemy import make_url
from starlette.testclient import TestClient

from service.access.policy import Scope
from service.access.usecases import create_key
from service.app import create_app
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load
from service.catalogue.lock import lock_bytes
from service.catalogue.question import Choice, Choices, Day, Percent, Question, Text, YesPartialNo
from service.catalogue.store import publish
from service.db.migrating import upgrade
from service.db.session import Database
from service.settings import Settings

CHECKLIST = Path(__file__).parents[2] / "checklists" / "unga-73-11"
STATE = "QZA"
SITES = 100
ROWS = 1000
PAGE = 100


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, without its host."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    def wire(self) -> bytes:
        """As it goes over a connection that stays open."""
        lines = [f"{self.method} {self.target} HTTP/1.1", "host: 127.0.0.1"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.body:
            lines += ["content-type: application/json", f"content-length: {len(self.body)}"]
        return "\r\n".join((*lines, "", "")).encode() + self.body


@dataclass(frozen=True, slots=True)
class Scene:
    """The requests; those that write come in two forms that alternate, so that every one changes what stands."""

    key: str
    assessment: str
    question: str
    site: str
    read: tuple[Request, ...]
    one: tuple[Request, ...]
    many: tuple[Request, ...]


def prepare(url: str) -> Checklist:
    """Migrate the database and publish the checklist, as its owner."""
    upgrade(make_url(url))
    checklist = load(CHECKLIST).checklist
    if checklist is None:
        raise SystemExit("The checklist has mistakes: stocktake-service checklists lint")
    database = Database(url, 2)
    with database.transaction(writes=True) as connection:
        publish(connection, lock_bytes(checklist), datetime.now(UTC))
    database.close()
    return checklist


def build(url: str, checklist: Checklist) -> Scene:
    """Fill the database through the service, and say what to send."""
    app = create_app(Settings(database_url=url, pool=4, rate=1_000_000))
    try:
        return _fill(app, checklist)
    finally:
        app.state.database.close()


def _fill(app: FastAPI, checklist: Checklist) -> Scene:
    now = datetime.now(UTC)
    with app.state.database.transaction(writes=True, state=STATE) as connection:
        key = create_key(connection, STATE, "benchmark", scopes=frozenset(Scope), days=30, now=now)
    client = TestClient(app, headers={"authorization": f"Bearer {key}"})
    state = {"name": "Republic of Zandria", "un_member": True, "interpol_member": True}
    _ok(client, Request("PUT", f"/v1/states/{STATE}", {"if-none-match": "*"}, _json(state)))
    for number in range(SITES):
        site = {"code": _site(number), "name": f"Airport {number}", "type": "airport", "travellers": 1000}
        _ok(client, Request("POST", f"/v1/states/{STATE}/sites", {}, _json(site)))
    opening = {"checklist": checklist.head.id, "cycle": "2026"}
    assessment = str(_ok(client, Request("POST", f"/v1/states/{STATE}/assessments", {}, _json(opening)))["id"])
    scene = _scene(key, assessment, [q for q in checklist.questions if q.scope == "site"])
    verdicts = _ok(client, scene.many[1])
    assert verdicts["created"] == ROWS, verdicts
    return scene


def _scene(key: str, assessment: str, questions: list[Question]) -> Scene:
    address = f"/v1/assessments/{assessment}/answers"
    headers = {"authorization": f"Bearer {key}"}
    places = [(q, _site(n)) for n in range(SITES) for q in questions][:ROWS]
    assert len(places) == ROWS, "too few questions are asked of each site"
    many = tuple(
        Request(
            "POST",
            address,
            headers,
            _json({"rows": [_entry(q, turn) | {"question": q.id, "site": s} for q, s in places]}),
        )
        for turn in (0, 1)
    )
    first, site = places[0]
    target = f"{address}/{first.id}?site={site}"
    one = tuple(Request("PUT", target, {**headers, "if-match": "*"}, _json(_entry(first, turn))) for turn in (0, 1))
    read = (Request("GET", f"{address}?limit={PAGE}", headers),)
    return Scene(key, assessment, first.id, site, read, one, many)


def _site(number: int) -> str:
    return f"A{number:03}"


def _entry(question: Question, turn: int) -> dict[str, object]:
    """What a border system sends: a measured value, with its proof and the tool's name."""
    return {
        "kind": "value",
        "value": _value(question, turn),
        "certainty": "measured",
        "evidence": [{"title": "Logs of the border system", "grade": 2, "dated": "2026-06-30", "reference": "L-1"}],
        "source": {"kind": "tool", "name": "Border system", "version": "4.2"},
    }


def _value(question: Question, turn: int) -> object:
    """One of two values the question takes."""
    match question.answer:
        case Choice() as form:
            values: Sequence[object] = [option.id for option in form.options]
        case Choices() as form:
            values = [[option.id] for option in form.options if not option.alone]
        case YesPartialNo():
            values = ("yes", "partial")
        case Day():
            values = ("2026-01-31", "2026-02-28")
        case Text():
            values = ("Every lane", "Every second lane")
        case Percent():
            values = (50, 75.5)
        case _:
            values = (2, 3)
    return values[turn]


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def _ok(client: TestClient, request: Request) -> dict[str, object]:
    headers = {**request.headers, "content-type": "application/json"}
    answer = client.request(request.method, request.target, headers=headers, content=request.body)
    assert answer.is_success, answer.text
    found: dict[str, object] = answer.json()
    return found
