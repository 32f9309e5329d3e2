"""Published checklists: the newest by its number, and none opened on a retired one."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import rfc8785

from conftest import World
from service.catalogue.store import publish

LOCK = Path("checklists/unga-73-11/checklist.lock.json")


def enter(world: World, version: str, status: str = "published") -> None:
    """Publish the real checklist under another version."""
    checklist = json.loads(LOCK.read_bytes())["checklist"]
    checklist["head"] |= {"version": version, "status": status}
    digest = hashlib.sha256(rfc8785.dumps(checklist)).hexdigest()
    lock = json.dumps({"format": "lock/1", "digest": digest, "checklist": checklist}).encode()
    with world.publishing() as connection:
        assert publish(connection, lock, datetime.now(UTC))


def test_the_newest_is_the_highest_number(world: World) -> None:
    for version in ("90.9.0", "90.10.0", "90.2.0"):
        enter(world, version)
    caller = world.state()
    assert caller.get("/v1/checklists/unga-73-11").json()["version"] == "90.10.0"
    assert caller.get("/v1/checklists/unga-73-11", params={"version": "90.9.0"}).json()["version"] == "90.9.0"
    opened = caller.post("/v1/states/QZA/assessments", json={"checklist": "unga-73-11", "cycle": "2026"})
    assert opened.json()["checklist_version"] == "90.10.0", opened.text


def test_no_assessment_is_opened_on_a_retired_version(world: World) -> None:
    caller = world.state()
    body = {"checklist": "unga-73-11", "cycle": "2026"}
    enter(world, "91.0.0", status="retired")
    refused = caller.post("/v1/states/QZA/assessments", json=body | {"version": "91.0.0"})
    assert (refused.status_code, refused.json()["code"]) == (409, "checklist_retired"), refused.text
    assert caller.get("/v1/checklists/unga-73-11", params={"version": "91.0.0"}).status_code == 200
    enter(world, "91.0.1")
    assert caller.post("/v1/states/QZA/assessments", json=body).status_code == 201
