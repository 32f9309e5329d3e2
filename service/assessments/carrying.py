"""What becomes of answers on their way into a later version, by its maps: for a preview and for the deed alike."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import orjson

from service.assessments.values import check_entry
from service.catalogue.checklist import Checklist
from service.catalogue.question import Maturity, Question
from service.catalogue.succession import Passage
from service.errors import WrongAnswer
from stocktake.models.answers import AnswerEntry, AnswerKind, Value
from stocktake.models.versions import Fate


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that stands in the earlier version."""

    question: str
    site: str
    kind: AnswerKind
    value: str | None
    """JSON."""
    reason: str | None
    level: int | None
    reconfirm: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """What becomes of one answer on one passage."""

    held: Held
    target: str | None
    fate: Fate
    value: str | None = None
    level: int | None = None
    first: int = 0
    """Where two are merged into one, the lowest is taken."""

    @property
    def stands(self) -> bool:
        return self.fate != "history"

    @property
    def reconfirm(self) -> bool:
        return self.fate == "reconfirm" or self.held.reconfirm

    @property
    def differs(self) -> bool:
        """Whether what stands afterwards is not what stood before; a mapped value means another thing even so."""
        before = (self.held.question, self.held.value, self.held.level, self.held.reconfirm)
        same = self.fate != "mapped" and before == (self.target, self.value, self.level, self.reconfirm)
        return self.stands and not same


@dataclass(frozen=True, slots=True)
class Carriage:
    """The passages into a version, and the day by which its levels are judged."""

    ways: Sequence[Passage]
    into: Checklist
    period_end: date

    def carry(self, answers: Sequence[Held]) -> list[Carried]:
        """Every answer on each of its passages; of several that meet at one question, one stands, to be confirmed."""
        ways: dict[str, list[tuple[int, Passage]]] = defaultdict(list)
        for number, way in enumerate(self.ways):
            # a question that keeps its own answer comes first
            ways[way.before].append((number - len(self.ways) if way.after == way.before else number, way))
        known: dict[tuple[object, ...], Carried] = {}
        found: list[Carried] = []
        for held in answers:
            for first, way in ways[held.question]:
                like = (first, held.kind, held.value, held.reason)
                if like not in known:
                    known[like] = replace(self._one(way, held), first=first)
                found.append(self._like(known[like], held, way))
        return _met(found)

    def _one(self, way: Passage, held: Held) -> Carried:
        question = None if way.after is None else self.into.by_id().get(way.after)
        if question is None:
            return Carried(held, None, "history")
        if way.untouched:
            return Carried(held, way.after, "kept", held.value, held.level)
        try:
            entry = AnswerEntry(kind=held.kind, value=_value(way, question, held), reason=held.reason)
            given = check_entry(question, entry, period_end=self.period_end)
        except WrongAnswer:
            return Carried(held, way.after, "history")
        translated = bool(way.values)
        unsure = way.reconfirm or (translated and held.kind != "value")
        fate: Fate = "reconfirm" if unsure else "mapped" if translated else "kept"
        value = None if given.value is None else orjson.dumps(given.value).decode()
        return Carried(held, way.after, fate, value, given.level)

    @staticmethod
    def _like(known: Carried, held: Held, way: Passage) -> Carried:
        """The same for another answer of the same content; one that is untouched keeps its own level."""
        level = held.level if way.untouched and known.stands else known.level
        return replace(known, held=held, level=level)


def _value(way: Passage, question: Question, held: Held) -> Value | None:
    """The value through every map on the way; none where a map does not know it."""
    value = None if held.value is None else cast("Value", orjson.loads(held.value))
    if held.kind != "value" or not way.values or value is None:
        return value
    words = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    for values in way.values:
        if any(word not in values for word in words):
            return None
        words = list(dict.fromkeys(values[word] for word in words))
    if isinstance(value, list):
        return cast("Value", words)
    return int(words[0]) if isinstance(question.answer, Maturity) else words[0]


def _met(found: Sequence[Carried]) -> list[Carried]:
    """Where several answers would stand at one spot the first does, to be confirmed; the others go to the history."""
    spots: Mapping[tuple[str | None, str], list[Carried]] = defaultdict(list)
    for one in found:
        if one.stands:
            spots[one.target, one.held.site].append(one)
    return list(_settled(found, spots))


def _settled(found: Sequence[Carried], spots: Mapping[tuple[str | None, str], list[Carried]]) -> Iterator[Carried]:
    for one in found:
        rivals = spots[one.target, one.held.site] if one.stands else []
        if len(rivals) < 2:  # two meet
            yield one
        elif one is min(rivals, key=lambda rival: rival.first):
            yield replace(one, fate="reconfirm")
        else:
            yield replace(one, fate="history", value=None, level=None)
