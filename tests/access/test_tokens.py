"""Access tokens of an identity provider: which are believed, and that no forged one, and no forged key, is taken."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.testclient import TestClient

import token_forge
from conftest import World, who
from service.access import keys, people_store, store, tokens
from service.access.policy import Grant, Role
from service.access.tokens import Identity, Trust, UnusableKeys, believed, read, require_usable, require_words
from token_forge import AUDIENCE, MFA, Provider, forgeries, jwks

NOW = datetime.now(UTC)
ADDRESSES = (f"10.{a}.{b}.1" for a, b in itertools.product(range(200), range(200)))


@pytest.fixture(scope="module")
def ours() -> Provider:
    return Provider.new("https://id.qza.test", "ours")


@pytest.fixture(scope="module")
def other() -> Provider:
    return Provider.new("https://id.qzb.test", "other")


def identity(text: str, trust: Trust, now: datetime | None = None) -> Identity | None:
    found = read(text)
    return None if found is None else believed(found, trust, now or datetime.now(UTC))


# ── what is believed ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_good_token_says_who_and_since_when(ours: Provider) -> None:
    claims = ours.claims()
    found = identity(ours.token(claims), ours.trust)
    assert found is not None
    assert (found.subject, found.signed_in) == ("anna", datetime.fromtimestamp(claims["auth_time"], UTC))


def test_a_token_without_the_moment_of_signing_in_is_believed_and_not_fresh(ours: Provider) -> None:
    assert identity(ours.token(ours.claims(auth_time=None)), ours.trust) == Identity("anna", None, two_factors=True)


@pytest.mark.parametrize(
    ("claims", "two_factors"),
    [
        ({}, True),  # mfa in amr
        ({"amr": ["mfa"], "acr": None}, True),
        ({"amr": None, "acr": "urn:qza:high"}, True),
        ({"amr": ["urn:qza:high"]}, True),
        ({"amr": None, "acr": "mfa"}, True),
        ({"amr": None, "acr": None}, False),
        ({"amr": [], "acr": ""}, False),
        ({"amr": ["pwd", "otp"]}, False),
        ({"amr": ["MFA", "mfa ", "mfa urn:qza:high", ""]}, False),
        ({"amr": None, "acr": "urn:qzb:high"}, False),
        ({"amr": None, "acr": "mfa urn:qza:high"}, False),
    ],
)
def test_a_provider_says_whether_there_was_a_second_factor(
    ours: Provider, claims: dict[str, Any], *, two_factors: bool
) -> None:
    found = identity(ours.token(ours.claims(**claims)), ours.trust)
    assert found is not None
    assert found.two_factors == two_factors


@pytest.mark.parametrize("words", [[""], [" "], ["mfa otp"], ["mfa", "a\tb"], ["mfa "]])
def test_a_value_that_no_token_says_as_one_word_is_not_entered(words: list[str]) -> None:
    with pytest.raises(UnusableKeys):
        require_words(words)
    require_words(["mfa", "urn:qza:high"])


@pytest.mark.parametrize(
    "change",
    [
        {"aud": [AUDIENCE, "https://other.test"]},
        {"scope": "everything", "roles": ["coordinator"], "groups": ["operator"]},
        {"exp": int(NOW.timestamp()) - tokens.LEEWAY // 3 + 3600},
    ],
)
def test_what_else_a_good_token_may_say(ours: Provider, change: dict[str, Any]) -> None:
    assert identity(ours.token(ours.claims(**change)), ours.trust) is not None


def test_clocks_may_differ_a_little_and_no_more(ours: Provider) -> None:
    claims = ours.claims(auth_time=None)
    text = ours.token(claims)
    issued, end = (datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "exp"))
    leeway = timedelta(seconds=tokens.LEEWAY)
    for moment, good in (
        (issued - leeway, True),
        (issued - leeway - timedelta(seconds=1), False),
        (end + leeway - timedelta(seconds=1), True),
        (end + leeway, False),
    ):
        assert (identity(text, ours.trust, moment) is not None) == good, moment


def test_every_algorithm_with_a_public_key_is_taken() -> None:
    made: dict[str, token_forge.AnyKey] = {
        "ES256": ECKey.generate_key("P-256", private=True),
        "ES384": ECKey.generate_key("P-384", private=True),
        "ES512": ECKey.generate_key("P-521", private=True),
        "Ed25519": OKPKey.generate_key("Ed25519", private=True),
        **dict.fromkeys(
            ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSAKey.generate_key(2048, private=True)
        ),
    }
    assert made.keys() | {"EdDSA"} == tokens.ALGORITHMS
    for name, key in made.items():
        claims = Provider.new("https://id.test", "x").claims()
        text = jwt.encode({"typ": "at+jwt", "alg": name}, claims, key, algorithms=[name], default_type=None)
        trust = Trust("https://id.test", AUDIENCE, frozenset({name}), jwks(key), MFA)
        assert identity(text, trust) is not None, name
        without = Trust("https://id.test", AUDIENCE, tokens.ALGORITHMS - {name}, jwks(key), MFA)
        assert identity(text, without) is None, name


def test_a_key_is_chosen_by_its_name_where_there_are_several(ours: Provider, other: Provider) -> None:
    both = Trust(ours.issuer, AUDIENCE, frozenset({"ES256"}), jwks(other.key, ours.key), MFA)
    assert identity(ours.token(), both) is not None
    assert identity(ours.token(kid=None), ours.trust) is not None
    assert identity(ours.token(kid=None), both) is None
    assert identity(ours.token(kid="other"), both) is None


def test_a_key_for_something_else_checks_no_token(ours: Provider) -> None:
    for more in ({"use": "enc"}, {"alg": "ES384"}):
        published = json.dumps({"keys": [{**ours.key.as_dict(private=False), **more}]})
        assert identity(ours.token(), Trust(ours.issuer, AUDIENCE, frozenset({"ES256"}), published, MFA)) is None


# ── what the operator may enter ──────────────────────────────────────────────────────────────────────────────────────


def ec(kid: str | None = None) -> ECKey:
    return ECKey.generate_key("P-256", None if kid is None else {"kid": kid}, private=True)


UNUSABLE = {
    "nothing": ("", ["ES256"]),
    "a list": ("[]", ["ES256"]),
    "an empty object": ("{}", ["ES256"]),
    "no key": ('{"keys": []}', ["ES256"]),
    "an unknown kind of key": ('{"keys": [{"kty": "moon"}]}', ["ES256"]),
    "a shared secret": (json.dumps({"keys": [OctKey.generate_key(256).as_dict(private=True)]}), ["ES256"]),
    "a private key": (json.dumps({"keys": [ec().as_dict(private=True)]}), ["ES256"]),
    "two of one name": (jwks(ec(kid="one"), ec(kid="one")), ["ES256"]),
    "no algorithm": (jwks(ec()), []),
    "an algorithm with a shared secret": (jwks(ec()), ["ES256", "HS256"]),
    "the algorithm none": (jwks(ec()), ["none"]),
    "a member twice": (jwks(ec()).replace('"kty"', '"kty": "oct", "kty"'), ["ES256"]),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_keys_that_check_nothing_are_refused(name: str) -> None:
    text, algorithms = UNUSABLE[name]
    with pytest.raises(UnusableKeys):
        require_usable(text, algorithms)


def test_keys_that_check_tokens_are_taken(ours: Provider, other: Provider) -> None:
    require_usable(jwks(ours.key, other.key), ["ES256"])
    require_usable(jwks(RSAKey.generate_key(2048)), ["RS256", "PS256"])


# ── no forged one is taken (T11) ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_states(world: World, ours: Provider, other: Provider) -> World:
    """Anna of QZA and Otto of QZB, each known to their own state's provider."""
    with world.publishing() as connection:
        for provider, state in ((ours, "QZA"), (other, "QZB")):
            row = {"issuer": provider.issuer, "bound_to": state, "audience": AUDIENCE, "algorithms": "ES256"}
            store.enter_issuer(connection, row | {"jwks": provider.trust.jwks, "second_factor": " ".join(MFA)})
    enter(world, "QZA", "anna", ours.issuer)
    enter(world, "QZB", "otto", other.issuer)
    return world


