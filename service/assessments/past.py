"""What an answer was before, each entry with the question as it was asked then."""

from sqlalchemy import Connection

from service.assessments import answers
from service.assessments.answers import Spot
from service.catalogue.store import Shelf


def past(connection: Connection, shelf: Shelf, of: tuple[str, Spot], after: int, most: int) -> list[dict[str, object]]:
    """The entries of one answer's history after this version, as the wire's AnswerChange."""
    checklist, spot = of
    found = []
    for body in answers.bodies(answers.history(connection, spot, after=after, most=most)):
        asked = shelf.of_version(connection, checklist, str(body["checklist_version"])).question(spot.question)
        entry = {
            "version": body["version"],
            "at": body["updated_at"],
            "by": body["updated_by"],
            "change": body["change"],
            "checklist_version": body["checklist_version"],
            "title": asked.title,
            "text": asked.text,
            "answer": None if body["kind"] == answers.CLEARED else body,
        }
        found.append(entry)
    return found
