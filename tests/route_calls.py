"""One good request for every route, and two states full of things to ask for: what the tests over all routes share."""

from base64 import b32decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from httpx2 import Response
from sqlalchemy import Connection, delete
from starlette.testclient import TestClient

from approvals import owned_by, receive
from conftest import World
from export_builder import build_export
from service.access import people_store, second_factor, store
from service.access.keys import new_id
from service.access.passwords import Passwords
from service.access.policy import POLICY, Action, Grant, Role, Scope
from service.db.access_tables import ApiKey, PersonSession

CHECKLIST, INSTRUMENT = "unga-73-11", "a-res-73-11"
STATE_QUESTION, SITE_QUESTION, PROPOSED = "p9.check.legal", "p9.site.mode", "p9.site.trigger"
SECTION = "p9"
STEPS = {"/submit": "draft", "/approve": "submitted", "/return": "submitted", "/reopen": "approved"}
"""Where an assessment has to stand for each of its steps."""
SIGNED = (*STEPS, "/signoffs", "/snapshots", "/snapshots/{revision}", "/shares", "/shares/{share}")
"""Ends of the addresses that are about an assessment on its way to approval."""
PASSWORD = "nine grey geese in a row"
GIVER, RECIPIENT = "XGV", "XRC"
"""Who gave a state its copy, and to whom it gives."""
Json = dict[str, object]


@dataclass(frozen=True)
class Holding:
    """A state that is filled, with the names of one of each of its things. ``mark`` is in every text of its own."""

    state: str
    mark: str
    assessment: str
    site: str
    agency: str
    earlier: str = ""
    """The assessment of the cycle before, of which one answer is proposed."""
    signed: str = ""
    """An assessment that was approved: the one that steps are taken on."""
    version: int = 1
    """Of the answer at its site, for who reviews it."""
    share: str = ""
    """What was given of it."""
    copy: str = ""
    """What somebody gave to this state."""
    people: Mapping[Role, TestClient] = field(default_factory=dict)
    """Somebody in each role that works inside a state, who has just signed in."""
    person: str = "aaaaaaaaaa"
    """Somebody who is let in, with the role of an auditor."""
    key: str = "aaaaaaaaaa"
    """A key that was made for a tool."""
    desk: str = "aaaaaaaaaa"
    """A coordinator, and operator, with a login of their own, of which ``PASSWORD`` is the password."""
    session: str = "aaaaaaaaaa"
    """An open session of whoever asks, beside the one they come with."""

    def texts(self) -> tuple[str, ...]:
        """What must never be seen by another state."""
        return (self.mark, self.mark.upper(), self.assessment)


@dataclass(frozen=True)
class Example:
    """A request that a route answers with success: its query, its headers, its body."""

    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Json | None = None
    csv: str | None = None


ANY = {"if-match": "*"}
_fresh = count(1)


