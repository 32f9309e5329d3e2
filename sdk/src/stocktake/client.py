"""The two clients."""

import os
from types import TracebackType
from typing import Self, TypedDict, Unpack

from stocktake._call import Call, Retries, path
from stocktake._http import AsyncSender, AsyncTransport, Sender, Target, Transport
from stocktake._operation import AsyncResource, SyncResource, operation
from stocktake.models.base import Health
from stocktake.models.people import Me, SignIn
from stocktake.models.service import ServiceFacts
from stocktake.resources.answers import Answers, AsyncAnswers
from stocktake.resources.assessments import Assessments, AsyncAssessments
from stocktake.resources.catalogue import AsyncChecklists, AsyncInstruments, Checklists, Instruments
from stocktake.resources.keys import AsyncKeys, Keys
from stocktake.resources.log import AsyncLog, Log
from stocktake.resources.people import AsyncPeople, AsyncSessions, People, Sessions, signing_in
from stocktake.resources.proposals import AsyncProposals, Proposals
from stocktake.resources.registry import Agencies, AsyncAgencies, AsyncSites, AsyncStates, Sites, States
from stocktake.resources.reports import AsyncReports, Reports
from stocktake.resources.sharing import AsyncReceivedCopies, AsyncShares, ReceivedCopies, Shares
from stocktake.resources.signoff import (
    Assignments,
    AsyncAssignments,
    AsyncComments,
    AsyncReviews,
    AsyncSnapshots,
    Comments,
    Reviews,
    Snapshots,
)

_NOBODY = "sts_"
"""What is sent as a key while there is none yet: the address for signing in looks at none."""


class _Service:
    @operation
    def health(self) -> Call[Health]:
        """Whether the service answers."""
        return Call("GET", "/health", Health.model_validate_json)

    @operation
    def me(self) -> Call[Me]:
        """Who calls, and what they may."""
        return Call("GET", path("me"), Me.model_validate_json)

    @operation
    def service(self) -> Call[ServiceFacts]:
        """Which software on which schema, for the operator."""
        return Call("GET", path("service"), ServiceFacts.model_validate_json)


class Options(TypedDict, total=False):
    """What both clients can be told beside address and key; see ``Client``."""

    timeout: float
    retries: Retries | int
    allow_plain_http: bool
    language: str | None


class Client(_Service, SyncResource):
    """Stocktake, one call after another.

    ``key`` is an API key (``stk_…``); without it the environment's ``STOCKTAKE_KEY`` is read, once, here.
    ``timeout`` is in seconds, to connect and between two pieces of an answer. ``retries`` is a ``Retries`` or a number
    of them. ``transport`` stands in for the network, for tests. Over plain ``http`` the key is sent to this very
    machine only, unless ``allow_plain_http`` says otherwise. Redirects are never followed. ``language``, such as
    ``fr``, is what the service's own sentences are asked for in: those of errors and of refused rows.
    """

    def __init__(  # noqa: PLR0913  # all that a client can be told, each by its name
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | int = 3,
        transport: Transport | None = None,
        allow_plain_http: bool = False,
        language: str | None = None,
    ) -> None:
        target = Target(
            url,
            _key(key),
            timeout=timeout,
            retries=retries,
            allow_plain_http=allow_plain_http,
            language=language,
        )
        super().__init__(Sender(target, transport))
        self.checklists = Checklists(self.sender)
        self.instruments = Instruments(self.sender)
        self.states = States(self.sender)
        self.agencies = Agencies(self.sender)
        self.sites = Sites(self.sender)
        self.assessments = Assessments(self.sender)
        self.answers = Answers(self.sender)
        self.proposals = Proposals(self.sender)
        self.assignments = Assignments(self.sender)
        self.reviews = Reviews(self.sender)
        self.comments = Comments(self.sender)
        self.snapshots = Snapshots(self.sender)
        self.reports = Reports(self.sender)
        self.people = People(self.sender)
        self.keys = Keys(self.sender)
        self.sessions = Sessions(self.sender)
        self.shares = Shares(self.sender)
        self.received = ReceivedCopies(self.sender)
        self.log = Log(self.sender)

    @classmethod
    def sign_in(
        cls,
        url: str,
        person: SignIn,
        *,
        transport: Transport | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A client of somebody who signs in with a password and, where they have a second factor, its code.

        A session lasts eight hours, and ends when it was not used for half an hour.
        """
        client = cls(url, _NOBODY, transport=transport, **options)
        try:
            session = client.sender.call(signing_in(person)).data
        except BaseException:
            client.close()
            raise
        client.sender.carry(session.token)
        return client

    def __repr__(self) -> str:
        return f"Client({self.sender.target!r})"

    def close(self) -> None:
        """Close the connections."""
        self.sender.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient(_Service, AsyncResource):
    """Stocktake, awaited; for the rest as ``Client``."""

    def __init__(  # noqa: PLR0913  # all that a client can be told, each by its name
        self,
        url: str,
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: Retries | int = 3,
        transport: AsyncTransport | None = None,
        allow_plain_http: bool = False,
        language: str | None = None,
    ) -> None:
        target = Target(
            url,
            _key(key),
            timeout=timeout,
            retries=retries,
            allow_plain_http=allow_plain_http,
            language=language,
        )
        super().__init__(AsyncSender(target, transport))
        self.checklists = AsyncChecklists(self.sender)
        self.instruments = AsyncInstruments(self.sender)
        self.states = AsyncStates(self.sender)
        self.agencies = AsyncAgencies(self.sender)
        self.sites = AsyncSites(self.sender)
        self.assessments = AsyncAssessments(self.sender)
        self.answers = AsyncAnswers(self.sender)
        self.proposals = AsyncProposals(self.sender)
        self.assignments = AsyncAssignments(self.sender)
        self.reviews = AsyncReviews(self.sender)
        self.comments = AsyncComments(self.sender)
        self.snapshots = AsyncSnapshots(self.sender)
        self.reports = AsyncReports(self.sender)
        self.people = AsyncPeople(self.sender)
        self.keys = AsyncKeys(self.sender)
        self.sessions = AsyncSessions(self.sender)
        self.shares = AsyncShares(self.sender)
        self.received = AsyncReceivedCopies(self.sender)
        self.log = AsyncLog(self.sender)

    @classmethod
    async def sign_in(
        cls,
        url: str,
        person: SignIn,
        *,
        transport: AsyncTransport | None = None,
        **options: Unpack[Options],
    ) -> Self:
        """A client of somebody who signs in with a password and, where they have a second factor, its code.

        A session lasts eight hours, and ends when it was not used for half an hour.
        """
        client = cls(url, _NOBODY, transport=transport, **options)
        try:
            session = (await client.sender.call(signing_in(person))).data
        except BaseException:
            await client.close()
            raise
        client.sender.carry(session.token)
        return client

    def __repr__(self) -> str:
        return f"AsyncClient({self.sender.target!r})"

    async def close(self) -> None:
        """Close the connections."""
        await self.sender.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _key(key: str | None) -> str:
    return os.environ.get("STOCKTAKE_KEY", "") if key is None else key
