"""From the checklist's own types to those that travel: what a question asks, put so that any tool can show it."""

from collections.abc import Sequence
from decimal import Decimal
from functools import reduce

import stocktake.models.catalogue as wire
from service.catalogue.checklist import Checklist, Unit
from service.catalogue.instrument import Instrument
from service.catalogue.question import (
    AnswerType,
    Choice,
    Choices,
    Duration,
    Maturity,
    Number,
    Percent,
    Question,
    Requirement,
    Text,
    YesPartialNo,
)
from service.catalogue.translations import Translated
from service.languages.words import SOURCE, Words, mark, words_of

_LIMITS = {
    "at_least": mark("at least {limit}"),
    "above": mark("above {limit}"),
    "at_most": mark("at most {limit}"),
    "below": mark("below {limit}"),
}
_SETS = {
    "all": mark("all of: {options}"),
    "any": mark("one or more of: {options}"),
    "none_of": mark("none of: {options}"),
}


def checklist_view(checklist: Checklist, digest: str) -> wire.Checklist:
    """The whole checklist as those who answer read it."""
    head = checklist.head
    return wire.Checklist(
        id=head.id,
        version=head.version,
        digest=digest,
        status=head.status,
        title=head.title,
        notice=head.notice,
        instrument=head.instrument,
        cited_as=head.cited_as,
        language=head.language,
        scoring_model=head.scoring_model,
        roles={role.id: role.title for role in head.roles},
        sections=[
            wire.Section(id=s.id, title=s.title, paragraph=s.paragraph, introduction=s.introduction)
            for s in head.sections
        ],
        questions=[question_view(checklist, question) for question in checklist.questions],
        glossary=[wire.Term(id=t.id, term=t.term, meaning=t.meaning) for t in head.glossary],
        approver=head.approver,
        release_notes=head.release_notes,
    )


def in_language_view(translated: Translated, digest: str, languages: Sequence[str]) -> wire.ChecklistInLanguage:
    """The checklist in the language it was translated to."""
    checklist = translated.checklist
    words = words_of(checklist.head.language)
    return wire.ChecklistInLanguage(
        **dict(checklist_view(checklist, digest)),
        quote_language=checklist.instrument.language,
        languages=list(languages),
        translation=wire.Translation(
            status=translated.status, digest=translated.digest, untranslated=list(translated.untranslated)
        ),
        units={unit.id: words.forms(unit.forms) for unit in checklist.head.units},
    )


def instrument_view(instrument: Instrument) -> wire.Instrument:
    """The source text."""
    adoption = instrument.adoption
    return wire.Instrument(
        id=instrument.id,
        symbol=instrument.symbol,
        title=instrument.title,
        language=instrument.language,
        adopted=adoption.adopted.isoformat() if adoption.adopted else None,
        note=adoption.note,
        paragraphs=[
            wire.Paragraph(
                id=p.id,
                label=p.label,
                verb=p.verb,
                addressee=list(p.addressee),
                speaks_to_states=p.speaks_to_states,
                text=p.text,
            )
            for p in instrument.paragraphs
        ],
    )


def question_view(checklist: Checklist, question: Question) -> wire.Question:
    """One question; verb and addressee are its paragraph's."""
    paragraph = checklist.instrument.paragraph(question.paragraph)
    applies = question.applies_when
    return wire.Question(
        id=question.id,
        section=checklist.section_of[question.id],
        title=question.title,
        text=question.text,
        why=question.why,
        guidance=question.guidance,
        paragraph=question.paragraph,
        also=list(question.also),
        verb=paragraph.verb,
        addressee=list(paragraph.addressee),
        strength=question.strength,
        quote=question.quote,
        scope=question.scope,
        dimension=question.dimension,
        answer=answer_view(question.answer, words_of(checklist.head.language), checklist.head.units),
        weight=question.weight,
        target=question.target,
        critical=question.critical,
        applies_when=applies.model_dump(mode="json", by_alias=True, exclude_none=True) if applies else None,
        not_applicable=[wire.Reason(id=reason.id, text=reason.text) for reason in question.not_applicable],
        evidence=list(question.evidence),
        asked_of=list(question.asked_of),
        norms=list(question.norms),
    )


