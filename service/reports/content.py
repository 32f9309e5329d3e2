"""What a report says: the document of the national edition, composed from an export. Pure; setting it is elsewhere."""

from service.reports import annex, prose, sites, summary, words
from service.reports.asking import outside
from service.reports.cleaning import REPLACEMENT, Cleaner, Json
from service.reports.fonts import covered
from stocktake.models.assessments import Gap, IndicatorResult
from stocktake.models.export import Export

Document = dict[str, Json]
"""Plain data, every string of it printable; keys are what the templates read."""

EDITION = "national"
GAPS = 25
"""Gaps in the main part; the rest is in an annex."""
SHORT = 40
"""Characters that still fit below an indicator's figure."""


def build(export: Export, *, digest: str) -> Document:
    """The national edition, a draft. ``digest``: SHA-256 of the export's canonical bytes, hexadecimal."""
    assessment = export.assessment
    cleaner = Cleaner(covered())
    cleaned = cleaner.every(_said(export))
    return {
        **cleaned,
        "unprintable": _unprintable(replaced) if (replaced := cleaner.replaced) else "",
        "id": str(assessment.id),
        "short_id": str(assessment.id)[:8],
        "revision": str(assessment.version),
        "digest": [digest[:32], digest[32:]],
        "short_digest": digest[:12],
        "payload": f"{assessment.id}|{assessment.version}|{EDITION}|{digest}",
    }


def _unprintable(replaced: int) -> str:
    characters = words.count(replaced, "character", "characters")
    return (
        f"{characters} in the answers cannot be shown in the fonts of this report and "
        f"{'is' if replaced == 1 else 'are'} printed as {REPLACEMENT}; the attached data keeps them."
    )


def _said(export: Export) -> Document:
    """All that comes from the export, not yet cleaned."""
    not_asked = outside(export)
    return {
        "words": prose.HEADINGS,
        "lang": "en",
        "region": "gb",
        "status": "DRAFT",
        "state": export.state.name,
        "title": _title(export),
        "running": f"{export.state.name} · Self-assessment {export.assessment.cycle}",
        "cover": cover(export),
        "notice": notice(export),
        "summary": summary.page(export),
        "facts": summary.facts(export),
        "paragraphs": summary.paragraphs(export),
        "sites": sites.coverage(export, not_asked),
        "gaps": gaps(export, export.gaps[:GAPS], 1),
        "checks": checks(export),
        "method": method(export),
        "signoff": signoff(export),
        "answers": annex.answers(export, not_asked),
        "site_answers": annex.site_answers(export, not_asked),
        "evidence": annex.evidence(export),
        "non_answers": annex.non_answers(export),
        "weights": annex.weights(export),
        "more_gaps": gaps(export, export.gaps[GAPS:], GAPS + 1),
        "glossary": glossary(export),
        "checking": list(prose.CHECKING),
    }


def _title(export: Export) -> str:
    return f"Self-assessment of the implementation of {_instrument(export)}"


def _instrument(export: Export) -> str:
    return export.checklist.cited_as or export.instrument.symbol


def cover(export: Export) -> Json:
    """The first page: whose, of what, for when, and what identifies it."""
    assessment = export.assessment
    labels = [
        p.label for p in export.instrument.paragraphs if p.id in {q.paragraph for q in export.checklist.questions}
    ]
    facts: list[tuple[str, str]] = [
        ("Instrument", f"{export.instrument.symbol}, {export.instrument.title}"),
        ("Paragraphs covered", words.listed(labels)),
        ("Cycle", assessment.cycle),
        ("Period", f"{words.day(assessment.period_start)} to {words.day(assessment.period_end)}"),
        ("Edition", "National"),
        ("Checklist", f"{export.checklist.id}, version {export.checklist.version}"),
        ("State of the answers", f"{words.day(assessment.updated_at.date())}, {assessment.updated_at:%H:%M} UTC"),
    ]
    return {
        "kind": "Self-assessment",
        "title": f"of the implementation of {_instrument(export)}",
        "subtitle": export.instrument.title,
        "facts": [{"name": name, "value": value} for name, value in facts],
        "checklist_digest": [export.checklist.digest[:32], export.checklist.digest[32:]],
        "draft": prose.DRAFT,
    }


