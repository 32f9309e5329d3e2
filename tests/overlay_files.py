"""Made-up translations of a checklist: sound in every way the linter looks at, and plainly no real language."""

import re
from collections.abc import Mapping
from pathlib import Path

from service.catalogue.checklist import Checklist
from service.catalogue.formatting import format_part
from service.catalogue.loader import load
from service.catalogue.overlay import Entry, Overlay
from service.catalogue.texts import source_mark, texts

WORDS = {"ar": "كلمة", "es": "palabra", "fr": "mot", "ru": "слово", "zh": "词"}
FORMS = {"ar": 6, "es": 3, "fr": 3, "ru": 4, "zh": 1}


def translations(checklist: Checklist, language: str) -> dict[str, str]:
    """A translation of every text: a word, a number of its own in words, and the numbers of the source."""
    word, made = WORDS[language], {}
    for place, (key, source) in enumerate(texts(checklist).items(), start=1):
        numbers = " ".join(re.findall(r"[0-9]+(?:\.[0-9]+)*", source))
        made[key] = f"{word} {'x' * place} {numbers}".strip()
        if key.startswith("units/"):
            made[key] = " | ".join(f"{word}{'x' * form}" for form in range(FORMS[language]))
    return made


def overlay(checklist: Checklist, language: str, given: Mapping[str, str] | None = None) -> Overlay:
    """An overlay of these texts, or of made-up ones for all."""
    sources = texts(checklist)
    said = translations(checklist, language) if given is None else given
    entries = {key: Entry(of=source_mark(sources[key]), text=text) for key, text in said.items()}
    return Overlay(format="language/1", language=language, status="draft", texts=entries)


def write(folder: Path, language: str, given: Mapping[str, str] | None = None) -> Path:
    """The same as a file of the checklist in this folder."""
    path = folder / "languages" / f"{language}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(format_part(overlay(load(folder).checklist, language, given), ""))
    return path
