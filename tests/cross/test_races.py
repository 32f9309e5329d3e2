"""Fifteen races for the same thing: no update lost, no effect twice, as many effects as events, a log that holds.

Five rounds of each in the everyday suite; ``make races`` runs a hundred on each database.
"""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from conftest import LOCK, UNHURRIED, World, served_by
from cross_serving import served
from racing import Call, Course, Racer, Reply
from service.access.api import Work
from service.access.policy import Role
from service.app import create_app
from service.assessments import answers
from service.catalogue.lock import load_lock, lock_bytes
from service.catalogue.migration import Migration
from service.catalogue.store import publish
from service.http import idempotency
from service.settings import Settings

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("ROUNDS", "5"))
QUESTION, SITE, STATE, READER = "p9.site.mode", "A01", "QZA", "XSG"
ANY = "*"
NEWER = "99.0.0"


class Scene:
    """A state in which somebody of every kind works, and assessments to race for."""

    def __init__(self, course: Course) -> None:
        world = course.world
        self.course = course
        self.tool, self.other_tool = course.racer(world.state(STATE)), course.racer(world.caller(STATE))
        self.coordinator = course.racer(world.person(STATE, Role.COORDINATOR))
        self.approver, self.other_approver = (course.racer(world.person(STATE, Role.APPROVER)) for _ in "ab")
        self.validator = course.racer(world.person(STATE, Role.VALIDATOR))
        course.effects = len(course.events())
        self.older = ""
        """The version that assessments are moved from, once there is a newer one."""

    def publish_newer(self) -> str:
        """Publish a version after the one there is; which that was."""
        older, _ = load_lock(LOCK.read_bytes())
        same = Migration.model_validate({"format": "migration/1", "from": older.head.version})
        head = older.head.model_copy(update={"version": NEWER})
        newer = older.model_copy(update={"head": head, "migrations": (*(older.migrations or ()), same)})
        with self.course.world.publishing() as connection:
            publish(connection, lock_bytes(newer), datetime.now(UTC))
        self.older = older.head.version
        return self.older

    def opened(self, version: str | None = None) -> str:
        """The address of a new assessment with one answer."""
        body = {"checklist": "unga-73-11", "cycle": f"2026-{self.course.number()}", "version": version}
        entry = self.tool.do("POST", f"/v1/states/{STATE}/assessments", body)
        address = f"/v1/assessments/{entry.json['id']}"
        self.tool.do("PUT", answer(address), {"value": "find", "remark": "before"}, if_none_match=ANY)
        return address

    def submitted(self) -> str:
        address = self.opened()
        self.coordinator.do("POST", f"{address}/submit", if_match=ANY)
        return address

    def approved(self) -> str:
        address = self.submitted()
        self.approver.do("POST", f"{address}/approve", if_match=ANY)
        return address

    def stands(self, address: str) -> tuple[str, int]:
        """The remark and the version of the answer that stands."""
        found = self.tool.do("GET", answer(address)).json
        return found["remark"], found["version"]

    def steps(self, address: str) -> list[str]:
        """The steps the assessment took."""
        return [step["step"] for step in self.coordinator.do("GET", f"{address}/signoffs").json["items"]]

    def remarks(self, address: str) -> list[str]:
        """Every remark there ever was, in the order of versions, which have no gap."""
        path = answer(address).replace("?", "/history?")
        items = self.tool.do("GET", path).json["items"]
        assert [item["version"] for item in items] == list(range(1, len(items) + 1))
        return [item["answer"]["remark"] for item in items]


def answer(address: str) -> str:
    return f"{address}/answers/{QUESTION}?site={SITE}"


def edit(racer: Racer, address: str, remark: str, match: str = ANY) -> Call:
    return racer.call("PUT", answer(address), {"value": "mind", "remark": remark}, if_match=match)


