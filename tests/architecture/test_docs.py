"""The documentation says what is there: links, commands, settings, problem codes, and examples that run."""

import ast
import itertools
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from typer.main import get_command

from service.cli import app
from service.settings import SECRETS_DIR, Settings

ROOT = Path(__file__).parents[2]
COMMAND = "stocktake-service"
OPERATORS = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
INTEGRATORS = (ROOT / "docs" / "integrators.md").read_text(encoding="utf-8")
SDK_SETTINGS = frozenset({"STOCKTAKE_KEY"})
"""What the SDK reads from the environment, not the service."""
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def pages() -> list[Path]:
    """The tracked Markdown files."""
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines()]


def named(page: Path) -> str:
    """Where a page lies."""
    return str(page.relative_to(ROOT))


# ── links ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def anchors(text: str) -> set[str]:
    """The fragments under which a page's headings are found."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(page: Path, text: str) -> list[str]:
    """Relative links of a page that lead nowhere."""
    broken = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, fragment = target.partition("#")
        there = (page.parent / name).resolve() if name else page
        lost = fragment and there.suffix == ".md" and fragment not in anchors(there.read_text(encoding="utf-8"))
        if not there.exists() or not there.is_relative_to(ROOT) or lost:
            broken.append(target)
    return broken


def test_every_relative_link_leads_somewhere() -> None:
    found = pages()
    assert len(found) > 15
    assert {named(page): broken_links(page, page.read_text(encoding="utf-8")) for page in found} == {
        named(page): [] for page in found
    }


@pytest.mark.parametrize("target", ["nowhere.md", "operators.md#no-such-heading", "../../outside.md"])
def test_a_link_that_leads_nowhere_is_found(target: str) -> None:
    assert broken_links(ROOT / "docs" / "operators.md", f"See [this]({target}).") == [target]
    assert broken_links(ROOT / "docs" / "operators.md", "See [this](assessors.md#levels).") == []


# ── commands and settings ────────────────────────────────────────────────────────────────────────────────────────────


def command_line() -> tuple[dict[tuple[str, ...], set[str]], set[tuple[str, ...]]]:
    """The options of every command, by its words; and which of them only hold others."""
    options, groups = {}, set()
    waiting: list[tuple[tuple[str, ...], object]] = [((), get_command(app))]
    while waiting:
        words, command = waiting.pop()
        options[words] = {name for parameter in getattr(command, "params", ()) for name in parameter.opts} | {"--help"}
        below = getattr(command, "commands", {})
        groups |= {words} if below else set()
        waiting += [((*words, name), one) for name, one in below.items()]
    return options, groups


def wrong_commands(text: str) -> list[str]:
    """Uses of the command line in a text that the command line does not know, subcommands and options."""
    options, groups = command_line()
    wrong = []
    for said in re.findall(rf"{COMMAND}((?: +[\w./-]+| +\"[^\"]*\")*)", text):
        words = said.split()
        path = tuple(itertools.takewhile(lambda word: re.fullmatch("[a-z]+(-[a-z]+)*", word), words))
        known = next((path[:size] for size in (2, 1) if path[:size] in options), ())
        given = {word for word in words if word.startswith("--")}
        if not given <= options[known] or (known == () and path) or (known in groups and len(path) > len(known)):
            wrong.append(f"{COMMAND}{said}")
    return wrong


@pytest.mark.parametrize("page", [page for page in pages() if page.name != "CHANGELOG.md"], ids=named)
def test_every_command_named_is_there(page: Path) -> None:
    fenced = "\n".join(body for kind, body in FENCE.findall(page.read_text(encoding="utf-8")) if kind == "sh")
    quoted = "\n".join(re.findall(rf"`({COMMAND} [^`|]+)`", page.read_text(encoding="utf-8")))
    assert wrong_commands(f"{fenced}\n{quoted}") == []


def test_a_command_that_is_not_there_is_found() -> None:
    assert wrong_commands(f"{COMMAND} keys create --state QZA --name 'x' --scope read") == []
    for wrong in ("keys give", "serves", "serve --reload", "keys create --owner QZA"):
        assert wrong_commands(f"{COMMAND} {wrong}") == [f"{COMMAND} {wrong}"]


def settings_table(text: str) -> dict[str, str]:
    """Name → default, as a page says them."""
    return dict(re.findall(r"^\| `(STOCKTAKE_\w+)` \| `([^`]*)` \|", text, re.MULTILINE))


def real_settings() -> dict[str, str]:
    """Name → default, as the service has them."""
    defaults = {name: field.default for name, field in Settings.model_fields.items()} | {"secrets_dir": None}
    assert SECRETS_DIR == "STOCKTAKE_SECRETS_DIR"
    return {f"STOCKTAKE_{name.upper()}": shown(default) for name, default in defaults.items()}


def shown(default: object) -> str:
    """A default as one writes it in the environment."""
    return "not set" if default in {None, ""} else str(default).lower() if isinstance(default, bool) else str(default)


def test_every_setting_is_documented_with_its_default() -> None:
    assert settings_table(OPERATORS) == real_settings()


@pytest.mark.parametrize("page", pages(), ids=named)
def test_no_setting_is_named_that_is_not_there(page: Path) -> None:
    said = set(re.findall(r"STOCKTAKE_\w+", page.read_text(encoding="utf-8")))
    assert said <= real_settings().keys() | SDK_SETTINGS


def test_a_setting_left_out_or_with_another_default_is_found() -> None:
    assert (
        settings_table(OPERATORS.replace("| `STOCKTAKE_POOL` | `12` |", "| `STOCKTAKE_POOL` | `13` |"))
        != real_settings()
    )
    assert settings_table(OPERATORS.replace("| `STOCKTAKE_POOL` |", "| pool |")) != real_settings()


# ── problem codes ────────────────────────────────────────────────────────────────────────────────────────────────────


def codes_in(source: str) -> set[str]:
    """The problem codes a module can say: of its classes, and of what it answers without a class."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
                | ast.AnnAssign(
                    target=ast.Name(id="code"), annotation=ast.Subscript(), value=ast.Constant(value=str(code))
                )
            ):
                found.add(code)
            case ast.Assign(targets=[ast.Name(id="_CODES")], value=ast.Dict(values=values)):
                found |= _words(*values)
            case ast.Call(func=ast.Name(id="_Said"), args=[_, said, *_]):
                found |= _words(said)
    return found


