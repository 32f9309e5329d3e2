"""Initial"""

import sqlalchemy as sa
from alembic import op

from service.db.types import Code, Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

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
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_state"), ["state"], unique=False)

    op.create_table(
        "checklist_version",
        sa.Column("checklist", Code, nullable=False),
        sa.Column("version", Code, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("lock", sa.Text(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("checklist", "version", name=op.f("pk_checklist_version")),
        sa.UniqueConstraint("digest", name=op.f("uq_checklist_version_digest")),
    )
    op.create_table(
        "idempotency",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("api_key", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("state", "api_key", "route", "key", name=op.f("pk_idempotency")),
    )
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_state_created_at"), ["state", "created_at"], unique=False)

    op.create_table(
        "member_state",
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("un_member", sa.Boolean(), nullable=False),
        sa.Column("interpol_member", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_member_state")),
    )
    op.create_table(
        "agency",
        sa.Column("state", Code, nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["state"], ["member_state.code"], name=op.f("fk_agency_member_state")),
        sa.PrimaryKeyConstraint("state", "code", name=op.f("pk_agency")),
    )
    op.create_table(
        "assessment",
        sa.Column("state", Code, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checklist", Code, nullable=False),
        sa.Column("checklist_version", Code, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("cycle", sa.String(), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", Moment(), nullable=False),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist", "checklist_version"],
            ["checklist_version.checklist", "checklist_version.version"],
            name=op.f("fk_assessment_checklist_version"),
        ),
        sa.ForeignKeyConstraint(["state"], ["member_state.code"], name=op.f("fk_assessment_member_state")),
        sa.PrimaryKeyConstraint("state", "id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("state", "checklist", "cycle", name=op.f("uq_assessment_state_checklist_cycle")),
    )
    op.create_table(
        "answer",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("question", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.Column("certainty", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("grade BETWEEN 0 AND 3", name=op.f("ck_answer_grade")),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name=op.f("ck_answer_level")),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_answer_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "question", "site", name=op.f("pk_answer")),
    )
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_answer_state_assessment_site"), ["state", "assessment", "site"], unique=False
        )

    op.create_table(
        "answer_history",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("question", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("evidence_on", sa.Date(), nullable=True),
        sa.Column("certainty", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("updated_at", Moment(), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_answer_history_assessment")
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "question", "site", "version", name=op.f("pk_answer_history")),
    )
    op.create_table(
        "site",
        sa.Column("state", Code, nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", Code, nullable=False),
        sa.Column("unlocode", sa.String(), nullable=True),
        sa.Column("iata", sa.String(), nullable=True),
        sa.Column("icao", sa.String(), nullable=True),
        sa.Column("operating_state", sa.String(), nullable=True),
        sa.Column("host_state", sa.String(), nullable=True),
        sa.Column("agency", Code, nullable=True),
        sa.Column("opened", sa.Date(), nullable=True),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("travellers", sa.BigInteger(), nullable=True),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("tier BETWEEN 1 AND 3", name=op.f("ck_site_tier")),
        sa.ForeignKeyConstraint(["state", "agency"], ["agency.state", "agency.code"], name=op.f("fk_site_agency")),
        sa.ForeignKeyConstraint(["state"], ["member_state.code"], name=op.f("fk_site_member_state")),
        sa.PrimaryKeyConstraint("state", "code", name=op.f("pk_site")),
    )


def downgrade() -> None:

    op.drop_table("site")
    op.drop_table("answer_history")
    with op.batch_alter_table("answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_state_assessment_site"))

    op.drop_table("answer")
    op.drop_table("assessment")
    op.drop_table("agency")
    op.drop_table("member_state")
    with op.batch_alter_table("idempotency", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_state_created_at"))

    op.drop_table("idempotency")
    op.drop_table("checklist_version")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_state"))

    op.drop_table("api_key")