def enter(world: World, state: str, subject: str, issuer: str) -> str:
    person, now = keys.new_id(), datetime.now(UTC)
    row = {"state": state, "id": person, "name": subject, "issuer": issuer, "subject": subject, "created_at": now}
    with world.database.transaction(writes=True, state=state) as connection:
        assert people_store.add(connection, {**row, "version": 1})
        people_store.give_role(connection, state, person, Grant(Role.COORDINATOR), at=now, by="operator")
    return person


def status(world: World, text: str, method: str = "GET", path: str = "/v1/me") -> int:
    client = TestClient(world.app, client=(next(ADDRESSES), 1))  # nobody is held up: each is judged
    try:
        headers = {b"authorization": b"Bearer " + text.encode("utf-8")}
        return client.request(method, path, headers=headers).status_code
    finally:
        client.close()


def test_no_forged_token_is_taken_and_the_good_ones_are(two_states: World, ours: Provider, other: Provider) -> None:
    made = list(forgeries(ours, other))
    assert len(made) == len({text for _, text in made}) >= 100
    taken = [name for name, text in made if status(two_states, text) != 401]
    assert taken == []
    for good in (ours.token(), other.token(other.claims("otto")), ours.token(ours.claims(aud=[AUDIENCE, "x"]))):
        assert status(two_states, good) == 200
        assert status(two_states, good, "POST", "/v1/states/QZA/sites/import") == 415  # past the door


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("check", "instead"),
    [
        ("_HEADER", frozenset({"alg", "kid", "typ", "jku", "jwk", "x5u"})),
        ("TYPES", frozenset({"jwt", "at+jwt"})),
        ("_unique", dict),
        ("_how", lambda _claims: frozenset()),
        ("LEEWAY", 10**6),
    ],
)
def test_a_check_that_is_gone_lets_some_of_them_in(
    two_states: World, ours: Provider, other: Provider, monkeypatch: pytest.MonkeyPatch, check: str, instead: object
) -> None:
    monkeypatch.setattr(tokens, check, instead)
    assert [name for name, text in forgeries(ours, other) if status(two_states, text) == 200] != []


