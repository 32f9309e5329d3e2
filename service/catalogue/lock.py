"""The lock of a checklist: its whole content as canonical JSON, and the digest that assessments pin."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

import rfc8785
from pydantic import ValidationError

from service.catalogue.checklist import Checklist
from service.catalogue.findings import Finding
from service.catalogue.loader import LOCK, Loaded
from service.catalogue.migration import order
from service.errors import Conflict, Invalid

FORMAT = "lock/1"

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"


class WrongLock(Invalid):
    """A lock file that does not hold what it says it holds."""

    code = "wrong_lock"
    title = "The lock file cannot be trusted"


def content(checklist: Checklist) -> dict[str, Json]:
    """The checklist as plain JSON values; decimals as strings, absent fields left out."""
    return cast("dict[str, Json]", checklist.model_dump(mode="json", by_alias=True, exclude_none=True))


def digest(checklist: Checklist) -> str:
    """SHA-256 of the canonical content (RFC 8785), 64 hexadecimal digits."""
    return _digest(content(checklist))


def lock_bytes(checklist: Checklist) -> bytes:
    """The lock file of a checklist; the same content gives the same bytes."""
    value = content(checklist)
    return _canonical({"format": FORMAT, "digest": _digest(value), "checklist": value}) + b"\n"


def load_lock(data: bytes) -> tuple[Checklist, str]:
    """The checklist in a lock file and its digest; WrongLock when the content does not give that digest."""
    try:
        lock = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WrongLock("the lock is not JSON ({error}); make it anew with `checklists lock`", error=error) from error
    if not isinstance(lock, dict) or lock.get("format") != FORMAT or set(lock) != {"format", "digest", "checklist"}:
        raise WrongLock("the lock is not of the format {format}; make it anew with `checklists lock`", format=FORMAT)
    # the digest is of what the file holds, not of what today's types make of it: types may grow, digests stay
    try:
        held = _digest(lock["checklist"])
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise WrongLock("the lock holds values that have no canonical form; take it from where it was made") from error
    if held != lock["digest"]:
        raise WrongLock(
            "the lock says {said} and its content has {held}; it was changed after it was made",
            said=lock["digest"],
            held=held,
        )
    try:
        return Checklist.model_validate(lock["checklist"], by_alias=True, by_name=False), held
    except ValidationError as error:
        first = error.errors(include_url=False)[0]["msg"]
        raise WrongLock("the lock's content is not a checklist: {error}", error=first) from error


@dataclass(frozen=True, slots=True)
class Locked:
    """The lock of the files as they are."""

    path: Path
    data: bytes
    digest: str
    changed: bool
    """Whether the file beside them holds something else, or nothing."""


def locked(loaded: Loaded) -> Locked:
    """The lock the files need; Conflict when it would change a published version."""
    path = loaded.sources.folder / LOCK
    data, new = lock_bytes(loaded.checklist), digest(loaded.checklist)
    if not path.exists():
        return Locked(path, data, new, changed=True)
    old, old_digest = load_lock(path.read_bytes())
    may_follow(old, old_digest, loaded.checklist, new)
    return Locked(path, data, new, changed=path.read_bytes() != data)


def write_lock(loaded: Loaded) -> Locked:
    """Write the lock beside the files, whole or not at all."""
    lock = locked(loaded)
    if lock.changed:
        part = lock.path.with_suffix(".part")
        part.write_bytes(lock.data)
        part.replace(lock.path)
    return lock


def may_follow(old: Checklist, old_digest: str, new: Checklist, new_digest: str) -> None:
    """A published version never changes: Conflict unless the new content is the old or has a higher version."""
    if old.head.status == "draft" or old_digest == new_digest:
        return
    if order(new.head.version) <= order(old.head.version):
        raise Conflict(
            "{checklist} {version} is published and never changes; "
            "raise the version in checklist.yaml above {version}, then lock again",
            checklist=old.head.id,
            version=old.head.version,
        )


def lock_findings(loaded: Loaded) -> list[Finding]:
    """What is wrong with the lock beside the files: a published checklist needs one that fits them."""
    path, head = loaded.sources.folder / LOCK, loaded.checklist.head
    name = path.as_posix()
    if not path.exists():
        if head.status == "draft":
            return []
        message = f"{head.id} {head.version} is {head.status} and has no lock; write it with `checklists lock`"
        return [loaded.sources.head.at("status").finding("lock", message)]
    try:
        stale = locked(loaded).changed
    except (WrongLock, Conflict) as problem:
        return [Finding(name, 1, "lock", problem.detail)]
    if stale and head.status != "draft":
        return [Finding(name, 1, "lock", "the lock is not of these files; write it anew with `checklists lock`")]
    return []


def _canonical(value: Json) -> bytes:
    return rfc8785.dumps(value)


def _digest(value: Json) -> str:
    return hashlib.sha256(_canonical(value)).hexdigest()
