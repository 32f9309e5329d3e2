"""Every refusal names the file, the line and the reason; the files they are made from are sound."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from service.catalogue.findings import Finding, WrongChecklist
from service.catalogue.lint import lint, load_sound
from service.catalogue.loader import load

HEAD = "checklist.yaml"
TEXT = "instrument.yaml"
PROFILE = "questions/01-profile.yaml"
LIGHTS = "questions/02-lights.yaml"
THERE = "    applies_when:\n      question: p2.site.light\n      level_at_least: 1\n"
ANY_SITE = "      any_site:\n        question: p2.site.light\n        in: [electric, lamp]\n"
PERCENT = "        - above: 0\n        - at_least: 25\n        - at_least: 75\n        - at_least: 98.5\n"
DURATION = "        - at_most: 72\n        - at_most: 24\n        - at_most: 4\n        - at_most: 1\n"
CHOICES = (
    "        - any: [flag, radio, gun]\n        - none_of: [none]\n        - count: 2\n        - all: [flag, radio]\n"
)
OPTIONS = """\
          level: 4
        - id: lamp
          text: An oil lamp
          level: 3
        - id: none
          text: No light
          level: 0
"""
NO_LIGHT = "    not_applicable:\n      - id: none\n        text: No light failed.\n"
MIXED = (
    "      any_site:\n        all:\n          - site: type\n            in: [rail]\n"
    "          - question: p2.plan\n            level_below: 1\n"
)
NUMBER = "type: number\n      unit: lights\n      max: 5000\n"
TEXTUAL = (
    f"context\n    sensitivity: open\n    answer:\n      {NUMBER}",
    "in_use\n    sensitivity: open\n    answer:\n      type: text\n",
)
FROZEN = "      - id: frozen\n        text: All harbours are frozen.\n"
SITE = "    scope: site\n    dimension: in_place\n"
WHERE = "        question: p2.site.light\n        level_at_least: 3\n"
ANYWHERE = "        any_site:\n          question: p2.site.light\n          level_at_least: 3\n"
COMPARE = "    compare:\n      left: p2.lit\n      relation: greater\n      right: register:sites\n"


@dataclass(frozen=True)
class Broken:
    """One change that breaks a sound file, and the finding it has to give."""

    name: str
    file: str
    old: str
    new: str
    at: str
    """The text whose line is named, in the broken file."""
    says: str


def case(name: str, file: str, change: tuple[str, str], at: str, says: str) -> object:
    return pytest.param(Broken(name, file, change[0], change[1], at, says), id=name)


YAML = [
    case("anchor", LIGHTS, ("title: Plan", "title: &a Plan"), "&a", "the anchor &a"),
    case("alias", LIGHTS, ("section: lights", "section: *a"), "*a", "the alias *a"),
    case("tag", HEAD, ("status: draft", "status: !!str draft"), "!!str", "the tag"),
    case(
        "duplicate key", LIGHTS, ("    title: Plan", "    id: x\n    title: Plan"), "id: x", "the key id a second time"
    ),
    case("second document", HEAD, ("funnel:", "---\nfunnel:"), "---", "a second document"),
    case("directive", TEXT, ("# The text", "%YAML 1.1\n---\n# The text"), "%YAML", "a % directive"),
    case("tab", LIGHTS, ("title: Plan", "title:\tPlan"), "\tPlan", "a tab"),
    case("carriage return", LIGHTS, ("title: Plan", "title: Plan\r"), "Plan\r", "LF line ends"),
    case("NUL", LIGHTS, ("title: Plan", "title: Pl\0an"), "\0", "control character U+0000"),
    case("control", LIGHTS, ("title: Plan", "title: Pl\x85an"), "\x85", "control character U+0085"),
    case("byte order mark", TEXT, ("# The text", "\ufeff# The text"), "\ufeff", "U+FEFF"),
    case("direction", LIGHTS, ("title: Plan", "title: Pl\u202ean"), "\u202e", "direction control U+202E"),
    case("escaped", LIGHTS, ("title: Plan", 'title: "Pl\\u202ean"'), "u202e", "direction control U+202E"),
    case("surrogate", LIGHTS, ("title: Plan", 'title: "Pl\\ud800an"'), "ud800", "U+D800"),
    case("bad escape", LIGHTS, ("title: Plan", 'title: "Pl\\U00FFFFFFan"'), "U00FF", "this is not YAML"),
    case("nothing", LIGHTS, ("    title: Plan", "    title:"), "title:", "nothing after this key"),
    case("null", LIGHTS, ("title: Plan", "title: null"), "title: null", "null stands for nothing"),
    case("tilde", LIGHTS, ("title: Plan", "title: ~"), "title: ~", "~ stands for nothing"),
    case("colon", LIGHTS, ("title: Plan", "title: Plan: of lights"), "of lights", "put the text in double quotes"),
    case("braces", HEAD, ("  - id: keeper\n    title: Keeper of the light", "  - {id: keeper}"), "{", "braces"),
    case("brackets", LIGHTS, ("also: [p3]", "also: [[p3]]"), "[[", "nested brackets"),
    case("comment", LIGHTS, ("title: Plan", "title: Plan # of lights"), "# of", "a comment inside the file"),
    case("list as key", LIGHTS, ("section: lights", "? [section]\n: lights"), "? [", "a list or mapping as key"),
    case("unclosed", LIGHTS, ("also: [p3]", "also: [p3"), "quote: >-", "this is not YAML"),
]

TYPES = [
    case("unknown field", LIGHTS, ("title: Plan", "title: Plan\n    colour: red"), "colour", "has no field colour"),
    case(
        "field named as in code", LIGHTS, ("level_at_least: 1", "one_of: [lamp]"), "      one_of", "has no field one_of"
    ),
    case("missing", LIGHTS, ("    title: Plan\n", ""), "- id: p2.plan", "title is missing in p2.plan"),
    case("boolean", LIGHTS, ("critical: true", "critical: yes"), "critical: yes", "write true or false, not yes"),
    case("number", LIGHTS, ("weight: 2", "weight: 2.0"), "weight: 2.0", "write a whole number"),
    case("weight", LIGHTS, ("weight: 2", "weight: 4"), "weight: 4", "weight: 4 is not known here"),
    case("level range", LIGHTS, ("target: 2", "target: 5"), "target: 5", "less than or equal to 4"),
    case("decimal", LIGHTS, ("98.5", "9e1"), "9e1", "write a number in digits"),
    case("day", TEXT, ('"1931-05-04"', '"1542153600"'), "adopted", "write a day as"),
    case("id", LIGHTS, ("id: p2.plan", "id: P2 (a)"), "P2 (a)", "id: P2 (a) is not written"),
    case(
        "answer type",
        LIGHTS,
        ("type: maturity", "type: grade"),
        "answer:\n      type: grade",
        "grade is not known here",
    ),
    case(
        "no type", LIGHTS, ("      type: maturity\n", ""), "answer:\n      descriptors", "the field 'type' is missing"
    ),
    case("four descriptors", LIGHTS, ("        - There is no plan.\n", ""), "descriptors:", "entry 5 is missing"),
    case("three levels", LIGHTS, ("        - above: 0\n", ""), "levels:\n        - at_least: 25", "3 entries"),
    case("text for list", LIGHTS, ("also: [p3]", "also: p3"), "also: p3", "a list is needed"),
    case("list for text", LIGHTS, ("title: Plan", "title: [Plan]"), "title: [Plan]", "one text is needed"),
    case("version", HEAD, ("version: 1.0.0", "version: 1.0"), "version: 1.0", "version: 1.0 is not written"),
    case("format", HEAD, ("checklist/1", "checklist/2"), "checklist/2", "checklist/2 is not known here"),
]

TEXTS = [
    case(
        "quote",
        LIGHTS,
        ("dusk to dawn\n    strength: direct", "dusk to down\n    strength: direct"),
        "quote: >-",
        "'down'",
    ),
    case("quote of no word", LIGHTS, ("quote: without delay", "quote: wuthout delay"), "wuthout", "'wuthout'"),
    case("short quote", LIGHTS, ("quote: without delay", "quote: delay"), "quote: delay", "too short"),
    case("cut quote", LIGHTS, ("quote: without delay", "quote: ithout delay"), "quote: ithout", "cuts through a word"),
    case("unknown paragraph", LIGHTS, ("paragraph: p3", "paragraph: p9"), "paragraph: p9", "no paragraph p9"),
    case("unknown also", LIGHTS, ("also: [p3]", "also: [p9]"), "also: [p9]", "no paragraph p9"),
    case("silent paragraph", LIGHTS, ("also: [p3]", "also: [p1]"), "also: [p1]", "asks nothing of member states"),
    case("paragraph named twice", LIGHTS, ("also: [p3]", "also: [p2]"), "also: [p2]", "p2 is named twice"),
    case("other section", LIGHTS, ("    also: [p2]\n", ""), "paragraph: p3", "stands in the section of p2"),
    case("paragraph id twice", TEXT, ("- id: p3", "- id: p2"), "- id: p2\n    label: 3", "p2 a second time"),
    case("weak word", LIGHTS, ("text: No light\n", "text: A violation\n"), "A violation", "'violation'"),
    case("long title", LIGHTS, ("title: Plan", "title: Plan" + " plan" * 20), "Plan plan", "100 are the most"),
]

PARTS = [
    case(
        "instrument", HEAD, ("instrument: harbour-lights", "instrument: other"), "instrument: other", "harbour-lights"
    ),
    case("folder", HEAD, ("id: harbour\n", "id: port\n"), "id: port", "its folder harbour"),
    case("unknown section", PROFILE, ("section: profile", "section: coast"), "section: coast", "no section coast"),
    case("section paragraph", HEAD, ("paragraph: p2", "paragraph: p7"), "paragraph: p7", "no paragraph p7"),
    case("role twice", HEAD, ("- id: ministry", "- id: keeper"), "- id: keeper\n    title: Min", "among roles"),
    case(
        "question twice",
        PROFILE,
        ("id: p2.lit", "id: profile.coast"),
        "id: profile.coast\n    title: Lights",
        "a second time",
    ),
    case("across files", LIGHTS, ("id: p2.drill", "id: p2.lit"), "id: p2.lit", "01-profile.yaml:21"),
    case("role", LIGHTS, ("asked_of: [keeper]", "asked_of: [cook]"), "asked_of: [cook]", "no role cook"),
    case(
        "role asked twice", PROFILE, ("asked_of: [ministry]", "asked_of: [ministry, ministry]"), "ministry, m", "twice"
    ),
]

SCORING = [
    case("no weight", LIGHTS, ("    weight: 2\n", ""), "- id: p2.plan", "has no weight"),
    case("no target", LIGHTS, ("    target: 3\n", ""), "- id: p2.plan", "has no target"),
    case("target 0", LIGHTS, ("target: 2", "target: 0"), "target: 0", "no level lies below"),
    case(
        "context weight",
        PROFILE,
        ("dimension: context", "dimension: context\n    weight: 1"),
        "weight",
        "has no weight",
    ),
    case("context critical", PROFILE, ("context\n", "context\n    critical: true\n"), "critical", "remove critical"),
    case(
        "context levels", PROFILE, ("no: No coast", "no: No coast\n      levels: [4, 2, 0]"), "levels:", "has no level"
    ),
    case("no evidence", LIGHTS, ("    evidence:\n      - The plan\n", ""), "- id: p2.plan", "names no evidence"),
    case("no reason", LIGHTS, (NO_LIGHT, ""), "- id: p2.delay", "no reason under not_applicable"),
    case("evidence twice", LIGHTS, ("- The log of the light", "- A  photograph"), "- A  photo", "says this twice"),
    case("no levels", LIGHTS, ("      levels:\n" + PERCENT, ""), "answer:\n      type: percent", "and has no levels"),
    case("descriptor", LIGHTS, ("A plan is drafted.", "There is NO plan."), "There is NO", "repeats a lower one"),
    case("text", PROFILE, ("dimension: context", "dimension: in_use\n    weight: 1"), "- id: profile", "has no target"),
    case("option without level", LIGHTS, ("          level: 3\n", ""), "- id: lamp", "lamp has no level"),
    case(
        "option twice",
        LIGHTS,
        ("id: lamp", "id: electric"),
        "id: electric\n          text: An oil",
        "electric a second",
    ),
    case("option text twice", LIGHTS, ("text: Radio", "text: flag"), "text: flag", "the text of another option"),
    case("option alone", LIGHTS, ("level: 3\n", "level: 3\n          alone: true\n"), "alone", "remove alone"),
    case("option of choices", LIGHTS, ("text: Gun", "text: Gun\n          level: 1"), "level: 1", "levels field"),
    case(
        "all the same",
        LIGHTS,
        (OPTIONS, OPTIONS.replace("3", "4").replace("0", "4")),
        "answer:\n      type: choice\n",
        "the same level",
    ),
    case(
        "out of reach",
        LIGHTS,
        (OPTIONS, OPTIONS.replace("3", "2").replace("4", "2")),
        "target: 3\n    crit",
        "no option",
    ),
]
SCORING += [
    case("scored text", PROFILE, TEXTUAL, "answer:\n      type: text", "a text has no level"),
    case("context maturity", LIGHTS, ("dimension: in_place", "dimension: context"), "answer:", "is itself a level"),
    case("context option", LIGHTS, (SITE, SITE.replace("in_place", "context")), "level: 4", "in a context question"),
    case("reason twice", LIGHTS, (FROZEN, FROZEN * 2), FROZEN.strip() + "\n    ev", "the reason frozen a second time"),
]

LADDERS = [
    case("kind", LIGHTS, ("- above: 0\n", "- count: 1\n"), "- count: 1", "count does not fit"),
    case("two kinds", LIGHTS, ("- above: 0", "- above: 0\n          below: 9"), "- above: 0", "2 requirements"),
    case("direction 2", LIGHTS, ("at_least: 25", "at_most: 25"), "levels:\n        - above", "in one direction"),
    case(
        "not rising", LIGHTS, ("at_least: 75", "at_least: 25"), "at_least: 25\n        - at_least: 98", "level 3 does"
    ),
    case("falls", LIGHTS, ("at_most: 4\n", "at_most: 24\n"), "at_most: 24\n        - at_most: 1", "level 3 does"),
    case("dates", LIGHTS, ("months: 36", "months: 60"), "months: 60", "level 2 does not ask for more"),
    case("above all", LIGHTS, ("98.5", "100.5"), "100.5", "100.5 lies outside"),
    case("met by all", LIGHTS, ("above: 0", "at_least: 0"), "at_least: 0", "met by every value"),
    case("no such option", LIGHTS, ("any: [flag, radio, gun]", "any: [bell]"), "any: [bell]", "no option bell"),
    case("no option", LIGHTS, ("none_of: [none]", "none_of: []"), "none_of: []", "names no option"),
    case("too many", LIGHTS, ("count: 2", "count: 9"), "count: 9", "only 4"),
    case("never", LIGHTS, ("all: [flag, radio]", "all: [flag, none]"), "all: [flag, none]", "reaches level 4"),
    case("fewer", LIGHTS, (CHOICES, CHOICES.replace("none_of: [none]", "count: 3")), "count: 2", "ask for more"),
    case("limits", PROFILE, ("max: 5000", "min: 9\n      max: 9"), "max: 9", "max is not above min"),
    case("fall", PROFILE, ("no: No coast", "no: No coast\n      levels: [0, 2, 4]"), "levels:", "0, 2, 4 do not fall"),
    case("rank", PROFILE, ("no: No coast", "no: A coast of the sea"), "no: A coast", "says the same as another"),
]

CONDITIONS = [
    case(
        "two forms",
        LIGHTS,
        (THERE, THERE + "      site: type\n"),
        THERE.strip(),
        "exactly one of",
    ),
    case("no form", LIGHTS, ("      question: p2.site.light\n", ""), "applies_when:\n      level", "none of them"),
    case(
        "no comparison",
        LIGHTS,
        ("      level_at_least: 1\n", ""),
        "applies_when:\n      question: p2.site.light\n    not",
        "exactly one of in",
    ),
    case(
        "two comparisons",
        LIGHTS,
        ("level_at_least: 1", "level_at_least: 1\n      level_below: 3"),
        "applies_when:\n      question: p2.site.light\n      level",
        "here is level_at",
    ),
    case(
        "unknown question",
        LIGHTS,
        ("question: p2.site.light\n      level", "question: p2.x\n      level"),
        "p2.x",
        "p2.x",
    ),
    case("unknown option", LIGHTS, ("in: [electric, lamp]", "in: [torch]"), "torch", "torch can never be"),
    case("unknown answer", LIGHTS, ('in: ["yes", partial]', "in: [maybe]"), "maybe", "maybe can never be"),
    case(
        "unknown type of site", LIGHTS, ("in: [seaport, river_port]", "in: [castle]"), "castle", "castle can never be"
    ),
    case("value twice", LIGHTS, ("in: [electric, lamp]", "in: [lamp, lamp]"), "lamp, lamp", "or one twice"),
    case("no value", LIGHTS, ("in: [electric, lamp]", "in: []"), "in: []", "in lists no value"),
    case(
        "level of context",
        LIGHTS,
        ('in: ["yes", partial]', "level_below: 2"),
        "level_below: 2",
        "context and has no level",
    ),
    case("number of words", LIGHTS, ("in: [electric, lamp]", "above: 2"), "above: 2", "not with a number"),
    case("in on maturity", HEAD, ("level_below: 1", 'in: ["1"]'), 'in: ["1"]', "in needs options"),
    case("level 0", LIGHTS, ("level_at_least: 1", "level_at_least: 0"), "level_at_least: 0", "always holds"),
    case(
        "itself", LIGHTS, (THERE, THERE.replace("site.light", "site.warnings")), "question: p2.site.w", "its own answer"
    ),
    case(
        "site from the state",
        LIGHTS,
        (ANY_SITE, "      question: p2.site.light\n      in: [electric]\n"),
        "question: p2.site.light\n      in: [electric]",
        "put the test in any_site",
    ),
    case(
        "type from the state",
        LIGHTS,
        (ANY_SITE, "      site: type\n      in: [rail]\n"),
        "site: type\n      in",
        "any_site",
    ),
    case(
        "empty any_site",
        LIGHTS,
        (ANY_SITE, "      any_site:\n        state: un_member\n        in: ['true']\n"),
        "any_site:\n        state",
        "no site question",
    ),
    case(
        "nested any_site",
        LIGHTS,
        (ANY_SITE, "      any_site:\n        any_site:\n          site: type\n          in: [rail]\n"),
        "any_site:\n          site",
        "any_site within any_site",
    ),
    case(
        "state inside any_site",
        LIGHTS,
        (ANY_SITE, MIXED),
        "question: p2.plan",
        "put its test beside any_site",
    ),
    case(
        "comparison beside",
        LIGHTS,
        ("      all:\n        - site", "      in: [x]\n      all:\n        - site"),
        "in: [x]",
        "beside all",
    ),
    case(
        "denied",
        LIGHTS,
        (THERE, "    applies_when:\n      not:\n        question: p2.x\n        in: [a]\n"),
        "p2.x",
        "p2.x",
    ),
    case("empty all", LIGHTS, (THERE, "    applies_when:\n      all: []\n"), "all: []", "all has no conditions"),
    case(
        "site with level", LIGHTS, ("in: [seaport, river_port]", "level_below: 2"), "level_below: 2", "written with in"
    ),
    case(
        "circle",
        PROFILE,
        ("dimension: context", "dimension: context\n    applies_when:\n      question: p2.plan\n      level_below: 4"),
        "applies_when:\n      question: p2.plan",
        "in a circle",
    ),
]

RULES = [
    case("neither", HEAD, (COMPARE, ""), "- id: more_keepers", "exactly one of when and compare"),
    case(
        "both",
        HEAD,
        (
            "    when:\n",
            "    compare:\n      left: p2.lit\n      relation: less\n      right: register:sites\n    when:\n",
        ),
        "- id: dark",
        "exactly one of when and compare",
    ),
    case("operand", HEAD, ("left: p2.lit", "left: p2.x"), "left: p2.x", "there is no question p2.x"),
    case("register", HEAD, ("right: register:sites", "right: register:ships"), "register:ships", "register:sites or"),
    case("site operand", HEAD, ("left: p2.lit", "left: p2.site.light"), "left: p2.site", "asked of each site"),
    case("word operand", HEAD, ("left: p2.lit", "left: p2.plan"), "left: p2.plan", "not with a number"),
    case(
        "unlike",
        HEAD,
        ("left: p2.lit", "left: p2.share"),
        "right: register:sites",
        "a percent is compared with a number",
    ),
    case(
        "with itself", HEAD, ("left: p2.lit", "left: register:sites"), "right: register:sites", "compared with itself"
    ),
    case("by itself", HEAD, ("denominator: register:sites", "denominator: p2.lit"), "denominator: p2.lit", "by itself"),
    case("implausible", HEAD, ("[0, 5]", "[5, 0]"), "[5, 0]", "turn them round"),
    case("bands", HEAD, ("at_most: 24", "at_most: 1"), "references:", "has to rise"),
    case(
        "no site",
        HEAD,
        ("question: p2.site.light\n        level_at_least: 3", "question: p2.plan\n        level_below: 3"),
        "where:\n        question: p2.plan",
        "looks at none",
    ),
    case(
        "funnel",
        HEAD,
        ("question: p2.site.light\n    title", "question: p2.plan\n    title"),
        "question: p2.plan",
        "no scored question",
    ),
    case(
        "funnel id",
        HEAD,
        ("question: p2.site.light\n    title", "question: p2.x\n    title"),
        "question: p2.x",
        "no question p2.x",
    ),
    case("funnel level", HEAD, ("at_level: 3", "at_level: 0"), "at_level: 0", "every site has level 0"),
    case(
        "funnel twice",
        HEAD,
        ("funnel:\n", "funnel:\n  - question: p2.site.light\n    title: Lit\n"),
        "question: p2.site.light\n    title: A light burns",
        "the step p2.site.light from level 3 a second time",
    ),
]

EVERY = [*YAML, *TYPES, *TEXTS, *PARTS, *SCORING, *LADDERS, *CONDITIONS, *RULES]


def line_of(text: str, part: str) -> int:
    """The line of the only place, or else of the first, where the part stands."""
    assert part in text
    return text.count("\n", 0, text.index(part)) + 1


def replace(folder: Path, file: str, old: str, new: str) -> str:
    """Change the first place in a file; the text it has then."""
    before = (folder / file).read_bytes().decode()
    assert old in before, "the case does not change the file"
    after = before.replace(old, new, 1)
    (folder / file).write_bytes(after.encode())
    return after


def test_the_files_all_cases_start_from_are_sound(harbour: Path) -> None:
    assert lint(harbour) == []
    assert load_sound(harbour).checklist.question("p2.plan").weight == 2


@pytest.mark.parametrize("broken", EVERY)
def test_a_broken_file_is_refused_with_file_line_and_reason(harbour: Path, broken: Broken) -> None:
    text = replace(harbour, broken.file, broken.old, broken.new)
    findings = lint(harbour)
    place = (harbour / broken.file).as_posix(), line_of(text, broken.at)
    told = [f for f in findings if (f.file, f.line) == place and broken.says in f.message]
    assert told, "\n".join(map(str, findings))


def test_all_findings_of_all_files_are_told_at_once_in_order(harbour: Path) -> None:
    replace(harbour, LIGHTS, "title: Plan", "title: &a Plan")
    replace(harbour, PROFILE, "title: Coast", "colour: red")
    replace(harbour, HEAD, "version: 1.0.0", "version: one")
    (harbour / "questions" / "3.yaml").write_text("section: lights\n")
    with pytest.raises(WrongChecklist) as refused:
        load(harbour)
    told = [(Path(f.file).name, f.line, f.code) for f in refused.value.findings]
    assert told == [
        ("checklist.yaml", 3, "type"),
        ("01-profile.yaml", 3, "type"),
        ("01-profile.yaml", 4, "type"),
        ("02-lights.yaml", 4, "yaml"),
        ("3.yaml", 1, "file"),
        ("3.yaml", 1, "type"),
    ]
    assert [place.at for place in refused.value.places] == [f"{f.file}:{f.line}" for f in refused.value.findings]


def test_a_checklist_with_findings_is_not_loaded_as_sound(harbour: Path) -> None:
    replace(harbour, LIGHTS, "quote: without delay", "quote: without dalay")
    assert load(harbour).checklist.head.id == "harbour"
    with pytest.raises(WrongChecklist, match="'dalay'"):
        load_sound(harbour)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("checklist.yml", "not part of a checklist"),
        ("questions/lights.yaml", "question files are named"),
        ("questions/03-more.yml", "question files are named"),
    ],
)
def test_a_file_nobody_would_read_is_refused(harbour: Path, name: str, says: str) -> None:
    (harbour / name).write_text(LIGHTS)
    assert any(f.file.endswith(name) and says in f.message for f in lint(harbour))


@pytest.mark.parametrize("name", [HEAD, TEXT])
def test_an_absent_file_is_named(harbour: Path, name: str) -> None:
    (harbour / name).unlink()
    assert [(f.file, f.line, f.code) for f in lint(harbour)] == [((harbour / name).as_posix(), 1, "file")]


def test_a_folder_without_questions_is_refused(harbour: Path) -> None:
    for path in (harbour / "questions").iterdir():
        path.unlink()
    assert "there are no question files" in lint(harbour)[0].message
    assert "there is no such folder" in lint(harbour / "nowhere")[0].message


def test_a_section_without_questions_is_refused(harbour: Path) -> None:
    replace(harbour, PROFILE, "section: profile", "section: lights")
    told = [(f.file, f.line, f.code) for f in lint(harbour)]
    assert ((harbour / HEAD).as_posix(), 17, "section") in told


@pytest.mark.parametrize("place", [0, 0.5, 1])
def test_one_letter_changed_in_any_quote_is_told_with_its_line(content: Path, tmp_path: Path, place: float) -> None:
    folder = copy(content, tmp_path)
    assert quotes_told(folder) == [], "unchanged, no quote is wrong"
    paths = sorted(folder.glob("questions/*.yaml"))
    changed = [(path.as_posix(), line) for path in paths for line in mutate(path, place)]
    assert len(changed) >= 50
    assert [(f.file, f.line) for f in quotes_told(folder)] == changed


def test_one_letter_changed_in_a_quoted_paragraph_is_told_at_every_quote_of_it(harbour: Path) -> None:
    replace(harbour, TEXT, "without delay", "without dalay")
    told = [(Path(f.file).name, f.line) for f in lint(harbour) if f.code == "quote"]
    text = (harbour / LIGHTS).read_text()
    assert told == [
        ("02-lights.yaml", line_of(text, "quote: tell mariners")),
        ("02-lights.yaml", line_of(text, "quote: without delay")),
    ]


def copy(content: Path, to: Path) -> Path:
    """The checklist of this project without its lock, to be changed."""
    left_out = shutil.ignore_patterns("checklist.lock.json")
    return Path(shutil.copytree(content, to / content.name, ignore=left_out))


def quotes_told(folder: Path) -> list[Finding]:
    return [finding for finding in lint(folder) if finding.code == "quote"]


def mutate(path: Path, place: float) -> list[int]:
    """Change one letter of each quote in a file; the lines the quotes stand in."""
    lines, mutated = path.read_text().split("\n"), []
    for number, line in enumerate(lines):
        if not line.strip().startswith("quote:"):
            continue
        block = line.strip() == "quote: >-"
        at = number + 1 if block else number
        start = len(lines[at]) - len(lines[at].lstrip()) if block else line.index("quote:") + len("quote: ")
        letters = [n for n in range(start, len(lines[at])) if lines[at][n].isalpha()]
        chosen = letters[round(place * (len(letters) - 1))]
        other = "x" if lines[at][chosen] != "x" else "z"
        lines[at] = lines[at][:chosen] + other + lines[at][chosen + 1 :]
        mutated.append(number + 1)
    path.write_text("\n".join(lines))
    return mutated
