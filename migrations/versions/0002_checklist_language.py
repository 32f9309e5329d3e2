"""Languages of checklists"""

import json

import sqlalchemy as sa
from alembic import op

from service.db.types import Code, Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:

    language = op.create_table(
        "checklist_language",
        sa.Column("checklist", Code, nullable=False),
        sa.Column("version", Code, nullable=False),
        sa.Column("language", Code, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("published_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist", "version"],
            ["checklist_version.checklist", "checklist_version.version"],
            name=op.f("fk_checklist_language_checklist_version"),
        ),
        sa.PrimaryKeyConstraint("checklist", "version", "language", name=op.f("pk_checklist_language")),
    )
    version = sa.table(
        "checklist_version",
        *(sa.column(name) for name in ("checklist", "version", "digest", "lock")),
        sa.column("published_at", Moment()),
    )
    # what was published before can be read in its own language
    own = [
        {
            "checklist": row.checklist,
            "version": row.version,
            "language": json.loads(row.lock)["checklist"]["head"]["language"],
            "digest": row.digest,
            "status": "source",
            "texts": "{}",
            "published_at": row.published_at,
        }
        for row in op.get_bind().execute(sa.select(version))
    ]
    op.bulk_insert(language, own)


def downgrade() -> None:

    op.drop_table("checklist_language")
