"""Everything of one assessment, whole: the content of a snapshot and of a report."""

from typing import Literal

from stocktake.models.answers import Answer
from stocktake.models.assessments import AssessmentSummary, Checks, Coverage, Gap, Progress, Scores
from stocktake.models.base import View
from stocktake.models.catalogue import Checklist, Instrument
from stocktake.models.registry import Agency, Site, State

ReportLanguage = Literal["ar", "en", "es", "fr", "ru", "zh"]
"""ISO 639; those a report is printed in, the official languages of the United Nations."""


class Export(View):
    """One assessment with all that its report says. Its canonical form (RFC 8785) is what a digest is taken of."""

    format: Literal["stocktake/export/1"]
    assessment: AssessmentSummary
    state: State
    agencies: list[Agency]
    instrument: Instrument
    checklist: Checklist
    sites: list[Site]
    """The sites in operation at the end of the period, by type and code."""
    answers: list[Answer]
    """By question in the checklist's order, then by site."""
    progress: Progress
    scores: Scores
    coverage: Coverage
    gaps: list[Gap]
    """By falling priority."""
    checks: Checks