def test_a_provider_never_names_another_states_person(two_states: World, ours: Provider, other: Provider) -> None:
    """The same subject in both: each finds its own, and what it finds is in its own state only."""
    enter(two_states, "QZB", "anna", other.issuer)
    client = TestClient(two_states.app)
    states = {}
    for provider in (ours, other):
        headers = {"authorization": f"Bearer {provider.token()}"}
        states[provider.issuer] = client.get("/v1/me", headers=headers).json()["state"]
        wrong = "QZB" if provider is ours else "QZA"
        assert client.get(f"/v1/states/{wrong}/people", headers=headers).status_code == 404
    assert states == {ours.issuer: "QZA", other.issuer: "QZB"}
    # A row in another state that names our issuer, as only a slip of an operator could make it: nobody finds it
    enter(two_states, "QZB", "mole", ours.issuer)
    assert status(two_states, ours.token(ours.claims("mole"))) == 401


def test_roles_come_from_grants_and_never_from_claims(two_states: World, ours: Provider) -> None:
    claims = ours.claims(roles=["operator"], scope="operator", groups=["operator"])
    client = TestClient(two_states.app, headers={"authorization": f"Bearer {ours.token(claims)}"})
    assert [role["role"] for role in client.get("/v1/me").json()["roles"]] == ["coordinator"]
    assert client.get("/v1/service").status_code == 403


def test_a_step_that_needs_a_fresh_sign_in_needs_the_moment_of_it(two_states: World, ours: Provider) -> None:
    body, now = {"name": "x", "scopes": ["read"]}, int(datetime.now(UTC).timestamp())
    for since, amr, wanted in (
        (None, ["mfa"], "sign_in_again"),
        (now - 16 * 60, ["mfa"], "sign_in_again"),
        (now - 60, ["pwd"], "second_factor_needed"),
        (now - 60, None, "second_factor_needed"),
        (now - 60, ["mfa"], ""),
    ):
        headers = {"authorization": f"Bearer {ours.token(ours.claims(auth_time=since, amr=amr))}"}
        answer = TestClient(two_states.app).post("/v1/states/QZA/keys", json=body, headers=headers)
        assert (answer.status_code, answer.json().get("code", "")) == (403 if wanted else 201, wanted)


def test_who_is_disabled_or_whose_provider_is_gone_comes_in_no_more(two_states: World, ours: Provider) -> None:
    desk = two_states.person("QZA", Role.COORDINATOR)
    listed = desk.get("/v1/states/QZA/people").json()["items"]
    anna = next(person for person in listed if person["subject"] == "anna")
    url = f"/v1/states/QZA/people/{anna['id']}"
    assert status(two_states, ours.token()) == 200
    assert desk.put(url, json={"name": "A", "disabled": True}, headers={"if-match": "*"}).status_code == 200
    assert status(two_states, ours.token()) == 401
    assert desk.put(url, json={"name": "A"}, headers={"if-match": "*"}).status_code == 200
    assert status(two_states, ours.token()) == 200
    assert desk.post(f"{url}/password").status_code == 409
    with two_states.publishing() as connection:
        assert not store.drop_issuer(connection, "QZB", ours.issuer)
        assert store.drop_issuer(connection, "QZA", ours.issuer)
    assert status(two_states, ours.token()) == 401


