"""Where the sites stand: the funnel, the counts by type and the site grid. Pure."""

from service.languages.words import Words, mark
from service.reports import terms
from service.reports.asking import Outside
from service.reports.cleaning import Json
from service.reports.levels import reached
from stocktake.models.answers import Answer
from stocktake.models.assessments import StepCount
from stocktake.models.export import Export
from stocktake.models.registry import Site

MARKS = {
    "full": "●",
    "part": "◐",
    "none": "○",
    "open": "?",
    "outside": "–",
    "empty": "·",
}
LEGEND = (
    ("full", mark("level 3 or 4")),
    ("part", mark("level 1 or 2")),
    ("none", mark("level 0")),
    ("open", mark("unknown or withheld")),
    ("outside", mark("does not apply")),
    ("empty", mark("no answer recorded")),
)


def coverage(export: Export, outside: Outside, words: Words) -> Json:
    total = export.coverage.sites
    return {
        "lead": words.count(
            "The register held {n} site in operation on {day}. A site takes a step when its answer reaches the step's "
            "level; sites to which a step cannot apply are left out of its count.",
            "The register held {n} sites in operation on {day}. A site takes a step when its answer reaches the step's "
            "level; sites to which a step cannot apply are left out of its count.",
            total,
            day=words.day(export.assessment.period_end),
        ),
        "empty": "" if total else words.text("No site was in operation at the end of the period."),
        "funnel": funnel(export, words),
        "types": by_type(export, words),
        "grid": grid(export, outside, words),
    }


def funnel(export: Export, words: Words) -> Json:
    """Chart 2: one bar for each step."""
    whole = max(export.coverage.sites, 1)
    bars: list[Json] = []
    read = [words.text("Bar chart of the sites that took each step.")]
    for step in export.coverage.steps:
        text, share, notes = _of(step, words), _travellers(step, words), _notes(step, words)
        read.append(
            words.text("{step}: {figures}.", step=step.title, figures=terms.series([text, *share, *notes], words))
        )
        bars.append(
            {
                "title": step.title,
                "reached": step.reached * 1000 // whole,
                "unknown": step.unknown * 1000 // whole,
                "applicable": _applicable(step) * 1000 // whole,
                "text": text,
                "share": " · ".join(share),
                "notes": terms.series(notes, words),
            }
        )
    return {
        "title": words.text("Sites by step"),
        "bars": bars,
        "key": {
            "reached": words.text("reached"),
            "unknown": words.text("unknown, withheld or unanswered"),
            "applicable": words.text("partly or none"),
        },
        "alt": " ".join(read),
    }


def _applicable(step: StepCount) -> int:
    return step.reached + step.partly + step.none + step.unknown


def _of(step: StepCount, words: Words) -> str:
    return terms.part(step.reached, _applicable(step), words)


def _travellers(step: StepCount, words: Words) -> list[str]:
    if step.travellers_share is None:
        return []
    return [words.text("{share} of travellers", share=terms.share(step.travellers_share, words))]


def _notes(step: StepCount, words: Words) -> list[str]:
    """Where the sites stand that have not taken the step."""
    said = (
        (step.partly, mark("{n} partly")),
        (step.none, mark("{n} none")),
        (step.unknown, mark("{n} unknown")),
        (step.not_applicable, mark("{n} not applicable")),
    )
    return [words.text(message, n=words.number(sites)) for sites, message in said if sites]


def by_type(export: Export, words: Words) -> Json:
    header = [words.text("Type"), words.text("Sites"), *(step.title for step in export.coverage.steps)]
    rows: list[Json] = [
        [words.text(terms.SITE_TYPES[row.type]), words.number(row.sites), *(_of(step, words) for step in row.steps)]
        for row in export.coverage.by_type
    ]
    if len(rows) > 1:
        every = (_of(step, words) for step in export.coverage.steps)
        rows.append([words.text("All sites"), words.number(export.coverage.sites), *every])
    return {"header": header, "rows": rows}


def grid(export: Export, outside: Outside, words: Words) -> Json:
    """Chart 3: one row for each site, by type and then by travellers; one column for each question of the steps."""
    answers = {(answer.question, answer.site): answer for answer in export.answers if answer.site is not None}
    titles = {question.id: question.title for question in export.checklist.questions}
    asked = dict.fromkeys(step.question for step in export.coverage.steps)
    order = {kind: place for place, kind in enumerate(terms.SITE_TYPES)}
    kinds = {kind: words.text(name) for kind, name in terms.SITE_TYPE.items()}
    sites = sorted(
        export.sites, key=lambda s: (order.get(s.type, 99), s.travellers is None, -(s.travellers or 0), s.code)
    )
    rows: list[Json] = []
    for site in sites:
        cells = [
            MARKS["outside"] if (question, site.code) in outside else cell(answers.get((question, site.code)))
            for question in asked
        ]
        rows.append([{"code": site.code}, site.name, kinds[site.type], _volume(site, words), *cells])
    return {
        "title": words.text("Site grid"),
        "header": [
            words.text("Code"),
            words.text("Site"),
            words.text("Type"),
            words.text("Travellers a year"),
            *(titles.get(question, question) for question in asked),
        ],
        "rows": rows,
        "legend": [{"mark": MARKS[name], "text": words.text(text)} for name, text in LEGEND],
    }


def _volume(site: Site, words: Words) -> str:
    return words.text("not known") if site.travellers is None else words.number(site.travellers)


def cell(answer: Answer | None) -> str:
    """The mark for one answer, with its level where it has one."""
    level = None if answer is None else reached(answer)
    return MARKS[standing(answer)] + ("" if level is None else f"\u2009{level}")


def standing(answer: Answer | None) -> str:
    """The mark for one answer: by its level where it has one."""
    if answer is None:
        return "empty"
    if answer.kind == "not_applicable":
        return "outside"
    level = reached(answer)
    if level is None:
        return "open"
    return "full" if level >= 3 else "part" if level >= 1 else "none"
