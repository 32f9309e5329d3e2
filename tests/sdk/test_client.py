"""Both clients over a transport that stands in for the network: what is sent, and what comes of the answers."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import httpx
import pytest

from sdk_faces import AT_ONCE, FACES, KEY, URL, Face, Handler, all_of, done
from stocktake import (
    AgencyEntry,
    AsyncClient,
    Client,
    Conflict,
    Evidence,
    NewSite,
    NotFound,
    SiteEntry,
    StateEntry,
    TimedOut,
    TransportError,
    Unreachable,
    UnreadableAnswer,
    UploadProgress,
    VersionConflict,
)

AID = UUID("0193e7a4-0000-7000-8000-000000000001")
STATE = {"code": "QZA", "name": "Zandria", "un_member": True, "interpol_member": True, "version": 1}
AGENCY = {"code": "BG", "name": "Border guard", "kind": "border_guard", "version": 1}
SITE = {
    "code": "NOR",
    "name": "North",
    "type": "airport",
    "unlocode": None,
    "iata": None,
    "icao": None,
    "operating_state": None,
    "host_state": None,
    "agency": None,
    "opened": None,
    "closed": None,
    "travellers": 12,
    "tier": 1,
    "version": 1,
}
SUMMARY = {
    "id": str(AID),
    "state": "QZA",
    "checklist": "unga-73-11",
    "checklist_version": "1.0.0",
    "digest": "0" * 64,
    "cycle": "2026",
    "period_start": "2026-01-01",
    "period_end": "2026-12-31",
    "status": "draft",
    "revision": 1,
    "version": 1,
    "opened_at": "2026-11-23T22:00:00Z",
    "updated_at": "2026-11-23T22:00:00Z",
}
PROGRESS = {
    "asked": 2,
    "answered": 1,
    "values": 1,
    "not_applicable": 0,
    "unknown": 0,
    "withheld": 0,
    "by_section": {"p9": [1, 2]},
}
ASSESSMENT = SUMMARY | {"progress": PROGRESS, "may": ["answer.write"], "missing": None}
ANSWER = {
    "question": "p9.site.mode",
    "site": "NOR",
    "kind": "value",
    "value": "find",
    "level": 4,
    "reason": None,
    "remark": None,
    "evidence": [],
    "certainty": None,
    "period_start": None,
    "period_end": None,
    "source": None,
    "version": 3,
    "updated_at": "2026-11-23T22:00:00Z",
    "updated_by": "k1",
}
VERDICTS = {"dry_run": False, "created": 0, "changed": 0, "unchanged": 0, "refused": 0, "rows": []}
EMPTY: dict[str, object] = {"items": [], "next": None}

Sent = list[httpx.Request]


@pytest.fixture(params=FACES, ids=lambda face: face.name)
def face(request: pytest.FixtureRequest) -> Face:
    chosen: Face = request.param
    return chosen


def problem(status: int, code: str, **more: object) -> httpx.Response:
    body = {"type": "about:blank", "title": "T", "status": status, "code": code, "detail": "D.", "request_id": "req_1"}
    return httpx.Response(status, json=body | more, headers={"content-type": "application/problem+json"})


def answering(sent: Sent, *answers: httpx.Response | Exception) -> Handler:
    """Give the answers in turn, the last for ever."""
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        # A new one each time: a response's stream can be read once.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return handle


Given = object | Coroutine[Any, Any, object]
Both = Client | AsyncClient
ENTRY = SiteEntry(name="North", type="airport")
OPERATIONS: list[tuple[Callable[[Both], Given], str, str, dict[str, str], object]] = [
    (lambda c: c.health(), "GET", "/health", {}, {"status": "ok"}),
    (lambda c: c.checklists.list.page(), "GET", "/v1/checklists", {}, EMPTY),
    (lambda c: c.states.get("QZA"), "GET", "/v1/states/QZA", {}, STATE),
    (
        lambda c: c.states.put("QZA", StateEntry(name="Z", un_member=True, interpol_member=False), version=0),
        "PUT",
        "/v1/states/QZA",
        {"if-none-match": "*"},
        STATE,
    ),
    (lambda c: c.agencies.list.page("QZA"), "GET", "/v1/states/QZA/agencies", {}, EMPTY),
    (lambda c: c.agencies.get("QZA", "BG"), "GET", "/v1/states/QZA/agencies/BG", {}, AGENCY),
    (
        lambda c: c.agencies.put("QZA", "BG", AgencyEntry(name="B", kind="police"), version=2),
        "PUT",
        "/v1/states/QZA/agencies/BG",
        {"if-match": '"2"'},
        AGENCY,
    ),
    (
        lambda c: c.sites.list.page("QZA", type="airport", agency="BG", cursor="c/1", limit=7),
        "GET",
        "/v1/states/QZA/sites?type=airport&agency=BG&cursor=c%2F1&limit=7",
        {},
        EMPTY,
    ),
    (lambda c: c.sites.get("QZA", "NOR"), "GET", "/v1/states/QZA/sites/NOR", {}, SITE),
    (lambda c: c.sites.put("QZA", "NOR", ENTRY), "PUT", "/v1/states/QZA/sites/NOR", {"if-match": "*"}, SITE),
    (
        lambda c: c.sites.create("QZA", NewSite(code="NOR", name="N", type="rail"), idempotency_key="k1"),
        "POST",
        "/v1/states/QZA/sites",
        {"idempotency-key": "k1", "content-type": "application/json"},
        SITE,
    ),
    (
        lambda c: c.sites.upload_csv("QZA", "code,name,type\n", dry_run=True, idempotency_key="k2"),
        "POST",
        "/v1/states/QZA/sites/import?dry_run=true",
        {"idempotency-key": "k2", "content-type": "text/csv; charset=utf-8"},
        VERDICTS,
    ),
    (lambda c: c.assessments.list.page("QZA"), "GET", "/v1/states/QZA/assessments", {}, EMPTY),
    (lambda c: c.assessments.get(AID), "GET", f"/v1/assessments/{AID}", {}, ASSESSMENT),
    (
        lambda c: c.assessments.questions.page(AID, scope="site", site="NOR", agency="BG", unanswered=True),
        "GET",
        f"/v1/assessments/{AID}/questions?scope=site&site=NOR&agency=BG&unanswered=true",
        {},
        EMPTY,
    ),
    (lambda c: c.assessments.gaps.page(AID), "GET", f"/v1/assessments/{AID}/gaps", {}, EMPTY),
    (
        lambda c: c.assessments.coverage(AID),
        "GET",
        f"/v1/assessments/{AID}/coverage",
        {},
        {"sites": 0, "steps": [], "by_type": []},
    ),
    (
        lambda c: c.assessments.checks(AID),
        "GET",
        f"/v1/assessments/{AID}/checks",
        {},
        {"results": [], "indicators": []},
    ),
    (
        lambda c: c.answers.list.page(AID, question="p9.site.mode", site="NOR"),
        "GET",
        f"/v1/assessments/{AID}/answers?question=p9.site.mode&site=NOR",
        {},
        EMPTY,
    ),
    (
        lambda c: c.answers.get(AID, "p9.site.mode", site="NOR"),
        "GET",
        f"/v1/assessments/{AID}/answers/p9.site.mode?site=NOR",
        {},
        ANSWER,
    ),
    (
        lambda c: c.answers.put(AID, "p9.site.mode", "find", site="NOR", version=3),
        "PUT",
        f"/v1/assessments/{AID}/answers/p9.site.mode?site=NOR",
        {"if-match": '"3"'},
        ANSWER,
    ),
    (
        lambda c: c.answers.history.page(AID, "p9.site.mode", site="NOR"),
        "GET",
        f"/v1/assessments/{AID}/answers/p9.site.mode/history?site=NOR",
        {},
        EMPTY,
    ),
]


@pytest.mark.parametrize(("act", "method", "target", "headers", "answer"), OPERATIONS)
def test_an_operation_sends_what_its_route_takes(
    face: Face, act: Callable[[Both], Given], method: str, target: str, headers: dict[str, str], answer: object
) -> None:
    sent: Sent = []
    got = done(act(face.open(answering(sent, httpx.Response(200, json=answer)))))
    (request,) = sent
    assert (request.method, request.url.raw_path.decode()) == (method, target)
    assert request.url.host == "stocktake.test"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept"] == "application/json, application/problem+json"
    assert request.headers["user-agent"].startswith("stocktake-python/")
    assert {name: request.headers[name] for name in headers} == headers
    assert ("idempotency-key" in request.headers) is (method == "POST")
    assert ("if-match" in request.headers) or ("if-none-match" in request.headers) or method != "PUT"
    assert got == type(got).model_validate(answer)  # type: ignore[attr-defined]  # every answer here is a model


def test_the_whole_answer_is_sent_and_nothing_that_was_left_out(face: Face) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.Response(200, json=ANSWER)))
    proof = Evidence(title="Order 12", grade=2, dated=date(2026, 3, 1))
    done(client.answers.put(AID, "p9.x", 0, remark="é", evidence=[proof], period_end=date(2026, 12, 31)))
    assert json.loads(sent[0].content) == {
        "kind": "value",
        "value": 0,
        "remark": "é",
        "evidence": [{"title": "Order 12", "grade": 2, "dated": "2026-03-01"}],
        "period_end": "2026-12-31",
        "change": "real",
    }


def test_a_value_that_cannot_be_sent_is_refused_before_anything_is_sent(face: Face) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.Response(200, json=ANSWER)))
    with pytest.raises(ValueError, match="remark"):
        done(client.answers.put(AID, "p9.x", 1, remark="x" * 10_001))
    with pytest.raises(ValueError, match="1 or above"):
        done(client.answers.delete(AID, "p9.x", version=0))
    with pytest.raises(ValueError, match="cannot be part"):
        all_of(client.sites.list(".."))
    assert sent == []


def test_taking_back_needs_no_answer_body(face: Face) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.Response(204)))
    reply = done(client.answers.delete.raw(AID, "p9.x", version=3, site="NOR"))
    assert (reply.status, reply.data, sent[0].headers["if-match"]) == (204, None, '"3"')


def test_a_list_is_read_page_after_page(face: Face) -> None:
    sent: Sent = []
    pages = [
        httpx.Response(200, json={"items": [SITE | {"code": code} for code in codes], "next": cursor})
        for codes, cursor in (("AB", "c1"), ("", "c2"), ("C", None))
    ]
    client = face.open(answering(sent, *pages))
    assert [site.code for site in all_of(client.sites.list("QZA", type="airport", limit=2))] == ["A", "B", "C"]
    assert [dict(request.url.params) for request in sent] == [
        {"type": "airport", "limit": "2"},
        {"type": "airport", "limit": "2", "cursor": "c1"},
        {"type": "airport", "limit": "2", "cursor": "c2"},
    ]


def test_a_list_fetches_no_page_before_it_is_needed() -> None:
    sent: Sent = []
    first = httpx.Response(200, json={"items": [SITE, SITE], "next": "c1"})
    sites = Client(URL, KEY, transport=httpx.MockTransport(answering(sent, first))).sites.list("QZA")
    assert sent == []
    next(sites), next(sites)
    assert len(sent) == 1


def test_raw_gives_status_and_headers(face: Face) -> None:
    answer = httpx.Response(200, json=ANSWER, headers={"ETag": '"3"', "X-Request-Id": "req_5"})
    reply = done(face.open(answering([], answer)).answers.get.raw(AID, "p9.site.mode"))
    assert (reply.status, reply.headers["etag"], reply.request_id, reply.data.version) == (200, '"3"', "req_5", 3)


def test_a_report_is_bytes(face: Face) -> None:
    sent: Sent = []
    pdf = httpx.Response(200, content=b"%PDF-1.7 \xff", headers={"content-type": "application/pdf"})
    assert done(face.open(answering(sent, pdf)).reports.pdf(AID, language="fr")) == b"%PDF-1.7 \xff"
    assert sent[0].url.raw_path.decode() == f"/v1/assessments/{AID}/report.pdf?edition=national&language=fr"
    assert sent[0].headers["accept"] == "application/pdf, application/problem+json"
    with pytest.raises(UnreadableAnswer):
        done(face.open(answering([], httpx.Response(200, html="<p>Log in</p>"))).reports.pdf(AID))


def test_the_export_is_given_byte_for_byte(face: Face) -> None:
    body = b'{"b":1,\n "a":2}'
    answer = httpx.Response(200, content=body, headers={"content-type": "application/json"})
    assert done(face.open(answering([], answer)).reports.export_json(AID)) == body
    with pytest.raises(UnreadableAnswer):
        done(face.open(answering([], answer)).reports.export(AID))


def test_opening_gives_the_assessment(face: Face) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.Response(201, json=ASSESSMENT)))
    opened = done(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026"))
    assert (opened.id, opened.progress and opened.progress.by_section) == (AID, {"p9": (1, 2)})
    assert json.loads(sent[0].content) == {"checklist": "unga-73-11", "cycle": "2026"}
    assert len(sent) == 1


def test_opening_what_is_open_gives_the_one_there_is(face: Face) -> None:
    sent: Sent = []
    other = SUMMARY | {"id": str(UUID(int=7)), "cycle": "2025"}
    client = face.open(
        answering(
            sent,
            problem(409, "already_open"),
            httpx.Response(200, json={"items": [other], "next": "c1"}),
            httpx.Response(200, json={"items": [SUMMARY], "next": None}),
            httpx.Response(200, json=ASSESSMENT),
        )
    )
    assert done(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026")).id == AID
    assert [request.method for request in sent] == ["POST", "GET", "GET", "GET"]
    assert sent[-1].url.path == f"/v1/assessments/{AID}"


@pytest.mark.parametrize("code", ["already_open", "conflict"])
def test_a_conflict_on_opening_that_cannot_be_resolved_is_raised(face: Face, code: str) -> None:
    sent: Sent = []
    client = face.open(answering(sent, problem(409, code), httpx.Response(200, json=EMPTY)))
    with pytest.raises(Conflict) as raised:
        done(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026"))
    assert raised.value.code == code
    assert len(sent) == (2 if code == "already_open" else 1)


def test_a_post_keeps_its_key_when_tried_again(face: Face) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.ReadTimeout("slow"), httpx.Response(503), httpx.Response(201, json=SITE)))
    done(client.sites.create("QZA", NewSite(code="NOR", name="N", type="rail")))
    keys = {request.headers["idempotency-key"] for request in sent}
    assert (len(sent), len(keys)) == (3, 1)
    done(client.sites.create("QZA", NewSite(code="NOR", name="N", type="rail")))
    assert sent[-1].headers["idempotency-key"] not in keys


@pytest.mark.parametrize(
    ("fault", "kind", "sent"),
    [
        (httpx.ConnectError("refused"), Unreachable, False),
        (httpx.ConnectTimeout("slow"), TimedOut, False),
        (httpx.PoolTimeout("busy"), TimedOut, False),
        (httpx.ReadTimeout("slow"), TimedOut, True),
        (httpx.WriteError("reset"), Unreachable, True),
        (httpx.RemoteProtocolError("cut off"), Unreachable, True),
        (httpx.DecodingError("garbage"), Unreachable, True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_no_answer_is_a_transport_error(
    face: Face, fault: Exception, kind: type[TransportError], *, sent: bool
) -> None:
    requests: Sent = []
    with pytest.raises(kind) as raised:
        done(face.open(answering(requests, fault)).states.get("QZA"))
    assert raised.value.sent is sent
    assert len(requests) == 4
    assert KEY not in repr(raised.value)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_language_is_asked_for_when_one_is_given(kind: type[Client] | type[AsyncClient]) -> None:
    assert "accept-language" not in kind(URL, KEY).sender.target.settings()["headers"]
    client = kind(URL, KEY, language="fr, ru;q=0.5")
    assert client.sender.target.settings()["headers"]["accept-language"] == "fr, ru;q=0.5"
    for wrong in ("", "fr\r\nx: y", "français"):
        with pytest.raises(ValueError, match="A language is like fr"):
            kind(URL, KEY, language=wrong)


def test_the_language_goes_out_with_every_call() -> None:
    sent: Sent = []
    transport = httpx.MockTransport(answering(sent, httpx.Response(200, json=STATE)))
    Client(URL, KEY, transport=transport, language="ar").states.get("QZA")
    assert sent[0].headers["accept-language"] == "ar"


def test_redirects_are_not_followed(face: Face) -> None:
    sent: Sent = []
    away = httpx.Response(307, headers={"location": "https://elsewhere.example/v1/states/QZA"})
    with pytest.raises(UnreadableAnswer, match="redirects"):
        done(face.open(answering(sent, away)).states.get("QZA"))
    assert [request.url.host for request in sent] == ["stocktake.test"]


def test_a_client_closes_its_connections(face: Face) -> None:
    client = face.open(answering([], httpx.Response(200, json=STATE)))

    async def use(opened: AsyncClient) -> None:
        async with opened:
            await opened.states.get("QZA")
        with pytest.raises(RuntimeError, match="closed"):
            await opened.states.get("QZA")

    if isinstance(client, AsyncClient):
        asyncio.run(use(client))
    else:
        with client:
            client.states.get("QZA")
        with pytest.raises(RuntimeError, match="closed"):
            client.states.get("QZA")


def test_sites_come_from_text_bytes_or_a_file(face: Face, tmp_path: Path) -> None:
    sent: Sent = []
    client = face.open(answering(sent, httpx.Response(200, json=VERDICTS)))
    text = "code,name,type\nNOR,Nórd,airport\n"
    file = tmp_path / "sites.csv"
    file.write_bytes(text.encode())
    for source in (text, text.encode(), file):
        done(client.sites.upload_csv("QZA", source))
    assert [request.content for request in sent] == [text.encode()] * 3
    assert len({request.headers["idempotency-key"] for request in sent}) == 3


# ── construction ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_the_key_comes_from_the_environment_once_and_never_shows(
    kind: type[Client] | type[AsyncClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STOCKTAKE_KEY", raising=False)
    with pytest.raises(ValueError, match="STOCKTAKE_KEY"):
        kind(URL)
    monkeypatch.setenv("STOCKTAKE_KEY", "stk_from_environment")
    client = kind(URL)
    monkeypatch.setenv("STOCKTAKE_KEY", "stk_later")
    shown = repr(client) + repr(client.sender.target) + str(client)
    assert shown.startswith(f"{kind.__name__}('{URL}'")
    assert "environment" not in shown
    with pytest.raises(ValueError, match="API key"):
        kind(URL, "")


@pytest.mark.parametrize("key", ["stk_a b", "stk_a\r\nx-evil: 1", "stk_é"])
def test_a_key_that_no_header_can_carry_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ValueError, match="character") as raised:
        Client(URL, key)
    assert key not in str(raised.value)


@pytest.mark.parametrize("url", ["http://stocktake.example.gov", "http://10.0.0.7:8000", "http://localhost.example"])
def test_the_key_does_not_travel_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="in the clear"):
        Client(url, KEY)
    Client(url, KEY, allow_plain_http=True).close()


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "https://a.example/x/"]
)
def test_this_machine_and_https_need_no_permission(url: str) -> None:
    Client(url, KEY).close()


@pytest.mark.parametrize(
    "url", ["stocktake.example.gov", "ftp://a.example", "https://", "https://u:p@a.example", "https://a.example/?x=1"]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Client(url, KEY)


def test_no_proxy_of_the_environment_sees_plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert Client("http://localhost", KEY).sender.target.settings()["trust_env"] is False
    assert Client("https://localhost", KEY).sender.target.settings()["trust_env"] is True


def test_a_service_below_a_path_is_reached(face: Face) -> None:
    sent: Sent = []
    client = Client(
        f"{URL}/stocktake/", KEY, transport=httpx.MockTransport(answering(sent, httpx.Response(200, json=STATE)))
    )
    client.states.get("QZA")
    assert sent[0].url.path == "/stocktake/v1/states/QZA"


# ── uploads ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Store:
    """A small service: keeps answers by question, remembers keys, and refuses the value ``bad``."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self.writes = 0
        self.memory: dict[str, tuple[bytes, bytes]] = {}
        self.requests: Sent = []
        self.before: Callable[[httpx.Request], None] = lambda _: None
        self.after: Callable[[httpx.Request], None] = lambda _: None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.before(request)
        key = request.headers["idempotency-key"]
        headers = {"content-type": "application/json"}
        if key in self.memory:
            assert self.memory[key][0] == request.content
            headers["idempotent-replayed"] = "true"
        else:
            dry_run = request.url.params.get("dry_run") == "true"
            rows = json.loads(request.content)["rows"]
            verdicts = [self.write(number, row, dry_run=dry_run) for number, row in enumerate(rows, 1)]
            count = {
                name: sum(row["outcome"] == name for row in verdicts)
                for name in ("created", "changed", "unchanged", "refused")
            }
            self.memory[key] = request.content, json.dumps({"dry_run": dry_run, "rows": verdicts} | count).encode()
        self.after(request)
        return httpx.Response(200, content=self.memory[key][1], headers=headers)

    def write(self, number: int, row: dict[str, object], *, dry_run: bool) -> dict[str, object]:
        question, value = str(row["question"]), row["value"]
        if value == "bad":
            return {
                "row": number,
                "key": question,
                "outcome": "refused",
                "version": None,
                "code": "wrong_answer",
                "detail": "No.",
            }
        old = self.values.get(question)
        outcome = "created" if old is None else "unchanged" if old == value else "changed"
        if not dry_run:
            self.values[question] = value
            self.writes += 1
        return {"row": number, "key": question, "outcome": outcome, "version": 1, "code": None, "detail": None}


