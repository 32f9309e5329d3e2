"""Sites from CSV: a verdict on every row, nothing half-written, the same on both databases."""

from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from conftest import World
from service.errors import Invalid
from service.registry.rules import COLUMNS, MOST_ROWS, read_sites

URL = "/v1/states/QZA/sites"
HEAD = "code,name,type,travellers,opened,closed,agency\n"
Verdicts = dict[str, Any]  # JSON


def send(caller: TestClient, text: str | bytes, *, dry_run: bool = False) -> Verdicts:
    """Import a CSV that can be read; the verdicts."""
    content = text if isinstance(text, bytes) else text.encode()
    headers = {"content-type": "text/csv; charset=utf-8"}
    answer = caller.post(URL + "/import", content=content, headers=headers, params={"dry_run": dry_run})
    assert answer.status_code == 200, answer.text
    found: Verdicts = answer.json()
    return found


def brief(verdicts: Verdicts) -> list[tuple[str, str, int | None]]:
    return [(row["key"], row["outcome"], row["version"]) for row in verdicts["rows"]]


def sites(caller: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(URL).json()["items"]
    return found


ROWS = [
    ("R1,Good,airport,5000,2020-01-01,,BG", "created", ""),
    ("R2,No agency,rail,,,,NONE", "refused", "there is no agency NONE"),
    ("R3,Moon,moonport,,,,", "refused", "type: "),
    ("R4,Backwards,rail,,2020-01-02,2020-01-01,", "refused", "not after it opened"),
    ("R5,Same day,rail,,2020-01-02,2020-01-02,", "refused", "not after it opened"),
    ("R6,Negative,rail,-1,,,", "refused", "travellers: "),
    ("R7,Half,rail,1.5,,,", "refused", "travellers: "),
    ("R8,Many,rail,1000000000001,,,", "refused", "travellers: "),
    ("R9,No day,rail,,2020-02-30,,", "refused", "opened: "),
    ("R10,Unix time,rail,,1577836800,,", "refused", "opened: "),
    ("r11,Small letters,rail,,,,", "refused", "code: "),
    (",No code,rail,,,,", "refused", "code: "),
    ("R12,,rail,,,,", "refused", "name: "),
    ("R13,Too few,rail", "refused", "3 cells under 7 columns"),
    ("R14,Too,many,rail,,,,,", "refused", "9 cells under 7 columns"),
    ("R1,Again,rail,,,,", "refused", "stands twice"),
    ('R15,"Quoted, with ""quotes"" and\nlines",rail,0,,,', "created", ""),
    ("R16,=1+1,rail,,,,", "created", ""),
    ("   R17  ,  Spaces  ,rail,,,,", "created", ""),
]


def test_every_row_has_its_verdict(world: World) -> None:
    caller = world.state(sites=0)
    caller.put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers={"if-match": "*"})
    text = HEAD + "\n".join(row for row, _, _ in ROWS) + "\n\n ,,,,,,\n"
    dry = send(caller, text, dry_run=True)
    assert sites(caller) == []
    done = send(caller, text)
    assert {**dry, "dry_run": False} == done
    assert [row["outcome"] for row in done["rows"]] == [outcome for _, outcome, _ in ROWS]
    assert all(detail in (row["detail"] or "") for row, (_, _, detail) in zip(done["rows"], ROWS, strict=True))
    assert [row["row"] for row in done["rows"]] == list(range(1, len(ROWS) + 1))
    assert (done["created"], done["refused"]) == (4, len(ROWS) - 4)
    kept = {site["code"]: site for site in sites(caller)}
    assert set(kept) == {"R1", "R15", "R16", "R17"}
    assert (kept["R1"]["travellers"], kept["R1"]["agency"], kept["R1"]["version"]) == (5000, "BG", 1)
    assert kept["R15"]["name"] == 'Quoted, with "quotes" and\nlines'
    assert (kept["R16"]["name"], kept["R17"]["name"]) == ("=1+1", "Spaces")


