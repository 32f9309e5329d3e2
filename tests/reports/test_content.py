import json
from collections.abc import Iterator
from datetime import date
from typing import cast

import pytest

from export_builder import build_export, canonical, score
from service.languages.words import words_of
from service.reports import annex, content, paragraphs, sites, summary, terms
from service.reports.asking import outside
from service.reports.seal import Seal
from service.reports.wording import Wording
from stocktake.models.answers import Answer, Evidence
from stocktake.models.export import Export

DIGEST = "0123456789abcdef" * 4
EN = words_of("en")
ENGLISH = Wording(EN, "en")
Table = dict[str, list[list[object]]]


def strings(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from strings(value)


def all_text(export: Export) -> str:
    return "\n".join(strings(content.build(export, ENGLISH, Seal(DIGEST))))


@pytest.mark.parametrize("count", [0, 1, 42, 300])
def test_a_document_is_plain_data_and_always_the_same(count: int) -> None:
    export = build_export(count)
    document = content.build(export, ENGLISH, Seal(DIGEST))
    assert json.loads(json.dumps(document)) == document
    assert content.build(Export.model_validate_json(canonical(export)), ENGLISH, Seal(DIGEST)) == document
    grid = cast("Table", cast("dict[str, object]", document["sites"])["grid"])
    assert len(grid["rows"]) == count


def test_it_is_a_draft_and_names_itself() -> None:
    document = content.build(build_export(2), ENGLISH, Seal(DIGEST))
    assert document["status"] == "DRAFT"
    assert document["digest"] == [DIGEST[:32], DIGEST[32:]]
    assert document["right_foot"] == f"Digest {DIGEST[:12]} · page {{page}} of {{pages}}"
    assert document["payload"] == f"3f2a9c1e-7b54-4d0e-9a61-0c5d8e2f7a90|1.17|national|{DIGEST}"
    assert document["title"] == "Self-assessment of the implementation of General Assembly resolution 73/11"


def test_the_words_of_the_field_and_the_approving_office_come_from_the_checklist() -> None:
    export = build_export(2)
    document = content.build(export, ENGLISH, Seal(DIGEST))
    terms = [entry["term"] for entry in cast("list[dict[str, str]]", document["glossary"])]
    assert terms == ["Band", "Gap", "NCB", "Site", "Tier"]
    roles = [entry["role"] for entry in cast("dict[str, list[dict[str, str]]]", document["signoff"])["roles"]]
    assert roles[2] == "Head of the National Central Bureau"
    bare = export.checklist.model_copy(update={"cited_as": None, "approver": None, "glossary": []})
    without = content.build(export.model_copy(update={"checklist": bare}), ENGLISH, Seal(DIGEST))
    assert without["title"] == "Self-assessment of the implementation of A/RES/73/11"
    said = "\n".join(strings([without["method"], without["signoff"], without["glossary"], without["notice"]]))
    assert "Head of the responsible authority" in said
    assert not [word for word in ("INTERPOL", "NCB", "Central Bureau", "SLTD", "United Nations") if word in said]


def test_it_never_speaks_of_violation_or_compliance() -> None:
    said = all_text(build_export(42)).lower()
    assert "violat" not in said
    assert "complian" not in said
    assert "implementation" in said


def test_the_summary_says_five_things() -> None:
    export = build_export(42)
    page = cast("dict[str, list[str]]", summary.page(export, EN))
    assert len(page["sentences"]) == 5
    assert page["sentences"][0].startswith("Republic of Zandria has answered 212 of the 223 questions")
    assert "61\u00a0% in place (partial, at most 68\u00a0%; evidence supports 49\u00a0%)" in page["sentences"][1]
    assert "Of 42 sites in operation" in page["sentences"][3]
    assert all(sentence.endswith(".") for sentence in page["sentences"])


def test_no_sites_is_said_in_words() -> None:
    page = cast("dict[str, list[str]]", summary.page(build_export(0), EN))
    assert page["sentences"][3].startswith("No site was in operation")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (score(61), ("61\u00a0%", "Partial")),
        (score(55), ("55\u00a0%", "Partial (limited basis)")),
        (score(28, 45), ("–", "insufficient information (known 55\u00a0%)")),
        (score(30, 20), ("30\u00a0%", "Early")),
    ],
)
def test_a_suppressed_score_shows_what_is_known_instead(given: object, expected: tuple[str, str]) -> None:
    assert terms.headline(given, EN) == expected  # type: ignore[arg-type]  # parametrize is untyped


