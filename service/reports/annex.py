"""The annexes: every answer of the state, the answers at sites in counts, evidence, non-answers, weights. Pure."""

from collections import Counter
from datetime import date

from service.assessments.age import age_of, aged_grade
from service.languages.words import Words
from service.reports import terms
from service.reports.asking import Outside
from service.reports.cleaning import Json
from service.reports.levels import reached
from service.reports.paragraphs import named
from service.reports.wording import quoted
from stocktake.models.answers import Answer
from stocktake.models.catalogue import Question, Section
from stocktake.models.export import Export

REGISTER = 400
"""Rows a register prints; the attached data has the rest."""
SERVED = 1
"""Questions named in one row of the evidence register."""
NAMED = 12
"""Site codes named in one row."""


def answers(export: Export, outside: Outside, words: Words) -> Json:
    """Annex A: the questions to the state, by section, with all that was said; each paragraph is quoted once."""
    given = {answer.question: answer for answer in export.answers if answer.site is None}
    sections: list[Json] = []
    seen: set[str | None] = {None}
    for section in export.checklist.sections:
        asked = [q for q in export.checklist.questions if q.section == section.id and q.scope == "state"]
        if asked:
            rows = [
                _unasked(question, given.get(question.id), words)
                if (question.id, None) in outside
                else _answer(question, given.get(question.id), export.assessment.period_end, words)
                for question in asked
            ]
            quote = None if section.paragraph in seen else _quote(export, section, words)
            seen.add(section.paragraph)
            sections.append({"title": section.title, "quote": quote, "rows": rows})
    return {"header": [words.text("Question"), words.text("Answer"), words.text("Standing")], "sections": sections}


def _quote(export: Export, section: Section, words: Words) -> Json:
    """The paragraph a section stands for, in the words of the instrument."""
    instrument = export.instrument
    paragraph = next((p for p in instrument.paragraphs if p.id == section.paragraph), None)
    if paragraph is None:
        return None
    return {
        "source": words.text(
            "{instrument}, {paragraph}, authentic text ({language})",
            instrument=instrument.symbol,
            paragraph=named(paragraph.label, words),
            language=words.language_name(instrument.language),
        ),
        "text": quoted(paragraph.text, instrument, words),
    }


def _asked(question: Question) -> Json:
    return {"main": question.title, "id": question.id, "sub": question.text}


def _unasked(question: Question, answer: Answer | None, words: Words) -> Json:
    """A question that another answer takes away; what was answered all the same is kept and not counted."""
    kept = words.text("Recorded, not counted: {answer}", answer=terms.given(answer, question, words)) if answer else ""
    said: Json = {"main": words.text("Does not apply"), "sub": kept, "remark": ""}
    return [_asked(question), said, [words.text("Follows from other answers")]]


def _answer(question: Question, answer: Answer | None, period_end: date, words: Words) -> Json:
    if answer is None:
        return [_asked(question), {"main": words.text("No answer recorded"), "sub": "", "remark": ""}, []]
    said: Json = {
        "main": terms.given(answer, question, words),
        "sub": terms.descriptor(reached(answer), question),
        "remark": answer.remark or "",
    }
    return [_asked(question), said, _standing(question, answer, period_end, words)]


def _standing(question: Question, answer: Answer, period_end: date, words: Words) -> list[str]:
    """What the answer amounts to, what carries it, who gave it and when."""
    standing = _levels(question, answer, period_end, words)
    if answer.kind == "value" or answer.evidence:
        best = max((evidence.grade for evidence in answer.evidence), default=0)
        standing.append(words.text(terms.GRADES[best]))
    if answer.certainty:
        standing.append(words.text(terms.CERTAINTIES[answer.certainty]))
    if answer.source:
        who = f"{answer.source.name} {answer.source.version or ''}".rstrip()
        standing.append(words.text("By {who}", who=who))
    return [*standing, words.day(answer.updated_at.date())]


def _levels(question: Question, answer: Answer, period_end: date, words: Words) -> list[str]:
    """The level claimed and the level its evidence supports."""
    if question.dimension == "context":
        return [words.text("Context, not scored")]
    level = reached(answer)
    if level is None:
        return [words.text("No level")]
    supported = min(level, best_grade(answer, question, period_end) + 1)
    return [
        words.text("Level {level}", level=terms.level(level, words)),
        words.text("Supported by evidence")
        if supported == level
        else words.text("Supported: level {level}", level=supported),
    ]


def best_grade(answer: Answer, question: Question, period_end: date) -> int:
    """The best evidence grade, age counted in."""
    best = max(((e.grade, e.dated) for e in answer.evidence), default=None)
    return 0 if best is None else aged_grade(best[0], age_of(best[1], period_end), question.dimension)


def site_answers(export: Export, outside: Outside, words: Words) -> Json:
    """Annex B: for each question on sites, how many sites gave which answer."""
    by_question: dict[str, list[Answer]] = {}
    sites = {site.code for site in export.sites}
    for answer in export.answers:
        if answer.site in sites and (answer.question, answer.site) not in outside:
            by_question.setdefault(answer.question, []).append(answer)
    unasked = Counter(question for question, site in outside if site is not None)
    rows = [
        _site_row(question, by_question.get(question.id, []), len(sites), unasked[question.id], words)
        for question in export.checklist.questions
        if question.scope == "site"
    ]
    return {
        "header": [
            words.text("Question on each site"),
            *(f"L{level}" for level in range(5)),
            words.text("Unscored"),
            words.text("Unknown"),
            words.text("Withheld"),
            words.text("N/A"),
            words.text("No answer"),
        ],
        "rows": rows,
    }


