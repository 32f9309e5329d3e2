"""What the package shows, and what it leans on."""

import ast
import inspect
import pickle
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import stocktake
from stocktake import _http, errors
from stocktake._operation import AsyncResource, Listing, Operation, Procedure, SyncResource

SDK = Path(__file__).resolve().parents[2] / "sdk"
SOURCES = sorted((SDK / "src" / "stocktake").rglob("*.py"))
CLIENTS = (stocktake.Client("https://a.example", "stk_a"), stocktake.AsyncClient("https://a.example", "stk_a"))
RESOURCES = sorted(name for name, value in vars(CLIENTS[0]).items() if isinstance(value, SyncResource))


def imported(source: Path) -> set[str]:
    """The names of the modules that a file imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_all_that_is_exported_exists_in_order_and_every_error_is_among_it() -> None:
    assert stocktake.__all__ == sorted(stocktake.__all__)
    assert all(hasattr(stocktake, name) for name in stocktake.__all__)
    public = {name for name, value in vars(stocktake).items() if inspect.isclass(value)}
    assert public <= set(stocktake.__all__)
    assert set(errors.__all__) <= set(stocktake.__all__)
    raised = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert raised == set(errors.__all__)
    assert all(f" {name} " in str(errors.__doc__) for name in raised - {"StocktakeError"})


@pytest.mark.parametrize("name", RESOURCES)
def test_both_faces_offer_the_same_operations_documented(name: str) -> None:
    blocking, awaited = (getattr(client, name) for client in CLIENTS)
    assert isinstance(awaited, AsyncResource)
    kinds = (Operation, Listing, Procedure)
    operations = [entry for entry, value in inspect.getmembers(type(blocking)) if isinstance(value, kinds)]
    assert operations
    assert operations == [entry for entry, value in inspect.getmembers(type(awaited)) if isinstance(value, kinds)]
    for entry in operations:
        one, other = getattr(blocking, entry), getattr(awaited, entry)
        assert one.__doc__
        assert one.__doc__ == other.__doc__ == getattr(type(blocking), entry).__doc__
        assert inspect.signature(one) == inspect.signature(other)
        assert "self" not in inspect.signature(one).parameters
        assert entry in repr(one)
        assert getattr(blocking, entry) is one  # bound once


def test_there_are_resources_to_compare() -> None:
    assert RESOURCES == [
        "agencies",
        "answers",
        "assessments",
        "assignments",
        "checklists",
        "comments",
        "instruments",
        "keys",
        "log",
        "people",
        "proposals",
        "received",
        "reports",
        "reviews",
        "sessions",
        "shares",
        "sites",
        "snapshots",
        "states",
    ]


def test_only_one_module_knows_the_http_library() -> None:
    assert [source.name for source in SOURCES if any(name.split(".")[0] == "httpx" for name in imported(source))] == [
        "_http.py"
    ]


def test_it_leans_on_httpx_and_pydantic_alone() -> None:
    outside = {name.split(".")[0] for source in SOURCES for name in imported(source)}
    outside -= {"stocktake", "pydantic_core"}  # the other half of pydantic
    assert outside - sys.stdlib_module_names == {"httpx", "pydantic"}
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]
    assert [line.split(">")[0] for line in project["dependencies"]] == ["httpx", "pydantic"]


def test_importing_it_loads_no_service_and_no_second_framework() -> None:
    code = "import sys, stocktake; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {"stocktake", "httpx", "pydantic"} <= loaded
    assert not loaded & {"service", "fastapi", "starlette", "sqlalchemy", "sqlmodel", "orjson", "ruamel", "typer"}


def test_the_changelog_tells_of_this_version() -> None:
    first = next(line for line in (SDK / "CHANGELOG.md").read_text().splitlines() if line.startswith("## "))
    assert first.split()[1] == stocktake.__version__ == _http.__version__


def test_it_says_that_it_is_typed() -> None:
    assert (SDK / "src" / "stocktake" / "py.typed").is_file()


def test_an_error_survives_the_way_to_another_process() -> None:
    problem = stocktake.Problem(
        type="about:blank", title="T", status=412, code="c", detail="D.", request_id="r", yours=1, current=2
    )
    error = stocktake.VersionConflict(problem, uncertain=True)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (type(again), str(again), again.current, again.uncertain) == (type(error), str(error), 2, True)
