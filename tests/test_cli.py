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
