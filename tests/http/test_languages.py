"""Problems and verdicts in the caller's language: the sentences change, codes, places and numbers do not."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, get_args, get_type_hints
from uuid import UUID

from httpx2 import Response
from pydantic import BaseModel, TypeAdapter, ValidationError

from conftest import World
from service.errors import Message
from service.expected import EXPECTED, expected
from service.languages.words import words_of
from stocktake.models import answers, assessments, base, registry

FRENCH = {"accept-language": "fr-CH, fr;q=0.9, en;q=0.5"}
SITES = "code,name,type\nR1,One,moonport\n"
JUNK: tuple[Any, ...] = (
    None, True, 1, -1, 0, 1.5, 10**20, "", " ", "x" * 20_000, "2026-02-30", "20260101", "é", b"x", [], [1] * 2000,
    {}, {"x": 1},
    float("nan"), float("inf"), date(1800, 1, 1), date(2300, 1, 1), datetime(2026, 1, 1, 5),  # noqa: DTZ001
    "2026-01-01T05:00:00", 1577836800,
)  # fmt: skip


def french(message: str, **values: object) -> str:
    """The sentence in French, which has one of its own."""
    sentence = words_of("fr").text(message, **values)
    assert sentence != message.format(**values)
    return sentence


def said(answer: Response, language: str) -> dict[str, Any]:
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"
    body: dict[str, Any] = answer.json()
    return body


def test_a_missing_site_is_said_in_the_language_of_the_header(world: World) -> None:
    caller = world.state(sites=0)
    url = "/v1/states/QZA/sites/A77"
    english = said(caller.get(url), "en")
    other = said(caller.get(url, headers=FRENCH), "fr")
    assert (english["title"], english["detail"]) == ("Not found", "There is no such site.")
    assert (other["title"], other["detail"]) == (french("Not found"), french("There is no such site."))
    assert {name: other[name] for name in ("status", "code", "type")} == {
        name: english[name] for name in ("status", "code", "type")
    }


def test_places_keep_their_address_and_change_their_words(world: World) -> None:
    caller = world.state(sites=0)
    wrong = {"un_member": True, "colour": "red"}
    answer = caller.put("/v1/states/QZA", json=wrong, headers={"if-match": "*", **FRENCH})
    body = said(answer, "fr")
    add, remove = french("required; add it"), french("unknown field; remove it")
    assert body["title"] == french("The request breaks a rule")
    assert body["detail"] == french("{at}: {detail} and {more} more.", at="/name", detail=add, more=2)
    assert {(place["at"], place["detail"]) for place in body["errors"]} == {
        ("/name", add), ("/interpol_member", add), ("/colour", remove),
    }  # fmt: skip


def test_verdicts_on_rows_are_said_in_the_language_too(world: World) -> None:
    caller = world.state(sites=0)
    url = f"/v1/assessments/{world.assessment(caller)}/answers"
    row = {"question": "p9.site.mode", "site": "A77", "value": "find"}
    english = "There is no site {site} in your register; enter it first."
    wanted = {"en": english.format(site="A77"), "fr": french(english, site="A77")}
    for language, sentence in wanted.items():
        (verdict,) = caller.post(url, json={"rows": [row]}, headers={"accept-language": language}).json()["rows"]
        assert (verdict["code"], verdict["key"], verdict["detail"]) == ("not_found", "p9.site.mode@A77", sentence)
    answer = caller.post("/v1/states/QZA/sites/import", content=SITES, headers={"content-type": "text/csv", **FRENCH})
    (verdict,) = answer.json()["rows"]
    types = ", ".join(get_args(registry.SiteType))
    known = french("not known here; write one of: {expected}", expected=types)
    assert verdict["detail"] == french("{column}: {detail}", column="type", detail=known)


def test_the_query_wins_and_what_nobody_speaks_is_english(world: World) -> None:
    nobody = world.caller(scopes=frozenset())
    assert said(nobody.get("/v1/nowhere", params={"language": "fr"}, headers={"accept-language": "ru"}), "fr")
    assert said(nobody.get("/v1/nowhere", params={"language": "tlh"}, headers=FRENCH), "en")
    assert said(nobody.get("/v1/nowhere", headers={"accept-language": "tlh, ;q=, *;q=0"}), "en")


def test_what_is_not_translated_yet_is_said_in_english() -> None:
    made_up = Message("There is no moon {moon}.", moon=Message("called {name}", name="Io"))
    assert made_up.said(words_of("fr")) == str(made_up) == "There is no moon called Io."


def test_values_are_never_taken_for_templates() -> None:
    assert str(Message("came {value}", value="{secret} {0} %s")) == "came {secret} {0} %s"


# ── what pydantic says ───────────────────────────────────────────────────────────────────────────────────────────────


def bodies() -> Iterator[type[BaseModel]]:
    """Every model that is sent to the service."""
    for module in (answers, assessments, registry):
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, base.Body) and found is not base.Body:
                yield found


def faults(kind: Any, *, strings: bool = False) -> Iterator[Any]:  # noqa: ANN401  # whatever pydantic takes and says
    """What is wrong with each piece of junk, as JSON has it and as a query has it."""
    adapter = TypeAdapter[Any](kind)
    for junk in JUNK:
        try:
            adapter.validate_strings(junk) if strings and isinstance(junk, str) else adapter.validate_python(junk)
        except ValidationError as error:
            yield from error.errors()


def test_everything_that_can_be_wrong_has_a_sentence_of_its_own() -> None:
    kinds: list[Any] = [bool, int, UUID, base.SiteCode, registry.SiteType, answers.AnswerRows]
    found = {fault["type"]: fault for kind in kinds for fault in faults(kind, strings=True)}
    for body in bodies():
        found |= {fault["type"]: fault for fault in faults(body)}
        for name in get_type_hints(body):
            field = body.model_fields.get(name)
            if field is not None:
                values = [{name: junk} for junk in JUNK]
                found |= {fault["type"]: fault for value in values for fault in wrong_in(body, value)}
    assert len(found) > 20
    assert set(found) - set(EXPECTED) == set()
    for fault in found.values():
        sentence = str(expected(fault))
        assert "{" not in sentence.replace(str(fault.get("ctx", {}).get("pattern")), "")
        assert "Input" not in sentence
        assert "should" not in sentence


def wrong_in(body: type[BaseModel], value: dict[str, Any]) -> list[Any]:
    try:
        body.model_validate(value)
    except ValidationError as error:
        return list(error.errors())
    return []


def test_an_error_of_an_unknown_kind_is_said_in_words_too() -> None:
    fault: Any = {"type": "made_up", "loc": (), "msg": "Input should be {odd}", "input": 1, "ctx": {"error": "x"}}
    assert str(expected(fault)) == "not what is needed here"
