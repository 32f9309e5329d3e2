"""Passwords: which are taken, how they are kept (argon2id), and checking one in the same time whoever asks. Pure."""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from hmac import compare_digest

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.low_level import Type, hash_secret_raw

from service.access.keys import ID_LETTERS, digest
from service.errors import Invalid, Place

PASSES, LANES, HASH_BYTES, SALT_BYTES = 3, 1, 32, 16
"""What argon2id costs beside memory; below 19 MiB and two passes it is not to be trusted (security advice of OWASP)."""
LEAST_LETTERS = 6
"""Different characters that a password has to have."""
LEAST_OWN = 8
"""Characters that are left when the words everybody tries are taken out."""
_TRIED = ("password", "passwort", "motdepasse", "contraseña", "пароль", "stocktake", "welcome", "letmein", "interpol")
_RUNS = tuple(
    run * 3
    for run in (
        "abcdefghijklmnopqrstuvwxyz", "1234567890", "0123456789", "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn", "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    )
)  # fmt: skip
_WELL_KNOWN = frozenset(
    {
        "correcthorsebatterystaple", "thequickbrownfox", "thequickbrownfoxjumpsoverthelazydog", "maytheforcebewithyou",
        "iloveyouiloveyou", "administratoradministrator", "changemechangeme", "trustno1trustno1",
    }
)  # fmt: skip


class Passwords:
    """Keeping and checking passwords, with argon2id at one cost."""

    memory: int
    """KiB that one argon2id takes."""

    def __init__(self, memory_mib: int) -> None:
        self.memory = memory = memory_mib * 1024
        self._hasher = PasswordHasher(PASSES, memory, LANES, HASH_BYTES, SALT_BYTES)
        # Well formed, of the same cost, and opened by nothing: checked where there is no account
        salt, nothing = (_b64(secrets.token_bytes(size)) for size in (SALT_BYTES, HASH_BYTES))
        self._nobody = f"$argon2id$v=19$m={memory},t={PASSES},p={LANES}${salt}${nothing}"

    def kept(self, password: str) -> str:
        """What is kept of a password that its owner chose."""
        return self._hasher.hash(password)

    def opens(self, kept: str | None, password: str) -> bool:
        """Whether this is the password; one argon2id is counted whatever is kept, so that the time tells nothing."""
        chosen = kept is not None and kept.startswith("$argon2id$")
        fits = self._fits(kept if kept is not None and chosen else self._nobody, password)
        return fits if chosen else kept is not None and compare_digest(kept, digest(password))

    def key(self, password: str, salt: bytes, memory: int) -> bytes:
        """A key of 256 bits that only the password gives, at what keeping a password costs."""
        return hash_secret_raw(password.encode(), salt, PASSES, memory, LANES, HASH_BYTES, Type.ID)

    def stale(self, kept: str) -> bool:
        """Whether it was kept at another cost than today's."""
        return self._hasher.check_needs_rehash(kept)

    def _fits(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except VerifyMismatchError:
            return False


def one_time() -> tuple[str, str]:
    """A password for one sign-in, and what is kept of it: as random as a key, so a fast hash is enough."""
    groups = ("".join(secrets.choice(ID_LETTERS) for _ in range(5)) for _ in range(5))
    password = "-".join(groups)
    return password, digest(password)


def require_good(password: str, names: Iterable[str], at: str) -> None:
    """Refuse a password that guessing begins with; ``names`` are the owner's own. Its length is the model's matter."""
    letters = "".join(re.findall(r"\w", password.casefold()))
    own = letters
    for word in (*_TRIED, *(word for name in names for word in re.findall(r"\w{4,}", name.casefold()))):
        own = own.replace(word, "")
    run = any(letters in one or letters[::-1] in one for one in _RUNS)
    if run or letters in _WELL_KNOWN or len(set(password)) < LEAST_LETTERS or len(own) < LEAST_OWN:
        raise Invalid.at(Place(at, "a password that everybody tries; choose another"))


def _b64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")
