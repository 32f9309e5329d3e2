"""Answers: one at a time, or many."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from stocktake._call import Call, Script, encoded, nothing, path, precondition, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation, procedure
from stocktake._upload import Upload, UploadProgress, upload
from stocktake.models.answers import (
    Answer,
    AnswerChange,
    AnswerEntry,
    AnswerKind,
    AnswerRow,
    Certainty,
    Declared,
    Evidence,
    Source,
    Value,
)
from stocktake.models.base import Page


class _Answers:
    @listing
    def list(
        self,
        assessment_id: UUID | str,
        *,
        question: str | None = None,
        site: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[Answer]]:
        """The answers given so far, to one question or at one site if wished; ``limit`` is the size of a page."""
        return Call(
            "GET",
            path("assessments", assessment_id, "answers"),
            Page[Answer].model_validate_json,
            query=query(question=question, site=site, cursor=cursor, limit=limit),
        )

    @operation
    def get(self, assessment_id: UUID | str, question: str, *, site: str | None = None) -> Call[Answer]:
        """The answer to one question, at one site for a site question; ``NotFound`` while there is none."""
        return Call(
            "GET",
            path("assessments", assessment_id, "answers", question),
            Answer.model_validate_json,
            query=query(site=site),
        )

    @operation
    def put(  # noqa: PLR0913  # one parameter for each field of an answer
        self,
        assessment_id: UUID | str,
        question: str,
        value: Value | None = None,
        *,
        site: str | None = None,
        kind: AnswerKind = "value",
        reason: str | None = None,
        remark: str | None = None,
        evidence: Sequence[Evidence] = (),
        certainty: Certainty | None = None,
        period_start: date | None = None,
        period_end: date | None = None,
        source: Source | None = None,
        change: Declared = "real",
        version: int | None = None,
    ) -> Call[Answer]:
        """Answer one question: a value, or a non-answer by its ``kind`` and ``reason``.

        ``version`` is the version this replaces; 0 says there is none yet. If another one stands, ``VersionConflict``
        holds both. Without ``version`` whatever stands is replaced, unread: right for a tool that owns the answer,
        wrong where people edit it too. ``change="correction"`` says that the world is as it was, and that the answer
        before (of this cycle, or of the last one) had read it wrongly.
        """
        entry = AnswerEntry(
            kind=kind,
            value=value,
            reason=reason,
            remark=remark,
            evidence=[*evidence],
            certainty=certainty,
            period_start=period_start,
            period_end=period_end,
            source=source,
            change=change,
        )
        return Call(
            "PUT",
            path("assessments", assessment_id, "answers", question),
            Answer.model_validate_json,
            query=query(site=site),
            headers=precondition(version),
            body=encoded(entry),
        )

    @operation
    def delete(self, assessment_id: UUID | str, question: str, *, version: int, site: str | None = None) -> Call[None]:
        """Take an answer back, if ``version`` still stands; its history is kept."""
        if version < 1:
            raise ValueError(f"The version of an answer that is there is 1 or above, not {version}.")
        return Call(
            "DELETE",
            path("assessments", assessment_id, "answers", question),
            nothing,
            query=query(site=site),
            headers={"if-match": f'"{version}"'},
        )

    @listing
    def history(
        self,
        assessment_id: UUID | str,
        question: str,
        *,
        site: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Call[Page[AnswerChange]]:
        """Every version an answer had, who wrote it and when, with the question as it was asked then.

        Also of a question that is no longer asked. ``limit`` is the size of a page.
        """
        return Call(
            "GET",
            path("assessments", assessment_id, "answers", question, "history"),
            Page[AnswerChange].model_validate_json,
            query=query(site=site, cursor=cursor, limit=limit),
        )

    @procedure
    def upload(
        self,
        assessment_id: UUID | str,
        rows: Iterable[AnswerRow | Mapping[str, object]],
        *,
        batch: int = 1000,
        dry_run: bool = False,
        run: str = "",
        progress: Callable[[UploadProgress], object] | None = None,
    ) -> Script[Upload]:
        """Send many answers in batches; the verdict on every row, in order. A refused row raises nothing.

        When an upload breaks off, the same upload made again goes on where it stopped: each batch has a key made of
        its content, under which the service does it once and repeats its verdicts (``Upload.replayed`` counts those
        batches) for as long as it keeps keys. So say another ``run`` (a date, say) when the same content is meant to
        be written anew, over answers that others changed meanwhile.
        """
        return upload(assessment_id, rows, batch=batch, dry_run=dry_run, run=run, progress=progress)


class Answers(_Answers, SyncResource):
    """Answers to the questions of an assessment."""


class AsyncAnswers(_Answers, AsyncResource):
    """Answers to the questions of an assessment."""
