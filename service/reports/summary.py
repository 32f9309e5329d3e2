"""The summary page and the fast facts. Pure."""

from fractions import Fraction

from service.languages.words import Words
from service.reports import prose, terms
from service.reports.cleaning import Json
from service.reports.paragraphs import label, named, profile, said
from stocktake.models.assessments import Gap, Score
from stocktake.models.export import Export

BOX = 8
"""Critical gaps named on the summary page; the gap list has them all."""


def page(export: Export, words: Words) -> Json:
    """Five sentences, the paragraph profile and the critical gaps."""
    critical = [gap for gap in export.gaps if gap.critical_gap]
    rest = words.number(len(critical) - BOX)
    return {
        "sentences": [
            _answered(export, words),
            _overall(export, words),
            _ends(export, words),
            _sites(export, words),
            _shortfalls(export, len(critical), words),
        ],
        "chart": profile(export, words),
        "critical": {
            "title": words.text("Critical gaps: {n}", n=words.number(len(critical)))
            if critical
            else words.text("Critical gaps: none"),
            "none": words.text(prose.NO_CRITICAL_GAP),
            "items": [_gap_line(gap, export, words) for gap in critical[:BOX]],
            "rest": words.text("and {n} more, in section 5", n=rest) if len(critical) > BOX else "",
        },
    }


def _answered(export: Export, words: Words) -> str:
    progress = export.progress
    return words.count(
        "{state} has answered {answered} of the {n} question asked for cycle {cycle}; of these answers, “unknown”: "
        "{unknown}, withheld: {withheld}, “not applicable”: {not_applicable}.",
        "{state} has answered {answered} of the {n} questions asked for cycle {cycle}; of these answers, “unknown”: "
        "{unknown}, withheld: {withheld}, “not applicable”: {not_applicable}.",
        progress.asked,
        state=export.state.name,
        answered=words.number(progress.answered),
        cycle=export.assessment.cycle,
        unknown=words.number(progress.unknown),
        withheld=words.number(progress.withheld),
        not_applicable=words.number(progress.not_applicable),
    )


def _overall(export: Export, words: Words) -> str:
    return words.text(
        "Overall, what the instrument asks for is {in_place}, and {in_use}.",
        in_place=_in_place(export.scores.in_place, words),
        in_use=_in_use(export.scores.in_use, words),
    )


def _in_place(score: Score, words: Words) -> str:
    word, figures = _figures(score, words)
    if not figures:
        return words.text("in place: {word}", word=word)
    if "high" in figures:
        return words.text("{low} in place ({word}, at most {high}; evidence supports {supported})", **figures)
    return words.text("{low} in place ({word}; evidence supports {supported})", **figures)


def _in_use(score: Score, words: Words) -> str:
    word, figures = _figures(score, words)
    if not figures:
        return words.text("in use: {word}", word=word)
    if "high" in figures:
        return words.text("{low} in use ({word}, at most {high}; evidence supports {supported})", **figures)
    return words.text("{low} in use ({word}; evidence supports {supported})", **figures)


def _figures(score: Score, words: Words) -> tuple[str, dict[str, str]]:
    """The word for a score, and its figures; none where there is no headline, no highest where nothing is open."""
    figure, word = terms.headline(score, words)
    if score.low_percent is None or score.high_percent is None or score.supported_percent is None:
        return word, {}
    known = {"low": figure, "word": terms.inside(word), "supported": words.percent(score.supported_percent)}
    return word, known if score.high_percent <= score.low_percent else known | {
        "high": words.percent(score.high_percent)
    }


def _ends(export: Export, words: Words) -> str:
    ranked = sorted(
        (
            (Fraction(row.in_place.low), row.in_place.low_percent, row.label)
            for row in export.scores.paragraphs
            if row.in_place.low is not None and row.in_place.low_percent is not None
        ),
        key=lambda entry: entry[0],
    )
    if len(ranked) < 2:
        return words.text(
            "Too few paragraphs have enough known answers to say where the state stands strongest and weakest."
        )
    (_, low, weakest), (_, high, strongest) = ranked[0], ranked[-1]
    return words.text(
        "Most is in place on {strongest} ({high}), least on {weakest} ({low}).",
        strongest=named(strongest, words),
        high=words.percent(high),
        weakest=named(weakest, words),
        low=words.percent(low),
    )


