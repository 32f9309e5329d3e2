"""Requests made up from the OpenAPI document: no crash, no answer that the document does not know.

``FUZZ_EXAMPLES`` says how many for each operation; the long run (``make fuzz``) is on both databases.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import (
    CheckFunction,
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.core import NotSet
from schemathesis.core.jsonschema.types import JsonValue
from starlette.testclient import TestClient

import service.reports.api
from conftest import UNHURRIED, World
from route_calls import CHECKLIST, INSTRUMENT, SECTION, SIGNED, SITE_QUESTION, Holding, ask, fill, ready, who_may
from service.access.policy import Action
from service.access.rates import Guesses
from service.app import create_app
from service.settings import Settings

pytestmark = pytest.mark.long

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
OPERATIONS = sorted(
    (method.upper(), path)
    for path, operations in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"].items()
    for method in operations
)
CONTROLS = re.compile(r"[^\x20-\x7e\xa0-\u1fff]")
RULED = frozenset({"period_start", "period_end", "version", "evidence", "reason", "source"})
"""Fields with rules that a schema does not tell."""
EVERY_DAY = 20
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", EVERY_DAY))
DATABASES = ["sqlite_url", "postgres_url"] if EXAMPLES > EVERY_DAY else ["sqlite_url"]
AnyCase = Case[APIOperation[Any, Any, Any, Any]]  # whatever the document describes
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


class PlainPages:
    """In the place of the typesetter, which would take a second each time."""

    @staticmethod
    def render(*_: object, **_options: object) -> bytes:
        return b"%PDF-1.7"


@dataclass(frozen=True)
class Target:
    """The service on one database, filled, with a key that may do everything."""

    world: World
    held: Holding
    caller: TestClient
    schema: schemathesis.BaseSchema
    key: str

    def real(self, path: str, name: str) -> str:
        """A value of this parameter that there is."""
        values = {
            "state": self.held.state,
            "assessment": self.held.signed if path.endswith(SIGNED) else self.held.assessment,
            "section": SECTION,
            "revision": "1",
            "share": self.held.share,
            "copy": self.held.copy,
            "code": self.held.agency if "/agencies/" in path else self.held.site,
            "question": SITE_QUESTION,
            "checklist": CHECKLIST,
            "instrument": INSTRUMENT,
            "site": self.held.site,
            "agency": self.held.agency,
            "with": self.held.earlier,
            "person": self.held.person,
            "key": self.held.key,
            "session": self.held.session,
            "role": "auditor",
        }
        return values[name]

    def aim(self, case: AnyCase, path: str, data: st.DataObject) -> None:
        """Put things that there are in the place of made-up ones, so that not everything ends at 404 and 422."""
        case.headers.pop("authorization", None)
        if not data.draw(st.integers(0, 3), label="aimed"):
            return
        if case.path_parameters:
            case.path_parameters = {name: self.real(path, name) for name in case.path_parameters}
        if path.endswith(("/{question}", "/history")):
            case.query = {**(case.query or {}), "site": self.held.site}
        if case.method in {"PUT", "DELETE"}:
            case.headers.pop("if-none-match", None)
            case.headers["if-match"] = "*"
        if data.draw(st.booleans(), label="mended") and not isinstance(case.body, NotSet | bytes):
            case.body = (
                "code,name,type\n"
                if path.endswith("/import")
                else mended(case.body, {"agency": self.held.agency, "site": self.held.site})
            )


def mended(body: JsonValue, known: dict[str, str]) -> JsonValue:
    """A made-up body with texts that are taken, and with a question, an answer and a checklist that there are."""
    match body:
        case str():
            return CONTROLS.sub("", body) or "x"
        case list():
            return [mended(item, known) for item in body]
        case dict():
            fixed = {"question": SITE_QUESTION, "value": "find", "kind": "value", "checklist": CHECKLIST, **known}
            whole = {name: fixed.get(name) or mended(item, known) for name, item in body.items()}
            if "question" in whole:
                whole["site"] = known["site"]
            return {name: item for name, item in whole.items() if name not in RULED}
        case _:
            return body


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.setattr(service.reports.api, "typst", PlainPages)
    chosen = Settings(database_url=str(request.getfixturevalue(request.param)), pool=4, rate=UNHURRIED)
    app = create_app(chosen)
    world = World(app, chosen, chosen.database_url)
    caller, held = fill(world, "QZA", "fuzzed")
    yield Target(world, held, caller, schemathesis.openapi.from_asgi("/openapi.json", app), world.key())
    app.state.database.close()


@pytest.mark.fuzz
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_is_answered_otherwise_than_documented(target: Target, method: str, path: str) -> None:
    operation = target.schema[path][method]
    action = Action(
        json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"][path][method.lower()].get("x-action", "me.read")
    )
    caller = who_may(target.world, target.caller, action, path, target.held)
    made = st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=made, data=st.data())
    def run(case: AnyCase, data: st.DataObject) -> None:
        target.aim(case, path, data)
        answer = case.call(headers={"authorization": caller.headers["authorization"]})
        case.validate_response(answer, checks=CHECKS)

    run()
    target.world.app.state.guesses = Guesses()  # so many wrong passwords would keep the right one waiting
    caller = who_may(target.world, target.caller, action, path, target.held)
    of = ready(target.caller, method, path, target.held)
    good = ask(caller, method, path, of)  # what is taken for certain is looked at too
    assert good.is_success
    operation.validate_response(good)
