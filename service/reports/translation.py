"""A checklist as a report in some language prints it: translated as far as it is, the rest marked."""

from collections.abc import Mapping

from service.catalogue import wire
from service.catalogue.checklist import Checklist
from service.catalogue.texts import texts, with_texts
from service.catalogue.translations import Translated
from service.languages.words import Words, words_of
from service.reports.wording import Wording, marked
from stocktake.models import catalogue as views

UNITS = "units/"
"""How the keys of units begin."""


def printed(source: Checklist, found: Translated, language: str) -> tuple[Checklist, Wording]:
    """The checklist as a report in this language prints it: what has no translation stands in its own, marked."""
    own, words = source.head.language, words_of(language)
    if language == own:
        return source, Wording(words, own)
    stored = found.checklist.head.language == language
    sources = texts(source)
    left = found.untranslated if stored else tuple(sources)
    fallen_back = {key: _fallen_back(key, sources[key], own, words) for key in left}
    checklist = with_texts(found.checklist, fallen_back)
    head = checklist.head.model_copy(update={"language": language})
    return checklist.model_copy(update={"head": head}), Wording(words, own, found.status, len(left), stored)


def _fallen_back(key: str, text: str, own: str, words: Words) -> str:
    """The text with its mark; of a unit, the form of one and the form of many where this language has its forms."""
    if not any(character.isalpha() for character in text):
        return text
    if not key.startswith(UNITS):
        return marked(text, own)
    forms = words_of(own).forms(text)
    here = [forms["other"] if category != "one" else forms.get("one", forms["other"]) for category in words.plurals]
    return " | ".join(marked(form, own) for form in here)


def checklist_view(checklist: Checklist, digest: str) -> views.Checklist:
    """The checklist as the report reads it: the unit of a number is the forms it takes, not its id."""
    view = wire.checklist_view(checklist, digest)
    forms = {unit.id: unit.forms for unit in checklist.head.units}
    return view.model_copy(update={"questions": [_with_forms(question, forms) for question in view.questions]})


def _with_forms(question: views.Question, forms: Mapping[str, str]) -> views.Question:
    asked = question.answer
    if asked.type != "number" or asked.unit is None or asked.unit not in forms:
        return question
    return question.model_copy(update={"answer": asked.model_copy(update={"unit": forms[asked.unit]})})
