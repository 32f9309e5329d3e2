"""The report's standing texts: what it is, how it is computed, how it is checked. English."""

NATURE = (
    "This is a self-assessment of implementation by the state itself. It is not a legal finding, it judges nobody, "
    "and it is not meant for comparing or ranking states. “In place” and “in use” say how far the state puts to work "
    "what the instrument asks for or names."
)
READERS = (
    "The state decides who may read this report. Site by site it shows where checks are not yet made: keep it as you "
    "keep the state's own border security documents, and pass it on only with the consent of the national "
    "coordinator."
)
DRAFT = "This is a draft. Its answers have not been approved by the state and may still change."
PARAGRAPHS_LEAD = (
    "One row for each paragraph with scored questions. Where two figures stand with a stroke between them, the first "
    "is for in place and the second for in use. N/A counts the answers that are not applicable."
)
GAPS_LEAD = (
    "Answers below the target the checklist sets, by falling priority, each with the level reached and the target. "
    "“Sites below” counts the sites under the target among those asked."
)
NO_CRITICAL_GAP = (
    "No critical question is answered below half of what it asks, and no site of the highest tier is at level 0."
)
METHOD: tuple[tuple[str, str], ...] = (
    (
        "Levels",
        (
            "Every scored question reaches a level from 0 to 4, derived from its answer by the rule the checklist "
            "prints beside it. A level may be claimed only when all lower ones are true. A level counts a quarter of "
            "its number: 0, ¼, ½, ¾, 1."
        ),
    ),
    (
        "Two dimensions",
        (
            "“In place” asks whether law, system and procedure exist; “in use” asks whether they do their work, over "
            "the last full twelve months. They are never merged into one number."
        ),
    ),
    (
        "Interval",
        (
            "An answer that is unknown, withheld or missing counts 0 in the low figure and 1 in the high figure. Low "
            "is the weighted mean of the first, high of the second; the low figure is the headline. Known is the "
            "share of the weight that is answered, and high minus low is always one minus known."
        ),
    ),
    (
        "Sites",
        (
            "A question on sites takes the mean over the sites to which it applies, each counted with its tier. A "
            "question that is not applicable, for the state or at a site, leaves the sums altogether."
        ),
    ),
    (
        "Supported by evidence",
        (
            "The same mean with each level held down to what its evidence carries: level 1 for a bare statement, 2 "
            "where described, 3 where documented, 4 where measured or independently checked. Evidence older than 12 "
            "months (in use) or 36 months (in place) counts one grade lower. The claim itself is never changed."
        ),
    ),
    (
        "Confidence",
        (
            "The weighted mean of the evidence grades of the known answers, as a share of the highest grade: A from "
            "75\u00a0%, B from 50\u00a0%, C from 25\u00a0%, D below."
        ),
    ),
    (
        "Too little known",
        (
            "Where less than 80\u00a0% is known there is no headline figure; the report prints “insufficient "
            "information” and the share that is known. Where more than 40\u00a0% of the weight is not applicable the "
            "basis is called limited."
        ),
    ),
    (
        "Critical gaps and priority",
        (
            "A critical question below half, or at level 0 at any site of the highest tier, is a critical gap. Gaps "
            "are listed by weight times distance to the target, critical ones doubled; equal ones by paragraph and "
            "question."
        ),
    ),
    (
        "Exact numbers",
        "All sums are exact fractions; only the printed figure is rounded, half up, to a whole percent.",
    ),
)
BANDS: tuple[tuple[str, str], ...] = (
    (
        "Not started",
        "below 10\u00a0%",
    ),
    (
        "Early",
        "from 10\u00a0% to below 40\u00a0%",
    ),
    (
        "Partial",
        "from 40\u00a0% to below 70\u00a0%",
    ),
    (
        "Advanced",
        "from 70\u00a0% to below 90\u00a0%",
    ),
    (
        "Established",
        "90\u00a0% or more, with 95\u00a0% known and no critical gap; otherwise Advanced",
    ),
)
LEVELS: tuple[tuple[str, str, str], ...] = (
    (
        "0 · Not in place",
        "Nothing is decided.",
        "Not done.",
    ),
    (
        "1 · Decided",
        "Law, decision or budget is adopted; nothing works yet.",
        "Some, below 25\u00a0%.",
    ),
    (
        "2 · Partial",
        "Works, but not for all agencies, hours or cases, or by hand.",
        "25\u00a0% to below 75\u00a0%.",
    ),
    (
        "3 · Operating",
        "Works routinely for all in scope, with a written procedure.",
        "75\u00a0% to below 98\u00a0%.",
    ),
    (
        "4 · Operating and verified",
        "As 3, and tested or measured in the last 12 months.",
        "98\u00a0% or more, measured.",
    ),
)
STATEMENT = (
    "The signatories confirm that this report gives the state's own answers, complete and correct to the best of "
    "their knowledge on the day of signature. It is a self-assessment and not a legal finding. A signature on a "
    "draft confirms that the draft was read; only an approved report states the position of the state."
)
APPROVER = "Head of the responsible authority"
"""Who approves, where the checklist names no office."""
ROLES: tuple[tuple[str, str], ...] = (
    (
        "National coordinator",
        "submits the report",
    ),
    (
        "Validator",
        "has checked answers and evidence, and gave none of the answers",
    ),
    (
        APPROVER,
        "approves the report",
    ),
    (
        "Minister or delegate",
        "endorses the report (optional)",
    ),
)
GLOSSARY: tuple[tuple[str, str], ...] = (
    (
        "Band",
        "The word for a range of scores.",
    ),
    (
        "Gap",
        "An answer below the level the checklist sets as target.",
    ),
    (
        "Site",
        (
            "A place where travellers, goods or documents are checked: airport, seaport, land crossing, customs or "
            "immigration post."
        ),
    ),
    (
        "Tier",
        "The weight, 1 to 3, that the register gives a site.",
    ),
)
"""The report's own words; those of the field come with the checklist."""
CHECKING: tuple[str, ...] = (
    (
        "The data of this report travels inside it, as the attached file export.json. Save that file from the list "
        "of attachments of your PDF reader."
    ),
    (
        "Compute the SHA-256 of the saved file, for instance with “sha256sum export.json”. It must equal the digest "
        "above, digit by digit."
    ),
    ("The first twelve digits stand in the footer of every page; a page with other digits belongs to another report."),
    (
        "The code holds the assessment's id, its revision, the edition and the digest, parted by upright lines. It "
        "holds no address and no answers."
    ),
)
HEADINGS = {
    "assessment": "Assessment",
    "assessment_id": "Assessment",
    "revision": "revision",
    "revision_of": "Revision",
    "digest": "Digest",
    "digest_full": "Digest of the data (SHA-256)",
    "checklist_digest": "Digest of the checklist",
    "page": "page",
    "of": "of",
    "edition": "Edition",
    "edition_name": "national",
    "notice": "Notice",
    "characters": "Characters",
    "contents": "Contents",
    "summary": "1\u2002Summary",
    "facts": "2\u2002Facts at a glance",
    "fact": "What",
    "figure": "Figure",
    "paragraphs": "3\u2002Paragraph by paragraph",
    "sites": "4\u2002Site coverage",
    "sites_by_type": "By type of site",
    "gaps": "5\u2002Gaps",
    "checks": "6\u2002Checks and indicators",
    "indicators": "Indicators",
    "method": "7\u2002Method",
    "levels": "The five levels",
    "bands": "The words for scores",
    "signoff": "8\u2002Signatures",
    "annex_a": "Annex A\u2002Answers of the state",
    "annex_b": "Annex B\u2002Answers at sites",
    "annex_b_lead": (
        "How many sites gave which answer. L0 to L4 are the levels; N/A counts the sites to which the question does "
        "not apply, declared so or because of another answer. Remarks and the answer of each site are in the "
        "attached data."
    ),
    "annex_c": "Annex C\u2002Evidence register",
    "annex_d": "Annex D\u2002Answers other than values",
    "annex_e": "Annex E\u2002Weights of the questions",
    "annex_f": "Annex F\u2002Further gaps",
    "annex_g": "Annex G\u2002Glossary",
    "none": "None.",
    "verification": "Verification",
    "checking": "How to check this report",
    "qr": "QR code with the assessment's id, its revision, the edition and the digest, as printed on this page.",
    "attachment": "All data of this report, as canonical JSON",
}
