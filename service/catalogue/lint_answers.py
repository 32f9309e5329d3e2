"""What the linter says of one answer type: options, descriptors, and the way from value to level."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, pairwise

from service.catalogue.findings import Finding
from service.catalogue.question import (
    Choice,
    Choices,
    Day,
    Duration,
    Ladder,
    Maturity,
    Number,
    Option,
    Percent,
    Question,
    Requirement,
    YesPartialNo,
    decimal_text,
)
from service.catalogue.yaml_text import Spot

NUMERIC = (Percent, Number, Duration)
_LOWER, _UPPER = ("at_least", "above"), ("at_most", "below")
_OF_SET = ("all", "any", "count", "none_of")
_TRIED = 14
"""Options up to which every set of choices is tried."""


def answer_findings(question: Question, spot: Spot) -> Iterator[Finding]:
    """Everything wrong with the answer of a question; ``spot`` is that of the question."""
    at = spot.at("answer")
    match question.answer:
        case Maturity() as answer:
            yield from _maturity(answer, at, scored=question.scored)
        case Choice() as answer:
            yield from _options(answer.options, at)
            yield from _choice(answer, at, scored=question.scored)
        case Choices() as answer:
            yield from _options(answer.options, at)
            yield from _choices(answer, at)
        case YesPartialNo() as answer:
            yield from _yes_partial_no(answer, at)
        case Number() as answer if answer.max is not None and answer.max <= answer.min:
            yield at.at("max").finding("limits", f"{question.id}: max is not above min; raise max or lower min")
        case _:
            pass
    yield from _presence(question, at)
    if isinstance(question.answer, (*NUMERIC, Day)) and question.answer.levels is not None:
        yield from _ladder(question.answer, question.answer.levels, at.at("levels"))


def _presence(question: Question, at: Spot) -> Iterator[Finding]:
    """Scored questions declare levels, context questions do not."""
    if question.answer.type == "text" and question.scored:
        yield at.finding("scored", f"{question.id}: a text has no level; make the question one of dimension context")
    ladder = getattr(question.answer, "levels", None)
    if question.answer.type in ("choices", "yes_partial_no", "percent", "number", "duration", "date"):
        if question.scored and ladder is None:
            yield at.finding(
                "scored", f"{question.id} is scored and has no levels; write how its value becomes a level"
            )
        if not question.scored and ladder is not None:
            yield at.at("levels").finding("context", f"{question.id} is context and has no level; remove levels")


def repeated(words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Which of the words were there before, and where; spaces and case do not make a difference."""
    seen: set[str] = set()
    for number, word in enumerate(words):
        key = " ".join(word.split()).casefold()
        if key in seen:
            yield number, word
        seen.add(key)


def _maturity(answer: Maturity, at: Spot, *, scored: bool) -> Iterator[Finding]:
    for number, _ in repeated(answer.descriptors):
        message = f"the descriptor of level {number} repeats a lower one; say what is more at this level"
        yield at.at("descriptors", number).finding("descriptors", message)
    if not scored:
        yield at.finding("context", "a maturity scale is itself a level; a context question takes another answer type")


def _options(options: Sequence[Option], at: Spot) -> Iterator[Finding]:
    for number, word in repeated(option.id for option in options):
        yield at.at("options", number, "id").finding("duplicate", f"the option {word} a second time; rename one")
    for number, _ in repeated(option.text for option in options):
        message = "the text of another option again; options have to differ for those who read them"
        yield at.at("options", number, "text").finding("duplicate", message)


def _choice(answer: Choice, at: Spot, *, scored: bool) -> Iterator[Finding]:
    for number, option in enumerate(answer.options):
        spot = at.at("options", number)
        if scored and option.level is None:
            yield spot.finding(
                "options", f"the option {option.id} has no level; a scored choice gives one to each option"
            )
        if not scored and option.level is not None:
            yield spot.at("level").finding(
                "context", f"the option {option.id} has a level in a context question; remove it"
            )
        if option.alone:
            message = f"the option {option.id}: of a choice only one is chosen anyway; remove alone"
            yield spot.at("alone").finding("options", message)
    if scored and len({option.level for option in answer.options}) == 1:
        yield at.finding("options", "every option has the same level; a scored choice tells levels apart")


def _yes_partial_no(answer: YesPartialNo, at: Spot) -> Iterator[Finding]:
    for number, _ in repeated((answer.yes, answer.partial, answer.no)):
        name = ("yes", "partial", "no")[number]
        yield at.at(name).finding("duplicate", f"{name} says the same as another; say what sets it apart")
    if answer.levels is not None:
        yes, partial, no = answer.levels
        if not (yes >= partial >= no and yes > no):
            message = f"levels are those of yes, partial and no; {yes}, {partial}, {no} do not fall"
            yield at.at("levels").finding("ladder", message)


