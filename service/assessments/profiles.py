"""A made-up state for counting questions: what it answers to the questions that decide which others apply."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import Field

from service.assessments.conditions import NUMBERS
from service.assessments.facts import Given, Picture, SiteGroup, StateFacts
from service.assessments.levels import level_of
from service.assessments.values import canonical
from service.catalogue.checklist import Checklist
from service.catalogue.instrument import Date, Flag, Line, Part, Token
from service.catalogue.question import Question
from service.errors import Invalid
from stocktake.models.answers import Value
from stocktake.models.registry import SiteType

Told = dict[str, str | tuple[str, ...]]
"""Question id → its value, or the options chosen."""


class WrongProfile(Invalid):
    """A profile that answers what the checklist does not ask."""

    code = "wrong_profile"
    title = "The profile does not fit the checklist"


class ProfileSite(Part):
    type: SiteType
    answers: Told = Field(default_factory=dict)


class Profile(Part):
    """``profiles/<id>.yaml`` beside the questions, or a file named at the command line."""

    format: Literal["profile/1"]
    id: Token
    title: Line
    un_member: Flag = True
    interpol_member: Flag = True
    period_end: Date = date(2026, 12, 31)
    answers: Told = Field(default_factory=dict)
    sites: tuple[ProfileSite, ...] = ()
    """One of each type of site that is alike in what conditions look at."""


def picture_of(profile: Profile, checklist: Checklist) -> Picture:
    """The assessment such a state would have; WrongProfile names an answer the checklist does not take."""
    end = profile.period_end
    return Picture(
        checklist,
        StateFacts(profile.un_member, profile.interpol_member),
        end,
        _given(profile.answers, checklist, "state", end),
        [SiteGroup(s.type, 1, _given(s.answers, checklist, "site", end), 1, None) for s in profile.sites],
    )


def given_value(question: Question, value: Value, period_end: date) -> Given:
    """An answer with this value."""
    kept = canonical(question, value)
    return Given("value", kept, level_of(question, kept, period_end=period_end))


def _given(told: Told, checklist: Checklist, scope: str, period_end: date) -> Mapping[str, Given]:
    asked = {question.id: question for question in checklist.questions if question.scope == scope}
    for name in told:
        if name not in asked:
            raise WrongProfile(
                "There is no question {name} of scope {scope} in {checklist}.",
                name=name,
                scope=scope,
                checklist=checklist.head.id,
            )
    return {name: given_value(asked[name], _value(asked[name], text), period_end) for name, text in told.items()}


def _value(question: Question, text: str | tuple[str, ...]) -> Value:
    """The value that a text of the file stands for; what is none is left for the question to refuse."""
    if isinstance(text, tuple):
        return list(text)
    if question.answer.type not in NUMBERS:
        return text
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text
