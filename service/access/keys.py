"""The form of what callers send: ``stk_QZA_<id>_<secret><checksum>`` for an API key, ``sts_…`` for a session. Pure.

The tenant stands in the credential, so that its rows are the only ones ever looked at; the checksum covers it.
"""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Literal
from zlib import crc32

SECRET_LENGTH = 43
"""Digits of base 62: 256 bits."""
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
ID_LENGTH = 10
Kind = Literal["stk", "sts"]
_FORM = re.compile(r"(stk|sts)_([A-Z]{3})_([a-z0-9]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")


@dataclass(frozen=True, slots=True)
class Credential:
    """A presented key or session that is at least well formed."""

    kind: Kind
    state: str
    id: str
    secret: str

    def opens(self, secret_sha256: str) -> bool:
        """Whether its secret has this digest, compared in constant time."""
        return compare_digest(digest(self.secret), secret_sha256)


def new(kind: Kind, state: str) -> Credential:
    """One that nobody had before."""
    return Credential(kind, state, new_id(), _random(ALPHABET, SECRET_LENGTH))


def new_id() -> str:
    """A public id: ten letters and digits."""
    return _random(ID_LETTERS, ID_LENGTH)


def read(text: str) -> Credential | None:
    """The parts of a credential, or nothing when its form or checksum is wrong: junk never reaches the database."""
    match = _FORM.fullmatch(text)
    if match is None or checksum("".join(match.group(1, 2, 3, 4))) != match[5]:
        return None
    return Credential("stk" if match[1] == "stk" else "sts", match[2], match[3], match[4])


def write(credential: Credential) -> str:
    """The whole credential, as it is handed out."""
    parts = (credential.kind, credential.state, credential.id, credential.secret)
    return "_".join(parts) + checksum("".join(parts))


def digest(secret: str) -> str:
    """SHA-256; a fast hash is enough for a random secret of this length (ASVS 5.0, 6.5.2)."""
    return sha256(secret.encode()).hexdigest()


def checksum(text: str) -> str:
    """CRC-32 in six base-62 digits, so that scanners and we tell a credential from junk."""
    number, digits = crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits


def _random(letters: str, length: int) -> str:
    return "".join(secrets.choice(letters) for _ in range(length))
