"""How far the filling is: work, not score. Every question that applies or may is asked, scored or not."""

from dataclasses import dataclass

from service.assessments.readings import Readings, counted


@dataclass(frozen=True, slots=True)
class Filling:
    asked: int
    answered: int
    """With any recorded answer, a non-answer included."""
    values: int
    """With a value or a level by other means."""
    not_applicable: int
    unknown: int
    withheld: int
    by_section: dict[str, tuple[int, int]]
    """Section → answered, asked; every section of the checklist, in its order."""


def progress(readings: Readings) -> Filling:
    """Counts of what is asked and what was recorded: one for a state question, one per site for a site question."""
    checklist = readings.picture.checklist
    by_section = {section.id: (0, 0) for section in checklist.head.sections}
    asked = answered = values = not_applicable = unknown = withheld = 0
    for reading in readings:
        counts = counted(reading.rows)
        recorded = counts.asked - counts.unanswered
        section = checklist.section_of[reading.question.id]
        before = by_section[section]
        by_section[section] = (before[0] + recorded, before[1] + counts.asked)
        asked += counts.asked
        answered += recorded
        values += counts.answered
        not_applicable += counts.not_applicable
        unknown += counts.unknown
        withheld += counts.withheld
    return Filling(asked, answered, values, not_applicable, unknown, withheld, by_section)
