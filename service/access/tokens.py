"""Access tokens of an identity provider (RFC 9068): whom one names, if it can be believed. Pure.

joserfc checks the signature and the claims. What it would let pass is refused here first: a header that brings or names
a key of its own, a member given twice, another type of token.
"""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, OctKey

ALGORITHMS = frozenset(
    {"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "Ed25519", "EdDSA"}
)
"""Those with a public key: nobody who can check a token can make one."""
TYPES = frozenset({"at+jwt", "application/at+jwt"})
"""Access tokens say so; what an application gets to know its user by (an ID token) does not, and opens nothing."""
LEEWAY = 30
"""Seconds that clocks may differ."""
LONGEST = 8192
_HEADER = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
"""What a header may hold: nothing that brings a key, names where to fetch one, or asks for more than we do."""
_FORM = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)
_SMALLEST_RSA = 2048


@dataclass(frozen=True, slots=True)
class Presented:
    """A token as it came, and what it says of itself. Nothing of it is believed yet."""

    text: str
    issuer: str
    algorithm: str
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Trust:
    """What the operator entered of an identity provider."""

    issuer: str
    audience: str
    algorithms: frozenset[str]
    jwks: str
    second_factor: frozenset[str]
    """The values of ``amr`` or ``acr`` that mean a sign-in with two factors."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a believed token names, and when and how they signed in, if it says so."""

    subject: str
    signed_in: datetime | None
    two_factors: bool


class UnusableKeys(ValueError):
    """A file of keys, or a word, that tokens cannot be checked with."""


def read(text: str) -> Presented | None:
    """A token's own words about itself; nothing when it is no access token as we take them."""
    if len(text) > LONGEST or not _FORM.fullmatch(text):
        return None
    header, claims, _ = text.split(".")
    try:
        head, said = _object(header), _object(claims)
    except (ValueError, RecursionError):
        return None
    issuer, algorithm, key_id = said.get("iss"), head.get("alg"), head.get("kid")
    if not (isinstance(issuer, str) and isinstance(algorithm, str) and isinstance(key_id, str | None)):
        return None
    if not head.keys() <= _HEADER or str(head.get("typ")).lower() not in TYPES:
        return None
    return Presented(text, issuer, algorithm, key_id)


def believed(token: Presented, trust: Trust, now: datetime) -> Identity | None:
    """Whom the token names, when its issuer made it for us and it holds now; else nobody."""
    key = _choose(trust, token)
    if token.issuer != trust.issuer or token.algorithm not in trust.algorithms & ALGORITHMS or key is None:
        return None
    moment = int(now.timestamp())
    wanted = jwt.JWTClaimsRegistry(
        now=moment,
        leeway=LEEWAY,
        iss={"essential": True, "value": trust.issuer},
        aud={"essential": True, "value": trust.audience},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        claims = jwt.decode(token.text, key, algorithms=[token.algorithm]).claims
        wanted.validate(claims)
    except (JoseError, ValueError):
        return None
    since = claims.get("auth_time")
    if since is not None and (type(since) is not int or not 0 <= since <= moment + LEEWAY):
        return None
    how = _how(claims)
    if how is None:
        return None
    signed_in = None if since is None else min(datetime.fromtimestamp(since, UTC), now)
    return Identity(str(claims["sub"]), signed_in, not how.isdisjoint(trust.second_factor))


def require_usable(jwks: str, algorithms: Iterable[str]) -> None:
    """Raise UnusableKeys unless these are public keys, told apart by ``kid``, for algorithms that we take."""
    unknown = set(algorithms) - ALGORITHMS
    if unknown or not set(algorithms):
        raise UnusableKeys(f"Name algorithms of {', '.join(sorted(ALGORITHMS))}.")
    try:
        keys = _keys(jwks)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableKeys("The file is no JSON Web Key Set with a key of a known type (RFC 7517).") from error
    if any(isinstance(key, OctKey) or key.is_private for key in keys):
        raise UnusableKeys("The file holds a secret key: enter the public keys only, and take that key out of use.")
    if len(keys) > 1 and len({key.kid for key in keys}) < len(keys):
        raise UnusableKeys("Two keys have one kid.")
    for key in keys:
        if key.key_type == "RSA" and key.public_key.key_size < _SMALLEST_RSA:  # type: ignore[union-attr]  # an RSA key
            raise UnusableKeys(f"An RSA key has fewer than {_SMALLEST_RSA} bits.")


def require_words(second_factor: Iterable[str]) -> None:
    """Raise UnusableKeys unless each is one word, such as a token says."""
    for one in second_factor:
        if one.split() != [one]:
            raise UnusableKeys("A value of amr or acr that means a second factor is one word, such as mfa.")


def _how(claims: Mapping[str, object]) -> frozenset[object] | None:
    """How somebody signed in: the values of ``amr`` (RFC 8176) and ``acr``; nothing where either is no such claim."""
    methods, level = claims.get("amr", []), claims.get("acr", "")
    if not (isinstance(methods, list) and all(isinstance(one, str) for one in methods) and isinstance(level, str)):
        return None
    return frozenset([*methods, level])


def _choose(trust: Trust, token: Presented) -> Key | None:
    """The issuer's key that the token names; the only one, where it names none."""
    keys = _keys(trust.jwks)
    if token.key_id is None:
        return keys[0] if len(keys) == 1 else None
    for key in keys:
        if key.get("kid") == token.key_id:
            return key if key.get("use", "sig") == "sig" and key.alg in {None, token.algorithm} else None
    return None


@lru_cache(maxsize=64)
def _keys(jwks: str) -> tuple[Key, ...]:
    return tuple(KeySet.import_key_set(json.loads(jwks, object_pairs_hook=_unique)).keys)


def _object(part: str) -> dict[str, object]:
    """The JSON object in one part of a token, without a name given twice; ValueError for anything else."""
    text = urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
    value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse)
    if not isinstance(value, dict):
        raise ValueError("no object")  # noqa: TRY004  # as every other fault of the text
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _refuse(name: str) -> object:
    raise ValueError(name)
