"""Reports: the renderings of an assessment."""

from typing import Literal
from uuid import UUID

from stocktake._call import PDF, Call, path, query
from stocktake._operation import AsyncResource, SyncResource, operation
from stocktake.models.export import Export, ReportLanguage


class _Reports:
    @operation
    def pdf(
        self,
        assessment_id: UUID | str,
        *,
        edition: Literal["national"] = "national",
        language: ReportLanguage = "en",
        timeout: float = 120.0,
    ) -> Call[bytes]:
        """The printed self-assessment. Setting it takes a while, so it has a ``timeout`` (seconds) of its own.

        Texts the checklist does not have in ``language`` are printed in the checklist's own, marked; the data inside is
        the same in every language.
        """
        return Call(
            "GET",
            path("assessments", assessment_id, "report.pdf"),
            bytes,
            query=query(edition=edition, language=language),
            accept=PDF,
            timeout=timeout,
        )

    @operation
    def export(self, assessment_id: UUID | str) -> Call[Export]:
        """Everything the report says, as objects."""
        return Call("GET", path("assessments", assessment_id, "export.json"), Export.model_validate_json)

    @operation
    def export_json(self, assessment_id: UUID | str) -> Call[bytes]:
        """The same, as the very bytes that a report's digest is taken of."""
        return Call("GET", path("assessments", assessment_id, "export.json"), bytes)


class Reports(_Reports, SyncResource):
    """The report as PDF, and its content."""


class AsyncReports(_Reports, AsyncResource):
    """The report as PDF, and its content."""
