"""What is in a copy, and what cannot be told from it: rules without a database."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals import snapshot_of
from export_builder import PARAGRAPHS, build_export, score
from service.sharing import copying
from service.sharing.copying import Extent, copy_of, paragraphs
from stocktake.models.answers import Answer, Source
from stocktake.models.assessments import Checks, Counts, Coverage, ParagraphScore, Progress, Scores
from stocktake.models.catalogue import Checklist, Question
from stocktake.models.export import Export
from stocktake.models.sharing import Edition, SharedCopy, SharedScores
from stocktake.models.snapshot import Snapshot

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DIGEST = "ab" * 32
IDS = tuple(paragraph[0] for paragraph in PARAGRAPHS)
CREDITED = {"p8b.q1": ["p2", "p4"], "p9.site.find": ["p8a"], "p8a.q3": ["p9"]}
"""Questions whose answer counts for further paragraphs."""
Given = tuple[str, ...] | None
some_paragraphs = st.sets(st.sampled_from(IDS), min_size=1).map(lambda ids: tuple(one for one in IDS if one in ids))


def of(question: Question) -> set[str]:
    return {question.paragraph, *question.also}


def mark(*names: str) -> str:
    """A text that says whose it is."""
    return "".join(f"canary<{name}>" for name in names)


@cache
def marked() -> Export:
    """An export in which every text says which paragraph or site it belongs to, or that it belongs to none."""
    export = build_export(6, text=mark("rest"), questions=5)
    questions = [_question(question) for question in export.checklist.questions]
    by_id = {question.id: question for question in questions}
    return export.model_copy(
        update={
            "checklist": export.checklist.model_copy(update={"questions": questions, "title": "Title"}),
            "state": export.state.model_copy(update={"name": "Zandria"}),
            "instrument": export.instrument.model_copy(
                update={
                    "paragraphs": [
                        one.model_copy(update={"text": mark(one.id), "label": mark(one.id)})
                        for one in export.instrument.paragraphs
                    ]
                }
            ),
            "sites": [one.model_copy(update=_names(one.code)) for one in export.sites],
            "answers": [_answer(one, by_id[one.question]) for one in export.answers],
            "scores": export.scores.model_copy(
                update={
                    "paragraphs": [
                        one.model_copy(update={"label": mark(one.paragraph)}) for one in export.scores.paragraphs
                    ]
                }
            ),
            "gaps": [one.model_copy(update={"title": mark(one.question)}) for one in export.gaps],
        }
    )


def _question(question: Question) -> Question:
    texts = dict.fromkeys(("title", "text", "why", "guidance", "quote"), mark(question.id))
    reasons = [reason.model_copy(update={"text": mark(question.id)}) for reason in question.not_applicable]
    return question.model_copy(
        update={**texts, "not_applicable": reasons, "also": CREDITED.get(question.id, []), "norms": [mark(question.id)]}
    )


def _names(code: str) -> dict[str, str]:
    return {"name": mark(f"site {code}"), "unlocode": "ZZQQQ", "iata": "QQQ", "icao": "QQQQ", "agency": "QQ"}


def _answer(answer: Answer, question: Question) -> Answer:
    said = mark(f"answer {question.id}")
    proof = dict.fromkeys(("title", "reference", "holder", "classification"), said)
    return answer.model_copy(
        update={
            "remark": said,
            "value": said if question.answer.type == "text" and answer.kind == "value" else answer.value,
            "reason": said if answer.kind in {"withheld", "other_means"} else answer.reason,
            "evidence": [one.model_copy(update=proof) for one in answer.evidence],
            "source": Source(kind="person", name=mark("source"), version=None),
            "updated_by": mark("author"),
        }
    )


def copied(export: Export, edition: Edition, given: Given) -> SharedCopy:
    return copy_of(snapshot_of(export, AT), DIGEST, Extent(edition, given))


def written(copy: SharedCopy) -> str:
    text: str = rfc8785.dumps(copy.model_dump(mode="json")).decode()
    return text


def canaries(text: str) -> set[str]:
    return {part.partition(">")[0] for part in text.split("canary<")[1:]}


def allowed(given: Iterable[str], edition: Edition) -> set[str]:
    """Whose texts may be in a copy of these paragraphs."""
    export, ids = marked(), set(given)
    questions = [question for question in export.checklist.questions if of(question) & ids]
    names = ids | {question.id for question in questions}
    if edition == "redacted":
        return names
    sites = {f"site {one.code}" for one in export.sites} if any(q.scope == "site" for q in questions) else set()
    return names | sites | {f"answer {question.id}" for question in questions}


# ── nothing of the rest ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("edition", ["national", "redacted"])
@pytest.mark.parametrize("paragraph", IDS)
def test_no_text_of_another_paragraph_is_in_the_copy_of_one(paragraph: str, edition: Edition) -> None:
    text = written(copied(marked(), edition, (paragraph,)))
    assert canaries(text) - allowed([paragraph], edition) == set()
    assert paragraph in canaries(text)  # else the search is blind


@given(some_paragraphs, st.sampled_from(["national", "redacted"]))
def test_no_text_of_another_paragraph_is_in_the_copy_of_some(given: tuple[str, ...], edition: Edition) -> None:
    assert canaries(written(copied(marked(), edition, given))) - allowed(given, edition) == set()


def test_the_search_sees_a_question_that_slips_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_credited", lambda _question: frozenset({"p4"}))
    text = written(copied(marked(), "national", ("p4",)))
    assert canaries(text) - allowed(["p4"], "national") != set()


def scrambled(export: Export, given: tuple[str, ...]) -> Export:
    """Another assessment that agrees with this one in what is given, and differs wherever it can."""
    ids = {question.id for question in export.checklist.questions if of(question) & set(given)}
    nothing = Counts(answered=0, unanswered=99, unknown=98, withheld=97, not_applicable=96)
    return export.model_copy(
        update={
            "assessment": export.assessment.model_copy(update={"version": 99, "id": UUID(int=9), "updated_at": AT}),
            "agencies": [],
            "answers": [_restless(one, ids) for one in export.answers if one.question in ids or one.kind == "value"],
            "progress": Progress(
                asked=9, answered=8, values=7, not_applicable=6, unknown=5, withheld=4, by_section={"p2": (1, 2)}
            ),
            "scores": export.scores.model_copy(
                update={
                    "in_place": score(1),
                    "in_use": score(2),
                    "counts": nothing,
                    "paragraphs": [
                        one if one.paragraph in given else _other(one, nothing) for one in export.scores.paragraphs
                    ],
                }
            ),
            "coverage": Coverage(sites=0, steps=[], by_type=[]),
            "gaps": [one for one in export.gaps if one.question in ids],
            "checks": Checks(results=[], indicators=[]),
        }
    )


def _restless(answer: Answer, kept: set[str]) -> Answer:
    """The same answer written by another hand; another answer where it is not of what is given."""
    hand = {"version": answer.version + 7, "updated_by": "key:zzzzzzzzzz", "updated_at": AT, "source": None}
    other: dict[str, object] = {
        "kind": "unknown",
        "value": None,
        "level": None,
        "remark": "else",
        "evidence": [],
        "reason": None,
    }
    return answer.model_copy(update=hand if answer.question in kept else {**hand, **other})


def _other(one: ParagraphScore, counts: Counts) -> ParagraphScore:
    return one.model_copy(update={"in_place": score(3), "in_use": score(4), "counts": counts})


@settings(max_examples=200, deadline=None)
@given(some_paragraphs, st.sampled_from(["national", "redacted"]), st.integers(0, 999))
def test_nothing_of_the_rest_can_be_told_from_a_copy(given: tuple[str, ...], edition: Edition, seed: int) -> None:
    """Two assessments that agree in what is given make the same copy, byte for byte, however else they differ."""
    export = build_export(3, seed=seed, questions=3)
    if set(given) & {"p8b", "p9"}:  # what is credited to several is given with each of them
        export = export.model_copy(update={"checklist": credited(export)})
    other = scrambled(export, given)
    assert other.answers != export.answers
    assert written(copied(export, edition, given)) == written(copied(other, edition, given))


def credited(export: Export) -> Checklist:
    questions = [
        question.model_copy(update={"also": CREDITED.get(question.id, [])}) for question in export.checklist.questions
    ]
    return export.checklist.model_copy(update={"questions": questions})


def test_what_is_given_does_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is not blind: a difference in what is given makes another copy."""
    export = marked()
    other = scrambled(export, ("p2",))
    assert written(copied(export, "national", ("p2",))) == written(copied(other, "national", ("p2",)))
    assert written(copied(export, "national", ("p2", "p5"))) != written(copied(other, "national", ("p2", "p5")))
    monkeypatch.setattr(copying, "_scores", forgetful)
    assert written(copied(export, "national", ("p2",))) != written(copied(other, "national", ("p2",)))


