"""An identity provider of our own, and everything that somebody may make of what it gives out."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from service.access.tokens import Trust

AUDIENCE = "https://stocktake.test"
MFA = frozenset({"mfa", "urn:qza:high"})
"""What the provider says of a sign-in with two factors, in ``amr`` or in ``acr``."""
Claims = dict[str, Any]
AnyKey = ECKey | RSAKey | OKPKey
Forgery = tuple[str, str]
"""What it is, and the token."""


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def part(value: object) -> str:
    return b64(json.dumps(value).encode())


def jwks(*keys: AnyKey) -> str:
    """Their public halves, as a provider publishes them."""
    return json.dumps({"keys": [key.as_dict(private=False, use="sig") for key in keys]})


@dataclass(frozen=True)
class Provider:
    """A provider with one key, which signs ES256."""

    issuer: str
    key: ECKey

    @classmethod
    def new(cls, issuer: str, kid: str) -> "Provider":
        return cls(issuer, ECKey.generate_key("P-256", {"kid": kid}, private=True))

    @property
    def trust(self) -> Trust:
        return Trust(self.issuer, AUDIENCE, frozenset({"ES256"}), jwks(self.key), MFA)

    def claims(self, subject: str = "anna", **more: Any) -> Claims:  # noqa: ANN401  # claims are of any type
        now = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.issuer, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 300, "auth_time": now,
            "amr": ["pwd", "otp", "mfa"], "acr": "urn:qza:low",
            "client_id": "tool", "jti": "1",
        }  # fmt: skip
        return {name: value for name, value in {**claims, **more}.items() if value is not None}

    def token(self, claims: Claims | None = None, **header: Any) -> str:  # noqa: ANN401  # members are of any type
        whole = {"typ": "at+jwt", "alg": "ES256", "kid": self.key.kid, **header}
        sent = {name: value for name, value in whole.items() if value is not None}
        return signed(self.key, part(sent), part(claims or self.claims()))


def signed(key: ECKey, header: str, claims: str) -> str:
    """A token of exactly these parts, signed rightly with ES256, whatever they hold."""
    alg = JWSRegistry.algorithms["ES256"]
    return f"{header}.{claims}.{b64(alg.sign(f'{header}.{claims}'.encode(), key))}"


def forgeries(ours: Provider, other: Provider) -> Iterator[Forgery]:
    """All of them name our provider's Anna, or mean to; none is its word for this service and this moment."""
    yield from _of_signatures(ours, other)
    yield from _of_headers(ours, other)
    yield from _of_claims(ours, other)
    yield from _of_form(ours)


def _of_signatures(ours: Provider, other: Provider) -> Iterator[Forgery]:
    good = ours.token()
    header, claims, signature = good.split(".")
    for name in ("none", "None", "NONE", "nOnE"):
        plain = part({"typ": "at+jwt", "alg": name, "kid": ours.key.kid})
        yield f"alg {name}, nothing signed", f"{plain}.{claims}."
        yield f"alg {name}, the old signature", f"{plain}.{claims}.{signature}"
    yield "signature stripped", f"{header}.{claims}."
    yield "signature left out", f"{header}.{claims}"
    yield "signature of zeros", f"{header}.{claims}.{b64(bytes(64))}"
    yield "signature of ones", f"{header}.{claims}.{b64(bytes([0] * 31 + [1]) * 2)}"
    yield "signature cut", f"{header}.{claims}.{signature[:-8]}"
    yield "signature doubled", f"{header}.{claims}.{signature}{signature}"
    yield (
        "one letter of the signature changed",
        f"{header}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}",
    )
    yield "claims of another under the old signature", f"{header}.{part(ours.claims('root'))}.{signature}"
    yield "header of another under the old signature", f"{part({'typ': 'at+jwt', 'alg': 'ES256'})}.{claims}.{signature}"
    for name in ("HS256", "HS384", "HS512"):
        for what, secret in (
            ("its public key in PEM", ours.key.as_pem(private=False)),
            ("its public key in DER", ours.key.as_der(private=False)),
            ("its published key set", ours.trust.jwks.encode()),
            ("an empty-looking secret", b"\0" * 64),
        ):
            head = {"typ": "at+jwt", "alg": name, "kid": ours.key.kid}
            key = OctKey.import_key(base64.urlsafe_b64encode(secret).decode().rstrip("=").encode())
            yield f"{name} with {what}", jwt.encode(head, ours.claims(), key, algorithms=[name], default_type=None)
    strange = ECKey.generate_key("P-256", {"kid": str(ours.key.kid)}, private=True)
    yield "signed anew by a key of the same kid", Provider(ours.issuer, strange).token()
    yield "signed by another state's provider in our name", Provider(ours.issuer, other.key).token()
    others: tuple[tuple[str, AnyKey], ...] = (
        ("ES384", ECKey.generate_key("P-384", private=True)),
        ("RS256", RSAKey.generate_key(2048, private=True)),
        ("Ed25519", OKPKey.generate_key("Ed25519", private=True)),
    )
    for name, key_of_thief in others:
        head = {"typ": "at+jwt", "alg": name, "kid": ours.key.kid}
        yield (
            f"signed with {name}",
            jwt.encode(head, ours.claims(), key_of_thief, algorithms=[name], default_type=None),
        )


