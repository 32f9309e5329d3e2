"""Findings: what is wrong in a checklist's files, where it stands, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.errors import Invalid, Place


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend; findings sort by file and line."""

    file: str
    line: int
    """Counted from 1."""
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class WrongChecklist(Invalid):
    """A checklist's files are refused; ``findings`` say all that is wrong in them, not only the first."""

    code = "wrong_checklist"
    title = "The checklist's files break a rule"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        super().__init__(
            "{findings}",
            findings="\n".join(str(finding) for finding in self.findings),
            places=tuple(Place(f"{f.file}:{f.line}", "{finding}", finding=f.message) for f in self.findings),
        )
