"""What the linter says of translations: whole, fresh, true to numbers and terms, and of the units' plural forms."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from service.catalogue.checklist import Checklist
from service.catalogue.findings import Finding
from service.catalogue.lint_answers import repeated
from service.catalogue.loader import LANGUAGES, Loaded, Translations
from service.catalogue.overlay import Entry, Glossary, GlossaryTerm, Overlay, missing, stale, unknown
from service.catalogue.question import Number
from service.catalogue.texts import texts
from service.catalogue.yaml_text import Spot
from service.languages.words import Words

_NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)*")
_FIGURE = re.compile(r"\d")
_PROSE_WORD = re.compile(r"\b[a-z]{2,}\b")
_PROSE = 3
"""Words in small letters; a text with fewer may be a code or a name that is the same in every language."""
_GROUP = "[.,'\u2019\u00a0\u202f\u2009 ]?"
"""What may part the thousands of a number."""


def language_findings(loaded: Loaded, translations: Translations) -> Iterator[Finding]:
    """Everything wrong with the overlays and the glossary of a checklist."""
    head, spot = loaded.checklist.head, loaded.sources.head
    yield from translations.findings
    there = {overlay.language for overlay, _ in translations.overlays}
    unread = {finding.file.rpartition("/")[2] for finding in translations.findings}
    for number, language in enumerate(head.languages):
        if language not in there and f"{language}.yaml" not in unread:
            message = (
                f"{LANGUAGES}/{language}.yaml is not there; start it with `checklists texts {language} FOLDER --write`"
            )
            yield spot.at("languages", number).finding("language", message)
    for number, language in repeated((head.language, *head.languages)):
        message = f"{language} is the checklist's own language or named twice; remove it"
        yield spot.at("languages", number - 1).finding("language", message)
    sources = texts(loaded.checklist)
    terms: dict[str, list[GlossaryTerm]] = {}
    if translations.glossary is not None:
        glossary, at = translations.glossary
        yield from _glossary(glossary, at, {*head.languages, *there})
        terms = _terms(glossary, sources)
    for overlay, at in translations.overlays:
        yield from _overlay(overlay, at, loaded.checklist, sources)
        yield from _entries(overlay, at, sources, terms)


def unit_findings(checklist: Checklist, head: Spot) -> Iterator[Finding]:
    """The units of the checklist have as many forms as its language has plural categories."""
    categories = _plurals(checklist.head.language)
    for number, unit in enumerate(checklist.head.units):
        yield from _forms(unit.forms, categories, head.at("units", number, "forms"))


def counted_in(loaded: Loaded) -> Iterator[Finding]:
    """Every number is counted in a unit that the head lists."""
    known = {unit.id for unit in loaded.checklist.head.units}
    for placed in loaded.sources.questions():
        answer = placed.question.answer
        if isinstance(answer, Number) and answer.unit not in known:
            message = f"{placed.question.id}: checklist.yaml lists no unit {answer.unit}; add it under units"
            yield placed.spot.at("answer", "unit").finding("unit", message)


def _glossary(glossary: Glossary, at: Spot, languages: set[str]) -> Iterator[Finding]:
    for number, word in repeated(term.id for term in glossary.terms):
        yield at.at("terms", number, "id").finding("duplicate", f"the term {word} a second time; rename one")
    for number, term in enumerate(glossary.terms):
        lacking = sorted(languages - term.languages.keys()) if term.languages else []
        if lacking:
            message = f"the term {term.id} has no wording in {', '.join(lacking)}; write it"
            yield at.at("terms", number).finding("glossary", message)


def _overlay(overlay: Overlay, at: Spot, checklist: Checklist, sources: Mapping[str, str]) -> Iterator[Finding]:
    """What is wrong with the file as a whole: its name, what it lacks and what it has too much."""
    if not at.file.endswith(f"/{overlay.language}.yaml"):
        yield at.at("language").finding("language", f"the file has another name than {overlay.language}; give both one")
    if overlay.language == checklist.head.language:
        yield at.at("language").finding("language", "the checklist itself is in this language; remove the file")
    if overlay.language in checklist.head.languages:
        for key in missing(overlay, sources):
            yield at.at("texts", key).finding("missing", f"{key}: no translation yet; write it and remove todo")
    for key in stale(overlay, sources):
        message = f"{key}: the source has changed since; translate it anew (`checklists texts {overlay.language}`)"
        yield at.at("texts", key, "of").finding("stale", message)
    for key in unknown(overlay, sources):
        yield at.at("texts", key).finding("unknown", f"the checklist has no text {key}; correct the key or remove it")


def _entries(
    overlay: Overlay, at: Spot, sources: Mapping[str, str], terms: Mapping[str, list[GlossaryTerm]]
) -> Iterator[Finding]:
    """What is wrong with each translation that is neither stale nor still to do."""
    categories = _plurals(overlay.language)
    fresh = {
        key: (source, entry)
        for key, source in sources.items()
        if (entry := overlay.texts.get(key)) is not None and entry.fits(source)
    }
    for key, (source, entry) in fresh.items():
        spot = at.at("texts", key, "text")
        for message in _told(source, entry.text):
            yield spot.finding("translation", f"{key}: {message}")
        for term in terms.get(key, ()):
            yield from _term(term, overlay.language, entry, spot)
        if re.fullmatch(r"units/[^/]+/forms", key):
            yield from _forms(entry.text, categories, spot)
    yield from _told_apart(fresh, at)


def _told(source: str, text: str) -> Iterator[str]:
    """What a translation lost or failed to do."""
    if text == source and len(_PROSE_WORD.findall(source)) >= _PROSE:
        yield "this is the source itself; translate it"
    if "\n" not in source and "\n" in text:
        yield "the source is one line and this is several; write one"
    lost = [number for number in dict.fromkeys(_NUMBER.findall(source)) if not _spelt(number).search(text)]
    if lost:
        yield f"the source says {', '.join(lost)} and this does not; numbers stay, in the digits 0 to 9"
    if any(not figure.isascii() for figure in _FIGURE.findall(text)):
        yield "digits of another script; write 0 to 9"


def _spelt(number: str) -> re.Pattern[str]:
    """The ways in which languages write an English number: 100,000 as 100 000, 98.5 as 98,5; 1.1.0 stays."""
    whole, *decimals = number.split(".")
    digits = whole.replace(",", "")
    groups = [digits[max(0, end - 3) : end] for end in range(len(digits), 0, -3)][::-1]
    spelt = _GROUP.join(groups)
    if len(decimals) == 1:
        spelt += "[.,\u066b]" + decimals[0]
    elif decimals:
        spelt = re.escape(number)
    return re.compile(rf"(?<![0-9])(?<![0-9][.,]){spelt}(?![.,]?[0-9])", re.ASCII)


def _terms(glossary: Glossary, sources: Mapping[str, str]) -> dict[str, list[GlossaryTerm]]:
    """Key → the terms that stand in its source."""
    wanted = [(term, _whole_words(term.source)) for term in glossary.terms]
    return {key: [term for term, words in wanted if words.search(source)] for key, source in sources.items()}


def _whole_words(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def _term(term: GlossaryTerm, language: str, entry: Entry, spot: Spot) -> Iterator[Finding]:
    wording = term.languages.get(language)
    if wording is None and term.languages:
        return
    marks = term.source if wording is None else wording.marks
    text = _plain(entry.text)
    if not any(_plain(mark) in text for mark in marks):
        use = "as it is" if wording is None else f"as {wording.use!r}"
        yield spot.finding("glossary", f"the glossary says {term.source[0]!r} {use}; use it, or add this form to marks")


def _plain(text: str) -> str:
    """Without what does not make another word: case, kinds of spaces and of apostrophes."""
    return " ".join(text.casefold().replace("\u2019", "'").split())


def _forms(forms: str, categories: tuple[str, ...], at: Spot) -> Iterator[Finding]:
    written = [form.strip() for form in forms.split("|")]
    if len(written) != len(categories) or not all(written):
        message = f"{len(written)} forms; write {len(categories)}, parted by |: {', '.join(categories)}"
        yield at.finding("forms", message)


def _told_apart(fresh: Mapping[str, tuple[str, Entry]], at: Spot) -> Iterator[Finding]:
    """The descriptors or options of one answer differ for those who read them, too."""
    together: dict[str, list[str]] = defaultdict(list)
    for key in fresh:
        question, answers, _ = key.partition("/answer/")
        if answers:
            together[question].append(key)
    for keys in together.values():
        for number, _ in repeated(fresh[key][1].text for key in keys):
            message = f"{keys[number]}: another one says the same; say what sets it apart"
            yield at.at("texts", keys[number], "text").finding("duplicate", message)


@cache
def _plurals(language: str) -> tuple[str, ...]:
    return Words(language).plurals
