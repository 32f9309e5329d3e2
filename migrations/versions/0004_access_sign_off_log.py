"""Access, sign-off, log"""

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from service.db.types import Code, Moment

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEW = (
    "audit_event", "audit_head", "issuer", "person", "received_copy", "person_session", "role_grant", "assignment",
    "comment", "signoff", "snapshot", "answer_review", "share",
)  # fmt: skip
BEFORE = (
    "api_key", "idempotency", "agency", "site", "assessment", "answer", "answer_history", "answer_proposal",
    "assessment_upgrade",
)  # fmt: skip
TENANT = (*BEFORE, *(table for table in NEW if table != "issuer"))
FROZEN = {
    "answer_history": ("state", "assessment", "question", "site", "version"),
    "audit_event": ("state", "number"),
    "comment": ("state", "assessment", "id"),
    "signoff": ("state", "assessment", "number"),
    "snapshot": ("state", "assessment", "revision"),
}
"""Tables of which no row is ever changed, not by a direct statement either, with their keys."""
ANSWERED = ("answer", "answer_history")
OWN_ANSWER = (
    "SELECT 1 FROM answer_history AS given WHERE given.state = NEW.state AND given.assessment = NEW.assessment"
    " AND given.question = NEW.question AND given.site = NEW.site AND given.version = NEW.version"
    ' AND given.author = NEW."by"'
)
OWN_WORK = (
    "SELECT 1 FROM answer AS given WHERE given.state = NEW.state AND given.assessment = NEW.assessment"
    " AND given.kind <> 'cleared' AND given.author = NEW.\"by\" UNION ALL SELECT 1 FROM signoff AS before"
    " WHERE before.state = NEW.state AND before.assessment = NEW.assessment AND before.revision = NEW.revision"
    ' AND before.step = \'submitted\' AND before."by" = NEW."by"'
)
"""What would make a review one of one's own answer, and an approval one of one's own work."""


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("state", Code, nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("state", "number", name=op.f("pk_audit_event")),
    )
    op.create_table(
        "audit_head",
        sa.Column("state", Code, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "issuer",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("bound_to", Code, nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("algorithms", sa.String(), nullable=False),
        sa.Column("jwks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", name=op.f("pk_issuer")),
    )
    op.create_table(
        "person",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("login", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("one_time_until", Moment(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_person")),
        sa.UniqueConstraint("state", "issuer", "subject", name=op.f("uq_person_state_issuer_subject")),
        sa.UniqueConstraint("state", "login", name=op.f("uq_person_state_login")),
    )
    op.create_table(
        "received_copy",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_state", Code, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("paragraphs", sa.Text(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("shared_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_received_copy")),
    )
    op.create_table(
        "person_session",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("person", Code, nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("authenticated_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["state", "person"], ["person.state", "person.id"], name=op.f("fk_person_session_person")
        ),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_person_session")),
    )
    op.create_table(
        "role_grant",
        sa.Column("state", Code, nullable=False),
        sa.Column("person", Code, nullable=False),
        sa.Column("role", Code, nullable=False),
        sa.Column("agency", sa.String(), nullable=True),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("sites", sa.Text(), nullable=False),
        sa.Column("granted_at", Moment(), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["state", "person"], ["person.state", "person.id"], name=op.f("fk_role_grant_person")),
        sa.PrimaryKeyConstraint("state", "person", "role", name=op.f("pk_role_grant")),
    )
    op.create_table(
        "assignment",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("section", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("agency", Code, nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "agency"], ["agency.state", "agency.code"], name=op.f("fk_assignment_agency")
        ),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_assignment_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "section", "site", name=op.f("pk_assignment")),
    )
    op.create_table(
        "comment",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("question", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_comment_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "id", name=op.f("pk_comment")),
    )
    op.create_table(
        "signoff",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_signoff_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "number", name=op.f("pk_signoff")),
    )
    op.create_table(
        "snapshot",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", Moment(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_snapshot_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "revision", name=op.f("pk_snapshot")),
    )
    op.create_table(
        "answer_review",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("question", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment", "question", "site", "version"],
            [
                "answer_history.state",
                "answer_history.assessment",
                "answer_history.question",
                "answer_history.site",
                "answer_history.version",
            ],
            name=op.f("fk_answer_review_answer_history"),
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "question", "site", "version", name=op.f("pk_answer_review")),
    )
    op.create_table(
        "share",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("recipient", Code, nullable=False),
        sa.Column("edition", sa.String(), nullable=False),
        sa.Column("paragraphs", sa.Text(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["state", "assessment", "revision"],
            ["snapshot.state", "snapshot.assessment", "snapshot.revision"],
            name=op.f("fk_share_snapshot"),
        ),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_share")),
    )
    # Keys of the form before name no state and open nothing any more: they have to be given out anew
    op.drop_table("api_key")
    op.create_table(
        "api_key",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_api_key")),
    )
    op.drop_table("idempotency")
    op.create_table("idempotency", *_idempotency("caller"))
    op.create_index(op.f("ix_idempotency_state_created_at"), "idempotency", ["state", "created_at"])
    op.add_column("assessment", sa.Column("revision", sa.Integer(), nullable=True))
    op.execute("UPDATE assessment SET revision = 1")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.alter_column("revision", existing_type=sa.Integer(), nullable=False)

    for table in ANSWERED:
        op.add_column(table, sa.Column("author", sa.String(), nullable=True))
        op.execute(f"UPDATE {table} SET author = updated_by")  # noqa: S608  # our own tables
        with op.batch_alter_table(table, schema=None, table_args=_checks(table)) as batch_op:
            batch_op.alter_column("author", existing_type=sa.String(), nullable=False)

    postgresql = op.get_bind().dialect.name == "postgresql"
    for statement in _triggers_on_postgresql() if postgresql else _triggers_on_sqlite():
        op.execute(statement)
    if postgresql:
        for table, column in _owners():
            _wall(table, column)


def _checks(table: str) -> tuple[sa.CheckConstraint, ...]:
    """SQLite makes a table anew and does not see its own checks."""
    if table != "answer":
        return ()
    return (
        sa.CheckConstraint("grade BETWEEN 0 AND 3", name=op.f("ck_answer_grade")),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name=op.f("ck_answer_level")),
    )


def _idempotency(caller: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("state", Code, nullable=False),
        sa.Column(caller, sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("state", caller, "route", "key", name=op.f("pk_idempotency")),
    )


def _owners() -> Iterator[tuple[str, str]]:
    """Every table of states there is, with the column that says whose a row is."""
    yield "member_state", "code"
    yield from ((table, "state") for table in TENANT)


def _wall(table: str, column: str) -> None:
    """Row-level security that holds for the owner too: without the transaction's state there is no row."""
    mine = f"{column} = nullif(current_setting('app.state', true), '')"
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_state ON {table} USING ({mine}) WITH CHECK ({mine})")


def _triggers_on_sqlite() -> Iterator[str]:
    for table, key in FROZEN.items():
        refusal = f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        for act in ("UPDATE", "DELETE"):
            yield f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} {refusal}"
        # INSERT OR REPLACE takes the row before away without a word to the trigger on deletion
        there = " AND ".join(f"before.{name} = NEW.{name}" for name in key)
        yield (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"  # noqa: S608  # our own tables
            f" WHEN EXISTS (SELECT 1 FROM {table} AS before WHERE {there}) {refusal}"
        )
    for act in ("INSERT", "UPDATE"):
        yield (
            f"CREATE TRIGGER answer_review_of_another_{act.lower()} BEFORE {act} ON answer_review"
            f" WHEN EXISTS ({OWN_ANSWER}) BEGIN SELECT RAISE(ABORT, 'nobody reviews their own answer'); END"
        )
    yield (
        "CREATE TRIGGER signoff_of_another BEFORE INSERT ON signoff"
        f" WHEN NEW.step = 'approved' AND EXISTS ({OWN_WORK})"
        " BEGIN SELECT RAISE(ABORT, 'nobody approves their own work'); END"
    )


def _triggers_on_postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS"
        " $$ BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME; END $$"
    )
    for table in FROZEN:
        yield (
            f"CREATE TRIGGER {table}_never_changed BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION never_changed()"
        )
        yield (
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION never_changed()"
        )
    function = "RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS"
    yield (
        f"CREATE FUNCTION reviewed_by_another() {function} $$ BEGIN IF EXISTS ({OWN_ANSWER}) THEN"
        " RAISE EXCEPTION 'nobody reviews their own answer'; END IF; RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER answer_review_of_another BEFORE INSERT OR UPDATE ON answer_review"
        " FOR EACH ROW EXECUTE FUNCTION reviewed_by_another()"
    )
    yield (
        f"CREATE FUNCTION approved_by_another() {function} $$ BEGIN"
        f" IF NEW.step = 'approved' AND EXISTS ({OWN_WORK}) THEN"
        " RAISE EXCEPTION 'nobody approves their own work'; END IF; RETURN NEW; END $$"
    )
    yield (
        "CREATE TRIGGER signoff_of_another BEFORE INSERT ON signoff FOR EACH ROW EXECUTE FUNCTION approved_by_another()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _owners():
            if column == "code" or table not in NEW:
                op.execute(f"DROP POLICY own_state ON {table}")
                op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
                op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        for function in ("never_changed", "reviewed_by_another", "approved_by_another"):
            op.execute(f"DROP FUNCTION {function}() CASCADE")
    else:
        acts = ("answer_history_no_update", "answer_history_no_delete", "answer_history_no_replace")
        for trigger in (
            *acts,
            "answer_review_of_another_insert",
            "answer_review_of_another_update",
            "signoff_of_another",
        ):
            op.execute(f"DROP TRIGGER {trigger}")
    for table in ANSWERED:
        with op.batch_alter_table(table, schema=None, table_args=_checks(table)) as batch_op:
            batch_op.drop_column("author")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_column("revision")
    op.drop_table("idempotency")
    op.create_table("idempotency", *_idempotency("api_key"))
    op.create_index(op.f("ix_idempotency_state_created_at"), "idempotency", ["state", "created_at"])
    op.drop_table("api_key")
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("secret_sha256", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_state"), "api_key", ["state"])
    for table in reversed(NEW):
        op.drop_table(table)
