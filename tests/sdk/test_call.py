"""The exchange without a network: what is tried again, when, and what comes of it."""

import json
from collections.abc import Generator
from typing import TypeVar

import pytest
from pydantic import BaseModel

from stocktake import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    Response,
    Retries,
    ServerError,
    TimedOut,
    TransportError,
    Unauthenticated,
    Unreachable,
    UnreadableAnswer,
    VersionConflict,
)
from stocktake._call import (
    Attempt,
    Call,
    Reply,
    Script,
    ask,
    exchange,
    keyed,
    nothing,
    path,
    play,
    precondition,
    query,
)

T = TypeVar("T")
JSON = {"content-type": "application/json", "x-request-id": "req_7"}


class Thing(BaseModel):
    n: int


class Clock:
    """A clock that moves only by what the exchange waits."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Exchanged:
    """Plays the sender: feeds answers and keeps the attempts."""

    def __init__(self, *came: Reply | TransportError, takes: float = 0.0) -> None:
        self.came = list(came)
        self.attempts: list[Attempt] = []
        self.clock = Clock()
        self.takes = takes

    def run(self, steps: Generator[Attempt, Reply | TransportError, T]) -> T:
        try:
            attempt = next(steps)
            while True:
                self.attempts.append(attempt)
                self.clock.now += attempt.wait + self.takes
                attempt = steps.send(self.came.pop(0))
        except StopIteration as done:
            result: T = done.value
            return result

    def of(self, call: Call[T], retries: Retries = Retries(), draw: float = 1.0) -> Response[T]:  # noqa: B008  # frozen
        return self.run(exchange(call, retries, 30.0, clock=self.clock, draw=lambda: draw))


def get() -> Call[Thing]:
    return Call("GET", path("things", 1), Thing.model_validate_json)


def write(method: str = "PUT", **headers: str) -> Call[Thing]:
    return Call(method, path("things", 1), Thing.model_validate_json, headers=headers, body=b"{}")


def ok(n: int = 1) -> Reply:
    return Reply(200, JSON, json.dumps({"n": n}).encode())


def problem(status: int, code: str = "some_code", *, headers: dict[str, str] | None = None, **more: object) -> Reply:
    body = {"type": "about:blank", "title": "T", "status": status, "code": code, "detail": "D.", "request_id": "req_9"}
    return Reply(
        status, {"content-type": "application/problem+json", **(headers or {})}, json.dumps(body | more).encode()
    )


def test_an_answer_is_read_and_keeps_its_status_and_headers() -> None:
    response = Exchanged(ok(4)).of(get())
    assert (response.status, response.data, response.request_id) == (200, Thing(n=4), "req_7")


def test_no_content_is_read_as_nothing() -> None:
    call = Call("DELETE", path("things", 1), nothing, headers={"if-match": '"3"'})
    assert Exchanged(Reply(204, {}, b"")).of(call).data is None


@pytest.mark.parametrize("passing", [problem(429), problem(502), problem(503), problem(504), Unreachable("x")])
def test_what_may_be_over_soon_is_tried_again(passing: Reply | TransportError) -> None:
    exchanged = Exchanged(passing, passing, passing, ok(2))
    assert exchanged.of(get()).data.n == 2
    assert len(exchanged.attempts) == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 500, 501])
def test_what_will_stay_is_not_tried_again(status: int) -> None:
    exchanged = Exchanged(problem(status), ok())
    with pytest.raises(ApiError) as raised:
        exchanged.of(get())
    assert raised.value.status == status
    assert len(exchanged.attempts) == 1


@pytest.mark.parametrize(
    "call",
    [
        get(),
        write("PUT", **{"if-match": '"3"'}),
        write("PUT", **{"if-none-match": "*"}),
        write("DELETE", **{"if-match": '"3"'}),
        write("POST", **{"idempotency-key": "k"}),
    ],
    ids=["GET", "PUT version", "PUT none", "DELETE version", "POST key"],
)
def test_what_is_harmless_twice_is_tried_again(call: Call[Thing]) -> None:
    exchanged = Exchanged(TimedOut("x"), ok())
    exchanged.of(call)
    assert [attempt.call for attempt in exchanged.attempts] == [call, call]  # the same key, version and body


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "PATCH"])
def test_a_bare_write_is_never_tried_again(method: str) -> None:
    exchanged = Exchanged(TimedOut("x"), ok())
    with pytest.raises(TimedOut):
        exchanged.of(write(method))
    assert len(exchanged.attempts) == 1


def test_the_last_error_is_raised_when_the_tries_are_used_up() -> None:
    exchanged = Exchanged(Unreachable("x"), problem(503), problem(502))
    with pytest.raises(ServerError) as raised:
        exchanged.of(get(), Retries(times=2))
    assert raised.value.status == 502


def test_waits_double_up_to_the_longest_and_are_drawn_below_that() -> None:
    came = [problem(503)] * 5
    exchanged = Exchanged(*came, ok())
    exchanged.of(get(), Retries(times=5, first=1.0, longest=5.0))
    assert [attempt.wait for attempt in exchanged.attempts] == [0, 1, 2, 4, 5, 5]
    exchanged = Exchanged(*came, ok())
    exchanged.of(get(), Retries(times=5, first=1.0, longest=5.0), draw=0.25)
    assert [attempt.wait for attempt in exchanged.attempts] == [0, 0.25, 0.5, 1, 1.25, 1.25]


DATES = {"date": "Mon, 23 Nov 2026 22:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 22:00:09 GMT"}


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "3600"}, 60.0),
        ({"retry-after": "0"}, 0.0),
        (DATES, 9.0),
        (DATES | {"retry-after": "Mon, 23 Nov 2026 21:00:00 GMT"}, 0.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_asked_for_is_kept_up_to_a_minute(headers: dict[str, str], wait: float, status: int) -> None:
    exchanged = Exchanged(problem(status, headers=headers), ok())
    exchanged.of(get(), draw=0.0)
    assert exchanged.attempts[1].wait == wait


@pytest.mark.parametrize("text", ["soon", "-1", "", "1e9", "٣", "Mon, 23 Nov 2026 22:00:09 GMT"])
def test_an_unreadable_wait_is_passed_over(text: str) -> None:
    exchanged = Exchanged(problem(503, headers={"retry-after": text}), ok())
    exchanged.of(get(), Retries(first=2.0), draw=0.5)
    assert exchanged.attempts[1].wait == 1.0


def test_no_attempt_begins_after_the_deadline() -> None:
    exchanged = Exchanged(*[problem(503, headers={"retry-after": "10"})] * 20)
    with pytest.raises(ServerError):
        exchanged.of(get(), Retries(times=20, deadline=35.0), draw=0.0)
    assert len(exchanged.attempts) == 4  # at 0, 10, 20 and 30 seconds
    assert exchanged.clock.now == 1030.0


def test_an_attempt_gets_no_more_time_than_is_left() -> None:
    exchanged = Exchanged(TimedOut("x"), TimedOut("x"), ok(), takes=20.0)
    exchanged.of(get(), Retries(deadline=45.0), draw=0.0)
    assert [attempt.timeout for attempt in exchanged.attempts] == [30.0, 25.0, 5.0]
    assert {attempt.until for attempt in exchanged.attempts} == {1045.0}


def test_a_call_with_a_longer_timeout_of_its_own_gets_it() -> None:
    exchanged = Exchanged(ok())
    exchanged.of(Call("GET", "/v1/x", Thing.model_validate_json, timeout=300.0), Retries(deadline=45.0))
    assert (exchanged.attempts[0].timeout, exchanged.attempts[0].until) == (300.0, 1300.0)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Invalid),
        (401, Unauthenticated),
        (403, Forbidden),
        (404, NotFound),
        (405, ApiError),
        (409, Conflict),
        (413, Invalid),
        (415, Invalid),
        (422, Invalid),
        (428, ApiError),
        (429, RateLimited),
        (500, ServerError),
        (503, ServerError),
    ],
)
def test_a_problem_becomes_its_error(status: int, kind: type[ApiError]) -> None:
    came = problem(status, "its_code", errors=[{"at": "/rows/0/value", "detail": "a number"}])
    with pytest.raises(ApiError) as raised:
        Exchanged(came).of(get(), Retries(times=0))
    error = raised.value
    assert type(error) is kind
    assert (error.status, error.code, error.title, error.detail) == (status, "its_code", "T", "D.")
    assert (error.request_id, error.errors[0].at) == ("req_9", "/rows/0/value")
    assert str(error) == f"req_9: {status} its_code: D.\n  /rows/0/value: a number"


def test_a_version_conflict_holds_both_versions() -> None:
    with pytest.raises(VersionConflict) as raised:
        Exchanged(problem(412, yours=3, current=5)).of(write(**{"if-match": '"3"'}))
    assert (raised.value.yours, raised.value.current, raised.value.uncertain) == (3, 5, False)


@pytest.mark.parametrize(
    ("first", "uncertain"),
    [
        (TimedOut("x"), True),
        (Unreachable("x"), True),
        (problem(502), True),
        (Unreachable("refused", sent=False), False),
        (problem(429), False),
    ],
)
def test_a_conflict_after_an_attempt_that_may_have_acted_says_so(
    first: Reply | TransportError, *, uncertain: bool
) -> None:
    with pytest.raises(VersionConflict) as raised:
        Exchanged(first, problem(412, yours=3, current=4)).of(write(**{"if-match": '"3"'}))
    assert raised.value.uncertain is uncertain
    assert ("ended unknown" in str(raised.value)) is uncertain


def test_an_error_that_is_no_problem_description_is_still_told_apart() -> None:
    with pytest.raises(ServerError) as raised:
        Exchanged(Reply(502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>")).of(get(), Retries(times=0))
    assert (raised.value.status, raised.value.code, raised.value.request_id) == (502, "", None)
    assert str(raised.value) == "502: GET /v1/things/1 answered 502 without a problem description."
    with pytest.raises(ApiError) as bare:
        Exchanged(Reply(412, {}, b"")).of(get())
    assert type(bare.value) is ApiError  # without both versions it is no VersionConflict


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(200, JSON, b'{"n": "secret"}'), "is not a Thing; n:"),
        (Reply(200, JSON, b'{"n"'), "is not a Thing; body:"),
        (
            Reply(200, {"content-type": "text/html"}, b"<p>Please log in</p>"),
            "answered text/html, not application/json",
        ),
        (Reply(200, {}, b"{}"), "answered no media type"),
        (Reply(302, {"location": "https://elsewhere.example"}, b""), "redirects are not followed"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_for_is_unreadable(reply: Reply, words: str) -> None:
    exchanged = Exchanged(reply, ok())
    with pytest.raises(UnreadableAnswer, match=words) as raised:
        exchanged.of(get())
    assert "secret" not in str(raised.value)
    assert raised.value.status == reply.status
    assert str(raised.value).startswith("req_7: ") is ("x-request-id" in reply.headers)
    assert len(exchanged.attempts) == 1


def test_a_script_gets_answers_and_errors_where_it_asked() -> None:
    def script() -> Script[list[int]]:
        seen = [(yield from ask(get())).data.n]
        try:
            yield from ask(get())
        except NotFound:
            seen.append(-1)
        seen.append((yield from ask(get())).data.n)
        return seen

    exchanged = Exchanged(ok(1), problem(404), problem(503), ok(3))
    assert exchanged.run(play(script(), Retries(first=0.0), 30.0)) == [1, -1, 3]
    with pytest.raises(Conflict):
        Exchanged(problem(409)).run(play(script(), Retries(), 30.0))


def test_no_value_can_lead_to_another_address() -> None:
    assert (
        path("states", "QZA", "sites", "A/../B?x=1#y %é") == "/v1/states/QZA/sites/A%2F..%2FB%3Fx%3D1%23y%20%25%C3%A9"
    )
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="cannot be part of an address"):
            path("states", bad)


def test_query_parameters_leave_out_what_is_not_said() -> None:
    assert query(a=None, b=True, c=False, d=3, e="x") == {"b": "true", "c": "false", "d": "3", "e": "x"}


def test_a_version_becomes_its_precondition() -> None:
    assert precondition(3)["if-match"] == '"3"'
    assert precondition(None)["if-match"] == "*"
    assert precondition(0)["if-none-match"] == "*"
    assert "if-match" not in precondition(0)
    with pytest.raises(ValueError, match="0 or above"):
        precondition(-1)


def test_every_post_has_a_key_of_its_own_unless_given() -> None:
    assert keyed()["idempotency-key"] != keyed()["idempotency-key"]
    assert keyed("mine")["idempotency-key"] == "mine"
