"""The linter: everything the types cannot say about the files of one checklist."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from service.catalogue.checklist import Bands, Checklist, Comparison, Indicator, Ratio, SiteShare
from service.catalogue.findings import Finding, WrongChecklist
from service.catalogue.lint_answers import NUMERIC, repeated
from service.catalogue.lint_conditions import Look, circle, condition_findings, looks_at_one_site
from service.catalogue.lint_languages import counted_in, language_findings, unit_findings
from service.catalogue.lint_migrations import migration_findings
from service.catalogue.lint_questions import question_findings
from service.catalogue.loader import Loaded, load, load_translations
from service.catalogue.lock import lock_findings
from service.catalogue.question import Duration, Question
from service.catalogue.yaml_text import Spot

REGISTER = ("register:sites", "register:travellers")
_WEAK = re.compile(
    r"violat(e[sd]?|ions?|ing)|(non-?)compliant|non-?compliance|compliance status|and/or|as appropriate|etc\.",
    re.IGNORECASE,
)
"""Words that judge where the text is hortatory, or that leave open what is asked."""


def lint(folder: Path) -> list[Finding]:
    """All that is wrong with the checklist in a folder, in order of file and line; empty when it is sound."""
    translations = load_translations(folder)
    try:
        loaded = load(folder)
    except WrongChecklist as wrong:
        return sorted({*wrong.findings, *translations.findings})
    return sorted({*content_findings(loaded), *lock_findings(loaded), *language_findings(loaded, translations)})


def load_sound(folder: Path) -> Loaded:
    """The checklist in a folder whose content is sound, whatever its lock says; else WrongChecklist."""
    loaded = load(folder)
    if findings := content_findings(loaded):
        raise WrongChecklist(findings)
    return loaded


def content_findings(loaded: Loaded) -> list[Finding]:
    """All that is wrong with its content, whatever its lock and its translations say."""
    return sorted({*_whole_findings(loaded)})


def _whole_findings(loaded: Loaded) -> Iterator[Finding]:
    checklist, sources = loaded.checklist, loaded.sources
    yield from _instrument(checklist, sources.instrument, sources.head)
    yield from _head(loaded)
    yield from _identities(loaded)
    for placed in sources.questions():
        yield from question_findings(placed, checklist)
    yield from counted_in(loaded)
    yield from unit_findings(checklist, sources.head)
    yield from _circle(loaded)
    yield from _checks(checklist, sources.head)
    yield from _indicators(checklist, sources.head)
    yield from _funnel(checklist, sources.head)
    yield from migration_findings(loaded)
    yield from _words(sources.head)
    for _, spot in sources.files:
        yield from _words(spot)


def _instrument(checklist: Checklist, spot: Spot, head: Spot) -> Iterator[Finding]:
    instrument = checklist.instrument
    if checklist.head.instrument != instrument.id:
        message = f"the instrument beside this file is {instrument.id}; name that one"
        yield head.at("instrument").finding("instrument", message)
    for field in ("id", "label"):
        for number, word in repeated(getattr(paragraph, field) for paragraph in instrument.paragraphs):
            at = spot.at("paragraphs", number, field)
            yield at.finding("duplicate", f"the paragraph {field} {word} a second time; correct one")


def _head(loaded: Loaded) -> Iterator[Finding]:
    head, spot = loaded.checklist.head, loaded.sources.head
    folder = loaded.sources.folder.resolve().name
    if head.id != folder:
        message = f"the checklist is {head.id} and its folder {folder}; give both one name"
        yield spot.at("id").finding("file", message)
    lists: tuple[tuple[str, Sequence[object]], ...] = (
        ("roles", head.roles),
        ("sections", head.sections),
        ("units", head.units),
        ("glossary", head.glossary),
        ("checks", head.checks),
        ("indicators", head.indicators),
    )
    for name, parts in lists:
        for number, word in repeated(str(getattr(part, "id", "")) for part in parts):
            yield spot.at(name, number, "id").finding("duplicate", f"{word} a second time among {name}; rename one")
    paragraphs = {paragraph.id for paragraph in loaded.checklist.instrument.paragraphs}
    asked = set(loaded.checklist.section_of.values())
    for number, section in enumerate(head.sections):
        at = spot.at("sections", number)
        if section.paragraph is not None and section.paragraph not in paragraphs:
            message = f"the instrument has no paragraph {section.paragraph}; correct the id"
            yield at.at("paragraph").finding("paragraph", message)
        if section.id not in asked:
            yield at.finding("section", f"the section {section.id} has no question; write some or remove it")


def _identities(loaded: Loaded) -> Iterator[Finding]:
    """Question ids are unique over all files; each file is of a section there is."""
    sections = {section.id for section in loaded.checklist.head.sections}
    for content, spot in loaded.sources.files:
        if content.section not in sections:
            message = f"checklist.yaml has no section {content.section}; known: {', '.join(sorted(sections))}"
            yield spot.at("section").finding("section", message)
    first: dict[str, Spot] = {}
    for placed in loaded.sources.questions():
        at, name = placed.spot.at("id"), placed.question.id
        if name in first:
            before = first[name]
            message = f"the question {name} a second time (first in {before.file}:{before.node.line}); rename one"
            yield at.finding("duplicate", message)
        first.setdefault(name, at)


def _circle(loaded: Loaded) -> Iterator[Finding]:
    found = circle(loaded.checklist.by_id())
    for placed in loaded.sources.questions():
        if found and placed.question.id == found[0]:
            message = f"questions wait for one another in a circle: {' → '.join(found)}; open it"
            yield placed.spot.at("applies_when").finding("circle", message)


def _checks(checklist: Checklist, head: Spot) -> Iterator[Finding]:
    questions = checklist.by_id()
    for number, check in enumerate(checklist.head.checks):
        spot = head.at("checks", number)
        if (check.when is None) == (check.compare is None):
            yield spot.finding("check", f"{check.id} has exactly one of when and compare; write one")
        if check.when is not None:
            look = Look(questions, at_site=looks_at_one_site(check.when, questions))
            yield from condition_findings(check.when, spot.at("when"), look)
        if check.compare is not None:
            yield from _compare(check.compare, checklist, spot.at("compare"))


def _compare(compare: Comparison, checklist: Checklist, spot: Spot) -> Iterator[Finding]:
    questions = checklist.by_id()
    yield from _operand(compare.left, questions, spot.at("left"))
    yield from _operand(compare.right, questions, spot.at("right"))
    if compare.left == compare.right:
        yield spot.at("right").finding("operand", f"{compare.right} is compared with itself; name another")
    kinds = [_kind(operand, questions) for operand in (compare.left, compare.right)]
    if all(kinds) and kinds[0] != kinds[1]:
        message = f"a {kinds[0]} is compared with a {kinds[1]}; compare like with like"
        yield spot.at("right").finding("operand", message)


def _operand(operand: str, questions: dict[str, Question], spot: Spot) -> Iterator[Finding]:
    """A state question with a number, or a count of the register."""
    if operand in REGISTER:
        return
    question = questions.get(operand)
    if question is None:
        message = f"there is no question {operand}; name one, or {' or '.join(REGISTER)}"
        yield spot.finding("operand", message)
    elif question.scope == "site":
        yield spot.finding("operand", f"{operand} is asked of each site; name a question of the state")
    elif not isinstance(question.answer, NUMERIC):
        yield spot.finding("operand", f"{operand} is answered with a {question.answer.type}, not with a number")


def _kind(operand: str, questions: dict[str, Question]) -> str:
    """What an operand counts, as far as two have to be alike."""
    if operand in REGISTER:
        return "number"
    question = questions.get(operand)
    if question is None or not isinstance(question.answer, NUMERIC):
        return ""
    unit = f" in {question.answer.unit}" if isinstance(question.answer, Duration) else ""
    return f"{question.answer.type}{unit}"


def _indicators(checklist: Checklist, head: Spot) -> Iterator[Finding]:
    questions = checklist.by_id()
    for number, indicator in enumerate(checklist.head.indicators):
        yield from _indicator(indicator, questions, head.at("indicators", number, "of"))


def _indicator(indicator: Indicator, questions: dict[str, Question], spot: Spot) -> Iterator[Finding]:
    match indicator.of:
        case SiteShare(where=where):
            yield from condition_findings(where, spot.at("where"), Look(questions, at_site=True))
            if not looks_at_one_site(where, questions):
                yield spot.at("where").finding("indicator", f"{indicator.id} counts sites and looks at none")
        case Ratio() as ratio:
            yield from _operand(ratio.numerator, questions, spot.at("numerator"))
            yield from _operand(ratio.denominator, questions, spot.at("denominator"))
            if ratio.numerator == ratio.denominator:
                yield spot.at("denominator").finding("operand", f"{indicator.id} divides a number by itself")
            if ratio.plausible and ratio.plausible[0] > ratio.plausible[1]:
                yield spot.at("plausible").finding("indicator", "plausible is lowest, then highest; turn them round")
        case Bands() as bands:
            yield from _operand(bands.value, questions, spot.at("value"))
            limits = [reference.at_most for reference in bands.references]
            if any(higher <= lower for lower, higher in pairwise(limits)):
                yield spot.at("references").finding("indicator", "at_most has to rise from reference to reference")
        case _:
            pass


def _funnel(checklist: Checklist, head: Spot) -> Iterator[Finding]:
    questions = checklist.by_id()
    for number, step in enumerate(checklist.head.funnel):
        spot, question = head.at("funnel", number), questions.get(step.question)
        if question is None:
            yield spot.at("question").finding("funnel", f"there is no question {step.question}; correct the id")
        elif question.scope != "site" or not question.scored:
            message = f"{step.question} is no scored question of scope site; a step of the funnel is one"
            yield spot.at("question").finding("funnel", message)
        if step.at_level == 0:
            yield spot.at("at_level").finding("funnel", "every site has level 0; write 1 to 4")
    for number, step_ in repeated(f"{step.question} from level {step.at_level}" for step in checklist.head.funnel):
        yield head.at("funnel", number, "question").finding("funnel", f"the step {step_} a second time; remove one")


def _words(file: Spot) -> Iterator[Finding]:
    """Weak words in what the authors of the checklist wrote; quotes are the instrument's."""
    for key, scalar in file.scalars():
        found = None if key == "quote" else _WEAK.search(scalar.text)
        if found:
            message = f"the words {found.group()!r}; say what is asked, without judging and without leaving it open"
            yield Spot(file.file, scalar).finding("words", message)