def test_the_chart_has_the_paragraphs_with_scores_and_names_the_others() -> None:
    chart = cast("dict[str, object]", paragraphs.profile(build_export(2), EN))
    rows = cast("list[dict[str, list[dict[str, object]]]]", chart["rows"])
    labels = [row["label"] for row in cast("list[dict[str, str]]", chart["rows"])]
    assert "6" in labels
    assert "7" not in labels
    assert chart["absent"] == "Not applicable: paragraph\u00a07."
    assert rows[0]["bars"][0]["low"] == 620
    assert rows[0]["bars"][0]["high"] == 700
    assert rows[0]["bars"][0]["supported"] == 400
    assert rows[3]["bars"][1]["absent"] is True
    assert "Paragraph\u00a02: in place 62\u00a0%, Partial" in str(chart["alt"])


def test_sites_stand_by_type_and_then_by_travellers() -> None:
    export = build_export(42)
    rows = cast("Table", sites.grid(export, outside(export), EN))["rows"]
    by_code = {site.code: site for site in export.sites}
    order = [by_code[cast("dict[str, str]", row[0])["code"]] for row in rows]
    kinds = list(dict.fromkeys(site.type for site in order))
    assert [site.type for site in order] == sorted((s.type for s in order), key=kinds.index)
    airports = [site.travellers for site in order if site.type == "airport"]
    known = [travellers for travellers in airports if travellers is not None]
    assert known == sorted(known, reverse=True)
    assert airports[: len(known)] == known


def answer(**changes: object) -> Answer:
    first = next(a for a in build_export(0).answers if a.kind == "value" and a.level is not None)
    return first.model_copy(update=changes)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "empty"),
        (answer(level=4), "full"),
        (answer(level=3), "full"),
        (answer(level=2), "part"),
        (answer(level=1), "part"),
        (answer(level=0), "none"),
        (answer(kind="unknown", value=None, level=None), "open"),
        (answer(kind="withheld", value=None, level=None), "open"),
        (answer(kind="not_applicable", value=None, level=None), "outside"),
        (answer(kind="other_means", value=3, level=None), "full"),
    ],
)
def test_each_standing_has_its_mark(given: Answer | None, expected: str) -> None:
    assert sites.standing(given) == expected


def test_the_funnel_counts_only_sites_to_which_a_step_applies() -> None:
    export = build_export(42)
    step = export.coverage.steps[0]
    bars = cast("dict[str, list[dict[str, object]]]", sites.funnel(export, EN))["bars"]
    assert bars[0]["text"] == f"{step.reached} of {42 - step.not_applicable}"


def test_long_gap_lists_go_on_in_the_annex() -> None:
    export = build_export(42)
    document = content.build(export, ENGLISH, Seal(DIGEST))
    main, more = cast("Table", document["gaps"]), cast("Table", document["more_gaps"])
    assert len(main["rows"]) == content.GAPS
    assert len(main["rows"]) + len(more["rows"]) == len(export.gaps)
    assert more["rows"][0][0] == "26"
    assert cast("dict[str, str]", document["gaps"])["note"] == "10 more gaps are in annex F."
    assert cast("dict[str, str]", document["more_gaps"])["note"] == ""


@pytest.mark.parametrize(
    ("grade", "dated", "expected"),
    [(3, date(2026, 1, 1), 3), (3, date(2023, 1, 1), 2), (0, date(2019, 1, 1), 0), (1, date(2020, 1, 1), 0)],
)
def test_old_evidence_counts_for_less(grade: int, dated: date, expected: int) -> None:
    export = build_export(0)
    question = next(q for q in export.checklist.questions if q.dimension == "in_place")
    given = answer(evidence=[Evidence(title="Record", grade=grade, dated=dated)])
    assert annex.best_grade(given, question, export.assessment.period_end) == expected


