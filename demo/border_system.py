"""The border system of Zandria, a fictional state: answers the self-assessment from its own records, by the SDK alone.

Run it with the service's address; the key comes from STOCKTAKE_KEY. What it knows lies beside it: ``sites.csv`` is the
register, ``posts.csv`` what each post reports, ``state.csv`` what headquarters and other offices answer.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from stocktake import (
    AgencyEntry,
    AnswerEntry,
    AnswerRow,
    Assessment,
    Checklist,
    Client,
    Evidence,
    Source,
    StateEntry,
    StocktakeError,
    UploadProgress,
    WorkItem,
)
from stocktake.models.answers import AnswerKind, Certainty, Value
from stocktake.models.registry import AgencyKind

STATE = "QZA"
CHECKLIST = "unga-73-11"
CYCLE = "2026"
RECORDS = Path(__file__).parent
TOOL = Source(kind="tool", name="QZA border system", version="4.2")
AGENCIES: dict[str, tuple[str, AgencyKind]] = {
    "NCB": ("INTERPOL National Central Bureau Lumira", "ncb"),
    "ZBG": ("Zandria Border Guard", "border_guard"),
    "ZCG": ("Zandria Coast Guard", "coast_guard"),
    "ZCU": ("Zandria Customs", "customs"),
    "ZIS": ("Zandria Immigration Service", "immigration"),
    "ZPI": ("Passenger Information Unit", "passenger_information_unit"),
    "ZPO": ("Passport Office", "passport_issuer"),
}
# What each post's report rests on: title, grade, holder, reference.
PROOFS = {
    "log": ("System log and traffic counter", 3, "Border Guard headquarters, systems division", "ZBG-LOG-{code}"),
    "inspection": ("Inspection note", 2, "Border Guard headquarters, inspectorate", "ZBG-INS-{code}"),
    "statement": ("Written statement of the site's command", 0, "Command of the site", "{code}-1"),
}
# What is decided once for all posts rests on paper, wherever the post's figures come from.
INSTRUCTION = Evidence(
    title="Standing instruction for first-line checks",
    grade=2,
    dated=date(2025, 3, 18),
    reference="ZBG-I-22",
    holder="Border Guard headquarters",
)
# The last full twelve months, which figures speak of.
PERIOD = (date(2025, 10, 1), date(2026, 9, 30))
INSTRUCTED = frozenset({"p9.site.exempt", "p9.site.fallback", "p9.site.hit_sop"})


@dataclass(frozen=True, slots=True)
class Record:
    """One answer as the border system keeps it, not yet in the checklist's types."""

    text: str
    """A value, ``~`` if estimated; ``unknown``, ``withheld: authority``, ``n/a: reason``, ``other: level means``."""
    evidence: tuple[Evidence, ...] = ()
    source: Source = TOOL
    remark: str | None = None

    def entry(self, answer_type: str) -> AnswerEntry:
        """The same as an answer of the checklist."""
        word, marked, rest = self.text.partition(": ")
        kind: AnswerKind = "value"
        value: Value | None = None
        reason: str | None = None
        if word == "unknown":
            kind = "unknown"
        elif marked and word == "withheld":
            kind, reason = "withheld", rest
        elif marked and word == "n/a":
            kind, reason = "not_applicable", rest
        elif marked and word == "other":
            level, _, reason = rest.partition(" ")
            kind, value = "other_means", int(level)
        else:
            value = read_value(self.text.removesuffix("~"), answer_type)
        valued = kind == "value"
        figure = certainty(self.text, answer_type) if valued else None
        period = PERIOD if figure else (None, None)
        return AnswerEntry(
            kind=kind,
            value=value,
            reason=reason,
            remark=self.remark,
            evidence=[*self.evidence] if valued else [],
            certainty=figure,
            period_start=period[0],
            period_end=period[1],
            source=self.source,
        )


def read_value(text: str, answer_type: str) -> Value:
    """A value of the question's type: levels and numbers as numbers, choices as a list, all else as it stands."""
    if answer_type in ("maturity", "number"):
        return int(text)
    if answer_type in ("percent", "duration"):
        return float(text)
    return text.split("+") if answer_type == "choices" else text


def certainty(text: str, answer_type: str) -> Certainty | None:
    """Whether a figure was measured or estimated; nothing for what is no figure."""
    if answer_type not in ("percent", "duration", "number"):
        return None
    return "estimated" if text.endswith("~") else "measured"


