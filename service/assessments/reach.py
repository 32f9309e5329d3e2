"""What a contributor reaches in one assessment: some questions everywhere, and everything at some sites. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from service.access.policy import Grant
from service.catalogue.checklist import Checklist


@dataclass(frozen=True, slots=True)
class Assigned:
    """What belongs to some agencies: the sections and sites assigned to them, and the sites they answer for."""

    sections: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """What is within reach; for whoever has it, the rest is as if it did not exist."""

    sections: frozenset[str]
    questions: frozenset[str]
    """Those of the sections, of the state and at every site."""
    sites: frozenset[str]
    """The sites of which every question is reached."""

    def holds(self, question: str, site: str) -> bool:
        """Whether an answer is within reach; the site is empty for a question asked of the state."""
        return question in self.questions or site in self.sites


def reach(grants: Iterable[Grant], assigned: Assigned, checklist: Checklist) -> Reach:
    """What these grants reach, with what is assigned to the agencies they name."""
    sections, sites = assigned.sections, assigned.sites
    for grant in grants:
        sections |= grant.sections
        sites |= grant.sites
    questions = (question for question, section in checklist.section_of.items() if section in sections)
    return Reach(sections, frozenset(questions), sites)


def agencies(grants: Iterable[Grant]) -> frozenset[str]:
    """The agencies that these grants name."""
    return frozenset(grant.agency for grant in grants if grant.agency is not None)
