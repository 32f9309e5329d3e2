"""A checklist as a report in some language prints it: translated as far as it is, the rest marked."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from service.assessments.displays import display, warning
from service.assessments.indicators import Figure
from service.catalogue import wire
from service.catalogue.checklist import Checklist, Indicator, Ratio
from service.catalogue.texts import texts, with_texts
from service.catalogue.translations import Translated
from service.languages.words import Words, words_of
from service.reports.wording import Wording, marked
from stocktake.models import catalogue as views
from stocktake.models.assessments import Checks, Coverage, IndicatorResult, StepCount
from stocktake.models.export import Export

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


def retold(export: Export, checklist: Checklist, wording: Wording) -> dict[str, object]:
    """The parts of an export that show texts of the checklist, with the texts of this one; figures stay as they are."""
    titles = {question.id: question.title for question in checklist.questions}
    messages = {check.id: check.message for check in checklist.head.checks}
    indicators = {indicator.id: indicator for indicator in checklist.head.indicators}
    results = [one.model_copy(update={"message": messages[one.check]}) for one in export.checks.results]
    figures = [_figure(one, indicators[one.indicator], wording) for one in export.checks.indicators]
    return {
        "coverage": _coverage(export.coverage, [step.title for step in checklist.head.funnel]),
        "gaps": [gap.model_copy(update={"title": titles[gap.question]}) for gap in export.gaps],
        "checks": Checks(results=results, indicators=figures),
    }


def _coverage(coverage: Coverage, titles: Sequence[str]) -> Coverage:
    """Every list of steps is in the order of the funnel."""

    def named(steps: Sequence[StepCount]) -> list[StepCount]:
        return [step.model_copy(update={"title": title}) for step, title in zip(steps, titles, strict=True)]

    by_type = [one.model_copy(update={"steps": named(one.steps)}) for one in coverage.by_type]
    return coverage.model_copy(update={"steps": named(coverage.steps), "by_type": by_type})


def _figure(result: IndicatorResult, indicator: Indicator, wording: Wording) -> IndicatorResult:
    """Everything of it in this language; a warning whose numbers were not kept stays in its own, marked."""
    value = None if result.value is None else Fraction(result.value)
    figure = Figure(indicator, value, result.part, result.whole, result.untold or 0)
    texts: dict[str, str | None] = {"title": indicator.title, "unit": indicator.unit, "note": indicator.note}
    texts["display"] = display(figure, wording.words)
    if result.warning is not None:
        kept = result.untold is not None or isinstance(indicator.of, Ratio)
        texts["warning"] = warning(figure, wording.words) if kept else marked(result.warning, wording.authentic)
    return result.model_copy(update=texts)
