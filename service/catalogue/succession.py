"""Which question of a later version follows which of an earlier one, through every map between them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from service.catalogue.changes import by_question
from service.catalogue.checklist import Checklist
from service.catalogue.migration import Decision, Migration, order
from service.catalogue.scale import scale_aspects
from service.errors import Conflict
from service.languages.words import mark


class NoUpgrade(Conflict):
    """No chain of maps leads from the one version to the other."""

    code = "no_upgrade"
    title = mark("No way leads from this version to that one")


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of the answers to one question of the earlier version."""

    before: str
    after: str | None
    """The question they are answers to from now on; none when they are read in the history only."""
    reconfirm: bool = False
    values: tuple[Mapping[str, str], ...] = ()
    """From old to new values, one map after the other; empty where values stay as they are."""
    alike: bool = True
    """Whether it asks the same on the same scale, so that levels of both can be compared."""

    @property
    def untouched(self) -> bool:
        """Whether answers stand exactly as they are."""
        return self.alike and self.after == self.before


def succession(old: Checklist, new: Checklist) -> tuple[Passage, ...]:
    """The passages of every question of the earlier version, in its order; a split one has several.

    NoUpgrade when the later version has no map from the earlier one.
    """
    ways = tuple(Passage(question.id, question.id) for question in old.questions)
    for migration in _maps(old, new):
        decisions = by_question(migration)
        ways = tuple(further for way in ways for further in _further(way, decisions))
    return tuple(_arrived(way, old, new) for way in ways)


def _maps(old: Checklist, new: Checklist) -> Iterator[Migration]:
    """The maps from the earlier version on, each from where the one before it led."""
    if old.head.id != new.head.id:
        raise NoUpgrade("{new} is another checklist than {old}.", new=new.head.id, old=old.head.id)
    if old.head.version == new.head.version:
        return
    start = order(old.head.version)
    maps = [migration for migration in new.migrations or () if order(migration.from_) >= start]
    if not maps or maps[0].from_ != old.head.version:
        raise NoUpgrade(
            "{checklist} {version} holds no map from {earlier}.",
            checklist=new.head.id,
            version=new.head.version,
            earlier=old.head.version,
        )
    yield from maps


def _further(way: Passage, decisions: Mapping[str, list[Decision]]) -> Iterable[Passage]:
    """The passage through one more map."""
    of_question = decisions.get(way.after, []) if way.after is not None else []
    if not of_question:
        return (way,)
    found = [_decided(way, decision, target) for decision in of_question for target in decision.to or (None,)]
    # what a part goes without is no passage, as long as another part takes the answers
    return [one for one in found if one.after is not None] or found[:1]


def _decided(way: Passage, decision: Decision, target: str | None) -> Passage:
    alike = decision.kind in ("same", "reworded") and decision.answers != "reconfirm"
    return replace(
        way,
        after=None if decision.answers == "history" else target,
        reconfirm=way.reconfirm or decision.answers == "reconfirm",
        values=(*way.values, decision.values) if decision.values else way.values,
        alike=way.alike and alike,
    )


def _arrived(way: Passage, old: Checklist, new: Checklist) -> Passage:
    """The passage, judged by the questions at both ends."""
    if way.after is None or way.after not in new.by_id():
        return replace(way, after=None, alike=False)
    same = way.after == way.before and not scale_aspects(old.by_id()[way.before], new.by_id()[way.after])
    return replace(way, alike=way.alike and same)
