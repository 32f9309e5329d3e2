"""Translations as files: an overlay of texts for each language, and the glossary that all of them keep to.

An entry names the text it translates by its mark, so that a changed source shows; what does not fit falls back.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from service.catalogue.instrument import LanguageCode, Line, Part, Prose, Token
from service.catalogue.texts import source_mark

Standing = Literal["source", "unofficial", "reviewed"]
"""What a reader may take the texts for: the checklist's own, nobody's word, or read by a native reader."""


class Entry(Part):
    """One text in another language."""

    of: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}$")]
    """The source mark of the text it translates."""
    text: Prose
    status: Literal["todo", "draft", "reviewed"] | None = None
    """``todo``: the text stands here to be translated, and counts as missing."""

    def fits(self, source: str) -> bool:
        """Whether it translates this text, and not an earlier one or none yet."""
        return self.of == source_mark(source) and self.status != "todo"


class Overlay(Part):
    """``languages/fr.yaml``: the texts of a checklist in one more language, by key."""

    format: Literal["language/1"]
    language: LanguageCode
    status: Literal["draft", "reviewed"]
    """Of every text that does not say otherwise; reviewed is what a native reader has read."""
    texts: dict[str, Entry]


class Wording(Part):
    """How one language says a term."""

    use: Line
    """What to write."""
    marks: tuple[Line, ...] = Field(min_length=1)
    """One of these is found in every translation of a text with the term: its stems and short forms, in any case."""


class GlossaryTerm(Part):
    id: Token
    source: tuple[Line, ...] = Field(min_length=1)
    """As it is found in the source, in whole words and this case."""
    meaning: Line | None = None
    languages: dict[LanguageCode, Wording] = Field(default_factory=dict[str, Wording])
    """Empty for what stays as it is in every language, such as a code."""


class Glossary(Part):
    """``languages/glossary.yaml``: the terms of the field, one wording in each language."""

    format: Literal["glossary/1"]
    terms: tuple[GlossaryTerm, ...] = Field(min_length=1)


def fitting(overlay: Overlay, sources: Mapping[str, str]) -> dict[str, str]:
    """Key → translation of each source text that has one which is neither stale nor still to do."""
    return {
        key: entry.text
        for key, source in sources.items()
        if (entry := overlay.texts.get(key)) is not None and entry.fits(source)
    }


def standing(overlay: Overlay, sources: Mapping[str, str]) -> Standing:
    """Reviewed when every text that fits is; one draft among them makes the whole unofficial."""
    reviewed = all((overlay.texts[key].status or overlay.status) == "reviewed" for key in fitting(overlay, sources))
    return "reviewed" if reviewed else "unofficial"


def missing(overlay: Overlay, sources: Mapping[str, str]) -> dict[str, str]:
    """Key → source text of all that has no entry, or one that is still to do."""
    return {
        key: source
        for key, source in sources.items()
        if (entry := overlay.texts.get(key)) is None or entry.status == "todo"
    }


def stale(overlay: Overlay, sources: Mapping[str, str]) -> dict[str, str]:
    """Key → source text as it is now of all that translates an earlier one."""
    return {
        key: source
        for key, source in sources.items()
        if (entry := overlay.texts.get(key)) is not None and not entry.fits(source) and entry.status != "todo"
    }


def unknown(overlay: Overlay, sources: Mapping[str, str]) -> list[str]:
    """The keys of which the checklist has no text."""
    return [key for key in overlay.texts if key not in sources]


def entered(overlay: Overlay, given: Mapping[str, str], made_of: Mapping[str, str]) -> Overlay:
    """The overlay with these translations as drafts of the texts they were made of; what says the same stays."""
    texts = dict(overlay.texts)
    for key, text in given.items():
        held, mark = texts.get(key), source_mark(made_of[key])
        if held is None or (held.of, held.text) != (mark, text) or held.status == "todo":
            draft = {} if overlay.status == "draft" else {"status": "draft"}
            texts[key] = Entry.model_validate({"of": mark, "text": text} | draft)
    return overlay.model_copy(update={"texts": texts})


def renewed(overlay: Overlay, sources: Mapping[str, str]) -> Overlay:
    """The overlay with an entry for every source text, in the checklist's order; unknown keys are left out.

    What is missing or stale is marked ``todo``, with the source, or the earlier translation, standing where the new
    one belongs.
    """
    texts = {key: _entry(overlay.texts.get(key), source) for key, source in sources.items()}
    return overlay.model_copy(update={"texts": texts})


def _entry(held: Entry | None, source: str) -> Entry:
    mark = source_mark(source)
    if held is None or (held.status == "todo" and held.of != mark):
        return Entry(of=mark, text=source, status="todo")
    return held if held.of == mark else Entry(of=mark, text=held.text, status="todo")
