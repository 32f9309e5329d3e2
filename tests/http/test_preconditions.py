"""If-Match and If-None-Match: what they say, what is refused, and what stands afterwards."""

import pytest

from conftest import World

ENTRY = {"name": "n", "kind": "police"}
URL = "/v1/states/QZA/agencies/BG"


@pytest.mark.parametrize(
    "headers",
    [
        {"if-match": "1"}, {"if-match": '"01"'}, {"if-match": 'W/"1"'}, {"if-match": '"a"'}, {"if-match": '""'},
        {"if-match": '"1", "2"'}, {"if-match": '"-1"'}, {"if-match": '"9999999999"'}, {"if-match": ""},
        {"if-none-match": '"1"'}, {"if-none-match": ""}, {"if-match": "*", "if-none-match": "*"},
        {"if-match": '"' + "1" * 50 + '"'},
    ],
)  # fmt: skip
def test_what_is_no_version_is_refused(world: World, headers: dict[str, str]) -> None:
    answer = world.state(sites=0).put(URL, json=ENTRY, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["at"] in {"header:if-match", "header:if-none-match"}


def test_a_write_names_what_it_replaces(world: World) -> None:
    caller = world.state(sites=0)
    assert caller.put(URL, json=ENTRY).status_code == 428
    assert caller.put(URL, json=ENTRY, headers={"if-match": '"1"'}).status_code == 412
    assert caller.get(URL).status_code == 404
    steps = [("if-none-match", "*", 200, 1), ("if-none-match", "*", 412, 1), ("if-match", '"2"', 412, 1)]
    steps += [
        ("if-match", '"1"', 200, 2),
        ("if-match", '"1"', 412, 2),
        ("if-match", "*", 200, 3),
        ("if-match", '"0"', 412, 3),
    ]
    for name, value, status, version in steps:
        answer = caller.put(URL, json=ENTRY, headers={name: value})
        assert (answer.status_code, caller.get(URL).headers["etag"]) == (status, f'"{version}"'), (name, value)
        if status == 412:
            assert answer.json()["current"] == version
