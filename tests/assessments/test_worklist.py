"""The worklist page by page: nothing twice, nothing left out, and as few statements on every page."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event
from starlette.testclient import TestClient

from conftest import World
from service.assessments.worklist import SITES_AT_ONCE

SITES = 2 * SITES_AT_ONCE + 10


def many(world: World) -> tuple[TestClient, str]:
    """Two full reads of sites and a little more, with an answer at every second one."""
    caller = world.state(sites=0)
    rows = "".join(f"S{n:03},Site {n},airport,{n}\n" for n in range(SITES))
    head = {"content-type": "text/csv"}
    url = "/v1/states/QZA/sites/import"
    assert caller.post(url, content="code,name,type,travellers\n" + rows, headers=head).status_code == 200
    assessment = world.assessment(caller)
    answers = [{"question": "p9.site.mode", "site": f"S{n:03}", "value": "none"} for n in range(0, SITES, 2)]
    assert caller.post(f"/v1/assessments/{assessment}/answers", json={"rows": answers}).json()["refused"] == 0
    return caller, f"/v1/assessments/{assessment}/questions"


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements executed meanwhile, on any database."""
    found: list[str] = []

    def note(*about: object) -> None:
        found.append(str(about[2]))

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def pages(caller: TestClient, url: str, **params: str | int) -> Iterator[Sequence[tuple[str, str]]]:
    cursor: str | None = ""
    while cursor is not None:
        page = caller.get(url, params=params | ({"cursor": cursor} if cursor else {})).json()
        yield [(item["site"], item["question"]) for item in page["items"]]
        cursor = page["next"]


@pytest.mark.parametrize("unanswered", ["false", "true"])
def test_pages_of_any_size_show_the_same(world: World, unanswered: str) -> None:
    caller, url = many(world)
    small = [item for page in pages(caller, url, limit=67, unanswered=unanswered) for item in page]
    large = [item for page in pages(caller, url, limit=200, unanswered=unanswered) for item in page]
    assert small == large
    assert len(set(small)) == len(small)
    every = [f"S{n:03}" for n in range(SITES)]
    assert sorted({site for site, _ in small if site}) == every
    asked = [site for site, question in small if question == "p9.site.mode"]
    assert asked == (every if unanswered == "false" else every[1::2])


def test_a_page_costs_as_much_wherever_it_is(world: World) -> None:
    caller, url = many(world)
    costs = []
    cursor: str | None = ""
    while cursor is not None:
        with counted() as statements:
            params = {"scope": "site", "limit": "100"} | ({"cursor": cursor} if cursor else {})
            cursor = caller.get(url, params=params).json()["next"]
        costs.append(len(statements))
        assert not any("situation" in statement for statement in statements), "sites are grouped for nothing"
    assert len(costs) > 3
    assert max(costs) - min(costs) <= 2, costs


def test_sites_are_grouped_only_for_questions_that_hang_on_some_site(world: World) -> None:
    caller, url = many(world)
    with counted() as statements:
        caller.get(url, params={"scope": "state", "limit": 200})
    assert sum("situation" in statement for statement in statements) == 1


def test_one_site_or_the_sites_of_an_agency(world: World) -> None:
    caller, url = many(world)
    assert {site for page in pages(caller, url, site="S077") for site, _ in page} == {"S077"}
    assert {site for page in pages(caller, url, site="S077", limit=3) for site, _ in page} == {"S077"}
    assert caller.get(url, params={"site": "NONE"}).status_code == 404
    assert [list(page) for page in pages(caller, url, agency="NONE")] == [[]]
