"""``/v1/states/{state}/people``: who is let in, and what they are there for."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from service.access.api import Guarded, Job, Work, declares
from service.access.people import People
from service.access.policy import Action, Role, given
from service.audit.chain import Deed
from service.http import answers
from service.http.paging import Pages, cursor_of
from service.http.preconditions import Precondition
from stocktake.models.base import Page, StateCode
from stocktake.models.people import GrantEntry, Invitation, NewPerson, Person, PersonEntry, PublicId

router = APIRouter(prefix="/v1/states/{state}/people", tags=["people"], route_class=Guarded)
StateInPath = Annotated[StateCode, Path(description="ISO 3166-1 alpha-3 code of your own state")]


def _people(state: str, work: Work) -> People:
    return People(work.connection, state, work.principal.id, given(state), work.now)


def _unsaid(work: Work, person: str, *more: str) -> None:
    """Log it without a digest of what was said: names can be guessed, and have to be forgotten when they are erased."""
    subject = "/".join((f"/v1/states/{work.state}/people/{person}", *more))
    work.log(Deed(work.principal.id, work.action, subject))


@router.get("", summary="The people of your state", **declares(Action.PERSON_READ, Page[Person]))
def list_people(state: StateInPath, pages: Pages, work: Job) -> Response:
    found = _people(state, work).listed(after=pages.key(1)[0], most=pages.limit + 1)
    following = cursor_of(found[pages.limit - 1].id) if len(found) > pages.limit else None
    return answers.page(found[: pages.limit], following)


@router.post(
    "",
    summary="Let somebody in; the password for their first sign-in is shown this once",
    **declares(Action.PERSON_WRITE, Invitation, status=201, also=(409,)),
)
def invite_person(state: StateInPath, body: NewPerson, work: Job) -> Response:
    invitation = _people(state, work).invite(body)
    _unsaid(work, invitation.person.id)
    return answers.once(invitation)


@router.get("/{person}", summary="One person", **declares(Action.PERSON_READ, Person))
def get_person(state: StateInPath, person: PublicId, work: Job) -> Response:
    found = _people(state, work).get(person)
    return answers.view(found, version=found.version)


@router.put(
    "/{person}", summary="Rename, disable or enable somebody", **declares(Action.PERSON_WRITE, Person, also=(412, 428))
)
def put_person(state: StateInPath, person: PublicId, body: PersonEntry, replaces: Precondition, work: Job) -> Response:
    changed = _people(state, work).change(person, body, replaces.version)
    _unsaid(work, person)
    return answers.view(changed, version=changed.version)


@router.delete(
    "/{person}",
    summary="Erase somebody: nothing but the id stays",
    **declares(Action.PERSON_WRITE, status=204, also=(412, 428)),
)
def erase_person(state: StateInPath, person: PublicId, replaces: Precondition, work: Job) -> Response:
    _people(state, work).erase(person, replaces.version)
    return Response(status_code=204)


@router.post(
    "/{person}/password",
    summary="Give somebody a password for their next sign-in, shown this once; their sessions end",
    **declares(Action.PERSON_WRITE, Invitation, status=201, also=(409,)),
)
def renew_password(state: StateInPath, person: PublicId, work: Job) -> Response:
    return answers.once(_people(state, work).renew_password(person))


@router.put(
    "/{person}/roles/{role}",
    summary="Give a role, or change what it reaches",
    **declares(Action.PERSON_WRITE, Person, also=(412, 428)),
)
def grant_role(
    state: StateInPath, person: PublicId, role: Role, body: GrantEntry, replaces: Precondition, work: Job
) -> Response:
    changed = _people(state, work).grant(person, role, body, replaces.version)
    return answers.view(changed, version=changed.version)


@router.delete(
    "/{person}/roles/{role}", summary="Take a role away", **declares(Action.PERSON_WRITE, Person, also=(412, 428))
)
def take_role(state: StateInPath, person: PublicId, role: Role, replaces: Precondition, work: Job) -> Response:
    changed = _people(state, work).take(person, role, replaces.version)
    return answers.view(changed, version=changed.version)