def rows_of(values: list[object]) -> Iterator[dict[str, object]]:
    return ({"question": f"q.n{number}", "value": value} for number, value in enumerate(values, 1))


def test_an_upload_goes_in_batches_with_a_verdict_on_every_row(face: Face) -> None:
    store, seen = Store(), list[UploadProgress]()
    result = done(face.open(store).answers.upload(AID, rows_of([1, 2, "bad", 4, 5]), batch=2, progress=seen.append))
    assert [len(json.loads(request.content)["rows"]) for request in store.requests] == [2, 2, 1]
    assert [row.row for row in result.rows] == [1, 2, 3, 4, 5]
    assert (result.created, result.changed, result.unchanged, result.refused, result.replayed) == (4, 0, 0, 1, 0)
    assert [(row.row, row.key, row.code) for row in result.refusals] == [(3, "q.n3", "wrong_answer")]
    assert seen == [UploadProgress(2, 0, None), UploadProgress(4, 1, None), UploadProgress(5, 1, None)]
    listed = done(face.open(store).answers.upload(AID, list(rows_of([1, 2])), progress=seen.append, run="again"))
    assert (seen[-1], listed.unchanged) == (UploadProgress(2, 0, 2), 2)


def test_a_row_that_cannot_be_sent_is_refused_in_its_place(face: Face) -> None:
    store = Store()
    rows: list[dict[str, object]] = [
        {"question": "NO SUCH", "value": 1},
        {"question": "q.a", "value": 1},
        {"question": "q.b", "site": "NOR", "value": 1, "colour": "red"},
        {"value": 1},
        {"question": "q.c", "value": "\ud800"},
        {"question": "q.d", "value": 1},
    ]
    result = done(face.open(store).answers.upload(AID, rows, batch=4))
    assert [row.outcome for row in result.rows] == ["refused", "created", "refused", "refused", "refused", "created"]
    assert [row.row for row in result.rows] == [1, 2, 3, 4, 5, 6]
    assert [row.key for row in result.refusals] == ["NO SUCH", "q.b@NOR", "", "q.c"]
    assert {row.code for row in result.refusals} == {"invalid"}
    assert "colour" in (result.rows[2].detail or "")
    assert set(store.values) == {"q.a", "q.d"}


