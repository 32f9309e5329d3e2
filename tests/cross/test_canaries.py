"""Two full states with a canary in every text that people write: nothing that comes out of one holds one of the other.

The matrix looks at what everybody is told on every route; here it is the columns that are shown to hold a canary, and
what the matrix leaves out: the pages of the report, copies, the log, errors that repeat what was sent.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import NullPool, String, create_engine, insert, make_url, select
from sqlmodel.sql.sqltypes import AutoString
from starlette.testclient import TestClient

from conftest import INVENTED, OWNER, World
from hearing import heard
from pdf_reading import attached, texts
from route_calls import ANY, RECIPIENT, Holding, ask, fill, owned, who_may
from service.access.api import declared_actions
from service.access.policy import Role
from service.catalogue.loader import load
from service.catalogue.lock import lock_bytes
from service.catalogue.store import publish
from service.db.access_tables import Issuer
from service.db.rows import of_states

pytestmark = pytest.mark.long

STATES = {"QZA": "ownmark", "QZB": "farmark"}
WRITTEN = {
    "agency": "code name",
    "answer": "site value reason remark evidence source",
    "answer_history": "site value reason remark evidence source",
    "answer_proposal": "site remark",
    "answer_review": "site reason",
    "api_key": "name",
    "assessment": "cycle",
    "assignment": "site agency",
    "audit_event": "subject",
    "comment": "site text",
    "idempotency": "body key",
    "member_state": "name",
    "person": "login name subject",
    "received_copy": "content",
    "role_grant": "agency sites",
    "signoff": "reason",
    "site": "code name agency",
    "snapshot": "content",
}  # fmt: skip
"""The columns in which words of people stand."""
CHOSEN = {
    "agency": "kind",
    "answer": "question kind certainty change checklist_version updated_by author",
    "answer_history": "question kind certainty change checklist_version updated_by author",
    "answer_proposal": "question kind value reason evidence certainty"
    " source fate from_question from_version checklist_version proposed_by",
    "answer_review": "question verdict by",
    "api_key": "id secret_sha256 scopes created_by replaces",
    "assessment": "checklist checklist_version digest status",
    "assessment_upgrade": "from_version to_version by",
    "assignment": "section",
    "audit_event": "at actor action digest salt previous hash",
    "audit_head": "hash",
    "comment": "question by",
    "idempotency": "caller route fingerprint etag",
    "member_state": "code",
    "person": "id password factor issuer",
    "person_session": "id person secret_sha256",
    "received_copy": "from_state title cycle edition paragraphs purpose digest",
    "role_grant": "person role sections granted_by",
    "share": "recipient edition paragraphs purpose digest created_by revoked_by",
    "signoff": "step role by",
    "site": "type unlocode iata icao operating_state host_state",
    "snapshot": "digest approved_by",
}  # fmt: skip
"""The columns that hold what is chosen from a list, counted, hashed or copied from a checklist."""


@dataclass(frozen=True)
class Full:
    """Two states, each with its canary in everything."""

    world: World
    held: Mapping[str, Holding]
    keepers: Mapping[str, TestClient]

    def foreign(self, state: str, told: str) -> list[str]:
        """The other state's names and canaries in what this one was told."""
        return [text for other, of in self.held.items() if other != state for text in of.texts() if text in told]


@pytest.fixture
def full(world: World) -> Full:
    with world.publishing() as connection:
        assert publish(connection, lock_bytes(load(INVENTED).checklist), datetime(2026, 1, 2, tzinfo=UTC))
        for state, mark in STATES.items():
            row = {
                "issuer": f"https://id.{mark}.test",
                "bound_to": state,
                "audience": "a",
                "algorithms": "",
                "jwks": "{}",
                "second_factor": "mfa",
            }
            connection.execute(insert(Issuer.__table__), row)
    keepers, held = {}, {}
    for state, mark in STATES.items():
        keepers[state], held[state] = fill(world, state, mark)
        write_more(world, keepers[state], held[state])
    return Full(world, held, keepers)


