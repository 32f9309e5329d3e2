import ast
import re
import sys
import time
from hashlib import sha256
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pikepdf
import pypdf
import pytest

from export_builder import MOMENT, build_export, canonical
from pdf_reading import attached, findings, flat, lengths_are_right, texts
from service.languages.words import words_of
from service.reports import content, typst, worker
from service.reports.cleaning import Cleaner
from service.reports.fonts import covered
from service.reports.seal import Seal
from service.reports.typst import ReportFailed, ReportTimeout, ReportTooLarge
from service.reports.wording import Wording
from stocktake.models.export import Export

ENGLISH = Wording(words_of("en"), "en")
HOSTILE = (
    '#panic("out")',
    '#read("/etc/passwd")',
    '#import "@preview/cetz:0.3.0"',
    '#include "main.typ"',
    '#eval("1+1")',
    "#let x = 1",
    "#set page(width: 1pt)",
    "#show: none",
    "#pagebreak()",
    "#{ while true {} }",
    "#sys.inputs",
    "#[x]",
    "*bold* _emph_ `raw`",
    "```typ #panic() ```",
    "$ x^2 $",
    "$unclosed",
    "= Heading",
    "== Sub",
    "- item",
    "+ item",
    "/ Term: x",
    "\\",
    "\\u{41}",
    "\\#",
    "]",
    "[",
    "}{",
    "))((",
    "<label>",
    "@ref",
    "~",
    "---",
    "--",
    "...",
    "// comment",
    "/* open",
    "*/",
    "'\"",
    '"; drop',
    "{{ 7*7 }}",
    "${7*7}",
    "<%= 7*7 %>",
    "<script>alert(1)</script>",
    "<img src=x onerror=1>",
    "&lt;&amp;",
    "<!--",
    "]]>",
    "https://example.org/?a=b&c",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "../../secret",
    "C:\\x\\y",
    "%00%0a",
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(1)",
    '{"a": 1}',
    '\\"escaped\\"',
    "\\n\\t",
    "null",
    "NaN",
    "a\x00b\x1b[31mc",
    "\u202etxt.exe\u202c",
    "x\u2066y\u2069z",
    "soft\xadhyphen",
    "\ufefflead",
    "BT /F1 Tf (x) Tj ET",
    "endstream endobj",
    "<< /JS (x) >>",
    "1 0 obj",
)
"""Texts that are code to something: Typst, HTML, templates, spreadsheets, JSON, terminals, PDF."""


def make(export: Export) -> bytes:
    data = canonical(export)
    return typst.render(content.build(export, ENGLISH, Seal(sha256(data).hexdigest())), data, MOMENT)


@pytest.fixture(scope="module")
def report() -> bytes:
    return make(build_export(42))


@pytest.fixture(scope="module")
def small() -> bytes:
    return make(build_export(0))


@pytest.fixture(scope="module")
def pages(report: bytes) -> list[str]:
    return texts(report)


@pytest.mark.parametrize("sites", [0, 42, 120])
def test_the_pdf_keeps_both_standards(sites: int, small: bytes, report: bytes) -> None:
    pdf = {0: small, 42: report}.get(sites) or make(build_export(sites))
    assert findings(pdf, "3a") == []
    assert findings(pdf, "ua1") == []


def test_the_judge_of_standards_can_say_no(report: bytes, tmp_path: Path) -> None:
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(tmp_path / "bad.pdf")
    bad = (tmp_path / "bad.pdf").read_bytes()
    assert findings(bad, "3a")
    assert findings(bad, "ua1")
    broken = report.replace(b"/Length 1", b"/Length 2")
    assert lengths_are_right(report)
    assert not lengths_are_right(broken)


def test_the_same_input_gives_the_same_bytes(report: bytes) -> None:
    assert make(build_export(42)) == report


def test_another_answer_gives_other_bytes(small: bytes) -> None:
    assert make(build_export(0, seed=74)) != small


def test_the_data_travels_inside_unchanged(report: bytes) -> None:
    assert attached(report) == {"export.json": [canonical(build_export(42))]}


def test_every_page_says_draft_and_which_report_it_belongs_to(pages: list[str]) -> None:
    digest = sha256(canonical(build_export(42))).hexdigest()
    for number, text in enumerate(pages, 1):
        assert "DRAFT" in flat(text)
        assert flat(f"Digest {digest[:12]} · page {number} of {len(pages)}") in flat(text)
    assert digest in flat(pages[-1])


def test_the_summary_is_one_page(pages: list[str]) -> None:
    said = [flat(text) for text in pages]
    assert [number for number, text in enumerate(said) if "1Summary" in text] == [1, 2]
    assert flat("Critical gaps: 3") in said[2]
    assert flat("2 Facts at a glance") in said[3]


