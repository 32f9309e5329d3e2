"""A small invented resolution on harbour lights and a checklist on it: nothing in the service knows either."""

from pathlib import Path

import pytest

INSTRUMENT = """\
# The text of the harbour conference.
format: instrument/1
id: harbour-lights
symbol: HC/1
title: Lights of harbours
language: en
adoption:
  body: Harbour Conference
  session: First session
  adopted: "1931-05-04"
paragraphs:
  - id: p1
    label: "1"
    verb: Recalls
    addressee: [general_assembly]
    speaks_to_states: false
    text: Recalls the old custom of lighting fires on the shore;

  - id: p2
    label: "2"
    verb: Calls upon
    addressee: [member_states]
    speaks_to_states: true
    text: >-
      Calls upon Member States to keep a light burning at every harbour from dusk to dawn, and to tell
      mariners of any failure of a light without delay;

  - id: p3
    label: 3 (a)
    verb: Encourages
    addressee: [member_states]
    speaks_to_states: true
    text: Encourages Member States to train keepers of lights;
"""

HEAD = """\
format: checklist/1
id: harbour
version: 1.0.0
status: draft
title: Harbour lights
notice: A self-assessment, made by the state itself.
instrument: harbour-lights
language: en
licence: CC0-1.0
scoring_model: "1.0"
roles:
  - id: keeper
    title: Keeper of the light
  - id: ministry
    title: Ministry
sections:
  - id: profile
    title: Profile
    introduction: About the coast.

  - id: lights
    title: Lights
    paragraph: p2
    introduction: Whether the lights burn.
units:
  - id: lights
    forms: light | lights
funnel:
  - question: p2.site.light
    title: A light burns
    at_level: 3
checks:
  - id: more_keepers
    severity: warning
    compare:
      left: p2.lit
      relation: greater
      right: register:sites
    message: More lights than harbours.

  - id: dark
    severity: contradiction
    when:
      all:
        - question: p2.site.light
          in: [electric]
        - question: p2.plan
          level_below: 1
    message: A light without any plan.
indicators:
  - id: lit_share
    title: Harbours with a light
    unit: "%"
    note: Of all harbours.
    of:
      kind: site_share
      where:
        question: p2.site.light
        level_at_least: 3

  - id: per_harbour
    title: Lights for each harbour
    unit: lights
    note: A plain ratio.
    of:
      kind: ratio
      numerator: p2.lit
      denominator: register:sites
      times: 1
      plausible: [0, 5]

  - id: delay
    title: Delay beside references
    unit: hours
    note: Reference, not norm.
    of:
      kind: bands
      value: p2.delay
      references:
        - at_most: 1
          text: At once
        - at_most: 24
          text: Within a day

  - id: proven
    title: Proven answers
    unit: "%"
    note: Of scored answers.
    of:
      kind: evidence_rate
release_notes: The first version.
"""

PROFILE = """\
section: profile
questions:
  - id: profile.coast
    title: Coast
    text: Has the state a coast?
    why: Without one there are no harbours.
    guidance: Look at a map.
    paragraph: p2
    quote: at every harbour from dusk to dawn
    strength: derived
    scope: state
    dimension: context
    sensitivity: open
    answer:
      type: yes_partial_no
      yes: A coast of the sea
      partial: A coast of a lake
      no: No coast
    asked_of: [ministry]

  - id: p2.lit
    title: Lights
    text: How many lights burn?
    why: It is the measure of all others.
    guidance: Count at night.
    paragraph: p2
    quote: keep a light burning
    strength: derived
    scope: state
    dimension: context
    sensitivity: open
    answer:
      type: number
      unit: lights
      max: 5000
    asked_of: [ministry]
"""