def test_an_upload_of_nothing_sends_nothing(face: Face) -> None:
    store = Store()
    assert done(face.open(store).answers.upload(AID, [])).rows == []
    assert done(face.open(store).answers.upload(AID, [{"value": 1}])).refused == 1
    assert store.requests == []


@pytest.mark.parametrize("batch", [0, -1, 1001])
def test_a_batch_has_between_one_and_a_thousand_rows(face: Face, batch: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        done(face.open(Store()).answers.upload(AID, rows_of([1]), batch=batch))


def test_no_batch_outgrows_what_the_service_reads(face: Face) -> None:
    store = Store()
    rows = [{"question": f"q.n{number}", "value": 1, "remark": "ж" * 9_000} for number in range(120)]
    result = done(face.open(store).answers.upload(AID, rows))
    assert result.created == 120
    sizes = [len(request.content) for request in store.requests]
    assert len(sizes) == 3
    assert max(sizes) <= 1_000_000


def test_an_upload_that_broke_off_goes_on_where_it_stopped(face: Face) -> None:
    store = Store()

    def fail(request: httpx.Request) -> None:
        if b"q.n5" in request.content:
            raise httpx.ConnectError("gone")

    store.before = fail
    client = face.open(store)
    with pytest.raises(Unreachable) as raised:
        done(client.answers.upload(AID, rows_of([*range(9)]), batch=2))
    assert raised.value.__notes__ == ["4 rows had their verdict. The same upload again goes on after them."]
    assert store.writes == 4
    store.before = lambda _: None
    result = done(client.answers.upload(AID, rows_of([*range(9)]), batch=2))
    assert (store.writes, result.created, result.replayed) == (9, 9, 2)


def test_the_same_content_is_written_anew_under_another_run(face: Face) -> None:
    store = Store()
    client = face.open(store)
    replayed = [done(client.answers.upload(AID, rows_of([value]))).replayed for value in (1, 2, 1)]
    assert (store.values, replayed) == ({"q.n1": 2}, [0, 0, 1])  # the third was known already, and says so
    assert done(client.answers.upload(AID, rows_of([1]), run="second")).changed == 1
    assert done(client.answers.upload(UUID(int=5), rows_of([1]))).replayed == 0


def test_a_dry_run_changes_nothing_and_is_never_from_memory(face: Face) -> None:
    store = Store()
    client = face.open(store)
    assert done(client.answers.upload(AID, rows_of([1]), dry_run=True)).created == 1
    assert store.values == {}
    done(client.answers.upload(AID, rows_of([1])))
    again = done(client.answers.upload(AID, rows_of([1]), dry_run=True))
    assert (again.dry_run, again.unchanged, again.replayed) == (True, 1, 0)


@pytest.mark.parametrize("seed", range(3))
def test_under_faults_nothing_is_done_twice_and_nothing_acknowledged_is_lost(face: Face, seed: int) -> None:
    store, chance = Store(), Random(seed)  # noqa: S311  # repeatable faults

    def fault(_: httpx.Request) -> None:
        if chance.random() < 0.2:
            raise chance.choice((httpx.ReadError("reset"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("cut")))

    store.before = store.after = fault
    client = face.open(store)
    acknowledged = set[str]()
    for number in range(200):
        with suppress(TransportError):
            result = done(client.answers.upload(AID, [{"question": f"q.n{number}", "value": number}]))
            assert result.created == 1
            acknowledged.add(f"q.n{number}")
    assert len(store.requests) > 220  # there were faults
    assert len(acknowledged) > 150
    assert acknowledged <= set(store.values)
    assert store.writes == len(store.values)


def test_a_versioned_write_whose_answer_was_lost_says_that_it_may_be_its_own_effect(face: Face) -> None:
    version = 3

    def handle(request: httpx.Request) -> httpx.Response:
        nonlocal version
        if request.headers["if-match"] == f'"{version}"':
            version += 1
            raise httpx.ReadTimeout("the answer was lost")
        return problem(412, "version_conflict", yours=3, current=version)

    with pytest.raises(VersionConflict) as raised:
        done(face.open(handle).answers.put(AID, "p9.x", 1, version=3))
    assert (raised.value.uncertain, raised.value.yours, raised.value.current) == (True, 3, 4)


def test_retries_can_be_turned_off(face: Face) -> None:
    sent: Sent = []
    for retries in (0, AT_ONCE):
        with pytest.raises(NotFound):
            done(face.open(answering(sent, problem(404, "not_found")), retries).states.get("QZA"))
    with pytest.raises(TransportError):
        done(face.open(answering(sent, httpx.ReadError("x")), 0).states.get("QZA"))
    assert len(sent) == 3
