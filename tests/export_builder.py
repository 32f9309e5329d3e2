"""A made-up assessment of a made-up state, whole, for tests of what reads exports."""

import json
import random
from datetime import UTC, date, datetime
from fractions import Fraction
from uuid import UUID

from stocktake.models.answers import Answer, AnswerKind, Evidence, Source, Value
from stocktake.models.assessments import (
    AssessmentSummary,
    Band,
    CheckResult,
    Checks,
    Confidence,
    Counts,
    Coverage,
    Gap,
    IndicatorResult,
    ParagraphScore,
    Progress,
    Score,
    Scores,
    StepCount,
    TypeCoverage,
)
from stocktake.models.catalogue import (
    AnswerType,
    Checklist,
    Instrument,
    Option,
    Paragraph,
    Question,
    Reason,
    Section,
    Term,
)
from stocktake.models.export import Export
from stocktake.models.registry import Agency, Site, SiteType, State

MOMENT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
PARAGRAPHS = (
    ("p2", "2", "stresses", ["member states"], "use of databases against terrorism"),
    ("p4", "4", "stresses", ["member states"], "use of capabilities against trafficking in persons"),
    ("p5", "5", "stresses", ["member states"], "use of capabilities against smuggling of migrants"),
    ("p6", "6", "emphasizes", ["UN", "INTERPOL"], "training of national central bureaux"),
    ("p7", "7", "encourages", ["UN"], "tracing of weapons"),
    ("p8a", "8 (a)", "encourages", ["member states"], "secure communication"),
    ("p8b", "8 (b)", "encourages", ["member states"], "populating and querying databases"),
    ("p8c", "8 (c)", "encourages", ["member states"], "notices and diffusions"),
    ("p8d", "8 (d)", "encourages", ["member states"], "analysis files"),
    ("p8e", "8 (e)", "encourages", ["member states"], "operational support and training"),
    ("p9", "9", "acknowledges", ["member states"], "checks of all travellers at strategic locations"),
)
STEPS = (
    ("p9.site.mode", "Live access at the site"),
    ("p9.site.find", "Search inside the border system"),
    ("p9.site.entry_share", "Automatic on entry"),
    ("p9.site.exit_share", "Automatic on exit"),
)
TYPES: tuple[SiteType, ...] = ("airport", "seaport", "land_crossing", "rail", "customs_post")
TOWNS = (
    "Almora",
    "Brenn",
    "Cestia",
    "Dolva",
    "Estre",
    "Farin",
    "Gorlan",
    "Hestia",
    "Ilmar",
    "Jorva",
    "Kestrel",
    "Lunde",
)
DETAIL = (
    "The agreement on exchange between the two services is in force since March; the joint procedure "
    "was signed in June and the help desk works around the clock."
)


def build_export(sites: int = 42, *, text: str | None = None, seed: int = 73, questions: int = 5) -> Export:
    """An export with so many sites and (up to five) questions on each paragraph; ``text`` fills every free text."""
    chance = random.Random(seed)  # noqa: S311  # the same made-up numbers each time
    state = State(code="QZA", name=text or "Republic of Zandria", un_member=True, interpol_member=True, version=3)
    instrument, checklist = _instrument(text), _checklist(text, questions)
    register = [_site(place, chance, text) for place in range(sites)]
    register.sort(key=lambda site: (site.type, site.code))
    answers = _answers(checklist, register, chance, text)
    coverage = _coverage(register, answers)
    return Export(
        format="stocktake/export/1",
        assessment=AssessmentSummary(
            id=UUID("3f2a9c1e-7b54-4d0e-9a61-0c5d8e2f7a90"),
            state="QZA",
            checklist=checklist.id,
            checklist_version=checklist.version,
            digest=checklist.digest,
            cycle="2026",
            period_start=date(2025, 11, 1),
            period_end=date(2026, 10, 31),
            status="draft",
            revision=1,
            version=17,
            opened_at=datetime(2026, 9, 1, 8, 0, tzinfo=UTC),
            updated_at=datetime(2026, 11, 14, 16, 5, tzinfo=UTC),
        ),
        state=state,
        agencies=[
            Agency(code="NCB", name=text or "National Central Bureau", kind="ncb", version=1),
            Agency(code="BG", name=text or "Border Guard", kind="border_guard", version=1),
            Agency(code="CUS", name=text or "Customs Service", kind="customs", version=1),
        ],
        instrument=instrument,
        checklist=checklist,
        sites=register,
        answers=answers,
        progress=_progress(checklist, register, answers),
        scores=_scores(),
        coverage=coverage,
        gaps=_gaps(checklist, coverage, text),
        checks=_checks(register, text),
    )


