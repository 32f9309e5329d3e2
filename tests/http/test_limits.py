"""Limits, one below and one above: bodies, pages, rows, texts, keys."""

import pytest

from conftest import World
from service.http.paging import LARGEST_PAGE
from service.settings import Settings

JSON = {"content-type": "application/json", "if-match": "*"}


def test_the_largest_body(world: World) -> None:
    caller = world.state(sites=0)
    body = b'{"name":"n","un_member":true,"interpol_member":true}'
    most = Settings(database_url="sqlite://").max_body
    assert most == 1024 * 1024
    for size, status in ((most, 200), (most + 1, 413)):
        padded = body + b" " * (size - len(body))
        answer = caller.put("/v1/states/QZA", content=padded, headers=JSON)
        assert answer.status_code == status, answer.text
        answer = caller.put("/v1/states/QZA", content=iter([padded[:1000], padded[1000:]]), headers=JSON)
        assert answer.status_code == status
        assert status == 200 or answer.json()["code"] == "too_large"
    wide = b"code,name,type\n" + b"\n" * most
    answer = caller.post("/v1/states/QZA/sites/import", content=wide, headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (LARGEST_PAGE, 200), (LARGEST_PAGE + 1, 422)])
def test_pages(world: World, limit: int, status: int) -> None:
    caller = world.state(sites=2)
    answer = caller.get("/v1/states/QZA/sites", params={"limit": limit})
    assert answer.status_code == status
    if limit == 1:
        assert (len(answer.json()["items"]), answer.json()["next"] is None) == (1, False)


def test_rows_of_one_request(world: World) -> None:
    caller = world.state(sites=1)
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    row = {"question": "p9.site.mode", "site": "A01", "value": "find"}
    for rows, status in ((0, 422), (1, 200), (1000, 200), (1001, 422)):
        answer = caller.post(url, params={"dry_run": True}, json={"rows": [row] * rows})
        assert answer.status_code == status, answer.text[:300]


def test_lengths_of_texts(world: World) -> None:
    caller = world.state(sites=0)
    url = f"/v1/assessments/{world.assessment(caller)}/answers/p9.check.legal"
    evidence = {"title": "t", "grade": 0, "dated": "2026-01-01"}
    good: list[tuple[str, object, object]] = [
        ("remark", "é" * 10_000, "é" * 10_001),
        ("evidence", [evidence] * 20, [evidence] * 21),
        ("evidence", [{**evidence, "title": "é" * 200}], [{**evidence, "title": "é" * 201}]),
        ("evidence", [{**evidence, "sha256": "a" * 64}], [{**evidence, "sha256": "a" * 65}]),
        ("evidence", [{**evidence, "grade": 3}], [{**evidence, "grade": 4}]),
        ("period_start", "1900-01-01", "1899-12-31"),
        ("period_end", "2200-12-31", "2201-01-01"),
    ]
    for name, most, beyond in good:
        for value, status in ((most, 200), (beyond, 422)):
            answer = caller.put(url, json={"value": "yes", name: value}, headers={"if-match": "*"})
            assert answer.status_code == status, (name, answer.text[:300])


def test_numbers_of_the_register(world: World) -> None:
    caller = world.state(sites=0)
    for travellers, status in ((-1, 422), (0, 200), (10**12, 200), (10**12 + 1, 422)):
        site = {"name": "n", "type": "rail", "travellers": travellers}
        answer = caller.put("/v1/states/QZA/sites/R1", json=site, headers={"if-match": "*"})
        assert answer.status_code == status, answer.text
    for tier, status in ((0, 422), (1, 200), (3, 200), (4, 422), (True, 422), (1.0, 422), ("1", 422)):
        site = {"name": "n", "type": "rail", "tier": tier}
        answer = caller.put("/v1/states/QZA/sites/R1", json=site, headers={"if-match": "*"})
        assert answer.status_code == status, (tier, answer.text)


@pytest.mark.parametrize(("length", "status"), [(1, 201), (255, 201), (256, 422)])
def test_length_of_an_idempotency_key(world: World, length: int, status: int) -> None:
    caller = world.state(sites=0)
    site = {"code": "R1", "name": "n", "type": "rail"}
    answer = caller.post("/v1/states/QZA/sites", json=site, headers={"idempotency-key": "k" * length})
    assert answer.status_code == status
