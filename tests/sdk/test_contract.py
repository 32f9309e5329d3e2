"""The SDK against the service itself, in process: every route, both faces."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from rfc8785 import dumps as canonical

from approvals import owned_by, receive
from conftest import World
from export_builder import build_export
from route_calls import code_of
from sdk_faces import all_of, done
from service.access import second_factor
from service.access.people import People
from service.access.policy import Role
from service.app import create_app
from service.settings import Settings
from stocktake import (
    AgencyEntry,
    AnswerRow,
    AsyncClient,
    Client,
    Conflict,
    Evidence,
    Forbidden,
    GrantEntry,
    Invalid,
    NewPerson,
    NewShare,
    NewSite,
    NotFound,
    PersonEntry,
    ReviewRow,
    SignIn,
    SiteEntry,
    Source,
    StateEntry,
    Unauthenticated,
    VersionConflict,
    verify,
)

Route = tuple[str, str]
URL = "https://stocktake.test"
Q = "p9.site.mode"


class InProcess(httpx.AsyncBaseTransport, httpx.BaseTransport):
    """The application in place of the network, for either face; keeps what was asked."""

    def __init__(self, app: FastAPI) -> None:
        self.asked: list[httpx.Request] = []
        self._app = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return await self._app.handle_async_request(request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._whole(request))

    async def _whole(self, request: httpx.Request) -> httpx.Response:
        answer = await self.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@pytest.fixture(params=[Client, AsyncClient], ids=lambda kind: kind.__name__)
def client(request: pytest.FixtureRequest, world: World) -> Client | AsyncClient:
    transport = InProcess(world.app)
    if request.param is Client:
        return Client(URL, world.key(), transport=transport, retries=0)
    return AsyncClient(URL, world.key(), transport=transport, retries=0)


def document() -> dict[str, dict[str, dict[str, list[dict[str, str]]]]]:
    """The paths of the service's own description."""
    paths: dict[str, dict[str, dict[str, list[dict[str, str]]]]]
    paths = create_app(Settings(database_url="sqlite://")).openapi()["paths"]
    return paths


def routes() -> Iterator[tuple[Route, frozenset[str]]]:
    """Every route with the names of its query parameters."""
    for template, methods in document().items():
        for method, about in methods.items():
            names = {one["name"] for one in about.get("parameters", []) if one["in"] == "query"}
            yield (method.upper(), template), frozenset(names)


def route_of(request: httpx.Request, known: dict[Route, frozenset[str]]) -> Route:
    """The route that a request went to; the one with the fewest variables where several fit."""
    fits = [
        (method, template)
        for method, template in known
        if method == request.method and re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", template), request.url.path)
    ]
    return min(fits, key=lambda route: route[1].count("{"))


