"""Checklists, and the instruments they ask about."""

from typing import Any

from pydantic import TypeAdapter

from stocktake._call import Call, path, query
from stocktake._operation import AsyncResource, SyncResource, listing, operation
from stocktake.models.base import Page
from stocktake.models.catalogue import ChecklistInLanguage, ChecklistSummary, Instrument

_OBJECT: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])  # documents with a schema of their own


class _Checklists:
    @listing
    def list(self) -> Call[Page[ChecklistSummary]]:
        """Every published checklist, each version of it."""
        return Call("GET", path("checklists"), Page[ChecklistSummary].model_validate_json)

    @operation
    def get(
        self, checklist: str, *, version: str | None = None, language: str | None = None
    ) -> Call[ChecklistInLanguage]:
        """One checklist with all its questions: the newest published version unless said otherwise.

        A text without a translation to ``language`` comes in the checklist's own: its ``translation`` names them.
        """
        return Call(
            "GET",
            path("checklists", checklist),
            ChecklistInLanguage.model_validate_json,
            query=query(version=version, language=language),
        )

    @operation
    def oscal(self, checklist: str, *, version: str | None = None) -> Call[dict[str, Any]]:
        """One checklist as a catalog of NIST's Open Security Controls Assessment Language."""
        return Call("GET", path("checklists", checklist, "oscal.json"), _OBJECT.validate_json, query(version=version))

    @operation
    def answer_schema(self, checklist: str, *, version: str | None = None) -> Call[dict[str, Any]]:
        """The JSON Schema (draft 2020-12) of the answers it takes, to check them with before they are sent."""
        address = path("checklists", checklist, "answers.schema.json")
        return Call("GET", address, _OBJECT.validate_json, query(version=version))


class Checklists(_Checklists, SyncResource):
    """Checklists: sections of questions on one instrument."""


class AsyncChecklists(_Checklists, AsyncResource):
    """Checklists: sections of questions on one instrument."""


class _Instruments:
    @operation
    def get(self, instrument: str) -> Call[Instrument]:
        """One instrument with the text of its paragraphs."""
        return Call("GET", path("instruments", instrument), Instrument.model_validate_json)


class Instruments(_Instruments, SyncResource):
    """Instruments: the source texts."""


class AsyncInstruments(_Instruments, AsyncResource):
    """Instruments: the source texts."""