def write_more(world: World, keeper: TestClient, of: Holding) -> None:
    """What the good requests leave out: a text for an answer, a reach, somebody of a provider, a repeated request."""
    cycle = f"2026-{of.mark.upper()}"
    opened = keeper.post(f"/v1/states/{of.state}/assessments", json={"checklist": "tide-bells", "cycle": cycle})
    path = f"/v1/assessments/{opened.json()['id']}/answers/a3.words"
    assert keeper.put(path, json={"value": f"{of.mark} words"}, headers=ANY).is_success
    world.person(of.state, Role.CONTRIBUTOR, agency=of.agency, sites=[of.site])
    people = f"/v1/states/{of.state}/people"
    somebody = {"name": of.mark, "issuer": f"https://id.{of.mark}.test", "subject": f"{of.mark} subject"}
    assert of.people[Role.COORDINATOR].post(people, json=somebody).status_code == 201
    site = {"code": f"{of.mark.upper()}-K", "name": of.mark, "type": "rail"}
    keyed = keeper.post(f"/v1/states/{of.state}/sites", json=site, headers={"idempotency-key": f"{of.mark}-key"})
    assert keyed.status_code == 201


def named(columns: Mapping[str, str]) -> set[tuple[str, str]]:
    """Table and column, one by one."""
    return {(table, column) for table, some in columns.items() for column in some.split()}


def test_every_text_that_people_write_holds_a_canary(full: Full) -> None:
    tables = {table.name: table for table in of_states()}
    texts_ = {
        (table.name, column.name)
        for table in tables.values()
        for column in table.c
        if isinstance(column.type, String | AutoString) and column.name != "state"
    }
    assert texts_ == named(WRITTEN) | named(CHOSEN), "a new column: is it written by people, or chosen?"
    engine = create_engine(make_url(full.world.owner_url.replace(f"//{OWNER}@", "//postgres@")), poolclass=NullPool)
    without = []
    with engine.connect() as connection:
        for table, column in sorted(named(WRITTEN)):
            kept = " ".join(str(text) for text in connection.execute(select(tables[table].c[column])).scalars()).lower()
            without += [(table, column, mark) for mark in STATES.values() if mark not in kept]
    engine.dispose()
    assert without == []


def test_no_answer_page_copy_or_log_holds_a_canary_of_another_state(full: Full) -> None:
    """Every reading there is, and every refusal, by everybody who may; with the report as it is printed."""
    stream, seen = io.StringIO(), set()
    with heard(stream):
        for state, of in full.held.items():
            for (method, path), action in declared_actions(full.world.app).items():
                who = who_may(full.world, full.keepers[state], action, path, of)
                answer = ask(who, method, path, of) if method == "GET" else who.request(method, garbled(path, of))
                told = f"{answer.headers} {printed(answer.content)}"
                assert full.foreign(state, told) == [], (state, method, path)
                if of.mark in told.lower():
                    seen.add((method, path))
    for end in ("/report.pdf", "/export.json", "/log", "/log/export", "/{revision}", "/comments", "/people"):
        assert any(path.endswith(end) for _, path in seen), end  # else the search is blind
    assert len(seen) > 30
    assert not [mark for mark in STATES.values() if mark in stream.getvalue().lower()]


def garbled(path: str, of: Holding) -> str:
    """An address that its route cannot take, with the state's words in it: for a refusal."""
    return path.format_map(Words(of.mark)) + f"?{of.mark}={of.mark}"


class Words(dict[str, str]):
    """The same word for every place."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __missing__(self, _: str) -> str:
        return self.word


def printed(content: bytes) -> str:
    """What can be read of an answer: of a PDF its pages and what is attached."""
    if not content.startswith(b"%PDF"):
        return content.decode()
    files = [data.decode() for versions in attached(content).values() for data in versions]
    return "\n".join([*texts(content), *files])


def test_a_copy_holds_what_its_giver_gave_and_nothing_of_another(full: Full) -> None:
    reader = full.world.person(RECIPIENT, Role.RECIPIENT)
    listed = reader.get("/v1/received").json()["items"]
    assert {one["from_state"] for one in listed} == set(STATES)
    for one in listed:
        told = reader.get(f"/v1/received/{one['id']}").text
        assert full.foreign(one["from_state"], told) == []
        assert STATES[one["from_state"]] in told


def test_a_state_that_shared_nothing_is_not_even_named(full: Full) -> None:
    """Not in lists, counts or refusals: of another body, and of a stranger."""
    for who in (full.world.person("XRW", Role.RECIPIENT), full.world.person("XOP", Role.OPERATOR)):
        for method, path in declared_actions(full.world.app):
            answer = ask(who, method, path, full.held["QZA"])
            told = f"{answer.headers} {answer.text}".lower()
            for name in (full.held["QZA"].site, full.held["QZA"].agency):
                told = told.replace(name.lower(), "")
            assert not [mark for mark in STATES.values() if mark in told], (method, path)
            assert not answer.is_success or not owned(path), (method, path)
