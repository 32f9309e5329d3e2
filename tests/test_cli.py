"""The operator's command."""

from pathlib import Path

import pytest
import uvicorn
from typer.testing import CliRunner

from service.cli import app


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[object]:
    """What the server would have been started with, on a database that does not exist yet."""
    started: list[object] = []
    monkeypatch.setattr(uvicorn, "run", lambda application, **_: started.append(application))
    monkeypatch.setenv("STOCKTAKE_DATABASE_URL", f"sqlite:///{tmp_path / 'new.db'}")
    return started


def test_it_does_not_serve_a_database_that_was_not_migrated(served: list[object]) -> None:
    refused = CliRunner().invoke(app, ["serve"])
    assert refused.exit_code == 1
    assert "run migrate" in refused.output
    assert served == []
    assert CliRunner().invoke(app, ["migrate"]).exit_code == 0
    assert CliRunner().invoke(app, ["serve"]).exit_code == 0
    assert len(served) == 1


def test_a_key_is_made_printed_once_and_revoked(served: list[object]) -> None:
    run = CliRunner().invoke
    run(app, ["migrate"])
    made = run(app, ["keys", "create", "--state", "QZA", "--name", "border system", "--scope", "read"])
    assert made.output.startswith("stk_")
    key_id = made.output.split("_")[2]
    assert run(app, ["keys", "revoke", "--state", "QZB", key_id]).exit_code == 1
    assert run(app, ["keys", "revoke", "--state", "QZA", key_id]).exit_code == 0
    assert run(app, ["keys", "revoke", "--state", "QZA", key_id]).exit_code == 1


def test_a_state_is_three_capital_letters(served: list[object]) -> None:
    refused = CliRunner().invoke(app, ["keys", "create", "--state", "qza", "--name", "x", "--scope", "read"])
    assert refused.exit_code == 2
    assert "three capital letters" in refused.output
