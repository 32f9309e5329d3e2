"""Where the sites stand: the funnel, the counts by type and the site grid. Pure."""

from service.reports import words
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
    ("full", "level 3 or 4"),
    ("part", "level 1 or 2"),
    ("none", "level 0"),
    ("open", "unknown or withheld"),
    ("outside", "does not apply"),
    ("empty", "no answer recorded"),
)


def coverage(export: Export, outside: Outside) -> Json:
    total = export.coverage.sites
    return {
        "lead": (
            f"The register held {words.count(total, 'site', 'sites')} in operation on "
            f"{words.day(export.assessment.period_end)}. A site takes a step when its answer reaches the step's level; "
            "sites to which a step cannot apply are left out of its count."
        ),
        "empty": "" if total else "No site was in operation at the end of the period.",
        "funnel": funnel(export),
        "types": by_type(export),
        "grid": grid(export, outside),
    }


def funnel(export: Export) -> Json:
    """Chart 2: one bar for each step."""
    bars: list[Json] = []
    said: list[str] = []
    for step in export.coverage.steps:
        applicable = step.reached + step.partly + step.none + step.unknown
        text = f"{words.number(step.reached)} of {words.number(applicable)}"
        share = f"{words.share(step.travellers_share)} of travellers" if step.travellers_share is not None else ""
        rest = ((step.partly, "partly"), (step.none, "none"), (step.unknown, "unknown"))
        notes = [f"{words.number(sites)} {name}" for sites, name in rest if sites]
        notes += [f"{words.number(step.not_applicable)} not applicable"] if step.not_applicable else []
        said.append(f"{step.title}: {', '.join(filter(None, (text, share, *notes)))}.")
        whole = max(export.coverage.sites, 1)
        bars.append(
            {
                "title": step.title,
                "reached": step.reached * 1000 // whole,
                "unknown": step.unknown * 1000 // whole,
                "applicable": applicable * 1000 // whole,
                "text": text,
                "share": share,
                "notes": ", ".join(notes),
            }
        )
    return {
        "title": "Sites by step",
        "bars": bars,
        "key": {"reached": "reached", "unknown": "unknown, withheld or unanswered", "applicable": "partly or none"},
        "alt": "Bar chart of the sites that took each step. " + " ".join(said),
    }


def by_type(export: Export) -> Json:
    header = ["Type", "Sites", *(step.title for step in export.coverage.steps)]
    rows: list[Json] = [
        [words.SITE_TYPES.get(row.type, row.type), words.number(row.sites), *(_of(step) for step in row.steps)]
        for row in export.coverage.by_type
    ]
    if len(rows) > 1:
        rows.append(["All sites", words.number(export.coverage.sites), *(_of(step) for step in export.coverage.steps)])
    return {"header": header, "rows": rows}


def _of(step: StepCount) -> str:
    return f"{words.number(step.reached)} of {words.number(step.reached + step.partly + step.none + step.unknown)}"


def grid(export: Export, outside: Outside) -> Json:
    """Chart 3: one row for each site, by type and then by travellers; one column for each question of the steps."""
    answers = {(answer.question, answer.site): answer for answer in export.answers if answer.site is not None}
    titles = {question.id: question.title for question in export.checklist.questions}
    asked = dict.fromkeys(step.question for step in export.coverage.steps)
    order = {kind: place for place, kind in enumerate(words.SITE_TYPES)}
    sites = sorted(
        export.sites, key=lambda s: (order.get(s.type, 99), s.travellers is None, -(s.travellers or 0), s.code)
    )
    rows: list[Json] = []
    for site in sites:
        cells = [
            MARKS["outside"] if (question, site.code) in outside else cell(answers.get((question, site.code)))
            for question in asked
        ]
        rows.append([site.code, site.name, words.SITE_TYPE[site.type], _volume(site), *cells])
    return {
        "title": "Site grid",
        "header": [
            "Code",
            "Site",
            "Type",
            "Travellers a year",
            *(titles.get(question, question) for question in asked),
        ],
        "rows": rows,
        "legend": [{"mark": MARKS[name], "text": text} for name, text in LEGEND],
    }


def _volume(site: Site) -> str:
    return "not known" if site.travellers is None else words.number(site.travellers)


def cell(answer: Answer | None) -> str:
    """The mark for one answer, with its level where it has one."""
    level = None if answer is None else reached(answer)
    return MARKS[mark(answer)] + ("" if level is None else f"\u2009{level}")


def mark(answer: Answer | None) -> str:
    """The mark for one answer: by its level where it has one."""
    if answer is None:
        return "empty"
    if answer.kind == "not_applicable":
        return "outside"
    level = reached(answer)
    if level is None:
        return "open"
    return "full" if level >= 3 else "part" if level >= 1 else "none"
