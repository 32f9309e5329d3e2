"""``/v1/assessments/{id}/export.json`` and ``report.pdf``."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from anyio import CapacityLimiter
from fastapi import APIRouter, Depends, Query, Request, Response

from service.access.api import Guarded, Job, declares
from service.access.policy import Action
from service.assessments import results
from service.catalogue.api import Shelved
from service.http import answers
from service.reports import content, typst
from service.reports.usecases import tell
from service.signoff.freezing import freeze
from stocktake.models.export import Export, ReportLanguage

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["reports"], route_class=Guarded)


async def renderer(request: Request) -> AsyncIterator[None]:
    """Wait in line for a renderer, holding no connection."""
    line: CapacityLimiter = request.app.state.renderers
    async with line:
        yield


@router.get("/export.json", summary="Everything, as canonical JSON (RFC 8785)", **declares(Action.EXPORT_READ, Export))
def get_export(assessment: UUID, shelf: Shelved, work: Job) -> Response:
    results.keep_still(work.connection, work.state, assessment)
    frozen = freeze(work.connection, shelf, work.state, assessment)
    return answers.raw(frozen.canonical)


_PDF = declares(Action.EXPORT_READ)
_PDF["responses"][200] = {
    "description": "The report",
    "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
}


@router.get("/report.pdf", summary="The report, as PDF/A-3a and PDF/UA-1", response_class=Response, **_PDF)
def get_report(
    assessment: UUID,
    _: Annotated[None, Depends(renderer, scope="function")],
    shelf: Shelved,
    work: Job,
    edition: Annotated[Literal["national"], Query()] = "national",
    language: Annotated[
        ReportLanguage,
        Query(description="Of the report. Texts the checklist does not have in it are printed in its own, marked"),
    ] = "en",
) -> Response:
    told = tell(work.connection, shelf, work.state, assessment, language)
    work.release()
    document = content.build(told.export, told.wording, told.seal)
    seconds: int = work.request.app.state.settings.render_seconds
    pdf = typst.render(document, told.attached, told.moment, wall_seconds=seconds)
    name = f"{told.export.state.code}-{told.export.assessment.cycle}-{edition}-{language}.pdf"
    headers = {"content-disposition": f'attachment; filename="{name}"', "content-language": language}
    return Response(pdf, media_type="application/pdf", headers=headers)
