"""Random changes of what is verified, and not one that passes. `make mutate` makes 10,000 of them, `make test` 2,000.

A change is found when the changed file is not verified; a log is verified against its last hash, without which nobody
can tell that its end was cut off. Drawn again is what changes nothing: the same bytes, and a log that lacks its first
events only, for that is a part of the same log and says with which event it begins. Compressed bytes that unpack to the
very same file are counted apart: nothing that is verified was changed.
"""

import json
import os
import random
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from mutations import changed_bytes, log_mutation, seal_mutation
from pdf_writing import packed, pdf_with, with_attachment, with_packed
from sealed_builder import books, canonical, other_state, small_export
from stocktake import _canonical, _chain, _seal, verification, verify

pytestmark = pytest.mark.long

MUTATIONS = int(os.environ.get("MUTATIONS", "2000"))
SEED = int(os.environ.get("MUTATION_SEED", "73"))

EXPORT = small_export()
ONE, OTHER = books(EXPORT), other_state(EXPORT)
SEALED, LOG = canonical(ONE.sealed[0]), canonical(ONE.log)


TRUE = frozenset(map(canonical, ONE.sealed)) | {canonical(ONE.part(first, 10)) for first in range(1, 11)}
"""What may be drawn and is no change: both sealed files, and the log from any of its events on."""


def drawn(draw: Callable[[random.Random], bytes], times: int) -> Iterator[bytes]:
    """So many changed files."""
    chance = random.Random(SEED)  # noqa: S311  # the same changes each time
    while times:
        new = draw(chance)
        if new not in TRUE:
            times -= 1
            yield new


def seals(times: int) -> Iterator[bytes]:
    """Changed sealed files."""
    return drawn(lambda chance: seal_mutation(ONE, OTHER, chance), times)


def logs(times: int) -> Iterator[bytes]:
    """Changed logs."""
    return drawn(lambda chance: log_mutation(ONE, OTHER, chance), times)


def survivors(files: Iterator[bytes], expected: str | None = None) -> Iterator[bytes]:
    """The changed files that are verified all the same."""
    return (content for content in files if verify(content, expected=expected).outcome == "verified")


@pytest.fixture(scope="module")
def pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A PDF that carries the sealed file."""
    return pdf_with(SEALED, tmp_path_factory.mktemp("pdf"))


def test_untouched_files_are_verified(pdf: bytes) -> None:
    assert verify(SEALED).outcome == verify(LOG).outcome == verify(pdf).outcome == "verified"
    assert verify(LOG, expected=ONE.head).outcome == "verified"
    again = with_attachment(pdf, SEALED)
    assert verify(again).outcome == "verified"


def test_a_changed_sealed_file_is_found() -> None:
    assert list(survivors(seals(MUTATIONS * 2 // 5))) == []


def test_a_changed_log_is_found() -> None:
    assert list(survivors(logs(MUTATIONS * 2 // 5), ONE.head)) == []


def test_changed_data_in_a_pdf_is_found(pdf: bytes) -> None:
    files = (with_attachment(pdf, content) for content in seals(MUTATIONS // 10))
    assert list(survivors(files)) == []


def test_changed_compressed_bytes_in_a_pdf_are_found(pdf: bytes) -> None:
    start, end = packed(pdf)
    untouched = pdf[start:end]
    told: Counter[str] = Counter()
    for new in drawn(lambda chance: changed_bytes(untouched, chance), MUTATIONS // 10):
        outcome = verify(with_packed(pdf, new)).outcome
        if outcome == "verified":
            assert zlib.decompress(new) == SEALED
        told[outcome] += 1
    assert told.pop("verified", 0) <= MUTATIONS // 500
    assert sum(told.values()) >= MUTATIONS // 10 - MUTATIONS // 500


# ── that the changes are worth something: a verifier with one check less lets some pass ──────────────────────────────


def lenient(content: bytes) -> object:
    """JSON as anybody reads it."""
    try:
        return json.loads(content)
    except ValueError as error:
        raise _canonical.NotCanonical("not_json", str(error)) from error


@pytest.mark.parametrize(
    "check", ["no_more_members", "digest_of_the_snapshot", "hash_of_the_event", "approval_of_this_snapshot"]
)
def test_a_seal_with_one_check_less_lets_changes_pass(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = tuple(one for one in _seal.CHECKS if one.__name__ != check)
    assert len(fewer) == len(_seal.CHECKS) - 1
    monkeypatch.setattr(_seal, "CHECKS", fewer)
    assert any(survivors(seals(1_000)))


@pytest.mark.parametrize("check", ["no_more_members", "bound_to_the_one_before", "its_own_hash"])
def test_a_chain_with_one_check_less_lets_changes_pass(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = tuple(one for one in _chain.CHECKS if one.__name__ != check)
    assert len(fewer) == len(_chain.CHECKS) - 1
    monkeypatch.setattr(_chain, "CHECKS", fewer)
    assert any(survivors(logs(1_000), ONE.head))


def test_a_lenient_reader_lets_changes_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "read", lenient)
    assert any(survivors(seals(1_000)))


def test_without_its_last_hash_a_log_may_be_cut_short() -> None:
    assert any(survivors(logs(1_000)))
