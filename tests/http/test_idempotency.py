"""Keyed POSTs: one effect and one answer; refusals are not kept; keys belong to one credential and one address."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from conftest import World
from service.db.access_tables import Idempotency
from service.http.idempotency import KEPT

SITE = {"code": "R1", "name": "n", "type": "rail"}
URL = "/v1/states/QZA/sites"


def keyed(key: str) -> dict[str, str]:
    return {"idempotency-key": key}


def kept(world: World) -> int:
    with world.database.transaction(writes=False, state="QZA") as connection:
        return int(connection.execute(select(func.count()).select_from(Idempotency.__table__)).scalar_one())


def test_the_same_request_has_one_effect_and_one_answer(world: World) -> None:
    caller = world.state(sites=0)
    first = caller.post(URL, json=SITE, headers=keyed("one"))
    again = caller.post(URL, json=SITE, headers=keyed("one"))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert first.headers["content-type"] == again.headers["content-type"]
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(caller.get(URL).json()["items"]) == 1
    assert caller.post(URL, json=SITE).json()["code"] == "site_exists"  # without the key it is another request


def test_another_body_or_query_under_the_same_key_is_refused(world: World) -> None:
    caller = world.state(sites=0)
    assert caller.post(URL, json=SITE, headers=keyed("one")).status_code == 201
    other = caller.post(URL, json={**SITE, "name": "other"}, headers=keyed("one"))
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    headers = {**keyed("two"), "content-type": "text/csv"}
    assert caller.post(URL + "/import", content=b"code,name,type\n", headers=headers).status_code == 200
    asked = caller.post(URL + "/import?dry_run=true", content=b"code,name,type\n", headers=headers)
    assert (asked.status_code, asked.json()["code"]) == (422, "idempotency_key_reused")


def test_what_was_refused_is_not_kept(world: World) -> None:
    caller = world.state(sites=0)
    assert caller.post(URL, json={**SITE, "type": "moon"}, headers=keyed("one")).status_code == 422
    assert caller.post(URL, json={**SITE, "agency": "NONE"}, headers=keyed("one")).status_code == 422
    assert kept(world) == 0
    assert caller.post(URL, json=SITE, headers=keyed("one")).status_code == 201
    assert caller.post(URL, json=SITE, headers=keyed("two")).status_code == 409
    assert kept(world) == 1


def test_a_key_counts_for_one_credential_and_one_address(world: World) -> None:
    caller, colleague = world.state(sites=0), world.caller()
    assert caller.post(URL, json=SITE, headers=keyed("one")).status_code == 201
    assert colleague.post(URL, json=SITE, headers=keyed("one")).status_code == 409
    imported = caller.post(
        URL + "/import", content=b"code,name,type\n", headers={**keyed("one"), "content-type": "text/csv"}
    )
    assert imported.status_code == 200


def test_a_csv_under_a_key_is_entered_once(world: World) -> None:
    caller = world.state(sites=0)
    headers = {**keyed("one"), "content-type": "text/csv"}
    first = caller.post(URL + "/import", content=b"code,name,type\nR1,n,rail\n", headers=headers)
    again = caller.post(URL + "/import", content=b"code,name,type\nR1,n,rail\n", headers=headers)
    assert first.json()["created"] == again.json()["created"] == 1
    other = caller.post(URL + "/import", content=b"code,name,type\nR2,n,rail\n", headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"


def test_old_keys_are_forgotten(world: World) -> None:
    caller = world.state(sites=0)
    assert caller.post(URL, json=SITE, headers=keyed("one")).status_code == 201
    table = Idempotency.__table__
    for age, left in ((KEPT - timedelta(hours=1), 2), (KEPT + timedelta(hours=1), 1)):
        with world.database.transaction(writes=True, state="QZA") as connection:
            connection.execute(update(table).where(table.c.key == "one").values(created_at=datetime.now(UTC) - age))
            connection.execute(table.delete().where(table.c.key != "one"))
        opened = {"checklist": "unga-73-11", "cycle": f"20{26 + left}"}
        assert caller.post("/v1/states/QZA/assessments", json=opened, headers=keyed("two")).status_code == 201
        assert kept(world) == left


@pytest.mark.parametrize("key", [" ", "a b", "ä", "a\tb", ""])
def test_keys_that_are_none(world: World, key: str) -> None:
    caller = world.state(sites=0)
    answer = caller.post(URL, json=SITE, headers={b"idempotency-key": key.encode("latin-1")})
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "header:idempotency-key")
