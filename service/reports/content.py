"""What a report says: the document of the national edition, composed from an export. Pure; setting it is elsewhere."""

import unicodedata

from service.languages.words import Words
from service.reports import annex, paragraphs, prose, sites, summary, terms
from service.reports.asking import outside
from service.reports.cleaning import REPLACEMENT, Cleaner, Json
from service.reports.fonts import covered
from service.reports.seal import Seal
from service.reports.wording import Wording, quoted
from stocktake.models.assessments import Gap, IndicatorResult
from stocktake.models.export import Export

Document = dict[str, Json]
"""Plain data, every string of it printable; keys are what the templates read."""

EDITION = "national"
GAPS = 25
"""Gaps in the main part; the rest is in an annex."""
REGIONS = {"en": "gb", "zh": "cn"}
"""Where a language is written in more than one way, whose way the report takes."""
PAGE, PAGES = "{page}", "{pages}"
"""What the typesetter puts its numbers for."""


def build(export: Export, wording: Wording, seal: Seal) -> Document:
    """The national edition, its texts in one language; what it is the report of is sealed, or a draft."""
    assessment, words = export.assessment, wording.words
    cleaner = Cleaner(covered())
    cleaned = cleaner.every(_said(export, wording, seal))
    revision, digest = seal.revision(assessment), seal.digest
    return {
        **cleaned,
        "unprintable": _unprintable(replaced, words) if (replaced := cleaner.replaced) else "",
        "id": str(assessment.id),
        "revision": revision,
        "digest": [digest[:32], digest[32:]],
        "left_foot": words.text("Assessment {id} · revision {revision}", id=str(assessment.id)[:8], revision=revision),
        "right_foot": words.text(
            "Digest {digest} · page {page} of {pages}", digest=digest[:12], page=PAGE, pages=PAGES
        ),
        "attachment": seal.attachment,
        "payload": f"{assessment.id}|{revision}|{EDITION}|{digest}",
    }


def _unprintable(replaced: int, words: Words) -> str:
    return words.count(
        "{n} character in the answers cannot be shown in the fonts of this report and is printed as {replacement}; "
        "the attached data keeps it.",
        "{n} characters in the answers cannot be shown in the fonts of this report and are printed as {replacement}; "
        "the attached data keeps them.",
        replaced,
        replacement=REPLACEMENT,
    )


def _said(export: Export, wording: Wording, seal: Seal) -> Document:
    """All that comes from the export, not yet cleaned."""
    not_asked, words = outside(export), wording.words
    unofficial = wording.status == "unofficial"
    return {
        "words": headings(words),
        "lang": words.language,
        "region": REGIONS.get(words.language),
        "rtl": words.direction == "rtl",
        "foreign": sorted({wording.authentic, export.instrument.language} - {words.language}),
        "status": seal.status(words),
        "sealed": seal.snapshot is not None,
        "standing": words.text("Unofficial translation") if unofficial else "",
        "state": export.state.name,
        "title": words.text("Self-assessment of the implementation of {instrument}", instrument=_cited(export)),
        "running": words.text(
            "{state} · Self-assessment {cycle}", state=export.state.name, cycle=export.assessment.cycle
        ),
        "cover": cover(export, wording, seal),
        "notice": {"entries": notice(export, wording, seal)},
        "summary": summary.page(export, words),
        "facts": summary.facts(export, words),
        "paragraphs": paragraphs.table(export, words),
        "sites": sites.coverage(export, not_asked, words),
        "gaps": gaps(export, export.gaps[:GAPS], 1, words),
        "checks": checks(export, words),
        "method": method(export, words),
        "signoff": signoff(export, words) | {"steps": seal.steps(words)},
        "answers": annex.answers(export, not_asked, words),
        "site_answers": annex.site_answers(export, not_asked, words),
        "evidence": annex.evidence(export, words),
        "non_answers": annex.non_answers(export, words),
        "weights": annex.weights(export, words),
        "more_gaps": gaps(export, export.gaps[GAPS:], GAPS + 1, words),
        "glossary": glossary(export, words),
        "checking": [*seal.checking(words), *(words.text(step) for step in prose.CHECKING)],
    }


