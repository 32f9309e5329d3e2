"""From filling to approval and back, on both databases: who may take which step, and what stands in its way."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest
import rfc8785

from conftest import World, who
from service.access.policy import Role, Scope
from service.audit.chain import faults
from service.audit.store import listed
from service.signoff import sealing
from sign_off import NOT_APPLICABLE, SITE_QUESTION, STATE_QUESTION, House, house
from stocktake import verify_files
from stocktake.models.snapshot import Sealed


@pytest.fixture
def own(world: World) -> House:
    return house(world)


def told(house: House, name: str, by: str = "coordinator", **body: str) -> tuple[int, str]:
    """The status and the code that a step is answered with."""
    answer = house.step(name, getattr(house, by), **body)
    return answer.status_code, answer.json().get("code", "")


def test_an_assessment_goes_from_filling_to_approval(own: House) -> None:
    seen = own.look(own.coordinator)
    assert (seen["status"], seen["revision"]) == ("draft", 1)
    assert "assessment.submit" in seen["may"]
    assert seen["missing"]["unreviewed"] == 2
    submitted = own.step("submit", own.coordinator, version=f'"{seen["version"]}"')
    assert submitted.status_code == 200, submitted.text
    assert submitted.headers["etag"] == f'"{seen["version"] + 1}"'
    assert submitted.json()["status"] == "submitted"
    assert own.look(own.approver)["may"] == ["comment.write", "assessment.return", "assessment.approve"]
    approved = own.step("approve", own.approver)
    assert approved.status_code == 200, approved.text
    assert (approved.json()["status"], approved.json()["version"]) == ("approved", seen["version"] + 2)
    steps = own.tool.get(f"{own.url}/signoffs").json()["items"]
    assert [(one["number"], one["revision"], one["step"], one["role"], one["person"]) for one in steps] == [
        (1, 1, "submitted", "coordinator", who(own.coordinator)),
        (2, 1, "approved", "approver", who(own.approver)),
    ]


def test_a_step_names_the_version_that_was_seen(own: House) -> None:
    missing = own.coordinator.post(f"{own.url}/submit")
    assert (missing.status_code, missing.json()["code"]) == (428, "version_missing")
    seen = own.look()["version"]
    own.answer({"value": "no"})
    stale = own.step("submit", own.coordinator, version=f'"{seen}"')
    assert (stale.status_code, stale.json()["yours"], stale.json()["current"]) == (412, seen, seen + 1)
    assert own.look()["status"] == "draft"


def test_every_step_has_its_place(own: House) -> None:
    wrong = (409, "wrong_status")
    assert told(own, "approve", "approver") == wrong
    assert told(own, "return", "approver", reason="No") == wrong
    assert told(own, "reopen", "approver", reason="No") == wrong
    assert told(own, "submit") == (200, "")
    assert told(own, "submit") == wrong
    assert told(own, "reopen", "approver", reason="No") == wrong
    assert told(own, "approve", "approver") == (200, "")
    assert told(own, "approve", "approver") == wrong
    assert told(own, "submit") == wrong
    assert told(own, "return", "approver", reason="No") == wrong


def test_a_return_and_a_reopening_need_a_reason(own: House) -> None:
    own.step("submit", own.coordinator)
    for body in ({}, {"reason": ""}, {"reason": " \n"}):
        assert told(own, "return", "approver", **body)[0] in {415, 422}
    assert told(own, "return", "approver", reason="The legal basis is out of date") == (200, "")
    seen = own.look()
    assert (seen["status"], seen["revision"]) == ("draft", 1)
    last = own.tool.get(f"{own.url}/signoffs").json()["items"][-1]
    assert (last["step"], last["reason"]) == ("returned", "The legal basis is out of date")


def test_nothing_changes_while_an_assessment_is_submitted_or_approved(own: House) -> None:
    site = {"site": "A01"}
    rows = {"rows": [{"question": SITE_QUESTION, "site": "A02", "value": "find"}]}
    before = own.tool.post("/v1/states/QZA/assessments", json={"checklist": "unga-73-11", "cycle": "2025"}).json()["id"]
    own.tool.put(
        f"/v1/assessments/{before}/answers/{SITE_QUESTION}",
        params={"site": "A02"},
        json={"value": "find"},
        headers={"if-match": "*"},
    )
    assert own.tool.post(f"{own.url}/proposals", json={"from": before}).json()["proposed"] == 1
    own.world.agency("QZA", "BG")
    proposed = f"{own.url}/proposals/{SITE_QUESTION}"
    any_version = {"if-match": "*"}
    own.step("submit", own.coordinator)
    for _ in ("submitted", "approved"):
        sent = [
            own.answer({"value": "no"}),
            own.tool.delete(f"{own.url}/answers/{SITE_QUESTION}", params=site, headers=any_version),
            own.tool.post(f"{own.url}/answers", json=rows),
            own.tool.post(f"{own.url}/answers", json=rows, params={"dry_run": "true"}),
            own.tool.post(f"{own.url}/upgrade", json={}, headers=any_version),
            own.tool.post(f"{own.url}/proposals", json={"from": before}),
            own.tool.post(f"{proposed}/confirm", params={"site": "A02"}),
            own.tool.delete(proposed, params={"site": "A02"}),
            own.review({"question": STATE_QUESTION, "version": 1, "verdict": "accepted"}),
            own.coordinator.put(f"{own.url}/assignments/sites/A01", json={"agency": "BG"}, headers=any_version),
            own.coordinator.delete(f"{own.url}/assignments/sites/A01", headers=any_version),
        ]
        assert [(one.status_code, one.json()["code"]) for one in sent] == [(409, "wrong_status")] * len(sent)
        assert own.coordinator.post(f"{own.url}/comments", json={"text": "Noted"}).status_code == 201
        own.step("approve", own.approver)
    assert own.look()["status"] == "approved"
    assert own.step("reopen", own.approver, reason="A figure was wrong").status_code == 200
    assert own.answer({"value": "no"}).status_code == 200  # the control: as a draft it can be changed


def test_who_answered_or_submitted_does_not_approve(own: House) -> None:
    both = own.world.person("QZA", Role.COORDINATOR, Role.APPROVER)
    own.step("submit", both)
    refused = own.step("approve", both)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_work")
    assert "assessment.approve" not in own.look(both)["may"]
    own.step("return", own.approver, reason="Once more")
    own.answer({"value": "no"}, by=both)
    own.step("submit", own.coordinator)
    assert own.step("approve", both).json()["code"] == "own_work"
    own.step("return", own.approver, reason="Once more")
    own.answer({"value": "yes"})  # their answer stands no longer, but they submitted this revision once
    own.step("submit", own.coordinator)
    assert own.step("approve", both).json()["code"] == "own_work"
    assert own.step("approve", own.approver).status_code == 200
    own.step("reopen", own.approver, reason="A correction")
    own.step("submit", own.coordinator)
    assert "assessment.approve" in own.look(both)["may"]
    assert own.step("approve", both).status_code == 200


def test_who_made_the_key_answered_with_it(own: House) -> None:
    machine = own.world.caller("QZA", by=who(own.approver))
    assert own.answer({"value": "no"}, by=machine).json()["updated_by"].startswith("key:")
    own.step("submit", own.coordinator)
    assert own.step("approve", own.approver).json()["code"] == "own_work"
    assert own.step("approve", own.world.person("QZA", Role.APPROVER)).status_code == 200


def test_an_approval_needs_a_fresh_sign_in(own: House) -> None:
    own.step("submit", own.coordinator)
    stale = own.world.person("QZA", Role.APPROVER, signed_in=datetime.now(UTC) - timedelta(minutes=16))
    refused = own.step("approve", stale)
    assert (refused.status_code, refused.json()["code"]) == (403, "sign_in_again")


def test_keys_and_other_roles_take_no_step(own: House) -> None:
    for name in ("submit", "approve", "return", "reopen"):
        body = {"reason": "r"} if name in {"return", "reopen"} else {}
        others = [own.tool, own.validator, own.world.person("QZA", Role.CONTRIBUTOR, Role.AUDITOR)]
        others += [own.approver] if name == "submit" else [own.coordinator]
        for other in others:
            assert own.step(name, other, **body).status_code == 403


def test_what_waits_for_a_second_person_is_not_submitted(own: House) -> None:
    own.answer(NOT_APPLICABLE)
    assert own.look()["missing"]["second_person"] == 1
    refused = own.step("submit", own.coordinator)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    assert "second person: 1" in refused.json()["detail"]
    own.review({"question": STATE_QUESTION, "version": 2, "verdict": "accepted"})
    assert own.look()["missing"]["second_person"] == 0
    own.answer(NOT_APPLICABLE | {"value": 3})  # changed: the acceptance was of the version before
    assert own.step("submit", own.coordinator).json()["code"] == "not_ready"
    own.review({"question": STATE_QUESTION, "version": 3, "verdict": "accepted"})
    assert own.step("submit", own.coordinator).status_code == 200


def test_a_returned_answer_has_to_change(own: House) -> None:
    own.review({"question": STATE_QUESTION, "version": 1, "verdict": "returned", "reason": "Which law?"})
    assert own.look()["missing"] | {"unanswered": 0} == {
        "unanswered": 0, "to_confirm": 0, "second_person": 0, "returned": 1, "unreviewed": 1, "contradictions": 0,
    }  # fmt: skip
    refused = own.step("submit", own.coordinator)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_ready")
    own.answer({"value": "no"})
    assert own.step("submit", own.coordinator).status_code == 200


def test_what_is_at_a_closed_site_does_not_hold_up_the_rest(own: House) -> None:
    own.answer({"kind": "other_means", "value": 2, "reason": "By hand"}, SITE_QUESTION, "A01")
    assert own.look()["missing"]["second_person"] == 1
    closed = {"name": "Airport 1", "type": "airport", "closed": "2026-03-01"}
    assert own.tool.put("/v1/states/QZA/sites/A01", json=closed, headers={"if-match": "*"}).status_code == 200
    assert own.look()["missing"]["second_person"] == 0
    own.approved()


def test_a_step_repeated_under_its_key_is_taken_once(own: House) -> None:
    headers = {"if-match": "*", "idempotency-key": "one"}
    first, again = (own.coordinator.post(f"{own.url}/submit", headers=headers) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert again.headers["idempotent-replayed"] == "true"
    approvals = [own.approver.post(f"{own.url}/approve", headers=headers) for _ in range(2)]
    assert approvals[0].json() == approvals[1].json()
    assert [one["step"] for one in own.tool.get(f"{own.url}/signoffs").json()["items"]] == ["submitted", "approved"]


# ── snapshots ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_approval_is_a_snapshot_of_exactly_this(own: House) -> None:
    own.answer(NOT_APPLICABLE)
    own.review(
        {"question": STATE_QUESTION, "version": 2, "verdict": "accepted"},
        {"question": SITE_QUESTION, "site": "A01", "version": 1, "verdict": "accepted"},
    )
    own.approved()
    (listed_one,) = own.tool.get(f"{own.url}/snapshots").json()["items"]
    answer = own.tool.get(f"{own.url}/snapshots/1")
    assert answer.content == rfc8785.dumps(orjson.loads(answer.content))
    sealed = Sealed.model_validate_json(answer.content)
    snapshot = sealed.snapshot
    assert (listed_one["digest"], listed_one["revision"]) == (sealed.digest, snapshot.revision)
    assert (sealed.state, sealed.event.action, sealed.event.digest) == ("QZA", "assessment.approve", sealed.digest)
    assert sealed.event.actor == who(own.approver)
    assert [(one.step, one.person) for one in snapshot.signoffs] == [
        ("submitted", who(own.coordinator)),
        ("approved", who(own.approver)),
    ]
    assert snapshot.approved_at == snapshot.signoffs[-1].at
    assert [(one.question, one.site, one.version, one.by) for one in snapshot.accepted] == [
        (STATE_QUESTION, None, 2, who(own.validator)),
        (SITE_QUESTION, "A01", 1, who(own.validator)),
    ]
    assert snapshot.export.assessment.status == "approved"
    with own.world.database.transaction(writes=False, state="QZA") as connection:
        file = sealing.sealed(connection, "QZA", UUID(own.assessment), 1)
    assert (file.sealed, file.canonical) == (sealed, answer.content)
    live = own.tool.get(f"{own.url}/export.json").content
    assert live == rfc8785.dumps(orjson.loads(answer.content)["snapshot"]["export"])


def test_a_correction_is_another_revision_that_names_the_one_before(own: House) -> None:
    own.approved()
    first = own.tool.get(f"{own.url}/snapshots/1").content
    reopened = own.step("reopen", own.approver, reason="A figure was wrong")
    assert (reopened.json()["status"], reopened.json()["revision"]) == ("draft", 2)
    own.answer({"value": "no"})
    own.approved()
    assert own.tool.get(f"{own.url}/snapshots/1").content == first
    second = Sealed.model_validate_json(own.tool.get(f"{own.url}/snapshots/2").content)
    assert (second.snapshot.revision, second.snapshot.replaces) == (2, Sealed.model_validate_json(first).digest)
    assert second.snapshot.salt != Sealed.model_validate_json(first).snapshot.salt
    assert [one["revision"] for one in own.tool.get(f"{own.url}/snapshots").json()["items"]] == [1, 2]
    proved = verify_files({"first": first, "second": own.tool.get(f"{own.url}/snapshots/2").content})
    assert proved.outcome == "verified", proved
    missing = own.tool.get(f"{own.url}/snapshots/3")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_every_step_is_one_event_and_the_log_holds_the_digest(own: House) -> None:
    own.approved()
    own.step("reopen", own.approver, reason="r")
    refused = own.step("reopen", own.approver, reason="r")
    assert refused.status_code == 409
    with own.world.database.transaction(writes=False, state="QZA") as connection:
        events = listed(connection, "QZA", after=0, most=1000)
    assert faults("QZA", events) == []
    steps = [event for event in events if event.action.startswith("assessment.")]
    assert [event.action.partition(".")[2] for event in steps] == ["open", "submit", "approve", "reopen"]
    (kept,) = own.tool.get(f"{own.url}/snapshots").json()["items"]
    assert steps[2].digest == kept["digest"]
    assert steps[2].subject.startswith(own.url)


def test_sealed_files_are_for_those_who_may_read_them(own: House) -> None:
    own.approved()
    other = house(own.world, "QZB")
    for path in ("/snapshots", "/snapshots/1"):
        assert own.world.caller("QZA", frozenset({Scope.EXPORT})).get(own.url + path).status_code == 200
        assert own.world.person("QZA", Role.AUDITOR).get(own.url + path).status_code == 200
        assert own.world.person("QZA", Role.CONTRIBUTOR).get(own.url + path).status_code == 403
        assert own.world.caller("QZA", frozenset({Scope.READ})).get(own.url + path).status_code == 403
        assert other.tool.get(own.url + path).status_code == 404
