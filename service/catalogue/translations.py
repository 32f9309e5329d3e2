"""Translations of published checklists: in the database beside their version, replaced when they change.

They are no part of a checklist's lock: a published version never changes, its translations may still improve.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import cast

import rfc8785
from sqlalchemy import Connection, bindparam, delete, insert, select

from service.catalogue.checklist import Checklist
from service.catalogue.overlay import Overlay, Standing, fitting, standing
from service.catalogue.texts import texts, with_texts
from service.db.tables import ChecklistLanguage, ChecklistVersion
from service.languages.words import choose

_T, _V = ChecklistLanguage.__table__, ChecklistVersion.__table__
_OFFERED = (
    select(_T.c.language, _T.c.digest)
    .join(_V, (_V.c.checklist == _T.c.checklist) & (_V.c.version == _T.c.version))
    .where(_V.c.digest == bindparam("of_digest"))
    .order_by(_T.c.language)
)
_ONE = _OFFERED.add_columns(_T.c.status, _T.c.texts).where(_T.c.language == bindparam("in_language"))
_EVERY = select(_T.c.checklist, _T.c.version, _T.c.language).order_by(_T.c.language)
_OF_VERSION = (_T.c.checklist == bindparam("of_checklist")) & (_T.c.version == bindparam("of_version"))
_STANDING = select(_T.c.language, _T.c.digest).where(_OF_VERSION, _T.c.status != "source")
_GONE = delete(_T).where(_OF_VERSION, _T.c.language == bindparam("in_language"))


@dataclass(frozen=True, slots=True)
class WantedLanguage:
    """Which language a reader asks for: by name, or by the header ``Accept-Language``."""

    language: str | None = None
    header: str | None = None

    def of(self, offered: Sequence[str], source: str) -> str:
        """The best of those there are; the checklist's own where none is wanted."""
        return choose(self.header, self.language, offered, source)


@dataclass(frozen=True, slots=True)
class Translated:
    """A checklist in one language: its texts replaced, all else as it is."""

    checklist: Checklist
    """Its head names the language it is in."""
    status: Standing
    digest: str
    """Of the translation; in the checklist's own language that of the lock."""
    untranslated: tuple[str, ...]
    """The keys of texts that stay in the checklist's own language."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A translation as it is kept."""

    language: str
    digest: str
    status: Standing
    texts: Mapping[str, str]

    @classmethod
    def of(cls, overlay: Overlay, sources: Mapping[str, str]) -> "Stored":
        """What of an overlay fits the published texts."""
        fit, status = fitting(overlay, sources), standing(overlay, sources)
        held = rfc8785.dumps([overlay.language, status, fit])
        return cls(overlay.language, sha256(held).hexdigest(), status, fit)


def offered(connection: Connection, digest: str) -> dict[str, str]:
    """The languages a published checklist can be read in, each with the digest of its texts."""
    return {row.language: row.digest for row in connection.execute(_OFFERED, {"of_digest": digest})}


def translated(connection: Connection, source: Checklist, digest: str, language: str) -> Translated:
    """The checklist in a language that is offered."""
    row = connection.execute(_ONE, {"of_digest": digest, "in_language": language}).one()
    said = cast("dict[str, str]", json.loads(row.texts))
    checklist = with_texts(source, said)
    head = checklist.head.model_copy(update={"language": language})
    left = tuple(key for key in texts(source) if key not in said)
    return Translated(checklist.model_copy(update={"head": head}), row.status, row.digest, left)


def every_language(connection: Connection) -> dict[tuple[str, str], tuple[str, ...]]:
    """The languages of every published checklist and version."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in connection.execute(_EVERY):
        of = row.checklist, row.version
        found[of] = (*found.get(of, ()), row.language)
    return found


def enter_source(connection: Connection, checklist: Checklist, digest: str, now: datetime) -> None:
    """A new version can be read in its own language."""
    head = checklist.head
    _enter(connection, checklist, [Stored(head.language, digest, "source", {})], now)


def replace(
    connection: Connection, checklist: Checklist, overlays: Iterable[Overlay], now: datetime
) -> tuple[list[Stored], list[str]]:
    """Make the translations of a published version those given: the ones entered anew, and the languages taken away.

    An overlay of which no text fits is no translation, nor is one in the checklist's own language.
    """
    head, sources = checklist.head, texts(checklist)
    version = {"of_checklist": head.id, "of_version": head.version}
    before = {row.language: row.digest for row in connection.execute(_STANDING, version)}
    all_given = [Stored.of(overlay, sources) for overlay in overlays if overlay.language != head.language]
    given = {one.language: one for one in all_given if one.texts}
    new = [one for one in given.values() if before.get(one.language) != one.digest]
    gone = sorted(before.keys() - given.keys())
    outdated = [version | {"in_language": language} for language in (*gone, *(one.language for one in new))]
    if outdated:
        connection.execute(_GONE, outdated)
    _enter(connection, checklist, new, now)
    return new, gone


def _enter(connection: Connection, checklist: Checklist, entered: Sequence[Stored], now: datetime) -> None:
    rows = [
        {
            "checklist": checklist.head.id,
            "version": checklist.head.version,
            "language": one.language,
            "digest": one.digest,
            "status": one.status,
            "texts": json.dumps(dict(one.texts), ensure_ascii=False),
            "published_at": now,
        }
        for one in entered
    ]
    if rows:
        connection.execute(insert(_T), rows)
