"""A crowd on a small pool: everybody is answered. Over a real socket, on both databases."""

import asyncio
from collections import Counter

import httpx
import pytest

from conftest import UNHURRIED, World
from cross_serving import served
from service.app import create_app
from service.settings import Settings

POOL, CROWD = 3, 100


async def crowd(address: str, key: str, assessment: str) -> Counter[int]:
    """A hundred at once: readers, readers of scores, and writers."""
    headers = {"authorization": f"Bearer {key}"}
    of = f"/v1/assessments/{assessment}"
    limits = httpx.Limits(max_connections=CROWD)
    async with httpx.AsyncClient(base_url=address, headers=headers, limits=limits, timeout=60) as client:

        async def one(number: int) -> int:
            if number % 4 == 0:
                answer = await client.put(
                    f"{of}/answers/p9.site.mode",
                    params={"site": "A01"},
                    json={"value": "find"},
                    headers={"if-match": "*"},
                )
            else:
                answer = await client.get([f"{of}/scores", "/v1/states/QZA/sites", of][number % 3])
            return answer.status_code

        return Counter(await asyncio.gather(*(one(number) for number in range(CROWD))))


def test_everybody_in_a_crowd_is_answered(database_url: str) -> None:
    settings = Settings(database_url=database_url, pool=POOL, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    caller = world.state()
    assessment = world.assessment(caller)
    with served(app) as address:
        assert asyncio.run(crowd(address, world.key(), assessment)) == {200: CROWD}
    url = f"/v1/assessments/{assessment}/answers/p9.site.mode"
    assert caller.get(url, params={"site": "A01"}).json()["version"] == CROWD // 4
    app.state.database.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_request_that_waits_is_seen(database_url: str) -> None:
    """Without the gate, and with all connections held, a request is not answered with 200: the test above can fail."""
    settings = Settings(database_url=database_url, pool=2, renderers=1, rate=UNHURRIED)
    app = create_app(settings)
    world = World(app, settings, settings.database_url)
    caller = world.state(sites=0)
    app.state.database._reader.pool._timeout = 0.1
    with app.state.database.transaction(writes=False), app.state.database.transaction(writes=False):
        answer = caller.get("/v1/states/QZA")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert caller.get("/v1/states/QZA").status_code == 200
    app.state.database.close()
