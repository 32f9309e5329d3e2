"""Reviews on both databases: of one version, by a second person, with a verdict on every row."""

from typing import Any

import pytest

from conftest import World, who
from service.access.policy import Role
from sign_off import SITE_QUESTION, STATE_QUESTION, House, house


@pytest.fixture
def own(world: World) -> House:
    return house(world)


def accepted(question: str = STATE_QUESTION, version: int = 1, **more: object) -> dict[str, object]:
    return {"question": question, "version": version, "verdict": "accepted", **more}


def returned(**more: object) -> dict[str, object]:
    return accepted(**more) | {"verdict": "returned"}  # type: ignore[arg-type]  # as accepted takes them


def verdicts(answer: Any) -> list[tuple[str, str | None]]:  # noqa: ANN401  # a response
    assert answer.status_code == 200, answer.text
    return [(row["outcome"], row["code"]) for row in answer.json()["rows"]]


def seen(own: House, **params: str) -> list[tuple[str, str | None, int, str | None]]:
    """What the list of reviews shows."""
    items = own.tool.get(f"{own.url}/reviews", params=params).json()["items"]
    return [(one["question"], one["site"], one["version"], one["verdict"]) for one in items]


def test_a_review_is_of_one_version_and_a_change_takes_it_away(own: House) -> None:
    assert verdicts(own.review(accepted())) == [("created", None)]
    assert verdicts(own.review(accepted())) == [("unchanged", None)]
    assert seen(own, verdict="accepted") == [(STATE_QUESTION, None, 1, "accepted")]
    own.answer({"value": "no"})
    assert seen(own, verdict="accepted") == []
    assert (STATE_QUESTION, None, 2, None) in seen(own, unreviewed="true")
    assert verdicts(own.review(accepted(version=1))) == [("refused", "version_conflict")]
    assert verdicts(own.review(accepted(version=3))) == [("refused", "version_conflict")]
    assert verdicts(own.review(accepted(version=2))) == [("created", None)]


def test_every_row_gets_its_verdict_and_refused_ones_hinder_no_other(own: House) -> None:
    own.answer({"value": "find"}, SITE_QUESTION, "A02")
    own.tool.delete(
        f"{own.url}/answers/{SITE_QUESTION}", params={"site": "A02"}, headers={"if-match": "*"}
    )  # taken back: there is nothing to review
    rows = [
        accepted(SITE_QUESTION, site="A01"),
        accepted("p9.no.such"),
        accepted(SITE_QUESTION),
        accepted(site="A01"),
        accepted(SITE_QUESTION, site="A09"),
        accepted(SITE_QUESTION, site="A02", version=2),
        accepted("p9.check.prompt"),
        returned(),
        accepted(),
    ]
    assert verdicts(own.review(*rows)) == [
        ("created", None),
        ("refused", "not_found"),
        ("refused", "invalid"),
        ("refused", "invalid"),
        ("refused", "not_found"),
        ("refused", "not_found"),
        ("refused", "not_found"),
        ("refused", "invalid"),  # a return without a reason
        ("refused", "invalid"),  # the same answer twice
    ]
    assert seen(own, verdict="accepted") == [(SITE_QUESTION, "A01", 1, "accepted")]


def test_a_return_says_why_and_another_verdict_takes_its_place(own: House) -> None:
    assert verdicts(own.review(returned(reason="Which law?"))) == [("created", None)]
    (item,) = own.tool.get(f"{own.url}/reviews", params={"verdict": "returned"}).json()["items"]
    assert (item["reason"], item["by"], item["kind"]) == ("Which law?", who(own.validator), "value")
    other = own.world.person("QZA", Role.VALIDATOR)
    assert verdicts(own.review(accepted(), by=other)) == [("changed", None)]
    assert seen(own, verdict="returned") == []


