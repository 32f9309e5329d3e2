"""What a contributor reaches: the rule, and that everything they see is the whole kept to it, on both databases."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam
from starlette.testclient import TestClient

from conftest import World
from service.access.policy import Grant, Role
from service.assessments import assignments
from service.assessments.reach import Assigned, agencies, reach
from service.catalogue.checklist import Checklist
from service.catalogue.loader import load
from sign_off import SITE_QUESTION, STATE_QUESTION, House, house

INVENTED = Path(__file__).parents[1] / "invented" / "tide-bells"
MADE = load(INVENTED).checklist
assert MADE is not None
CHECKLIST: Checklist = MADE
SECTIONS = [section.id for section in CHECKLIST.head.sections]
CODES = ["A", "B", "C"]
some = st.frozensets
grants = st.builds(
    Grant,
    st.just(Role.CONTRIBUTOR),
    st.none() | st.sampled_from(["X", "Y"]),
    some(st.sampled_from([*SECTIONS, "gone"])),
    some(st.sampled_from(CODES)),
)
assigned = st.builds(Assigned, some(st.sampled_from([*SECTIONS, "gone"])), some(st.sampled_from(CODES)))


@settings(max_examples=300, deadline=None)
@given(st.lists(grants, max_size=3), assigned)
def test_an_answer_is_reached_by_its_section_or_by_its_site(of: list[Grant], theirs: Assigned) -> None:
    found = reach(of, theirs, CHECKLIST)
    for question in CHECKLIST.questions:
        section = CHECKLIST.section_of[question.id]
        by_section = section in theirs.sections or any(section in grant.sections for grant in of)
        for site in ["", *CODES] if question.scope == "site" else [""]:
            by_site = site in theirs.sites or any(site in grant.sites for grant in of)
            assert found.holds(question.id, site) == (by_section or by_site)
    assert agencies(of) == {grant.agency for grant in of} - {None}
    assert not found.holds("no.such.question", "")


def test_nothing_granted_is_nothing_reached() -> None:
    nothing = reach([], Assigned(), CHECKLIST)
    assert not any(nothing.holds(q.id, site) for q in CHECKLIST.questions for site in ("", "A"))


# ── through every address ────────────────────────────────────────────────────────────────────────────────────────────

SITES = [f"A{number:02}" for number in range(1, 7)]
AGENCIES = {"BG": ("A01", "A02"), "CU": ("A03",), "IM": ()}
ANY = {"if-match": "*"}


@dataclass(frozen=True)
class Told:
    """What somebody is granted, and the oracle of what they reach."""

    agency: str | None
    sections: frozenset[str]
    sites: frozenset[str]
    assigned: dict[str, str]
    """Section or site → agency."""

    def site(self, code: str | None) -> bool:
        if code is None:
            return False
        theirs = self.agency is not None and (code in AGENCIES[self.agency] or self.assigned.get(code) == self.agency)
        return code in self.sites or theirs

    def section(self, name: str) -> bool:
        return name in self.sections or (self.agency is not None and self.assigned.get(name) == self.agency)

    def answer(self, section: str, site: str | None) -> bool:
        return self.section(section) or self.site(site)


@pytest.fixture
def own(world: World) -> House:
    made = house(world)
    for number in range(3, 7):
        site = {"code": f"A{number:02}", "name": f"Airport {number}", "type": "airport"}
        assert made.tool.post("/v1/states/QZA/sites", json=site).status_code == 201
    for agency, sites in AGENCIES.items():
        world.agency("QZA", agency, *sites)
    fill(made)
    return made


def fill(own: House) -> None:
    """Answers in three sections and at every site but one, some reviewed, commented, and proposed from before."""
    rows: list[dict[str, object]] = [
        {"question": question, "site": site, "value": value}
        for site in SITES[:-1]
        for question, value in ((SITE_QUESTION, "find"), ("p9.site.trigger", "officer"))
    ]
    rows += [
        {"question": "profile.exit_regime", "value": "all"},
        {"question": "profile.border_system", "value": "none"},
    ]
    rows += [{"question": STATE_QUESTION, "value": "yes"}]
    assert own.tool.post(f"{own.url}/answers", json={"rows": rows}).json()["refused"] == 0
    reviewed = own.tool.get(f"{own.url}/reviews").json()["items"][::2]
    own.review(*({**{k: one[k] for k in ("question", "site", "version")}, "verdict": "accepted"} for one in reviewed))
    on: list[dict[str, str]] = [{}, {"site": "A01"}, {"site": "A03"}, {"question": STATE_QUESTION}]
    on += [{"question": SITE_QUESTION, "site": site} for site in SITES] + [{"question": "profile.exit_regime"}]
    for place in on:
        assert own.coordinator.post(f"{own.url}/comments", json={"text": "t", **place}).status_code == 201
    before = own.tool.post("/v1/states/QZA/assessments", json={"checklist": "unga-73-11", "cycle": "2025"}).json()["id"]
    rows = [{"question": "p9.site.readers", "site": site, "value": 50} for site in SITES]
    rows += [{"question": "profile.free_movement", "kind": "unknown"}, {"question": "p9.check.log", "kind": "unknown"}]
    assert own.tool.post(f"/v1/assessments/{before}/answers", json={"rows": rows}).json()["refused"] == 0
    assert own.tool.post(f"{own.url}/proposals", json={"from": before}).json()["proposed"] == len(rows)


def every(caller: TestClient, url: str, **params: str) -> list[dict[str, Any]]:
    """A list, page after page."""
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = caller.get(url, params={"limit": "7", **params} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next"]
    return found


def tellings(chance: random.Random, times: int) -> Iterator[Told]:
    for _ in range(times):
        targets = [*chance.sample(SITES, 2), *chance.sample(["profile", "p8a", "p9"], chance.randrange(3))]
        yield Told(
            chance.choice([None, "BG", "CU", "IM"]),
            frozenset(chance.sample(["profile", "p8a", "p9"], chance.choice([0, 0, 1]))),
            frozenset(chance.sample(SITES, chance.choice([0, 1, 2]))),
            {target: chance.choice(list(AGENCIES)) for target in targets},
        )


def assign(own: House, told: Told) -> None:
    """Let exactly this be assigned."""
    for one in every(own.coordinator, f"{own.url}/assignments"):
        place = f"sections/{one['section']}" if one["section"] else f"sites/{one['site']}"
        assert own.coordinator.delete(f"{own.url}/assignments/{place}", headers=ANY).status_code == 204
    for target, agency in told.assigned.items():
        place = f"sites/{target}" if target in SITES else f"sections/{target}"
        put = own.coordinator.put(f"{own.url}/assignments/{place}", json={"agency": agency}, headers=ANY)
        assert put.status_code == 200, put.text


def contributor(own: House, told: Told) -> TestClient:
    return own.world.person(
        "QZA", Role.CONTRIBUTOR, agency=told.agency, sections=[*told.sections], sites=[*told.sites]
    )  # fmt: skip


def section_of(own: House) -> dict[str, str]:
    questions = own.tool.get("/v1/checklists/unga-73-11").json()["questions"]
    return {question["id"]: question["section"] for question in questions}


@pytest.mark.long
def test_what_a_contributor_sees_is_the_whole_kept_to_their_reach(own: House) -> None:
    sections = section_of(own)
    sizes = set()
    for told in tellings(random.Random(7), 8):  # noqa: S311  # which grants come next is no secret
        assign(own, told)
        limited = contributor(own, told)
        for path in ("questions", "answers", "reviews", "proposals", "comments"):
            whole = every(own.coordinator, f"{own.url}/{path}")
            mine = [
                one for one in whole if told.answer(sections[one["question"]] if one["question"] else "", one["site"])
            ]
            assert every(limited, f"{own.url}/{path}") == mine, (path, told)
            sizes.add((path, min(len(mine), 1), min(len(whole) - len(mine), 1)))
        whole = every(own.coordinator, f"{own.url}/assignments")
        mine = [one for one in whole if (told.section(one["section"]) if one["section"] else told.site(one["site"]))]
        assert every(limited, f"{own.url}/assignments") == mine
        whole = every(own.coordinator, "/v1/states/QZA/sites")
        mine = [one for one in whole if told.site(one["code"])]
        assert every(limited, "/v1/states/QZA/sites") == mine
        one_by_one(own, limited, told, sections)
    for path in ("questions", "answers", "reviews", "proposals", "comments"):
        assert {(path, 1, 1), (path, 0, 1)} <= sizes, path  # something and nothing was reached, and never all


def one_by_one(own: House, limited: TestClient, told: Told, sections: dict[str, str]) -> None:
    """Single answers and sites, read and written."""
    places = [(STATE_QUESTION, None), ("profile.exit_regime", None), *((SITE_QUESTION, site) for site in SITES)]
    rows, expected = [], []
    for question, site in places:
        params = {} if site is None else {"site": site}
        url = f"{own.url}/answers/{question}"
        reached = told.answer(sections[question], site)
        before = own.tool.get(url, params=params)
        seen = limited.get(url, params=params)
        assert seen.status_code == (before.status_code if reached else 404)
        assert limited.get(f"{url}/history", params=params).status_code == (200 if reached else 404)
        value = before.json().get("value", "find")
        put = limited.put(url, params=params, json={"value": value}, headers=ANY)
        assert put.status_code == (200 if reached else 404), put.text
        if not reached:
            assert limited.delete(url, params=params, headers=ANY).status_code == 404
            assert own.tool.get(url, params=params).json().get("version") == before.json().get("version")
        rows.append({"question": question, "site": site, "value": value})
        expected.append("unchanged" if reached else "refused")
    bulk = limited.post(f"{own.url}/answers", json={"rows": rows}).json()["rows"]
    assert [row["outcome"] for row in bulk] == expected
    assert {row["code"] for row in bulk if row["outcome"] == "refused"} <= {"not_found"}
    for site in SITES:
        assert limited.get(f"/v1/states/QZA/sites/{site}").status_code == (200 if told.site(site) else 404)
        on_site = limited.post(f"{own.url}/comments", json={"text": "t", "site": site})
        assert on_site.status_code == (201 if told.site(site) else 404)


def test_out_of_reach_is_as_if_it_did_not_exist(own: House) -> None:
    limited = own.world.person("QZA", Role.CONTRIBUTOR, sites=["A01"])

    def told(question: str, site: str | None) -> list[tuple[int, str]]:
        params = {} if site is None else {"site": site}
        url = f"{own.url}/answers/{question}"
        body = {"value": "yes" if question == STATE_QUESTION else "find"}
        sent = [
            limited.get(url, params=params),
            limited.get(f"{url}/history", params=params),
            limited.put(url, params=params, json=body, headers=ANY),
            limited.delete(url, params=params, headers=ANY),
            limited.post(f"{own.url}/proposals/{question}/confirm", params=params),
            limited.delete(f"{own.url}/proposals/{question}", params=params),
            limited.get(f"{own.url}/questions", params=params),
            limited.post(f"{own.url}/comments", json={"text": "t", "question": question, "site": site}),
            limited.post(f"{own.url}/answers", json={"rows": [{"question": question, "site": site, **body}]}),
        ]
        names = {question: "?", site or "": "@"} if site else {question: "?"}
        texts = []
        for answer in sent:
            text = answer.text.replace(answer.headers["x-request-id"], "")
            for name, stands in names.items():
                text = text.replace(name, stands)
            texts.append((answer.status_code, text))
        return texts[:6] + texts[7:] if site is None else texts

    there, absent = told(SITE_QUESTION, "A04"), told(SITE_QUESTION, "NOSUCH")
    assert there == absent
    assert told(STATE_QUESTION, None) == told("p9.no.such", None)
    assert told(SITE_QUESTION, "A01") != there  # else nothing was asked


def test_figures_of_the_whole_are_for_those_who_see_the_whole(own: House) -> None:
    limited = own.world.person("QZA", Role.CONTRIBUTOR, sections=["p9"])
    seen = own.look(limited)
    assert (seen["progress"], seen["missing"]) == (None, None)
    assert seen["may"] == ["answer.write", "comment.write"]
    assert own.look()["progress"]["answered"] > 0
    own.step("submit", own.coordinator)
    own.step("return", own.approver, reason="Section p2 is thin")
    steps = limited.get(f"{own.url}/signoffs").json()["items"]
    assert [(one["step"], one["reason"]) for one in steps] == [("submitted", None), ("returned", None)]
    for path in ("scores", "coverage", "gaps", "checks", "export.json", "snapshots", "upgrade"):
        assert limited.get(f"{own.url}/{path}").status_code == 403


def test_proposals_are_made_within_reach_on_both_sides(own: House) -> None:
    limited = own.world.person("QZA", Role.CONTRIBUTOR, sites=["A02", "A04"])
    (earlier,) = (one for one in every(own.tool, "/v1/states/QZA/assessments") if one["cycle"] == "2025")
    made = limited.post(f"{own.url}/proposals", json={"from": earlier["id"]}).json()
    assert (made["proposed"], made["counts"]["kept"]) == (2, 2)


def test_another_role_lifts_the_limit_where_it_would_do(own: House) -> None:
    both = own.world.person("QZA", Role.CONTRIBUTOR, Role.AUDITOR, sites=["A01"])
    assert every(both, f"{own.url}/answers") == every(own.tool, f"{own.url}/answers")
    assert own.answer({"value": "no"}, by=both).status_code == 404  # an auditor writes no answers
    assert own.answer({"value": "find"}, SITE_QUESTION, "A01", by=both).status_code == 200


def test_keys_pay_nothing_for_the_limit(own: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> None:
        raise AssertionError("the reach was looked up")

    monkeypatch.setattr(assignments, "assigned", asked)
    for path in ("answers", "questions", "reviews", "proposals", "assignments"):
        assert own.tool.get(f"{own.url}/{path}").status_code == 200
    assert own.answer({"value": "no"}).status_code == 200
    with pytest.raises(AssertionError):
        own.world.person("QZA", Role.CONTRIBUTOR, agency="BG").get(f"{own.url}/answers")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_list_that_lost_its_limit_is_seen(own: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control of the comparison above."""
    monkeypatch.setattr(
        "service.assessments.answers.within", lambda statement, *_: statement.where(bindparam("x", 1) == 1)
    )
    limited = own.world.person("QZA", Role.CONTRIBUTOR, sites=["A01"])
    assert every(limited, f"{own.url}/answers") == every(own.tool, f"{own.url}/answers")


