"""Self-assessment of how a member state implements a resolution, from a program: the client of the Stocktake service.

>>> from stocktake import Client
>>> with Client("https://stocktake.example.gov", key="stk_…") as client:
...     assessment = client.assessments.open(state="LVA", checklist="unga-73-11", cycle="2026")
...     client.answers.put(assessment.id, "p9.site.mode", "find", site="RIX")

Files that were sealed are verified without the service: see ``stocktake.verification``.

The tree of errors is drawn in ``stocktake.errors``; all that goes over the wire is in ``stocktake.models``.
"""

from stocktake._call import Response, Retries
from stocktake._http import __version__
from stocktake._upload import Upload, UploadProgress
from stocktake.client import AsyncClient, Client
from stocktake.errors import (
    ApiError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    ServerError,
    StocktakeError,
    TimedOut,
    TransportError,
    Unauthenticated,
    Unreachable,
    UnreadableAnswer,
    VersionConflict,
)
from stocktake.models.answers import Answer, AnswerChange, AnswerEntry, AnswerRow, Evidence, Source
from stocktake.models.assessments import (
    Assessment,
    AssessmentSummary,
    Checks,
    Coverage,
    Gap,
    Missing,
    Progress,
    Scores,
    WorkItem,
)
from stocktake.models.base import Page, Place, Problem
from stocktake.models.catalogue import Checklist, ChecklistInLanguage, ChecklistSummary, Instrument, Question
from stocktake.models.export import Export
from stocktake.models.keys import Key, NewKey
from stocktake.models.log import Event, Log
from stocktake.models.people import (
    Grant,
    GrantEntry,
    Invitation,
    Me,
    NewPerson,
    OwnSession,
    Person,
    PersonEntry,
    SecondFactorProposal,
    Session,
    SignIn,
)
from stocktake.models.registry import (
    Agency,
    AgencyEntry,
    NewSite,
    RowVerdict,
    Site,
    SiteEntry,
    State,
    StateEntry,
    Verdicts,
)
from stocktake.models.service import ServiceFacts
from stocktake.models.sharing import NewShare, Received, Share, SharedCopy
from stocktake.models.signoff import (
    Assignment,
    Comment,
    Review,
    ReviewRow,
    SignoffStep,
    SnapshotSummary,
)
from stocktake.models.snapshot import Accepted, Sealed, Signoff, Snapshot
from stocktake.models.versions import Comparison, Proposal, Proposed, Upgrade
from stocktake.verification import Documents, Finding, Findings, Verification, verify, verify_files

__all__ = [
    "Accepted",
    "Agency",
    "AgencyEntry",
    "Answer",
    "AnswerChange",
    "AnswerEntry",
    "AnswerRow",
    "ApiError",
    "Assessment",
    "AssessmentSummary",
    "Assignment",
    "AsyncClient",
    "Checklist",
    "ChecklistInLanguage",
    "ChecklistSummary",
    "Checks",
    "Client",
    "Comment",
    "Comparison",
    "Conflict",
    "Coverage",
    "Documents",
    "Event",
    "Evidence",
    "Export",
    "Finding",
    "Findings",
    "Forbidden",
    "Gap",
    "Grant",
    "GrantEntry",
    "Instrument",
    "Invalid",
    "Invitation",
    "Key",
    "Log",
    "Me",
    "Missing",
    "NewKey",
    "NewPerson",
    "NewShare",
    "NewSite",
    "NotFound",
    "OwnSession",
    "Page",
    "Person",
    "PersonEntry",
    "Place",
    "Problem",
    "Progress",
    "Proposal",
    "Proposed",
    "Question",
    "RateLimited",
    "Received",
    "Response",
    "Retries",
    "Review",
    "ReviewRow",
    "RowVerdict",
    "Scores",
    "Sealed",
    "SecondFactorProposal",
    "ServerError",
    "ServiceFacts",
    "Session",
    "Share",
    "SharedCopy",
    "SignIn",
    "Signoff",
    "SignoffStep",
    "Site",
    "SiteEntry",
    "Snapshot",
    "SnapshotSummary",
    "Source",
    "State",
    "StateEntry",
    "StocktakeError",
    "TimedOut",
    "TransportError",
    "Unauthenticated",
    "Unreachable",
    "UnreadableAnswer",
    "Upgrade",
    "Upload",
    "UploadProgress",
    "Verdicts",
    "Verification",
    "VersionConflict",
    "WorkItem",
    "__version__",
    "verify",
    "verify_files",
]
