"""The command ``stocktake``, also ``python -m stocktake``: verify files without the service."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from stocktake._attachment import MOST_BYTES
from stocktake._http import __version__
from stocktake.models.export import Export
from stocktake.models.log import Log
from stocktake.models.sharing import SharedCopy
from stocktake.models.snapshot import Sealed
from stocktake.verification import Finding, Findings, Outcome, Verification, verify_files

EXIT: Mapping[Outcome, int] = {"verified": 0, "unproven": 1, "wrong": 1, "unreadable": 2}
WORDS: Mapping[Outcome, str] = {
    "verified": "verified",
    "unproven": "not verified: a draft that nobody sealed",
    "wrong": "NOT VERIFIED",
    "unreadable": "cannot be read",
}
NO_PROOF = "not verified: nothing in a copy proves it; compare it with the digest that the state gives (--digest)"
MOST_TOLD = 20
"""Findings of a file that are printed; all of them are in the JSON."""
NO_SCORES = "Not done here: scores were not computed again from the answers."
NO_PAGES = "Not done here: what the pages of the PDF say was not compared with the data attached to it."
ALONE = (
    "It agrees with itself. That it is what was approved, only something that came another way shows: the digest "
    "printed on the signed paper (--digest), or the log of the state (name its file too)."
)
CUT = "That no later event was cut off, only a last hash that came another way shows (--digest)."

TEACHING = """\
Verify that files of Stocktake are what was sealed. Needs no network, no database and no account.

FILE is any of
  a report as PDF           the data attached to it is verified, not what its pages say
  a sealed file             an approved self-assessment with its digest and the event of its approval
  a part of a state's log   its events must be without a gap, and each bound to the one before
  a shared copy             of a part, or redacted: proved by the digest that the state gives
  export.json               of a draft: nothing proves it but the digest printed on its report
"""
EXAMPLES = """\
examples:
  stocktake verify QZA-2026.pdf --digest "7e5f9eb54c9e28e7… …703c63eb29fba18cb"
        is this the report whose digest is printed on the signed paper?
  stocktake verify QZA-2026.sealed.json --evidence documents/
        and is every document of evidence in the folder the one that was recorded?
  stocktake verify first.json second.json log.json
        does the second revision replace the first, and does the log know both approvals?

exit status: 0 verified, 1 not verified, 2 a file or folder cannot be read, or is none of these
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status."""
    given = _parser().parse_args(arguments)
    try:
        contents = {str(path): _content(path) for path in given.files}
        found = verify_files(contents, expected=given.digest, evidence=given.evidence)
    except (OSError, ValueError) as error:
        _say(f"stocktake: {error}", error=True)
        return EXIT["unreadable"]
    for line in _as_json(found) if given.json else _as_text(found):
        _say(line)
    return EXIT[found.outcome]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stocktake", description="Self-assessments, checked without the service.")
    parser.add_argument("--version", action="version", version=f"stocktake {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    verify = commands.add_parser(
        "verify",
        help="whether files are what was sealed",
        description=TEACHING,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verify.add_argument("files", metavar="FILE", nargs="+", type=Path)
    verify.add_argument("--evidence", metavar="FOLDER", type=Path, help="where the documents of evidence lie")
    verify.add_argument(
        "--digest", metavar="HEX", help="the digest on paper, 64 digits; of a log, the hash of its last event"
    )
    verify.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def _content(path: Path) -> bytes:
    """The content of a file, one byte beyond the longest at most: more of it is refused whatever it holds."""
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _say(line: str, *, error: bool = False) -> None:
    """Print a line. What a file holds is printed too, and must not steer the terminal."""
    stream = sys.stderr if error else sys.stdout
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
    encoding = stream.encoding or "utf-8"
    stream.write(shown.encode(encoding, "replace").decode(encoding) + "\n")


# ── as JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_json(found: Verification) -> Iterator[str]:
    files = [
        {
            "file": name,
            "outcome": one.outcome,
            "kind": one.kind,
            "digest": one.digest,
            "expected": one.expected,
            "from_pdf": one.from_pdf,
            "evidence": one.evidence and asdict(one.evidence),
            "findings": [asdict(finding) for finding in one.wrong],
        }
        for name, one in found.files.items()
    ]
    together = [asdict(finding) for finding in found.together]
    yield json.dumps({"outcome": found.outcome, "files": files, "together": together})


# ── as text ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _as_text(found: Verification) -> Iterator[str]:
    in_log = any(one.kind == "log" for one in found.files.values())
    for name, one in found.files.items():
        alone = one.outcome == "verified" and not one.expected and not (one.kind == "sealed" and in_log)
        words = NO_PROOF if (one.kind, one.outcome) == ("shared", "unproven") else WORDS[one.outcome]
        yield f"{name}: {words}{' in itself' if alone else ''}"
        yield from (f"  {line}" for line in _told(one, alone=alone))
    if len(found.files) > 1 and not any(one.wrong for one in found.files.values()):
        yield f"all together: {'NOT VERIFIED' if found.together else 'they agree with one another'}"
    yield from (f"  {_finding(finding)}" for finding in found.together)


def _told(one: Findings, *, alone: bool) -> Iterator[str]:
    if one.content:
        yield _description(one.content)
    if one.digest:
        what = "last hash" if one.kind == "log" else "digest"
        yield f"{what} {one.digest}{', the one that was given' if one.expected else ''}"
    yield from _evidence(one)
    yield from map(_finding, one.wrong[:MOST_TOLD])
    if len(one.wrong) > MOST_TOLD:
        yield f"and {len(one.wrong) - MOST_TOLD} findings more"
    if alone:
        yield ALONE if one.kind == "sealed" else CUT
    if one.kind == "sealed" and one.outcome == "verified":
        yield NO_SCORES
    if one.from_pdf:
        yield NO_PAGES


def _description(content: Sealed | Log | Export | SharedCopy) -> str:
    match content:
        case Sealed(state=state, snapshot=snapshot):
            cycle = snapshot.export.assessment.cycle
            moment = snapshot.approved_at.isoformat().replace("+00:00", "Z")
            return f"the self-assessment of {state}, cycle {cycle}, revision {snapshot.revision}, approved {moment}"
        case Log(state=state, events=events):
            return f"the log of {state}, events {events[0].number} to {events[-1].number}"
        case SharedCopy(state=state, cycle=cycle, revision=revision, edition=edition, paragraphs=given):
            part = "whole" if given is None else f"paragraphs {', '.join(given)}"
            return f"a copy from {state.code}, cycle {cycle}, revision {revision}: {edition} edition, {part}"
        case Export(assessment=assessment):
            return f"a draft of the self-assessment of {assessment.state}, cycle {assessment.cycle}: nobody sealed it"


def _evidence(one: Findings) -> Iterator[str]:
    counts = one.evidence
    if counts and (counts.hashed or counts.unhashed):
        found = "" if counts.found is None else f", {counts.found} of them found"
        yield f"documents of evidence: {counts.hashed} recorded with a SHA-256{found}; {counts.unhashed} without"


def _finding(finding: Finding) -> str:
    return f"{finding.at or 'the file'}: {finding.detail} [{finding.code}]"


if __name__ == "__main__":
    sys.exit(main())