def headings(words: Words) -> dict[str, str]:
    """The headings and labels of the templates, sections with their numbers and annexes with their letters."""
    numbered = {name: f"{n}\u2002{words.text(title)}" for n, (name, title) in enumerate(prose.SECTIONS.items(), 1)}
    lettered = {
        name: f"{words.text('Annex {letter}', letter=letter)}\u2002{words.text(title)}"
        for letter, (name, title) in zip("ABCDEFG", prose.ANNEXES.items(), strict=True)
    }
    return {name: words.text(said) for name, said in prose.HEADINGS.items()} | numbered | lettered


def _cited(export: Export) -> str:
    return export.checklist.cited_as or export.instrument.symbol


def cover(export: Export, wording: Wording, seal: Seal) -> Json:
    """The first page: whose, of what, for when, and what identifies it."""
    assessment, checklist, words = export.assessment, export.checklist, wording.words
    labels = [p.label for p in export.instrument.paragraphs if p.id in {q.paragraph for q in checklist.questions}]
    period = {"start": words.day(assessment.period_start), "end": words.day(assessment.period_end)}
    changed = {"day": words.day(assessment.updated_at.date()), "time": f"{assessment.updated_at:%H:%M}"}
    facts: list[tuple[str, str]] = [
        (words.text("Instrument"), export.instrument.symbol),
        (words.text("Paragraphs covered"), words.listed(labels)),
        (words.text("Cycle"), assessment.cycle),
        (words.text("Period"), words.text("{start} to {end}", **period)),
        (words.text("Edition"), words.text("National")),
        (
            words.text("Checklist"),
            words.text("{checklist}, version {version}", checklist=checklist.id, version=checklist.version),
        ),
        (words.text("Authentic language of the checklist"), words.language_name(wording.authentic)),
        (words.text("State of the answers"), words.text("{day}, {time} UTC", **changed)),
    ]
    return {
        "kind": words.text("Self-assessment"),
        "title": words.text("of the implementation of {instrument}", instrument=_cited(export)),
        "subtitle": quoted(export.instrument.title, export.instrument, words),
        "facts": [{"name": name, "value": value} for name, value in facts],
        "checklist_digest": [checklist.digest[:32], checklist.digest[32:]],
        "standing": seal.entry(words)[1],
        "translation": words.text(prose.UNOFFICIAL) if wording.status == "unofficial" else "",
    }


def notice(export: Export, wording: Wording, seal: Seal) -> list[Json]:
    """The second page: what this is and is not, who may read it, how it was computed, whose words it speaks."""
    words = wording.words
    model = words.text(
        "Scoring model {model}, explained in section 7; weights in annex E.", model=export.scores.scoring_model
    )
    term, text = seal.entry(words)
    return [
        {"term": words.text("What this is"), "text": export.checklist.notice},
        {"term": words.text("What this is not"), "text": words.text(prose.NATURE)},
        {"term": words.text("Who may read it"), "text": words.text(prose.READERS)},
        {"term": words.text("Method"), "text": model},
        {"term": words.text("Language"), "text": "\n".join(language(wording))},
        {"term": term, "text": text},
    ]


def language(wording: Wording) -> list[str]:
    """Whose words the report speaks: the authentic language, how far it is translated and by whom, and the quotes."""
    words, mark_ = wording.words, f"[{wording.authentic}]"
    said = [words.text("Authentic language of the checklist: {name}.", name=words.language_name(wording.authentic))]
    if wording.status == "unofficial":
        said.append(words.text(prose.UNOFFICIAL))
    if wording.status == "reviewed":
        said.append(words.text(prose.REVIEWED))
    if not wording.translated:
        said.append(words.text(prose.NOT_TRANSLATED, mark=mark_))
    elif wording.fallen_back:
        said.append(
            words.count(
                "{n} text of the checklist has no translation yet; it stands in the authentic language, marked {mark}.",
                "{n} texts of the checklist have no translation yet; they stand in the authentic language, "
                "marked {mark}.",
                wording.fallen_back,
                mark=mark_,
            )
        )
    return [*said, words.text(prose.QUOTED)]