@dataclass(frozen=True, slots=True)
class BorderSystem:
    """The records, and the service they are sent to."""

    client: Client
    records: dict[tuple[str, str | None], Record]
    """By question and site."""
    types: Mapping[str, str]
    """Question → type of its answer."""

    def find(self, items: Iterable[WorkItem]) -> Iterator[tuple[WorkItem, AnswerEntry]]:
        """The answers to what is asked, as far as there are records; what still waits is left for the next round."""
        for item in items:
            record = self.records.get((item.question, item.site))
            if item.standing == "applies" and record is not None:
                yield item, record.entry(self.types[item.question])

    def answer_state(self, assessment: Assessment, progress: Progress, description: str) -> None:
        """Answer for the state, one question at a time: each answer can bring others into play."""
        task = progress.add_task(description, total=None)
        while found := list(self.find(self._open(assessment, "state"))):
            progress.update(task, total=progress.tasks[task].completed + len(found))
            for item, entry in found:
                self.client.answers.put(
                    assessment.id,
                    item.question,
                    entry.value,
                    kind=entry.kind,
                    reason=entry.reason,
                    remark=entry.remark,
                    evidence=entry.evidence,
                    certainty=entry.certainty,
                    period_start=entry.period_start,
                    period_end=entry.period_end,
                    source=entry.source,
                )
                progress.advance(task)
        self._finish(progress, task)

    def answer_sites(self, assessment: Assessment, progress: Progress) -> list[str]:
        """Answer for the sites, many at once; the sentences of those that were refused."""
        task = progress.add_task("Site questions", total=None)
        refused: dict[str, str] = {}
        while found := list(self.find(self._open(assessment, "site"))):
            rows = [
                AnswerRow(question=item.question, site=item.site, **dict(entry))
                for item, entry in found
                if key_of(item) not in refused
            ]
            if not rows:
                break
            before = progress.tasks[task].completed
            progress.update(task, total=before + len(rows))
            bar = partial(_advance, progress, task, before)
            result = self.client.answers.upload(assessment.id, rows, batch=100, progress=bar)
            refused |= {row.key: f"{row.key}: {row.detail}" for row in result.refusals}
        self._finish(progress, task)
        return list(refused.values())

    def _open(self, assessment: Assessment, scope: Literal["state", "site"]) -> Iterator[WorkItem]:
        return self.client.assessments.questions(assessment.id, scope=scope, unanswered=True, limit=200)

    @staticmethod
    def _finish(progress: Progress, task: TaskID) -> None:
        progress.update(task, total=progress.tasks[task].completed)


def _advance(progress: Progress, task: TaskID, before: float, now: UploadProgress) -> None:
    """Move a bar to where an upload is."""
    progress.update(task, completed=before + now.done)


def key_of(item: WorkItem) -> str:
    """As the service names a row."""
    return f"{item.question}@{item.site}" if item.site else item.question


def read_records() -> dict[tuple[str, str | None], Record]:
    """Everything the system knows."""
    return {**dict(state_records(RECORDS / "state.csv")), **dict(post_records(RECORDS / "posts.csv"))}


def state_records(path: Path) -> Iterator[tuple[tuple[str, None], Record]]:
    """What is answered for the state, by the office that knows."""
    for row in read_csv(path):
        evidence = (
            Evidence(
                title=row["evidence"],
                grade=int(row["grade"]),
                dated=date.fromisoformat(row["dated"]),
                reference=row["reference"] or None,
                holder=row["holder"] or None,
            )
            if row["evidence"]
            else None
        )
        source = Source(kind="person", name=row["by"]) if row["by"] else TOOL
        yield (
            (row["question"], None),
            Record(row["answer"], (evidence,) if evidence else (), source, row["remark"] or None),
        )


def post_records(path: Path) -> Iterator[tuple[tuple[str, str], Record]]:
    """What each post reports; the remark belongs to how the post reaches INTERPOL's data."""
    for row in read_csv(path):
        code, remark = row.pop("code"), row.pop("remark")
        title, grade, holder, reference = PROOFS[row.pop("proof")]
        report = Evidence(
            title=title,
            grade=grade,
            dated=date.fromisoformat(row.pop("dated")),
            reference=reference.format(code=code),
            holder=holder,
        )
        for column, text in row.items():
            question = column if "." in column else f"p9.site.{column}"
            evidence = (report, INSTRUCTION) if question in INSTRUCTED else (report,)
            if text:
                yield (question, code), Record(text, evidence, remark=(remark or None) if column == "mode" else None)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV, by the names in its header."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def register(client: Client, console: Console) -> None:
    """Enter the state, its agencies and its sites."""
    client.states.put(STATE, StateEntry(name="Republic of Zandria", un_member=True, interpol_member=True))
    for code, (name, kind) in AGENCIES.items():
        client.agencies.put(STATE, code, AgencyEntry(name=name, kind=kind))
    sites = client.sites.upload_csv(STATE, RECORDS / "sites.csv")
    console.print(f"Register: {len(AGENCIES)} agencies, {sites.created} sites entered, {sites.refused} refused")


def answer(client: Client, console: Console) -> Assessment:
    """Open the assessment and answer what is asked: the state, the sites, and what waited for the sites."""
    assessment = client.assessments.open(state=STATE, checklist=CHECKLIST, cycle=CYCLE)
    checklist: Checklist = client.checklists.get(CHECKLIST, version=assessment.checklist_version)
    types = {question.id: question.answer.type for question in checklist.questions}
    system = BorderSystem(client, read_records(), types)
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        system.answer_state(assessment, progress, "State questions")
        refused = system.answer_sites(assessment, progress)
        system.answer_state(assessment, progress, "Waiting for the sites")
    for sentence in refused:
        console.print(f"refused {sentence}", style="red", markup=False)
    return client.assessments.get(assessment.id)


def main() -> int:
    """Register, answer, and print how much was answered; 130 when interrupted."""
    parser = argparse.ArgumentParser(description="Answer the self-assessment from the border system's records.")
    parser.add_argument("url", help="where the service is, for example http://127.0.0.1:8000")
    console = Console(highlight=False)
    try:
        with Client(parser.parse_args().url) as client:
            register(client, console)
            filled = answer(client, console).progress
    except (StocktakeError, ValueError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    if filled is not None:  # figures of the whole, which a key sees
        console.print(
            f"Answered {filled.answered} of {filled.asked} questions: {filled.values} with a value, "
            f"{filled.not_applicable} not applicable, {filled.unknown} unknown, {filled.withheld} withheld"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
