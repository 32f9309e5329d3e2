"""What holds of the scores of any assessment, shown on made-up ones; and the scores worked out the slow, plain way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from rule_builders import END, Asked, Place, checklist, condition, like_together, one_by_one, question
from service.assessments.conditions import Surroundings, gates
from service.assessments.coverage import coverage
from service.assessments.facts import Given, Picture
from service.assessments.gaps import gaps
from service.assessments.progress import progress
from service.assessments.readings import read
from service.assessments.scoring import DimensionScore, Pooled, ScoreSheet, scores
from service.catalogue.checklist import Checklist, FunnelStep
from stocktake.models.answers import AnswerKind
from stocktake.models.registry import SiteType

FREE = ("n2", "n3", "s2", "s3")
"""Questions on which no other one hangs: their answers change nothing but their own score."""
MANY = settings(max_examples=80, deadline=None)
"""No deadline: a busy machine is no failure."""
STATE, SITE = ("n1", "n2", "n3"), ("s1", "s2", "s3")


@dataclass(frozen=True)
class Made:
    """A made-up assessment, still site by site."""

    checklist: Checklist
    answers: dict[str, Given]
    places: list[Place]

    def picture(self) -> Picture:
        return one_by_one(self.checklist, self.answers, self.places, gates(self.checklist))

    def sheet(self) -> ScoreSheet:
        return scores(read(self.picture()))

    def but(self, id_: str, place: int, answer: Given) -> "Made":
        """With one other answer: of the state, or at one place."""
        if id_ in STATE:
            return replace(self, answers={**self.answers, id_: answer})
        changed = replace(self.places[place], answers={**self.places[place].answers, id_: answer})
        return replace(self, places=[*self.places[:place], changed, *self.places[place + 1 :]])

    def given(self, id_: str, place: int) -> Given | None:
        return (self.answers if id_ in STATE else self.places[place].answers).get(id_)


def answers() -> st.SearchStrategy[Given]:
    def made(kind: AnswerKind, level: int, grade: int, days: int) -> Given:
        known = level if kind in ("value", "other_means") else None
        return Given(kind, known, known, grade, END - timedelta(days=days))

    return st.builds(
        made,
        st.sampled_from([*(("value",) * 4), *get_args(AnswerKind)]),
        st.integers(0, 4),
        st.integers(0, 3),
        st.sampled_from([0, 400, 1200]),
    )


@st.composite
def checklists(draw: st.DrawFn) -> Checklist:
    def asked(**kept: object) -> Asked:
        drawn = Asked(
            weight=draw(st.sampled_from([None, 1, 2, 3])),
            critical=draw(st.booleans()),
            dimension=draw(st.sampled_from(["in_place", "in_use"])),
            target=draw(st.sampled_from([None, 2, 4])),
            paragraphs=draw(st.sampled_from([("p1",), ("p2",), ("p1", "p2")])),
        )
        return replace(drawn, **kept)  # type: ignore[arg-type]  # the callers below pass fields of Asked

    return checklist(
        question("n1", asked()),
        question("n2", asked()),
        question("n3", asked(when=condition(question="n1", level_at_least=1))),
        question("s1", asked(scope="site")),
        question("s2", asked(scope="site", when=condition(question="s1", level_at_least=2))),
        question("s3", asked(scope="site", when=condition(any_site={"question": "s1", "level_at_least": 1}))),
        funnel=[FunnelStep(question=id_, title=id_) for id_ in ("s1", "s2")],
    )


@st.composite
def assessments(draw: st.DrawFn, sites: int = 6) -> Made:
    def some(ids: tuple[str, ...]) -> dict[str, Given]:
        return draw(st.dictionaries(st.sampled_from(ids), answers()))

    types: st.SearchStrategy[SiteType] = st.sampled_from(["airport", "rail"])
    volumes = st.none() | st.integers(0, 9)
    places = [
        Place(draw(types), draw(st.sampled_from([1, 3])), draw(volumes), some(SITE))
        for _ in range(draw(st.integers(1, sites)))
    ]
    return Made(draw(checklists()), some(STATE), places)


def every_score(sheet: ScoreSheet) -> Iterator[DimensionScore]:
    yield sheet.in_place
    yield sheet.in_use
    for paragraph in sheet.paragraphs:
        yield paragraph.in_place
        yield paragraph.in_use


def every_pooled(sheet: ScoreSheet) -> list[Pooled]:
    return [score.pooled for score in every_score(sheet) if score.pooled]


@MANY
@given(assessments())
def test_high_minus_low_is_what_is_not_known(made: Made) -> None:
    for pooled in every_pooled(made.sheet()):
        assert pooled.high - pooled.low == 1 - pooled.known


@MANY
@given(assessments())
def test_scores_keep_their_order_and_their_bounds(made: Made) -> None:
    for pooled in every_pooled(made.sheet()):
        assert 0 <= pooled.supported <= pooled.low <= pooled.high <= 1
        assert pooled.low <= pooled.known <= 1
        assert pooled.quality is None or 0 <= pooled.quality <= 1
        assert (pooled.quality is None) == (pooled.known == 0)


@MANY
@given(assessments(), st.sampled_from(STATE + SITE))
def test_better_evidence_lowers_nothing(made: Made, id_: str) -> None:
    before = made.given(id_, 0)
    if before is None or before.grade == 3:
        return
    better = made.but(id_, 0, replace(before, grade=before.grade + 1))
    for was, now in zip(every_pooled(made.sheet()), every_pooled(better.sheet()), strict=True):
        assert (now.low, now.high, now.known) == (was.low, was.high, was.known)
        assert now.supported >= was.supported
        assert (now.quality or 0) >= (was.quality or 0)


@MANY
@given(assessments(), st.sampled_from(FREE))
def test_a_higher_level_never_lowers_low(made: Made, id_: str) -> None:
    before = made.given(id_, 0)
    if before is None or before.level is None or before.level == 4:
        return
    higher = made.but(id_, 0, replace(before, value=before.level + 1, level=before.level + 1))
    for was, now in zip(every_pooled(made.sheet()), every_pooled(higher.sheet()), strict=True):
        assert now.low >= was.low
        assert now.supported >= was.supported
        assert now.known == was.known


@MANY
@given(assessments(), st.sampled_from(FREE))
def test_what_is_not_applicable_might_as_well_not_be_asked(made: Made, id_: str) -> None:
    excused = made
    for place in range(1 if id_ in STATE else len(made.places)):
        excused = excused.but(id_, place, Given("not_applicable"))
    left = tuple(q for q in made.checklist.questions if q.id != id_)
    head = made.checklist.head.model_copy(update={"funnel": ()})
    without = made.checklist.model_copy(update={"questions": left, "head": head})
    rest = replace(
        made,
        checklist=without,
        answers={i: a for i, a in made.answers.items() if i != id_},
        places=[replace(p, answers={i: a for i, a in p.answers.items() if i != id_}) for p in made.places],
    )
    with_it, without_it = excused.sheet(), rest.sheet()
    assert (with_it.in_place.pooled, with_it.in_use.pooled) == (without_it.in_place.pooled, without_it.in_use.pooled)
    assert (with_it.in_place.band, with_it.in_use.band) == (without_it.in_place.band, without_it.in_use.band)


@MANY
@given(assessments(), st.randoms(use_true_random=False))
def test_the_order_of_sites_and_answers_changes_nothing(made: Made, order: object) -> None:
    one = made.picture()
    index = list(range(len(one.groups)))
    order.shuffle(index)  # type: ignore[attr-defined]  # hypothesis' random has no public type
    moved = {old: new for new, old in enumerate(index)}
    tallies = [replace(t, group=moved[t.group]) for t in reversed(one.tallies)]
    shuffled = replace(one, groups=[one.groups[old] for old in index], tallies=tallies)
    for rule in (scores, coverage, gaps, progress):
        assert rule(read(shuffled)) == rule(read(one))


@MANY
@given(assessments(sites=10))
def test_like_sites_may_be_taken_together_or_apart(made: Made) -> None:
    one = made.picture()
    together = like_together(one)
    assert scores(read(together)) == scores(read(one))
    assert gaps(read(together)) == gaps(read(one))
    assert progress(read(together)) == progress(read(one))
    # A site whose volume is not known hides the volumes of the sites it is like, and the share with them.
    assert coverage(read(together)) == coverage(read(one))


@MANY
@given(assessments())
def test_the_scores_equal_those_worked_out_site_by_site(made: Made) -> None:
    sheet = made.sheet()
    for dimension, score in (("in_place", sheet.in_place), ("in_use", sheet.in_use)):
        low, total = Fraction(0), 0
        for asked in made.checklist.questions:
            pairs = list(answers_by_weight(made, asked.id)) if asked.dimension == dimension else []
            if pairs:
                weight = asked.weight or 1
                reached = sum(tier * (a.level or 0) for tier, a in pairs if a is not None)
                low += weight * Fraction(reached, 4 * sum(tier for tier, _ in pairs))
                total += weight
        assert (score.pooled.low if score.pooled else None) == (low / total if total else None)


def answers_by_weight(made: Made, id_: str) -> Iterator[tuple[int, Given | None]]:
    """Tier and answer of every place where the question counts."""
    asked = made.checklist.question(id_)
    around = Surroundings.of(made.picture())
    if id_ in STATE:
        places = [(1, around, made.answers)]
    else:
        groups = zip(around.groups, made.places, strict=True)
        places = [(place.tier, around.at(group), dict(place.answers)) for group, place in groups]
    for tier, here, given_here in places:
        answer = given_here.get(id_)
        if here.applies(asked) is not False and (answer is None or answer.kind != "not_applicable"):
            yield tier, answer
