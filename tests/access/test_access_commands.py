"""What the operator does at the command line: first people, keys, identity providers; each effect in the log."""

from collections.abc import Callable
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from conftest import World
from route_calls import code_of
from service.audit import store as log
from service.cli import app
from token_forge import AUDIENCE, Provider

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on the world's database as its owner."""
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", world.owner_url)
    return lambda *words: CliRunner().invoke(app, words)


def logged(world: World, state: str = "QZA") -> list[tuple[str, str, str]]:
    with world.database.transaction(writes=False, state=state) as connection:
        return [(one.actor, one.action, one.subject) for one in log.listed(connection, state, after=0, most=100)]


def status(world: World, credential: str) -> int:
    return TestClient(world.app, headers={"authorization": f"Bearer {credential}"}).get("/v1/me").status_code


def test_the_first_coordinator_comes_in_with_a_password_for_once(world: World, run: Run) -> None:
    invited = run("people", "invite", "--state", "QZA", "--login", "anna", "--role", "coordinator", "--name", "Anna A.")
    assert invited.exit_code == 0, invited.output
    first, password = invited.output.splitlines()
    person = first.split()[0]
    body = {"state": "QZA", "login": "anna", "password": password, "new_password": "nine grey geese in a row"}
    session = TestClient(world.app).post("/v1/sessions", json=body)
    assert session.status_code == 201, session.text
    me = TestClient(world.app, headers={"authorization": f"Bearer {session.json()['token']}"}).get("/v1/me").json()
    assert (me["name"], [role["role"] for role in me["roles"]]) == ("Anna A.", ["coordinator"])
    url = f"/v1/states/QZA/people/{person}"
    assert logged(world)[:2] == [
        ("operator", "person.write", url), ("operator", "person.write", f"{url}/roles/coordinator"),
    ]  # fmt: skip
    listed = run("people", "list", "--state", "QZA").output
    assert listed.rstrip("\n").split("\t") == [person, "anna", "coordinator", "", ""]
    enter_factor(world, session.json()["token"], "nine grey geese in a row")
    listed = run("people", "list", "--state", "QZA").output
    assert listed.rstrip("\n").split("\t") == [person, "anna", "coordinator", "second factor", ""]
    assert run("people", "list", "--state", "QZB").output == ""


def enter_factor(world: World, token: str, password: str) -> None:
    """Enter a second factor as whoever has this session."""
    client = TestClient(world.app, headers={"authorization": f"Bearer {token}"})
    secret = client.get("/v1/me/second-factor").json()["secret"]
    body = {"password": password, "secret": secret, "code": code_of(secret)}
    assert client.put("/v1/me/second-factor", json=body).status_code == 204


def test_who_lost_their_device_comes_back_by_another_password(world: World, run: Run) -> None:
    words = ("people", "invite", "--state", "QZA", "--login", "anna", "--role", "coordinator")
    first, password = run(*words).output.splitlines()
    body = {"state": "QZA", "login": "anna", "password": password, "new_password": "nine grey geese in a row"}
    enter_factor(world, TestClient(world.app).post("/v1/sessions", json=body).json()["token"], body["new_password"])
    assert "second factor" in run("people", "list", "--state", "QZA").output
    once = run("people", "renew-password", "--state", "QZA", first.split()[0]).output.strip()
    assert "second factor" not in run("people", "list", "--state", "QZA").output
    again = TestClient(world.app).post("/v1/sessions", json={**body, "password": once, "new_password": "x" + once})
    assert (again.status_code, again.json()["two_factors"]) == (201, False)


def test_a_second_one_of_the_login_is_refused_and_leaves_nothing(world: World, run: Run) -> None:
    words = ("people", "invite", "--state", "QZA", "--login", "anna", "--role", "coordinator")
    assert run(*words).exit_code == 0
    before = logged(world)
    again = run(*words)
    assert again.exit_code == 1
    assert "already" in again.output
    assert logged(world) == before


@pytest.mark.parametrize(
    ("state", "login", "role", "code"),
    [
        ("qza", "anna", "coordinator", 2),
        ("QZ", "anna", "coordinator", 2),
        ("QZA", "Anna", "coordinator", 2),
        ("QZA", "anna", "king", 2),
        ("QZA", "anna", "operator", 1),
        ("QZA", "anna", "recipient", 1),
        ("QZA", "anna", "contributor", 1),
        ("XSG", "anna", "validator", 1),
        ("XSG", "anna", "secretariat", 0),
        ("XOP", "anna", "operator", 0),
        ("XDN", "anna", "recipient", 0),
    ],
)
def test_roles_fit_their_house(world: World, run: Run, state: str, login: str, role: str, code: int) -> None:
    done = run("people", "invite", "--state", state, "--login", login, "--role", role)
    assert done.exit_code == code, done.output
    if code == 1:
        assert logged(world, state) == []
        assert run("people", "list", "--state", state).output == ""