def _words(*nodes: ast.expr) -> set[str]:
    inside = (part for node in nodes for part in ast.walk(node))
    return {part.value for part in inside if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def real_codes() -> set[str]:
    """Every problem code in the service."""
    return set().union(*(codes_in(file.read_text(encoding="utf-8")) for file in (ROOT / "service").rglob("*.py")))


def documented_codes(text: str) -> set[str]:
    """The codes in the chapter on errors: those of the table, and those named below it for the command line."""
    chapter = text.partition("\n## Errors\n")[2].partition("\n## ")[0]
    rows = set(re.findall(r"^\| `(\w+)` \|", chapter, re.MULTILINE))
    rest = re.search(r"^\w+ more are seen only (?:.+\n)+", chapter, re.MULTILINE)
    return rows | (set(re.findall(r"`(\w+)`", rest[0])) if rest else set())


def test_every_problem_code_is_documented_and_no_other() -> None:
    assert len(real_codes()) > 20
    assert documented_codes(INTEGRATORS) == real_codes()


def test_a_code_left_out_or_made_up_is_found() -> None:
    assert documented_codes(INTEGRATORS.replace("| `site_exists` |", "| – |")) == real_codes() - {"site_exists"}
    row = "| `too_large` | 413 |"
    assert documented_codes(INTEGRATORS.replace(row, f"| `too_small` | 413 |\n{row}")) - real_codes() == {"too_small"}
    new = 'class Late(Problem):\n    code: ClassVar[str] = "late"\n_CODES = {418: "teapot"}\n_Said(500, "gone", "")\n'
    assert codes_in(new) == {"late", "teapot", "gone"}


# ── examples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", pages(), ids=named)
def test_every_python_example_is_python(page: Path) -> None:
    for kind, body in FENCE.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            compile(body, page.name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)


def lines(printed: str) -> list[str]:
    """What was printed, with ids that differ from run to run made the same."""
    printed = re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b", "ID", printed)
    return re.sub(r"^(\d+) key:[a-z0-9]{10} ", r"\1 KEY ", printed, flags=re.MULTILINE).splitlines()


def agrees(said: str, printed: str) -> bool:
    """Whether a page shows what was printed; a last line of ``…`` leaves out the rest."""
    shown, real = lines(said), lines(printed)
    return real[: len(shown) - 1] == shown[:-1] if shown and shown[-1] == "…" else real == shown


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """A service started as the operators' page says; its address, and the environment of a tool with a key."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = {**os.environ, "STOCKTAKE_DATABASE_URL": f"sqlite:///{tmp_path / 'docs.db'}"}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "service.cli", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()

    run("migrate")
    run("checklists", "publish")
    scopes = [word for scope in ("read", "write", "registry", "export") for word in ("--scope", scope)]
    key = run("keys", "create", "--state", "QZA", "--name", "docs", *scopes)
    command = [sys.executable, "-m", "service.cli", "serve", "--port", port]
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        try:
            _await(f"http://127.0.0.1:{port}/health")
            tool = {**os.environ, "STOCKTAKE_KEY": key, "PYTHONPATH": str(ROOT / "sdk" / "src")}
            yield f"http://127.0.0.1:{port}", tool
        finally:
            process.terminate()


def _await(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            with urlopen(address, timeout=5):
                return
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.mark.timeout(300)
def test_the_integrators_way_runs_as_written(served: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    address, environment = served
    blocks = FENCE.findall(INTEGRATORS.partition("\n## The same with plain HTTP\n")[0])
    (tmp_path / "sites.csv").write_text(next(body for kind, body in blocks if kind == "csv"), encoding="utf-8")
    examples = [(body, said) for (kind, body), (_, said) in itertools.pairwise(blocks) if kind == "python"]
    assert len(examples) == 4
    for code, said in examples:
        script = code.replace("http://127.0.0.1:8000", address)
        ran = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert agrees(said, ran.stdout), f"The page shows\n{said}\nand this was printed\n{ran.stdout}"
    assert (tmp_path / "QZA-2026.pdf").read_bytes().startswith(b"%PDF-")


def test_an_example_that_prints_something_else_is_found() -> None:
    first = "01a20ae6-53ce-792e-8ee0-20966f102560 1.0.0\n1 key:6gtzyay9rv find\n"
    assert agrees(first, "01b20ae6-53ce-792e-8ee0-20966f102560 1.0.0\n1 key:aaaaaaaaaa find\n")
    assert not agrees(first, first.replace("find", "mind"))
    assert agrees("a\n…\n", "a\nb\nc\n")
    assert not agrees("b\n…\n", "a\nb\nc\n")
