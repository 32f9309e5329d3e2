"""The committed description of the API is the one the service gives."""

import json
from pathlib import Path

from typer.testing import CliRunner

from service.cli import app, document

ONE_PROPOSAL = "/v1/assessments/{assessment}/proposals/{question}"
WITHOUT_VERSION = frozenset(
    {
        ONE_PROPOSAL,
        "/v1/assessments/{assessment}/shares/{share}",
        "/v1/states/{state}/keys/{key}",
        "/v1/sessions/current",
        "/v1/me/sessions/{session}",
        "/v1/me/password",
        "/v1/me/second-factor",
    }
)
"""What is taken away whatever it says: it is never changed, and has no version. A password, as a second factor, has the
old one for it."""
WITHOUT_WORDS = ("/confirm", "/submit", "/approve", "/people/{person}/password")
"""What is done without saying anything more."""
COMMITTED = Path(__file__).parents[2] / "docs" / "openapi.json"


def test_the_committed_document_is_the_one_in_force() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == document() + "\n", (
        "the API changed: make openapi, and say so in the log"
    )


def test_the_command_prints_it() -> None:
    assert CliRunner().invoke(app, ["openapi"]).stdout == document() + "\n"


def test_every_answer_and_every_body_has_a_schema() -> None:
    parts = json.loads(document())
    for path, operations in parts["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                bodies = list(answer.get("content", {}).values())
                assert bodies or status == "204", (method, path, status)
                assert all(body["schema"] for body in bodies), (method, path, status)
            sent = method in {"put", "post"} and not path.endswith(WITHOUT_WORDS)
            assert sent == ("requestBody" in operation), (method, path)


def test_every_guarded_operation_says_how_it_is_refused() -> None:
    for path, operations in json.loads(document())["paths"].items():
        for method, operation in operations.items():
            if "x-action" in operation:
                refusals = {"401", "403", "404", "422", "500", "503"} | ({"409"} if method == "post" else set())
                refusals |= {"412", "428"} if method in {"put", "delete"} and path not in WITHOUT_VERSION else set()
                assert refusals <= set(operation["responses"]), (method, path)
                assert operation["security"] == [{"key": []}]