def step(racer: Racer, address: str, name: str, match: str = ANY) -> Call:
    reason = {"reason": "r"} if name in ("return", "reopen") else None
    return racer.call("POST", f"{address}/{name}", reason, if_match=match)


def statuses(*replies: Reply) -> list[int]:
    return sorted(reply.status for reply in replies)


def one_of(first: Reply, second: Reply) -> bool:
    """Whether the first came through; exactly one of the two did, and the other was told that it came too late."""
    assert statuses(first, second) in ([200, 409], [200, 412])
    return first.status == 200


def refused(reply: Reply, status: int, code: str) -> None:
    assert (reply.status, reply.json["code"]) == (status, code)


# ── the races ────────────────────────────────────────────────────────────────────────────────────────────────────────


def edit_edit(scene: Scene) -> None:
    """Both read the same version: one writes, the other is told. Without a precondition both write, in turn."""
    address = scene.opened()
    first, second = scene.course.race(
        edit(scene.tool, address, "first", '"1"'), edit(scene.other_tool, address, "second", '"1"')
    )
    assert scene.stands(address) == ("first" if one_of(first, second) else "second", 2)
    scene.course.race(edit(scene.tool, address, "third"), edit(scene.other_tool, address, "fourth"))
    assert sorted(scene.remarks(address)[2:]) == ["fourth", "third"]


def edit_submit(scene: Scene) -> None:
    """An edit stands before the submission or is refused."""
    address = scene.opened()
    edited, submitted = scene.course.race(edit(scene.tool, address, "late"), step(scene.coordinator, address, "submit"))
    assert submitted.status == 200
    if edited.status != 200:
        refused(edited, 409, "wrong_status")
    assert scene.stands(address) == (("late", 2) if edited.status == 200 else ("before", 1))


def edit_approve(scene: Scene) -> None:
    """An approval, a return and an edit: what was approved is what stands, and an edit is in it or refused."""
    address = scene.submitted()
    edited, approved, returned = scene.course.race(
        edit(scene.tool, address, "late"),
        step(scene.approver, address, "approve"),
        step(scene.other_approver, address, "return"),
    )
    if one_of(approved, returned):
        refused(edited, 409, "wrong_status")
        sealed = scene.approver.do("GET", f"{address}/snapshots/1").json
        (kept,) = sealed["snapshot"]["export"]["answers"]
        assert (kept["remark"], kept["version"]) == scene.stands(address) == ("before", 1)
    else:
        assert scene.stands(address) == (("late", 2) if edited.status == 200 else ("before", 1))


def approve_approve(scene: Scene) -> None:
    """One approval, one snapshot."""
    address = scene.submitted()
    one_of(*scene.course.race(*(step(who, address, "approve") for who in (scene.approver, scene.other_approver))))
    assert scene.steps(address) == ["submitted", "approved"]
    assert len(scene.approver.do("GET", f"{address}/snapshots").json["items"]) == 1


def submit_bulk(scene: Scene) -> None:
    """Many answers at once stand before the submission, or none of them does."""
    address = scene.opened()
    rows = [{"question": QUESTION, "site": site, "value": "mind", "remark": "late"} for site in ("A01", "A02")]
    written, submitted = scene.course.race(
        scene.tool.call("POST", f"{address}/answers", {"rows": rows}), step(scene.coordinator, address, "submit")
    )
    assert submitted.status == 200
    found = scene.tool.do("GET", f"{address}/answers").json["items"]
    if written.status == 200:
        assert [item["remark"] for item in found] == ["late", "late"]
    else:
        refused(written, 409, "wrong_status")
        assert [item["remark"] for item in found] == ["before"]


def return_approve(scene: Scene) -> None:
    address = scene.submitted()
    approved, returned = scene.course.race(
        step(scene.approver, address, "approve"), step(scene.other_approver, address, "return")
    )
    assert scene.steps(address)[1:] == ["approved" if one_of(approved, returned) else "returned"]


