"""Formatting changes how a file looks and never what it says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.findings import WrongChecklist
from service.catalogue.formatting import WIDTH, format_folder, format_part
from service.catalogue.instrument import Adoption, Instrument, Paragraph
from service.catalogue.loader import load
from service.catalogue.lock import lock_bytes
from service.catalogue.yaml_text import plain, read

MANGLED = """\
# A head comment.

# Another.
questions:
  - quote: keep a
      light burning
    id: "p2.lit"
    title: 'Lights'
    text: "How many\\nlights? Some."
    why: |
      First.

      Second.
    guidance: "no"
    paragraph: p2
    strength: derived
    scope: state
    dimension: context
    asked_of:
      - ministry
    answer:
      unit: lights
      max: 5000.00
      type: number
section: profile
"""
FORMATTED = """\
# A head comment.
# Another.
section: profile
questions:
  - id: p2.lit
    title: Lights
    text: |-
      How many
      lights? Some.
    why: |-
      First.

      Second.
    guidance: "no"
    paragraph: p2
    quote: keep a light burning
    strength: derived
    scope: state
    dimension: context
    answer:
      type: number
      unit: lights
      max: 5000
    asked_of: [ministry]
"""


def write(folder: Path) -> int:
    """Format a folder in place; how many files changed."""
    files = format_folder(folder)
    for path, _, after in files:
        path.write_bytes(after)
    return sum(before != after for _, before, after in files)


def test_a_file_is_written_in_the_one_way(harbour: Path) -> None:
    path = harbour / "questions" / "01-profile.yaml"
    path.write_text(MANGLED)
    assert write(harbour) > 0
    assert path.read_text() == FORMATTED


def test_formatting_twice_is_formatting_once_and_keeps_the_content(harbour: Path) -> None:
    before = load(harbour).checklist
    assert write(harbour) == 2
    assert write(harbour) == 0
    assert load(harbour).checklist == before
    assert lock_bytes(load(harbour).checklist) == lock_bytes(before)


def test_the_project_s_own_checklist_is_formatted(content: Path) -> None:
    files = format_folder(content)
    assert len(files) >= 3
    assert [path.name for path, before, after in files if before != after] == []
    assert all(
        len(line) <= WIDTH for _, _, after in files for line in after.decode().splitlines() if " " in line.strip()
    )


def test_nothing_is_given_out_when_one_file_cannot_be_read(harbour: Path) -> None:
    (harbour / "questions" / "01-profile.yaml").write_text("section: &a profile\n")
    (harbour / "checklist.yaml").write_text("format: checklist/1\n")
    with pytest.raises(WrongChecklist) as refused:
        format_folder(harbour)
    assert {Path(finding.file).name for finding in refused.value.findings} == {"checklist.yaml", "01-profile.yaml"}


def part(text: str) -> Instrument:
    paragraph = Paragraph(
        id="p1", label="1", verb="Calls upon", addressee=("member_states",), speaks_to_states=True, text=text
    )
    adoption = Adoption(body="Body", session="First")
    return Instrument(
        format="instrument/1", id="x", symbol="X", title="X", language="en", adoption=adoption, paragraphs=(paragraph,)
    )


AWKWARD = [
    "no", "NULL", "~", "1.10", "12:30", "0o7", "2018-11-14", "1_000", "- a", "? a", "a: b", "a:", "a #b", "# a", "'a'",
    '"a"', "\\n", "[a]", "{a}", "%a", "@a", "`a`", "&a", "*a", "!a", "|", ">-", "a\n\nb", "a\n b", "a\n\n\nb\nc",
    "a  b", "…", "«a» ?", "نص", "x" * 300, "y " * 200 + "z", "a  " + "b " * 100 + "c", "=", "<<", "...", "---", ",",
    "word " * 30 + "\n" + "- item " * 30, "\u00a0a", "é: è", ":a", "a:b", "https://example.org/#part",
]  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_words_come_back(text: str) -> None:
    comes_back(text)


@given(st.text(alphabet=st.sampled_from("ab1 \n:#-'\"\\[],é?%&*!|>@."), min_size=1, max_size=300))
def test_any_text_comes_back(text: str) -> None:
    if text.strip():
        comes_back(text)


def comes_back(text: str) -> None:
    made = part(text)
    data = format_part(made, "")
    document = read(data, "x")
    assert document.root is not None
    again = Instrument.model_validate(plain(document.root.node))
    assert again == made
    assert again.paragraphs[0].text == text.strip()
    assert format_part(again, data.decode()) == data


def test_numbers_are_written_plain_and_words_like_numbers_quoted(harbour: Path) -> None:
    write(harbour)
    lights = (harbour / "questions" / "02-lights.yaml").read_text()
    assert "at_least: 98.5\n" in lights
    assert 'in: ["yes", partial]' in lights
    assert 'scoring_model: "1.0"' in (harbour / "checklist.yaml").read_text()
