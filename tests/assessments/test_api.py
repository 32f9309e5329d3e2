"""Filling an assessment over HTTP, on both databases."""

from conftest import World


def test_answers_are_written_read_changed_and_taken_back(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers/p9.site.mode"
    created = caller.put(url, params={"site": "A01"}, json={"value": "find"}, headers={"if-none-match": "*"})
    assert created.status_code == 200, created.text
    assert (created.json()["level"], created.headers["etag"]) == (4, '"1"')
    assert caller.get(url, params={"site": "A01"}).json() == created.json()
    changed = caller.put(url, params={"site": "A01"}, json={"value": "mind"}, headers={"if-match": '"1"'})
    assert changed.json()["version"] == 2
    stale = caller.put(url, params={"site": "A01"}, json={"value": "none"}, headers={"if-match": '"1"'})
    assert (stale.status_code, stale.json()["yours"], stale.json()["current"]) == (412, 1, 2)
    assert caller.delete(url, params={"site": "A01"}, headers={"if-none-match": "*"}).status_code == 412
    assert caller.delete(url, params={"site": "A01"}, headers={"if-match": '"1"'}).status_code == 412
    assert caller.delete(url, params={"site": "A01"}, headers={"if-match": '"2"'}).status_code == 204
    assert caller.get(url, params={"site": "A01"}).status_code == 404
    again = caller.put(url, params={"site": "A01"}, json={"value": "find"}, headers={"if-none-match": "*"})
    assert again.json()["version"] == 4
    history = caller.get(url + "/history", params={"site": "A01"}).json()["items"]
    assert [(h["version"], h["answer"] and h["answer"]["value"]) for h in history] == [
        (1, "find"), (2, "mind"), (3, None), (4, "find"),
    ]  # fmt: skip


def test_a_write_must_say_what_it_replaces(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers/p9.check.legal"
    missing = caller.put(url, json={"value": "yes"})
    assert (missing.status_code, missing.json()["code"]) == (428, "version_missing")
    assert caller.put(url, json={"value": "yes"}, headers={"if-match": "*"}).status_code == 200
    twice = caller.put(url, json={"value": "no"}, headers={"if-none-match": "*"})
    assert (twice.status_code, twice.json()["current"]) == (412, 1)


def test_a_wrong_answer_is_refused_by_name(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers/p9.site.mode"
    wrong = caller.put(url, params={"site": "A01"}, json={"value": "satellite"}, headers={"if-match": "*"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "wrong_answer")
    for word in ("p9.site.mode", "find", "satellite"):
        assert word in wrong.json()["detail"]
    assert caller.put(url, json={"value": "find"}, headers={"if-match": "*"}).status_code == 422
    unknown = caller.put(url, params={"site": "ZZZ"}, json={"value": "find"}, headers={"if-match": "*"})
    assert unknown.status_code == 404


def test_many_answers_get_a_verdict_each(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    rows: list[dict[str, object]] = [
        {"question": "p9.site.mode", "site": "A01", "value": "find"},
        {"question": "p9.site.mode", "site": "A02", "value": "satellite"},
        {"question": "p9.site.mode", "site": "A09", "value": "find"},
        {"question": "p9.site.mode", "site": "A01", "value": "none"},
        {
            "question": "p9.check.legal",
            "value": "yes",
            "evidence": [{"title": "Act", "grade": 2, "dated": "2025-03-01"}],
        },
    ]
    dry = caller.post(url, params={"dry_run": True}, json={"rows": rows}).json()
    assert [row["outcome"] for row in dry["rows"]] == ["created", "refused", "refused", "refused", "created"]
    assert caller.get(url).json()["items"] == []
    first = caller.post(url, json={"rows": rows}).json()
    assert [row["code"] for row in first["rows"]] == [None, "wrong_answer", "not_found", "invalid", None]
    rows[0]["value"] = "mind"
    second = caller.post(url, json={"rows": rows}).json()
    assert [row["outcome"] for row in second["rows"]] == ["changed", "refused", "refused", "refused", "unchanged"]
    assert [(a["question"], a["site"], a["version"]) for a in caller.get(url).json()["items"]] == [
        ("p9.check.legal", None, 1),
        ("p9.site.mode", "A01", 2),
    ]
    history = caller.get(url + "/p9.site.mode/history", params={"site": "A01"}).json()["items"]
    assert [h["answer"]["value"] for h in history] == ["find", "mind"]


def test_a_bulk_row_may_name_the_version_it_replaces(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    row = {"question": "p9.check.legal", "value": "yes", "version": 0}
    assert caller.post(url, json={"rows": [row]}).json()["created"] == 1
    again = caller.post(url, json={"rows": [{**row, "value": "no"}]}).json()["rows"][0]
    assert (again["outcome"], again["code"]) == ("refused", "version_conflict")


def test_pages_follow_one_another(world: World) -> None:
    caller = world.state(sites=5)
    assessment = world.assessment(caller)
    url = f"/v1/assessments/{assessment}/answers"
    rows = [{"question": "p9.site.mode", "site": f"A0{n}", "value": "find"} for n in range(1, 6)]
    caller.post(url, json={"rows": rows})
    found, cursor = [], None
    while True:
        page = caller.get(url, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        found += [answer["site"] for answer in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert found == ["A01", "A02", "A03", "A04", "A05"]
    work, cursor = [], None
    while True:
        params = {"limit": 7} | ({"cursor": cursor} if cursor else {})
        page = caller.get(f"/v1/assessments/{assessment}/questions", params=params).json()
        work += [(item["site"], item["question"]) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert (
        len(work)
        == len(set(work))
        == len(caller.get(f"/v1/assessments/{assessment}/questions", params={"limit": 200}).json()["items"])
    )


def test_results_follow_the_answers(world: World) -> None:
    caller = world.state()
    assessment = world.assessment(caller)
    rows = [
        {"question": "p9.site.mode", "site": "A01", "value": "find"},
        {"question": "p9.site.mode", "site": "A02", "value": "none"},
    ]
    caller.post(f"/v1/assessments/{assessment}/answers", json={"rows": rows})
    coverage = caller.get(f"/v1/assessments/{assessment}/coverage").json()
    reached = coverage["steps"][0]
    assert (coverage["sites"], reached["reached"], reached["none"], reached["travellers_share"]) == (2, 1, 1, "1/3")
    gaps = caller.get(f"/v1/assessments/{assessment}/gaps").json()["items"]
    assert next(gap for gap in gaps if gap["question"] == "p9.site.mode")["sites_below"] == 1
    progress = caller.get(f"/v1/assessments/{assessment}").json()["progress"]
    assert progress["answered"] == 2
    assert caller.get(f"/v1/assessments/{assessment}/scores").json()["in_place"]["band"] == "insufficient"
    assert caller.get(f"/v1/assessments/{assessment}/checks").status_code == 200
    assert caller.get(f"/v1/assessments/{assessment}/export.json").json()["sites"][0]["code"] == "A01"


def test_one_cycle_is_opened_once(world: World) -> None:
    caller = world.state()
    world.assessment(caller)
    again = caller.post("/v1/states/QZA/assessments", json={"checklist": "unga-73-11", "cycle": "2026"})
    assert (again.status_code, again.json()["code"]) == (409, "already_open")


def test_a_misspelt_filter_is_refused(world: World) -> None:
    caller = world.state()
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    wrong = caller.get(url, params={"sites": "A01"})
    assert wrong.status_code == 422
    assert "site" in wrong.json()["errors"][0]["detail"]
    assert caller.get(url, params={"site": "A01"}).status_code == 200
