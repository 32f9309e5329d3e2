"""What is wrong with the maps from earlier versions: every change that touches answers needs a decision that fits."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from service.catalogue.changes import DEPTH, by_question, shown_depth
from service.catalogue.checklist import Checklist
from service.catalogue.findings import Finding
from service.catalogue.loader import MIGRATIONS, Loaded
from service.catalogue.lock import WrongLock, load_lock
from service.catalogue.migration import ChangeKind, Decision, Migration, Treatment, order
from service.catalogue.question import Choices, Question
from service.catalogue.scale import listed_values, scale_aspects, takes_all
from service.catalogue.yaml_text import Spot

OLD_LOCK = ".lock.json"
_MAY: Mapping[ChangeKind, tuple[Treatment | None, ...]] = {
    "same": (None, "keep", "reconfirm"),
    "reworded": ("keep", "reconfirm"),
    "scale_changed": ("keep", "reconfirm", "map", "history"),
    "split": ("keep", "reconfirm", "map", "history"),
    "merged": ("keep", "reconfirm", "map", "history"),
    "retired": (None, "history"),
    "new": (None,),
}
"""What may become of the answers, by what became of the question."""


def migration_findings(loaded: Loaded) -> Iterator[Finding]:
    """All that is wrong in ``migrations/``: its locks, its maps, and how they fit each other."""
    folder = loaded.sources.folder / MIGRATIONS
    findings: list[Finding] = []
    earlier = _earlier(folder, loaded.checklist, findings)
    yield from findings
    maps = {migration.from_: (migration, spot) for migration, spot in loaded.sources.migrations}
    yield from _pairs(folder, loaded, earlier)
    if findings:
        return  # without its locks no map can be judged
    versions = [*earlier.values(), loaded.checklist]
    known: set[str] = set()
    for old, new in pairwise(versions):
        yield from _never_again(old, new, known, folder / f"{old.head.version}.yaml")
        known |= old.by_id().keys()
        if old.head.version in maps:
            yield from _Map(*maps[old.head.version], old, new).findings()


def _earlier(folder: Path, current: Checklist, findings: list[Finding]) -> dict[str, Checklist]:
    """The earlier versions whose locks lie there, oldest first."""
    found: dict[str, Checklist] = {}
    for path in sorted(folder.glob(f"*{OLD_LOCK}")):
        try:
            old, _ = load_lock(path.read_bytes())
        except WrongLock as wrong:
            findings.append(Finding(path.as_posix(), 1, "migration", wrong.detail))
            continue
        version = old.head.version
        if path.name != f"{version}{OLD_LOCK}" or old.head.id != current.head.id:
            message = f"this is the lock of {old.head.id} {version}; keep it as {version}{OLD_LOCK} of that checklist"
            findings.append(Finding(path.as_posix(), 1, "migration", message))
        elif order(version) >= order(current.head.version):
            message = f"{version} is no earlier version than {current.head.version}; raise the version or remove it"
            findings.append(Finding(path.as_posix(), 1, "migration", message))
        else:
            found[version] = old
    return dict(sorted(found.items(), key=lambda one: order(one[0])))


def _pairs(folder: Path, loaded: Loaded, earlier: Mapping[str, Checklist]) -> Iterator[Finding]:
    """Each map lies beside the lock it is from, and each lock has a map; nothing else lies there."""
    maps = {f"{migration.from_}.yaml" for migration, _ in loaded.sources.migrations}
    for migration, spot in loaded.sources.migrations:
        if Path(spot.file).name != f"{migration.from_}.yaml":
            yield spot.at("from").finding("migration", f"a map from {migration.from_} is named {migration.from_}.yaml")
        if migration.from_ not in earlier:
            message = f"there is no lock of {migration.from_} to judge it by; keep it as {migration.from_}{OLD_LOCK}"
            yield spot.at("from").finding("migration", message)
    for version in earlier:
        if f"{version}.yaml" not in maps:
            message = f"no map says what becomes of answers to {version}; write {MIGRATIONS}/{version}.yaml"
            yield Finding((folder / f"{version}{OLD_LOCK}").as_posix(), 1, "migration", message)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not path.name.endswith((OLD_LOCK, ".yaml")):
            message = f"a map <version>.yaml or a lock <version>{OLD_LOCK} lies here; remove it"
            yield Finding(path.as_posix(), 1, "file", message)


def _never_again(old: Checklist, new: Checklist, known: set[str], path: Path) -> Iterator[Finding]:
    for id_ in sorted((new.by_id().keys() - old.by_id().keys()) & known):
        message = f"{id_} was the id of an earlier question and is never used again; take another id"
        yield Finding(path.as_posix(), 1, "migration", message)


@dataclass(frozen=True, slots=True)
class _Map:
    """One map, the version it is from and the one it leads to."""

    migration: Migration
    spot: Spot
    old: Checklist
    new: Checklist

    def findings(self) -> Iterator[Finding]:
        decided = by_question(self.migration)
        merging = Counter(t for d in self.migration.changes if d.kind == "merged" for t in d.to)
        for number, decision in enumerate(self.migration.changes):
            at = self.spot.at("changes", number)
            unknown = list(self._unknown(decision, at))
            yield from unknown
            if not unknown:
                yield from self._shape(decision, at, decided, merging)
                yield from self._treatment(decision, at)
        yield from self._missing(decided)

    def _unknown(self, decision: Decision, at: Spot) -> Iterator[Finding]:
        """Names that are in neither version, and fields that do not belong together."""
        if (decision.from_ is None) != (decision.kind == "new"):
            yield at.finding("migration", "every change but a new question is from one; write from")
        elif decision.from_ is not None and decision.from_ not in self.old.by_id():
            message = f"{self.old.head.version} has no question {decision.from_}; correct the id"
            yield at.at("from").finding("migration", message)
        if bool(decision.to) == (decision.kind == "retired"):
            yield at.finding("migration", "every change but a retired question leads to one; write to")
        for number, target in enumerate(decision.to):
            if target not in self.new.by_id():
                message = f"{self.new.head.version} has no question {target}; correct the id"
                yield at.at("to", number).finding("migration", message)

    def _shape(
        self, decision: Decision, at: Spot, decided: Mapping[str, list[Decision]], merging: Mapping[str, int]
    ) -> Iterator[Finding]:
        """Whether what it says became of the question can be, as the two versions show it."""
        source = decision.from_
        beside = decided[source] if source is not None else [decision]
        if len(beside) > 1 and (decision.kind != "split" or len({d.kind for d in beside}) > 1):
            yield at.at("from").finding("migration", f"{source} is decided a second time; only a split has several")
        targets = [target for one in beside for target in one.to]
        stays = source in self.new.by_id()
        match decision.kind:
            case "new":
                for target in set(decision.to) & self.old.by_id().keys():
                    yield at.at("to").finding("migration", f"{target} was there before; it is not new")
            case "retired" if stays:
                yield at.at("kind").finding("migration", f"{source} is still asked; it is not retired")
            case "split" if len(set(targets)) < 2 or len(targets) != len(set(targets)):
                yield at.at("to").finding("migration", f"{source} is split into two questions at least, each once")
            case "merged" if len(decision.to) != 1 or merging[decision.to[0]] < 2:
                yield at.at("to").finding("migration", "two questions at least are merged into one; write each")
            case "same" | "reworded" | "scale_changed":
                yield from self._depth(decision, at)
        if decision.kind in ("split", "merged"):
            yield from self._parts(decision, at, stays=stays, targets=targets)

    def _depth(self, decision: Decision, at: Spot) -> Iterator[Finding]:
        source = str(decision.from_)
        if decision.to != (source,):
            yield at.at("to").finding("migration", f"a question that is {decision.kind} keeps its id; write {source}")
            return
        old, new = self.old.by_id()[source], self.new.by_id()[source]
        shown = shown_depth(old, new)
        if DEPTH.index(decision.kind) < DEPTH.index(shown):
            why = f" ({', '.join(scale_aspects(old, new))})" if shown == "scale_changed" else ""
            message = f"{source} is {shown}{why}, which is more than {decision.kind}; correct the kind"
            yield at.at("kind").finding("migration", message)

    def _parts(self, decision: Decision, at: Spot, *, stays: bool, targets: Sequence[str]) -> Iterator[Finding]:
        """Ids stay with their questions: a part has a new id, or the one of a question it is made of."""
        source = str(decision.from_)
        if stays and source not in targets:
            message = f"{source} is still asked, so it is one of the questions it became; add it to to"
            yield at.at("to").finding("migration", message)
        merged = {d.from_ for d in self.migration.changes if d.kind == "merged" and d.to == decision.to}
        own = {source} if decision.kind == "split" else merged
        for target in sorted((set(decision.to) & self.old.by_id().keys()) - own):
            yield at.at("to").finding("migration", f"{target} is another earlier question; a part has an id of its own")

    def _treatment(self, decision: Decision, at: Spot) -> Iterator[Finding]:
        """Whether what becomes of the answers can be done."""
        may = _MAY[decision.kind]
        if decision.answers not in may:
            listed = ", ".join(filter(None, may)) or "nothing"
            message = f"what becomes of answers to a question that is {decision.kind}: {listed}"
            yield at.at("answers").finding("migration", message)
            return
        if (decision.values is not None) != (decision.answers == "map"):
            yield at.finding("migration", "values stand beside answers: map, and nowhere else")
            return
        if decision.from_ is None or decision.answers == "history":
            return
        old = self.old.by_id()[decision.from_]
        for target in decision.to:
            new = self.new.by_id()[target]
            if decision.values is not None:
                yield from _values(old, new, decision.values, at.at("values"))
            elif not takes_all(old, new):
                message = f"{target} does not take every answer that {old.id} took; map the values, or use history"
                yield at.at("answers").finding("migration", message)

    def _missing(self, decided: Mapping[str, list[Decision]]) -> Iterator[Finding]:
        """Changes that touch answers and that nobody decided."""
        there = self.new.by_id()
        for question in self.old.questions:
            if question.id in decided:
                continue
            shown = shown_depth(question, there[question.id]) if question.id in there else "retired"
            if shown != "same":
                choices = ", ".join(filter(None, _MAY[shown]))
                message = f"{question.id} is {shown} since {self.old.head.version}; say what becomes of its answers"
                yield self.spot.at("changes").finding("migration", f"{message} ({choices})")


def _values(old: Question, new: Question, values: Mapping[str, str], at: Spot) -> Iterator[Finding]:
    before, after = listed_values(old.answer), listed_values(new.answer)
    if not before or not after or old.scope != new.scope:
        message = f"{old.id} and {new.id} are not both answered out of a list, in one scope; use history"
        yield at.finding("migration", message)
        return
    if isinstance(old.answer, Choices) != isinstance(new.answer, Choices):
        yield at.finding("migration", f"one of {old.id} and {new.id} takes one value, the other several; use history")
        return
    for value in sorted(values.keys() - set(before)):
        yield at.at(value).finding("migration", f"{old.id} had no value {value}; it had {', '.join(before)}")
    for value, meant in values.items():
        if meant not in after:
            yield at.at(value).finding("migration", f"{new.id} has no value {meant}; it has {', '.join(after)}")
    if left := [value for value in before if value not in values]:
        yield at.finding("migration", f"say which value of {new.id} is meant by {', '.join(left)} of {old.id}")
