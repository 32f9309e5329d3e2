"""Versions: answers know which version asked; upgrades; proposals from an earlier cycle"""

import sqlalchemy as sa
from alembic import op

from service.db.types import Code, Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = (("change", sa.String()), ("reconfirm", sa.Boolean()), ("checklist_version", sa.String()))
TABLES = ("answer", "answer_history")


def checks(table: str) -> tuple[sa.CheckConstraint, ...]:
    """SQLite makes a table anew and does not see its own checks."""
    if table != "answer":
        return ()
    return (
        sa.CheckConstraint("grade BETWEEN 0 AND 3", name=op.f("ck_answer_grade")),
        sa.CheckConstraint("level BETWEEN 0 AND 4", name=op.f("ck_answer_level")),
    )


def upgrade() -> None:
    for table in TABLES:
        for name, kind in NEW:
            op.add_column(table, sa.Column(name, kind, nullable=True))
        op.execute(
            f"UPDATE {table} SET change = 'real', reconfirm = false, checklist_version = (SELECT checklist_version"  # noqa: S608  # our own tables
            f" FROM assessment WHERE assessment.state = {table}.state AND assessment.id = {table}.assessment)"
        )
        with op.batch_alter_table(table, schema=None, table_args=checks(table)) as batch_op:
            for name, kind in NEW:
                batch_op.alter_column(name, existing_type=kind, nullable=False)

    op.create_table(
        "answer_proposal",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("question", Code, nullable=False),
        sa.Column("site", Code, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("certainty", sa.String(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("from_assessment", sa.Uuid(), nullable=False),
        sa.Column("from_question", Code, nullable=False),
        sa.Column("from_version", sa.String(), nullable=False),
        sa.Column("answered_at", Moment(), nullable=False),
        sa.Column("checklist_version", sa.String(), nullable=False),
        sa.Column("proposed_at", Moment(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment"], ["assessment.state", "assessment.id"], name=op.f("fk_answer_proposal_assessment")
        ),
        sa.ForeignKeyConstraint(
            ["state", "from_assessment"],
            ["assessment.state", "assessment.id"],
            name=op.f("fk_answer_proposal_assessment_from"),
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "question", "site", name=op.f("pk_answer_proposal")),
    )
    op.create_table(
        "assessment_upgrade",
        sa.Column("state", Code, nullable=False),
        sa.Column("assessment", sa.Uuid(), nullable=False),
        sa.Column("from_version", Code, nullable=False),
        sa.Column("to_version", Code, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("reconfirm", sa.Integer(), nullable=False),
        sa.Column("mapped", sa.Integer(), nullable=False),
        sa.Column("history", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["state", "assessment"],
            ["assessment.state", "assessment.id"],
            name=op.f("fk_assessment_upgrade_assessment"),
        ),
        sa.PrimaryKeyConstraint("state", "assessment", "from_version", name=op.f("pk_assessment_upgrade")),
    )


def downgrade() -> None:
    op.drop_table("assessment_upgrade")
    op.drop_table("answer_proposal")
    for table in TABLES:
        with op.batch_alter_table(table, schema=None, table_args=checks(table)) as batch_op:
            for name, _ in reversed(NEW):
                batch_op.drop_column(name)