def tell_all(client: Client | AsyncClient) -> UUID:
    """Call every operation, with every parameter there is; the assessment's id."""
    entry = StateEntry(name="Zandria", un_member=True, interpol_member=True)
    assert done(client.health()).status == "ok"
    state = done(client.states.put("QZA", entry, version=0))
    assert done(client.states.get("QZA")) == state
    agency = done(client.agencies.put("QZA", "BG", AgencyEntry(name="Border guard", kind="border_guard")))
    assert done(client.agencies.get("QZA", "BG")) == agency
    assert [one.code for one in all_of(client.agencies.list("QZA", limit=1))] == ["BG"]
    site = done(
        client.sites.create("QZA", NewSite(code="NOR", name="North", type="airport", agency="BG", travellers=9))
    )
    assert done(client.sites.get("QZA", "NOR")) == site
    changed = SiteEntry(name="North 2", type="airport", agency="BG")
    assert done(client.sites.put("QZA", "NOR", changed, version=site.version)).name == "North 2"
    csv = "code,name,type\nE1,East 1,land_crossing\nE2,East 2,castle\n"
    assert done(client.sites.upload_csv("QZA", csv, dry_run=True)).created == 1
    verdicts = done(client.sites.upload_csv("QZA", csv))
    assert [(row.row, row.outcome) for row in verdicts.rows] == [(1, "created"), (2, "refused")]
    assert [one.code for one in all_of(client.sites.list("QZA", limit=1))] == ["E1", "NOR"]
    assert [one.code for one in all_of(client.sites.list("QZA", type="airport", agency="BG", limit=1))] == ["NOR"]

    (checklist, *_) = all_of(client.checklists.list())
    whole = done(client.checklists.get(checklist.id, version=checklist.version, language="en"))
    assert (whole.digest, len(whole.questions)) == (checklist.digest, checklist.questions)
    assert (whole.language, whole.languages, whole.translation.status) == ("en", checklist.languages, "source")
    schema = done(client.checklists.answer_schema(checklist.id, version=checklist.version))
    assert schema["$defs"][Q]["properties"]["question"] == {"const": Q}
    catalog = done(client.checklists.oscal(checklist.id, version=checklist.version))["catalog"]
    assert catalog["metadata"]["version"] == checklist.version
    assert done(client.instruments.get(whole.instrument)).paragraphs

    opened = done(client.assessments.open(state="QZA", checklist=checklist.id, cycle="2026"))
    assert opened == done(client.assessments.open(state="QZA", checklist=checklist.id, cycle="2026"))
    assert done(client.assessments.get(opened.id)) == opened
    assert [one.id for one in all_of(client.assessments.list("QZA", limit=1))] == [opened.id]
    answer_some(client, opened.id)
    read_results(client, opened.id)
    carry_over(client, opened.id)
    return opened.id


def sign_off(client: Client | AsyncClient, world: World, aid: UUID) -> list[httpx.Request]:
    """Review, submit, return, approve and open again, as those who may; what they asked."""
    coordinator, validator, approver = (
        as_person(client, world, role) for role in (Role.COORDINATOR, Role.VALIDATOR, Role.APPROVER)
    )
    assert done(coordinator.assignments.put_section(aid, "p9", agency="BG", due=date(2026, 11, 30))).section == "p9"
    assigned = done(coordinator.assignments.put_site(aid, "NOR", agency="BG", version=0))
    assert [one.site for one in all_of(coordinator.assignments.list(aid, limit=1))] == ["NOR", None]
    done(coordinator.assignments.delete_site(aid, "NOR", version=assigned.version))
    done(coordinator.assignments.delete_section(aid, "p9", version=None))
    seen, *_ = all_of(validator.reviews.list(aid, unreviewed=True, limit=1))
    row = ReviewRow(question=seen.question, site=seen.site, version=seen.version, verdict="accepted")
    assert done(validator.reviews.put(aid, [row])).created == 1
    assert [one.verdict for one in all_of(validator.reviews.list(aid, verdict="accepted"))] == ["accepted"]
    comment = done(validator.comments.add(aid, "Seen at the site", question=seen.question, site=seen.site))
    assert all_of(validator.comments.list(aid, question=seen.question, site=seen.site, limit=1)) == [comment]
    stands = done(coordinator.assessments.get(aid))
    assert "assessment.submit" in stands.may
    assert stands.missing is not None
    with pytest.raises(Forbidden):
        done(approver.assessments.submit(aid, version=stands.version))
    stands = done(coordinator.assessments.submit(aid, version=stands.version))
    stands = done(approver.assessments.return_(aid, "One figure is missing", version=stands.version))
    stands = done(coordinator.assessments.submit(aid, version=stands.version))
    stands = done(approver.assessments.approve(aid, version=stands.version))
    assert (stands.status, stands.revision) == ("approved", 1)
    (kept,) = all_of(approver.snapshots.list(aid))
    sealed, raw = (
        done(approver.snapshots.get(aid, kept.revision)),
        done(approver.snapshots.get_json(aid, kept.revision)),
    )
    assert sealed.digest == kept.digest == sha256(canonical(json.loads(raw)["snapshot"])).hexdigest()
    stands = done(approver.assessments.reopen(aid, "A figure was wrong", version=stands.version))
    assert (stands.status, stands.revision) == ("draft", 2)
    steps = ["submitted", "returned", "submitted", "approved", "reopened"]
    assert [one.step for one in all_of(coordinator.assessments.signoffs(aid))] == steps
    return [request for one in (coordinator, validator, approver) for request in asked(one)]


