"""Each check of a seal and of a log: a forgery that it finds and no other check does."""

import copy
from collections.abc import Callable
from typing import cast

import pytest
from pydantic import JsonValue

from forging import Change, drop, forged, part, put
from sealed_builder import APPROVER, Json, books, canonical, chained, moment, small_export
from stocktake import _chain, _seal, verify
from stocktake.verification import Findings

EXPORT = small_export()
ONE = books(EXPORT)


def told(found: Findings) -> list[tuple[str, str]]:
    """Code and place of all that is wrong."""
    return [(finding.code, finding.at) for finding in found.wrong]


# ── each check of a seal ─────────────────────────────────────────────────────────────────────────────────────────────


def of_another_state(seal: Json) -> None:
    seal["state"] = "QZB"


def resubmitted_after_approval(seal: Json) -> None:
    signoffs = cast("list[JsonValue]", part(seal, "snapshot")["signoffs"])
    signoffs.reverse()


def first_of_all(seal: Json) -> None:
    part(seal, "event").update(number=1)


SEALS = [
    ("no_more_members", put("note", to="x"), "", [("unknown_member", "/note")]),
    ("no_more_members", put("event", "a/b~", to="x"), "", [("unknown_member", "/event/a~1b~0")]),
    ("digest_of_the_snapshot", put("snapshot", "salt", to="0" * 64), "", [("wrong_digest", "/digest")]),
    ("digest_of_the_snapshot", put("snapshot", "more", to=1), "", [("wrong_digest", "/digest")]),
    ("hash_of_the_event", put("event", "at", to=moment(7)), "", [("wrong_hash", "/event/hash")]),
    (
        "approval_of_this_snapshot",
        put("event", "action", to="answer.write"),
        "hash",
        [("not_approval", "/event/action")],
    ),
    (
        "approval_of_this_snapshot",
        put("event", "subject", to=f"/v1/assessments/{EXPORT.assessment.id}x"),
        "hash",
        [("other_subject", "/event/subject")],
    ),
    (
        "approval_of_this_snapshot",
        put("event", "subject", to=f"/v1/assessments/{str(EXPORT.assessment.id)[:-1]}/approval"),
        "hash",
        [("other_subject", "/event/subject")],
    ),
    (
        "approval_of_this_snapshot",
        put("event", "subject", to=f"/v1/assessments/{str(EXPORT.assessment.id)[:-1]}1"),
        "hash",
        [("other_subject", "/event/subject")],
    ),
    ("approval_of_this_snapshot", put("event", "digest", to="0" * 64), "hash", [("other_digest", "/event/digest")]),
    ("approval_of_this_snapshot", put("event", "digest", to=None), "hash", [("other_digest", "/event/digest")]),
    ("approval_of_this_snapshot", first_of_all, "hash", [("broken_link", "/event/previous")]),
    (
        "one_state",
        of_another_state,
        "hash",
        [("other_state", "/snapshot/export/state/code"), ("other_state", "/snapshot/export/assessment/state")],
    ),
    (
        "one_state",
        put("snapshot", "export", "state", "code", to="QZB"),
        "all",
        [("other_state", "/snapshot/export/state/code")],
    ),
    ("signed_off_in_order", put("snapshot", "signoffs", to=[]), "all", [("signoff_steps", "/snapshot/signoffs")]),
    ("signed_off_in_order", drop("snapshot", "signoffs", 0), "all", [("signoff_steps", "/snapshot/signoffs")]),
    ("signed_off_in_order", drop("snapshot", "signoffs", 1), "all", [("signoff_steps", "/snapshot/signoffs")]),
    ("signed_off_in_order", resubmitted_after_approval, "all", [("signoff_steps", "/snapshot/signoffs")]),
    (
        "signed_off_in_order",
        put("snapshot", "signoffs", 0, "at", to=moment(8)),
        "all",
        [("signoff_order", "/snapshot/signoffs")],
    ),
    (
        "signed_off_in_order",
        put("snapshot", "approved_at", to=moment(7)),
        "all",
        [("approved_at", "/snapshot/approved_at")],
    ),
    (
        "two_persons",
        put("snapshot", "signoffs", 0, "person", to=APPROVER),
        "all",
        [("same_person", "/snapshot/signoffs/1/person")],
    ),
    (
        "two_persons",
        put("snapshot", "signoffs", 1, "person", to="person:zz99zz99zz"),
        "all",
        [("other_person", "/snapshot/signoffs/1/person")],
    ),
    ("place_in_the_row", put("snapshot", "replaces", to="0" * 64), "all", [("replaces", "/snapshot/replaces")]),
    ("place_in_the_row", put("snapshot", "revision", to=2), "all", [("replaces", "/snapshot/replaces")]),
]


