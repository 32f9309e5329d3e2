"""Many answers in one upload: batches, their keys, and the verdicts put together again."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass, field
from uuid import UUID

from pydantic import ValidationError

from stocktake._call import Call, Response, Script, ask, encoded, keyed, path, query
from stocktake.errors import StocktakeError
from stocktake.models.answers import AnswerRow
from stocktake.models.registry import RowVerdict, Verdicts

MOST_ROWS = 1000
"""The most rows the service takes in one request."""
MOST_BYTES = 1_000_000
"""No batch of several rows has a longer body: the service reads 1 MiB."""
REPLAYED = "idempotent-replayed"
"""The header that marks an answer which the service repeats from memory."""


@dataclass(frozen=True, slots=True)
class UploadProgress:
    """How far an upload is, after a batch."""

    done: int
    """Rows with a verdict."""
    refused: int
    total: int | None
    """Rows in all; absent when they come from an iterator."""


@dataclass(slots=True)
class Upload:
    """What became of an upload; with ``dry_run`` what would have."""

    dry_run: bool
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    replayed: int = 0
    """Batches that an earlier run of the same upload had brought in already; their verdicts are from then."""
    rows: list[RowVerdict] = field(default_factory=list[RowVerdict])
    """The verdict on every row, in the order given, counted from 1."""

    @property
    def refusals(self) -> list[RowVerdict]:
        """The verdicts on the rows that were refused."""
        return [row for row in self.rows if row.outcome == "refused"]


@dataclass(slots=True)
class Batch:
    """Rows to send together, and the verdicts on those among them that cannot be sent."""

    size: int = 0
    numbers: list[int] = field(default_factory=list[int])
    """The place in the upload of each row sent."""
    rows: list[bytes] = field(default_factory=list[bytes])
    refused: list[RowVerdict] = field(default_factory=list[RowVerdict])

    @property
    def body(self) -> bytes:
        return b'{"rows":[' + b",".join(self.rows) + b"]}"


def upload(
    assessment_id: UUID | str,
    rows: Iterable[AnswerRow | Mapping[str, object]],
    *,
    batch: int,
    dry_run: bool,
    run: str,
    progress: Callable[[UploadProgress], object] | None,
) -> Script[Upload]:
    """Send the rows, batch after batch."""
    if not 1 <= batch <= MOST_ROWS:
        raise ValueError(f"A batch has 1 to {MOST_ROWS} rows, not {batch}.")
    total = len(rows) if isinstance(rows, Sized) else None
    result = Upload(dry_run=dry_run)
    for part in batches(rows, batch):
        verdicts = list(part.refused)
        if part.rows:
            try:
                response = yield from ask(_call(assessment_id, part.body, dry_run=dry_run, run=run))
            except StocktakeError as error:
                error.add_note(f"{len(result.rows)} rows had their verdict. The same upload again goes on after them.")
                raise
            result.replayed += REPLAYED in response.headers
            verdicts += _renumbered(part, response)
        _add(result, verdicts)
        if progress is not None:
            progress(UploadProgress(done=len(result.rows), refused=result.refused, total=total))
    return result


def batches(rows: Iterable[AnswerRow | Mapping[str, object]], most: int) -> Iterator[Batch]:
    """The rows in batches, the same rows always in the same batches; each row is taken once and in order."""
    part = Batch()
    length = 0
    for number, row in enumerate(rows, start=1):
        try:
            entry = row if isinstance(row, AnswerRow) else AnswerRow.model_validate(row)
            text = encoded(entry)
        except ValueError as wrong:
            part.size += 1
            part.refused.append(_refusal(number, row, wrong))
        else:
            if part.rows and length + len(text) > MOST_BYTES - 20:
                yield part
                part, length = Batch(), 0
            part.size += 1
            part.numbers.append(number)
            part.rows.append(text)
            length += len(text) + 1
        if part.size == most:
            yield part
            part, length = Batch(), 0
    if part.size:
        yield part


def _call(assessment_id: UUID | str, body: bytes, *, dry_run: bool, run: str) -> Call[Verdicts]:
    # A dry run gets a key of its own: its verdicts are about this moment and must not be repeated from memory.
    key = None if dry_run else _key(assessment_id, run, body)
    return Call(
        "POST",
        path("assessments", assessment_id, "answers"),
        Verdicts.model_validate_json,
        query=query(dry_run=dry_run or None),
        headers=keyed(key),
        body=body,
    )


def _key(assessment_id: UUID | str, run: str, body: bytes) -> str:
    digest = hashlib.sha256()
    for part in (str(assessment_id).encode(), run.encode(), body):
        digest.update(len(part).to_bytes(8, "big") + part)
    return f"upload-{digest.hexdigest()[:48]}"


def _renumbered(part: Batch, response: Response[Verdicts]) -> list[RowVerdict]:
    """The service counts within its batch; the caller counts in what was given."""
    return [row.model_copy(update={"row": part.numbers[row.row - 1]}) for row in response.data.rows]


def _add(result: Upload, verdicts: list[RowVerdict]) -> None:
    verdicts.sort(key=lambda verdict: verdict.row)
    result.rows += verdicts
    for verdict in verdicts:
        match verdict.outcome:
            case "created":
                result.created += 1
            case "changed":
                result.changed += 1
            case "unchanged":
                result.unchanged += 1
            case "refused":
                result.refused += 1


def _refusal(number: int, row: AnswerRow | Mapping[str, object], wrong: ValueError) -> RowVerdict:
    given = row.model_dump() if isinstance(row, AnswerRow) else row
    question, site = given.get("question"), given.get("site")
    key = str(question or "") + (f"@{site}" if site else "")
    if isinstance(wrong, ValidationError):
        detail = "; ".join(
            f"{'/'.join(str(step) for step in error['loc'])}: {error['msg']}"
            for error in wrong.errors(include_input=False, include_url=False, include_context=False)
        )
    else:
        detail = "It holds text that cannot be written as UTF-8."
    return RowVerdict(row=number, key=key, outcome="refused", version=None, code="invalid", detail=detail)
