"""The second factor: codes of six digits from a secret that an authenticator app shares (TOTP, RFC 6238). Pure.

The secret is kept encrypted under a key that only its owner's password gives: whoever has the database has no code.
"""

import secrets
from base64 import b32decode, b32encode, b64decode, b64encode
from datetime import datetime
from hmac import compare_digest

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from service.access.passwords import SALT_BYTES, Passwords

SECRET_BYTES = 20
STEP, DIGITS = 30, 6
"""Seconds that a code is shown for, and its length: what every authenticator app can do."""
DRIFT = 1
"""Steps before and after the present one whose codes are taken: clocks differ."""
ISSUER = "Stocktake"
_NONCE_BYTES = 12


def new() -> str:
    """A secret that nobody had before, in base32, as it is typed into an app."""
    return b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def uri(secret: str, state: str, login: str) -> str:
    """The secret as authenticator apps read it from a square of dots."""
    return _codes(secret).get_provisioning_uri(f"{state} {login}", ISSUER)


def step_of(secret: str, code: str, now: datetime, *, after: int | None) -> int | None:
    """The time step of now that a code is of, if any; none up to ``after`` is taken, for a code opens once."""
    present, codes = int(now.timestamp()) // STEP, _codes(secret)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        fits = compare_digest(codes.generate(step * STEP), code.encode())
        if fits and (after is None or step > after):
            found = step
    return found


def seal(passwords: Passwords, password: str, secret: str, whose: str) -> str:
    """What is kept of a secret: only with this password, and as ``whose``, does it open again."""
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    key = passwords.key(password, salt, passwords.memory)
    closed = AESGCM(key).encrypt(nonce, b32decode(secret), _bound(whose))
    return "$".join((str(passwords.memory), *(b64encode(part).decode() for part in (salt, nonce, closed))))


def unseal(passwords: Passwords, password: str, sealed: str | None, whose: str) -> str | None:
    """The secret, if the password opens it; one argon2id is counted whatever is kept: the time tells nothing."""
    memory, salt, nonce, closed = _nothing(passwords) if sealed is None else _parts(sealed)
    key = passwords.key(password, salt, memory)
    try:
        return b32encode(AESGCM(key).decrypt(nonce, closed, _bound(whose))).decode()
    except InvalidTag:
        return None


def _codes(secret: str) -> TOTP:
    return TOTP(b32decode(secret), DIGITS, SHA1(), STEP)  # noqa: S303  # as apps do it; HMAC asks no more of a hash


def _bound(whose: str) -> bytes:
    """What a kept secret is bound to besides: it opens in nobody else's row, and for nothing else."""
    return f"{whose} second factor".encode()


def _parts(sealed: str) -> tuple[int, bytes, bytes, bytes]:
    memory, *parts = sealed.split("$")
    salt, nonce, closed = (b64decode(part) for part in parts)
    return int(memory), salt, nonce, closed


def _nothing(passwords: Passwords) -> tuple[int, bytes, bytes, bytes]:
    """Well formed, and opened by nothing."""
    salt, nonce, closed = (secrets.token_bytes(size) for size in (SALT_BYTES, _NONCE_BYTES, SECRET_BYTES + 16))
    return passwords.memory, salt, nonce, closed
