"""Settings, from the environment only (prefix ``STOCKTAKE_``); nothing else reads it."""

from functools import cached_property
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url


class Settings(BaseSettings):
    """How this process runs. Every value has a default fit for a try-out on one machine."""

    model_config = SettingsConfigDict(env_prefix="STOCKTAKE_", frozen=True)

    database_url: str = "sqlite:///stocktake.db"
    """``sqlite:///file.db`` (one process) or ``postgresql://user:password@host/database``."""
    pool: int = Field(default=12, ge=2, le=36)
    """Connections, and so requests, at work at once; the rest wait in line without a thread."""
    max_body: int = Field(default=1024 * 1024, ge=1024)
    """Largest body read, in bytes."""
    renderers: int = Field(default=2, ge=1, le=16)
    """Reports made at once; each takes a process of its own."""
    render_seconds: int = Field(default=60, ge=1, le=600)
    """Wall time a report may take before its process is killed."""

    rate: int = Field(default=1200, ge=1, le=1_000_000)
    """Requests a minute that one key or person may make of this process."""
    password_memory: int = Field(default=64, ge=19, le=1024)
    """MiB that checking a password takes (argon2id, three passes); those kept at another are kept anew at sign-in."""
    proxies: str = ""
    """Addresses of the reverse proxies whose X-Forwarded-For is believed, with commas between."""

    @model_validator(mode="after")
    def _leave_room(self) -> Self:
        if self.renderers >= self.pool:
            raise ValueError("renderers must be fewer than pool: a report holds a place in line while it is set")
        return self

    @cached_property
    def database(self) -> URL:
        """The database's address, always with the driver this service uses."""
        url = make_url(self.database_url)
        return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url