def test_a_second_import_changes_what_differs(world: World) -> None:
    caller = world.state(sites=0)
    first = "code,name,type,travellers\nR1,One,rail,1\nR2,Two,rail,2\n"
    assert brief(send(caller, first)) == [("R1", "created", 1), ("R2", "created", 1)]
    second = "code,name,type,travellers\nR3,Three,rail,3\nR2,Two,rail,22\nR1,One,rail,1\n"
    wanted = [("R3", "created", 1), ("R2", "changed", 2), ("R1", "unchanged", 1)]
    assert brief(send(caller, second, dry_run=True)) == wanted
    assert brief(send(caller, second)) == wanted
    assert [(site["code"], site["travellers"], site["version"]) for site in sites(caller)] == [
        ("R1", 1, 1), ("R2", 22, 2), ("R3", 3, 1),
    ]  # fmt: skip
    assert brief(send(caller, second)) == [("R3", "unchanged", 1), ("R2", "unchanged", 2), ("R1", "unchanged", 1)]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfcode,name,type\nR1,One,rail\n",
        b"code,name,type\r\nR1,One,rail\r\n",
        b"\xef\xbb\xbfcode,name,type\r\n\r\nR1,One,rail",
        b'"code","name","type"\n"R1","One","rail"\n',
        b"type , code,name\nrail,R1,One\n",
    ],
)
def test_forms_of_a_csv(world: World, content: bytes) -> None:
    caller = world.state(sites=0)
    assert brief(send(caller, content)) == [("R1", "created", 1)]
    assert [site["name"] for site in sites(caller)] == ["One"]


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "invalid", "lacks the column 'code'"),
        (b"code,name\n", "invalid", "lacks the column 'type'"),
        (b"code,name,type,colour\n", "invalid", "'colour'"),
        (b"code,name,type,code\n", "invalid", "twice"),
        (b"code;name;type\nR1;One;rail\n", "invalid", "'code;name;type'"),
        (b"R1,One,rail\n", "invalid", "'R1'"),
        (b'code,name,type\nR1,"One,rail\n', "invalid", "cannot be read"),
        (b'code,name,type\nR1,"One"x,rail\n', "invalid", "cannot be read"),
        (b"code,name,type\nR1,\xff,rail\n", "unreadable", "UTF-8"),
        ("code,name,type\nR1,One,rail\n".encode("utf-16"), "unreadable", "UTF-8"),
        (b"code,name,type\nR1,\x00,rail\n", "unreadable", "U+0000"),
        ("code,name,type\nR1,a\u202eb,rail\n".encode(), "unreadable", "U+202E"),
        (b"code,name,type\n" + b"R1,n,rail\n" * (MOST_ROWS + 1), "invalid", "split it"),
    ],
)
def test_a_csv_that_cannot_be_read_changes_nothing(world: World, content: bytes, code: str, words: str) -> None:
    caller = world.state(sites=1)
    before = sites(caller)
    answer = caller.post(URL + "/import", content=content, headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert words in answer.json()["detail"]
    assert sites(caller) == before


def test_the_number_of_statements_does_not_grow_with_the_rows(world: World) -> None:
    caller = world.state(sites=0)
    caller.put("/v1/states/QZA/agencies/BG", json={"name": "BG", "kind": "police"}, headers={"if-match": "*"})
    counts: list[int] = []

    def count(*_: object) -> None:
        counts[-1] += 1

    event.listen(world.database._writer, "before_cursor_execute", count)
    for first, many in ((0, 2), (1000, 300)):
        counts.append(0)
        rows = "".join(f"S{first + n},Site,rail,{n},,,BG\n" for n in range(many))
        assert send(caller, HEAD + rows)["created"] == many
    assert counts[0] == counts[1] <= 12


def test_reading_is_pure_and_lazy() -> None:
    assert [row.number for row in read_sites("code,name,type\nR1,One,rail\n\nR2,Two,x\n")] == [1, 2]
    assert set(COLUMNS) >= {
        "code",
        "name",
        "type",
        "unlocode",
        "iata",
        "icao",
        "opened",
        "closed",
        "travellers",
        "tier",
    }
    with pytest.raises(Invalid):
        list(read_sites("code,name,type,moon\n"))