@pytest.mark.parametrize(("check", "change", "mend", "wrong"), SEALS, ids=map(str, range(len(SEALS))))
def test_a_forgery_of_a_seal_is_found_by_one_check_alone(
    check: str, change: Change, mend: str, wrong: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = forged(ONE.sealed[0], change, mend=mend)
    found = verify(content)
    assert (found.outcome, told(found)) == ("wrong", wrong)
    fewer = tuple(one for one in _seal.CHECKS if one.__name__ != check)
    monkeypatch.setattr(_seal, "CHECKS", fewer)
    assert verify(content).outcome == "verified"


def test_no_check_of_a_seal_goes_untried() -> None:
    assert {check for check, *_ in SEALS} == {check.__name__ for check in _seal.CHECKS}


def test_sent_back_and_submitted_again_is_in_order() -> None:
    def twice(seal: Json) -> None:
        steps = cast("list[Json]", part(seal, "snapshot")["signoffs"])
        steps.insert(0, {**steps[0], "at": moment(2), "person": "person:zz99zz99zz"})

    assert verify(forged(ONE.sealed[0], twice)).outcome == "verified"


@pytest.mark.parametrize("spelled", [str(EXPORT.assessment.id).upper(), EXPORT.assessment.id.hex])
def test_the_assessment_may_be_spelled_as_it_was_asked_for(spelled: str) -> None:
    change = put("event", "subject", to=f"/v1/assessments/{spelled}/approval")
    assert verify(forged(ONE.sealed[0], change, mend="hash")).outcome == "verified"


# ── each check of a log ──────────────────────────────────────────────────────────────────────────────────────────────

Rewrite = Callable[[list[Json]], list[Json]]


def more(events: list[Json]) -> list[Json]:
    events[4]["note"] = "x"
    return events


def one_less(events: list[Json]) -> list[Json]:
    return chained("QZA", events[:4] + events[5:])


def exchanged(events: list[Json]) -> list[Json]:
    return chained("QZA", [*events[:4], events[5], events[4], *events[6:]])


def forked(events: list[Json]) -> list[Json]:
    events[4]["subject"] = "/v1/elsewhere"
    new = chained("QZA", [events[4]], previous=str(events[4]["previous"]))
    return [*events[:4], *new, *events[5:]]


def begun_elsewhere(events: list[Json]) -> list[Json]:
    return chained("QZA", events, previous="1" * 64)


def rewritten(events: list[Json]) -> list[Json]:
    events[9]["actor"] = "operator"
    return events


LOGS = [
    ("no_more_members", more, [("unknown_member", "/events/4/note")]),
    ("no_gap", one_less, [("gap", "/events/4/number")]),
    ("no_gap", exchanged, [("gap", f"/events/{place}/number") for place in (4, 5, 6)]),
    ("bound_to_the_one_before", forked, [("broken_link", "/events/5/previous")]),
    ("bound_to_the_one_before", begun_elsewhere, [("broken_link", "/events/0/previous")]),
    ("its_own_hash", rewritten, [("wrong_hash", "/events/9/hash")]),
]


@pytest.mark.parametrize(("check", "rewrite", "wrong"), LOGS)
def test_a_forgery_of_a_log_is_found_by_one_check_alone(
    check: str, rewrite: Rewrite, wrong: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = rewrite(copy.deepcopy(ONE.events))
    content = canonical({**ONE.log, "events": cast("list[JsonValue]", events)})
    found = verify(content)
    assert (found.outcome, told(found)) == ("wrong", wrong)
    fewer = tuple(one for one in _chain.CHECKS if one.__name__ != check)
    monkeypatch.setattr(_chain, "CHECKS", fewer)
    assert verify(content).outcome == "verified"


def test_no_check_of_a_log_goes_untried() -> None:
    assert {check for check, *_ in LOGS} == {check.__name__ for check in _chain.CHECKS}


def test_another_states_log_and_more_members_of_a_log_are_found() -> None:
    found = verify(canonical({**ONE.log, "state": "QZB"}))
    assert told(found) == [("wrong_hash", f"/events/{place}/hash") for place in range(10)]
    assert told(verify(canonical({**ONE.log, "total": 10}))) == [("unknown_member", "/total")]


def test_a_log_cut_short_is_found_by_its_last_hash_alone() -> None:
    cut = canonical(ONE.part(1, 9))
    assert verify(cut).outcome == "verified"
    assert told(verify(cut, expected=ONE.head)) == [("not_expected", "")]