def _of_headers(ours: Provider, other: Provider) -> Iterator[Forgery]:
    thief = ECKey.generate_key("P-256", {"kid": "thief"}, private=True)
    public = thief.as_dict(private=False)
    for name, value in (
        ("jwk", public),
        ("jku", "https://thief.test/jwks"),
        ("x5u", "https://thief.test/cert"),
        ("x5c", ["AAAA"]),
    ):
        more: dict[str, Any] = {name: value}
        yield f"brings a key by {name}", Provider(ours.issuer, thief).token(**more)
        yield f"rightly signed, with {name}", ours.token(**more)
    for kid in ("../../etc/passwd", "' OR '1'='1", "\0", "", "thief", str(other.key.kid), "https://thief.test", "*"):
        yield f"kid {kid!r}", Provider(ours.issuer, thief).token(kid=kid)
        yield f"rightly signed, with kid {kid!r}", ours.token(kid=kid)
    for wrong in (7, ["k"], {"k": 1}, True):
        head = part({"typ": "at+jwt", "alg": "ES256", "kid": wrong})
        yield f"kid of another type, {wrong!r}", signed(ours.key, head, part(ours.claims()))
    wishes: tuple[tuple[str, object], ...] = (
        ("crit", ["exp"]),
        ("crit", []),
        ("b64", False),
        ("zip", "DEF"),
        ("cty", "JWT"),
        ("enc", "A128GCM"),
    )
    for name, wish in wishes:
        head = part({"typ": "at+jwt", "alg": "ES256", "kid": ours.key.kid, name: wish})
        yield f"rightly signed, with {name} {wish!r}", signed(ours.key, head, part(ours.claims()))
    for kind in ("JWT", "jwt", "id+jwt", "dpop+jwt", "logout+jwt", "secevent+jwt", "at+jwt+x", "", None, 7):
        yield f"rightly signed, of type {kind!r}", ours.token(typ=kind)
    yield "an ID token", ours.token(ours.claims(aud="tool", nonce="n"), typ="JWT")
    yield "an ID token for us", ours.token(ours.claims(nonce="n", at_hash="x"), typ="JWT")
    twice = '{"typ":"at+jwt","alg":"none","alg":"ES256","kid":"' + str(ours.key.kid) + '"}'
    yield "a header member twice", signed(ours.key, b64(twice.encode()), part(ours.claims()))


