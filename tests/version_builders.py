"""Made-up pairs of versions with the map between them, and answers to the earlier one: for properties of upgrades."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hypothesis import strategies as st

from rule_builders import DAY, END, MATURITY, USE_SHARES, Asked, checklist, choice, choices, ladder, question
from service.catalogue.checklist import Checklist
from service.catalogue.migration import ChangeKind, Decision, Migration, Treatment
from service.catalogue.question import AnswerType, Dimension, Number, Percent, Question, Scope, Text, YesPartialNo
from stocktake.models.answers import AnswerRow, Value

SITES = ("A01", "A02", "A03")
FORMS: Mapping[str, AnswerType] = {
    "maturity": MATURITY,
    "choice": choice(full=4, half=2, none=0),
    "choices": choices("flag", "radio", "gun", "none", alone="none", levels=ladder(
        {"any": ("flag", "radio", "gun")}, {"none_of": ("none",)}, {"count": 2}, {"all": ("flag", "radio")},
    )),
    "yes_partial_no": YesPartialNo(type="yes_partial_no", yes="Yes", partial="In part", no="No", levels=(4, 2, 0)),
    "percent": Percent(type="percent", counts="These of those.", levels=ladder(*USE_SHARES)),
    "date": DAY.model_copy(update={"levels": ladder(*({"within_months": n} for n in (48, 36, 24, 12)))}),
    "number": Number(type="number", unit="things"),
    "text": Text(type="text", max_length=200),
}  # fmt: skip
CONTEXT = ("number", "text")
VALUES: Mapping[str, st.SearchStrategy[Value]] = {
    "maturity": st.integers(0, 4),
    "choice": st.sampled_from(["full", "half", "none"]),
    "choices": st.one_of(
        st.just(["none"]), st.lists(st.sampled_from(["flag", "radio", "gun"]), min_size=1, unique=True)
    ),
    "yes_partial_no": st.sampled_from(["yes", "partial", "no"]),
    "percent": st.integers(0, 100),
    "date": st.dates(END.replace(year=2021), END).map(lambda day: day.isoformat()),
    "number": st.integers(0, 1000),
    "text": st.sampled_from(["a", "b'\"c", "é\\", "{}", "null"]),
}
LISTED: Mapping[str, tuple[str, ...]] = {
    "maturity": ("0", "1", "2", "3", "4"),
    "choice": ("full", "half", "none"),
    "choices": ("flag", "radio", "gun", "none"),
    "yes_partial_no": ("yes", "partial", "no"),
}
ALWAYS = ("same", "moved", "reworded", "unsure", "retired", "other_type", "excuse_gone", "split", "merged")


@dataclass
class Pair:
    """Two versions and the answers given to the earlier one."""

    old: Checklist
    new: Checklist
    rounds: list[list[AnswerRow]]
    """What is written, one bulk request after the other."""
    taken_back: list[AnswerRow]


@dataclass
class _Made:
    """The later version while it is made."""

    questions: list[Question] = field(default_factory=list)
    changes: list[Decision] = field(default_factory=list)

    def decide(
        self, kind: ChangeKind, from_: str, to: list[str], answers: Treatment, values: Mapping[str, str] | None = None
    ) -> None:
        self.changes.append(
            Decision(
                kind=kind, from_=from_, to=tuple(to), answers=answers, values=None if values is None else dict(values)
            )
        )


@st.composite
def pairs(draw: st.DrawFn, name: str) -> Pair:
    """A pair of versions of the checklist of this name."""
    types = draw(st.lists(st.sampled_from(sorted(FORMS)), min_size=2, max_size=5))
    scopes: list[Scope] = [draw(st.sampled_from(["state", "site"])) for _ in types]
    asked = {f"q{n}": (type_, scope) for n, (type_, scope) in enumerate(zip(types, scopes, strict=True))}
    old = [_question(id_, type_, scope) for id_, (type_, scope) in asked.items()]
    made = _Made([question("fresh", Asked())])
    waiting = list(old)
    while waiting:
        one = waiting.pop(0)
        type_, scope = asked[one.id]
        way = draw(st.sampled_from([*ALWAYS, *_ways(type_) * 2]))
        partner = next((q for q in waiting if asked[q.id] == (type_, scope)), None)
        if way == "merged" and partner is not None:
            waiting.remove(partner)
            _merge(made, one, partner, stays=draw(st.booleans()))
        else:
            _change(made, one, type_, way)
    rounds = [draw(_answers(asked)) for _ in range(2)]
    taken_back = draw(st.lists(st.sampled_from(rounds[0]), max_size=1)) if rounds[0] else []
    migration = Migration(format="migration/1", from_="1.0.0", changes=tuple(made.changes))
    return Pair(_named(old, name, "1.0.0"), _named(made.questions, name, "1.1.0", migration), rounds, taken_back)


def _question(id_: str, type_: str, scope: Scope) -> Question:
    dimension: Dimension = "context" if type_ in CONTEXT else "in_place"
    return question(id_, Asked(FORMS[type_], scope, dimension, reasons=("closed", "frozen")))


def _named(questions: list[Question], name: str, version: str, migration: Migration | None = None) -> Checklist:
    made = checklist(*questions)
    head = made.head.model_copy(update={"id": name, "version": version, "status": "published"})
    return made.model_copy(update={"head": head, "migrations": (migration,) if migration else None})


def _ways(type_: str) -> tuple[str, ...]:
    """What else can become of a question of this type."""
    return {
        "choice": ("more_options", "levels", "mapped"),
        "choices": ("more_options", "mapped"),
        "yes_partial_no": ("levels", "mapped"),
        "maturity": ("mapped",),
        "percent": ("levels",),
        "number": ("narrower",),
    }.get(type_, ())


def _change(made: _Made, one: Question, type_: str, way: str) -> None:
    id_, form = one.id, FORMS[type_]
    if way in ("retired", "split"):
        if way == "retired":
            made.decide("retired", id_, [], "history")
            return
        parts = [one.model_copy(update={"id": f"{id_}.{part}"}) for part in "ab"]
        made.questions += parts
        made.decide("split", id_, [parts[0].id], "keep")
        made.decide("split", id_, [parts[1].id], "reconfirm" if type_ == "text" else "history")
        return
    changed: dict[str, object] = {}
    treatment: tuple[ChangeKind, Treatment, Mapping[str, str] | None] | None = ("scale_changed", "keep", None)
    match way:
        case "moved" | "same" | "merged":
            changed, treatment = ({"critical": True} if way == "moved" else {}), None
        case "reworded" | "unsure":
            changed, treatment = {"text": "What is so now?"}, ("reworded", "keep", None)
            treatment = ("reworded", "reconfirm", None) if way == "unsure" else treatment
        case "other_type":
            other = "percent" if type_ == "maturity" else "maturity"
            changed = {"answer": FORMS[other], "dimension": "in_place"}
            treatment = ("scale_changed", "history", None)
        case "excuse_gone":
            changed = {"not_applicable": one.not_applicable[:1]}
        case "narrower":
            changed = {"answer": Number(type="number", unit="things", max=Decimal(500))}
            treatment = ("scale_changed", "history", None)
        case "mapped":
            changed, values = _mapped(type_)
            treatment = ("scale_changed", "map", values)
        case _:
            changed = {"answer": _grown(form, way)}
    made.questions.append(one.model_copy(update=changed))
    if treatment:
        made.decide(treatment[0], id_, [id_], treatment[1], treatment[2])


def _grown(form: AnswerType, way: str) -> AnswerType:
    """The same question with one option more, or with other levels."""
    match form.type, way:
        case "choice", "more_options":
            return choice(full=4, most=3, half=2, none=0)
        case "choices", _:
            return choices("flag", "radio", "gun", "horn", "none", alone="none", levels=getattr(form, "levels", None))
        case "choice", _:
            return choice(full=4, half=1, none=0)
        case "percent", _:
            return Percent(type="percent", counts="These of those.", levels=ladder(*(
                {"at_least": n} for n in (10, 40, 60, 90)
            )))  # fmt: skip
        case _:
            return YesPartialNo(type="yes_partial_no", yes="Yes", partial="In part", no="No", levels=(3, 1, 0))


def _mapped(type_: str) -> tuple[dict[str, object], Mapping[str, str]]:
    """Another list of values, and which old one means which new one."""
    if type_ == "choices":
        new = choices("signal", "shot", "none", alone="none", levels=ladder(
            {"any": ("signal", "shot")}, {"none_of": ("none",)}, {"count": 2}, {"all": ("signal", "shot")},
        ))  # fmt: skip
        return {"answer": new}, {"flag": "signal", "radio": "signal", "gun": "shot", "none": "none"}
    new_words = ("good", "fair", "poor")
    values = {value: new_words[min(n, 2)] for n, value in enumerate(LISTED[type_])}
    return {"answer": choice(good=4, fair=2, poor=0)}, values


def _merge(made: _Made, one: Question, other: Question, *, stays: bool) -> None:
    """Two of one kind into a new one, or into the first of them."""
    target = one.id if stays else f"{one.id}.{other.id}"
    made.questions.append(one.model_copy(update={"id": target}))
    for source in (other, one):
        made.decide("merged", source.id, [target], "keep")


@st.composite
def _answers(draw: st.DrawFn, asked: Mapping[str, tuple[str, Scope]]) -> list[AnswerRow]:
    rows = []
    for id_, (type_, scope) in asked.items():
        for site in SITES if scope == "site" else (None,):
            kind = draw(st.sampled_from(["value", "value", "value", "none", "unknown", "withheld", "excused", "means"]))
            row = AnswerRow(question=id_, site=site, remark=f"{id_} {site}")
            match kind:
                case "value":
                    rows.append(row.model_copy(update={"value": draw(VALUES[type_])}))
                case "excused":
                    reason = draw(st.sampled_from(["closed", "frozen"]))
                    rows.append(row.model_copy(update={"kind": "not_applicable", "reason": reason}))
                case "means" if type_ not in CONTEXT:
                    rows.append(row.model_copy(update={"kind": "other_means", "value": 2, "reason": "by hand"}))
                case "unknown" | "withheld":
                    rows.append(row.model_copy(update={"kind": kind, "reason": "the ministry"}))
                case _:
                    pass
    return rows


def renamed(pair: Pair, name: str) -> Pair:
    """The same under another name: a version is published once."""
    old, new = (
        one.model_copy(update={"head": one.head.model_copy(update={"id": name})}) for one in (pair.old, pair.new)
    )
    return replace(pair, old=old, new=new)
