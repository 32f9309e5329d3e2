"""The import contracts of pyproject.toml hold, and each one bites."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"
PLANTED = (
    ("service/catalogue/loader.py", "service.assessments.facts", "Slices are stacked"),
    ("service/http/paging.py", "service.access.policy", "Slices are stacked"),
    ("service/helpers.py", "", "Slices are stacked"),
    ("service/access/policy.py", "service.access.store", "Inside access"),
    ("service/catalogue/findings.py", "service.catalogue.loader", "Inside catalogue"),
    ("service/languages/words.py", "service.languages.messages", "Inside languages"),
    ("service/registry/helpers.py", "", "Inside registry"),
    ("service/assessments/facts.py", "service.assessments.store", "Inside assessments"),
    ("service/signoff/rules.py", "service.signoff.store", "Inside signoff"),
    ("service/assessments/reach.py", "sqlalchemy", "Rules are pure"),
    ("service/reports/terms.py", "service.reports.worker", "Inside reports"),
    ("service/operating/rules.py", "service.operating.store", "Inside operating"),
    ("service/operating/rules.py", "sqlalchemy", "Rules are pure"),
    ("service/sharing/copying.py", "service.sharing.store", "Inside sharing"),
    ("service/audit/chain.py", "service.audit.store", "Inside audit"),
    ("service/assessments/store.py", "service.sharing.copying", "Slices are stacked"),
    ("service/sharing/copying.py", "sqlalchemy", "Rules are pure"),
    ("service/assessments/scoring.py", "sqlalchemy", "Rules are pure"),
    ("service/access/policy.py", "fastapi", "Rules are pure"),
    ("service/catalogue/question.py", "service.settings", "Rules are pure"),
    ("service/registry/store.py", "fastapi", "Use-cases and stores know nothing of HTTP"),
    ("service/registry/usecases.py", "service.http.paging", "Use-cases and stores know nothing of HTTP"),
    ("service/registry/rules.py", "stocktake", "The service uses the SDK's models only"),
    ("service/registry/rules.py", "stocktake.client", "The service uses the SDK's models only"),
    ("sdk/src/stocktake/_call.py", "stocktake.client", "Inside the SDK"),
    ("service/registry/rules.py", "stocktake.verification", "The service uses the SDK's models only"),
    ("sdk/src/stocktake/_chain.py", "stocktake._seal", "Inside the SDK"),
    ("sdk/src/stocktake/helpers.py", "", "Inside the SDK"),
    ("sdk/src/stocktake/_evidence.py", "socket", "Verification reaches no network and no database"),
    ("sdk/src/stocktake/_attachment.py", "stocktake._call", "Verification reaches no network and no database"),
    ("sdk/src/stocktake/models/base.py", "service.errors", "The SDK never imports the service"),
    ("sdk/src/stocktake/models/base.py", "httpx", "One module knows httpx"),
    ("service/settings.py", "httpx", "One module knows httpx"),
)
"""File, what it imports against a contract (nothing: the file itself has no place), and that contract."""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts on the tree in this folder."""
    path = f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'sdk' / 'src')!r}]; "
    return subprocess.run(
        [sys.executable, "-c", path + LINT, "--no-cache"], cwd=folder, check=False, capture_output=True, text=True
    )


def copy_of_the_code(folder: Path) -> Path:
    """A copy that may be broken."""
    for part in ("service", "sdk/src"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def module(file: str) -> str:
    """The dotted name of a file."""
    return file.removeprefix("sdk/src/").removesuffix(".py").replace("/", ".")


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What the linter says under each broken contract, when every planted import is there at once."""
    folder = copy_of_the_code(tmp_path_factory.mktemp("broken"))
    for file, imported, _ in PLANTED:
        target = folder / file
        before = target.read_text(encoding="utf-8") if target.exists() else ""
        line = f"import {imported}" if imported else ""
        target.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = lint(folder)
    assert done.returncode == 1, done.stdout + done.stderr
    _, _, report = done.stdout.partition("Broken contracts")
    parts = re.split(r"^(\S.*)\n-{3,}\n", report, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_contract_is_kept(tmp_path: Path) -> None:
    done = lint(copy_of_the_code(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(("file", "imported", "contract"), PLANTED)
def test_a_planted_import_breaks_its_contract(
    broken: Mapping[str, str], file: str, imported: str, contract: str
) -> None:
    said = broken[contract]
    expected = (
        rf"{re.escape(module(file))} -> {re.escape(imported)} \(l\.\d+\)" if imported else re.escape(module(file))
    )
    assert re.search(expected, said), said
