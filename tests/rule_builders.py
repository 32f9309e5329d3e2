"""Tiny checklists and pictures for the tests of rules: made by hand, never read from a file."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from service.assessments.age import age_of
from service.assessments.facts import Given, Picture, SiteGroup, StateFacts, Tally
from service.catalogue.checklist import Check, Checklist, FunnelStep, Head, Indicator, Role, Section
from service.catalogue.instrument import Adoption, Instrument, Paragraph
from service.catalogue.question import (
    AnswerType,
    Choice,
    Choices,
    Condition,
    Day,
    Dimension,
    Ladder,
    Maturity,
    Option,
    Question,
    QuestionFile,
    Reason,
    Requirement,
    Scope,
)
from stocktake.models.answers import AnswerKind, Value
from stocktake.models.registry import SiteType

END = date(2026, 12, 31)
MATURITY = Maturity(type="maturity", descriptors=("none", "decided", "partly", "operating", "verified"))
DAY = Day(type="date")
USE_SHARES = ({"above": 0}, {"at_least": 25}, {"at_least": 75}, {"at_least": 98})


def ladder(*requirements: Mapping[str, object]) -> Ladder:
    one, two, three, four = (Requirement.model_validate(requirement) for requirement in requirements)
    return one, two, three, four


def choice(**levels: int | None) -> Choice:
    return Choice(type="choice", options=tuple(Option(id=id_, text=id_, level=n) for id_, n in levels.items()))


def choices(*ids: str, alone: str | None = None, levels: Ladder | None = None) -> Choices:
    options = tuple(Option(id=id_, text=id_, alone=id_ == alone) for id_ in ids)
    return Choices(type="choices", options=options, levels=levels)


def condition(**parts: object) -> Condition:
    """``in_`` and ``not_`` stand for the words that Python keeps for itself."""
    return Condition.model_validate({name.rstrip("_"): part for name, part in parts.items()})


@dataclass(frozen=True)
class Asked:
    """How a question is to be; whatever is not said is plain."""

    answer: AnswerType = MATURITY
    scope: Scope = "state"
    dimension: Dimension = "in_place"
    weight: Literal[1, 2, 3] | None = None
    target: int | None = None
    critical: bool = False
    when: Condition | None = None
    reasons: Sequence[str] = ("none_such",)
    paragraphs: Sequence[str] = ("p1",)


PLAIN = Asked()


def question(id_: str, asked: Asked = PLAIN) -> Question:
    return Question(
        id=id_,
        title=f"Title of {id_}",
        text="What is so?",
        why="Because.",
        guidance="Look.",
        paragraph=asked.paragraphs[0],
        also=tuple(asked.paragraphs[1:]),
        quote="words",
        strength="direct",
        scope=asked.scope,
        dimension=asked.dimension,
        answer=asked.answer,
        weight=asked.weight,
        target=asked.target,
        critical=asked.critical,
        applies_when=asked.when,
        not_applicable=tuple(Reason(id=reason, text=reason) for reason in asked.reasons),
        asked_of=("ncb",),
    )


def checklist(
    *questions: Question,
    checks: Sequence[Check] = (),
    indicators: Sequence[Indicator] = (),
    funnel: Sequence[FunnelStep] = (),
    second: Sequence[Question] = (),
) -> Checklist:
    """Questions of one section, and of a second one; paragraphs p1, p2 and p3."""
    paragraphs = tuple(
        Paragraph(
            id=f"p{n}",
            label=f"{n} (a)",
            verb="Calls",
            addressee=("member_states",),
            speaks_to_states=True,
            text="words",
        )
        for n in (1, 2, 3)
    )
    instrument = Instrument(
        format="instrument/1",
        id="text",
        symbol="X/1",
        title="A text",
        language="en",
        adoption=Adoption(body="Body", session="1"),
        paragraphs=paragraphs,
    )
    head = Head(
        format="checklist/1",
        id="test",
        version="1.0.0",
        status="draft",
        title="A checklist",
        notice="Notice",
        instrument="text",
        language="en",
        licence="none",
        scoring_model="1.0",
        roles=(Role(id="ncb", title="Bureau"),),
        sections=(
            Section(id="first", title="First", introduction="First."),
            Section(id="second", title="Second", introduction="Second."),
        ),
        funnel=tuple(funnel),
        checks=tuple(checks),
        indicators=tuple(indicators),
        release_notes="None.",
    )
    files = [QuestionFile(section="first", questions=questions)]
    files += [QuestionFile(section="second", questions=tuple(second))] if second else []
    return Checklist.whole(head, instrument, tuple(files))


def level(number: int, grade: int = 0, on: date | None = END) -> Given:
    return Given("value", number, number, grade, on)


def value(given: Value, number: int | None = None) -> Given:
    return Given("value", given, number)


def non_answer(kind: AnswerKind) -> Given:
    return Given(kind)


def group(
    type_: SiteType = "airport",
    sites: int = 1,
    tier: int = 1,
    gates: Mapping[str, Given] | None = None,
    travellers: int | None = None,
) -> SiteGroup:
    return SiteGroup(type_, tier, gates or {}, sites, travellers)


def tally(
    question_id: str,
    number: int | None = None,
    sites: int = 1,
    *,
    kind: AnswerKind = "value",
    grade: int = 0,
    in_group: int = 0,
    age: int = 0,
    travellers: int | None = None,
) -> Tally:
    return Tally(question_id, in_group, kind, number, grade, age, sites, travellers)


def picture(
    of: Checklist,
    answers: Mapping[str, Given] | None = None,
    groups: Sequence[SiteGroup] = (),
    tallies: Sequence[Tally] = (),
    *,
    interpol: bool = True,
    un: bool = True,
) -> Picture:
    return Picture(of, StateFacts(un, interpol), END, answers or {}, groups, tallies)


@dataclass(frozen=True)
class Place:
    """One site with all its answers, from which groups and tallies are made the slow and plain way."""

    type: SiteType
    tier: int
    travellers: int | None
    answers: Mapping[str, Given] = field(default_factory=dict)


def one_by_one(of: Checklist, answers: Mapping[str, Given], places: Sequence[Place], gates: Container[str]) -> Picture:
    """Every site a group of its own, every answer a tally of its own."""
    groups, tallies = [], []
    for index, place in enumerate(places):
        looked_at = {id_: given for id_, given in place.answers.items() if id_ in gates}
        groups.append(SiteGroup(place.type, place.tier, looked_at, 1, place.travellers))
        for id_, given in place.answers.items():
            age = age_of(given.evidence_on, END)
            tallies.append(Tally(id_, index, given.kind, given.level, given.grade, age, 1, place.travellers))
    return picture(of, answers, groups, tallies)


def like_together(one: Picture) -> Picture:
    """The same picture with like sites in one group and like answers in one tally."""
    members: dict[str, list[int]] = {}
    for index, single in enumerate(one.groups):
        members.setdefault(repr((single.type, single.tier, sorted(single.gates.items()))), []).append(index)
    groups, moved = [], {}
    for position, indexes in enumerate(members.values()):
        first = one.groups[indexes[0]]
        volume = _sum([one.groups[index].travellers for index in indexes])
        groups.append(SiteGroup(first.type, first.tier, first.gates, len(indexes), volume))
        moved.update(dict.fromkeys(indexes, position))
    alike: dict[tuple[str, int, AnswerKind, int | None, int, int], list[Tally]] = {}
    for t in one.tallies:
        alike.setdefault((t.question, moved[t.group], t.kind, t.level, t.grade, t.age), []).append(t)
    tallies = [Tally(*key, len(those), _sum([t.travellers for t in those])) for key, those in alike.items()]
    return Picture(one.checklist, one.state, one.period_end, one.answers, groups, tallies)


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