def as_person(client: Client | AsyncClient, world: World, role: Role) -> Client | AsyncClient:
    """Somebody in a role, at the same face of the SDK."""
    token = world.person("QZA", role).headers["authorization"].removeprefix("Bearer ")
    if isinstance(client, Client):
        return Client(URL, token, transport=InProcess(world.app), retries=0)
    return AsyncClient(URL, token, transport=InProcess(world.app), retries=0)


def answer_some(client: Client | AsyncClient, aid: UUID) -> None:
    proof = Evidence(title="Order 12", grade=2, dated=date(2026, 3, 1))
    tool = Source(kind="tool", name="Border system", version="7.1")
    first = done(client.answers.put(aid, Q, "find", site="NOR", version=0, evidence=[proof], source=tool, remark="é"))
    assert (first.value, first.version, first.evidence, first.source) == ("find", 1, [proof], tool)
    reply = done(client.answers.get.raw(aid, Q, site="NOR"))
    assert (reply.data, reply.headers["etag"], bool(reply.request_id)) == (first, '"1"', True)
    with pytest.raises(VersionConflict) as raised:
        done(client.answers.put(aid, Q, "none", site="NOR", version=0))
    assert (raised.value.yours, raised.value.current) == (0, 1)
    assert done(client.answers.put(aid, Q, kind="unknown", site="NOR", version=1)).version == 2
    with pytest.raises(VersionConflict):
        done(client.answers.delete(aid, Q, site="NOR", version=1))
    done(client.answers.delete(aid, Q, site="NOR", version=2))
    history = all_of(client.answers.history(aid, Q, site="NOR", limit=1))
    assert sorted((one.version, one.answer is None) for one in history) == [(1, False), (2, False), (3, True)]
    rows: list[AnswerRow | dict[str, object]]
    rows = [AnswerRow(question=Q, site="NOR", value="find"), {"question": Q, "site": "E1", "value": "no such option"}]
    result = done(client.answers.upload(aid, rows, batch=1))
    assert [(row.row, row.key, row.outcome) for row in result.rows] == [
        (1, f"{Q}@NOR", "created"),
        (2, f"{Q}@E1", "refused"),
    ]
    again = done(client.answers.upload(aid, rows, batch=1))
    assert (again.replayed, again.rows) == (2, result.rows)
    assert done(client.answers.upload(aid, rows, batch=1, run="second")).unchanged == 1
    assert done(client.answers.upload(aid, rows, dry_run=True)).dry_run
    (listed,) = all_of(client.answers.list(aid, question=Q, site="NOR", limit=1))
    assert listed.value == "find"


