"""What a report says of its own standing: a draft, or what was approved and by which steps. Pure."""

from dataclasses import dataclass

from service.languages.words import Words, mark
from service.reports.cleaning import Json
from stocktake.models.assessments import AssessmentSummary
from stocktake.models.snapshot import Snapshot

DRAFT = mark("This is a draft. Its answers have not been approved by the state and may still change.")
APPROVED = mark(
    "Approved by the state on {day} as revision {revision}. What was approved does not change; a correction is another "
    "revision, which names this one."
)
REPLACES = mark("It takes the place of the revision whose digest begins with {digest}.")
STEPS = {"submitted": mark("submitted"), "approved": mark("approved")}
ROLES = {"coordinator": mark("National coordinator"), "approver": mark("Approver")}
CHECKING_DRAFT: tuple[str, ...] = (
    mark(
        "The data of this report travels inside it, as the attached file export.json. Save that file from the list "
        "of attachments of your PDF reader."
    ),
    mark(
        "Compute the SHA-256 of the saved file, for instance with “sha256sum export.json”. It must equal the digest "
        "above, digit by digit."
    ),
)
CHECKING_SEALED: tuple[str, ...] = (
    mark(
        "What was approved travels inside this report, as the attached file sealed.json, with the sign-offs and the "
        "event of the approval in the state's log."
    ),
    mark(
        "Run “stocktake verify --digest” with the digest above and this report. It needs no network and no account, "
        "and says whether anything was changed since the approval."
    ),
)


@dataclass(frozen=True, slots=True)
class Seal:
    """The digest printed on a report, and the snapshot it is of; a draft has none."""

    digest: str
    snapshot: Snapshot | None = None

    @property
    def attachment(self) -> str:
        """The name of the file that travels inside the report."""
        return "export.json" if self.snapshot is None else "sealed.json"

    def revision(self, assessment: AssessmentSummary) -> str:
        """What numbers this report: ``2`` as approved; before, ``2.108``, its changes counted behind the point."""
        if self.snapshot is None:
            return f"{assessment.revision}.{assessment.version}"
        return str(self.snapshot.revision)

    def status(self, words: Words) -> str:
        """One word for every page."""
        return words.text("DRAFT") if self.snapshot is None else words.text("APPROVED")

    def entry(self, words: Words) -> tuple[str, str]:
        """The standing in a sentence, with its name."""
        if self.snapshot is None:
            return words.text("Draft"), words.text(DRAFT)
        day = words.day(self.snapshot.approved_at.date())
        said = words.text(APPROVED, day=day, revision=self.snapshot.revision)
        if self.snapshot.replaces is not None:
            said = f"{said} {words.text(REPLACES, digest=self.snapshot.replaces[:12])}"
        return words.text("Approval"), said

    def steps(self, words: Words) -> Json:
        """Who took which step when: roles and ids, for a snapshot holds no name."""
        signoffs = [] if self.snapshot is None else self.snapshot.signoffs
        return {
            "header": [words.text("Step"), words.text("Role"), words.text("Person"), words.text("Date and time")],
            "rows": [
                [
                    words.text(STEPS[one.step]),
                    words.text(ROLES[one.role]) if one.role in ROLES else one.role,
                    one.person,
                    words.text("{day}, {time} UTC", day=words.day(one.at.date()), time=f"{one.at:%H:%M}"),
                ]
                for one in signoffs
            ],
        }

    def checking(self, words: Words) -> list[str]:
        """How a reader tells that this report says what it said."""
        return [words.text(step) for step in (CHECKING_DRAFT if self.snapshot is None else CHECKING_SEALED)]