def test_nobody_reviews_what_they_answered(own: House) -> None:
    both = own.world.person("QZA", Role.CONTRIBUTOR, Role.VALIDATOR, sections=["p9_site", "profile"], sites=["A01"])
    assert own.answer({"value": "mind"}, SITE_QUESTION, "A01", by=both).status_code == 200
    row = accepted(SITE_QUESTION, version=2, site="A01")
    assert verdicts(own.review(row, accepted(), by=both)) == [("refused", "own_work"), ("created", None)]
    assert verdicts(own.review(row)) == [("created", None)]
    machine = own.world.caller("QZA", by=who(own.validator))
    rows = {"rows": [{"question": SITE_QUESTION, "site": "A01", "value": "none"}]}
    assert machine.post(f"{own.url}/answers", json=rows).json()["changed"] == 1
    row = accepted(SITE_QUESTION, version=3, site="A01")
    assert verdicts(own.review(row)) == [("refused", "own_work")]
    assert verdicts(own.review(row, by=both)) == [("created", None)]


def test_only_validators_review_and_the_list_goes_in_pages(own: House) -> None:
    for other in (own.tool, own.coordinator, own.approver, own.world.person("QZA", Role.CONTRIBUTOR)):
        assert own.review(accepted(), by=other).status_code == 403
    own.answer({"value": "find"}, SITE_QUESTION, "A02")
    found: list[object] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": "1"} | ({"cursor": cursor} if cursor else {})
        page = own.tool.get(f"{own.url}/reviews", params=params).json()
        found += [(one["question"], one["site"]) for one in page["items"]]
        cursor = page["next"]
    assert found == [(STATE_QUESTION, None), (SITE_QUESTION, "A01"), (SITE_QUESTION, "A02")]
    both = own.tool.get(f"{own.url}/reviews", params={"verdict": "accepted", "unreviewed": "true"})
    assert both.status_code == 422


def test_a_thousand_rows_are_one_request_and_one_event(own: House) -> None:
    rows = [accepted("p9.no.such")] * 1001
    assert own.review(*rows).status_code == 422
    assert own.review(*rows[:1000]).json()["refused"] == 1000


# ── comments ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_comments_stay_in_order(own: House) -> None:
    sent: list[dict[str, object]] = [
        {"text": "On the whole"},
        {"text": "On a question", "question": STATE_QUESTION},
        {"text": "On a question asked of sites", "question": SITE_QUESTION},
        {"text": "On a site", "site": "A01"},
        {"text": "On both", "question": SITE_QUESTION, "site": "A01"},
    ]
    for body in sent:
        added = own.validator.post(f"{own.url}/comments", json=body)
        assert added.status_code == 201, added.text
        assert added.json()["by"] == who(own.validator)
    items = own.coordinator.get(f"{own.url}/comments").json()["items"]
    assert [(one["text"], one["question"], one["site"]) for one in items] == [
        (body["text"], body.get("question"), body.get("site")) for body in sent
    ]
    on_site = own.coordinator.get(f"{own.url}/comments", params={"site": "A01"}).json()["items"]
    assert [one["text"] for one in on_site] == ["On a site", "On both"]
    both = own.coordinator.get(f"{own.url}/comments", params={"site": "A01", "question": SITE_QUESTION, "limit": 1})
    assert [one["text"] for one in both.json()["items"]] == ["On both"]
    first = own.coordinator.get(f"{own.url}/comments", params={"limit": 2}).json()
    rest = own.coordinator.get(f"{own.url}/comments", params={"cursor": first["next"]}).json()
    assert [one["text"] for one in first["items"] + rest["items"]] == [body["text"] for body in sent]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": " "}, 422),
        ({"text": "t", "question": "p9.no.such"}, 404),
        ({"text": "t", "question": "p9.no.such", "site": "A01"}, 404),
        ({"text": "t", "question": STATE_QUESTION, "site": "A01"}, 422),
        ({"text": "t", "site": "A09"}, 404),
        ({"text": "t", "question": SITE_QUESTION, "site": "A09"}, 404),
        ({"text": "t"}, 201),
    ],
)
def test_a_comment_is_on_something_that_is_there(own: House, body: dict[str, str], status: int) -> None:
    assert own.coordinator.post(f"{own.url}/comments", json=body).status_code == status


def test_comments_are_for_people(own: House) -> None:
    assert own.tool.get(f"{own.url}/comments").status_code == 403
    assert own.tool.post(f"{own.url}/comments", json={"text": "t"}).status_code == 403
    auditor = own.world.person("QZA", Role.AUDITOR)
    assert auditor.get(f"{own.url}/comments").status_code == 200
    assert auditor.post(f"{own.url}/comments", json={"text": "t"}).status_code == 403
