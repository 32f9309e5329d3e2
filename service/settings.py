"""Settings, from files or the environment (prefix ``STOCKTAKE_``); nothing else reads them."""

import os
import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pyrage import RecipientError
from pyrage.x25519 import Recipient
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "STOCKTAKE_"
SECRETS_DIR = "STOCKTAKE_SECRETS_DIR"
"""Names the folder with one file a setting, as container secrets are mounted."""
BACKENDS = frozenset({"sqlite", "postgresql"})
_NAME = re.compile(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]")


class SettingsRefused(Exception):
    """A setting that cannot be used: names it, and never says its value, which may be a password."""


class Settings(BaseSettings):
    """How this process runs. Every value has a default fit for a try-out on one machine."""

    # hide_input: a value that is refused may be an address with a password in it
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, hide_input_in_errors=True)

    database_url: str = Field(default="sqlite:///stocktake.db", repr=False)
    """``sqlite:///file.db`` (one process) or ``postgresql://user:password@host/database``."""
    backup_url: str | None = Field(default=None, repr=False)
    """The same database, as a role that sees every row; ``backup`` and ``drill`` read it. Absent: ``database_url``."""
    drill_url: str | None = Field(default=None, repr=False)
    """PostgreSQL only: a server where ``drill`` may create and drop a database. Absent: ``database_url``."""
    backup_for: str = ""
    """The public keys that ``backup`` encrypts for unless told others (age), with commas between."""
    hosts: str = ""
    """The names callers may call the service by, with commas between; needed beyond loopback."""
    debug: bool = False
    """Whether the log says what errors say, which may quote answers; on loopback only."""
    accept_weak_durability: bool = False
    """Whether a database that may lose acknowledged answers in a power cut will do; on loopback only."""
    states_in_one_file: bool = False
    """Whether one SQLite file may hold several member states, with no row-level security between them."""
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

    @field_validator("database_url", "backup_url", "drill_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            known = make_url(value).get_backend_name() in BACKENDS
        except (ArgumentError, ValueError):
            known = False
        if not known:
            raise ValueError("must be sqlite:///file.db or postgresql://user:password@host/database")
        return value

    @field_validator("hosts")
    @classmethod
    def _are_names(cls, value: str) -> str:
        if not all(_NAME.fullmatch(name) for name in _parts(value)):
            raise ValueError("give names or addresses without scheme or port, with commas between")
        return value

    @field_validator("backup_for")
    @classmethod
    def _are_recipients(cls, value: str) -> str:
        try:
            for one in _parts(value):
                Recipient.from_str(one)
        except RecipientError:
            raise ValueError("give public keys of age, age1…, with commas between") from None
        return value

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.renderers >= self.pool:
            raise ValueError(
                "STOCKTAKE_RENDERERS must be fewer than STOCKTAKE_POOL: a report holds a place in line while it is set"
            )
        if self.backup.get_backend_name() != self.database.get_backend_name():
            raise ValueError("STOCKTAKE_BACKUP_URL must be the database of STOCKTAKE_DATABASE_URL, as another role")
        return self

    @cached_property
    def database(self) -> URL:
        """The database's address, always with the driver this service uses."""
        return _with_driver(self.database_url)

    @cached_property
    def backup(self) -> URL:
        """The same database, for those who have to see every row of it."""
        return _with_driver(self.backup_url or self.database_url)

    @cached_property
    def drill(self) -> URL:
        """Where a drill may make a fresh database."""
        return _with_driver(self.drill_url or self.database_url)

    @cached_property
    def host_names(self) -> frozenset[str]:
        """The names callers may use, in small letters; none for any."""
        return frozenset(name.lower() for name in _parts(self.hosts))

    @cached_property
    def backup_readers(self) -> tuple[str, ...]:
        """The public keys of those who may read backups; none for backups that are plain unless said otherwise."""
        return _parts(self.backup_for)


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process; what cannot be used is refused by name.

    A file goes before the environment: an image has defaults there, and a mounted secret must beat them.
    """
    folder = environment.get(SECRETS_DIR)
    try:
        return Settings.model_validate({} if folder is None else _in_files(Path(folder)))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        lines = [f"{_named(one['loc'])}{one['msg'].removeprefix('Value error, ')}" for one in found]
        raise SettingsRefused("\n".join(lines)) from None  # the cause holds the values


def _in_files(folder: Path) -> dict[str, str]:
    """One file a setting, under the setting's name. A misspelt one must not leave its setting at the default."""
    if not folder.is_dir():
        raise SettingsRefused(f"{SECRETS_DIR} names no folder.")
    found = {}
    for file in sorted(folder.iterdir()):
        name = file.name.lower().removeprefix(PREFIX.lower())
        if name == file.name.lower():
            continue
        if name not in Settings.model_fields:
            raise SettingsRefused(f"{SECRETS_DIR}: there is no setting of the name of the file {file.name}.")
        try:
            found[name] = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsRefused(f"{file.name.upper()}: the file cannot be read as text.") from None
    return found


def _named(location: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{str(location[0]).upper()}: " if location else ""


def _parts(value: str) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _with_driver(address: str) -> URL:
    url = make_url(address)
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url
