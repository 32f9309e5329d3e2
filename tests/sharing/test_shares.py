"""Giving an approved self-assessment, reading what was given, and taking it back."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
import rfc8785
from httpx2 import Response
from sqlalchemy import select, update
from starlette.testclient import TestClient

from approvals import Approved, approve, owned_by
from conftest import World
from export_builder import build_export
from service.access.policy import FRESH, Role, Scope
from service.audit import store as log
from service.audit.chain import Event
from service.db.signoff_tables import ReceivedCopy
from stocktake import verify
from stocktake.models.sharing import SharedCopy
from stocktake.models.snapshot import Sealed

BODY = "XSG"
"""A body that is no state: a tenant like any other."""
COPIES = ReceivedCopy.__table__


def in_days(days: float) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Scene:
    """A state with an approved assessment, those who may share it, and a recipient."""

    world: World
    approved: Approved
    approver: TestClient
    recipient: TestClient

    @property
    def shares(self) -> str:
        return f"/v1/assessments/{self.approved.assessment}/shares"

    def body(self, **other: object) -> dict[str, object]:
        return {
            "recipient": BODY, "revision": 1, "edition": "national", "paragraphs": None, "purpose": "information",
            "expires_at": in_days(30), **other,
        }  # fmt: skip

    def offer(self, **other: object) -> Response:
        return self.approver.post(self.shares, json=self.body(**other))

    def give(self, **other: object) -> dict[str, Any]:
        answer = self.offer(**other)
        assert answer.status_code == 201, answer.text
        given: dict[str, Any] = answer.json()
        return given

    def events(self, state: str = "QZA") -> list[Event]:
        with self.world.database.transaction(writes=False, state=state) as connection:
            assert log.verified(connection, state)[1] == []
            return log.listed(connection, state, after=0, most=10_000)


@pytest.fixture
def scene(world: World) -> Scene:
    owner = world.state("QZA", sites=1)
    assessment = world.assessment(owner)
    export = owned_by(build_export(4, questions=2), "QZA", assessment)
    with world.database.transaction(writes=True, state="QZA") as connection:
        approved = approve(connection, export)
    approver, recipient = world.person("QZA", Role.APPROVER), world.person(BODY, Role.RECIPIENT)
    return Scene(world, approved, approver, recipient)


# ── giving and reading ───────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_shared_before_it_is_given(scene: Scene) -> None:
    assert scene.recipient.get("/v1/received").json() == {"items": [], "next": None}
    assert scene.approver.get(scene.shares).json() == {"items": [], "next": None}


def test_the_whole_is_the_sealed_file_byte_for_byte(scene: Scene) -> None:
    given = scene.give()
    answer = scene.recipient.get(f"/v1/received/{given['id']}")
    assert answer.status_code == 200
    sealed = Sealed.model_validate_json(answer.content)
    assert (sealed.state, sealed.digest, sealed.snapshot) == ("QZA", scene.approved.digest, scene.approved.snapshot)
    assert rfc8785.dumps(sealed.model_dump(mode="json")) == answer.content
    assert sha256(answer.content).hexdigest() == given["digest"]
    found = verify(answer.content, expected=scene.approved.digest)
    assert (found.outcome, found.wrong) == ("verified", ())
    assert verify(answer.content[:-9] + b"B" + answer.content[-8:]).outcome != "verified"


def test_a_part_is_the_canonical_copy_that_was_made_at_giving(scene: Scene) -> None:
    given = scene.give(paragraphs=["p9", "p2", "p9"], edition="redacted", purpose="secretary_general_report")
    assert given["paragraphs"] == ["p2", "p9"]
    answer = scene.recipient.get(f"/v1/received/{given['id']}")
    copy = SharedCopy.model_validate_json(answer.content)
    assert (copy.paragraphs, copy.edition, copy.revision) == (["p2", "p9"], "redacted", 1)
    assert copy.snapshot == scene.approved.digest
    assert rfc8785.dumps(copy.model_dump(mode="json")) == answer.content
    assert sha256(answer.content).hexdigest() == given["digest"]


def test_the_recipient_sees_what_was_given_and_nothing_else(scene: Scene) -> None:
    given = scene.give(paragraphs=["p9"])
    (listed,) = scene.recipient.get("/v1/received").json()["items"]
    same = ("id", "revision", "edition", "paragraphs", "purpose", "digest", "expires_at")
    assert {name: listed[name] for name in same} == {name: given[name] for name in same}
    assert (listed["from_state"], listed["cycle"], listed["shared_at"]) == ("QZA", "2026", given["created_at"])
    assert not {"assessment", "created_by", "content"} & listed.keys()
    for path in (scene.shares, f"/v1/assessments/{given['assessment']}", "/v1/states/QZA", "/v1/states/QZA/log"):
        assert scene.recipient.get(path).status_code in {403, 404}
    everything = scene.world.caller(BODY)
    for path in (f"/v1/assessments/{given['assessment']}", "/v1/states/QZA", "/v1/states/QZA/log"):
        assert everything.get(path).status_code == 404
    assert everything.get(f"/v1/received/{given['id']}").status_code == 200


def test_another_recipient_gets_the_same_404_as_for_nothing(scene: Scene) -> None:
    given = scene.give()
    other = scene.world.person("XOT", Role.RECIPIENT)
    assert other.get("/v1/received").json()["items"] == []
    assert told(other, given["id"]) == told(other, str(uuid4()))
    assert told(scene.recipient, given["id"])[0] == 200


def told(caller: TestClient, copy: str) -> tuple[int, str]:
    answer = caller.get(f"/v1/received/{copy}")
    return answer.status_code, answer.text.replace(answer.headers["x-request-id"], "")


def test_a_key_may_read_what_was_given_and_only_with_its_scope(scene: Scene) -> None:
    given = scene.give()
    reader = scene.world.caller(BODY, frozenset({Scope.RECEIVED}))
    assert [one["id"] for one in reader.get("/v1/received").json()["items"]] == [given["id"]]
    assert reader.get(f"/v1/received/{given['id']}").status_code == 200
    other = scene.world.caller(BODY, frozenset(Scope) - {Scope.RECEIVED})
    assert other.get("/v1/received").status_code == 403
    assert other.get(f"/v1/received/{given['id']}").status_code == 403


def test_copies_come_in_pages(scene: Scene) -> None:
    given = [scene.give()["id"] for _ in range(5)]
    for caller, url in ((scene.recipient, "/v1/received"), (scene.approver, scene.shares)):
        found, cursor = [], None
        while True:
            params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = caller.get(url, params=params).json()
            found += [one["id"] for one in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert sorted(found) == sorted(given)
        assert caller.get(url, params={"cursor": "WyJ4Il0"}).status_code == 422


# ── an end to it ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_taken_back_is_as_if_it_had_never_been(scene: Scene) -> None:
    given = scene.give()
    other = scene.give()
    url = f"{scene.shares}/{given['id']}"
    coordinator = scene.world.person("QZA", Role.COORDINATOR)
    assert coordinator.delete(url).status_code == 204
    assert told(scene.recipient, given["id"]) == told(scene.recipient, str(uuid4()))
    assert [one["id"] for one in scene.recipient.get("/v1/received").json()["items"]] == [other["id"]]
    (first, second) = scene.approver.get(scene.shares).json()["items"]
    assert first["revoked_at"] is not None
    assert first["revoked_by"].startswith("person:")
    assert second["revoked_at"] is None
    with scene.world.database.transaction(writes=False, state=BODY) as connection:
        row = connection.execute(select(COPIES).where(COPIES.c.id == UUID(given["id"]))).one()
    assert row.content == ""  # what was taken back is not there any more either


def test_taking_back_twice_is_one_effect(scene: Scene) -> None:
    url = f"{scene.shares}/{scene.give()['id']}"
    before = len(scene.events())
    assert [scene.approver.delete(url).status_code for _ in range(2)] == [204, 204]
    assert [event.action for event in scene.events()[before:]] == ["share.revoke"]
    assert scene.approver.delete(f"{scene.shares}/{uuid4()}").status_code == 404


def test_what_has_expired_is_as_if_it_had_never_been(scene: Scene) -> None:
    given = scene.give()
    past = datetime.now(UTC) - timedelta(seconds=1)
    with scene.world.database.transaction(writes=True, state=BODY) as connection:
        connection.execute(update(COPIES).values(expires_at=past))
    before = len(scene.events())
    assert told(scene.recipient, given["id"]) == told(scene.recipient, str(uuid4()))
    assert scene.recipient.get("/v1/received").json()["items"] == []
    assert len(scene.events()) == before
    with scene.world.database.transaction(writes=True, state=BODY) as connection:
        connection.execute(update(COPIES).values(expires_at=past + timedelta(days=1)))
    assert told(scene.recipient, given["id"])[0] == 200  # else it was something else


def test_a_copy_stays_what_it_was_when_another_revision_is_approved(scene: Scene) -> None:
    given = scene.give(paragraphs=["p9"])
    before = scene.recipient.get(f"/v1/received/{given['id']}").content
    with scene.world.database.transaction(writes=True, state="QZA") as connection:
        export = scene.approved.snapshot.export.model_copy(update={"answers": []})
        approve(connection, export, revision=2, replaces=scene.approved.digest)
    assert scene.recipient.get(f"/v1/received/{given['id']}").content == before
    newer = scene.give(paragraphs=["p9"], revision=2)
    assert SharedCopy.model_validate_json(scene.recipient.get(f"/v1/received/{newer['id']}").content).answers == []


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_giving_reading_and_taking_back_stand_in_the_log_of_the_state_that_gives(scene: Scene) -> None:
    given = scene.give()
    assert scene.recipient.get(f"/v1/received/{given['id']}").status_code == 200
    key = scene.world.caller(BODY, frozenset({Scope.RECEIVED}))
    assert key.get(f"/v1/received/{given['id']}").status_code == 200
    assert scene.approver.delete(f"{scene.shares}/{given['id']}").status_code == 204
    share = f"{scene.shares}/{given['id']}"
    events = scene.events()[-4:]
    assert [(event.action, event.subject) for event in events] == [
        ("share.give", share),
        ("received.read", f"/v1/received/{given['id']}"),
        ("received.read", f"/v1/received/{given['id']}"),
        ("share.revoke", share),
    ]
    assert events[0].actor == given["created_by"]
    assert re.fullmatch(r"XSG/person:[a-z0-9]{10}", events[1].actor)
    assert re.fullmatch(r"XSG/key:[a-z0-9]{10}", events[2].actor)
    assert scene.events(BODY) == []  # theirs says nothing of it


def test_the_state_finds_the_reads_of_one_share_in_its_log(scene: Scene) -> None:
    given, other = scene.give(), scene.give()
    for one in (given, other, given):
        scene.recipient.get(f"/v1/received/{one['id']}")
    auditor = scene.world.person("QZA", Role.AUDITOR)
    page = auditor.get("/v1/states/QZA/log", params={"subject": f"/v1/received/{given['id']}"}).json()
    assert [event["action"] for event in page["items"]] == ["received.read"] * 2


# ── who may, and what is refused ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("other", "at"),
    [
        ({"recipient": "QZA"}, "/recipient"),
        ({"recipient": "xsg"}, "/recipient"),
        ({"recipient": "XSG\n"}, "/recipient"),
        ({"expires_at": in_days(-1)}, "/expires_at"),
        ({"expires_at": in_days(800)}, "/expires_at"),
        ({"expires_at": 1_900_000_000}, "/expires_at"),
        ({"expires_at": "2027-02-30T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2027-02-03T00:00:00"}, "/expires_at"),
        ({"paragraphs": []}, "/paragraphs"),
        ({"paragraphs": ["p9", "p99"]}, "/paragraphs/1"),
        ({"purpose": "secretary_general_report"}, "/paragraphs"),
        ({"purpose": "gossip"}, "/purpose"),
        ({"edition": "brief"}, "/edition"),
        ({"revision": 0}, "/revision"),
        ({"more": 1}, "/more"),
    ],
)
def test_a_share_that_cannot_be_given(scene: Scene, other: dict[str, object], at: str) -> None:
    before = len(scene.events())
    answer = scene.offer(**other)
    assert answer.status_code == 422, answer.text
    assert [error["at"] for error in answer.json()["errors"]] == [at]
    assert len(scene.events()) == before
    assert scene.approver.get(scene.shares).json()["items"] == []


def test_sharing_the_whole_has_to_be_said(scene: Scene) -> None:
    body = scene.body()
    del body["paragraphs"]
    answer = scene.approver.post(scene.shares, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "/paragraphs")


def test_only_what_was_approved_can_be_given(scene: Scene) -> None:
    assert scene.offer(revision=2).status_code == 404
    draft = scene.world.assessment(scene.world.caller("QZA"), cycle="2027")
    assert scene.approver.post(f"/v1/assessments/{draft}/shares", json=scene.body()).status_code == 404


def test_another_states_assessment_is_as_if_it_did_not_exist(scene: Scene) -> None:
    given = scene.give()
    stranger = scene.world.person("QZB", Role.APPROVER)
    for method, path, body in (
        ("POST", scene.shares, scene.body()),
        ("GET", scene.shares, None),
        ("DELETE", f"{scene.shares}/{given['id']}", None),
    ):
        nowhere = path.replace(str(scene.approved.assessment), str(uuid4()))
        theirs, none = (stranger.request(method, where, json=body) for where in (path, nowhere))
        texts = [one.text.replace(one.headers["x-request-id"], "") for one in (theirs, none)]
        assert (theirs.status_code, texts[0]) == (404, texts[1])
    assert told(scene.recipient, given["id"])[0] == 200


def test_only_an_approver_who_has_just_signed_in_gives(scene: Scene) -> None:
    for role in set(Role) - {Role.APPROVER}:
        assert scene.world.person("QZA", role).post(scene.shares, json=scene.body()).status_code == 403
    assert scene.world.caller("QZA").post(scene.shares, json=scene.body()).status_code == 403
    stale = scene.world.person("QZA", Role.APPROVER, signed_in=datetime.now(UTC) - FRESH - timedelta(minutes=1))
    answer = stale.post(scene.shares, json=scene.body())
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_again")
    assert stale.delete(f"{scene.shares}/{scene.give()['id']}").status_code == 204  # taking back never waits


def test_one_key_gives_once(scene: Scene) -> None:
    body, headers = scene.body(), {"idempotency-key": "k1"}
    before = len(scene.events())
    first, again = (scene.approver.post(scene.shares, json=body, headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert len(scene.approver.get(scene.shares).json()["items"]) == 1
    assert [event.action for event in scene.events()[before:]] == ["share.give"]
