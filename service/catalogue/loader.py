"""From the files of one folder to a checklist, with the place of every part; all that is wrong is collected."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from service.catalogue.checklist import Checklist, Head
from service.catalogue.findings import Finding, WrongChecklist
from service.catalogue.instrument import Instrument, Part
from service.catalogue.migration import Migration, order
from service.catalogue.overlay import Glossary, Overlay
from service.catalogue.question import Question, QuestionFile
from service.catalogue.yaml_text import Document, Entries, Spot, plain, read

INSTRUMENT, HEAD, QUESTIONS, LOCK = "instrument.yaml", "checklist.yaml", "questions", "checklist.lock.json"
LANGUAGES, GLOSSARY = "languages", "glossary.yaml"
MIGRATIONS, PROFILES = "migrations", "profiles"
_BESIDE = {INSTRUMENT, HEAD, QUESTIONS, LOCK, LANGUAGES, MIGRATIONS, PROFILES, "README.md"}
QUESTION_FILE = re.compile(r"[0-9]{2}-[a-z0-9]+(-[a-z0-9]+)*\.yaml")
_LANGUAGE_FILE = re.compile(r"[a-z]{2,3}\.yaml")

_MESSAGES = {
    "missing": "{name} is missing{entry}; write it",
    "extra_forbidden": "{where}: the format has no field {name} here; correct its name or remove it",
    "literal_error": "{where}: {given} is not known here; write {expected}",
    "union_tag_invalid": "{where}: {tag} is not known here; write one of {expected_tags}",
    "union_tag_not_found": "{where}: the field {discriminator} is missing; it says what this is",
    "string_pattern_mismatch": "{where}: {given} is not written as it must be ({pattern})",
    "too_short": "{where}: {actual_length} entries; write at least {min_length}",
    "too_long": "{where}: more than {max_length} entries; write fewer",
    "tuple_type": "{where}: a list is needed here, one entry a line after a dash",
    "string_type": "{where}: one text is needed here, not a list or mapping",
    "model_type": "{where}: a mapping is needed here, fields with values",
    "model_attributes_type": "{where}: a mapping is needed here, fields with values",
    "value_error": "{where}: {error}, not {given}",
}
"""What is wrong and how to mend it, by pydantic's name of the error; any other is told in pydantic's words."""

PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True, slots=True)
class PlacedQuestion:
    """A question, the section its file is of, and where it stands."""

    question: Question
    section: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Sources:
    """Where each part of a checklist stands in its files."""

    folder: Path
    instrument: Spot
    head: Spot
    files: tuple[tuple[QuestionFile, Spot], ...]
    migrations: tuple[tuple[Migration, Spot], ...] = ()
    """Oldest first."""

    def questions(self) -> Iterator[PlacedQuestion]:
        """Every question in order of the files, also one whose id is used twice."""
        for content, spot in self.files:
            for number, question in enumerate(content.questions):
                yield PlacedQuestion(question, content.section, spot.at("questions", number))


@dataclass(frozen=True, slots=True)
class Loaded:
    checklist: Checklist
    sources: Sources


@dataclass(frozen=True, slots=True)
class Translations:
    """The overlays beside a checklist, what they keep to, and what of all this cannot be read."""

    overlays: tuple[tuple[Overlay, Spot], ...]
    glossary: tuple[Glossary, Spot] | None
    findings: tuple[Finding, ...]


def load(folder: Path) -> Loaded:
    """The checklist in a folder; WrongChecklist with every finding when its files cannot be read as one.

    That the parts also fit one another is for lint to say.
    """
    findings = list(_strangers(folder))
    instrument, instrument_spot = _part(folder / INSTRUMENT, Instrument, findings)
    head, head_spot = _part(folder / HEAD, Head, findings)
    files: list[tuple[QuestionFile, Spot]] = []
    for path in question_paths(folder):
        content, spot = _part(path, QuestionFile, findings)
        if content and spot:
            files.append((content, spot))
    migrations = _migrations(folder, findings)
    if instrument is None or head is None or instrument_spot is None or head_spot is None or findings:
        raise WrongChecklist(findings)
    checklist = Checklist.whole(
        head, instrument, tuple(content for content, _ in files), tuple(migration for migration, _ in migrations)
    )
    return Loaded(checklist, Sources(folder, instrument_spot, head_spot, tuple(files), migrations))


def load_translations(folder: Path) -> Translations:
    """The overlays and the glossary in a checklist's folder; a checklist without any is whole too."""
    findings = list(_strange_languages(folder / LANGUAGES))
    overlays = []
    for path in language_paths(folder):
        overlay, spot = _part(path, Overlay, findings)
        if overlay and spot:
            overlays.append((overlay, spot))
    path = folder / LANGUAGES / GLOSSARY
    glossary, spot = _part(path, Glossary, findings) if path.exists() else (None, None)
    return Translations(tuple(overlays), (glossary, spot) if glossary and spot else None, tuple(findings))