def forgetful(scores: Scores, _of: Collection[str], *, whole: bool) -> SharedScores:
    """A rule that forgets to leave out the rest."""
    return SharedScores(
        scoring_model="1.0",
        in_place=scores.in_place if whole else None,
        in_use=None,
        paragraphs=scores.paragraphs,
    )


# ── redacted ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_redacted_copy_has_no_name_of_a_site_and_no_text_of_the_state() -> None:
    export = marked()
    copy = copied(export, "redacted", None)
    text = written(copy)
    assert not {name for name in canaries(text) if name.startswith(("site", "answer", "source", "author", "rest"))}
    for site in export.sites:
        assert f'"{site.code}"' not in text
    assert "QQQ" not in text
    assert [site.code for site in copy.sites] == [f"S{place:04d}" for place in range(1, 7)]
    assert [site.type for site in copy.sites] == [site.type for site in export.sites]
    assert "Zandria" in text


def test_a_redacted_copy_keeps_what_the_answers_say() -> None:
    export = marked()
    national, redacted = copied(export, "national", None), copied(export, "redacted", None)
    assert len(redacted.answers) == len(national.answers) == len(export.answers)
    wordy = {question.id for question in export.checklist.questions if question.answer.type == "text"}
    codes = {site.code: told.code for site, told in zip(export.sites, redacted.sites, strict=True)}
    for one, other in zip(national.answers, redacted.answers, strict=True):
        assert (other.question, other.kind, other.level) == (one.question, one.kind, one.level)
        assert other.site == (None if one.site is None else codes[one.site])
        assert other.value == (None if one.question in wordy else one.value)
        assert other.reason == (one.reason if one.kind == "not_applicable" else None)
        assert [(proof.grade, proof.dated) for proof in other.evidence] == [(p.grade, p.dated) for p in one.evidence]
    kinds = {answer.kind for answer in redacted.answers}
    assert kinds == {"value", "other_means", "not_applicable", "unknown", "withheld"}  # each was looked at
    withheld = next(answer for answer in redacted.answers if answer.kind == "withheld")
    assert (withheld.value, withheld.level, withheld.reason) == (None, None, None)
    assert (redacted.scores, redacted.gaps, redacted.questions) == (national.scores, national.gaps, national.questions)