def test_a_coordinator_lets_in_whom_their_own_provider_knows(
    two_states: World, ours: Provider, other: Provider
) -> None:
    desk = two_states.person("QZA", Role.COORDINATOR)
    body = {"name": "Bea", "issuer": ours.issuer, "subject": "bea"}
    assert status(two_states, ours.token(ours.claims("bea"))) == 401
    new = desk.post("/v1/states/QZA/people", json=body)
    assert (new.status_code, new.json()["one_time_password"]) == (201, None)
    assert status(two_states, ours.token(ours.claims("bea"))) == 403  # known, and without a role
    assert desk.post("/v1/states/QZA/people", json=body).json()["code"] == "person_exists"
    theirs = desk.post("/v1/states/QZA/people", json={**body, "issuer": other.issuer})
    none = desk.post("/v1/states/QZA/people", json={**body, "issuer": "https://nobody.test"})
    assert (
        (theirs.status_code, theirs.json()["detail"])
        == (none.status_code, none.json()["detail"])
        == (422, none.json()["detail"])
    )


# ── keys and sessions, forged and over (T11) ─────────────────────────────────────────────────────────────────────────


def test_no_forged_key_or_session_is_taken_and_the_good_ones_are(world: World) -> None:
    person = world.person("QZA", Role.COORDINATOR)
    session = person.headers["authorization"].removeprefix("Bearer ")
    for good in (world.key(), session):
        known = keys.read(good)
        assert known is not None
        made = list(forged(known, good, world.key("QZB")))
        assert len(made) >= 25
        assert [name for name, text in made if status(world, text) != 401] == []
        assert status(world, good) == 200
    ended = world.signed_in("QZA", who(person).removeprefix("person:"))
    assert ended.delete("/v1/sessions/current").status_code == 204
    assert ended.get("/v1/me").status_code == 401


def forged(known: keys.Credential, good: str, others: str) -> list[tuple[str, str]]:
    """Everything near a credential that is none."""
    stranger = keys.read(others)
    assert stranger is not None
    kind = "sts" if known.kind == "stk" else "stk"

    def written(**changes: str) -> str:
        parts = {"kind": known.kind, "state": known.state, "id": known.id, "secret": known.secret, **changes}
        return keys.write(keys.Credential(**parts))  # type: ignore[arg-type]  # one of them is no kind

    head, _, tail = good.rpartition("_")
    return [
        ("another state", written(state="QZB")),
        ("another state that there is not", written(state="ZZZ")),
        ("another kind", written(kind=kind)),
        ("an unknown kind", written(kind="std")),
        ("another id", written(id="aaaaaaaaaa")),
        ("another secret", written(secret="0" * 43)),
        ("the secret of another state's key", written(secret=stranger.secret)),
        ("its secret under another state's id", written(id=stranger.id, state="QZB")),
        ("its id in another state", written(secret=stranger.secret, state="QZB")),
        ("the digest in place of the secret", written(secret=keys.digest(known.secret)[:43])),
        ("a secret of one letter less", written(secret=known.secret[:-1])),
        ("a secret of one letter more", written(secret=known.secret + "0")),
        ("no secret", written(secret="")),
        ("a state in small letters", written(state="qza")),
        ("wildcards in the id", written(id="%%%%%%%%%%")),
        ("a quote in the id", written(id="' OR 1=1 -")),
        ("a checksum of zeros", f"{head}_{tail[:43]}000000"),
        ("a checksum of another", f"{head}_{tail[:43]}{others[-6:]}"),
        ("no checksum", f"{head}_{tail[:43]}"),
        ("cut", good[:-1]),
        ("one letter more", f"{good}0"),
        ("twice", good + good),
        ("in small letters", good.lower()),
        ("in capitals", good.upper()),
        ("with dashes", good.replace("_", "-")),
        ("the id alone", known.id),
        ("the secret alone", known.secret),
        ("in base64", token_forge.b64(good.encode())),
        ("in other digits", good.replace("0", "\u0660").replace("1", "\u0661").replace("2", "\u0662") + "\u0660"),
    ]