def answer_view(answer: AnswerType, words: Words | None = None, units: Sequence[Unit] = ()) -> wire.AnswerType:
    """How a question is answered; what its type does not use is absent."""
    number = answer if isinstance(answer, Number) else None
    lowest, highest = _range(answer)
    return wire.AnswerType(
        type=answer.type,
        options=_options(answer),
        unit=answer.unit if isinstance(answer, Number | Duration) else None,
        counts=answer.counts if isinstance(answer, Percent) else None,
        minimum=lowest,
        maximum=highest,
        whole=number.whole if number else None,
        max_length=answer.max_length if isinstance(answer, Text) else None,
        levels=levels_in_words(answer, words, units),
    )


def _range(answer: AnswerType) -> tuple[float | None, float | None]:
    match answer:
        case Percent():
            return 0.0, 100.0
        case Number():
            return float(answer.min), None if answer.max is None else float(answer.max)
        case Duration():
            return 0.0, None
        case _:
            return None, None


def _options(answer: AnswerType) -> list[wire.Option]:
    match answer:
        case Maturity(descriptors=descriptors):
            return [wire.Option(id=str(n), text=text, level=n, alone=False) for n, text in enumerate(descriptors)]
        case Choice(options=options) | Choices(options=options):
            return [wire.Option(id=o.id, text=o.text, level=o.level, alone=o.alone) for o in options]
        case YesPartialNo():
            levels: tuple[int | None, ...] = answer.levels or (None, None, None)
            texts = (("yes", answer.yes), ("partial", answer.partial), ("no", answer.no))
            return [
                wire.Option(id=name, text=text, level=level, alone=False)
                for (name, text), level in zip(texts, levels, strict=True)
            ]
        case _:
            return []


def levels_in_words(answer: AnswerType, words: Words | None = None, units: Sequence[Unit] = ()) -> list[str]:
    """What levels 1 to 4 require, where the value is not itself an option; empty when there are no levels."""
    ladder = None if isinstance(answer, Maturity | Choice | YesPartialNo | Text) else answer.levels
    said = words or words_of(SOURCE)
    return [_requirement(step, answer, said, units) for step in ladder or ()]


def _requirement(step: Requirement, answer: AnswerType, words: Words, units: Sequence[Unit]) -> str:
    parts: list[str] = []
    for name, message in _LIMITS.items():
        limit: Decimal | None = getattr(step, name)
        if limit is not None:
            parts.append(words.text(message, limit=_limit(limit, answer, words, units)))
    if step.within_months is not None:
        parts.append(
            words.count(
                "not older than {n} month at the end of the period",
                "not older than {n} months at the end of the period",
                step.within_months,
            )
        )
    texts = {option.id: option.text for option in answer.options} if isinstance(answer, Choices) else {}
    for name, message in _SETS.items():
        named: tuple[str, ...] | None = getattr(step, name)
        if named is not None:
            parts.append(words.text(message, options="; ".join(texts.get(one, one) for one in named)))
    if step.count is not None:
        parts.append(words.count("{n} or more chosen", "{n} or more chosen", step.count))
    return reduce(lambda one, other: words.text("{one} and {other}", one=one, other=other), parts)


def _limit(limit: Decimal, answer: AnswerType, words: Words, units: Sequence[Unit]) -> str:
    """A limit with its unit."""
    match answer:
        case Percent():
            return words.text("{number} %", number=words.plain(limit))
        case Duration(unit=unit):
            return words.time(limit, unit)
        case Number(unit=unit):
            forms = next((one.forms for one in units if one.id == unit), unit)
            return f"{words.plain(limit)} {words.unit(forms, limit)}"
        case _:
            return words.plain(limit)