def _of_claims(ours: Provider, other: Provider) -> Iterator[Forgery]:
    now = int(datetime.now(UTC).timestamp())
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("how as text", {"amr": "mfa"}),
        ("how as an object", {"amr": {"mfa": True}}),
        ("how in a list of lists", {"amr": [["mfa"]]}),
        ("how with a number", {"amr": ["mfa", 1]}),
        ("how with nothing", {"amr": ["mfa", None]}),
        ("how as true", {"amr": True}),
        ("a level in a list", {"acr": ["urn:qza:high"]}),
        ("a level as a number", {"acr": 2}),
        ("a level as true", {"acr": True}),
        ("a level as an object", {"acr": {"values": ["urn:qza:high"]}}),
        ("expired", {"exp": now - 60}),
        ("expired long ago", {"exp": 0}),
        ("without an end", {"exp": None}),
        ("ends as text", {"exp": str(now + 300)}),
        ("ends never", {"exp": "never"}),
        ("ends in a list", {"exp": [now + 300]}),
        ("ends truly", {"exp": True}),
        ("issued in the future", {"iat": now + 3600}),
        ("issued at no time", {"iat": None}),
        ("issued as text", {"iat": str(now)}),
        ("not yet", {"nbf": now + 3600}),
        ("not before text", {"nbf": "now"}),
        ("signed in in the future", {"auth_time": now + 3600}),
        ("signed in as text", {"auth_time": str(now)}),
        ("signed in before there was time", {"auth_time": -1}),
        ("signed in truly", {"auth_time": True}),
        ("for another service", {"aud": "https://other.test"}),
        ("for a longer name", {"aud": AUDIENCE + ".thief.test"}),
        ("for a shorter name", {"aud": AUDIENCE[:-1]}),
        ("for nobody", {"aud": None}),
        ("for an empty list", {"aud": []}),
        ("for others in a list", {"aud": ["https://other.test", AUDIENCE + "/"]}),
        ("for something that is no text", {"aud": [AUDIENCE, 7]}),
        ("for an object", {"aud": {AUDIENCE: True}}),
        ("of nobody", {"sub": None}),
        ("of an empty name", {"sub": ""}),
        ("of a number", {"sub": 7}),
        ("of a list", {"sub": ["anna"]}),
        ("of somebody unknown", {"sub": "root"}),
        ("of another spelling", {"sub": "Anna"}),
        ("of a name with a space", {"sub": "anna "}),
        ("of the other state's person", {"sub": "otto"}),
        ("by an issuer with a slash", {"iss": ours.issuer + "/"}),
        ("by an issuer of another spelling", {"iss": ours.issuer.upper()}),
        ("by the other state's issuer", {"iss": other.issuer}),
        ("by nobody", {"iss": None}),
        ("by a list", {"iss": [ours.issuer]}),
        ("by an unknown issuer", {"iss": "https://thief.test"}),
    )
    for name, change in changes:
        yield name, ours.token(ours.claims(**change))
    yield "the other state's provider on our Anna", other.token(other.claims("anna"))
    yield "the other state's provider on our issuer", other.token(other.claims("anna", iss=ours.issuer))
    text = json.dumps(ours.claims("root"))
    head = part({"typ": "at+jwt", "alg": "ES256", "kid": ours.key.kid})
    for name, twice in (
        ("a subject twice", text[:-1] + ', "sub": "anna"}'),
        ("an issuer twice", json.dumps(ours.claims(iss="https://thief.test"))[:-1] + f', "iss": "{ours.issuer}"}}'),
        ("NaN as its end", text.replace(f'"exp": {json.loads(text)["exp"]}', '"exp": NaN')),
        ("Infinity as its end", text.replace(f'"exp": {json.loads(text)["exp"]}', '"exp": Infinity')),
    ):
        yield name, signed(ours.key, head, b64(twice.encode()))


def _of_form(ours: Provider) -> Iterator[Forgery]:
    good = ours.token()
    header, claims, signature = good.split(".")
    yield "padded", f"{header}=.{claims}.{signature}"
    yield "padded signature", f"{good}=="
    yield "a line break inside", f"{header}.{claims}\n.{signature}"
    yield "a dot more", f"{good}."
    yield "a part more", f"{good}.{signature}"
    yield "five parts, as if encrypted", f"{header}...{claims}.{signature}"
    yield "two parts", f"{claims}.{signature}"
    yield "no part", ".."
    yield "plain base64 in place of the one for addresses", f"{header}.{claims}.{signature[:-4]}+/+/"
    yield "other last bits of the signature", f"{good[:-1]}{_next(good[-1])}"
    yield "letters of another script", good.replace("e", "\u0435", 1)
    yield "nested in itself", signed(ours.key, header, b64(good.encode()))
    yield "claims that are a list", signed(ours.key, header, part([ours.claims()]))
    yield "claims that are text", signed(ours.key, header, part("anna"))
    yield "claims that are nothing", signed(ours.key, header, part(None))
    yield "claims that are no JSON", signed(ours.key, header, b64(b"anna"))
    yield "a header that is a list", signed(ours.key, part([]), claims)
    yield "claims that are not UTF-8", signed(ours.key, header, b64(b'{"iss":"\xff"}'))
    yield "nested deeply", signed(ours.key, header, b64(b"[" * 3000))
    yield "very long", ours.token(ours.claims(more="x" * 9000))
    yield "in JSON form", json.dumps({"payload": claims, "protected": header, "signature": signature})


def _next(letter: str) -> str:
    """The letter beside it, which decodes to the same bytes where the last bits are not looked at."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return letters[letters.index(letter) ^ 1]