def test_who_lost_their_password_gets_another(world: World, run: Run) -> None:
    words = ("people", "invite", "--state", "QZA", "--login", "anna", "--role", "coordinator")
    person, _, password = run(*words).output.partition(" ")
    renewed = run("people", "renew-password", "--state", "QZA", person)
    assert renewed.exit_code == 0
    assert renewed.output.strip() not in password
    assert logged(world)[-1][2].endswith(f"{person}/password")
    assert run("people", "renew-password", "--state", "QZB", person).exit_code == 1


def test_keys_are_made_listed_rotated_and_revoked(world: World, run: Run) -> None:
    made = run("keys", "create", "--state", "QZA", "--name", "border system", "--scope", "read")
    first = made.output.strip()
    key = first.split("_")[2]
    assert first.startswith("stk_QZA_")
    assert status(world, first) == 200
    second = run("keys", "rotate", "--state", "QZA", key, "--overlap", "0").output.strip()
    assert (status(world, first), status(world, second)) == (401, 200)
    lines = [line.split("\t") for line in run("keys", "list", "--state", "QZA").output.splitlines()]
    assert {line[0] for line in lines} == {key, second.split("_")[2]}
    assert all(line[1:4] == ["border system", "read", "operator"] for line in lines)
    assert first not in str(lines)
    other = second.split("_")[2]
    assert run("keys", "revoke", "--state", "QZB", other).exit_code == 1
    assert run("keys", "revoke", "--state", "QZA", other).exit_code == 0
    assert run("keys", "revoke", "--state", "QZA", other).exit_code == 1
    assert status(world, second) == 401
    assert [(actor, action) for actor, action, _ in logged(world)] == [("operator", "key.write")] * 3


def test_a_state_is_three_capital_letters(run: Run) -> None:
    refused = run("keys", "create", "--state", "qza", "--name", "x", "--scope", "read")
    assert refused.exit_code == 2
    assert "three capital letters" in refused.output


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    made = Provider.new("https://id.qza.test", "one")
    (tmp_path / "keys.json").write_text(made.trust.jwks, encoding="utf-8")
    return made


def bind(run: Run, folder: Path, state: str = "QZA", **more: str) -> Result:
    told = {
        "issuer": "https://id.qza.test",
        "audience": AUDIENCE,
        "jwks": str(folder / "keys.json"),
        "algorithm": "ES256",
    }
    words = [word for name, value in (told | more).items() for word in (f"--{name}", value)]
    return run("issuers", "add", "--state", state, *words)


@pytest.mark.parametrize(
    ("words", "entered"),
    [
        ((), "mfa"),
        (("--second-factor", "urn:qza:high"), "urn:qza:high"),
        (("--second-factor", "otp", "--second-factor", "hwk", "--second-factor", "otp"), "hwk otp"),
    ],
)
def test_the_operator_enters_what_means_a_second_factor(
    world: World, run: Run, provider: Provider, tmp_path: Path, words: tuple[str, ...], entered: str
) -> None:
    told = ("--audience", AUDIENCE, "--jwks", str(tmp_path / "keys.json"), "--algorithm", "ES256")
    bound = run("issuers", "add", "--state", "QZA", "--issuer", "https://id.qza.test", *told, *words)
    assert bound.exit_code == 0, bound.output
    assert run("issuers", "list").output.rstrip("\n").split("\t")[4] == entered
    wrong = run("issuers", "add", "--state", "QZA", "--issuer", "https://id.qza.test", *told, "--second-factor", "a b")
    assert wrong.exit_code == 1
    assert "one word" in wrong.output
    assert run("issuers", "list").output.rstrip("\n").split("\t")[4] == entered


