"""What was computed, as the wire models say it: exact fractions as text, percents rounded half up."""

from collections.abc import Iterable, Mapping, Sequence

from service.assessments.checks import Raised
from service.assessments.coverage import SiteCoverage, StepCounts
from service.assessments.displays import display, warning
from service.assessments.gaps import OpenGap
from service.assessments.indicators import Figure
from service.assessments.progress import Filling
from service.assessments.readings import Counts
from service.assessments.rounding import exact, exact_or_whole, whole_percent
from service.assessments.scoring import SCORING_MODEL, DimensionScore, ParagraphScores, ScoreSheet
from service.catalogue.checklist import Checklist
from service.languages.words import Words
from stocktake.models import assessments as wire

NAMED_SITES = 20
"""So many sites are named where a check was raised."""


def scores_view(sheet: ScoreSheet, checklist: Checklist) -> wire.Scores:
    """The score sheet."""
    return wire.Scores(
        scoring_model=SCORING_MODEL,
        in_place=_score(sheet.in_place),
        in_use=_score(sheet.in_use),
        paragraphs=[_paragraph(scores, checklist) for scores in sheet.paragraphs],
        counts=_counts(sheet.counts),
    )


def _paragraph(scores: ParagraphScores, checklist: Checklist) -> wire.ParagraphScore:
    return wire.ParagraphScore(
        paragraph=scores.paragraph,
        label=checklist.instrument.paragraph(scores.paragraph).label,
        in_place=_score(scores.in_place),
        in_use=_score(scores.in_use),
        counts=_counts(scores.counts),
    )


def _score(score: DimensionScore) -> wire.Score:
    """Where too little is known the headline is left out, and what stands beside it; the interval stays."""
    pooled = score.pooled
    headline = pooled if score.band != "insufficient" else None
    return wire.Score(
        low=exact(pooled.low) if pooled else None,
        high=exact(pooled.high) if pooled else None,
        known=exact(pooled.known) if pooled else None,
        supported=exact(pooled.supported) if pooled else None,
        low_percent=whole_percent(headline.low) if headline else None,
        high_percent=whole_percent(pooled.high) if pooled else None,
        known_percent=whole_percent(pooled.known) if pooled else None,
        supported_percent=whole_percent(headline.supported) if headline else None,
        band=score.band,
        confidence=score.confidence,
        limited_basis=score.limited_basis,
        critical_gaps=len(score.critical_gaps),
    )


def _counts(counts: Counts) -> wire.Counts:
    return wire.Counts(
        answered=counts.answered,
        unanswered=counts.unanswered,
        unknown=counts.unknown,
        withheld=counts.withheld,
        not_applicable=counts.not_applicable,
    )


def coverage_view(coverage: SiteCoverage) -> wire.Coverage:
    """The funnel, in all and by site type."""
    return wire.Coverage(
        sites=coverage.sites,
        steps=[_step(counts) for counts in coverage.steps],
        by_type=[
            wire.TypeCoverage(type=of.type, sites=of.sites, steps=[_step(counts) for counts in of.steps])
            for of in coverage.by_type
        ],
    )


def _step(counts: StepCounts) -> wire.StepCount:
    return wire.StepCount(
        question=counts.step.question,
        title=counts.step.title,
        reached=counts.reached,
        partly=counts.partly,
        none=counts.none,
        unknown=counts.unknown,
        not_applicable=counts.not_applicable,
        travellers_share=None if counts.travellers is None else exact(counts.travellers),
    )


def gap_views(gaps: Iterable[OpenGap]) -> list[wire.Gap]:
    """The gap list, in its order."""
    return [
        wire.Gap(
            question=gap.question.id,
            title=gap.question.title,
            paragraph=gap.question.paragraph,
            dimension="in_use" if gap.question.dimension == "in_use" else "in_place",
            level=gap.level,
            target=gap.target,
            low=exact(gap.low),
            critical=gap.question.critical,
            critical_gap=gap.critical_gap,
            priority=exact(gap.priority),
            sites_below=gap.sites_below,
            sites_asked=gap.sites_asked,
        )
        for gap in gaps
    ]


def checks_view(
    raised: Iterable[Raised], figures: Iterable[Figure], sites: Mapping[str, Sequence[str]], words: Words
) -> wire.Checks:
    """The checks raised, with the codes of the sites where (by check id), and the indicators in these words."""
    return wire.Checks(
        results=[
            wire.CheckResult(
                check=result.check.id,
                severity=result.check.severity,
                message=result.check.message,
                sites=list(sites.get(result.check.id, ()))[:NAMED_SITES],
                count=result.count,
            )
            for result in raised
        ],
        indicators=[_indicator(figure, words) for figure in figures],
    )


def _indicator(figure: Figure, words: Words) -> wire.IndicatorResult:
    return wire.IndicatorResult(
        indicator=figure.indicator.id,
        title=figure.indicator.title,
        unit=figure.indicator.unit,
        note=figure.indicator.note,
        value=None if figure.value is None else exact_or_whole(figure.value),
        part=figure.part,
        whole=figure.whole,
        untold=figure.untold,
        display=display(figure, words),
        warning=warning(figure, words),
    )


def progress_view(filling: Filling) -> wire.Progress:
    """How far the filling is."""
    return wire.Progress(
        asked=filling.asked,
        answered=filling.answered,
        values=filling.values,
        not_applicable=filling.not_applicable,
        unknown=filling.unknown,
        withheld=filling.withheld,
        by_section=filling.by_section,
    )
