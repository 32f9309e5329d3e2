"""``stocktake-service people``, ``keys`` and ``issuers``: what the operator does, each effect an event in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from service.access import store, tokens, usecases
from service.access.key_giving import OPERATOR, Keys
from service.access.people import People
from service.access.policy import Action, Role, Scope, crowd, given_by_operator
from service.audit import store as log
from service.audit.chain import Deed
from service.db.session import Database, tenant
from service.errors import Problem
from service.settings import read_settings
from stocktake.models.keys import KeyEntry, Rotation
from stocktake.models.people import GrantEntry, NewPerson

people = typer.Typer(no_args_is_help=True, help="Let the first people of a state or body in.")
keys = typer.Typer(no_args_is_help=True, help="Make, list, rotate and revoke the API keys of a state.")
issuers = typer.Typer(no_args_is_help=True, help="Bind identity providers to states, one provider to one state.")


def _code(text: str) -> str:
    try:
        return tenant(text)
    except ValueError as error:
        raise typer.BadParameter("three capital letters, ISO 3166-1 alpha-3, or XAA to XZZ for a body") from error


State = Annotated[str, typer.Option(callback=_code, help="The state, ISO 3166-1 alpha-3, or a body, XAA to XZZ.")]
_MFA = ["mfa"]
"""As RFC 8176 says it."""
Days = Annotated[int, typer.Option(min=1, max=365, help="Days until it expires.")]


@contextmanager
def _transaction(state: str, *, writes: bool) -> Iterator[Connection]:
    """A transaction about one state; what is refused is said, and ends the command."""
    settings = read_settings()
    database = Database(settings.database, settings.pool)
    try:
        with database.transaction(writes=writes, state=state) as connection:
            yield connection
    except Problem as problem:
        typer.echo(problem.detail, err=True)
        raise typer.Exit(1) from problem
    finally:
        database.close()


def _require_room(connection: Connection, state: str) -> None:
    """Let no second member state into an SQLite file: nothing but our own statements would part the two."""
    if connection.dialect.name != "sqlite" or read_settings().states_in_one_file:
        return
    if crowded := crowd([*store.tenants(connection), state]):
        there = ", ".join(one for one in crowded if one != state)
        typer.echo(
            f"This SQLite file is for {there}; {state} would share it, with nothing between them but this program. Give"
            f" {state} a file and a process of its own, or use PostgreSQL, or set STOCKTAKE_STATES_IN_ONE_FILE=true.",
            err=True,
        )
        raise typer.Exit(1)


def _logged(connection: Connection, state: str, action: str, subject: str) -> None:
    log.append(connection, state, Deed(usecases.OPERATOR, action, subject), datetime.now(UTC))


# ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _people(connection: Connection, state: str) -> People:
    return People(connection, state, usecases.OPERATOR, given_by_operator(state), datetime.now(UTC))


@people.command("invite")
def invite_person(
    state: State,
    login: Annotated[str, typer.Option(help="What they sign in as, in small letters.")],
    role: Annotated[list[Role], typer.Option(help="What they do; repeat for several.")],
    name: Annotated[str | None, typer.Option(help="Their name; the login, unless given.")] = None,
) -> None:
    """Let somebody in, with a password for one sign-in, printed this once. The first of a state is a coordinator."""
    try:
        new = NewPerson(name=name or login, login=login)
    except ValueError as error:
        raise typer.BadParameter("up to 64 small letters, digits, dots, dashes, @", param_hint="--login") from error
    with _transaction(state, writes=True) as connection:
        _require_room(connection, state)
        known = _people(connection, state)
        invitation = known.invite(new)
        person = invitation.person.id
        _logged(connection, state, Action.PERSON_WRITE, f"/v1/states/{state}/people/{person}")
        for one in role:
            known.grant(person, one, GrantEntry(), None)
            _logged(connection, state, Action.PERSON_WRITE, f"/v1/states/{state}/people/{person}/roles/{one}")
    typer.echo(f"{person} {login}\n{invitation.one_time_password}")


@people.command("renew-password")
def renew_password(state: State, person: Annotated[str, typer.Argument(help="The person's id.")]) -> None:
    """Give somebody who cannot come in any more a password for one sign-in, printed this once; their sessions end."""
    with _transaction(state, writes=True) as connection:
        invitation = _people(connection, state).renew_password(person)
        _logged(connection, state, Action.PERSON_WRITE, f"/v1/states/{state}/people/{person}/password")
    typer.echo(invitation.one_time_password)


@people.command("list")
def list_people(state: State) -> None:
    """List the people of a state: id, login, roles, whether a second factor is entered, whether disabled."""
    with _transaction(state, writes=False) as connection:
        found = _people(connection, state).listed(after="", most=_ALL)
    for one in found:
        roles = ",".join(grant.role for grant in one.roles)
        known = one.login or one.subject or "-"
        factor, disabled = "second factor" if one.second_factor else "", "disabled" if one.disabled else ""
        typer.echo("\t".join((one.id, known, roles or "-", factor, disabled)))


# ── keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@keys.command("create")
def create_key(
    state: State,
    name: Annotated[str, typer.Option(help="What the key is for, for example 'border system'.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several.")],
    days: Days = 90,
) -> None:
    """Make a key and print it, this once: the database keeps only a digest."""
    entry = KeyEntry(name=name, scopes=[one.value for one in scope], days=days)
    with _transaction(state, writes=True) as connection:
        _require_room(connection, state)
        new = Keys(connection, state, datetime.now(UTC)).create(entry, OPERATOR)
        _logged(connection, state, Action.KEY_WRITE, f"/v1/states/{state}/keys/{new.key.id}")
    typer.echo(new.secret)


@keys.command("list")
def list_keys(state: State) -> None:
    """List the keys of a state: id, name, scopes, who made it, until when it opens."""
    with _transaction(state, writes=False) as connection:
        found = Keys(connection, state, datetime.now(UTC)).listed(after="", most=_ALL)
    for one in found:
        end = "revoked" if one.revoked_at else f"{one.expires_at:%Y-%m-%d}"
        typer.echo("\t".join((one.id, one.name, ",".join(one.scopes), one.created_by, end)))


@keys.command("rotate")
def rotate_key(
    state: State,
    key_id: Annotated[str, typer.Argument(help="The key that is taken over from.")],
    days: Days = 90,
    overlap: Annotated[int, typer.Option(min=0, max=30, help="Days that both open.")] = 7,
) -> None:
    """Make the key that takes over from one and print it, this once; the old one ends when the overlap does."""
    with _transaction(state, writes=True) as connection:
        rotation = Rotation(days=days, overlap_days=overlap)
        new = Keys(connection, state, datetime.now(UTC)).rotate(key_id, rotation, OPERATOR)
        _logged(connection, state, Action.KEY_WRITE, f"/v1/states/{state}/keys/{new.key.id}")
    typer.echo(new.secret)


@keys.command("revoke")
def revoke_key(
    state: State, key_id: Annotated[str, typer.Argument(help="The ten letters and digits after the state.")]
) -> None:
    """Revoke a key; it opens nothing from the next request on."""
    with _transaction(state, writes=True) as connection:
        Keys(connection, state, datetime.now(UTC)).revoke(key_id)
        _logged(connection, state, Action.KEY_WRITE, f"/v1/states/{state}/keys/{key_id}")
    typer.echo(f"{key_id} is revoked.")


# ── identity providers ───────────────────────────────────────────────────────────────────────────────────────────────


@issuers.command("add")
def add_issuer(
    state: State,
    issuer: Annotated[str, typer.Option(help="The provider, exactly as its tokens name it (iss).")],
    audience: Annotated[str, typer.Option(help="What its tokens for this service are for (aud).")],
    jwks: Annotated[Path, typer.Option(exists=True, dir_okay=False, help="Its public keys, a JSON Web Key Set.")],
    algorithm: Annotated[list[str], typer.Option(help="How it signs, for example ES256; repeat for several.")],
    second_factor: Annotated[
        list[str], typer.Option(help="What its amr or acr says of a sign-in with two factors; repeat for several.")
    ] = _MFA,
) -> None:
    """Trust a provider to say who signs in, for one state; run it again with a new file when its keys change.

    The service fetches nothing: keys come from the file only.
    """
    text = jwks.read_text(encoding="utf-8")
    try:
        tokens.require_usable(text, algorithm)
        tokens.require_words(second_factor)
    except tokens.UnusableKeys as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    with _transaction(state, writes=True) as connection:
        standing = store.find_issuer(connection, issuer)
        if standing is not None and standing.bound_to != state:
            typer.echo(f"{issuer} is bound to {standing.bound_to} already; a provider is one state's alone.", err=True)
            raise typer.Exit(1)
        _require_room(connection, state)
        row = {"issuer": issuer, "bound_to": state, "audience": audience, "jwks": text}
        row |= {"algorithms": " ".join(sorted(set(algorithm))), "second_factor": " ".join(sorted(set(second_factor)))}
        store.enter_issuer(connection, row)
        _logged(connection, state, "issuer.write", f"issuer:{issuer}")
    typer.echo(f"{issuer} says who signs in for {state}.")


@issuers.command("list")
def list_issuers() -> None:
    """List the providers: name, state, audience, algorithms, what means two factors."""
    settings = read_settings()
    database = Database(settings.database, settings.pool)
    with database.transaction(writes=False) as connection:
        found = store.issuers(connection)
    database.close()
    for one in found:
        typer.echo(f"{one.issuer}\t{one.bound_to}\t{one.audience}\t{one.algorithms}\t{one.second_factor}")


@issuers.command("remove")
def remove_issuer(state: State, issuer: Annotated[str, typer.Argument(help="The provider's name.")]) -> None:
    """Trust a provider no more; its tokens open nothing from the next request on."""
    with _transaction(state, writes=True) as connection:
        if not store.drop_issuer(connection, state, issuer):
            typer.echo(f"{issuer} is not bound to {state}.", err=True)
            raise typer.Exit(1)
        _logged(connection, state, "issuer.write", f"issuer:{issuer}")
    typer.echo(f"{issuer} is trusted no more.")


_ALL = 2**31 - 1
