"""What the linter says of one question: its quote, its paragraphs, its scoring and what it asks for as proof."""

from collections.abc import Iterator, Mapping

from service.catalogue.checklist import Checklist, Section
from service.catalogue.findings import Finding
from service.catalogue.instrument import Paragraph
from service.catalogue.lint_answers import answer_findings, repeated
from service.catalogue.lint_conditions import Look, condition_findings
from service.catalogue.loader import PlacedQuestion
from service.catalogue.question import Choice, Question
from service.catalogue.yaml_text import Spot

_SHORTEST_QUOTE = 12
"""Characters; less could be found in any paragraph."""
_LONGEST = {"title": 100, "text": 700, "why": 1000, "guidance": 2500}
"""Characters that fit where each is shown."""


def question_findings(placed: PlacedQuestion, checklist: Checklist) -> Iterator[Finding]:
    """Everything wrong with one question."""
    question, spot = placed.question, placed.spot
    paragraphs = {paragraph.id: paragraph for paragraph in checklist.instrument.paragraphs}
    sections = {section.id: section for section in checklist.head.sections}
    yield from _paragraphs(question, spot, paragraphs, sections.get(placed.section))
    yield from _quote(question, spot, paragraphs)
    yield from _scoring(question, spot)
    yield from _proof(question, spot)
    yield from _roles(question, spot, {role.id for role in checklist.head.roles})
    yield from _lengths(question, spot)
    yield from answer_findings(question, spot)
    if question.applies_when is not None:
        look = Look(checklist.by_id(), question.id, at_site=question.scope == "site")
        yield from condition_findings(question.applies_when, spot.at("applies_when"), look)


def _paragraphs(
    question: Question, spot: Spot, paragraphs: Mapping[str, Paragraph], section: Section | None
) -> Iterator[Finding]:
    places = [(question.paragraph, spot.at("paragraph"))]
    places += [(name, spot.at("also", number)) for number, name in enumerate(question.also)]
    for name, at in places:
        if name not in paragraphs:
            yield at.finding("paragraph", f"{question.id}: the instrument has no paragraph {name}; correct the id")
        elif not paragraphs[name].speaks_to_states:
            message = f"{question.id}: paragraph {name} asks nothing of member states; name one that does"
            yield at.finding("paragraph", message)
    for number, name in repeated(question.paragraphs):
        yield spot.at("also", number - 1).finding("paragraph", f"{question.id}: {name} is named twice; remove one")
    if section and section.paragraph and section.paragraph not in question.paragraphs:
        message = f"{question.id} stands in the section of {section.paragraph} and does not name that paragraph; add it"
        yield spot.at("paragraph").finding("paragraph", message)


def _quote(question: Question, spot: Spot, paragraphs: Mapping[str, Paragraph]) -> Iterator[Finding]:
    """The quote has to be a verbatim piece of its paragraph, whole words, white space apart."""
    paragraph = paragraphs.get(question.paragraph)
    if paragraph is None:
        return
    at, quote = spot.at("quote"), " ".join(question.quote.split())
    text = " ".join(paragraph.text.split())
    place = text.find(quote)
    if place < 0:
        message = f"{question.id}: the quote is not in paragraph {paragraph.id}; copy it letter by letter"
        yield at.finding("quote", f"{message} ({_parting(quote, text)})")
        return
    if len(quote) < _SHORTEST_QUOTE:
        yield at.finding("quote", f"{question.id}: the quote is too short to say anything; quote a phrase")
    around = text[place - 1 : place] + quote[0], quote[-1] + text[place + len(quote) : place + len(quote) + 1]
    if any(len(pair) == 2 and pair.isalnum() for pair in around):
        yield at.finding("quote", f"{question.id}: the quote cuts through a word; quote whole words")


def _parting(quote: str, text: str) -> str:
    """Where a quote leaves its text: its longest beginning that is there."""
    words = quote.split(" ")
    held = next((n for n in range(len(words) - 1, 0, -1) if " ".join(words[:n]) in text), 0)
    return f"it parts from the text at {words[held]!r}"


def _scoring(question: Question, spot: Spot) -> Iterator[Finding]:
    if not question.scored:
        for name in ("weight", "target"):
            if getattr(question, name) is not None:
                yield spot.at(name).finding("context", f"{question.id} is context and has no {name}; remove it")
        if question.critical:
            yield spot.at("critical").finding("context", f"{question.id} is context and no gap; remove critical")
        return
    for name in ("weight", "target"):
        if getattr(question, name) is None:
            yield spot.finding("scored", f"{question.id} is scored and has no {name}; write one")
    if question.target == 0:
        yield spot.at("target").finding("scored", f"{question.id}: no level lies below target 0; write 1 to 4")
    if isinstance(question.answer, Choice) and question.target is not None:
        best = max((option.level or 0 for option in question.answer.options), default=0)
        if best < question.target:
            message = f"{question.id}: no option reaches the target {question.target}; lower it or add the option"
            yield spot.at("target").finding("scored", message)


def _proof(question: Question, spot: Spot) -> Iterator[Finding]:
    if question.scored and not question.evidence:
        yield spot.finding(
            "evidence", f"{question.id} is scored and names no evidence; say what would prove the answer"
        )
    if question.scored and not question.not_applicable and question.applies_when is None:
        # a condition already takes the question away from those it is not for
        message = f"{question.id} is asked of all and lists no reason under not_applicable; list at least one"
        yield spot.finding("reasons", message)
    for number, name in repeated(reason.id for reason in question.not_applicable):
        at = spot.at("not_applicable", number, "id")
        yield at.finding("duplicate", f"{question.id}: the reason {name} a second time; rename one")
    for field in ("evidence", "norms"):
        for number, _ in repeated(getattr(question, field)):
            yield spot.at(field, number).finding("duplicate", f"{question.id}: {field} says this twice; remove one")


def _roles(question: Question, spot: Spot, known: set[str]) -> Iterator[Finding]:
    """Who answers, and who may see it."""
    if question.sensitivity is None:
        message = f"{question.id} has no sensitivity; say who may see an answer: open, internal or restricted"
        yield spot.finding("sensitivity", message)
    for number, role in enumerate(question.asked_of):
        if role not in known:
            message = f"{question.id}: checklist.yaml has no role {role}; known: {', '.join(sorted(known))}"
            yield spot.at("asked_of", number).finding("role", message)
    for number, role in repeated(question.asked_of):
        yield spot.at("asked_of", number).finding("role", f"{question.id}: the role {role} twice; remove one")


def _lengths(question: Question, spot: Spot) -> Iterator[Finding]:
    for name, longest in _LONGEST.items():
        length = len(getattr(question, name))
        if length > longest:
            message = f"{question.id}: {name} has {length} characters; {longest} are the most"
            yield spot.at(name).finding("length", message)
