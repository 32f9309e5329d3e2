"""Second factor, sessions that end when they are not used"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.db.types import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG_AGO = "1970-01-01T00:00:00.000000+00:00"
"""Sessions of before count as unused since then: their people sign in again, with a second factor or without."""


def upgrade() -> None:
    op.add_column("person", sa.Column("factor", sa.Text(), nullable=True))
    op.add_column("person", sa.Column("factor_step", sa.BigInteger(), nullable=True))
    # By defaults, which hold for rows of every state: a statement of the owner's would see none of them
    _add("person_session", sa.Column("two_factors", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("person_session", sa.Column("seen_at", Moment(), nullable=False, server_default=LONG_AGO))
    _add("issuer", sa.Column("second_factor", sa.String(), nullable=False, server_default="mfa"))


def _add(table: str, column: sa.Column[Any]) -> None:
    """Add a column with a value for the rows there are, and none for those to come."""
    op.add_column(table, column)
    with op.batch_alter_table(table, schema=None) as batch_op:
        batch_op.alter_column(column.name, existing_type=column.type, existing_nullable=False, server_default=None)


def downgrade() -> None:
    for table, *names in (
        ("issuer", "second_factor"),
        ("person_session", "seen_at", "two_factors"),
        ("person", "factor_step", "factor"),
    ):
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name in names:
                batch_op.drop_column(name)
