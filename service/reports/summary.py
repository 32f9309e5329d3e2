"""The summary page, the fast facts and the paragraph table. Pure."""

import re
from fractions import Fraction

from service.reports import prose, words
from service.reports.cleaning import Json
from stocktake.models.assessments import Gap, ParagraphScore, Score
from stocktake.models.catalogue import Question
from stocktake.models.export import Export

TOPIC = 72
"""Characters of what a paragraph is about."""
BOX = 8
"""Critical gaps named on the summary page; the gap list has them all."""


def page(export: Export) -> Json:
    """Five sentences, the paragraph profile and the critical gaps."""
    critical = [gap for gap in export.gaps if gap.critical_gap]
    return {
        "sentences": [
            _answered(export),
            _overall(export),
            _ends(export),
            _sites(export),
            _shortfalls(export, len(critical)),
        ],
        "chart": profile(export),
        "critical": {
            "title": f"Critical gaps: {len(critical)}" if critical else "Critical gaps: none",
            "none": prose.NO_CRITICAL_GAP,
            "items": [_gap_line(gap, export) for gap in critical[:BOX]],
            "rest": f"and {len(critical) - BOX} more, in section 5" if len(critical) > BOX else "",
        },
    }


def _answered(export: Export) -> str:
    progress = export.progress
    return (
        f"{export.state.name} has answered {words.number(progress.answered)} of the "
        f"{words.number(progress.asked)} questions asked for cycle {export.assessment.cycle}; "
        f"{words.number(progress.unknown)} of these answers are “unknown”, "
        f"{words.number(progress.withheld)} are withheld and "
        f"{words.number(progress.not_applicable)} say “not applicable”."
    )


def _overall(export: Export) -> str:
    parts = [_overall_part("in place", export.scores.in_place), _overall_part("in use", export.scores.in_use)]
    return f"Overall, what the instrument asks for is {parts[0]}, and {parts[1]}."


def _overall_part(name: str, score: Score) -> str:
    figure, word = words.headline(score)
    if score.low_percent is None or score.high_percent is None or score.supported_percent is None:
        return f"{name}: {word}"
    range_ = f", at most {words.percent(score.high_percent)}" if score.high_percent > score.low_percent else ""
    return f"{figure} {name} ({word.lower()}{range_}; evidence supports {words.percent(score.supported_percent)})"


def _ends(export: Export) -> str:
    ranked = sorted(
        (
            (Fraction(row.in_place.low), row.in_place.low_percent, row.label)
            for row in export.scores.paragraphs
            if row.in_place.low is not None and row.in_place.low_percent is not None
        ),
        key=lambda entry: entry[0],
    )
    if len(ranked) < 2:
        return "Too few paragraphs have enough known answers to say where the state stands strongest and weakest."
    (_, low, weakest), (_, high, strongest) = ranked[0], ranked[-1]
    most = f"{named(strongest)} ({words.percent(high or 0)})"
    return f"Most is in place on {most}, least on {named(weakest)} ({words.percent(low or 0)})."


def _sites(export: Export) -> str:
    steps, total = export.coverage.steps, export.coverage.sites
    if not total:
        return "No site was in operation at the end of the period, so nothing is said about sites."
    if not steps:
        return f"{words.count(total, 'site was', 'sites were')} in operation at the end of the period."
    first, last = steps[0], steps[-1]
    opening = f"Of {words.count(total, 'site', 'sites')} in operation, {words.number(first.reached)} reached"
    if first is last:
        return f"{opening} “{first.title}”."
    return f"{opening} the first step (“{first.title}”) and {words.number(last.reached)} the last (“{last.title}”)."


def _shortfalls(export: Export, critical: int) -> str:
    contradictions = sum(result.severity == "contradiction" for result in export.checks.results)
    settle = (
        f"{words.count(contradictions, 'contradiction', 'contradictions')} between answers should be settled "
        "before signature"
        if contradictions
        else "no contradiction between answers was found"
    )
    gaps = len(export.gaps)
    return (
        f"There {'is' if gaps == 1 else 'are'} {words.count(gaps, 'gap', 'gaps')} to the target levels, "
        f"{'none' if not critical else words.number(critical)} of them critical; {settle}."
    )


def named(label: str) -> str:
    """A paragraph inside a sentence."""
    return f"paragraph\u00a0{whole(label)}" if label[:1].isdigit() else label


def whole(label: str) -> str:
    """A label that no line break parts."""
    return label.replace(" ", "\u00a0")


def topic(export: Export, paragraph: str) -> str:
    """What a paragraph is about, short: the title of its section, or whose questions speak to it."""
    called = label(export, paragraph)
    for section in export.checklist.sections:
        if section.paragraph == paragraph:
            title = re.sub(rf"(?i)^(paragraph\s+)?{re.escape(called)}[\s,:.–-]+(the\s+)?", "", section.title)
            return shortened(title[:1].upper() + title[1:])
    order = [p.id for p in export.instrument.paragraphs]
    behind = {q.paragraph for q in export.checklist.questions if paragraph in q.also and q.dimension != "context"}
    labels = [whole(label(export, id_)) for id_ in order if id_ in behind]
    return shortened(f"Through questions on {words.listed(labels)}") if labels else ""


def shortened(text: str) -> str:
    """At most ``TOPIC`` characters, cut between words."""
    return text if len(text) <= TOPIC else text[: TOPIC - 2].rsplit(" ", 1)[0] + " …"


