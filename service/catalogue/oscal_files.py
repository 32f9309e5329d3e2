"""A checklist's files from its catalog: the same bytes that ``fmt`` writes, parted as they were."""

import re
from pathlib import Path, PurePosixPath

from service.catalogue.checklist import Checklist
from service.catalogue.formatting import format_part, head_comments
from service.catalogue.loader import HEAD, INSTRUMENT, QUESTION_FILE, QUESTIONS, Loaded
from service.catalogue.oscal import Layout, WrongCatalog
from service.catalogue.question import Question, QuestionFile


def layout(loaded: Loaded) -> Layout:
    """Which question stands in which file, and the comments at the files' heads."""
    folder = loaded.sources.folder
    names = {spot.file: f"{QUESTIONS}/{Path(spot.file).name}" for _, spot in loaded.sources.files}
    files = {name: _comments(folder / name) for name in (INSTRUMENT, HEAD, *names.values())}
    return Layout(files, {p.question.id: names[p.spot.file] for p in loaded.sources.questions()})


def files(checklist: Checklist, kept: Layout) -> dict[str, bytes]:
    """Each file by its path in the checklist's folder; one for each section unless the layout parts them otherwise."""
    head, instrument = checklist.head, checklist.instrument
    written = {
        INSTRUMENT: format_part(instrument, kept.files.get(INSTRUMENT, "")),
        HEAD: format_part(head, kept.files.get(HEAD, "")),
    }
    for name, content in _question_files(checklist, kept).items():
        written[name] = format_part(content, kept.files.get(name, ""))
    return written


def _question_files(checklist: Checklist, kept: Layout) -> dict[str, QuestionFile]:
    order = [section.id for section in checklist.head.sections]
    parted: dict[str, list[Question]] = {}
    for question in checklist.questions:
        section = checklist.section_of[question.id]
        name = kept.file_of.get(question.id) or f"{QUESTIONS}/{order.index(section) + 1:02}-{_slug(section)}.yaml"
        parted.setdefault(name, []).append(question)
    return {name: _question_file(name, questions, checklist) for name, questions in parted.items()}


def _question_file(name: str, questions: list[Question], checklist: Checklist) -> QuestionFile:
    path = PurePosixPath(name)
    if path.parent != PurePosixPath(QUESTIONS) or not QUESTION_FILE.fullmatch(path.name):
        raise WrongCatalog("{name} is no name of a file of questions; they are named questions/01-name.yaml", name=name)
    sections = {checklist.section_of[question.id] for question in questions}
    if len(sections) != 1:
        raise WrongCatalog(
            "{name} holds questions of the sections {sections}; a file is of one",
            name=name,
            sections=", ".join(sorted(sections)),
        )
    return QuestionFile(section=sections.pop(), questions=tuple(questions))


def _slug(section: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", section)


def _comments(path: Path) -> str:
    return "\n".join(head_comments(path.read_text(encoding="utf-8")))