def test_the_first_cell_of_each_row_is_its_header(report: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(report)
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        bodies = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/S") == "/TBody"]
        rows = [str(row["/K"][0]["/S"]) for body in bodies for row in body["/K"].as_list()]
    assert len(rows) > 100
    assert set(rows) == {"/TH"}


def groups() -> list[str]:
    """The hostile texts, joined to groups short enough for every field."""
    found = [""]
    for text in HOSTILE:
        if len(found[-1]) + len(text) > 250:
            found.append("")
        found[-1] += f"¦{text} "
    return found


@pytest.mark.parametrize("text", groups())
def test_hostile_text_is_printed_as_it_is(text: str) -> None:
    """It stands in every field that takes free text; nothing of it runs, opens, links or breaks."""
    export = build_export(1, text=text, questions=2)
    pdf = make(export)
    said = flat("".join(texts(pdf)))
    assert said.count(flat(Cleaner(covered()).text(text))) > 60
    assert attached(pdf)["export.json"] == [canonical(export)]
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert not [a for one in reader.pages for a in one.annotations or [] if "/URI" in str(a.get_object())]


def test_there_are_enough_hostile_texts() -> None:
    assert len(set(HOSTILE)) >= 60


def test_every_plane_of_unicode_can_be_printed() -> None:
    samples = [
        chr(point)
        for plane in range(17)
        for point in range(plane << 16, (plane + 1) << 16, 97)
        if not 0xD800 <= point < 0xE000
    ]
    pdf = make(build_export(0, text="".join(samples[:900]) + "".join(samples[900::7]), questions=1))
    assert findings(pdf, "3a") == []


def test_long_and_dense_text_can_be_printed() -> None:
    export = build_export(1)
    long = ["x" * 10_000, "م" * 10_000, "国" * 10_000, "a " * 5_000, "\n" * 10_000, "q" + "\u0323" * 5_000]
    answers = [
        answer.model_copy(update={"remark": long[place % len(long)]}) if place < 12 else answer
        for place, answer in enumerate(export.answers)
    ]
    assert make(export.model_copy(update={"answers": answers})).startswith(b"%PDF")


# ── the child process ────────────────────────────────────────────────────────────────────────────────────────────────


def child(code: str) -> tuple[str, ...]:
    return (sys.executable, "-P", "-c", code)


def run(code: str, wall_seconds: float = 20.0) -> bytes:
    return typst.render({}, b"{}", MOMENT, worker=child(code), wall_seconds=wall_seconds)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


HANGING = """
import subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({path!r}, "w").write(str(grandchild.pid))
time.sleep({seconds})
grandchild.kill()
print("done")
"""


def test_a_hung_child_is_killed_with_all_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    began = time.monotonic()
    with pytest.raises(ReportTimeout, match="2 seconds"):
        run(HANGING.format(path=str(pid), seconds=60), wall_seconds=2)
    assert time.monotonic() - began < 15
    time.sleep(0.2)
    assert not alive(int(pid.read_text()))


def test_a_slow_child_is_waited_for(tmp_path: Path) -> None:
    assert run(HANGING.format(path=str(tmp_path / "pid"), seconds=1)) == b"done\n"


LIMITED = "from service.reports import worker\n{change}\nimport sys; sys.exit(worker.main())"


def test_a_child_that_computes_without_end_is_stopped() -> None:
    change = "worker.CPU_SECONDS = 1\ndef make(*_):\n    while True: pass\nworker.make = make"
    with pytest.raises(ReportTimeout):
        run(LIMITED.format(change=change))


def test_a_child_that_takes_too_much_memory_fails_alone() -> None:
    with pytest.raises(ReportFailed):
        run(LIMITED.format(change="worker.make = lambda *_: bytes(3 * 1024**3)"))
    assert run(LIMITED.format(change="worker.make = lambda *_: bytes(1024)")) == bytes(1024)


def test_a_report_of_too_many_pages_is_refused() -> None:
    export = build_export(0)
    document = content.build(export, ENGLISH, Seal("0" * 64))
    code = LIMITED.format(change="worker.PAGES = 3")
    with pytest.raises(ReportTooLarge):
        typst.render(document, canonical(export), MOMENT, worker=child(code))


def test_a_failing_child_tells_nothing_to_the_caller(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ReportFailed) as caught:
        run("raise SystemExit('secret path')")
    assert "secret" not in caught.value.detail
    assert "secret path" in caplog.text


def test_the_child_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STOCKTAKE_DATABASE", "postgresql://u:secret@host/db")
    seen = run("import os; print(sorted(os.environ))").decode()
    assert "PYTHONPATH" in seen
    assert "STOCKTAKE" not in seen
    assert "HOME" not in seen


# ── data is never source ─────────────────────────────────────────────────────────────────────────────────────────────

TEMPLATES = files("service.reports").joinpath("templates")


def sources() -> dict[str, str]:
    return {f.name: f.read_text(encoding="utf-8") for f in TEMPLATES.iterdir() if f.name.endswith(".typ")}


def reads(source: str) -> set[str]:
    """What a template reads from outside, and every way it could run text as code."""
    return set(
        re.findall(r"\b(?:(?:read|json|image|yaml|toml|csv|xml|cbor|plugin|eval) *\(|include\b)[^,)\n]*", source)
    )


def test_templates_read_only_the_two_data_files() -> None:
    calls = {call for source in sources().values() for call in reads(re.sub(r"//.*", "", source))}
    assert calls == {'json("data.json"', 'read("export.json"', "image(bytes(d.qr"}


def test_reading_elsewhere_would_be_found() -> None:
    assert reads('#eval(d.x)\n#read("/etc/passwd")') == {"eval(d.x", 'read("/etc/passwd"'}


def test_templates_reach_typst_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given: dict[str, bytes] = {}

    def compile_(project: dict[str, bytes], **_: object) -> tuple[bytes, list[str]]:
        given.update(project)
        return b"%PDF", []

    monkeypatch.setattr("typst.compile_with_warnings", compile_)
    worker.typeset({"payload": "x", "state": '#panic("x")'}, b"{}", 0, tmp_path)
    assert {name: data.decode() for name, data in given.items() if name.endswith(".typ")} == sources()
    assert set(given) - set(sources()) == {"data.json", "export.json"}


def test_a_warning_fails_the_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("typst.compile_with_warnings", lambda *_, **__: (b"%PDF", ["unknown font family"]))
    with pytest.raises(RuntimeError, match="unknown font family"):
        worker.typeset({"payload": "x"}, b"{}", 0, tmp_path)


def test_the_service_never_imports_the_typesetter_into_its_own_process() -> None:
    tree = ast.parse(Path(typst.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not names & {"typst", "pikepdf"}