def carry_over(client: Client | AsyncClient, aid: UUID) -> None:
    """Upgrade to where it is already, and take an earlier cycle's answers over."""
    seen = done(client.assessments.preview_upgrade(aid, to=done(client.assessments.get(aid)).checklist_version))
    assert (seen.assessment, seen.applied, seen.answers) == (aid, False, [])
    assert not done(client.assessments.upgrade(aid, version=seen.version)).applied
    with pytest.raises(VersionConflict):
        done(client.assessments.upgrade(aid, version=seen.version - 1))
    later = done(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2027"))
    for site in ("E1", "NOR"):
        done(client.answers.put(aid, Q, "mind", site=site))
    made = done(client.proposals.make(later.id, from_id=aid))
    assert (made.proposed, made.counts.kept) == (2, 2)
    first, second = all_of(client.proposals.list(later.id, limit=1))
    assert (first.question, first.site, first.value, second.site) == (Q, "E1", "mind", "NOR")
    confirmed = done(client.proposals.confirm(later.id, Q, site="E1"))
    assert (confirmed.value, confirmed.version) == ("mind", 1)
    done(client.proposals.dismiss(later.id, Q, site="NOR"))
    assert all_of(client.proposals.list(later.id)) == []
    compared = done(client.assessments.compare(later.id, aid))
    assert (compared.assessment, compared.in_place.difference) == (later.id, "0/1")


def read_results(client: Client | AsyncClient, aid: UUID) -> None:
    work = all_of(client.assessments.questions(aid, scope="site", site="NOR", unanswered=True, limit=2))
    assert work
    assert Q not in {item.question for item in work}
    assert all_of(client.assessments.questions(aid, agency="BG", language="en", limit=100))
    assert done(client.assessments.scores(aid)).scoring_model == "1.0"
    assert done(client.assessments.coverage(aid, language="en")).sites == 2
    assert all_of(client.assessments.gaps(aid, language="en"))
    assert done(client.assessments.checks(aid, language="en")).indicators
    export = done(client.reports.export(aid))
    raw = done(client.reports.export_json(aid))
    assert export.assessment.id == aid
    assert json.loads(raw)["format"] == export.format
    assert len(sha256(raw).hexdigest()) == 64


def keep_house(client: Client | AsyncClient, world: World) -> None:
    """Let somebody in, give and take a role, make and rotate a key: as a coordinator, who then signs out."""
    new = done(client.people.invite("QZA", NewPerson(name="Bea", login="bea")))
    person, once = new.person.id, new.one_time_password or ""
    assert [one.login for one in all_of(client.people.list("QZA", limit=1))][-1] is not None
    assert done(client.people.put("QZA", person, PersonEntry(name="Bea B."), version=1)).version == 2
    granted = done(client.people.grant("QZA", person, "contributor", GrantEntry(agency="BG", sites=["NOR"])))
    assert [(role.role, role.agency, role.sites) for role in granted.roles] == [("contributor", "BG", ["NOR"])]
    assert done(client.people.take("QZA", person, "contributor", version=3)).roles == []
    done(client.people.grant("QZA", person, "coordinator"))
    session = done(client.sessions.start("QZA", "bea", once, new_password="nine grey geese in a row"))
    assert (session.person, session.two_factors) == (f"person:{person}", False)
    keep_sessions(client)
    done(client.people.renew_password("QZA", person))
    key = done(client.keys.create("QZA", "border system", ["read"], days=10))
    assert key.key.id in {one.id for one in all_of(client.keys.list("QZA", limit=1))}
    rotated = done(client.keys.rotate("QZA", key.key.id, days=20, overlap_days=1))
    assert rotated.key.replaces == key.key.id
    done(client.keys.revoke("QZA", key.key.id))
    done(client.people.erase("QZA", person, version=None))
    assert done(client.people.get("QZA", person)).name is None
    me = done(client.me())
    assert (me.state, "person.write" in me.may) == ("QZA", True)
    assert done(client.service()).schema_revision
    with pytest.raises(Unauthenticated):
        done(client.sessions.change_password("wrong", "eleven blue boats at sea"))
    done(client.sessions.end())
    with pytest.raises(Unauthenticated):
        done(client.me())


def keep_sessions(client: Client | AsyncClient) -> None:
    """Put another second factor in the place of one's own, sign in with it, and end that session."""
    password = "nine grey geese in a row"
    proposed = done(client.sessions.propose_second_factor())
    assert proposed.uri.startswith("otpauth://totp/Stocktake")
    with pytest.raises(Invalid):
        done(client.sessions.enter_second_factor(password, proposed.secret, code_of(second_factor.new())))
    done(client.sessions.enter_second_factor(password, proposed.secret, code_of(proposed.secret)))
    with pytest.raises(Unauthenticated) as raised:
        done(client.sessions.start("QZA", "anna", password))
    assert raised.value.code == "code_needed"
    soon = datetime.now(UTC) + timedelta(seconds=second_factor.STEP)
    other = done(client.sessions.start("QZA", "anna", password, code=code_of(proposed.secret, at=soon)))
    assert other.two_factors
    seen = {one.id: one for one in all_of(client.sessions.list(limit=1))}
    assert [seen.pop(other.id).current, *(one.current for one in seen.values())] == [False, True]
    done(client.sessions.end_one(other.id))
    with pytest.raises(NotFound):
        done(client.sessions.end_one(other.id))


def let_in(world: World) -> Client:
    """A coordinator with a password, who is an operator too, at their first sign-in."""
    enter = NewPerson(name="Anna", login="anna")
    roles, now = frozenset({Role.COORDINATOR, Role.OPERATOR}), datetime.now(UTC)
    with world.database.transaction(writes=True, state="QZA") as connection:
        house = People(connection, "QZA", "operator", roles, now)
        new = house.invite(enter)
        for role in roles:
            house.grant(new.person.id, role, GrantEntry(), None)
    sign_in = SignIn(
        state="QZA", login="anna", password=new.one_time_password or "", new_password="nine grey geese in a row"
    )
    return Client.sign_in(URL, sign_in, transport=InProcess(world.app), retries=0)


def coordinator(world: World) -> str:
    """The token of the same, who has entered a second factor."""
    client = let_in(world)
    with pytest.raises(Forbidden) as raised:
        client.people.invite("QZA", NewPerson(name="Ben", login="ben"))
    assert raised.value.code == "second_factor_needed"
    secret = client.sessions.propose_second_factor().secret
    client.sessions.enter_second_factor("nine grey geese in a row", secret, code_of(secret))
    return str(client.sender._http.headers["authorization"]).removeprefix("Bearer ")


def share_some(client: Client | AsyncClient, world: World, aid: UUID) -> list[httpx.Request]:
    """Give, read and take back, and read the log that all of it is in; what the approver asked."""
    signer = as_person(client, world, Role.APPROVER)
    with world.database.transaction(writes=True, state="QZA") as connection:
        received = receive(connection, "QZA", owned_by(build_export(1, questions=1), "XGV", aid))
    soon = datetime.now(UTC) + timedelta(days=9)
    new = NewShare(
        recipient="XSG", revision=1, edition="national", paragraphs=None, purpose="information", expires_at=soon
    )
    given = done(signer.shares.give(aid, new, idempotency_key="s-1"))
    assert (given.recipient, given.expires_at, given.paragraphs) == ("XSG", soon, None)
    assert done(signer.shares.give(aid, new, idempotency_key="s-1")) == given
    assert all_of(signer.shares.list(aid, limit=1)) == [given]
    done(signer.shares.revoke(aid, given.id))
    with pytest.raises(Forbidden):
        done(client.shares.give(aid, new))
    (copy,) = all_of(client.received.list(limit=1))
    assert (copy.id, copy.from_state) == (received, "XGV")
    content = done(client.received.read(copy.id))
    assert sha256(content).hexdigest() == copy.digest
    assert verify(content, expected=copy.digest).outcome == "verified"
    day = timedelta(days=1)
    about = f"/v1/assessments/{aid}/shares/{given.id}"
    shared = all_of(client.log.list("QZA", subject=about, since=soon - 10 * day, before=soon, limit=1))
    assert [event.action for event in shared] == ["share.give", "share.revoke"]
    assert len(all_of(client.log.list("QZA", action="share.give", actor=shared[0].actor))) == 1
    part, whole = done(client.log.part("QZA", after=3, limit=2)), done(client.log.export("QZA"))
    assert [verify(found).outcome for found in (part, whole)] == ["verified", "verified"]
    assert verify(done(client.log.export("QZA", after=4))).outcome == "verified"
    with pytest.raises(ValueError, match="time zone"):
        client.log.list("QZA", since=datetime(2026, 1, 1))  # noqa: DTZ001  # what is refused
    return asked(signer)


def test_every_route_and_every_query_parameter_is_within_reach(client: Client | AsyncClient, world: World) -> None:
    known = dict(routes())
    assert len(known) > 25
    aid = tell_all(client)
    others = [*sign_off(client, world, aid), *share_some(client, world, aid)]
    if world.database.is_sqlite:
        assert done(client.reports.pdf(aid, edition="national", language="en")).startswith(b"%PDF-")
    else:
        del known["GET", "/v1/assessments/{assessment}/report.pdf"]  # slow, and made from the export on both
    person = type(client)(URL, coordinator(world), transport=InProcess(world.app), retries=0)
    keep_house(person, world)
    said: dict[Route, set[str]] = {route: set() for route in known}
    reached = set[Route]()
    for request in [*asked(client), *asked(person), *others]:
        route = route_of(request, known)
        reached.add(route)
        said[route] |= set(request.url.params)
    assert reached == known.keys()
    # A cursor is said only where the story has a second page.
    assert {route: names | {"cursor"} for route, names in said.items()} == {
        route: names | {"cursor"} for route, names in known.items()
    }


def asked(client: Client | AsyncClient) -> list[httpx.Request]:
    transport = client.sender._http._transport
    assert isinstance(transport, InProcess)
    return transport.asked


def test_problems_arrive_as_their_errors(client: Client | AsyncClient, world: World) -> None:
    done(client.states.put("QZA", StateEntry(name="Zandria", un_member=True, interpol_member=True), version=0))
    with pytest.raises(NotFound) as missing:
        done(client.sites.get("QZA", "NONE"))
    assert missing.value.code == "not_found"
    assert missing.value.request_id
    site = NewSite(code="NOR", name="North", type="airport")
    done(client.sites.create("QZA", site))
    with pytest.raises(Conflict):
        done(client.sites.create("QZA", site))
    opened = done(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026"))
    with pytest.raises(Invalid) as wrong:
        done(client.answers.put(opened.id, Q, "no such option", site="NOR"))
    assert wrong.value.code == "wrong_answer"
    assert Q in str(wrong.value)
    stranger = Client(URL, "stk_unknown", transport=InProcess(world.app), retries=0)
    with pytest.raises(Unauthenticated):
        stranger.states.get("QZA")
    reader = Client(URL, world.key(scopes=frozenset()), transport=InProcess(world.app), retries=0)
    with pytest.raises(Forbidden):
        reader.sites.create("QZA", site)
    other = Client(URL, world.key("QZB"), transport=InProcess(world.app), retries=0)
    with pytest.raises(NotFound):
        other.sites.get("QZA", "NOR")


def test_somebody_signs_in_with_a_password(world: World) -> None:
    let_in(world)
    anna = SignIn(state="QZA", login="anna", password="nine grey geese in a row")
    with Client.sign_in(URL, anna, transport=InProcess(world.app), retries=0) as client:
        assert client.me().login == "anna"
        client.sessions.change_password("nine grey geese in a row", "eleven blue boats at sea")
        assert client.me().login == "anna"
    with pytest.raises(Unauthenticated) as refused:
        Client.sign_in(URL, anna, transport=InProcess(world.app), retries=0)
    assert refused.value.code == "wrong_password"

    async def awaited() -> str | None:
        now = anna.model_copy(update={"password": "eleven blue boats at sea"})
        async with await AsyncClient.sign_in(URL, now, transport=InProcess(world.app), retries=0) as client:
            return (await client.me()).login

    assert asyncio.run(awaited()) == "anna"


def test_a_create_sent_twice_under_one_key_is_done_once(client: Client | AsyncClient) -> None:
    done(client.states.put("QZA", StateEntry(name="Zandria", un_member=True, interpol_member=True), version=0))
    site = NewSite(code="NOR", name="North", type="airport")
    first = done(client.sites.create.raw("QZA", site, idempotency_key="k-1"))
    second = done(client.sites.create.raw("QZA", site, idempotency_key="k-1"))
    assert (first.status, second.status, first.data) == (201, 201, second.data)
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        done(client.sites.create("QZA", NewSite(code="SOU", name="South", type="airport"), idempotency_key="k-1"))