def test_every_state_question_stands_in_annex_a() -> None:
    export = build_export(3)
    found = cast("dict[str, list[Table]]", annex.answers(export, outside(export), EN))["sections"]
    asked = [q.id for q in export.checklist.questions if q.scope == "state"]
    rows = [row for section in found for row in section["rows"]]
    assert [cast("dict[str, str]", row[0])["id"] for row in rows] == asked
    assert "No answer recorded" in [cast("dict[str, str]", row[1])["main"] for row in rows]


def test_site_answers_are_counted_to_the_last() -> None:
    export = build_export(42)
    for row in cast("Table", annex.site_answers(export, outside(export), EN))["rows"]:
        assert sum(int(cast("str", cell)) for cell in row[1:]) == 42


def test_a_paragraph_says_what_it_is_about() -> None:
    export = build_export(0)
    assert paragraphs.topic(export, "p8a", EN) == "Secure communication"
    bare = export.checklist.model_copy(update={"sections": []})
    assert paragraphs.topic(export.model_copy(update={"checklist": bare}), "p8a", EN) == ""
    also = [
        q.model_copy(update={"also": ["p8a"]}) if q.paragraph in ("p9", "p8b") else q
        for q in export.checklist.questions
    ]
    lent = export.checklist.model_copy(update={"sections": [], "questions": also})
    assert (
        paragraphs.topic(export.model_copy(update={"checklist": lent}), "p8a", EN)
        == "Through questions on 8\u00a0(b) and 9"
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"level": 2, "sites_below": None}, "2 → 3"),
        ({"level": None, "sites_below": None}, "not known → 3"),
        ({"level": None, "sites_below": 4, "sites_asked": 9}, "by site → 3"),
    ],
)
def test_a_gap_says_from_where_to_where(changes: dict[str, object], expected: str) -> None:
    export = build_export(1)
    gap = export.gaps[0].model_copy(update=changes)
    [row] = cast("Table", content.gaps(export, [gap], 1, EN))["rows"]
    assert row[4] == expected


def test_an_indicator_says_its_figure_or_that_there_is_none() -> None:
    indicators = cast("dict[str, Table]", content.checks(build_export(0), EN))["indicators"]
    assert [row[1] for row in indicators["rows"]] == [
        "58.41 % (5,841 of 10,000 travellers)",
        "2,000 per 100,000",
        "Not computable: an answer is missing",
    ]


def test_evidence_used_twice_is_one_row() -> None:
    export = build_export(42)
    pieces = {(e.title, e.grade, e.dated, e.sha256) for a in export.answers for e in a.evidence}
    assert len(cast("Table", annex.evidence(export, EN))["rows"]) == len(pieces)


def test_evidence_counts_a_site_once_however_many_answers_it_serves() -> None:
    proof = Evidence(title="Inspection note", grade=2, dated=date(2026, 3, 1))
    uses = [("p9.a", "X"), ("p9.b", "X"), ("p9.a", "Y"), ("p9.c", None)]
    given = [answer(evidence=[proof]).model_copy(update={"question": q, "site": site}) for q, site in uses]
    [row] = cast("Table", annex.evidence(build_export(0).model_copy(update={"answers": given}), EN))["rows"]
    assert row[-1] == {"main": "p9.a and 2 more", "sub": "2 sites"}


def test_characters_that_cannot_be_shown_are_counted_in_the_notice() -> None:
    clear = content.build(build_export(0), ENGLISH, Seal(DIGEST))
    assert clear["unprintable"] == ""
    hit = content.build(build_export(0, text="smile \U0001f600"), ENGLISH, Seal(DIGEST))
    assert "cannot be shown" in str(hit["unprintable"])


@pytest.mark.parametrize(
    ("fraction", "expected"),
    [("1/2", "50\u00a0%"), ("1/200", "1\u00a0%"), ("1/201", "0\u00a0%"), ("1/1", "100\u00a0%")],
)
def test_shares_are_rounded_half_up(fraction: str, expected: str) -> None:
    assert terms.share(fraction, EN) == expected
