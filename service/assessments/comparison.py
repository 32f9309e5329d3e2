"""Two cycles side by side, like for like, and the cause of each change: the world, a reading, or the question.

A difference counts as a reading corrected only when every step of this cycle that moved the level was declared a
correction, starting from the level of the cycle before. One real step makes it real; one made by the move to another
version of the checklist makes it the question's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from service.assessments.scoring import DEFAULT_WEIGHT, TOP
from service.catalogue.checklist import Checklist
from service.catalogue.question import Dimension, Question
from service.catalogue.succession import Passage
from stocktake.models.versions import Cause

UPGRADE = "upgrade"
_COMPARABLE: tuple[Cause, ...] = ("unchanged", "real", "reading_corrected")


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer, as far as a comparison looks at it."""

    level: int | None
    change: str
    weight: int = 1
    """Of the site; 1 for the state."""


@dataclass(frozen=True, slots=True)
class Step:
    """One write of an answer that gave it a level."""

    level: int
    change: str


Readings = Mapping[str, Mapping[str, Reading]]
"""By question and site, of what is asked there."""
Steps = Mapping[tuple[str, str], Sequence[Step]]
"""By question and site, in order, where the level is another one than in the cycle before."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One question in both assessments, or in one of them."""

    before: Question | None
    now: Question | None
    alike: bool = False

    @property
    def question(self) -> Question:
        found = self.now or self.before
        assert found is not None, "a pair has a question"  # noqa: S101  # as its makers see to
        return found


@dataclass(frozen=True, slots=True)
class Shift:
    before: int | None
    now: int | None
    cause: Cause


@dataclass(frozen=True, slots=True)
class Line:
    pair: Pair
    before: Counter[int | None]
    now: Counter[int | None]
    shifts: Counter[Shift]
    weights: Counter[Shift]
    """The same, each site with its weight."""


@dataclass(frozen=True, slots=True)
class Likened:
    """The scores of both over what can be compared."""

    before: Fraction
    now: Fraction
    real: Fraction
    corrected: Fraction
    questions: int


def pairs(ways: Sequence[Passage], old: Checklist, new: Checklist) -> tuple[Pair, ...]:
    """Which question stands beside which: in the later order, then what is no longer asked."""
    followed = {way.after for way in ways}
    found = [
        Pair(old.by_id()[way.before], None if way.after is None else new.by_id()[way.after], way.alike) for way in ways
    ]
    found += [Pair(None, question) for question in new.questions if question.id not in followed]
    place = {question.id: n for n, question in enumerate(new.questions)}
    return tuple(sorted(found, key=lambda pair: len(place) if pair.now is None else place[pair.now.id]))


def line(pair: Pair, before: Readings, now: Readings, steps: Steps) -> Line:
    """One question's counts and shifts."""
    old = {} if pair.before is None else before.get(pair.before.id, {})
    new = {} if pair.now is None else now.get(pair.now.id, {})
    shifts: Counter[Shift] = Counter()
    weights: Counter[Shift] = Counter()
    for site, shift in _shifts(pair, old, new, steps):
        shifts[shift] += 1
        weights[shift] += (new.get(site) or old[site]).weight
    before_levels, now_levels = (Counter(reading.level for reading in side.values()) for side in (old, new))
    return Line(pair, before_levels, now_levels, shifts, weights)


def likened(lines: Sequence[Line], dimension: Dimension) -> Likened | None:
    """The scores of one dimension over levels that both hold; none where nothing can be compared."""
    sums: dict[str, Fraction] = defaultdict(Fraction)
    total = questions = 0
    for one in lines:
        counted = {shift: weight for shift, weight in one.weights.items() if shift.cause in _COMPARABLE}
        if one.pair.question.dimension != dimension or not counted:
            continue
        questions += 1
        weight = one.pair.question.weight or DEFAULT_WEIGHT
        total += weight
        share = Fraction(weight, TOP * sum(counted.values()))
        for shift, sites in counted.items():
            low, high = share * sites * (shift.before or 0), share * sites * (shift.now or 0)
            sums["before"] += low
            sums["now"] += high
            sums[shift.cause] += high - low
    if not questions:
        return None
    return Likened(
        before=sums["before"] / total,
        now=sums["now"] / total,
        real=sums["real"] / total,
        corrected=sums["reading_corrected"] / total,
        questions=questions,
    )


def _shifts(
    pair: Pair, old: Mapping[str, Reading], new: Mapping[str, Reading], steps: Steps
) -> Iterator[tuple[str, Shift]]:
    if pair.before is None:
        yield from ((site, Shift(None, reading.level, "new")) for site, reading in new.items())
    elif pair.now is None:
        yield from ((site, Shift(reading.level, None, "retired")) for site, reading in old.items())
    else:
        for site in old.keys() & new.keys():
            taken = steps.get((pair.now.id, site), ())
            yield site, Shift(old[site].level, new[site].level, _cause(pair, old[site], new[site], taken))


def _cause(pair: Pair, old: Reading, new: Reading, steps: Sequence[Step]) -> Cause:
    if not pair.alike:
        return "question_changed"
    if old.level is None or new.level is None:
        return "not_comparable"
    if old.level == new.level:
        return "unchanged"
    moved = {step.change for before, step in zip((old.level, *(s.level for s in steps)), steps, strict=False)
             if step.level != before}  # fmt: skip
    if UPGRADE in moved or old.change == UPGRADE:
        return "question_changed"
    return "reading_corrected" if moved == {"correction"} else "real"