def _site_row(question: Question, given: list[Answer], sites: int, unasked: int, words: Words) -> Json:
    levels = Counter(reached(answer) for answer in given if answer.kind in ("value", "other_means"))
    kinds = Counter(answer.kind for answer in given)
    scored = question.dimension != "context"
    return [
        {"main": question.title, "id": question.id},
        *(words.number(levels[level]) if scored else terms.NONE for level in range(5)),
        words.number(levels[None]),
        words.number(kinds["unknown"]),
        words.number(kinds["withheld"]),
        words.number(kinds["not_applicable"] + unasked),
        words.number(sites - unasked - len(given)),
    ]


def evidence(export: Export, words: Words) -> Json:
    """Annex C: each piece of evidence once, with the questions and the number of sites it serves."""
    served: dict[tuple[str, str, str, str, int, str, str], list[Answer]] = {}
    for answer in export.answers:
        for e in answer.evidence:
            key = (
                e.title,
                e.dated.isoformat(),
                e.holder or terms.NONE,
                e.reference or "",
                e.grade,
                e.classification or terms.NONE,
                e.sha256 or "",
            )
            served.setdefault(key, []).append(answer)
    titles = {question.id: question.title for question in export.checklist.questions}
    rows: list[Json] = []
    for place, (key, uses) in enumerate(list(served.items())[:REGISTER], 1):
        title, dated, holder, reference, grade, marking, sha256 = key
        questions = list(dict.fromkeys(answer.question for answer in uses))
        sites = len({answer.site for answer in uses if answer.site is not None})
        rows.append(
            [
                f"E{place}",
                {"main": title, "hash": [sha256[:32], sha256[32:]] if sha256 else []},
                words.short_day(date.fromisoformat(dated)),
                {"main": holder, "sub": reference},
                marking,
                str(grade),
                {
                    "main": _some([titles.get(q, q) for q in questions], SERVED, words),
                    "sub": terms.sites(sites, words) if sites else "",
                },
            ]
        )
    rest = len(served) - len(rows)
    return {
        "header": [
            words.text("No."),
            words.text("Title and SHA-256"),
            words.text("Date"),
            words.text("Holder, reference"),
            words.text("Marking"),
            words.text("Grade"),
            words.text("Serves"),
        ],
        "rows": rows,
        "note": words.count(
            "{n} more piece of evidence is in the attached data.",
            "{n} more pieces of evidence are in the attached data.",
            rest,
        )
        if rest > 0
        else "",
        "empty": words.text("No evidence is recorded."),
    }


def non_answers(export: Export, words: Words) -> Json:
    """Annex D: four lists, one for each kind; sites that gave the same question the same reason share a row."""
    return {
        "header": [words.text("Question"), words.text("Where"), words.text("Reason")],
        "lists": [_non_answers(export, kind, title, words) for kind, title in terms.KINDS.items()],
        "empty": words.text("None."),
    }


def _non_answers(export: Export, kind: str, title: str, words: Words) -> Json:
    questions = {question.id: question for question in export.checklist.questions}
    grouped: dict[tuple[str, str, bool], list[Answer]] = {}
    for answer in export.answers:
        if answer.kind == kind and answer.question in questions:
            grouped.setdefault((answer.question, answer.reason or "", answer.site is None), []).append(answer)
    rows: list[Json] = [
        [
            {"main": questions[question].title, "id": question},
            words.text("State") if of_state else _at_sites(group, words),
            _why(group[0], questions[question], words),
        ]
        for (question, _, of_state), group in list(grouped.items())[:REGISTER]
    ]
    rest = len(grouped) - len(rows)
    note = words.count("{n} more row is in the attached data.", "{n} more rows are in the attached data.", rest)
    return {"title": words.text(title), "rows": rows, "note": note if rest > 0 else ""}


def _at_sites(group: list[Answer], words: Words) -> Json:
    return {"main": terms.sites(len(group), words), "sub": _some([a.site or "" for a in group], NAMED, words)}


def _why(answer: Answer, question: Question, words: Words) -> Json:
    level = words.text("Level {level}", level=reached(answer)) if answer.kind == "other_means" else ""
    return {"main": terms.reason(answer, question, words), "sub": level}


def weights(export: Export, words: Words) -> Json:
    """Annex E: what each scored question weighs."""
    labels = {p.id: p.label for p in export.instrument.paragraphs}
    rows: list[Json] = [
        [
            {"main": question.title, "id": question.id},
            terms.series([labels.get(p, p) for p in (question.paragraph, *question.also)], words),
            words.text(terms.DIMENSIONS[question.dimension]),
            words.text("each site") if question.scope == "site" else words.text("state"),
            str(question.weight or 1),
            str(question.target if question.target is not None else terms.NONE),
            words.text("critical") if question.critical else terms.NONE,
        ]
        for question in export.checklist.questions
        if question.dimension != "context"
    ]
    return {
        "header": [
            words.text("Question"),
            words.text("Paragraphs"),
            words.text("Dimension"),
            words.text("Asked of"),
            words.text("Weight"),
            words.text("Target"),
            words.text("Critical"),
        ],
        "rows": rows,
    }


def _some(items: list[str], most: int, words: Words) -> str:
    named, rest = terms.series(items[:most], words), len(items) - most
    return words.count("{items} and {n} more", "{items} and {n} more", rest, items=named) if rest > 0 else named
