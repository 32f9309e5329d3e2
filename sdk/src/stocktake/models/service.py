"""The service as its operator sees it."""

from typing import Literal

from stocktake.models.base import View


class ServiceFacts(View):
    """Which software on which schema; nothing of any state."""

    version: str
    database: Literal["sqlite", "postgresql"]
    schema_revision: str
