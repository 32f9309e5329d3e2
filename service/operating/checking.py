"""Whether the ground is fit to serve on: before every start, and whenever the operator asks."""

from sqlalchemy.exc import DBAPIError

from service.db import migrating
from service.operating import rules, store
from service.operating.rules import Finding, Schema, Serving, Verdict
from service.settings import Settings


def examine(settings: Settings, host: str) -> list[Finding]:
    """Every check with its verdict, for a service that listens on this address."""
    serving = Serving(host, settings.host_names, settings.debug, settings.accept_weak_durability)
    return rules.settle([*rules.judge_serving(serving), *_of_database(settings)], serving)


def refused(findings: list[Finding]) -> list[Finding]:
    """Those that a service does not start with."""
    return [one for one in findings if one.verdict is Verdict.REFUSED]


def _of_database(settings: Settings) -> list[Finding]:
    needed = migrating.newest(settings.database)
    if not store.exists(settings.database):
        return list(rules.judge_schema(Schema(None, needed)))
    try:
        found = store.facts(settings.database)
        revision = migrating.revision(settings.database)
    except DBAPIError as error:
        said = next(iter(str(error.orig).splitlines()), type(error).__name__)
        return [Finding("database", Verdict.REFUSED, f"it does not answer: {said}")]
    if isinstance(found, rules.Sqlite):
        ground = [*rules.judge_sqlite(found), *(_of_tenants(settings) if revision == needed else ())]
    elif revision == needed:
        ground = [*rules.judge_postgres(found), *rules.judge_walls(store.walls(settings.database))]
    else:
        ground = [*rules.judge_postgres(found)]  # the walls of another schema are others
    return [*ground, *rules.judge_schema(Schema(revision, needed))]


def _of_tenants(settings: Settings) -> list[Finding]:
    return [rules.judge_tenants(store.tenants(settings.database), accepted=settings.states_in_one_file)]
