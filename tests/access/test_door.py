"""Keys in use: what opens, what does not, and that the secret is nowhere."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import MetaData, event, inspect, select, update
from starlette.testclient import TestClient

from conftest import EVERY_SCOPE, World
from service.access import keys
from service.access.usecases import create_key, identify, revoke_key
from service.db.access_tables import ApiKey
from service.errors import NotFound, Unauthenticated

URL = "/v1/checklists"
NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


def statements(world: World) -> list[str]:
    """What is asked of the database from now on."""
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    for engine in {world.database._reader, world.database._writer}:
        event.listen(engine, "before_cursor_execute", see)
    return seen


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic QTpC",
        "Bearer stk_abc",
        "Bearer é",
        "bearer x",
        "Bearer a b",
        "stk_QZA_abcdefghij_0",
    ],
)
def test_junk_never_reaches_the_database(world: World, credentials: str | None) -> None:
    seen = statements(world)
    headers = {} if credentials is None else {b"authorization": credentials.encode("latin-1")}
    answer = TestClient(world.app).get(URL, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert seen == []


def test_a_wrong_checksum_never_reaches_the_database_and_a_right_one_does(world: World) -> None:
    key = world.key()
    seen = statements(world)
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    assert TestClient(world.app).get(URL, headers={"authorization": f"Bearer {wrong}"}).status_code == 401
    assert seen == []
    assert TestClient(world.app).get(URL, headers={"authorization": f"bearer {key}"}).status_code == 200
    assert any("api_key" in statement for statement in seen)


def test_a_key_is_not_taken_from_the_address(world: World) -> None:
    answer = TestClient(world.app).get(URL, params={"key": world.key()})
    assert answer.status_code == 401


def test_revocation_counts_from_the_next_request_on(world: World) -> None:
    key = world.key()
    caller = TestClient(world.app, headers={"authorization": f"Bearer {key}"})
    assert caller.get(URL).status_code == 200
    with world.database.transaction(writes=True, state="QZA") as connection:
        revoke_key(connection, "QZA", key[8:18], now=datetime.now(UTC))
    assert caller.get(URL).status_code == 401
    with world.database.transaction(writes=True, state="QZA") as connection, pytest.raises(NotFound):
        revoke_key(connection, "QZA", key[8:18], now=datetime.now(UTC))


def test_another_state_cannot_revoke(world: World) -> None:
    key = world.key()
    with world.database.transaction(writes=True, state="QZA") as connection, pytest.raises(NotFound):
        revoke_key(connection, "QZB", key[8:18], now=datetime.now(UTC))
    assert TestClient(world.app).get(URL, headers={"authorization": f"Bearer {key}"}).status_code == 200


def test_a_key_ends_at_its_moment(world: World) -> None:
    with world.database.transaction(writes=True, state="QZA") as connection:
        text = create_key(connection, "QZA", "tool", scopes=EVERY_SCOPE, days=1, now=NOW)
        credential = keys.read(text)
        assert credential is not None
        end = NOW + timedelta(days=1)
        assert identify(connection, credential, end - timedelta(microseconds=1)).state == "QZA"
        with pytest.raises(Unauthenticated):
            identify(connection, credential, end)


def test_one_refusal_for_unknown_wrong_expired_and_revoked(world: World) -> None:
    texts = set()
    with world.database.transaction(writes=True, state="QZA") as connection:
        good = keys.read(create_key(connection, "QZA", "tool", scopes=EVERY_SCOPE, days=1, now=NOW))
        assert good is not None
        wrong = [
            (keys.Credential("stk", "QZA", "aaaaaaaaaa", good.secret), NOW),
            (keys.Credential("stk", "QZA", good.id, "0" * 43), NOW),
        ]
        for credential, moment in [*wrong, (good, NOW + timedelta(days=2))]:
            with pytest.raises(Unauthenticated) as refusal:
                identify(connection, credential, moment)
            texts.add(refusal.value.detail)
        revoke_key(connection, "QZA", good.id, now=NOW)
        with pytest.raises(Unauthenticated) as refusal:
            identify(connection, good, NOW)
        texts.add(refusal.value.detail)
    assert len(texts) == 1


def dump(world: World) -> str:
    """Everything in the database, in text."""
    with world.database.transaction(writes=False, state="QZA") as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        assert "api_key" in inspect(connection).get_table_names()
        return "\n".join(str(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))


def test_the_secret_is_not_in_the_database(world: World) -> None:
    key = world.key()
    caller = TestClient(world.app, headers={"authorization": f"Bearer {key}"})
    entry = {"name": "n", "un_member": True, "interpol_member": True}
    caller.put("/v1/states/QZA", json=entry, headers={"if-match": "*"})
    site = {"code": "R1", "name": "n", "type": "rail"}
    assert caller.post("/v1/states/QZA/sites", json=site, headers={"idempotency-key": "k"}).status_code == 201
    credential = keys.read(key)
    assert credential is not None
    everything = dump(world)
    assert credential.secret not in everything
    assert key not in everything
    assert credential.id in everything  # else the dump shows nothing
    assert keys.digest(credential.secret) in everything


def test_a_key_of_a_scope_that_is_gone_fails_closed(world: World) -> None:
    key = world.key(scopes=frozenset())
    assert TestClient(world.app, headers={"authorization": f"Bearer {key}"}).get(URL).status_code == 403
    with world.database.transaction(writes=True, state="QZA") as connection:
        connection.execute(update(ApiKey.__table__).values(scopes="superuser"))
    patient = TestClient(world.app, headers={"authorization": f"Bearer {key}"}, raise_server_exceptions=False)
    assert patient.get(URL).status_code == 500