def reopen_reopen(scene: Scene) -> None:
    """One correction begins, not two."""
    address = scene.approved()
    one_of(*scene.course.race(*(step(who, address, "reopen") for who in (scene.approver, scene.other_approver))))
    assert scene.tool.do("GET", address).json["revision"] == 2


def revoke_write(scene: Scene) -> None:
    """A key that was revoked has no effect any more, from the answer to the revocation on."""
    address = scene.opened()
    tool = scene.course.racer(scene.course.world.caller(STATE))
    written, revoked = scene.course.race(
        edit(tool, address, "late"), scene.coordinator.call("DELETE", f"/v1/states/{STATE}/keys/{tool.id}")
    )
    ended_while_writing(scene, address, (written, revoked), tool, 401)


def disable_write(scene: Scene) -> None:
    """Somebody who was disabled has no effect any more."""
    address = scene.opened()
    writer = scene.course.racer(scene.course.world.person(STATE, Role.COORDINATOR))
    written, disabled = scene.course.race(
        edit(writer, address, "late"),
        scene.coordinator.call(
            "PUT", f"/v1/states/{STATE}/people/{writer.id}", {"name": "n", "disabled": True}, if_match=ANY
        ),
    )
    ended_while_writing(scene, address, (written, disabled), writer, 401)


def role_write(scene: Scene) -> None:
    """Somebody whose role was taken away does nothing more in it."""
    address = scene.opened()
    writer = scene.course.racer(scene.course.world.person(STATE, Role.COORDINATOR, Role.AUDITOR))
    written, taken = scene.course.race(
        edit(writer, address, "late"),
        scene.coordinator.call("DELETE", f"/v1/states/{STATE}/people/{writer.id}/roles/coordinator", if_match=ANY),
    )
    ended_while_writing(scene, address, (written, taken), writer, 403)


def ended_while_writing(scene: Scene, address: str, replies: tuple[Reply, Reply], writer: Racer, status: int) -> None:
    written, ended = replies
    assert ended.acted
    assert written.status in (200, status)
    assert scene.stands(address) == (("late", 2) if written.status == 200 else ("before", 1))
    assert edit(writer, address, "too late").send().status == status


def same_key(scene: Scene) -> None:
    """Eight times the same request: one effect, one answer."""
    body = {"checklist": "unga-73-11", "cycle": f"2026-{scene.course.number()}"}
    path, key = f"/v1/states/{STATE}/assessments", f"k{scene.course.number()}"
    racers = [scene.course.racer(scene.tool) for _ in range(8)]
    replies = scene.course.race(*(racer.call("POST", path, body, idempotency_key=key) for racer in racers))
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    assert sum(reply.acted for reply in replies) == 1
    for racer in racers:
        racer.close()


def review_edit(scene: Scene) -> None:
    """What was accepted is the version that was looked at; a later one has no acceptance."""
    address = scene.opened()
    row = {"question": QUESTION, "site": SITE, "version": 1, "verdict": "accepted"}
    edited, reviewed = scene.course.race(
        edit(scene.tool, address, "late"), scene.validator.call("POST", f"{address}/reviews", {"rows": [row]})
    )
    assert statuses(edited, reviewed) == [200, 200]
    (found,) = scene.validator.do("GET", f"{address}/reviews").json["items"]
    assert (found["version"], found["verdict"]) == (2, None)


def share_read(scene: Scene) -> None:
    """What was taken back is not read any more; a reading that came through stands in the log before."""
    reader = scene.course.racer(scene.course.world.person(READER, Role.RECIPIENT))
    share = {"recipient": READER, "revision": 1, "edition": "national", "paragraphs": None}
    share |= {"purpose": "information", "expires_at": f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT%H:%M:%SZ}"}
    address = scene.approved()
    given = scene.approver.do("POST", f"{address}/shares", share).json["id"]
    copy = f"/v1/received/{given}"
    read, revoked = scene.course.race(
        reader.call("GET", copy), scene.coordinator.call("DELETE", f"{address}/shares/{given}")
    )
    assert revoked.status == 204
    assert read.status in (200, 404)
    assert reader.call("GET", copy).send().status == 404
    last = [event.action for event in scene.course.events()[-2:]]
    assert last == (["received.read", "share.revoke"] if read.status == 200 else ["share.give", "share.revoke"])