def _choices(answer: Choices, at: Spot) -> Iterator[Finding]:
    known = {option.id for option in answer.options}
    for number, option in enumerate(answer.options):
        if option.level is not None:
            message = f"the option {option.id}: for choices the levels field makes the level, not the option; remove it"
            yield at.at("options", number, "level").finding("options", message)
    if answer.levels is None:
        return
    sound = True
    for number, step in enumerate(answer.levels):
        spot = at.at("levels", number)
        for finding in (*_kinds(step, spot, number + 1, _OF_SET), *_named(step, spot, known)):
            sound = False
            yield finding
    if sound and len(answer.options) <= _TRIED:
        reached = max(ladder_level(answer.levels, chosen) for chosen in _sets(answer.options))
        if reached < len(answer.levels):
            message = f"no choice of options reaches level {reached + 1}; each level needs the ones below it too"
            yield at.at("levels", reached).finding("ladder", message)
    counts = [(number, step.count) for number, step in enumerate(answer.levels) if step.count is not None]
    for (_, lower), (number, higher) in pairwise(counts):
        if higher <= lower:
            message = (
                f"level {number + 1} asks for {higher} options and a lower level for {lower}; it has to ask for more"
            )
            yield at.at("levels", number).finding("ladder", message)


def _named(step: Requirement, spot: Spot, known: set[str]) -> Iterator[Finding]:
    for kind in ("all", "any", "none_of"):
        named: tuple[str, ...] | None = getattr(step, kind)
        if named is None:
            continue
        if not named:
            yield spot.at(kind).finding("ladder", f"{kind} names no option; name some")
        for number, word in enumerate(named):
            if word not in known:
                message = f"there is no option {word} here; the options are {', '.join(sorted(known))}"
                yield spot.at(kind, number).finding("ladder", message)
    if step.count is not None and step.count > len(known):
        yield spot.at("count").finding("ladder", f"{step.count} options are asked for and there are only {len(known)}")


def _sets(options: Sequence[Option]) -> Iterator[frozenset[str]]:
    """Every set of options that may be chosen."""
    together = [option.id for option in options if not option.alone]
    yield from (frozenset({option.id}) for option in options if option.alone)
    for size in range(1, len(together) + 1):
        yield from (frozenset(chosen) for chosen in combinations(together, size))


def ladder_level(ladder: Ladder, chosen: frozenset[str]) -> int:
    """The level of a set of options: that of the last requirement before the first that does not hold."""
    for number, step in enumerate(ladder):
        met = (
            (step.all is None or chosen.issuperset(step.all))
            and (step.any is None or not chosen.isdisjoint(step.any))
            and (step.count is None or len(chosen) >= step.count)
            and (step.none_of is None or chosen.isdisjoint(step.none_of))
        )
        if not met:
            return number
    return len(ladder)


def _kinds(step: Requirement, spot: Spot, level: int, allowed: tuple[str, ...]) -> Iterator[Finding]:
    given = sorted(step.model_fields_set)
    if len(given) != 1:
        yield spot.finding("ladder", f"level {level} has {len(given)} requirements; write exactly one")
    for kind in given:
        if kind not in allowed:
            message = f"{kind} does not fit this answer type; write one of {', '.join(allowed)}"
            yield spot.at(kind).finding("ladder", message)


def _ladder(answer: Percent | Number | Duration | Day, ladder: Ladder, at: Spot) -> Iterator[Finding]:
    """Each level has to ask for more than the one below, in one direction, within what the value can be."""
    allowed = ("within_months",) if isinstance(answer, Day) else (*_LOWER, *_UPPER)
    wrong = [f for number, step in enumerate(ladder) for f in _kinds(step, at.at(number), number + 1, allowed)]
    if wrong:
        yield from wrong
        return
    steps = [_step(step) for step in ladder]
    if len({rises for rises, _, _ in steps}) > 1:
        yield at.finding("ladder", "some levels ask for more and some for less; write all in one direction")
        return
    for number, ((rises, limit, beyond), lower) in enumerate(zip(steps[1:], steps, strict=False), start=1):
        here, below = (limit, beyond), lower[1:]
        more = here > below if rises else (-limit, beyond) > (-lower[1], lower[2])
        if not more:
            message = f"level {number + 1} does not ask for more than level {number}; each level has to"
            yield at.at(number).finding("ladder", message)
    if not isinstance(answer, Day):
        yield from _within(answer, steps, at)


def _step(step: Requirement) -> tuple[bool, Decimal, bool]:
    """Whether more is better, the limit, and whether the limit itself does not suffice."""
    if step.within_months is not None:
        return False, Decimal(step.within_months), False
    for kind in (*_LOWER, *_UPPER):
        limit: Decimal | None = getattr(step, kind)
        if limit is not None:
            return kind in _LOWER, limit, kind in ("above", "below")
    raise AssertionError("exactly one requirement was seen before")


def _within(
    answer: Percent | Number | Duration, steps: Sequence[tuple[bool, Decimal, bool]], at: Spot
) -> Iterator[Finding]:
    lowest = answer.min if isinstance(answer, Number) else Decimal(0)
    highest = {"percent": Decimal(100), "number": getattr(answer, "max", None)}.get(answer.type)
    for number, (rises, limit, beyond) in enumerate(steps):
        over = highest is not None and (limit > highest or (limit == highest and beyond and rises))
        under = limit < lowest or (limit == lowest and beyond and not rises)
        if over or under:
            message = f"level {number + 1}: {decimal_text(limit)} lies outside what the value can be"
            yield at.at(number).finding("ladder", message)
        elif limit == (lowest if rises else highest) and not beyond:
            message = f"level {number + 1}: {decimal_text(limit)} is met by every value; ask for more"
            yield at.at(number).finding("ladder", message)
