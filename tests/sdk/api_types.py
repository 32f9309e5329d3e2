"""What a type checker knows of both faces. Only checked, never run."""

from collections.abc import AsyncIterator, Iterator
from typing import assert_type
from uuid import UUID

from stocktake import (
    Answer,
    AnswerChange,
    Assessment,
    AsyncClient,
    ChecklistInLanguage,
    Client,
    Comment,
    Export,
    NewSite,
    Page,
    Response,
    Review,
    Scores,
    Sealed,
    Site,
    Upload,
    VersionConflict,
    WorkItem,
)


def blocking(client: Client, assessment: UUID) -> None:
    assert_type(client.checklists.get("unga-73-11", version="1.0.0"), ChecklistInLanguage)
    assert_type(client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026"), Assessment)
    assert_type(client.answers.put(assessment, "p9.site.mode", "find", site="A", version=3), Answer)
    assert_type(client.answers.get.raw(assessment, "p9.site.mode"), Response[Answer])
    assert_type(client.answers.delete(assessment, "p9.site.mode", version=3), None)
    assert_type(client.answers.history(assessment, "p9.site.mode"), Iterator[AnswerChange])
    assert_type(client.answers.list.page(assessment, cursor="x"), Page[Answer])
    assert_type(client.answers.upload(assessment, [{"question": "a", "value": 1}], batch=10), Upload)
    assert_type(client.sites.create("QZA", NewSite(code="A", name="A", type="airport")), Site)
    assert_type(client.assessments.questions(assessment, unanswered=True), Iterator[WorkItem])
    assert_type(client.assessments.submit(assessment, version=3), Assessment)
    assert_type(client.reviews.list(assessment, unreviewed=True), Iterator[Review])
    assert_type(client.snapshots.get(assessment, 1), Sealed)
    assert_type(client.reports.pdf(assessment), bytes)
    assert_type(client.reports.export.raw(assessment), Response[Export])
    with client as same:
        assert_type(same, Client)


async def awaited(client: AsyncClient, assessment: UUID) -> None:
    assert_type(await client.checklists.get("unga-73-11", version="1.0.0"), ChecklistInLanguage)
    assert_type(await client.assessments.open(state="QZA", checklist="unga-73-11", cycle="2026"), Assessment)
    assert_type(await client.answers.put(assessment, "p9.site.mode", ["a", "b"], version=0), Answer)
    assert_type(await client.assessments.scores.raw(assessment), Response[Scores])
    assert_type(client.answers.history(assessment, "p9.site.mode"), AsyncIterator[AnswerChange])
    assert_type([item async for item in client.assessments.questions(assessment)], list[WorkItem])
    assert_type(await client.sites.list.page("QZA", type="airport"), Page[Site])
    assert_type(await client.answers.upload(assessment, []), Upload)
    assert_type(await client.comments.add(assessment, "Noted"), Comment)
    async with client as same:
        assert_type(same, AsyncClient)


def conflict(error: VersionConflict) -> None:
    assert_type((error.yours, error.current), tuple[int, int])


def refused(client: Client, assessment: UUID) -> None:
    """Each ignore is needed, or mypy says so (``warn_unused_ignores``)."""
    client.answers.put(assessment, 3)  # type: ignore[arg-type]  # a question is named by text
    client.answers.put(assessment, "p9.site.mode", kind="maybe")  # type: ignore[arg-type]  # no such kind
    client.answers.delete(assessment, "p9.site.mode")  # type: ignore[call-arg]  # needs the version
    client.sites.list("QZA", type="castle")  # type: ignore[arg-type]  # no such type of site
    client.assessments.open(state="QZA")  # type: ignore[call-arg]  # needs checklist and cycle
    client.answers.upload.raw(assessment, [])  # type: ignore[attr-defined]  # several calls: no single answer