def _sites(export: Export, words: Words) -> str:
    steps, total = export.coverage.steps, export.coverage.sites
    if not total:
        return words.text("No site was in operation at the end of the period, so nothing is said about sites.")
    if not steps:
        return words.count(
            "{n} site was in operation at the end of the period.",
            "{n} sites were in operation at the end of the period.",
            total,
        )
    first, last = steps[0], steps[-1]
    values = {"first": words.number(first.reached), "step": first.title}
    if first is last:
        return words.count(
            "Of {n} site in operation, {first} reached “{step}”.",
            "Of {n} sites in operation, {first} reached “{step}”.",
            total,
            **values,
        )
    return words.count(
        "Of {n} site in operation, {first} reached the first step (“{step}”) and {last} the last (“{other}”).",
        "Of {n} sites in operation, {first} reached the first step (“{step}”) and {last} the last (“{other}”).",
        total,
        last=words.number(last.reached),
        other=last.title,
        **values,
    )


def _shortfalls(export: Export, critical: int, words: Words) -> str:
    contradictions = sum(result.severity == "contradiction" for result in export.checks.results)
    settle = (
        words.count(
            "{n} contradiction between answers should be settled before signature.",
            "{n} contradictions between answers should be settled before signature.",
            contradictions,
        )
        if contradictions
        else words.text("No contradiction between answers was found.")
    )
    return terms.after(_gaps(len(export.gaps), critical, words), settle, words)


def _gaps(gaps: int, critical: int, words: Words) -> str:
    if not gaps:
        return words.text("There is no gap to the target levels.")
    if not critical:
        return words.count(
            "There is {n} gap to the target levels; it is not critical.",
            "There are {n} gaps to the target levels, none of them critical.",
            gaps,
        )
    return words.count(
        "There is {n} gap to the target levels, and it is critical.",
        "There are {n} gaps to the target levels, {critical} of them critical.",
        gaps,
        critical=words.number(critical),
    )


def _gap_line(gap: Gap, export: Export, words: Words) -> Json:
    return {
        "title": gap.title,
        "where": words.text(
            "({paragraph} · {where})", paragraph=named(label(export, gap.paragraph), words), where=_where(gap, words)
        ),
    }


def _where(gap: Gap, words: Words) -> str:
    if gap.sites_below is not None:
        return words.count(
            "{below} of {n} site below level {target}",
            "{below} of {n} sites below level {target}",
            gap.sites_asked or 0,
            below=words.number(gap.sites_below),
            target=gap.target,
        )
    if gap.level is not None:
        return words.text("level {level} against {target}", level=gap.level, target=gap.target)
    return words.text("level not known, target {target}", target=gap.target)


def facts(export: Export, words: Words) -> Json:
    """The figures beside the summary, in groups."""
    progress, scores = export.progress, export.scores
    of_sites = sum(question.scope == "site" for question in export.checklist.questions)
    groups: list[tuple[str, list[tuple[str, str]]]] = [
        (
            words.text("Overall"),
            [
                (words.text("In place"), said(scores.in_place, words)),
                (words.text("In use"), said(scores.in_use, words)),
                (words.text("Confidence, in place"), scores.in_place.confidence or terms.NONE),
                (words.text("Confidence, in use"), scores.in_use.confidence or terms.NONE),
            ],
        ),
        (
            words.text("Answers"),
            [
                (words.text("Asked"), words.number(progress.asked)),
                (words.text("Answered"), words.number(progress.answered)),
                (words.text("With a value"), words.number(progress.values)),
                (words.text("Not applicable"), words.number(progress.not_applicable)),
                (words.text("Unknown"), words.number(progress.unknown)),
                (words.text("Withheld"), words.number(progress.withheld)),
            ],
        ),
        (
            words.text("Sites and contributors"),
            [
                (words.text("Sites in operation"), words.number(export.coverage.sites)),
                *((step.title, terms.sites(step.reached, words)) for step in export.coverage.steps),
                (words.text("Agencies registered"), words.number(len(export.agencies))),
            ],
        ),
        (
            words.text("Checklist"),
            [
                (words.text("Questions to the state"), words.number(len(export.checklist.questions) - of_sites)),
                (words.text("Questions on each site"), words.number(of_sites)),
                (words.text("Gaps to target"), words.number(len(export.gaps))),
                (words.text("Checks raised"), words.number(len(export.checks.results))),
            ],
        ),
    ]
    return [
        {"title": title, "facts": [{"name": name, "value": value} for name, value in rows]} for title, rows in groups
    ]
