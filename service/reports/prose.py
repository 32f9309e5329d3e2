"""The report's standing texts: what it is, how it is computed, how it is checked."""

from service.languages.words import mark

NATURE = mark(
    "This is a self-assessment of implementation by the state itself. It is not a legal finding, it judges nobody, "
    "and it is not meant for comparing or ranking states. “In place” and “in use” say how far the state puts to work "
    "what the instrument asks for or names."
)
READERS = mark(
    "The state decides who may read this report. Site by site it shows where checks are not yet made: keep it as you "
    "keep the state's own border security documents, and pass it on only with the consent of the national "
    "coordinator."
)
REVIEWED = mark("The texts of the checklist are a translation that a native reader has reviewed.")
UNOFFICIAL = mark(
    "Unofficial translation: no native reader has reviewed all texts of the checklist in this language. The wording of "
    "the authentic language prevails."
)
NOT_TRANSLATED = mark(
    "There is no translation of the checklist into the language of this report; its texts stand in the authentic "
    "language and are marked {mark}."
)
QUOTED = mark(
    "What is quoted from the instrument stands in the language of the quoted text and is marked with it. Authentic is "
    "only what the body that adopted the instrument has published. Remarks are printed as they were given."
)
PARAGRAPHS_LEAD = mark(
    "One row for each paragraph with scored questions. Where two figures stand with a stroke between them, the first "
    "is for in place and the second for in use. N/A counts the answers that are not applicable."
)
GAPS_LEAD = mark(
    "Answers below the target the checklist sets, by falling priority, each with the level reached and the target. "
    "“Sites below” counts the sites under the target among those asked."
)
NO_CRITICAL_GAP = mark(
    "No critical question is answered below half of what it asks, and no site of the highest tier is at level 0."
)
METHOD: tuple[tuple[str, str], ...] = (
    (
        mark("Levels"),
        mark(
            "Every scored question reaches a level from 0 to 4, derived from its answer by the rule the checklist "
            "prints beside it. A level may be claimed only when all lower ones are true. A level counts a quarter of "
            "its number: 0, ¼, ½, ¾, 1."
        ),
    ),
    (
        mark("Two dimensions"),
        mark(
            "“In place” asks whether law, system and procedure exist; “in use” asks whether they do their work, over "
            "the last full twelve months. They are never merged into one number."
        ),
    ),
    (
        mark("Interval"),
        mark(
            "An answer that is unknown, withheld or missing counts 0 in the low figure and 1 in the high figure. Low "
            "is the weighted mean of the first, high of the second; the low figure is the headline. Known is the "
            "share of the weight that is answered, and high minus low is always one minus known."
        ),
    ),
    (
        mark("Sites"),
        mark(
            "A question on sites takes the mean over the sites to which it applies, each counted with its tier. A "
            "question that is not applicable, for the state or at a site, leaves the sums altogether."
        ),
    ),
    (
        mark("Supported by evidence"),
        mark(
            "The same mean with each level held down to what its evidence carries: level 1 for a bare statement, 2 "
            "where described, 3 where documented, 4 where measured or independently checked. Evidence older than 12 "
            "months (in use) or 36 months (in place) counts one grade lower. The claim itself is never changed."
        ),
    ),
    (
        mark("Confidence"),
        mark(
            "The weighted mean of the evidence grades of the known answers, as a share of the highest grade: A from "
            "75\u00a0%, B from 50\u00a0%, C from 25\u00a0%, D below."
        ),
    ),
    (
        mark("Too little known"),
        mark(
            "Where less than 80\u00a0% is known there is no headline figure; the report prints “insufficient "
            "information” and the share that is known. Where more than 40\u00a0% of the weight is not applicable the "
            "basis is called limited."
        ),
    ),
    (
        mark("Critical gaps and priority"),
        mark(
            "A critical question below half, or at level 0 at any site of the highest tier, is a critical gap. Gaps "
            "are listed by weight times distance to the target, critical ones doubled; equal ones by paragraph and "
            "question."
        ),
    ),
    (
        mark("Exact numbers"),
        mark("All sums are exact fractions; only the printed figure is rounded, half up, to a whole percent."),
    ),
)
BANDS: tuple[tuple[str, str], ...] = (
    (mark("Not started"), mark("below 10\u00a0%")),
    (mark("Early"), mark("from 10\u00a0% to below 40\u00a0%")),
    (mark("Partial"), mark("from 40\u00a0% to below 70\u00a0%")),
    (mark("Advanced"), mark("from 70\u00a0% to below 90\u00a0%")),
    (
        mark("Established"),
        mark("90\u00a0% or more, with at least 95\u00a0% known and no critical gap; otherwise Advanced"),
    ),
)
LEVELS: tuple[tuple[str, str], ...] = (
    (mark("Nothing is decided."), mark("Not done.")),
    (mark("Law, decision or budget is adopted; nothing works yet."), mark("Some, below 25\u00a0%.")),
    (
        mark("Works, but not for all agencies, hours or cases, or by hand."),
        mark("25\u00a0% to below 75\u00a0%."),
    ),
    (
        mark("Works routinely for all in scope, with a written procedure."),
        mark("75\u00a0% to below 98\u00a0%."),
    ),
    (
        mark("As 3, and tested or measured in the last 12 months."),
        mark("98\u00a0% or more, measured."),
    ),
)
"""What each level says in place and in use."""
STATEMENT = mark(
    "The signatories confirm that this report gives the state's own answers, complete and correct to the best of "
    "their knowledge on the day of signature. It is a self-assessment and not a legal finding. A signature on a "
    "draft confirms that the draft was read; only an approved report states the position of the state."
)
APPROVER = mark("Head of the responsible authority")
"""Who approves, where the checklist names no office."""
ROLES: tuple[tuple[str, str], ...] = (
    (mark("National coordinator"), mark("submits the report")),
    (mark("Validator"), mark("has checked answers and evidence, and gave none of the answers")),
    (APPROVER, mark("approves the report")),
    (mark("Minister or delegate"), mark("endorses the report (optional)")),
)
FIELDS = (mark("Name"), mark("Function and office"), mark("Date"), mark("Signature"))
GLOSSARY: tuple[tuple[str, str], ...] = (
    (mark("Band"), mark("The word for a range of scores.")),
    (mark("Gap"), mark("An answer below the level the checklist sets as target.")),
    (
        mark("Site"),
        mark(
            "A place where travellers, goods or documents are checked: airport, seaport, land crossing, customs or "
            "immigration post."
        ),
    ),
    (mark("Tier"), mark("The weight, 1 to 3, that the register gives a site.")),
)
"""The report's own words; those of the field come with the checklist."""
CHECKING: tuple[str, ...] = (
    mark(
        "The first twelve digits stand in the footer of every page; a page with other digits belongs to another report."
    ),
    mark(
        "The code holds the assessment's id, its revision, the edition and the digest, parted by upright lines. It "
        "holds no address and no answers."
    ),
)
SECTIONS = {
    "summary": mark("Summary"),
    "facts": mark("Facts at a glance"),
    "paragraphs": mark("Paragraph by paragraph"),
    "sites": mark("Site coverage"),
    "gaps": mark("Gaps"),
    "checks": mark("Checks and indicators"),
    "method": mark("Method"),
    "signoff": mark("Signatures"),
}
"""In the order of their numbers."""
ANNEXES = {
    "annex_a": mark("Answers of the state"),
    "annex_b": mark("Answers at sites"),
    "annex_c": mark("Evidence register"),
    "annex_d": mark("Answers other than values"),
    "annex_e": mark("Weights of the questions"),
    "annex_f": mark("Further gaps"),
    "annex_g": mark("Glossary"),
}
"""In the order of their letters."""
HEADINGS = {
    "assessment": mark("Assessment"),
    "revision": mark("Revision"),
    "digest_full": mark("Digest of the data (SHA-256)"),
    "checklist_digest": mark("Digest of the checklist"),
    "edition": mark("Edition"),
    "edition_name": mark("National"),
    "notice": mark("Notice"),
    "characters": mark("Characters"),
    "contents": mark("Contents"),
    "sites_by_type": mark("By type of site"),
    "indicators": mark("Indicators"),
    "levels": mark("The five levels"),
    "bands": mark("The words for scores"),
    "annex_b_lead": mark(
        "How many sites gave which answer. L0 to L4 are the levels; N/A counts the sites to which the question does "
        "not apply, declared so or because of another answer. Remarks and the answer of each site are in the "
        "attached data."
    ),
    "none": mark("None."),
    "verification": mark("Verification"),
    "checking": mark("How to check this report"),
    "qr": mark("QR code with the assessment's id, its revision, the edition and the digest, as printed on this page."),
    "attachment": mark("All data of this report, as canonical JSON"),
}
