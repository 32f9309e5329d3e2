"""The content of a copy, made from a snapshot: what is given, and nothing of what is not. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from stocktake.models.answers import Answer, Evidence
from stocktake.models.assessments import Scores
from stocktake.models.catalogue import Checklist, Question
from stocktake.models.export import Export
from stocktake.models.registry import Site
from stocktake.models.sharing import (
    Edition,
    SharedAnswer,
    SharedChecklist,
    SharedCopy,
    SharedEvidence,
    SharedScores,
    SharedSite,
    SharedState,
)
from stocktake.models.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a self-assessment is given."""

    edition: Edition
    paragraphs: tuple[str, ...] | None
    """In the instrument's order; none for the whole."""

    @property
    def everything(self) -> bool:
        """Whether the recipient reads just what was approved."""
        return self.edition == "national" and self.paragraphs is None


def paragraphs(export: Export) -> tuple[str, ...]:
    """The paragraphs that can be given: those that a question is credited to, in the instrument's order."""
    asked = {paragraph for question in export.checklist.questions for paragraph in _credited(question)}
    return tuple(paragraph.id for paragraph in export.instrument.paragraphs if paragraph.id in asked)


def copy_of(snapshot: Snapshot, digest: str, extent: Extent) -> SharedCopy:
    """The copy of a snapshot with this digest. Equal parts that are given make equal copies, whatever the rest says."""
    copy = _national(snapshot, digest, extent.paragraphs)
    return redacted(copy) if extent.edition == "redacted" else copy


def redacted(copy: SharedCopy) -> SharedCopy:
    """The same without what names a site, and without any text that the state wrote but its own name."""
    codes = {site.code: f"S{place:04d}" for place, site in enumerate(copy.sites, 1)}
    wordy = {question.id for question in copy.questions if question.answer.type == "text"}
    return copy.model_copy(
        update={
            "edition": "redacted",
            "sites": [_unnamed(site, codes[site.code]) for site in copy.sites],
            "answers": [_wordless(answer, codes, wordy) for answer in copy.answers],
        }
    )


def _national(snapshot: Snapshot, digest: str, given: tuple[str, ...] | None) -> SharedCopy:
    export = snapshot.export
    of = frozenset(paragraphs(export) if given is None else given)
    questions = [question for question in export.checklist.questions if given is None or of & _credited(question)]
    ids = {question.id for question in questions}
    at_sites = any(question.scope == "site" for question in questions)
    texts = [paragraph for paragraph in export.instrument.paragraphs if given is None or paragraph.id in of]
    return SharedCopy(
        format="stocktake/shared/1",
        state=SharedState(code=export.state.code, name=export.state.name),
        instrument=export.instrument.model_copy(update={"paragraphs": texts}),
        checklist=_checklist(export.checklist),
        cycle=export.assessment.cycle,
        period_start=export.assessment.period_start,
        period_end=export.assessment.period_end,
        revision=snapshot.revision,
        approved_at=snapshot.approved_at,
        snapshot=digest,
        edition="national",
        paragraphs=None if given is None else list(given),
        questions=questions,
        sites=[_site(site) for site in export.sites] if at_sites else [],
        answers=[_answer(answer) for answer in export.answers if answer.question in ids],
        scores=_scores(export.scores, of, whole=given is None),
        gaps=[gap for gap in export.gaps if gap.question in ids],
    )


def _credited(question: Question) -> frozenset[str]:
    return frozenset({question.paragraph, *question.also})


def _checklist(checklist: Checklist) -> SharedChecklist:
    return SharedChecklist(
        id=checklist.id,
        version=checklist.version,
        digest=checklist.digest,
        title=checklist.title,
        cited_as=checklist.cited_as,
    )


def _scores(scores: Scores, of: Collection[str], *, whole: bool) -> SharedScores:
    return SharedScores(
        scoring_model=scores.scoring_model,
        in_place=scores.in_place if whole else None,
        in_use=scores.in_use if whole else None,
        paragraphs=[score for score in scores.paragraphs if score.paragraph in of],
    )


def _site(site: Site) -> SharedSite:
    return SharedSite(
        code=site.code,
        type=site.type,
        name=site.name,
        unlocode=site.unlocode,
        iata=site.iata,
        icao=site.icao,
        travellers=site.travellers,
        tier=site.tier,
    )


def _unnamed(site: SharedSite, code: str) -> SharedSite:
    return SharedSite(
        code=code, type=site.type, name=None, unlocode=None, iata=None, icao=None, travellers=None, tier=None
    )


def _answer(answer: Answer) -> SharedAnswer:
    return SharedAnswer(
        question=answer.question,
        site=answer.site,
        kind=answer.kind,
        value=answer.value,
        level=answer.level,
        reason=answer.reason,
        remark=answer.remark,
        evidence=[_evidence(one) for one in answer.evidence],
        certainty=answer.certainty,
        period_start=answer.period_start,
        period_end=answer.period_end,
    )


def _wordless(answer: SharedAnswer, codes: dict[str, str], wordy: Collection[str]) -> SharedAnswer:
    listed = answer.kind == "not_applicable"  # its reason is one of the checklist's own
    return answer.model_copy(
        update={
            "site": None if answer.site is None else codes[answer.site],
            "value": None if answer.question in wordy else answer.value,
            "reason": answer.reason if listed else None,
            "remark": None,
            "evidence": [_untold(one) for one in answer.evidence],
        }
    )


def _evidence(one: Evidence) -> SharedEvidence:
    return SharedEvidence(
        grade=one.grade,
        dated=one.dated,
        title=one.title,
        reference=one.reference,
        holder=one.holder,
        classification=one.classification,
        sha256=one.sha256,
    )


def _untold(one: SharedEvidence) -> SharedEvidence:
    return SharedEvidence(
        grade=one.grade, dated=one.dated, title=None, reference=None, holder=None, classification=None, sha256=None
    )
