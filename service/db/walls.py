"""Whether the walls between states stand as migration 0004 built them: PostgreSQL's own catalogue, read and judged."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

from service.db.roles import ONLY_ADDED, rights
from service.db.rows import Row, of_states, owner

FUNCTIONS = frozenset({"never_changed"})
"""Functions that may be there: they see nothing but the row at hand."""
_TABLES = text(
    "SELECT c.relname AS name, c.relkind::text AS kind, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,"
    " array(SELECT attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped)"
    " AS columns FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
    " AND c.relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY c.relname"
)
_POLICIES = text(
    "SELECT tablename AS table, permissive, roles::text[] AS roles, cmd, qual, with_check FROM pg_policies"
    " WHERE schemaname = 'public' ORDER BY tablename, policyname"
)
_FUNCTIONS = text(
    "SELECT proname AS name, prosecdef AS definer, coalesce(proconfig, '{}') AS config FROM pg_proc"
    " WHERE pronamespace = 'public'::regnamespace ORDER BY proname"
)
_TRIGGERS = text(
    "SELECT c.relname AS table, p.proname AS function, t.tgtype AS type, t.tgenabled::text AS enabled"
    " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid"
    " WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname, t.tgname"
)
_ROLE = text(
    "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,"
    " (SELECT count(*) FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o'"
    " AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))) AS owned,"
    " (SELECT count(*) FROM pg_auth_members m WHERE m.member = r.oid) AS memberships,"
    " has_schema_privilege(r.oid, 'public', 'CREATE') AS creates FROM pg_roles r WHERE rolname = :role"
)
_GRANTS = text(
    "SELECT c.relname AS table, coalesce(r.rolname, 'PUBLIC') AS role,"
    " string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' to others' ELSE '' END, ', '"
    " ORDER BY a.privilege_type) AS rights FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a"
    " LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE c.relnamespace = 'public'::regnamespace"
    " AND coalesce(r.rolname, 'PUBLIC') IN (:role, 'PUBLIC') GROUP BY 1, 2 ORDER BY 1, 2"
)
_COLUMN_GRANTS = text(
    "SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
    " WHERE c.relnamespace = 'public'::regnamespace AND a.attacl IS NOT NULL ORDER BY 1, 2"
)
_ROW_BEFORE_CHANGE, _STATEMENT_BEFORE_TRUNCATE = 1 | 2 | 8 | 16, 2 | 32
"""``pg_trigger.tgtype``: row, before, delete and update; before, truncate."""


def breaches(connection: Connection) -> list[str]:
    """Everything through which a state's rows could be seen or bent by another, whoever is connected.

    PostgreSQL only; anybody may read its catalogue.
    """
    return [*_of_tables(connection), *_of_policies(connection), *_of_functions(connection), *_of_triggers(connection)]


def excess(connection: Connection, runtime: str) -> list[str]:
    """What the role that runs the service may do beyond what it needs, and what it lacks."""
    return [*_of_role(connection, runtime), *_of_grants(connection, runtime)]


def _owners() -> Mapping[str, str]:
    return {table.name: column for table in of_states() if (column := owner(table)) is not None}


def _of_tables(connection: Connection) -> Iterator[str]:
    walled = _owners()
    for row in connection.execute(_TABLES):
        if row.kind != "r":
            yield f"{row.name} is no plain table: it may show what its owner sees"
        elif row.name in walled or "state" in row.columns:
            if not row.enabled:
                yield f"{row.name}: row-level security is off"
            if not row.forced:
                yield f"{row.name}: row-level security does not hold for its owner"


def _of_policies(connection: Connection) -> Iterator[str]:
    left = dict(_owners())
    for row in connection.execute(_POLICIES):
        column = left.pop(row.table, None)
        if column is None:
            yield f"{row.table}: a policy too many"
            continue
        mine = f"(({column})::text = NULLIF(current_setting('app.state'::text, true), ''::text))"
        if (row.permissive, row.cmd, row.roles) != ("PERMISSIVE", "ALL", ["public"]):
            yield f"{row.table}: the policy is not for everybody and everything"
        if row.qual != mine:
            yield f"{row.table}: what is seen is not only the transaction's state"
        if row.with_check != mine:
            yield f"{row.table}: what is written is not only the transaction's state"
    yield from (f"{table}: no policy" for table in left)


def _of_functions(connection: Connection) -> Iterator[str]:
    for row in connection.execute(_FUNCTIONS):
        if row.name not in FUNCTIONS:
            yield f"function {row.name}: nobody reviewed it"
        if row.definer:
            yield f"function {row.name} acts as its owner"
        if not any(setting.startswith("search_path=") for setting in row.config):
            yield f"function {row.name} finds what it calls by the caller's search path"


def _of_triggers(connection: Connection) -> Iterator[str]:
    wanted = {(table, kind) for table in ONLY_ADDED for kind in (_ROW_BEFORE_CHANGE, _STATEMENT_BEFORE_TRUNCATE)}
    for row in connection.execute(_TRIGGERS):
        if row.function not in FUNCTIONS:
            yield f"{row.table}: a trigger calls {row.function}"
        elif row.enabled in "OA":
            wanted.discard((row.table, row.type))
    yield from (f"{table}: its rows can be changed" for table, _ in sorted(wanted))


def _of_role(connection: Connection, runtime: str) -> Iterator[str]:
    row = connection.execute(_ROLE, {"role": runtime}).one_or_none()
    if row is None:
        yield f"there is no role {runtime}"
        return
    for holds, fault in (
        (row.rolsuper, "is a superuser, whom no wall holds"),
        (row.rolbypassrls, "goes past row-level security"),
        (row.rolcreaterole or row.rolcreatedb or row.rolreplication, "may make roles or databases, or copy everything"),
        (row.owned, "owns something here"),
        (row.memberships, "is a member of another role"),
        (row.creates, "may create tables and functions"),
    ):
        if holds:
            yield f"{runtime} {fault}"


def _of_grants(connection: Connection, runtime: str) -> Iterator[str]:
    wanted = {name: ", ".join(sorted(rights(name))) for name in ("alembic_version", *Row.metadata.tables)}
    given = connection.execute(_GRANTS, {"role": runtime}).all()
    for row in given:
        if row.role == "PUBLIC":
            yield f"{row.table}: everybody has {row.rights}"
        elif wanted.get(row.table) != row.rights:
            yield f"{row.table}: {runtime} has {row.rights}"
    without = wanted.keys() - {row.table for row in given if row.role == runtime}
    yield from (f"{table}: {runtime} has no rights" for table in sorted(without))
    for row in connection.execute(_COLUMN_GRANTS):
        yield f"{row.table}.{row.column} has rights of its own"
