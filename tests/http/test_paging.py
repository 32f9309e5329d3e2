"""Cursors: they lead through a list, and anything else in their place is refused."""

import asyncio
import base64
import json

import pytest

from conftest import World
from service.errors import Invalid
from service.http.paging import Paging, cursor_of
from service.http.paging import paging as read_paging


def packed(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


GARBAGE = [
    "", "x", "====", "!!!!", "ä", "%00", "null", "WyJhIl0=x", packed(None), packed({}), packed("a"), packed(1),
    packed([1]), packed([None]), packed([["a"]]), packed(["a", "b", "c"]), packed(["a\0b"]), packed(["\ud800"]),
    packed([]),
    base64.urlsafe_b64encode(b'["a"').decode(), base64.urlsafe_b64encode(b"\xff\xfe").decode(), "A" * 401,
]  # fmt: skip


def lists(world: World) -> list[tuple[str, dict[str, str]]]:
    """Every list that is paged: its address and what else it must be asked with."""
    caller = world.state(sites=3)
    assessment = world.assessment(caller)
    of = f"/v1/assessments/{assessment}"
    url = f"{of}/answers/p9.site.mode"
    for _ in range(3):
        caller.put(url, params={"site": "A01"}, json={"value": "find"}, headers={"if-match": "*"})
    register = "/v1/states/QZA"
    paths = [f"{register}/agencies", f"{register}/sites", f"{register}/assessments", f"{of}/questions", f"{of}/answers"]
    return [*((path, {}) for path in paths), (f"{url}/history", {"site": "A01"})]


def test_garbage_is_refused_by_every_list(world: World) -> None:
    paths = lists(world)
    caller = world.caller()
    wrong = []
    for path, asked in paths:
        assert caller.get(path, params=asked).status_code == 200
        for cursor in GARBAGE:
            answer = caller.get(path, params={"cursor": cursor} | asked)
            if answer.status_code != 422:
                wrong.append((path, cursor, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("text", ["not-a-uuid", "-1", "1e3", "٣", "99999999999"])
def test_a_cursor_of_another_list_is_refused(world: World, text: str) -> None:
    paths = lists(world)
    caller = world.caller()
    for path, asked in (paths[2], paths[5]):
        answer = caller.get(path, params={"cursor": packed([text])} | asked)
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "query:cursor"), path


def test_pages_of_the_register_follow_one_another(world: World) -> None:
    caller = world.state(sites=5)
    seen: list[str] = []
    cursor = None
    while True:
        page = caller.get("/v1/states/QZA/sites", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [site["code"] for site in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == ["A01", "A02", "A03", "A04", "A05"]


def test_a_cursor_is_read_as_it_was_given() -> None:
    paging = asyncio.run(read_paging(10, cursor_of("a", "b")))
    assert paging.key(2) == ("a", "b")
    assert Paging(10, ()).key(2) == ("", "")
    with pytest.raises(Invalid):
        paging.key(1)
