"""The form of an API key: ``stk_<id>_<secret><checksum>``. Pure."""

import re
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from zlib import crc32

SECRET_LENGTH = 43
"""Digits of base 62: 256 bits."""
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_FORM = re.compile(r"stk_([a-z0-9]{10})_([0-9A-Za-z]{43})([0-9A-Za-z]{6})")


@dataclass(frozen=True, slots=True)
class Credential:
    """A presented key that is at least well formed."""

    id: str
    secret: str

    def opens(self, secret_sha256: str) -> bool:
        """Whether its secret has this digest, compared in constant time."""
        return compare_digest(digest(self.secret), secret_sha256)


def read(text: str) -> Credential | None:
    """The parts of a key, or nothing when its form or checksum is wrong: junk never reaches the database."""
    match = _FORM.fullmatch(text)
    if match is None or checksum(f"{match[1]}{match[2]}") != match[3]:
        return None
    return Credential(match[1], match[2])


def write(credential: Credential) -> str:
    """The whole key, as it is handed out."""
    return f"stk_{credential.id}_{credential.secret}{checksum(credential.id + credential.secret)}"


def digest(secret: str) -> str:
    """SHA-256; a fast hash is enough for a random secret of this length (ASVS 5.0, 6.5.2)."""
    return sha256(secret.encode()).hexdigest()


def checksum(text: str) -> str:
    """CRC-32 in six base-62 digits, so that scanners and we tell a key from junk."""
    number, digits = crc32(text.encode()), ""
    for _ in range(6):
        number, rest = divmod(number, len(ALPHABET))
        digits = ALPHABET[rest] + digits
    return digits
