"""The built wheel in an environment that holds it and what it declares, nothing else."""

import re
import shutil
import subprocess
import sys
import venv
from importlib.metadata import Distribution, distribution
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

from sealed_builder import books, canonical, small_export

SDK = Path(__file__).resolve().parents[2] / "sdk"
PROGRAM = """
import asyncio, sys
import httpx
from stocktake import AsyncClient, Client, NotFound

def answer(request):
    if request.url.path == "/health":
        return httpx.Response(200, json={"status": "ok"})
    return httpx.Response(404, json={"type": "about:blank", "title": "T", "status": 404, "code": "not_found",
                                     "detail": "D.", "request_id": "req_1"})

async def awaited():
    async with AsyncClient("https://a.example", "stk_a", transport=httpx.MockTransport(answer)) as client:
        return (await client.health()).status

with Client("https://a.example", "stk_a", transport=httpx.MockTransport(answer)) as client:
    try:
        client.sites.get("QZA", "NOR")
    except NotFound as error:
        print(client.health().status, asyncio.run(awaited()), error.request_id, "service" in sys.modules)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    # From a copy: building leaves nothing behind in the tree.
    source = place / "sdk"
    shutil.copytree(SDK, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def clean_python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment: the wheel, and the distributions it needs by its own word and theirs."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, symlinks=True)
    packages = home / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
        (metadata,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        declared = re.findall(r"^Requires-Dist: (.+)$", archive.read(metadata).decode(), re.MULTILINE)
    for needed in closure(declared):
        copy(needed, packages)
    return home / "bin" / "python"


def closure(requirements: list[str]) -> list[Distribution]:
    """The distributions that the requirements ask for here, and what those ask for."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        requirement = waiting.pop()
        if requirement.name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[requirement.name] = distribution(requirement.name)
        waiting += [Requirement(text) for text in found[requirement.name].requires or []]
    return list(found.values())


def copy(needed: Distribution, packages: Path) -> None:
    for file in needed.files or []:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)


def test_the_wheel_holds_the_typed_package_and_its_licence_alone(wheel: Path) -> None:
    assert wheel.name == "stocktake-0.1.0-py3-none-any.whl"
    names = ZipFile(wheel).namelist()
    assert {"stocktake/py.typed", "stocktake/client.py", "stocktake/models/base.py"} <= set(names)
    assert {name.split("/")[0] for name in names} == {"stocktake", "stocktake-0.1.0.dist-info"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_both_faces_work_with_nothing_but_what_the_wheel_declares(clean_python: Path) -> None:
    command = [str(clean_python), "-I", "-W", "error", "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == ("ok ok req_1 False\n", "")


def test_files_are_verified_with_nothing_but_what_the_wheel_declares(clean_python: Path, tmp_path: Path) -> None:
    (tmp_path / "sealed.json").write_bytes(canonical(books(small_export()).sealed[0]))
    command = [str(clean_python), "-I", "-W", "error", "-m", "stocktake", "verify", "sealed.json"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("sealed.json: verified in itself\n")


def test_the_wheel_brings_the_command(wheel: Path) -> None:
    entries = ZipFile(wheel).read("stocktake-0.1.0.dist-info/entry_points.txt").decode()
    assert entries.split() == ["[console_scripts]", "stocktake", "=", "stocktake.__main__:main"]


@pytest.mark.parametrize("name", ["fastapi", "sqlalchemy", "service", "orjson"])
def test_the_clean_environment_is_clean(clean_python: Path, name: str) -> None:
    run = subprocess.run([str(clean_python), "-I", "-c", f"import {name}"], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in run.stderr
