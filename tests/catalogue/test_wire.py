"""What travels says all a tool needs to ask: verb, addressee, options and what each level requires."""

from decimal import Decimal
from pathlib import Path

import pytest

from service.catalogue.checklist import Unit
from service.catalogue.loader import load
from service.catalogue.question import (
    Choices,
    Day,
    Duration,
    Maturity,
    Number,
    Option,
    Percent,
    Requirement,
    Text,
    YesPartialNo,
)
from service.catalogue.wire import answer_view, checklist_view, instrument_view, levels_in_words
from service.languages.words import words_of
from stocktake.models.catalogue import Checklist


def test_a_question_travels_with_the_verb_and_addressee_of_its_paragraph(harbour: Path) -> None:
    view = checklist_view(load(harbour).checklist, "d" * 64)
    drill = next(question for question in view.questions if question.id == "p2.drill")
    assert (drill.verb, drill.addressee, drill.section) == ("Encourages", ["member_states"], "lights")
    assert (drill.paragraph, drill.also, drill.quote) == ("p3", ["p2"], "to train keepers of lights")
    assert drill.applies_when is None
    warnings = next(question for question in view.questions if question.id == "p2.site.warnings")
    assert warnings.applies_when == {"question": "p2.site.light", "level_at_least": 1}
    assert (view.digest, view.roles) == ("d" * 64, {"keeper": "Keeper of the light", "ministry": "Ministry"})


def test_the_project_s_own_checklist_travels_whole(content: Path) -> None:
    checklist = load(content).checklist
    view = checklist_view(checklist, "0" * 64)
    assert [question.id for question in view.questions] == [question.id for question in checklist.questions]
    assert Checklist.model_validate_json(view.model_dump_json()) == view


def test_an_instrument_travels_with_its_paragraphs(harbour: Path) -> None:
    instrument = load(harbour).checklist.instrument
    found = instrument_view(instrument)
    assert (found.adopted, found.note, found.paragraphs[2].label) == ("1931-05-04", None, "3 (a)")
    undated = instrument.model_copy(update={"adoption": instrument.adoption.model_copy(update={"adopted": None})})
    assert instrument_view(undated).adopted is None


def steps(**fields: Decimal | int) -> tuple[Requirement, ...]:
    return (Requirement.model_validate(fields),) * 4


OPTIONS = (Option(id="a", text="Flag"), Option(id="b", text="Gun", alone=True))
CHOSEN = (
    Requirement(any=("a", "b")),
    Requirement(none_of=("b",)),
    Requirement(count=2),
    Requirement(all=("a",)),
)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Percent(type="percent", counts="x", levels=steps(at_least=Decimal("98.50"))), "at least 98.5 %"),
        (Percent(type="percent", counts="x", levels=steps(above=Decimal(0))), "above 0 %"),
        (Duration(type="duration", unit="hours", levels=steps(at_most=Decimal(24))), "at most 24 hours"),
        (Number(type="number", unit="lights", levels=steps(below=Decimal(9))), "below 9 lights"),
        (Day(type="date", levels=steps(within_months=12)), "not older than 12 months at the end of the period"),
    ],
    ids=["at least", "above", "at most", "below", "within"],
)
def test_a_ladder_is_put_into_words(answer: Percent | Duration | Number | Day, words: str) -> None:
    assert levels_in_words(answer) == [words] * 4
    assert levels_in_words(answer.model_copy(update={"levels": None})) == []


def test_a_ladder_is_put_into_the_words_of_another_language() -> None:
    words, french = words_of("fr"), Duration(type="duration", unit="hours", levels=steps(at_most=Decimal("1.5")))
    limit = words.time(Decimal("1.5"), "hours")
    assert limit == "1,5\u00a0heure"
    assert levels_in_words(french, words) == [words.text("at most {limit}", limit=limit)] * 4
    assert levels_in_words(french, words) != levels_in_words(french)


def test_a_limit_takes_the_form_of_its_unit() -> None:
    units = (Unit(id="lights", forms="light | lights"),)
    one, many = (Number(type="number", unit="lights", levels=steps(below=Decimal(n))) for n in (1, 9))
    assert (levels_in_words(one, None, units)[0], levels_in_words(many, None, units)[0]) == (
        "below 1 light",
        "below 9 lights",
    )


def test_a_step_that_requires_two_things_says_both() -> None:
    twice = steps(above=Decimal(1), at_most=Decimal(1440))
    assert (
        levels_in_words(Duration(type="duration", unit="minutes", levels=twice))
        == ["above 1 minute and at most 1440 minutes"] * 4
    )


def test_a_ladder_of_choices_names_the_options() -> None:
    assert levels_in_words(Choices(type="choices", options=OPTIONS, levels=CHOSEN)) == [
        "one or more of: Flag; Gun",
        "none of: Gun",
        "2 or more chosen",
        "all of: Flag",
    ]


def test_a_maturity_scale_has_five_options() -> None:
    view = answer_view(Maturity(type="maturity", descriptors=("a", "b", "c", "d", "e")))
    assert [(option.id, option.text, option.level) for option in view.options] == [
        ("0", "a", 0),
        ("1", "b", 1),
        ("2", "c", 2),
        ("3", "d", 3),
        ("4", "e", 4),
    ]


def test_yes_partial_no_has_three_options_with_levels_when_scored() -> None:
    answer = YesPartialNo(type="yes_partial_no", yes="Y", partial="P", no="N", levels=(4, 2, 0))
    assert [(o.id, o.level) for o in answer_view(answer).options] == [("yes", 4), ("partial", 2), ("no", 0)]
    context = answer.model_copy(update={"levels": None})
    assert [o.level for o in answer_view(context).options] == [None, None, None]


def test_what_a_type_does_not_use_is_absent() -> None:
    number = answer_view(Number(type="number", unit="lights", max=Decimal(5), whole=False))
    assert (number.unit, number.minimum, number.maximum, number.whole) == ("lights", 0.0, 5.0, False)
    text = answer_view(Text(type="text", max_length=7))
    assert (text.unit, text.minimum, text.maximum, text.whole, text.max_length) == (None, None, None, None, 7)
    percent = answer_view(Percent(type="percent", counts="x of y"))
    assert (percent.minimum, percent.maximum, percent.counts, percent.options) == (0.0, 100.0, "x of y", [])
    duration = answer_view(Duration(type="duration", unit="days"))
    assert (duration.minimum, duration.maximum, duration.unit) == (0.0, None, "days")
    chosen = answer_view(Choices(type="choices", options=OPTIONS))
    assert [(option.id, option.alone) for option in chosen.options] == [("a", False), ("b", True)]