LIGHTS = """\
section: lights
questions:
  - id: p2.plan
    title: Plan
    text: How mature is the plan for lights?
    why: A plan outlives its makers.
    guidance: Read the plan.
    paragraph: p2
    also: [p3]
    quote: >-
      to keep a light burning at every
      harbour from dusk to dawn
    strength: direct
    scope: state
    dimension: in_place
    sensitivity: open
    answer:
      type: maturity
      descriptors:
        - There is no plan.
        - A plan is drafted.
        - A plan is approved.
        - A plan is carried out.
        - A plan is carried out and reviewed.
    weight: 2
    target: 3
    applies_when:
      question: profile.coast
      in: ["yes", partial]
    not_applicable:
      - id: frozen
        text: All harbours are frozen.
    evidence:
      - The plan
    asked_of: [ministry]

  - id: p2.site.light
    title: The light
    text: Which light burns at this harbour?
    why: Ships see it.
    guidance: Look from the sea.
    paragraph: p2
    quote: keep a light burning at every harbour
    strength: direct
    scope: site
    dimension: in_place
    sensitivity: open
    answer:
      type: choice
      options:
        - id: electric
          text: An electric light
          level: 4
        - id: lamp
          text: An oil lamp
          level: 3
        - id: none
          text: No light
          level: 0
    weight: 3
    target: 3
    critical: true
    applies_when:
      all:
        - site: type
          in: [seaport, river_port]
        - question: profile.coast
          in: ["yes"]
    not_applicable:
      - id: closed
        text: The harbour is closed at night.
    evidence:
      - A photograph
      - The log of the light
    asked_of: [keeper]

  - id: p2.site.warnings
    title: Warnings
    text: How are mariners told of a failure?
    why: A dark light misleads.
    guidance: Tick all that is used.
    paragraph: p2
    quote: tell mariners of any failure of a light without delay
    strength: direct
    scope: site
    dimension: in_place
    sensitivity: open
    answer:
      type: choices
      options:
        - id: flag
          text: Flag
        - id: radio
          text: Radio
        - id: gun
          text: Gun
        - id: none
          text: Not at all
          alone: true
      levels:
        - any: [flag, radio, gun]
        - none_of: [none]
        - count: 2
        - all: [flag, radio]
    weight: 1
    target: 3
    applies_when:
      question: p2.site.light
      level_at_least: 1
    not_applicable:
      - id: closed
        text: The harbour is closed at night.
    evidence:
      - The log of warnings
    asked_of: [keeper]

  - id: p2.share
    title: Share of nights
    text: On how many nights did the lights burn?
    why: A light that is out is none.
    guidance: Count nights.
    paragraph: p2
    quote: from dusk to dawn
    strength: derived
    scope: state
    dimension: in_use
    sensitivity: open
    answer:
      type: percent
      counts: Nights with light, of all nights.
      levels:
        - above: 0
        - at_least: 25
        - at_least: 75
        - at_least: 98.5
    weight: 2
    target: 3
    applies_when:
      any_site:
        question: p2.site.light
        in: [electric, lamp]
    not_applicable:
      - id: midsummer
        text: There is no night.
    evidence:
      - The log of lights
    asked_of: [ministry]

  - id: p2.delay
    title: Delay
    text: How long until mariners are told?
    why: Late is never.
    guidance: Take the median.
    paragraph: p2
    quote: without delay
    strength: direct
    scope: state
    dimension: in_use
    sensitivity: open
    answer:
      type: duration
      unit: hours
      levels:
        - at_most: 72
        - at_most: 24
        - at_most: 4
        - at_most: 1
    weight: 1
    target: 2
    not_applicable:
      - id: none
        text: No light failed.
    evidence:
      - The log of warnings
    asked_of: [ministry]

  - id: p2.drill
    title: Last drill
    text: When was the last drill?
    why: Skill fades.
    guidance: Take the last day.
    paragraph: p3
    also: [p2]
    quote: to train keepers of lights
    strength: resource
    scope: state
    dimension: in_use
    sensitivity: open
    answer:
      type: date
      levels:
        - within_months: 48
        - within_months: 36
        - within_months: 24
        - within_months: 12
    weight: 1
    target: 2
    not_applicable:
      - id: none
        text: There are no keepers.
    evidence:
      - The list of those who took part
    asked_of: [ministry]
"""

FILES = {
    "instrument.yaml": INSTRUMENT,
    "checklist.yaml": HEAD,
    "questions/01-profile.yaml": PROFILE,
    "questions/02-lights.yaml": LIGHTS,
}


@pytest.fixture
def harbour(tmp_path: Path) -> Path:
    """The folder of the checklist on harbour lights, sound as it is."""
    folder = tmp_path / "harbour"
    (folder / "questions").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def content() -> Path:
    """The folder of this project's own checklist."""
    return Path(__file__).parents[2] / "checklists" / "unga-73-11"
