"""A state at work on its assessment, with everybody it needs: what the tests of reviews and sign-offs share."""

from dataclasses import dataclass
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from conftest import World
from service.access.policy import Role

STATE_QUESTION, SITE_QUESTION = "p9.check.legal", "p9.site.mode"
NOT_APPLICABLE = {"kind": "other_means", "value": 2, "reason": "Officers ask by telephone"}
"""An answer that needs a second person."""


@dataclass(frozen=True)
class House:
    """One state with its assessment and its people."""

    world: World
    state: str
    tool: TestClient
    """A key with every scope, made by the operator."""
    assessment: str
    coordinator: TestClient
    validator: TestClient
    approver: TestClient

    @property
    def url(self) -> str:
        return f"/v1/assessments/{self.assessment}"

    def answer(
        self, entry: dict[str, object], question: str = STATE_QUESTION, site: str | None = None, *,
        by: TestClient | None = None,
    ) -> Response:  # fmt: skip
        """Write an answer over whatever stands."""
        params = {} if site is None else {"site": site}
        address = f"{self.url}/answers/{question}"
        return (by or self.tool).put(address, params=params, json=entry, headers={"if-match": "*"})

    def review(self, *rows: dict[str, object], by: TestClient | None = None) -> Response:
        return (by or self.validator).post(f"{self.url}/reviews", json={"rows": list(rows)})

    def step(self, name: str, by: TestClient, *, version: str = "*", **body: str) -> Response:
        """Take a step; a reason where there is one."""
        return by.post(f"{self.url}/{name}", json=body or None, headers={"if-match": version})

    def look(self, by: TestClient | None = None) -> dict[str, Any]:
        found: dict[str, Any] = (by or self.tool).get(self.url).json()
        return found

    def approved(self) -> None:
        """Submit and approve it."""
        for name, who in (("submit", self.coordinator), ("approve", self.approver)):
            done = self.step(name, who)
            assert done.status_code == 200, done.text


def house(world: World, state: str = "QZA") -> House:
    """A state with two airports and an assessment in which two questions are answered."""
    tool = world.state(state)
    people = [world.person(state, role) for role in (Role.COORDINATOR, Role.VALIDATOR, Role.APPROVER)]
    made = House(world, state, tool, world.assessment(tool, state), *people)
    assert made.answer({"value": "yes"}).status_code == 200
    assert made.answer({"value": "find"}, SITE_QUESTION, "A01").status_code == 200
    return made
