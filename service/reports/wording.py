"""The language a report is in, and how its checklist's texts stand in it. Pure."""

from dataclasses import dataclass

from service.catalogue.overlay import Standing
from service.languages.words import Words
from stocktake.models.catalogue import Instrument


@dataclass(frozen=True, slots=True)
class Wording:
    """How a report speaks."""

    words: Words
    authentic: str
    """The checklist's own language (ISO 639)."""
    status: Standing = "source"
    fallen_back: int = 0
    """So many texts of the checklist are given in its own language, marked."""
    translated: bool = True
    """Whether any text of the checklist is there in the report's language."""


def marked(text: str, language: str) -> str:
    """A text that is not in the report's language; the templates read the mark and tag the text with it."""
    return f"{text}\u00a0[{language}]"


def quoted(text: str, instrument: Instrument, words: Words) -> str:
    """Words of the instrument: they stay as they are, marked where their language is not the report's."""
    return text if instrument.language == words.language else marked(text, instrument.language)


def unmarked(text: str) -> tuple[str, str]:
    """A text and its mark, which is empty for most."""
    said, space, mark = text.rpartition("\u00a0[")
    return (said, space + mark) if said and mark.endswith("]") else (text, "")
