"""Encryption of backups in the age format (age-encryption.org/v1): whoever makes one need not be able to read it."""

from collections.abc import Iterable
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path

import pyrage
from pyrage import x25519

from service.operating.copies import CopyFailed, new_file

Recipients = tuple[x25519.Recipient, ...]
"""For whom a file is: public keys, ``age1…``."""
Identities = tuple[x25519.Identity, ...]
"""Who reads it: private keys, ``AGE-SECRET-KEY-1…``."""
_BEGINNINGS = (b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE")


class Nowhere(BufferedIOBase):
    """Takes bytes and keeps none."""

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # all that its caller writes
        return len(data)


def recipients(texts: Iterable[str]) -> Recipients:
    """The public keys that these are. Raises CopyFailed for anything else."""
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(x25519.Recipient.from_str(text))
        except pyrage.RecipientError:  # not quoted: it may be the private key, by mistake
            raise CopyFailed(f"Recipient {number} is no public key of age: one is age1 and 58 more.") from None
    return tuple(found)


def recipients_in(file: Path) -> Recipients:
    """The public keys in a file, one a line, as ``age -R`` reads it. Raises CopyFailed where there is none."""
    return recipients(_lines(file))


def identities_in(file: Path) -> Identities:
    """The private keys in a file as ``age-keygen`` writes it. Raises CopyFailed, which does not quote it."""
    try:
        return tuple(x25519.Identity.from_str(line) for line in _lines(file))
    except pyrage.IdentityError:
        raise CopyFailed(f"{file} holds something else than identities, AGE-SECRET-KEY-1…, one a line.") from None


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CopyFailed(f"{file} cannot be read as text.") from error
    found = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not found:
        raise CopyFailed(f"{file} holds no key.")
    return found


def new_identity(to: Path, made: datetime) -> str:
    """Write a new private key into a new file, as ``age-keygen`` does, and return its public key. Raises CopyFailed."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    with new_file(to) as part:
        begun = f"# created: {made.isoformat(timespec='seconds')}\n# public key: {public}\n"
        part.write_text(f"{begun}{identity}\n", encoding="utf-8")
    return public


def is_encrypted(file: BufferedIOBase) -> bool:
    """Whether a file says at its beginning, where it is left, that it is one of age's."""
    found = file.read(max(map(len, _BEGINNINGS)))
    file.seek(0)
    return found.startswith(_BEGINNINGS)


def encrypt(plain: BufferedIOBase, to: BufferedIOBase, whom: Recipients) -> None:
    """Encrypt what is read, for each of these to read. Raises CopyFailed, or OSError of either end."""
    try:
        pyrage.encrypt_io(plain, to, whom)
    except pyrage.EncryptError as error:
        raise CopyFailed(f"It cannot be encrypted: {error}.") from error


def decrypt(file: BufferedIOBase, to: BufferedIOBase, who: Identities) -> None:
    """Decrypt a file. Raises CopyFailed before anything is written where it is not for them, or not whole."""
    try:
        _require_whole(file, who)
        file.seek(0)
        pyrage.decrypt_io(file, to, who)
    except pyrage.DecryptError as error:
        raise CopyFailed(
            f"It cannot be opened: {error}. It is for another identity, or its beginning is damaged."
        ) from error


def _require_whole(file: BufferedIOBase, who: Identities) -> None:
    """Read a file to its end: that a part was cut off shows only there."""
    try:
        pyrage.decrypt_io(file, Nowhere(), who)
    except OSError as error:
        raise CopyFailed(f"It was cut or changed, nothing of it is used: {error}.") from error