def example(method: str, path: str, of: Holding) -> Example:
    """A good request to this route about this state's things; KeyError for a route nobody wrote one for."""
    number = next(_fresh)
    text = f"{of.mark} {number}"
    at_site = {"site": of.site}
    answer: Json = {"value": "find", "remark": text}
    due: Json = {"agency": of.agency, "due": "2026-11-30"}
    review: Json = {
        "question": SITE_QUESTION,
        "site": of.site,
        "version": of.version,
        "verdict": "returned",
        "reason": text,
    }
    evidence: Json = {"title": text, "grade": 1, "dated": "2026-02-03", "reference": text, "holder": text}
    examples: dict[tuple[str, str], Example] = {
        ("PUT", "/v1/states/{state}"): Example(
            headers=ANY, json={"name": text, "un_member": True, "interpol_member": True}
        ),
        ("PUT", "/v1/states/{state}/agencies/{code}"): Example(headers=ANY, json={"name": text, "kind": "police"}),
        ("GET", "/v1/states/{state}/sites"): Example(params={"agency": of.agency}),
        ("POST", "/v1/states/{state}/sites"): Example(
            json={"code": f"{of.mark.upper()}-{number}", "name": text, "type": "rail", "agency": of.agency}
        ),
        ("POST", "/v1/states/{state}/sites/import"): Example(
            headers={"content-type": "text/csv"}, csv=f"code,name,type\n{of.mark.upper()}-C{number},{text},rail\n"
        ),
        ("PUT", "/v1/states/{state}/sites/{code}"): Example(
            headers=ANY, json={"name": text, "type": "airport", "agency": of.agency, "travellers": 1000}
        ),
        ("POST", "/v1/states/{state}/assessments"): Example(
            json={"checklist": CHECKLIST, "cycle": f"2026-{of.mark.upper()[:3]}{number}"}
        ),
        ("GET", "/v1/assessments/{assessment}/questions"): Example(params=at_site),
        ("GET", "/v1/assessments/{assessment}/answers"): Example(params=at_site),
        ("POST", "/v1/assessments/{assessment}/answers"): Example(
            json={"rows": [{"question": SITE_QUESTION, "site": of.site, **answer}]}
        ),
        ("GET", "/v1/assessments/{assessment}/answers/{question}"): Example(params=at_site),
        ("PUT", "/v1/assessments/{assessment}/answers/{question}"): Example(
            params=at_site,
            headers=ANY,
            json={**answer, "evidence": [evidence], "source": {"kind": "tool", "name": text, "version": text}},
        ),
        ("DELETE", "/v1/assessments/{assessment}/answers/{question}"): Example(params=at_site, headers=ANY),
        ("GET", "/v1/assessments/{assessment}/answers/{question}/history"): Example(params=at_site),
        ("POST", "/v1/assessments/{assessment}/upgrade"): Example(headers=ANY, json={}),
        ("POST", "/v1/assessments/{assessment}/proposals"): Example(json={"from": of.earlier}),
        ("POST", "/v1/assessments/{assessment}/proposals/{question}/confirm"): Example(params=at_site),
        ("DELETE", "/v1/assessments/{assessment}/proposals/{question}"): Example(params=at_site),
        ("GET", "/v1/assessments/{assessment}/compare"): Example(params={"with": of.earlier}),
        ("PUT", "/v1/assessments/{assessment}/assignments/sections/{section}"): Example(headers=ANY, json=due),
        ("DELETE", "/v1/assessments/{assessment}/assignments/sections/{section}"): Example(headers=ANY),
        ("PUT", "/v1/assessments/{assessment}/assignments/sites/{code}"): Example(headers=ANY, json=due),
        ("DELETE", "/v1/assessments/{assessment}/assignments/sites/{code}"): Example(headers=ANY),
        ("POST", "/v1/assessments/{assessment}/reviews"): Example(json={"rows": [review]}),
        ("POST", "/v1/assessments/{assessment}/comments"): Example(
            json={"text": text, "question": SITE_QUESTION, "site": of.site}
        ),
        ("POST", "/v1/assessments/{assessment}/shares"): Example(json=_share()),
        ("DELETE", "/v1/assessments/{assessment}/shares/{share}"): Example(),
        ("GET", "/v1/states/{state}/log"): Example(params={"subject": f"/v1/states/{of.state}"}),
        ("POST", "/v1/assessments/{assessment}/submit"): Example(headers=ANY),
        ("POST", "/v1/assessments/{assessment}/approve"): Example(headers=ANY),
        ("POST", "/v1/assessments/{assessment}/return"): Example(headers=ANY, json={"reason": text}),
        ("POST", "/v1/assessments/{assessment}/reopen"): Example(headers=ANY, json={"reason": text}),
        ("POST", "/v1/states/{state}/people"): Example(json={"name": text, "login": f"{of.mark}.{number}"}),
        ("PUT", "/v1/states/{state}/people/{person}"): Example(headers=ANY, json={"name": text}),
        ("DELETE", "/v1/states/{state}/people/{person}"): Example(headers=ANY),
        ("POST", "/v1/states/{state}/people/{person}/password"): Example(),
        ("PUT", "/v1/states/{state}/people/{person}/roles/{role}"): Example(headers=ANY, json={}),
        ("DELETE", "/v1/states/{state}/people/{person}/roles/{role}"): Example(headers=ANY),
        ("POST", "/v1/states/{state}/keys"): Example(json={"name": text, "scopes": ["read"]}),
        ("DELETE", "/v1/states/{state}/keys/{key}"): Example(),
        ("POST", "/v1/states/{state}/keys/{key}/rotate"): Example(json={}),
        ("PUT", "/v1/me/password"): Example(json={"old": PASSWORD, "new": f"{PASSWORD} {number}"}),
        ("PUT", "/v1/me/second-factor"): Example(json=_factor()),
        ("DELETE", "/v1/me/sessions/{session}"): Example(),
        ("DELETE", "/v1/sessions/current"): Example(),
        ("POST", "/v1/sessions"): Example(json={"state": of.state, "login": f"{of.mark}.desk", "password": PASSWORD}),
    }
    if method == "GET":
        return examples.get((method, path), Example())
    return examples[method, path]


