"""Strict reading: scalars stay strings, lines are known, and no bytes whatever make it fail otherwise."""

from hypothesis import given
from hypothesis import strategies as st

from service.catalogue.yaml_text import DEEPEST, LARGEST, Spot, plain, read


def test_every_scalar_stays_the_text_it_is() -> None:
    words = ["no", "NO", "on", "1.10", "12:30", "0x1F", "1e3", "2018-11-14", "true", ".5", "007"]
    document = read(("a: [" + ", ".join(words) + "]\nno: yes\n").encode(), "x")
    assert document.root is not None
    assert plain(document.root.node) == {"a": words, "no": "yes"}
    assert document.findings == ()


def test_the_line_of_a_value_is_that_of_its_key() -> None:
    document = read(b"# head\na:\n  - b: 1\n    c: >-\n      folded\n      text\n  - - d\n", "x")
    assert document.root is not None
    root = document.root
    assert [root.at(*path).node.line for path in ((), ("a",), ("a", 0, "c"), ("a", 1), ("a", 1, 0))] == [2, 2, 4, 7, 7]
    assert root.at("a", 0, "absent", "c").node.line == 4, "unknown steps are passed over"
    assert [(key, scalar.text) for key, scalar in root.scalars()] == [("b", "1"), ("c", "folded text"), ("a", "d")]


def test_a_file_beyond_the_largest_is_not_even_decoded() -> None:
    assert read(b"a: " + b"x" * (LARGEST - 4) + b"\n", "x").root is not None
    refused = read(b"\xff" * (LARGEST + 1), "x")
    assert refused.root is None
    assert "split it" in refused.findings[0].message


def test_bytes_that_are_not_utf8_are_named_with_their_line() -> None:
    found = read(b"a: b\nc: \xe9\n", "x").findings
    assert [(f.line, f.message) for f in found] == [(2, "this is not UTF-8; save the file as UTF-8")]


def test_depth_is_bounded() -> None:
    def nested(depth: int) -> bytes:
        return b"".join(b" " * n + b"a:\n" for n in range(depth - 1)) + b" " * (depth - 1) + b"a: b\n"

    assert read(nested(DEEPEST), "x").findings == ()
    assert "within one another" in read(nested(DEEPEST + 1), "x").findings[0].message
    assert read(b"[" * 100_000, "x").findings


def test_an_empty_file_is_refused() -> None:
    for data in (b"", b"# only a comment\n", b"---\n"):
        assert read(data, "x").findings, data


def test_all_that_is_wrong_is_told_once_in_one_reading() -> None:
    found = read(b"a: &x b\nc: *x\nd: !!int 3\ne: {f: g}\na: ~\n", "x").findings
    assert [f.line for f in found] == [1, 2, 3, 4, 5, 5]


@given(st.binary(max_size=60) | st.text(alphabet="ab:-?[]{}#&*!|>'\"%@,~ \n\\xU0", max_size=40).map(str.encode))
def test_any_bytes_give_a_tree_or_findings(data: bytes) -> None:
    document = read(data, "x")
    assert document.findings or isinstance(document.root, Spot)
    assert all(1 <= finding.line <= data.count(b"\n") + 2 for finding in document.findings)
