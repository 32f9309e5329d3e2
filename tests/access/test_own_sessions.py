"""One's own sessions: seen and ended by oneself, and over when they are not used; noted seldom, and by nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, MetaData, event, select, update
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

import service.access.api
from conftest import World, who
from route_calls import ask, fill, who_may
from service.access import people_store
from service.access.api import NOTED, declared_actions
from service.access.policy import POLICY, Role
from service.access.signing_in import LASTS
from service.access.usecases import IDLE
from service.audit import store as log
from service.db.access_tables import PersonSession

OWN, ME = "/v1/me/sessions", "/v1/me"
SECOND = timedelta(seconds=1)
INSIDE = frozenset({Role.COORDINATOR, Role.OPERATOR})
"""The roles of those who ask here."""
_session = PersonSession.__table__


class Clock:
    """What time it is for the service."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, by: timedelta) -> None:
        self.now += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(service.access.api, "moment", made)
    return made


def seen(world: World, client: TestClient) -> datetime:
    """When a session was last noted to be in use."""
    name = client.headers["authorization"].split("_")[2]
    statement = select(_session.c.seen_at).where(_session.c.state == "QZA", _session.c.id == name)
    with world.database.transaction(writes=False, state="QZA") as connection:
        moment: datetime = connection.execute(statement).scalar_one()
    return moment


# ── over when it is not used ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("unused", "status"), [(IDLE - SECOND, 200), (IDLE, 401), (IDLE + SECOND, 401)])
def test_a_session_that_does_nothing_for_half_an_hour_is_over(
    world: World, clock: Clock, unused: timedelta, status: int
) -> None:
    assert timedelta(minutes=30) == IDLE
    her, ended = world.person("QZA", Role.AUDITOR), world.person("QZA", Role.AUDITOR)
    assert ended.delete("/v1/sessions/current").status_code == 204
    clock.now = seen(world, her) + unused
    answer = her.get(ME)
    assert answer.status_code == status
    if status == 401:
        told = [{**one.json(), "request_id": ""} for one in (answer, ended.get(ME))]
        assert told[0] == told[1]
    assert her.get(ME).status_code == status  # what came too late does not bring it back


def test_a_session_in_use_lasts_and_ends_at_its_end(world: World, clock: Clock) -> None:
    her, began = world.person("QZA", Role.AUDITOR), clock.now
    while clock.now + timedelta(minutes=20) < began + LASTS:
        clock.on(timedelta(minutes=20))
        assert her.get(ME).status_code == 200
    clock.now = began + LASTS + SECOND
    assert her.get(ME).status_code == 401


def test_it_is_noted_once_in_five_minutes(world: World, clock: Clock) -> None:
    her = world.person("QZA", Role.AUDITOR)
    first = clock.now = seen(world, her)
    for after, noted in (
        (timedelta(), first),
        (NOTED - SECOND, first),
        (NOTED, first + NOTED),
        (2 * NOTED - SECOND, first + NOTED),
        (2 * NOTED, first + 2 * NOTED),
    ):
        clock.now = first + after
        assert her.get(ME).status_code == 200
        assert seen(world, her) == noted


def test_it_is_noted_by_what_acts_and_by_what_is_refused_too(world: World, clock: Clock) -> None:
    her = world.person("QZA", Role.COORDINATOR)
    entry = {"name": "n", "un_member": True, "interpol_member": True}
    for state, match, status in (("QZA", "*", 200), ("QZA", '"99"', 412), ("QZB", "*", 404)):
        clock.now = seen(world, her) + NOTED
        answer = her.put(f"/v1/states/{state}", json=entry, headers={"if-match": match})
        assert answer.status_code == status, answer.text
        assert seen(world, her) == clock.now


def test_it_never_goes_back(world: World, clock: Clock) -> None:
    her = world.person("QZA", Role.AUDITOR)
    name, before = her.headers["authorization"].split("_")[2], seen(world, her)
    with world.database.transaction(writes=True, state="QZA") as connection:
        people_store.seen(connection, "QZA", name, at=before - SECOND)
        people_store.seen(connection, "QZB", name, at=before + SECOND)
    assert seen(world, her) == before