def test_a_provider_is_bound_to_one_state_and_its_keys_change(
    world: World, run: Run, provider: Provider, tmp_path: Path
) -> None:
    assert bind(run, tmp_path).exit_code == 0
    refused = bind(run, tmp_path, "QZB")
    assert refused.exit_code == 1
    assert "bound to QZA already" in refused.output
    assert run("issuers", "list").output == f"https://id.qza.test\tQZA\t{AUDIENCE}\tES256\tmfa\n"
    desk = world.bearer(run("keys", "create", "--state", "QZA", "--name", "x", "--scope", "read").output.strip())
    assert desk.get("/v1/me").status_code == 200
    assert status(world, provider.token()) == 401  # believed, and nobody here
    renewed = Provider("https://id.qza.test", ECKey.generate_key("P-256", {"kid": "two"}, private=True))
    (tmp_path / "keys.json").write_text(renewed.trust.jwks, encoding="utf-8")
    assert bind(run, tmp_path).exit_code == 0
    with world.publishing() as connection:
        text = connection.exec_driver_sql("SELECT jwks FROM issuer").scalar_one()
    assert text == renewed.trust.jwks
    assert run("issuers", "remove", "--state", "QZB", "https://id.qza.test").exit_code == 1
    assert run("issuers", "remove", "--state", "QZA", "https://id.qza.test").exit_code == 0
    assert run("issuers", "list").output == ""
    assert [one for one in logged(world) if one[1] == "issuer.write"] == [
        ("operator", "issuer.write", "issuer:https://id.qza.test")
    ] * 3
    assert logged(world, "QZB") == []


FIRST = {
    "people": "people invite --state {state} --login anna --role coordinator",
    "keys": "keys create --state {state} --name x --scope read",
    "issuers": "issuers add --state {state} --issuer https://id.{state}.test --audience a --algorithm ES256"
    " --jwks {folder}/keys.json",
}
"""What makes the first credential of a state, each in its way."""


def let_in(run: Run, how: str, state: str, folder: Path) -> Result:
    """Give a state a credential."""
    return run(*FIRST[how].format(state=state, folder=folder).split())


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("second", FIRST)
def test_a_second_state_is_not_let_into_an_sqlite_file(  # which two ways are tried, on which ground
    world: World, run: Run, tmp_path: Path, provider: Provider, first: str, second: str
) -> None:
    """PostgreSQL has a wall between states, a file has not."""
    assert let_in(run, first, "QZA", tmp_path).exit_code == 0
    before = logged(world)
    done = let_in(run, second, "QZB", tmp_path)
    assert (done.exit_code == 1) == world.database.is_sqlite, done.output
    if world.database.is_sqlite:
        assert all(word in done.stderr for word in ("QZA", "QZB", "PostgreSQL", "STOCKTAKE_STATES_IN_ONE_FILE"))
        assert (logged(world), logged(world, "QZB")) == (before, [])
        assert run("people", "list", "--state", "QZB").output == run("keys", "list", "--state", "QZB").output == ""
        assert "QZB" not in run("issuers", "list").output
    assert let_in(run, "keys", "QZA", tmp_path).exit_code == 0


def test_a_second_state_is_let_in_where_that_was_said_and_bodies_are_always(
    world: World, run: Run, tmp_path: Path, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("people", "invite", "--login", "anna", "--role")
    assert run(*words, "secretariat", "--state", "XSG").exit_code == 0
    assert run(*words, "coordinator", "--state", "QZA").exit_code == 0
    assert run(*words, "recipient", "--state", "XDN").exit_code == 0
    monkeypatch.setenv("STOCKTAKE_STATES_IN_ONE_FILE", "true")
    for how in FIRST:
        assert let_in(run, how, "QZB", tmp_path).exit_code == 0
    monkeypatch.delenv("STOCKTAKE_STATES_IN_ONE_FILE")
    assert (let_in(run, "keys", "QZA", tmp_path).exit_code == 1) == world.database.is_sqlite


def test_keys_that_check_nothing_are_not_entered(world: World, run: Run, provider: Provider, tmp_path: Path) -> None:
    assert bind(run, tmp_path, algorithm="HS256").exit_code == 1
    (tmp_path / "keys.json").write_text("{}", encoding="utf-8")
    assert bind(run, tmp_path).exit_code == 1
    assert bind(run, tmp_path, jwks=str(tmp_path / "none.json")).exit_code == 2
    assert run("issuers", "list").output == ""
    assert logged(world) == []


def test_the_role_that_serves_cannot_bind_a_provider(
    world: World, run: Run, provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL; whoever has SQLite's file has everything."""
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", world.settings.database_url)
    done = bind(run, tmp_path)
    assert (done.exit_code == 0) == world.database.is_sqlite