# ── what is given ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_copy_of_some_paragraphs_has_all_of_theirs() -> None:
    export = marked()
    copy = copied(export, "national", ("p2", "p8b"))
    ids = [question.id for question in export.checklist.questions if of(question) & {"p2", "p8b"}]
    assert [question.id for question in copy.questions] == ids
    assert "p8b.q1" in ids
    assert [answer.question for answer in copy.answers] == [a.question for a in export.answers if a.question in ids]
    assert [score.paragraph for score in copy.scores.paragraphs] == ["p2", "p8b"]
    assert (copy.scores.in_place, copy.scores.in_use) == (None, None)
    assert [gap.question for gap in copy.gaps] == [gap.question for gap in export.gaps if gap.question in ids]
    assert [paragraph.id for paragraph in copy.instrument.paragraphs] == ["p2", "p8b"]
    assert copy.sites == []  # nothing of it is asked of sites


def test_sites_come_with_the_questions_that_are_asked_of_them() -> None:
    export = marked()
    assert [site.code for site in copied(export, "national", ("p8a",)).sites] == [site.code for site in export.sites]


def test_a_whole_copy_has_everything() -> None:
    export = marked()
    copy = copied(export, "national", None)
    assert copy.paragraphs is None
    assert copy.questions == export.checklist.questions
    assert copy.gaps == export.gaps
    assert (copy.scores.in_place, copy.scores.in_use) == (export.scores.in_place, export.scores.in_use)
    assert copy.scores.paragraphs == export.scores.paragraphs
    assert Extent("national", None).everything
    assert not Extent("national", ("p2",)).everything
    assert not Extent("redacted", None).everything


def test_what_can_be_given_are_the_paragraphs_that_are_asked_about() -> None:
    export = build_export(1, questions=1)
    assert paragraphs(export) == IDS
    one = [question for question in export.checklist.questions if question.paragraph == "p7"]
    one[0] = one[0].model_copy(update={"also": ["p5"]})
    assert paragraphs(
        export.model_copy(update={"checklist": export.checklist.model_copy(update={"questions": one})})
    ) == ("p5", "p7")


def test_the_copy_names_the_snapshot_and_no_person() -> None:
    snapshot: Snapshot = snapshot_of(marked(), AT)
    text = written(copy_of(snapshot, DIGEST, Extent("national", None)))
    assert DIGEST in text
    assert snapshot.salt not in text
    assert "person:" not in text
