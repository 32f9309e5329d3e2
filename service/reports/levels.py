"""The level an answer reached. Pure."""

from stocktake.models.answers import Answer


def reached(answer: Answer) -> int | None:
    """The level of an answer, also of one by other means; none for context and the other non-answers."""
    if answer.level is None and answer.kind == "other_means" and isinstance(answer.value, int):
        return answer.value
    return answer.level