def statements(world: World, caller: TestClient) -> list[str]:
    """What one request of somebody asks of the database."""
    found: list[str] = []

    def look(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        found.append(sql)

    engines = {world.database._reader, world.database._writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", look)
    assert caller.get(ME).status_code == 200
    for engine in engines:
        event.remove(engine, "before_cursor_execute", look)
    return found


def test_noting_costs_one_statement_and_only_when_it_is_time(world: World, clock: Clock) -> None:
    her, tool = world.person("QZA", Role.AUDITOR), world.caller()
    usual, of_tool = statements(world, her), statements(world, tool)
    assert not any("UPDATE" in sql for sql in (*usual, *of_tool))
    clock.now = seen(world, her) + NOTED
    noting = statements(world, her)
    assert statements(world, tool) == of_tool
    assert noting[: len(usual)] == usual
    assert len(noting) == len(usual) + 1
    assert noting[-1].startswith("UPDATE person_session SET seen_at")
    assert statements(world, her) == usual


def test_what_cannot_be_noted_stops_nobody(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("the disk is full"))

    her = world.person("QZA", Role.COORDINATOR)
    monkeypatch.setattr(people_store, "seen", broken)
    clock.on(NOTED)
    entry = {"name": "n", "un_member": True, "interpol_member": True}
    assert her.put("/v1/states/QZA", json=entry, headers={"if-match": "*"}).status_code == 200


def everything(world: World, *, without: str = "") -> dict[str, list[str]]:
    """All of the state's rows in text, by table; without one column of sessions."""

    def read(connection: Connection) -> dict[str, list[str]]:
        metadata = MetaData()
        metadata.reflect(connection)
        return {
            table.name: sorted(
                str(row)
                for row in connection.execute(
                    select(*(column for column in table.c if f"{table.name}.{column.name}" != without))
                )
            )
            for table in metadata.sorted_tables
        }

    with world.database.transaction(writes=False, state="QZA") as connection:
        return read(connection)


def unused(world: World, client: TestClient, since: timedelta) -> None:
    """Let a session not have been used for so long."""
    mine = (_session.c.state == "QZA", _session.c.id == client.headers["authorization"].split("_")[2])
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(update(_session).where(*mine).values(seen_at=datetime.now(UTC) - since))


@pytest.mark.long
@pytest.mark.slow
def test_reading_changes_nothing_but_when_the_session_was_seen(world: World) -> None:
    """Every reading there is that leaves no event, by a person whose session it is time to note."""
    _, held = fill(world, "QZA", "mark")
    column, tried = "person_session.seen_at", 0
    desk = held.people[Role.COORDINATOR]
    for (method, path), action in declared_actions(world.app).items():
        if method != "GET" or POLICY[action].logged or not POLICY[action].roles & INSIDE:
            continue
        person = who_may(world, desk, action, path, held)
        unused(world, person, NOTED)
        before, without = everything(world), everything(world, without=column)
        answer = ask(person, method, path, held)
        assert answer.is_success, (path, answer.text)
        assert everything(world, without=column) == without, path
        assert everything(world) != before, path
        tried += 1
    assert tried > 20


# ── seen and ended by oneself ────────────────────────────────────────────────────────────────────────────────────────


def test_one_sees_ones_own_open_sessions(world: World, clock: Clock) -> None:
    her, other = world.person("QZA", Role.AUDITOR), world.person("QZA", Role.AUDITOR)
    person = who(her).removeprefix("person:")
    there = world.signed_in("QZA", person, two_factors=False)
    over = world.signed_in("QZA", person)
    assert over.delete("/v1/sessions/current").status_code == 204
    found = her.get(OWN).json()["items"]
    ids = {client.headers["authorization"].split("_")[2]: client for client in (her, there)}
    assert {one["id"] for one in found} == set(ids)
    for one in found:
        assert one.keys() == {"id", "signed_in", "seen_at", "expires_at", "two_factors", "current"}
        assert one["current"] == (ids[one["id"]] is her)
        assert one["two_factors"] == (ids[one["id"]] is her)
        assert datetime.fromisoformat(one["seen_at"]) == seen(world, ids[one["id"]])
    assert [one["id"] for one in other.get(OWN).json()["items"]] == [other.headers["authorization"].split("_")[2]]
    clock.now = seen(world, there) + IDLE - 2 * SECOND
    her.get(ME)
    clock.on(3 * SECOND)
    assert [one["current"] for one in her.get(OWN).json()["items"]] == [True]  # the other was not used


def test_they_come_in_pages(world: World) -> None:
    her = world.person("QZA", Role.AUDITOR)
    for _ in range(4):
        world.signed_in("QZA", who(her).removeprefix("person:"))
    whole = her.get(OWN).json()["items"]
    first = her.get(OWN, params={"limit": 2}).json()
    rest = her.get(OWN, params={"limit": 50, "cursor": first["next"]}).json()
    assert (first["items"] + rest["items"], rest["next"], len(whole)) == (whole, None, 5)


def test_one_ends_ones_own_and_nobody_elses(world: World) -> None:
    her, other = world.person("QZA", Role.AUDITOR), world.person("QZA", Role.AUDITOR)
    abroad = world.person("QZB", Role.AUDITOR)
    lost = world.signed_in("QZA", who(her).removeprefix("person:"))
    mine, gone = (client.headers["authorization"].split("_")[2] for client in (her, lost))
    for stranger in (other, abroad):
        assert stranger.delete(f"{OWN}/{gone}").status_code == 404
    assert lost.get(ME).status_code == 200
    assert her.delete(f"{OWN}/{gone}").status_code == 204
    assert lost.get(ME).status_code == 401
    assert her.delete(f"{OWN}/{gone}").status_code == 404
    assert her.delete(f"{OWN}/zzzzzzzzzz").status_code == 404
    assert her.delete(f"{OWN}/short").status_code == 422
    with world.database.transaction(writes=False, state="QZA") as connection:
        found = [(one.action, one.subject) for one in log.listed(connection, "QZA", after=0, most=9)]
    assert found == [("session.end", f"{OWN}/{gone}")]
    assert her.delete(f"{OWN}/{mine}").status_code == 204
    assert her.get(ME).status_code == 401


def test_one_that_was_not_used_is_not_ended_any_more(world: World, clock: Clock) -> None:
    her = world.person("QZA", Role.AUDITOR)
    old = world.signed_in("QZA", who(her).removeprefix("person:")).headers["authorization"].split("_")[2]
    clock.now = seen(world, her) + IDLE - SECOND
    her.get(ME)
    clock.on(2 * SECOND)
    assert her.delete(f"{OWN}/{old}").status_code == 404


def test_a_key_has_no_sessions(world: World) -> None:
    tool = world.caller()
    assert tool.get(OWN).json() == {"items": [], "next": None}
    assert tool.delete(f"{OWN}/zzzzzzzzzz").status_code == 403