def _factor() -> Json:
    """A secret, with the code that an app shows of it now."""
    secret = second_factor.new()
    return {"password": PASSWORD, "secret": secret, "code": code_of(secret)}


def code_of(secret: str, *, at: datetime | None = None) -> str:
    """What an authenticator app shows now, or at another moment."""
    app = TOTP(b32decode(secret), second_factor.DIGITS, SHA1(), second_factor.STEP)  # noqa: S303  # as apps do it
    return app.generate(int((at or datetime.now(UTC)).timestamp())).decode()


def _share() -> Json:
    until = datetime.now(UTC) + timedelta(days=30)
    return {
        "recipient": RECIPIENT, "revision": 1, "edition": "national", "paragraphs": None, "purpose": "information",
        "expires_at": until.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip


def address(path: str, of: Holding) -> str:
    """The path with this state's things in it; KeyError for a parameter nobody gave a value for."""
    code = of.agency if "/agencies/" in path else of.site
    return path.format_map(
        {
            "state": of.state,
            "assessment": of.signed if path.endswith(SIGNED) else of.assessment,
            "section": SECTION,
            "revision": 1,
            "share": of.share,
            "copy": of.copy,
            "code": code,
            "question": PROPOSED if "/proposals/" in path else SITE_QUESTION,
            "checklist": CHECKLIST,
            "instrument": INSTRUMENT,
            "person": of.person,
            "role": "auditor",
            "key": of.key,
            "session": of.session,
        }
    )


def owned(path: str) -> bool:
    """Whether what a route is about belongs to one state."""
    return any(name in path for name in ("{state}", "{assessment}", "{copy}"))


def actor(caller: TestClient, action: Action, of: Holding) -> TestClient:
    """Who may take an action: the key with every scope, or somebody in a role where no key may."""
    if POLICY[action].scopes:
        return caller
    return next(person for role, person in of.people.items() if role in POLICY[action].roles)


def of_people(path: str) -> bool:
    """Whether a route is about people, keys or sessions, or about who asks."""
    return any(part in path for part in ("/people", "/keys", "/sessions", "/me/", "/service"))


def who_may(world: World, caller: TestClient, action: Action, path: str, of: Holding) -> TestClient:
    """As ``actor``; for routes about people a coordinator at the desk, who finds everything as it was at first."""
    return at_the_desk(world, of) if of_people(path) else actor(caller, action, of)


def at_the_desk(world: World, of: Holding) -> TestClient:
    """The coordinator, signed in just now, with the person and the key as they were at first."""
    with world.database.transaction(writes=True, state=of.state) as connection:
        _let_in(connection, of)
    return world.signed_in(of.state, of.desk)


def _let_in(connection: Connection, of: Holding) -> None:
    """Two people and a key, written over whatever became of them."""
    now = datetime.now(UTC)
    person = {"state": of.state, "id": of.person, "login": f"{of.mark}.let.in", "name": f"{of.mark} person"}
    desk = {"state": of.state, "id": of.desk, "login": f"{of.mark}.desk", "name": f"{of.mark} desk"}
    empty = ("password", "one_time_until", "factor", "factor_step", "issuer", "subject", "disabled_at")
    for row in (person, {**desk, "password": kept()}):
        whole = dict.fromkeys(empty)
        people_store.PEOPLE.put(connection, {**whole, **row, "created_at": now}, None)
    people_store.give_role(connection, of.state, of.person, Grant(Role.AUDITOR), at=now, by="operator")
    for role in (Role.COORDINATOR, Role.OPERATOR):
        people_store.give_role(connection, of.state, of.desk, Grant(role), at=now, by="operator")
    if of.session != Holding.session:
        _another_session(connection, of, now)
    table = ApiKey.__table__
    for column in (table.c.id, table.c.replaces):
        connection.execute(delete(table).where(table.c.state == of.state, column == of.key))
    end = now + timedelta(days=30)
    key = store.NewKey(of.key, of.state, f"{of.mark} tool", "0" * 64, frozenset({Scope.READ}), now, "operator", end)
    store.add_key(connection, key)


def _another_session(connection: Connection, of: Holding, now: datetime) -> None:
    """Of the desk, as it was at first."""
    table = PersonSession.__table__
    connection.execute(delete(table).where(table.c.state == of.state, table.c.id == of.session))
    end, two_factors = now + timedelta(hours=8), True
    session = people_store.NewSession(of.state, of.session, of.desk, "0" * 64, now, two_factors, now, end)
    people_store.add_session(connection, session)


@cache
def kept() -> str:
    """What the database holds of ``PASSWORD``."""
    return Passwords(19).kept(PASSWORD)


def stand(of: Holding, status: str) -> None:
    """Bring the assessment that steps are taken on to where it is to stand."""
    coordinator, approver = of.people[Role.COORDINATOR], of.people[Role.APPROVER]
    url = f"/v1/assessments/{of.signed}"
    ways = {"draft": ("submit", coordinator), "submitted": ("approve", approver), "approved": ("reopen", approver)}
    while (now := coordinator.get(url).json()["status"]) != status:
        step, person = ways[now]
        body = {"reason": f"{of.mark} reason"} if step == "reopen" else None
        taken = person.post(f"{url}/{step}", json=body, headers=ANY)
        assert taken.status_code == 200, taken.text


def ready(caller: TestClient, method: str, path: str, of: Holding) -> Holding:
    """See to it that there is something to take back, to confirm or to dismiss, and that a step can be taken.

    What to ask about then: the same, or with a new share to take back, or a new answer to review.
    """
    if "{share}" in path:
        given = ask(of.people[Role.APPROVER], "POST", "/v1/assessments/{assessment}/shares", of)
        return replace(of, share=given.json()["id"])
    if path.endswith("/reviews") and method == "POST":
        written = ask(caller, "PUT", "/v1/assessments/{assessment}/answers/{question}", of)
        return replace(of, version=written.json()["version"])
    step = path[path.rindex("/") :]
    if of_people(path):
        return of  # whoever comes to the desk finds it ready
    if step in STEPS:
        stand(of, STEPS[step])
    elif method == "DELETE" and "/assignments/" in path:
        assert ask(of.people[Role.COORDINATOR], "PUT", path, of).is_success
    elif "/proposals/" in path:
        answer = f"/v1/assessments/{of.assessment}/answers/{PROPOSED}"
        assert caller.delete(answer, params={"site": of.site}, headers=ANY).status_code in {204, 404}
        assert ask(caller, "POST", "/v1/assessments/{assessment}/proposals", of).is_success
    elif method == "DELETE":
        assert ask(caller, "PUT", path, of).is_success
    return of


def ask(caller: TestClient, method: str, path: str, of: Holding, sent: Example | None = None) -> Response:
    """Send the good request of a route about this state's things."""
    sent = sent or example(method, path, of)
    return caller.request(
        method,
        address(path, of),
        params=sent.params,
        headers=sent.headers,
        json=sent.json,
        content=None if sent.csv is None else sent.csv.encode(),
    )


def fill(world: World, state: str, mark: str) -> tuple[TestClient, Holding]:
    """A state with an agency, a site, an assessment and answers, its mark in every text; a caller with all scopes."""
    caller = world.caller(state)
    held = Holding(state, mark, "", f"{mark.upper()}-S", f"{mark.upper()}-A")
    held = replace(held, person=new_id(), key=new_id(), desk=new_id(), session=new_id())
    at_the_desk(world, held)
    for method, path in (
        ("PUT", "/v1/states/{state}"),
        ("PUT", "/v1/states/{state}/agencies/{code}"),
        ("PUT", "/v1/states/{state}/sites/{code}"),
    ):
        assert ask(caller, method, path, held).status_code == 200
    opened = ask(caller, "POST", "/v1/states/{state}/assessments", held)
    assert opened.status_code == 201, opened.text
    before = caller.post(f"/v1/states/{state}/assessments", json={"checklist": CHECKLIST, "cycle": "2025"})
    assert before.status_code == 201, before.text
    held = replace(held, assessment=str(opened.json()["id"]), earlier=str(before.json()["id"]))
    held = replace(held, signed=world.assessment(caller, state, "2024"), people=_people(world, state))
    put = "/v1/assessments/{assessment}/answers/{question}"
    for _ in range(2):
        assert ask(caller, "PUT", put, held).status_code == 200
    means = {"kind": "other_means", "value": 2, "reason": f"{mark} means", "remark": f"{mark} remark"}
    url = f"/v1/assessments/{held.assessment}/answers/{STATE_QUESTION}"
    answered = caller.put(url, json=means, headers={"if-none-match": "*"})
    assert answered.status_code == 200, answered.text
    url = f"/v1/assessments/{held.earlier}/answers/{PROPOSED}"
    unknown = {"kind": "unknown", "remark": f"{mark} then"}
    assert caller.put(url, params={"site": held.site}, json=unknown, headers=ANY).status_code == 200
    assert ask(caller, "POST", "/v1/assessments/{assessment}/proposals", held).status_code == 200
    _sign_off(caller, held)
    return caller, _shared(world, held)


def _people(world: World, state: str) -> dict[Role, TestClient]:
    inside = (Role.COORDINATOR, Role.VALIDATOR, Role.APPROVER, Role.AUDITOR)
    return {role: world.person(state, role) for role in inside}


def _sign_off(caller: TestClient, of: Holding) -> None:
    """An answer that is assigned, returned and commented on, and an assessment that was returned and then approved."""
    for role, method, path in (
        (Role.VALIDATOR, "POST", "reviews"),
        (Role.COORDINATOR, "POST", "comments"),
        (Role.COORDINATOR, "PUT", "assignments/sections/{section}"),
        (Role.COORDINATOR, "PUT", "assignments/sites/{code}"),
    ):
        done = ask(of.people[role], method, f"/v1/assessments/{{assessment}}/{path}", replace(of, version=2))
        assert done.is_success, done.text
        assert done.json().get("refused", 0) == 0, done.text
    url = f"/v1/assessments/{of.signed}/answers/{SITE_QUESTION}"
    answer = {"value": "find", "remark": f"{of.mark} signed"}
    assert caller.put(url, params={"site": of.site}, json=answer, headers=ANY).status_code == 200
    stand(of, "submitted")
    returned = ask(of.people[Role.APPROVER], "POST", "/v1/assessments/{assessment}/return", of)
    assert returned.status_code == 200, returned.text
    stand(of, "approved")


def _shared(world: World, of: Holding) -> Holding:
    """With something given of what was approved, and with a copy of somebody else's."""
    theirs = owned_by(build_export(1, text=of.mark, questions=1), GIVER, UUID(int=7))
    with world.database.transaction(writes=True, state=of.state) as connection:
        copy = receive(connection, of.state, theirs)
    given = ask(of.people[Role.APPROVER], "POST", "/v1/assessments/{assessment}/shares", of)
    assert given.status_code == 201, given.text
    return replace(of, share=given.json()["id"], copy=str(copy))


def strings(value: object) -> Iterator[str]:
    """Every text in a JSON value, keys included."""
    match value:
        case str():
            yield value
        case list():
            for item in value:
                yield from strings(item)
        case dict():
            for key, item in value.items():
                yield from strings(key)
                yield from strings(item)
