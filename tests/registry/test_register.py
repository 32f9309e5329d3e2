"""The state's record, its agencies and its sites over HTTP: versions, references, lists."""

from conftest import World

ANY = {"if-match": "*"}


def test_nothing_is_entered_before_the_state(world: World) -> None:
    caller = world.caller()
    site = {"name": "n", "type": "rail"}
    for answer in (
        caller.get("/v1/states/QZA"),
        caller.put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers=ANY),
        caller.put("/v1/states/QZA/sites/R1", json=site, headers=ANY),
        caller.post("/v1/states/QZA/sites", json={**site, "code": "R1"}),
        caller.post("/v1/states/QZA/sites/import", content=b"code,name,type\n", headers={"content-type": "text/csv"}),
        caller.post("/v1/states/QZA/assessments", json={"checklist": "unga-73-11", "cycle": "2026"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_a_site_is_created_changed_and_closed(world: World) -> None:
    caller = world.state(sites=0)
    url = "/v1/states/QZA/sites/RIV-1"
    site = {
        "name": "River",
        "type": "river_port",
        "unlocode": "QZ22A",
        "travellers": 12,
        "opened": "1999-01-01",
        "tier": 2,
    }
    created = caller.put(url, json=site, headers={"if-none-match": "*"})
    assert (created.status_code, created.headers["etag"]) == (200, '"1"'), created.text
    assert caller.get(url).json() == created.json() == {
        **site, "code": "RIV-1", "iata": None, "icao": None, "operating_state": None, "host_state": None,
        "agency": None, "closed": None, "version": 1,
    }  # fmt: skip
    closed = caller.put(url, json={**site, "closed": "2026-01-01"}, headers={"if-match": '"1"'})
    assert (closed.json()["closed"], closed.json()["version"]) == ("2026-01-01", 2)
    assert caller.put(url, json=site, headers={"if-match": '"1"'}).status_code == 412
    wrong = caller.put(url, json={**site, "closed": "1999-01-01"}, headers={"if-match": '"2"'})
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "/closed")
    assert caller.delete(url).status_code == 405


def test_a_site_names_an_agency_that_there_is(world: World) -> None:
    caller = world.state(sites=0)
    site = {"code": "R1", "name": "n", "type": "rail", "agency": "BG"}
    refused = caller.post("/v1/states/QZA/sites", json=site)
    assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, "/agency")
    caller.put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers=ANY)
    assert caller.post("/v1/states/QZA/sites", json=site).status_code == 201
    twice = caller.post("/v1/states/QZA/sites", json=site)
    assert (twice.status_code, twice.json()["code"]) == (409, "site_exists")


def test_lists_are_filtered(world: World) -> None:
    caller = world.state(sites=2)
    caller.put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers=ANY)
    caller.put("/v1/states/QZA/sites/R1", json={"name": "n", "type": "rail", "agency": "BG"}, headers=ANY)

    def codes(**params: str) -> list[str]:
        return [site["code"] for site in caller.get("/v1/states/QZA/sites", params=params).json()["items"]]

    assert codes() == ["A01", "A02", "R1"]
    assert codes(type="rail") == codes(agency="BG") == codes(type="rail", agency="BG") == ["R1"]
    assert codes(type="airport", agency="BG") == codes(agency="NONE") == []
    assert caller.get("/v1/states/QZA/sites", params={"type": "moon"}).status_code == 422