def gaps(export: Export, listed: list[Gap], start: int, words: Words) -> Json:
    """Gaps by falling priority, numbered on from ``start``."""
    rows: list[Json] = [
        [
            str(place),
            {"main": gap.title, "id": gap.question},
            paragraphs.label(export, gap.paragraph),
            words.text(terms.DIMENSIONS[gap.dimension]),
            words.text("{level} → {target}", level=_from(gap, words), target=gap.target),
            terms.NONE if gap.sites_below is None else terms.part(gap.sites_below, gap.sites_asked or 0, words),
            _critical(gap, words),
        ]
        for place, gap in enumerate(listed, start)
    ]
    rest = len(export.gaps) - start + 1 - len(listed)
    return {
        "lead": words.text(prose.GAPS_LEAD),
        "header": [
            words.text("No."),
            words.text("Question"),
            words.text("Paragraph"),
            words.text("Dimension"),
            words.text("Level → target"),
            words.text("Sites below"),
            words.text("Critical"),
        ],
        "rows": rows,
        "note": words.count("{n} more gap is in annex F.", "{n} more gaps are in annex F.", rest) if rest > 0 else "",
        "empty": words.text("No answer is below its target."),
    }


def _from(gap: Gap, words: Words) -> str:
    """Where the answer stands; a question on sites has no single level."""
    if gap.level is not None:
        return str(gap.level)
    return words.text("not known") if gap.sites_below is None else words.text("by site")


def _critical(gap: Gap, words: Words) -> str:
    if gap.critical_gap:
        return words.text("Critical gap")
    return words.text("Critical question") if gap.critical else ""


def checks(export: Export, words: Words) -> Json:
    """Answers that do not go together, and figures computed from answers."""
    raised: list[Json] = [
        [
            words.text(terms.SEVERITIES[result.severity]),
            result.message,
            {
                "main": terms.sites(result.count, words) if result.sites else words.text("State"),
                "sub": terms.series(result.sites, words) + (" …" if 0 < len(result.sites) < result.count else ""),
            },
        ]
        for result in export.checks.results
    ]
    return {
        "header": [words.text("Severity"), words.text("What was found"), words.text("Where")],
        "rows": raised,
        "empty": words.text("No check was raised: the answers do not contradict one another."),
        "indicators": {
            "header": [words.text("Indicator"), words.text("Value"), words.text("Note")],
            "rows": [_indicator(indicator, words) for indicator in export.checks.indicators],
            "empty": words.text("The checklist computes no indicators."),
        },
    }


def _indicator(indicator: IndicatorResult, words: Words) -> Json:
    missing = words.text("Not computable: an answer is missing")
    return [
        {"main": indicator.title, "id": indicator.indicator},
        missing if indicator.value is None else indicator.display,
        {"main": indicator.note, "sub": indicator.warning or ""},
    ]


def method(export: Export, words: Words) -> Json:
    lead = words.text(
        "Scoring model {model}, {checklist} {version}.",
        model=export.scores.scoring_model,
        checklist=export.checklist.id,
        version=export.checklist.version,
    )
    levels: list[Json] = [
        [terms.level(n, words), words.text(in_place), words.text(in_use)]
        for n, (in_place, in_use) in enumerate(prose.LEVELS)
    ]
    return {
        "lead": lead,
        "entries": [{"term": words.text(term), "text": words.text(text)} for term, text in prose.METHOD],
        "levels": {"header": [words.text("Level"), words.text("In place"), words.text("In use")], "rows": levels},
        "bands": {
            "header": [words.text("Word"), words.text("Low figure")],
            "rows": [[words.text(word), words.text(figure)] for word, figure in prose.BANDS],
        },
    }


def glossary(export: Export, words: Words) -> Json:
    """The words of this report and those of the checklist's field, in one alphabet."""
    own = [(words.text(term), words.text(meaning)) for term, meaning in prose.GLOSSARY]
    entries = [*own, *((term.term, term.meaning) for term in export.checklist.glossary)]
    return [{"term": term, "text": text} for term, text in sorted(entries, key=lambda entry: _letters(entry[0]))]


def _letters(term: str) -> str:
    """What a term is sorted by: its letters without accents and case."""
    parts = unicodedata.normalize("NFD", term.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def signoff(export: Export, words: Words) -> dict[str, Json]:
    approver = export.checklist.approver
    return {
        "statement": words.text(prose.STATEMENT),
        "roles": [
            {"role": approver if approver and role == prose.APPROVER else words.text(role), "does": words.text(does)}
            for role, does in prose.ROLES
        ],
        "fields": [words.text(field) for field in prose.FIELDS],
    }
