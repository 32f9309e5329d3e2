"""What changed between two versions of a checklist, question by question, by meaning and not by lines."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.catalogue.checklist import Checklist
from service.catalogue.migration import ChangeKind, Decision, Migration, Treatment
from service.catalogue.question import Question
from service.catalogue.scale import scale_aspects
from service.catalogue.texts import texts_of

DEPTH: tuple[ChangeKind, ...] = ("same", "reworded", "scale_changed")
"""How deep a question that stays can change; a map may say deeper than what the files show, never less."""

_PLACES: Mapping[str, tuple[str, ...]] = {
    "paragraph": ("paragraph", "also", "strength"),
    "weight": ("weight",),
    "target": ("target",),
    "critical": ("critical",),
    "condition": ("applies_when",),
    "sensitivity": ("sensitivity",),
    "asked_of": ("asked_of",),
}
"""What else is said of a question: it changes where and how much it counts, and never what an answer means."""
_HEAD = (
    "title", "notice", "language", "licence", "scoring_model", "roles", "sections", "units", "funnel", "checks",
    "indicators",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one question."""

    kind: ChangeKind
    before: str | None
    """Its id in the earlier version; absent for a new one."""
    after: tuple[str, ...]
    aspects: tuple[str, ...] = ()
    """What of it differs, by name."""
    answers: Treatment | None = None
    """As the map decides."""


def changes(old: Checklist, new: Checklist, migration: Migration | None = None) -> tuple[Change, ...]:
    """Every question of both versions: in the order of the earlier one, then the new ones."""
    decisions = by_question(migration)
    there = new.by_id()
    followed = {target for of_one in decisions.values() for decision in of_one for target in decision.to}
    return (
        *(_change(question, (old, new), decisions[question.id]) for question in old.questions),
        *(Change("new", None, (id_,)) for id_ in there if id_ not in old.by_id() and id_ not in followed),
    )


def by_question(migration: Migration | None) -> Mapping[str, list[Decision]]:
    """The decisions of a map on each question of the earlier version."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for decision in migration.changes if migration else ():
        if decision.from_ is not None:
            found[decision.from_].append(decision)
    return found


def shown_depth(old: Question, new: Question) -> ChangeKind:
    """How deep a question that stayed has changed, as the files show it."""
    if scale_aspects(old, new):
        return "scale_changed"
    return "reworded" if _worded(old, new) else "same"


def whole_aspects(old: Checklist, new: Checklist) -> tuple[str, ...]:
    """What differs beside the questions."""
    found = [name for name in _HEAD if getattr(old.head, name) != getattr(new.head, name)]
    return (*found, "instrument") if old.instrument != new.instrument else tuple(found)


def _change(question: Question, versions: tuple[Checklist, Checklist], decisions: list[Decision]) -> Change:
    old, new = versions
    answers = decisions[0].answers if decisions else None
    claimed = decisions[0].kind if decisions else "same"
    if claimed in ("split", "merged"):
        targets = tuple(target for decision in decisions for target in decision.to)
        return Change(claimed, question.id, targets, answers=answers)
    after = new.by_id().get(question.id)
    if after is None:
        return Change("retired", question.id, (), answers=answers)
    depth = shown_depth(question, after)
    if claimed in DEPTH:
        depth = max(depth, claimed, key=DEPTH.index)
    moved = ["section"] if old.section_of[question.id] != new.section_of[question.id] else []
    aspects = (*scale_aspects(question, after), *_worded(question, after), *moved, *_placed(question, after))
    return Change(depth, question.id, (question.id,), aspects, answers)


def _worded(old: Question, new: Question) -> tuple[str, ...]:
    """The fields whose words differ; the words of an option or reason that came or went are told with it."""
    before, after = texts_of(old), texts_of(new)
    found = {
        key.partition("/")[0]
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key) and (_of_list(key) or (key in before and key in after))
    }
    found |= {"quote"} if old.quote != new.quote else set()
    return tuple(f"words:{name}" for name in sorted(found))


def _of_list(key: str) -> bool:
    return key.startswith(("evidence/", "norms/"))


def _placed(old: Question, new: Question) -> Iterator[str]:
    for name, fields in _PLACES.items():
        if any(getattr(old, field) != getattr(new, field) for field in fields):
            yield name
    if {r.id for r in new.not_applicable} - {r.id for r in old.not_applicable}:
        yield "more_reasons"