def notice(export: Export) -> Json:
    """The second page: what this is and is not, who may read it, how it was computed."""
    language = {"en": "English"}.get(export.checklist.language, export.checklist.language)
    return {
        "entries": [
            {"term": "What this is", "text": export.checklist.notice},
            {"term": "What this is not", "text": prose.NATURE},
            {"term": "Who may read it", "text": prose.READERS},
            {
                "term": "Method",
                "text": f"Scoring model {export.scores.scoring_model}, explained in section 7; weights in annex E.",
            },
            {
                "term": "Language",
                "text": f"The checklist was answered in {language}. Remarks are printed as they were given. "
                "The text of the instrument is authentic only as published by the body that adopted it.",
            },
            {"term": "Draft", "text": prose.DRAFT},
        ],
    }


def gaps(export: Export, listed: list[Gap], start: int) -> Json:
    """Gaps by falling priority, numbered on from ``start``."""
    rows: list[Json] = [
        [
            str(place),
            {"main": gap.title, "id": gap.question},
            summary.label(export, gap.paragraph),
            words.DIMENSIONS[gap.dimension],
            f"{_from(gap)} → {gap.target}",
            "–"
            if gap.sites_below is None
            else f"{words.number(gap.sites_below)} of {words.number(gap.sites_asked or 0)}",
            "Critical gap" if gap.critical_gap else "Critical question" if gap.critical else "",
        ]
        for place, gap in enumerate(listed, start)
    ]
    rest = len(export.gaps) - start + 1 - len(listed)
    return {
        "lead": prose.GAPS_LEAD,
        "header": ["No.", "Question", "Paragraph", "Dimension", "Level → target", "Sites below", "Critical"],
        "rows": rows,
        "note": f"{words.count(rest, 'more gap is', 'more gaps are')} in annex F." if rest > 0 else "",
        "empty": "No answer is below its target.",
    }


def _from(gap: Gap) -> str:
    """Where the answer stands; a question on sites has no single level."""
    if gap.level is not None:
        return str(gap.level)
    return "not known" if gap.sites_below is None else "by site"


def checks(export: Export) -> Json:
    """Answers that do not go together, and figures computed from answers."""
    raised: list[Json] = [
        [
            "Contradiction" if result.severity == "contradiction" else "Warning",
            result.message,
            {
                "main": words.count(result.count, "site", "sites") if result.sites else "State",
                "sub": ", ".join(result.sites) + (" …" if result.count > len(result.sites) else "")
                if result.sites
                else "",
            },
        ]
        for result in export.checks.results
    ]
    return {
        "header": ["Severity", "What was found", "Where"],
        "rows": raised,
        "empty": "No check was raised: the answers do not contradict one another.",
        "indicators": {
            "header": ["Indicator", "Value", "Note"],
            "rows": [_indicator(indicator) for indicator in export.checks.indicators],
            "empty": "The checklist computes no indicators.",
        },
    }


def _indicator(indicator: IndicatorResult) -> Json:
    """The figure with its unit; what it was computed of stands below it, or in the note where that is long."""
    figure, _, of = indicator.display.partition(" (")
    of = of.removesuffix(")")
    if indicator.value is None:
        figure, of = "Not computable", "an answer is missing"
    elif indicator.unit not in figure:
        figure = f"{figure} {indicator.unit}"
    long = len(of) > SHORT
    notes = [text for text in (of if long else "", indicator.warning or "") if text]
    return [
        {"main": indicator.title, "id": indicator.indicator},
        {"main": figure, "sub": "" if long else of},
        {"main": indicator.note, "sub": "; ".join(notes)},
    ]


def method(export: Export) -> Json:
    return {
        "lead": f"Scoring model {export.scores.scoring_model}, {export.checklist.id} {export.checklist.version}.",
        "entries": [{"term": term, "text": text} for term, text in prose.METHOD],
        "levels": {"header": ["Level", "In place", "In use"], "rows": [list(row) for row in prose.LEVELS]},
        "bands": {"header": ["Word", "Low figure"], "rows": [list(row) for row in prose.BANDS]},
    }


def glossary(export: Export) -> Json:
    """The words of this report and those of the checklist's field, in one alphabet."""
    terms = [*prose.GLOSSARY, *((term.term, term.meaning) for term in export.checklist.glossary)]
    return [{"term": term, "text": text} for term, text in sorted(terms, key=lambda entry: entry[0].casefold())]


def signoff(export: Export) -> Json:
    approver = export.checklist.approver or prose.APPROVER
    return {
        "statement": prose.STATEMENT,
        "roles": [{"role": approver if role == prose.APPROVER else role, "does": does} for role, does in prose.ROLES],
        "fields": ["Name", "Function and office", "Date", "Signature"],
    }
