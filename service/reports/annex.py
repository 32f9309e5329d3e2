"""The annexes: every answer of the state, the answers at sites in counts, evidence, non-answers, weights. Pure."""

from collections import Counter
from datetime import date

from service.assessments.age import age_of, aged_grade
from service.reports import words
from service.reports.asking import Outside
from service.reports.cleaning import Json
from service.reports.levels import reached
from stocktake.models.answers import Answer
from stocktake.models.catalogue import Question
from stocktake.models.export import Export

REGISTER = 400
"""Rows a register prints; the attached data has the rest."""
SERVED = 1
"""Questions named in one row of the evidence register."""
NAMED = 12
"""Site codes named in one row."""


def answers(export: Export, outside: Outside) -> Json:
    """Annex A: the questions to the state, by section, with all that was said."""
    given = {answer.question: answer for answer in export.answers if answer.site is None}
    sections: list[Json] = []
    for section in export.checklist.sections:
        asked = [q for q in export.checklist.questions if q.section == section.id and q.scope == "state"]
        if asked:
            rows = [
                _unasked(question, given.get(question.id))
                if (question.id, None) in outside
                else _answer(question, given.get(question.id), export.assessment.period_end)
                for question in asked
            ]
            sections.append({"title": section.title, "rows": rows})
    return {"header": ["Question", "Answer", "Standing"], "sections": sections}


def _asked(question: Question) -> Json:
    return {"main": question.title, "id": question.id, "sub": question.text}


def _unasked(question: Question, answer: Answer | None) -> Json:
    """A question that another answer takes away; what was answered all the same is kept and not counted."""
    kept = f"Recorded, not counted: {words.given(answer, question)}" if answer else ""
    return [_asked(question), {"main": "Does not apply", "sub": kept, "remark": ""}, ["Follows from other answers"]]


def _answer(question: Question, answer: Answer | None, period_end: date) -> Json:
    asked = _asked(question)
    if answer is None:
        return [asked, {"main": "No answer recorded", "sub": "", "remark": ""}, []]
    level = reached(answer)
    if question.dimension == "context":
        standing = ["Context, not scored"]
    else:
        standing = [f"Level {words.level(level)}" if level is not None else "No level"]
        if level is not None:
            supported = min(level, best_grade(answer, question, period_end) + 1)
            standing.append("Supported by evidence" if supported == level else f"Supported: level {supported}")
    if answer.kind == "value" or answer.evidence:
        best = max((evidence.grade for evidence in answer.evidence), default=0)
        standing.append(f"Evidence {best}, {words.GRADES[best]}")
    if answer.certainty:
        standing.append(answer.certainty.capitalize())
    if answer.source:
        standing.append(f"By {answer.source.name}" + (f" {answer.source.version}" if answer.source.version else ""))
    standing.append(words.day(answer.updated_at.date()))
    said: Json = {
        "main": words.given(answer, question),
        "sub": words.descriptor(level, question),
        "remark": answer.remark or "",
    }
    return [asked, said, standing]


def best_grade(answer: Answer, question: Question, period_end: date) -> int:
    """The best evidence grade, age counted in."""
    best = max(((e.grade, e.dated) for e in answer.evidence), default=None)
    return 0 if best is None else aged_grade(best[0], age_of(best[1], period_end), question.dimension)


def site_answers(export: Export, outside: Outside) -> Json:
    """Annex B: for each question on sites, how many sites gave which answer."""
    by_question: dict[str, list[Answer]] = {}
    sites = {site.code for site in export.sites}
    for answer in export.answers:
        if answer.site in sites and (answer.question, answer.site) not in outside:
            by_question.setdefault(answer.question, []).append(answer)
    unasked = Counter(question for question, site in outside if site is not None)
    rows = [
        _site_row(question, by_question.get(question.id, []), len(sites), unasked[question.id])
        for question in export.checklist.questions
        if question.scope == "site"
    ]
    return {
        "header": [
            "Question on each site",
            "L0",
            "L1",
            "L2",
            "L3",
            "L4",
            "Un-\nscored",
            "Un-\nknown",
            "With-\nheld",
            "N/A",
            "No\nanswer",
        ],
        "rows": rows,
    }


