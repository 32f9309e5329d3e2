"""Rules of the house that no tool we use knows. Each one is also tried on code that breaks it."""

import ast
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "service"
LONGEST = 350
"""Lines a file of the service may have."""

COMMITS = re.compile(r"service/db/session\.py|service/cli(\.py|/.*)|service/[a-z_]+/(commands|publishing)\.py")
"""Where a transaction may end."""
HTTP_ERRORS = re.compile(r"service/http/.*")
"""Where FastAPI's own exception may be raised; everywhere else a Problem is."""
CLOCKS = re.compile(r"service/access/api\.py|service/cli(\.py|/.*)|service/[a-z_]+/(commands|publishing)\.py")
"""Where the moment enters; from there it is an argument."""
BUSY = frozenset(
    {"create_engine", "connect", "open", "read_text", "read_bytes", "Settings", "FastAPI", "Database", "now"}
)
"""Calls that work, connect or look at the world: not while a module is imported."""

Breach = tuple[int, str]
Rule = Callable[[str, ast.Module], Iterator[Breach]]


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def commits(path: str, tree: ast.Module) -> Iterator[Breach]:
    """Only the one place where transactions are made ends them."""
    if COMMITS.fullmatch(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in {"commit", "begin", "begin_nested"}:
            yield node.lineno, f"{_called(node)}() outside service/db/session.py"


def http_errors(path: str, tree: ast.Module) -> Iterator[Breach]:
    """What goes wrong is a Problem, so that it is told the same way everywhere."""
    if HTTP_ERRORS.fullmatch(path):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "HTTPException":
            yield node.lineno, "HTTPException made outside service/http: raise a Problem"


def clocks(path: str, tree: ast.Module) -> Iterator[Breach]:
    """The moment is an argument: it enters at the edge only."""
    if CLOCKS.fullmatch(path):
        return
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime" | "date"), attr="now" | "utcnow" | "today")):
                yield node.lineno, "the clock is read here: take the moment as an argument"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="time"), attr="time" | "time_ns")):
                yield node.lineno, "the clock is read here: take the moment as an argument"


def _while_importing(statements: list[ast.stmt]) -> Iterator[ast.AST]:
    """Every node that is evaluated when the module is imported: not the bodies of functions."""
    for statement in statements:
        waiting: list[ast.AST] = [statement]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def work_at_import(_path: str, tree: ast.Module) -> Iterator[Breach]:
    """Importing a module only defines things."""
    body = [s for s in tree.body if not (isinstance(s, ast.If) and ast.unparse(s.test) == "__name__ == '__main__'")]
    for node in _while_importing(body):
        if isinstance(node, ast.Call) and _called(node) in BUSY:
            yield node.lineno, f"{_called(node)}() while the module is imported"


def relative_imports(_path: str, tree: ast.Module) -> Iterator[Breach]:
    """Modules are named in full, so that the import contracts read as the code does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "a relative import"


def length(_path: str, tree: ast.Module) -> Iterator[Breach]:
    """A file that says one thing is short."""
    last = max((n.end_lineno or 0 for n in tree.body), default=0)
    if last > LONGEST:
        yield last, f"more than {LONGEST} lines"


RULES: tuple[Rule, ...] = (commits, http_errors, clocks, work_at_import, relative_imports, length)


def breaches(rule: Rule) -> list[str]:
    """Every breach of one rule in the service, as ``file:line what``."""
    found = []
    for file in sorted(SERVICE.rglob("*.py")):
        path = file.relative_to(ROOT).as_posix()
        found += [f"{path}:{line} {what}" for line, what in rule(path, ast.parse(file.read_text(encoding="utf-8")))]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_service_keeps_the_rule(rule: Rule) -> None:
    assert breaches(rule) == []


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (commits, "def f(db):\n    db.commit()"),
        (commits, "def f(db):\n    with db.begin():\n        pass"),
        (http_errors, "def f():\n    raise HTTPException(404)"),
        (clocks, "def f():\n    return datetime.now(UTC)"),
        (clocks, "def f():\n    return date.today()"),
        (clocks, "def f():\n    return time.time()"),
        (work_at_import, "engine = create_engine('sqlite://')"),
        (work_at_import, "class A:\n    settings = Settings()"),
        (work_at_import, "if True:\n    TEXT = Path('x').read_text()"),
        (relative_imports, "from . import errors"),
        (length, "x = 1\n" * (LONGEST + 1)),
    ],
)
def test_code_that_breaks_the_rule_is_found(rule: Rule, code: str) -> None:
    assert list(rule("service/assessments/new.py", ast.parse(code)))


@pytest.mark.parametrize(
    ("rule", "path", "code"),
    [
        (commits, "service/db/session.py", "def f(db):\n    db.commit()"),
        (http_errors, "service/http/problems.py", "def f():\n    raise HTTPException(404)"),
        (clocks, "service/access/api.py", "def f():\n    return datetime.now(UTC)"),
        (work_at_import, "service/app.py", "def create_app(settings):\n    return FastAPI()"),
        (length, "service/app.py", "x = 1\n" * LONGEST),
    ],
)
def test_code_that_keeps_the_rule_is_left_alone(rule: Rule, path: str, code: str) -> None:
    assert list(rule(path, ast.parse(code))) == []


# ── files of every kind ──────────────────────────────────────────────────────────────────────────────────────────────

# Backwards or in pieces, for this file is looked at too.
HOSTS = [name[::-1] for name in ("gro.ipyp", "gro.detsohnohtyp", "gro.sjmpn.yrtsiger")]
FOLDERS = [
    "/".join(("", *parts)) for parts in (("work", "main"), ("work", "shared"), ("tmp", "v"), ("home", ""), ("root", ""))
]
UPWARDS = "/".join(["..", *FOLDERS[1].split("/")[2:]])
NOTES = ["".join(parts) for parts in (("TO", "DO"), ("FIX", "ME"))]
FORBIDDEN = re.compile("|".join([*map(re.escape, [*HOSTS, *FOLDERS, UPWARDS]), *(rf"\b{note}\b" for note in NOTES)]))
"""Hosts of package registries, folders of one machine, and notes to oneself."""


def tracked() -> list[Path]:
    """The files that are part of the project; a copy without git has no list, so everything in it counts."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def forbidden(text: str) -> list[str]:
    """What of this text does not belong in the project."""
    return FORBIDDEN.findall(text)


def test_tracked_files_name_no_registry_and_no_machine() -> None:
    found = {}
    for file in tracked():
        if file.is_file() and (words := forbidden(file.read_bytes().decode("utf-8", errors="ignore"))):
            found[file.relative_to(ROOT).as_posix()] = words
    assert found == {}


@pytest.mark.parametrize("text", [*HOSTS, *(f"see {folder}x" for folder in FOLDERS), UPWARDS, *NOTES])
def test_forbidden_words_are_found(text: str) -> None:
    assert forbidden(f"# {text}: later")


def test_ordinary_words_are_left_alone() -> None:
    assert forbidden(f"a network/main road; the home page; docs/decisions; {NOTES[0]}S") == []