def _gap_line(gap: Gap, export: Export) -> Json:
    where = (
        f"{words.number(gap.sites_below)} of {words.number(gap.sites_asked or 0)} sites below level {gap.target}"
        if gap.sites_below is not None
        else f"level {gap.level} against {gap.target}"
        if gap.level is not None
        else f"level not known, target {gap.target}"
    )
    return {"paragraph": named(label(export, gap.paragraph)), "title": gap.title, "where": where}


def label(export: Export, paragraph: str) -> str:
    """What the instrument calls the paragraph."""
    return next((p.label for p in export.instrument.paragraphs if p.id == paragraph), paragraph)


def profile(export: Export) -> Json:
    """Chart 1: the two bars of each paragraph that has scored questions."""
    rows = [row for row in export.scores.paragraphs if _asked(row)]
    absent = [row.label for row in export.scores.paragraphs if not _asked(row)]
    return {
        "title": "Paragraph profile",
        "rows": [
            {
                "label": row.label,
                "topic": topic(export, row.paragraph),
                "bars": [_bar("In place", row.in_place), _bar("In use", row.in_use)],
            }
            for row in rows
        ],
        "key": {
            "low": "claimed",
            "open": "open: unknown, withheld or unanswered",
            "supported": "supported by evidence",
        },
        "absent": f"Not applicable: {words.listed([named(one) for one in absent])}." if absent else "",
        "empty": "No scored question applies.",
        "alt": "Bar chart, two bars for each paragraph. "
        + " ".join(
            f"{sentence(named(row.label))}: in place {_said(row.in_place)}; in use {_said(row.in_use)}." for row in rows
        ),
    }


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _asked(row: ParagraphScore) -> bool:
    return row.in_place.low is not None or row.in_use.low is not None


def _said(score: Score) -> str:
    figure, word = words.headline(score)
    return word if figure == "–" else f"{figure}, {word}"


def _bar(name: str, score: Score) -> Json:
    figure, word = words.headline(score)
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


def facts(export: Export) -> Json:
    """The figures beside the summary, in groups."""
    progress, scores = export.progress, export.scores
    site_answers = sum(question.scope == "site" for question in export.checklist.questions)
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        (
            "Overall",
            [
                ("In place", _said(scores.in_place)),
                ("In use", _said(scores.in_use)),
                ("Confidence, in place", scores.in_place.confidence or "–"),
                ("Confidence, in use", scores.in_use.confidence or "–"),
            ],
        ),
        (
            "Answers",
            [
                ("Asked", words.number(progress.asked)),
                ("Answered", words.number(progress.answered)),
                ("With a value", words.number(progress.values)),
                ("Not applicable", words.number(progress.not_applicable)),
                ("Unknown", words.number(progress.unknown)),
                ("Withheld", words.number(progress.withheld)),
            ],
        ),
        (
            "Sites and contributors",
            [
                ("Sites in operation", words.number(export.coverage.sites)),
                *((step.title, f"{words.number(step.reached)} sites") for step in export.coverage.steps),
                ("Agencies registered", words.number(len(export.agencies))),
            ],
        ),
        (
            "Checklist",
            [
                ("Questions to the state", words.number(len(export.checklist.questions) - site_answers)),
                ("Questions on each site", words.number(site_answers)),
                ("Gaps to target", words.number(len(export.gaps))),
                ("Checks raised", words.number(len(export.checks.results))),
            ],
        ),
    ]
    return [
        {"title": title, "facts": [{"name": name, "value": value} for name, value in rows]} for title, rows in groups
    ]


def paragraphs(export: Export) -> Json:
    """One row for each paragraph that has scored questions, and one for the whole."""
    counted = _weights(export.checklist.questions)
    header = ["Paragraph", "In place", "In use", "Supported", "Confidence", "Known", "N/A", "Critical gaps"]
    rows: list[Json] = [_row(row, export, counted) for row in export.scores.paragraphs if _asked(row)]
    return {"lead": prose.PARAGRAPHS_LEAD, "header": header, "rows": rows}


def _row(row: ParagraphScore, export: Export, counted: dict[str, int]) -> Json:
    paragraph = next((p for p in export.instrument.paragraphs if p.id == row.paragraph), None)
    total = row.counts.answered + row.counts.unanswered
    asked = words.count(counted.get(row.paragraph, 0), "question", "questions")
    return [
        {
            "main": whole(row.label),
            "beside": topic(export, row.paragraph),
            "sub": f"{paragraph.verb} · {asked}" if paragraph else asked,
        },
        _cell(row.in_place),
        _cell(row.in_use),
        _pair(row, "supported_percent"),
        f"{row.in_place.confidence or '–'} / {row.in_use.confidence or '–'}",
        _pair(row, "known_percent"),
        f"{words.number(row.counts.not_applicable)} of {words.number(total)}",
        words.number(row.in_place.critical_gaps + row.in_use.critical_gaps),
    ]


def _pair(row: ParagraphScore, name: str) -> str:
    sides: list[int | None] = [getattr(row.in_place, name), getattr(row.in_use, name)]
    return f"{' / '.join('–' if side is None else str(side) for side in sides)}\u00a0%"


def _cell(score: Score) -> Json:
    figure, word = words.headline(score)
    return {"main": word.capitalize()} if figure == "–" else {"main": figure, "sub": word}


def _weights(questions: list[Question]) -> dict[str, int]:
    """Paragraph → scored questions that count for it."""
    counted: dict[str, int] = {}
    for question in questions:
        if question.dimension != "context":
            for paragraph in (question.paragraph, *question.also):
                counted[paragraph] = counted.get(paragraph, 0) + 1
    return counted
