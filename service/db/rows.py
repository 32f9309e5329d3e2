"""What every table is made from."""

from typing import ClassVar

from sqlalchemy import MetaData, Table
from sqlmodel import SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=NAMES)


def of_states() -> list[Table]:
    """The tables whose rows belong to a state: those with a column ``state``, and the states' own records."""
    return [table for table in Row.metadata.sorted_tables if owner(table) is not None]


def owner(table: Table) -> str | None:
    """The column that says whose a row is."""
    if table.name == "member_state":
        return "code"
    return "state" if "state" in table.primary_key.columns else None