def canonical(export: Export) -> bytes:
    """The export as sorted compact JSON: near enough to the canonical form for what is tested here."""
    return json.dumps(export.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _instrument(text: str | None) -> Instrument:
    return Instrument(
        id="zandria-text",
        symbol="A/RES/73/11",
        title="Cooperation between the United Nations and the International Criminal Police Organization (INTERPOL)",
        language="en",
        adopted="2018-11-26",
        note=None,
        paragraphs=[
            Paragraph(id=id_, label=label, verb=verb, addressee=who, speaks_to_states=True, text=text or about)
            for id_, label, verb, who, about in PARAGRAPHS
        ],
    )


def _checklist(text: str | None, per_paragraph: int) -> Checklist:
    questions = [
        _state_question(place, paragraph[0], text) for place in range(per_paragraph) for paragraph in PARAGRAPHS
    ]
    questions.sort(key=lambda question: [p[0] for p in PARAGRAPHS].index(question.paragraph))
    questions += [_site_question(id_, title, text) for id_, title in STEPS]
    return Checklist(
        id="unga-73-11",
        version="1.0.0",
        digest="9e107d9d372bb6826bd81d3542a419d6a1b2c3d4e5f60718293a4b5c6d7e8f90",
        status="published",
        title=text or "Cooperation between the United Nations and INTERPOL",
        notice=text
        or "The state assesses itself how far it uses what the resolution recalls and recommends. The answers are the "
        "state's own; nobody else has checked them unless the report says so.",
        instrument="zandria-text",
        cited_as="General Assembly resolution 73/11",
        language="en",
        scoring_model="1.0",
        roles={"ncb": "National Central Bureau"},
        sections=[
            Section(id=id_, title=text or f"Paragraph {label}, {about}", paragraph=id_, introduction=text or about)
            for id_, label, _, _, about in PARAGRAPHS
        ],
        questions=questions,
        glossary=[Term(id="ncb", term="NCB", meaning=text or "National Central Bureau.")],
        approver=text or "Head of the National Central Bureau",
        release_notes="First version.",
    )


KINDS: tuple[AnswerType, ...] = (
    AnswerType(
        type="maturity",
        options=[
            Option(id=str(level), text=words, level=level, alone=False)
            for level, words in enumerate(
                (
                    "Nothing is decided.",
                    "A decision is taken and a budget set aside.",
                    "Works in some agencies, in office hours.",
                    "Works in all agencies around the clock, with a written procedure.",
                    "As before, and tested in the last twelve months with results kept.",
                )
            )
        ],
        unit=None,
        counts=None,
        minimum=None,
        maximum=None,
        whole=None,
        max_length=None,
        levels=[],
    ),
    AnswerType(
        type="percent",
        options=[],
        unit="%",
        counts="searches",
        minimum=0,
        maximum=100,
        whole=False,
        max_length=None,
        levels=["above 0 %", "25 % or more", "75 % or more", "98 % or more"],
    ),
    AnswerType(
        type="choice",
        options=[
            Option(id="find", text="Live search inside the agency's own system", level=4, alone=False),
            Option(id="terminal", text="Separate terminal", level=2, alone=False),
            Option(id="none", text="No access", level=0, alone=False),
        ],
        unit=None,
        counts=None,
        minimum=None,
        maximum=None,
        whole=None,
        max_length=None,
        levels=[],
    ),
    AnswerType(
        type="yes_partial_no",
        options=[
            Option(id="yes", text="Yes", level=4, alone=False),
            Option(id="partial", text="In part", level=2, alone=False),
            Option(id="no", text="No", level=0, alone=False),
        ],
        unit=None,
        counts=None,
        minimum=None,
        maximum=None,
        whole=None,
        max_length=None,
        levels=[],
    ),
    AnswerType(
        type="text",
        options=[],
        unit=None,
        counts=None,
        minimum=None,
        maximum=None,
        whole=None,
        max_length=2000,
        levels=[],
    ),
)
TITLES = (
    "Written procedure for urgent requests",
    "Share of requests answered within a day",
    "How front-line officers search",
    "Access rules reviewed with the data protection authority",
    "What else should be known",
)


def _state_question(place: int, paragraph: str, text: str | None) -> Question:
    use = place == 1
    return _question(
        id_=f"{paragraph}.q{place}",
        title=TITLES[place],
        paragraph=paragraph,
        answer=KINDS[place],
        dimension="context" if place == 4 else "in_use" if use else "in_place",
        scope="state",
        text=text,
    )


def _site_question(id_: str, title: str, text: str | None) -> Question:
    dimension = "in_place" if id_ in ("p9.site.mode", "p9.site.find") else "in_use"
    return _question(
        id_=id_, title=title, paragraph="p9", answer=KINDS[2], dimension=dimension, scope="site", text=text
    )


def _question(
    *, id_: str, title: str, paragraph: str, answer: AnswerType, dimension: str, scope: str, text: str | None
) -> Question:
    context = dimension == "context"
    return Question.model_validate(
        {
            "id": id_,
            "section": paragraph,
            "title": text or title,
            "text": text or f"{title}: how far does this work today for all agencies that need it?",
            "why": text or "So that nobody waits.",
            "guidance": text or "Ask the duty officer.",
            "paragraph": paragraph,
            "also": [],
            "verb": "stresses",
            "addressee": ["member states"],
            "strength": "direct",
            "quote": "works",
            "scope": scope,
            "dimension": dimension,
            "answer": answer.model_dump(),
            "weight": None if context else 2,
            "target": None if context else 3,
            "critical": id_ in ("p9.site.mode", "p8a.q0", "p8b.q2"),
            "applies_when": None,
            "not_applicable": [Reason(id="no_border", text=text or "The state has no such border.").model_dump()],
            "evidence": ["procedure"],
            "asked_of": ["ncb"],
            "norms": [],
        }
    )


def _site(place: int, chance: random.Random, text: str | None) -> Site:
    kind = TYPES[place % len(TYPES)]
    return Site(
        code=f"Z{place:03d}",
        name=text or f"{TOWNS[place % len(TOWNS)]} {kind.replace('_', ' ')} {place // len(TOWNS) + 1}",
        type=kind,
        unlocode=None,
        iata=None,
        icao=None,
        operating_state=None,
        host_state=None,
        agency="BG",
        opened=None,
        closed=None,
        travellers=None if place % 9 == 4 else chance.randrange(4_000, 9_000_000),
        tier=3 if place % 7 == 0 else 1,
        version=1,
    )


def _answers(checklist: Checklist, sites: list[Site], chance: random.Random, text: str | None) -> list[Answer]:
    answers: list[Answer] = []
    for place, question in enumerate(checklist.questions):
        if question.scope == "state" and place % 11 != 6:
            answers.append(_answer(question, None, place, chance, text))
        if question.scope == "site":
            answers += [
                _answer(question, site.code, chance.randrange(60), chance, text)
                for site in sites
                if chance.random() < 0.93
            ]
    return answers


def _answer(question: Question, site: str | None, place: int, chance: random.Random, text: str | None) -> Answer:
    kind: AnswerKind = "value"
    for step, other in ((17, "unknown"), (13, "not_applicable"), (23, "withheld"), (19, "other_means")):
        if place % step == step - 2:
            kind = other  # type: ignore[assignment]  # one of the kinds
    value, level = _value(question, kind, chance, text)
    grade = chance.randrange(4)
    reasons = {
        "not_applicable": "no_border",
        "withheld": "Ministry of the Interior",
        "other_means": "National system of its own",
    }
    reason = reasons.get(kind)
    return Answer(
        question=question.id,
        site=site,
        kind=kind,
        value=value,
        level=level,
        reason=(text or reason) if reason and kind != "not_applicable" else reason,
        remark=text or (DETAIL if place % 4 == 0 else None),
        evidence=[
            Evidence(
                title=text[:200] if text else f"Standing order {100 + place} on access and duty hours",
                grade=grade,
                dated=date(2026 - place % 4, 3, 14),
                reference=text[:200] if text else f"SO/{place}/26",
                holder=text[:200] if text else "Border Guard, operations department",
                classification=text[:60] if text else "Restricted",
                sha256=f"{place:064x}" if place % 2 else None,
            )
        ]
        if kind == "value" and place % 3
        else [],
        certainty="measured" if question.answer.type == "percent" and kind == "value" else None,
        period_start=None,
        period_end=None,
        source=Source(kind="person", name=text[:200] if text else "Duty office", version=None) if place % 2 else None,
        version=1,
        updated_at=datetime(2026, 11, 10, 12, 0, tzinfo=UTC),
        updated_by="k_7Q2M",
    )


def _value(
    question: Question, kind: AnswerKind, chance: random.Random, text: str | None
) -> tuple[Value | None, int | None]:
    if kind == "other_means":
        return 2, 2
    if kind != "value":
        return None, None
    if question.answer.type == "maturity":
        level = chance.randrange(5)
        return level, level
    if question.answer.type == "percent":
        percent = chance.randrange(1000) / 10
        return percent, sum(percent >= limit for limit in (0.1, 25, 75, 98))
    if question.answer.type == "text":
        return text or "A second duty desk opens next spring.", None
    option = chance.choice(question.answer.options)
    return option.id, option.level


def _coverage(sites: list[Site], answers: list[Answer]) -> Coverage:
    given = {(answer.question, answer.site): answer for answer in answers}

    def steps(of: list[Site]) -> list[StepCount]:
        return [_step(id_, title, [given.get((id_, site.code)) for site in of]) for id_, title in STEPS]

    kinds = [kind for kind in TYPES if any(site.type == kind for site in sites)]
    return Coverage(
        sites=len(sites),
        steps=steps(sites),
        by_type=[
            TypeCoverage(type=kind, sites=len(of), steps=steps(of))
            for kind in kinds
            for of in [[site for site in sites if site.type == kind]]
        ],
    )


def _step(question: str, title: str, given: list[Answer | None]) -> StepCount:
    outside = sum(answer is not None and answer.kind == "not_applicable" for answer in given)
    levels = [answer.level for answer in given if answer is not None and answer.level is not None]
    reached = sum(level >= 3 for level in levels)
    partly = sum(1 <= level < 3 for level in levels)
    return StepCount(
        question=question,
        title=title,
        reached=reached,
        partly=partly,
        none=len(levels) - reached - partly,
        unknown=len(given) - outside - len(levels),
        not_applicable=outside,
        travellers_share=None,
    )


def _progress(checklist: Checklist, sites: list[Site], answers: list[Answer]) -> Progress:
    kinds = [answer.kind for answer in answers]
    return Progress(
        asked=sum(q.scope == "state" for q in checklist.questions) + len(STEPS) * len(sites),
        answered=len(answers),
        values=kinds.count("value") + kinds.count("other_means"),
        not_applicable=kinds.count("not_applicable"),
        unknown=kinds.count("unknown"),
        withheld=kinds.count("withheld"),
        by_section={},
    )


def score(low: int, open_: int = 0, supported: int | None = None, critical: int = 0) -> Score:
    """A score of so many percent, ``open_`` of the weight not known."""
    known = 100 - open_
    bands: list[tuple[int, Band]] = [(10, "not_started"), (40, "early"), (70, "partial"), (90, "advanced")]
    band: Band = next((word for limit, word in bands if low < limit), "established")
    letters: list[Confidence] = ["A", "B", "C", "D"]
    held = low if supported is None else supported
    suppressed = known < 80
    return Score(
        low=str(Fraction(low, 100)),
        high=str(Fraction(low + open_, 100)),
        known=str(Fraction(known, 100)),
        supported=str(Fraction(held, 100)),
        low_percent=None if suppressed else low,
        high_percent=low + open_,
        known_percent=known,
        supported_percent=held,
        band="insufficient" if suppressed else band,
        confidence=letters[low % 4],
        limited_basis=low == 55,
        critical_gaps=critical,
    )


NOT_APPLICABLE = Score(
    low=None,
    high=None,
    known=None,
    supported=None,
    low_percent=None,
    high_percent=None,
    known_percent=None,
    supported_percent=None,
    band="not_applicable",
    confidence=None,
    limited_basis=False,
    critical_gaps=0,
)


def _scores() -> Scores:
    counts = Counts(answered=9, unanswered=1, unknown=1, withheld=0, not_applicable=1)
    pairs = (
        (score(62, 8, 40), score(31, 10, 22)),
        (score(81, 0, 70), score(55, 6, 48)),
        (score(77, 5, 60), score(52, 12, 40)),
        (score(45, 15, 30), NOT_APPLICABLE),
        (NOT_APPLICABLE, NOT_APPLICABLE),
        (score(96, 0, 90), score(88, 2, 75)),
        (score(70, 10, 52), score(64, 9, 41)),
        (score(58, 4, 40), score(49, 7, 30)),
        (score(28, 45, 10), score(15, 60, 5)),
        (score(66, 0, 50), score(100, 0, 80)),
        (score(48, 6, 46, 2), score(7, 14, 3, 1)),
    )
    return Scores(
        scoring_model="1.0",
        in_place=score(61, 7, 49, 2),
        in_use=score(43, 9, 31, 1),
        paragraphs=[
            ParagraphScore(paragraph=paragraph[0], label=paragraph[1], in_place=place, in_use=use, counts=counts)
            for paragraph, (place, use) in zip(PARAGRAPHS, pairs, strict=True)
        ],
        counts=counts,
    )


def _gaps(checklist: Checklist, coverage: Coverage, text: str | None) -> list[Gap]:
    below = {step.question: step.partly + step.none + step.unknown for step in coverage.steps}
    gaps: list[Gap] = []
    for place, question in enumerate(checklist.questions):
        if question.dimension == "context" or (question.scope == "state" and place % 7 in (0, 3)):
            continue
        site = question.scope == "site"
        gaps.append(
            Gap(
                question=question.id,
                title=text or question.title,
                paragraph=question.paragraph,
                dimension=question.dimension,
                level=None if site or place % 5 == 0 else place % 3,
                target=3,
                low="1/4",
                critical=question.critical,
                critical_gap=question.critical,
                priority=str(Fraction(60 - place, 10)),
                sites_below=below[question.id] if site else None,
                sites_asked=coverage.sites if site else None,
            )
        )
    return sorted(gaps, key=lambda gap: (not gap.critical_gap, -Fraction(gap.priority)))


def _checks(sites: list[Site], text: str | None) -> Checks:
    return Checks(
        results=[
            CheckResult(
                check="mode_without_trigger",
                severity="contradiction",
                message=text or "Searches are said to be automatic where there is no live access.",
                sites=[site.code for site in sites[:20]],
                count=len(sites[:24]),
            ),
            CheckResult(
                check="late",
                severity="warning",
                message=text or "Median latency is above the 95th percentile.",
                sites=[],
                count=1,
            ),
        ],
        indicators=[
            IndicatorResult(
                indicator="arrivals_checked",
                title=text or "Arriving travellers checked at least once",
                unit="%",
                note=text or "Travellers at sites with automatic checks on entry, of all travellers.",
                value="5841/10000",
                display="58.41 % (5,841 of 10,000 travellers)",
                warning=None,
            ),
            IndicatorResult(
                indicator="hit_rate",
                title=text or "Hits per 100,000 searches",
                unit="per 100,000",
                note=text or "Published worldwide figures lie between 6 and 9.",
                value="2000",
                display="2,000 per 100,000",
                warning=text or "Far outside of what is published; check the counts.",
            ),
            IndicatorResult(
                indicator="exit_rate",
                title=text or "Departing travellers checked",
                unit="%",
                note=text or "As above, on exit.",
                value=None,
                display="–",
                warning=None,
            ),
        ],
    )
