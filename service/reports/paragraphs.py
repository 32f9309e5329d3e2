"""What is said of each paragraph: its name and topic, its two bars, its row in the table. Pure."""

import re
from fractions import Fraction

from service.languages.words import Words
from service.reports import prose, terms
from service.reports.cleaning import Json
from service.reports.wording import quoted, unmarked
from stocktake.models.assessments import ParagraphScore, Score
from stocktake.models.catalogue import Question
from stocktake.models.export import Export

TOPIC = 72
"""Characters of what a paragraph is about."""


def named(label: str, words: Words) -> str:
    """A paragraph inside a sentence."""
    return words.text("paragraph\u00a0{label}", label=whole(label)) if label[:1].isdigit() else label


def whole(label: str) -> str:
    """A label that no line break parts."""
    return label.replace(" ", "\u00a0")


def topic(export: Export, paragraph: str, words: Words) -> str:
    """What a paragraph is about, short: the title of its section, or whose questions speak to it."""
    for section in export.checklist.sections:
        if section.paragraph == paragraph:
            title, mark = unmarked(section.title)
            return shortened(sentence(without_label(title, label(export, paragraph)))) + mark
    order = [p.id for p in export.instrument.paragraphs]
    behind = {q.paragraph for q in export.checklist.questions if paragraph in q.also and q.dimension != "context"}
    labels = [whole(label(export, id_)) for id_ in order if id_ in behind]
    return shortened(words.text("Through questions on {labels}", labels=words.listed(labels))) if labels else ""


def without_label(title: str, called: str) -> str:
    """``Paragraph 8 (a), the system`` without what names the paragraph: all to the comma after its number."""
    short = re.sub(rf"(?i)^(\w+\s+)?{re.escape(called)}[\s,:.–-]+(the\s+)?", "", title)
    if short != title or not (number := re.search(r"\d+", called)):
        return short
    return re.sub(rf"^\D{{0,20}}{number[0]}(?!\d)[^,:،，：]{{0,12}}[,:،，：]\s*", "", title)


def shortened(text: str) -> str:
    """At most ``TOPIC`` characters, cut between words."""
    return text if len(text) <= TOPIC else text[: TOPIC - 2].rsplit(" ", 1)[0] + " …"


def label(export: Export, paragraph: str) -> str:
    """What the instrument calls the paragraph."""
    return next((p.label for p in export.instrument.paragraphs if p.id == paragraph), paragraph)


def profile(export: Export, words: Words) -> Json:
    """Chart 1: the two bars of each paragraph that has scored questions."""
    rows = [row for row in export.scores.paragraphs if _asked(row)]
    absent = [named(row.label, words) for row in export.scores.paragraphs if not _asked(row)]
    return {
        "title": words.text("Paragraph profile"),
        "rows": [
            {
                "label": row.label,
                "topic": topic(export, row.paragraph, words),
                "bars": [
                    _bar(words.text("In place"), row.in_place, words),
                    _bar(words.text("In use"), row.in_use, words),
                ],
            }
            for row in rows
        ],
        "key": {
            "low": words.text("claimed"),
            "open": words.text("open: unknown, withheld or unanswered"),
            "supported": words.text("supported by evidence"),
        },
        "scale": [words.percent(n) for n in (0, 25, 50, 75, 100)],
        "absent": words.text("Not applicable: {paragraphs}.", paragraphs=words.listed(absent)) if absent else "",
        "empty": words.text("No scored question applies."),
        "alt": " ".join([words.text("Bar chart, two bars for each paragraph."), *(_read(row, words) for row in rows)]),
    }


def _read(row: ParagraphScore, words: Words) -> str:
    """What the two bars of a paragraph show, for who hears the report."""
    return words.text(
        "{paragraph}: in place {in_place}; in use {in_use}.",
        paragraph=sentence(named(row.label, words)),
        in_place=said(row.in_place, words),
        in_use=said(row.in_use, words),
    )


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _asked(row: ParagraphScore) -> bool:
    return row.in_place.low is not None or row.in_use.low is not None


def said(score: Score, words: Words) -> str:
    figure, word = terms.headline(score, words)
    return word if figure == terms.NONE else words.text("{one}, {other}", one=figure, other=word)


def _bar(name: str, score: Score, words: Words) -> Json:
    figure, word = terms.headline(score, words)
    return {
        "name": name,
        "low": permille(score.low),
        "high": permille(score.high),
        "supported": permille(score.supported) if score.supported is not None else None,
        "absent": score.low is None,
        "figure": figure,
        "word": word,
    }


def permille(fraction: str | None) -> int:
    """An exact fraction as whole thousandths, for lengths in drawings."""
    return 0 if fraction is None else int(Fraction(fraction) * 1000)


def table(export: Export, words: Words) -> Json:
    """One row for each paragraph that has scored questions, and one for the whole."""
    counted = _weights(export.checklist.questions)
    return {
        "lead": words.text(prose.PARAGRAPHS_LEAD),
        "header": [
            words.text("Paragraph"),
            words.text("In place"),
            words.text("In use"),
            words.text("Supported, %"),
            words.text("Confidence"),
            words.text("Known, %"),
            words.text("N/A"),
            words.text("Critical gaps"),
        ],
        "rows": [_row(row, export, counted, words) for row in export.scores.paragraphs if _asked(row)],
    }


def _row(row: ParagraphScore, export: Export, counted: dict[str, int], words: Words) -> Json:
    paragraph = next((p for p in export.instrument.paragraphs if p.id == row.paragraph), None)
    total = row.counts.answered + row.counts.unanswered
    asked = words.count("{n} question", "{n} questions", counted.get(row.paragraph, 0))
    return [
        {
            "main": whole(row.label),
            "beside": topic(export, row.paragraph, words),
            "before": quoted(paragraph.verb, export.instrument, words) if paragraph else "",
            "sub": asked,
        },
        _cell(row.in_place, words),
        _cell(row.in_use, words),
        _pair(row.in_place.supported_percent, row.in_use.supported_percent),
        _pair(row.in_place.confidence, row.in_use.confidence),
        _pair(row.in_place.known_percent, row.in_use.known_percent),
        terms.part(row.counts.not_applicable, total, words),
        words.number(row.in_place.critical_gaps + row.in_use.critical_gaps),
    ]


def _pair(in_place: int | str | None, in_use: int | str | None) -> str:
    return " / ".join(terms.NONE if side is None else str(side) for side in (in_place, in_use))


def _cell(score: Score, words: Words) -> Json:
    figure, word = terms.headline(score, words)
    return {"main": sentence(word)} if figure == terms.NONE else {"main": figure, "sub": word}


def _weights(questions: list[Question]) -> dict[str, int]:
    """Paragraph → scored questions that count for it."""
    counted: dict[str, int] = {}
    for question in questions:
        if question.dimension != "context":
            for paragraph in (question.paragraph, *question.also):
                counted[paragraph] = counted.get(paragraph, 0) + 1
    return counted
