"""Running the migrations from code, with no configuration file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, NullPool, create_engine

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def configuration(url: URL) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: URL, to: str = "head") -> None:
    """Bring a database to a revision."""
    command.upgrade(configuration(url), to)


def downgrade(url: URL, to: str = "base") -> None:
    command.downgrade(configuration(url), to)


def revision(url: URL) -> str | None:
    """The revision a database is at; none when it was never migrated."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest(url: URL) -> str | None:
    """The revision these files lead to."""
    return ScriptDirectory.from_config(configuration(url)).get_current_head()
