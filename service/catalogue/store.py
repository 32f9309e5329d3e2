"""Published checklists: in the database for ever, and on a shelf in memory once read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from service.catalogue import translations
from service.catalogue.checklist import Checklist
from service.catalogue.lock import load_lock
from service.catalogue.migration import order
from service.catalogue.translations import Translated, WantedLanguage
from service.db.tables import ChecklistVersion
from service.db.types import Record
from service.errors import Conflict, NotFound

_T = ChecklistVersion.__table__
_HEAD = tuple(column for column in _T.c if column.name != "lock")
_ALL = select(*_HEAD).order_by(_T.c.checklist, _T.c.published_at.desc(), _T.c.version.desc())
_OF = (
    select(*_HEAD)
    .where(_T.c.checklist == bindparam("of_checklist"))
    .order_by(_T.c.published_at.desc(), _T.c.version.desc())
)
_OF_INSTRUMENT = (
    select(*_HEAD)
    .where(_T.c.instrument == bindparam("of_instrument"))
    .order_by(_T.c.published_at.desc(), _T.c.digest)
    .limit(1)
)
_LOCK = select(_T.c.lock).where(_T.c.digest == bindparam("with_digest"))


class PublishedDiffers(Conflict):
    code = "published_differs"
    title = "This version was published with other content"


@dataclass(frozen=True, slots=True)
class Published:
    """One published version, without its content."""

    id: str
    version: str
    digest: str
    title: str
    status: str
    questions: int
    published_at: datetime
    languages: tuple[str, ...] = ()
    """Filled in lists: those it can be read in."""


class Shelf:
    """Checklists by digest, parsed once: a digest's content never changes. Translations of them by their own digest."""

    def __init__(self) -> None:
        self._by_digest: dict[str, Checklist] = {}
        self._translated: dict[tuple[str, str], Translated] = {}
        """By digest of the checklist and language, the newest read."""
        self._digests: dict[tuple[str, str], str] = {}
        """By checklist and version."""

    def checklist(self, connection: Connection, digest: str, wanted: WantedLanguage | None = None) -> Checklist:
        """The checklist an assessment pins, in the language wanted: a pinned digest is always published."""
        if wanted is None or wanted == WantedLanguage():
            return self._source(connection, digest)
        return self.translated(connection, digest, wanted)[0].checklist

    def translated(
        self, connection: Connection, digest: str, wanted: WantedLanguage
    ) -> tuple[Translated, Sequence[str]]:
        """The same with how it stands with the translation, and every language there is."""
        source = self._source(connection, digest)
        own = source.head.language
        offered = translations.offered(connection, digest)
        language = wanted.of(tuple(offered), own)
        if language == own:
            return Translated(source, "source", digest, ()), tuple(offered)
        found = self._translated.get((digest, language))
        if found is None or found.digest != offered[language]:
            found = translations.translated(connection, source, digest, language)
            self._translated[digest, language] = found
        return found, tuple(offered)

    def _source(self, connection: Connection, digest: str) -> Checklist:
        found = self._by_digest.get(digest)
        if found is None:
            lock: str = connection.execute(_LOCK, {"with_digest": digest}).scalar_one()
            found, _ = load_lock(lock.encode())
            self._by_digest[digest] = found
        return found

    def of_version(self, connection: Connection, checklist: str, version: str) -> Checklist:
        """One published version: its content never changes either."""
        if (checklist, version) not in self._digests:
            self._digests[checklist, version] = self.published(connection, checklist, version).digest
        return self.checklist(connection, self._digests[checklist, version])

    def published(self, connection: Connection, checklist: str, version: str | None) -> Published:
        """One version, or the newest; NotFound names what there is."""
        rows = connection.execute(_OF, {"of_checklist": checklist}).all()
        if not rows:
            raise NotFound("There is no checklist {checklist}.", checklist=checklist)
        if version is None:
            return _published(max(rows, key=lambda row: order(row.version)))
        for row in rows:
            if row.version == version:
                return _published(row)
        raise NotFound(
            "Checklist {checklist} has no version {version}; it has {versions}.",
            checklist=checklist,
            version=version,
            versions=", ".join(row.version for row in rows),
        )

    def of_instrument(self, connection: Connection, instrument: str) -> Checklist:
        """The newest checklist on an instrument, for the instrument's own text."""
        row = connection.execute(_OF_INSTRUMENT, {"of_instrument": instrument}).one_or_none()
        if row is None:
            raise NotFound("There is no instrument {instrument}.", instrument=instrument)
        return self.checklist(connection, row.digest)

    def all_published(self, connection: Connection) -> Sequence[Published]:
        languages = translations.every_language(connection)
        return [
            replace(_published(row), languages=languages.get((row.checklist, row.version), ()))
            for row in connection.execute(_ALL)
        ]


def publish(connection: Connection, lock: bytes, now: datetime) -> bool:
    """Enter a locked checklist for ever; whether it was new. Other content under a known version is refused."""
    checklist, digest = load_lock(lock)
    head = checklist.head
    where = (_T.c.checklist == head.id, _T.c.version == head.version)
    standing = connection.execute(select(_T.c.digest).where(*where)).scalar_one_or_none()
    if standing == digest:
        return False
    if standing is not None:
        raise PublishedDiffers(
            "{checklist} {version} is published with other content; raise its version.",
            checklist=head.id,
            version=head.version,
        )
    row = {
        "checklist": head.id,
        "version": head.version,
        "digest": digest,
        "instrument": head.instrument,
        "title": head.title,
        "status": head.status,
        "questions": len(checklist.questions),
        "lock": lock.decode(),
        "published_at": now,
    }
    connection.execute(insert(_T), row)
    translations.enter_source(connection, checklist, digest, now)
    return True


def _published(row: Record) -> Published:
    return Published(row.checklist, row.version, row.digest, row.title, row.status, row.questions, row.published_at)