# ── assignments ──────────────────────────────────────────────────────────────────────────────────────────────────────


def due(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def shown(items: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["section"] or one["site"], one["agency"], one["open"], one["overdue"]) for one in items]


def test_assignments_say_what_is_open_and_what_is_late(own: House) -> None:
    put = own.coordinator.put
    url = f"{own.url}/assignments"
    asked = len(every(own.tool, f"{own.url}/questions", site="A06"))
    left = len(every(own.tool, f"{own.url}/questions", site="A05", unanswered="true"))
    created = put(f"{url}/sites/A06", json={"agency": "BG", "due": due(-1)}, headers={"if-none-match": "*"})
    assert (created.status_code, created.headers["etag"]) == (200, '"1"')
    assert put(f"{url}/sites/A05", json={"agency": "CU", "due": due(0)}, headers=ANY).status_code == 200
    assert put(f"{url}/sections/profile", json={"agency": "IM", "due": due(-1)}, headers=ANY).status_code == 200
    (profile,) = (one for one in every(own.tool, url) if one["section"])
    sections = section_of(own)
    progress = own.look()["progress"]["by_section"]["profile"]
    assert profile["open"] == progress[1] - progress[0] > 0
    assert asked > left > 0
    assert shown(every(own.tool, url)) == [
        ("A05", "CU", left, False),
        ("A06", "BG", asked, True),
        ("profile", "IM", profile["open"], True),
    ]
    stale = put(f"{url}/sites/A06", json={"agency": "CU"}, headers={"if-match": '"7"'})
    assert (stale.status_code, stale.json()["current"]) == (412, 1)
    changed = put(f"{url}/sites/A06", json={"agency": "CU"}, headers={"if-match": '"1"'}).json()
    assert (changed["agency"], changed["due"], changed["overdue"], changed["version"]) == ("CU", None, False, 2)
    listed = every(own.tool, f"{own.url}/questions", agency="IM")
    assert {item["question"] for item in listed} == {
        item["question"] for item in every(own.tool, f"{own.url}/questions") if sections[item["question"]] == "profile"
    }
    assert {item["site"] for item in every(own.tool, f"{own.url}/questions", agency="CU")} == {"A03", "A05", "A06"}
    assert own.coordinator.delete(f"{url}/sites/A06", headers={"if-match": '"1"'}).status_code == 412
    assert own.coordinator.delete(f"{url}/sites/A06").status_code == 428
    assert own.coordinator.delete(f"{url}/sites/A06", headers={"if-match": '"2"'}).status_code == 204
    assert own.coordinator.delete(f"{url}/sites/A06", headers=ANY).status_code == 404
    own.step("submit", own.coordinator)
    assert [one["overdue"] for one in every(own.tool, url)] == [False, False]  # nobody can fill it any more


@pytest.mark.parametrize(
    ("place", "agency", "status"),
    [
        ("sections/p9", "BG", 200),
        ("sections/p99", "BG", 404),
        ("sites/A09", "BG", 404),
        ("sites/A01", "NOSUCH", 422),
        ("sections/P9", "BG", 422),
    ],
)
def test_an_assignment_is_of_something_that_is_there(own: House, place: str, agency: str, status: int) -> None:
    url = f"{own.url}/assignments/{place}"
    assert own.coordinator.put(url, json={"agency": agency}, headers=ANY).status_code == status
    assert own.tool.put(url, json={"agency": agency}, headers=ANY).status_code in {403, 422}
