"""Which questions are not asked where, told from the export alone by the assessment's own rules. Pure."""

from service.assessments.conditions import Surroundings
from service.assessments.facts import Given, SiteGroup, StateFacts
from service.catalogue.question import Question
from service.reports.levels import reached
from stocktake.models.answers import Answer
from stocktake.models.export import Export

UNSEEN: dict[str, object] = {
    **dict.fromkeys(("title", "text", "why", "guidance", "quote"), "–"),
    "paragraph": "p",
    "strength": "direct",
    "dimension": "in_place",
    "answer": {"type": "text"},
    "asked_of": ("all",),
}
"""What conditions never look at in a question."""

Outside = frozenset[tuple[str, str | None]]
"""Question and site, or question and none for the state, where the question's condition does not hold."""


def outside(export: Export) -> Outside:
    """Where a condition takes a question away; one that waits for another answer is still asked."""
    questions = {
        question.id: Question.model_validate(
            {**UNSEEN, "id": question.id, "scope": question.scope, "applies_when": question.applies_when}
        )
        for question in export.checklist.questions
    }
    answers: dict[str | None, dict[str, Given]] = {site.code: {} for site in export.sites}
    of_state = answers.setdefault(None, {})
    for answer in export.answers:
        if answer.site in answers:
            answers[answer.site][answer.question] = _given(answer)
    groups = {s.code: SiteGroup(s.type, s.tier, answers[s.code], 1, s.travellers) for s in export.sites}
    state = StateFacts(export.state.un_member, export.state.interpol_member)
    around = Surroundings(questions, state, of_state, tuple(groups.values()))
    found: set[tuple[str, str | None]] = {
        (id_, None) for id_, one in questions.items() if one.scope == "state" and around.applies(one) is False
    }
    conditional = [one for one in questions.values() if one.scope == "site" and one.applies_when is not None]
    for code, group in groups.items():
        here = around.at(group)
        found.update((one.id, code) for one in conditional if here.applies(one) is False)
    return frozenset(found)


def _given(answer: Answer) -> Given:
    """What conditions look at: kind, value and level."""
    return Given(answer.kind, answer.value, reached(answer))