def language_paths(folder: Path) -> list[Path]:
    """The overlays of a checklist's folder, by language."""
    return sorted(path for path in (folder / LANGUAGES).glob("*.yaml") if path.name != GLOSSARY)


def question_paths(folder: Path) -> list[Path]:
    """The question files of a checklist's folder, in their order."""
    return sorted((folder / QUESTIONS).glob("*.yaml"))


def migration_paths(folder: Path) -> list[Path]:
    """The maps from earlier versions in a checklist's folder."""
    return sorted((folder / MIGRATIONS).glob("*.yaml"))


def read_part(path: Path, kind: type[PartT]) -> tuple[PartT, Spot]:
    """One file as its type; WrongChecklist with every finding when it is not."""
    findings: list[Finding] = []
    part, spot = _part(path, kind, findings)
    if part is None or spot is None or findings:
        raise WrongChecklist(findings)
    return part, spot


def _migrations(folder: Path, findings: list[Finding]) -> tuple[tuple[Migration, Spot], ...]:
    read = [_part(path, Migration, findings) for path in migration_paths(folder)]
    found = [(migration, spot) for migration, spot in read if migration and spot]
    return tuple(sorted(found, key=lambda one: order(one[0].from_)))


def _part(path: Path, kind: type[PartT], findings: list[Finding]) -> tuple[PartT | None, Spot | None]:
    document = _document(path)
    findings.extend(document.findings)
    if document.root is None or document.findings:
        # a text that could be read in two ways would only give misleading errors of type
        return None, document.root
    try:
        # the fields' names in files are their aliases (``not``, ``in``); their names in code are refused
        return kind.model_validate(plain(document.root.node), by_alias=True, by_name=False), document.root
    except ValidationError as error:
        findings.extend(_finding(document.root, detail) for detail in error.errors(include_url=False))
        return None, document.root


def _document(path: Path) -> Document:
    try:
        return read(path.read_bytes(), path.as_posix())
    except OSError as error:
        message = f"the file cannot be read ({error.strerror}); every checklist has a file {path.name}"
        return Document(None, (Finding(path.as_posix(), 1, "file", message),))


def _strangers(folder: Path) -> Iterator[Finding]:
    """Files that nobody would read, most often one with a misspelt name."""
    if not folder.is_dir():
        yield Finding(folder.as_posix(), 1, "file", "there is no such folder; name the folder of a checklist")
        return
    for path in sorted(folder.iterdir()):
        if path.name not in _BESIDE:
            kinds = ", ".join(sorted(_BESIDE))
            yield Finding(path.as_posix(), 1, "file", f"not part of a checklist; rename or remove it (known: {kinds})")
    questions = folder / QUESTIONS
    inside = sorted(questions.iterdir()) if questions.is_dir() else []
    if not inside:
        yield Finding(questions.as_posix(), 1, "file", "there are no question files; write questions/01-name.yaml")
    for path in inside:
        if not QUESTION_FILE.fullmatch(path.name):
            yield Finding(path.as_posix(), 1, "file", "question files are named 01-name.yaml; rename or remove it")


def _strange_languages(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.name != GLOSSARY and not _LANGUAGE_FILE.fullmatch(path.name):
            message = f"translations are named for their language, as fr.yaml, or {GLOSSARY}; rename or remove it"
            yield Finding(path.as_posix(), 1, "file", message)


def _finding(root: Spot, detail: ErrorDetails) -> Finding:
    """A type error as a finding; the union tags in pydantic's location are no steps in the file."""
    spot, path = root, []
    for step in detail["loc"]:
        below = spot.at(step)
        if below != spot:
            spot = below
            path.append(str(step))
    where = ".".join(path) or "the file"
    last = detail["loc"][-1] if detail["loc"] else ""
    name = f"entry {last + 1}" if isinstance(last, int) else last
    return spot.finding("type", _message(detail, where, name, spot))


def _message(detail: ErrorDetails, where: str, name: str, spot: Spot) -> str:
    given = str(detail["input"])[:80]
    known = {"where": where, "name": name, "given": given, "entry": _entry(spot)} | detail.get("ctx", {})
    if template := _MESSAGES.get(detail["type"]):
        return template.format_map(known)
    return f"{where}: {detail['msg'][:1].lower()}{detail['msg'][1:]}; it is {given!r}"


def _entry(spot: Spot) -> str:
    """Which entry lacks something: its id where it has one."""
    if isinstance(spot.node, Entries) and "id" in spot.node.entries:
        return f" in {plain(spot.node.entries['id'])}"
    return ""