def _site_row(question: Question, given: list[Answer], sites: int, unasked: int) -> Json:
    levels = Counter(reached(answer) for answer in given if answer.kind in ("value", "other_means"))
    kinds = Counter(answer.kind for answer in given)
    scored = question.dimension != "context"
    return [
        {"main": question.title, "id": question.id},
        *(words.number(levels[level]) if scored else "–" for level in range(5)),
        words.number(levels[None]),
        words.number(kinds["unknown"]),
        words.number(kinds["withheld"]),
        words.number(kinds["not_applicable"] + unasked),
        words.number(sites - unasked - len(given)),
    ]


def evidence(export: Export) -> Json:
    """Annex C: each piece of evidence once, with the questions and the number of sites it serves."""
    served: dict[tuple[str, str, str, str, int, str, str], list[Answer]] = {}
    for answer in export.answers:
        for e in answer.evidence:
            key = (
                e.title,
                e.dated.isoformat(),
                e.holder or "–",
                e.reference or "",
                e.grade,
                e.classification or "–",
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
                    "main": _some([titles.get(q, q) for q in questions], SERVED),
                    "sub": words.count(sites, "site", "sites") if sites else "",
                },
            ]
        )
    return {
        "header": ["No.", "Title and SHA-256", "Date", "Holder, reference", "Marking", "Grade", "Serves"],
        "rows": rows,
        "note": _left_out(len(served) - len(rows), "pieces of evidence"),
        "empty": "No evidence is recorded.",
    }


def non_answers(export: Export) -> Json:
    """Annex D: four lists, one for each kind; sites that gave the same question the same reason share a row."""
    questions = {question.id: question for question in export.checklist.questions}
    lists: list[Json] = []
    for kind, title in words.KINDS.items():
        grouped: dict[tuple[str, str, bool], list[Answer]] = {}
        for answer in export.answers:
            if answer.kind == kind and answer.question in questions:
                grouped.setdefault((answer.question, answer.reason or "", answer.site is None), []).append(answer)
        rows: list[Json] = [
            [
                {"main": questions[question].title, "id": question},
                "State"
                if of_state
                else {
                    "main": words.count(len(group), "site", "sites"),
                    "sub": _some([a.site or "" for a in group], NAMED),
                },
                _why(group[0], questions[question]),
            ]
            for (question, _, of_state), group in list(grouped.items())[:REGISTER]
        ]
        lists.append({"title": title, "rows": rows, "note": _left_out(len(grouped) - len(rows), "rows")})
    return {"header": ["Question", "Where", "Reason"], "lists": lists, "empty": "None."}


def _why(answer: Answer, question: Question) -> str:
    if answer.kind == "unknown":
        return answer.remark or "The state looked and does not know."
    said = words.given(answer, question).split(": ", 1)[-1]
    return f"{said} (level {reached(answer)})" if answer.kind == "other_means" else said


def weights(export: Export) -> Json:
    """Annex E: what each scored question weighs."""
    labels = {p.id: p.label for p in export.instrument.paragraphs}
    rows: list[Json] = [
        [
            {"main": question.title, "id": question.id},
            ", ".join(labels.get(p, p) for p in (question.paragraph, *question.also)),
            words.DIMENSIONS[question.dimension],
            "each site" if question.scope == "site" else "state",
            str(question.weight or 1),
            str(question.target if question.target is not None else "–"),
            "critical" if question.critical else "–",
        ]
        for question in export.checklist.questions
        if question.dimension != "context"
    ]
    return {"header": ["Question", "Paragraphs", "Dimension", "Asked of", "Weight", "Target", "Critical"], "rows": rows}


def _some(items: list[str], most: int) -> str:
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")


def _left_out(rest: int, what: str) -> str:
    return f"{words.number(rest)} more {what} are in the attached data." if rest > 0 else ""
