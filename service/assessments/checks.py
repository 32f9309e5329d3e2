"""Cross-checks: answers that contradict one another, or that together deserve a second look."""

from dataclasses import dataclass
from fractions import Fraction

from service.assessments.conditions import Surroundings, holds, looks_at_site, number_of
from service.assessments.facts import Picture
from service.catalogue.checklist import Check, Comparison


@dataclass(frozen=True, slots=True)
class Raised:
    """A check that was raised, of the state or at sites."""

    check: Check
    groups: tuple[int, ...]
    """At every site of these groups (indexes into the picture's); empty when it is about the state."""
    count: int
    """Number of those sites; 1 for the state."""


def checks(picture: Picture) -> tuple[Raised, ...]:
    """The checks raised, contradictions first, else in the checklist's order. What is not yet told raises nothing.

    An answer kept from a question that no longer applies is looked at: that both stand is the contradiction.
    """
    around = Surroundings.of(picture, recorded=True)
    places = [around.at(group) for group in picture.groups]
    raised = [_raise(check, around, places) for check in picture.checklist.head.checks]
    return tuple(sorted(filter(None, raised), key=lambda r: r.check.severity))


def figure(operand: str, around: Surroundings) -> Fraction | None:
    """A number of the state's answers or of the register; none when it is not known or passed over.

    ``register:sites`` are the sites in operation, ``register:travellers`` those who pass them in a year.
    """
    if operand == "register:sites":
        return Fraction(sum(group.sites for group in around.groups))
    if operand == "register:travellers":
        known = [group.travellers for group in around.groups if group.travellers is not None]
        return Fraction(sum(known)) if len(known) == len(around.groups) else None
    question = around.questions[operand]
    given = around.given(question)
    if given is None or given.kind != "value" or around.passes_over(question):
        return None
    return number_of(given.value)


def _raise(check: Check, around: Surroundings, places: list[Surroundings]) -> Raised | None:
    if check.compare is not None and not _stands(check.compare, around):
        return None
    if check.when is None:
        # A check with neither a condition nor a comparison says nothing.
        return Raised(check, (), 1) if check.compare is not None else None
    if not looks_at_site(check.when, around.questions):
        return Raised(check, (), 1) if holds(check.when, around) else None
    groups = tuple(index for index, place in enumerate(places) if holds(check.when, place))
    count = sum(around.groups[index].sites for index in groups)
    return Raised(check, groups, count) if groups else None


def _stands(comparison: Comparison, around: Surroundings) -> bool:
    left, right = figure(comparison.left, around), figure(comparison.right, around)
    if left is None or right is None:
        return False
    match comparison.relation:
        case "greater":
            return left > right
        case "less":
            return left < right
        case _:
            return left != right
