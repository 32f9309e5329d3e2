"""A made-up state's log, with two approvals of one assessment in it, and the sealed files of both.

Made from the written formats with another implementation of canonical JSON than the one that verifies them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import rfc8785
from pydantic import JsonValue

from export_builder import build_export
from stocktake.models.export import Export

Json = dict[str, JsonValue]
BEGIN = datetime(2026, 11, 20, 9, 30, 0, 120_000, tzinfo=UTC)
SUBMITTER, APPROVER, REVIEWER = "person:aa11bb22cc", "person:dd33ee44ff", "person:gg55hh66ii"
DOCUMENTS = {"log-extract.txt": b"Extract of the log, June.\n", "annex/audit.txt": b"Audit of the year.\n"}
"""Documents of evidence, by their path in a folder: the first two that the export records."""
APPROVALS = (6, 9)
"""The numbers of the events by which revision 1 and 2 were approved."""


def canonical(value: JsonValue) -> bytes:
    return rfc8785.dumps(value)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def moment(place: int) -> str:
    """The moment of the event with this number, as it is written."""
    return (BEGIN + timedelta(minutes=place)).isoformat().replace("+00:00", "Z")


def chained(state: str, events: Sequence[Json], *, previous: str = "0" * 64) -> list[Json]:
    """The events with their links and hashes made anew."""
    found: list[Json] = []
    for event in events:
        body = {**event, "previous": previous}
        body.pop("hash", None)
        previous = sha256(canonical({**body, "state": state}))
        found.append({**body, "hash": previous})
    return found


def event(number: int, action: str, subject: str, *, actor: str, digest: str | None) -> Json:
    """An event that is not chained yet."""
    return {
        "number": number,
        "at": moment(number),
        "actor": actor,
        "action": action,
        "subject": subject,
        "digest": digest,
    }


def snapshot(export: Json, revision: int, replaces: str | None, number: int) -> Json:
    """A snapshot, approved by the event of this number."""
    step: Json = {"role": "coordinator", "person": SUBMITTER, "at": moment(number - 1), "step": "submitted"}
    return {
        "format": "stocktake/snapshot/1",
        "revision": revision,
        "replaces": replaces,
        "salt": sha256(f"salt {revision}".encode()),
        "approved_at": moment(number),
        "signoffs": [step, {**step, "role": "approver", "person": APPROVER, "at": moment(number), "step": "approved"}],
        "accepted": [
            {"question": "p9.site.mode", "site": "AIR-ALM1", "version": 1, "by": REVIEWER, "at": moment(number - 2)}
        ],
        "export": export,
    }


def sealed(state: str, approval: Json, content: Json) -> Json:
    digest = sha256(canonical(content))
    return {"format": "stocktake/sealed/1", "digest": digest, "state": state, "event": approval, "snapshot": content}


@dataclass(frozen=True, slots=True)
class Books:
    """What a state holds: its log and its sealed files."""

    log: Json
    sealed: tuple[Json, Json]
    export: Json

    @property
    def events(self) -> list[Json]:
        return cast("list[Json]", self.log["events"])

    @property
    def head(self) -> str:
        return str(self.events[-1]["hash"])

    def part(self, first: int, last: int) -> Json:
        """A part of the log, by the numbers of its first and last event."""
        return {**self.log, "events": cast("list[JsonValue]", self.events[first - 1 : last])}


def small_export(sites: int = 1) -> Export:
    """An export whose first two documents are those of ``DOCUMENTS``; the rest are recorded without a SHA-256."""
    export = build_export(sites, questions=1)
    proofs = [sha256(content) for content in DOCUMENTS.values()]
    answers = [
        answer.model_copy(
            update={
                "evidence": [
                    one.model_copy(update={"sha256": proofs.pop(0) if proofs else None}) for one in answer.evidence
                ]
            }
        )
        for answer in export.answers
    ]
    return export.model_copy(update={"answers": answers})


def books(export: Export, state: str = "QZA") -> Books:
    """A log of ten events with an approval at each of ``APPROVALS``, and the two sealed files."""
    content: Json = export.model_dump(mode="json")
    path = f"/v1/assessments/{export.assessment.id}"
    snapshots: list[Json] = []
    events: list[Json] = []
    for number in range(1, 11):
        if number in APPROVALS:
            before = sha256(canonical(snapshots[-1])) if snapshots else None
            snapshots.append(snapshot(content, len(snapshots) + 1, before, number))
            digest = sha256(canonical(snapshots[-1]))
            events.append(event(number, "assessment.approve", path, actor=APPROVER, digest=digest))
        elif number in {place - 1 for place in APPROVALS}:
            events.append(event(number, "assessment.submit", path, actor=SUBMITTER, digest=None))
        else:
            digest = sha256(f"salted {number}".encode())
            subject = f"{path}/answers/p9.site.mode?site=S{number}"
            events.append(event(number, "answer.write", subject, actor="key:6gtzyay9rv", digest=digest))
    linked = chained(state, events)
    log: Json = {"format": "stocktake/log/1", "state": state, "events": cast("list[JsonValue]", linked)}
    first, second = (
        sealed(state, linked[number - 1], content) for number, content in zip(APPROVALS, snapshots, strict=True)
    )
    return Books(log, (first, second), content)


def other_state(export: Export) -> Books:
    """The same of another state."""
    return books(
        export.model_copy(
            update={
                "state": export.state.model_copy(update={"code": "QZB"}),
                "assessment": export.assessment.model_copy(update={"state": "QZB", "id": UUID(int=7)}),
            }
        ),
        "QZB",
    )


def write_documents(folder: Path) -> Path:
    """The documents of evidence as files in this folder."""
    for name, content in DOCUMENTS.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