def upgrade_write(scene: Scene) -> None:
    """An answer is written before the move, and moved with the others, or after it, in the new version."""
    address = scene.opened(scene.older or scene.publish_newer())
    moved, written = scene.course.race(
        scene.coordinator.call("POST", f"{address}/upgrade", {}, if_match=ANY), edit(scene.tool, address, "late")
    )
    assert statuses(moved, written) == [200, 200]
    assert moved.json["applied"]
    assert scene.tool.do("GET", address).json["checklist_version"] == NEWER
    assert scene.stands(address)[0] == "late"
    assert {"before", "late"} <= set(scene.remarks(address))


def import_edit(scene: Scene) -> None:
    """An import, and an edit that names the version it saw and is told when the import was faster."""
    site = f"/v1/states/{STATE}/sites/R{scene.course.number()}"
    code = site.rpartition("/")[2]
    scene.tool.do("PUT", site, {"name": "before", "type": "rail"}, if_none_match=ANY)
    imported, edited = scene.course.race(
        scene.tool.call(
            "POST",
            f"/v1/states/{STATE}/sites/import",
            f"code,name,type\n{code},imported,rail\n",
            content_type="text/csv",
        ),
        scene.other_tool.call("PUT", site, {"name": "edited", "type": "rail"}, if_match='"1"'),
    )
    assert imported.json["changed"] == 1
    found = scene.tool.do("GET", site).json
    assert edited.status in (200, 412)
    assert (found["name"], found["version"]) == ("imported", 3 if edited.status == 200 else 2)


RACES: tuple[Callable[[Scene], None], ...] = (
    edit_edit, edit_submit, edit_approve, approve_approve, submit_bulk, return_approve, reopen_reopen, revoke_write,
    disable_write, same_key, role_write, review_edit, share_read, upgrade_write, import_edit,
)  # fmt: skip


@pytest.fixture
def scene(database_url: str) -> Iterator[Scene]:
    """A served application, and somebody of every kind."""
    app = create_app(Settings(database_url=served_by(database_url), pool=8, rate=UNHURRIED))
    world = World(app, app.state.settings, database_url)
    with served(app) as address:
        course = Course(world, address)
        yield Scene(course)
        course.close()
    app.state.database.close()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.__name__)
def test_a_race_loses_nothing_and_does_nothing_twice(scene: Scene, race: Callable[[Scene], None]) -> None:
    run(scene, race, ROUNDS)


def run(scene: Scene, race: Callable[[Scene], None], rounds: int) -> None:
    for _ in range(rounds):
        race(scene)
    scene.course.compare()


# ── and what they look for, broken ───────────────────────────────────────────────────────────────────────────────────


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Writes over whatever stands, whichever version was named."""
    put = answers.ANSWERS.put
    monkeypatch.setattr(answers.ANSWERS, "put", lambda connection, row, _: put(connection, row, None))


def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is a new one."""
    monkeypatch.setattr(idempotency, "once", lambda _connection, _keyed, act: act())


def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done leaves no event."""
    monkeypatch.setattr(Work, "settle", lambda _: None)


@pytest.mark.parametrize(
    ("breaking", "race"), [(careless, edit_edit), (forgetful, same_key), (silent, import_edit)],
    ids=lambda part: part.__name__,
)  # fmt: skip
def test_a_race_that_is_lost_is_seen(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    breaking: Callable[[pytest.MonkeyPatch], None],
    race: Callable[[Scene], None],
) -> None:
    breaking(monkeypatch)
    with pytest.raises(AssertionError):
        run(scene, race, rounds=5)
