"""Random changes of files that are verified: of single bytes, of JSON's structure, and those a forger would try."""

import copy
import json
import random
from collections.abc import Callable
from typing import cast

from pydantic import JsonValue

from sealed_builder import Books, Json, canonical, chained, sha256

Mutation = Callable[[random.Random], bytes]
"""One change of a file, drawn anew at each call."""


# ── bytes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def changed_bytes(content: bytes, chance: random.Random) -> bytes:
    """A bit flipped, bytes overwritten, deleted, inserted, repeated, exchanged or cut off."""
    at, other = sorted((chance.randrange(len(content)), chance.randrange(len(content))))
    some = chance.randbytes(chance.choice((1, 1, 2, 8)))
    piece = content[at : at + chance.choice((1, 2, 16, 64))]
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
        lambda: content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :],
        lambda: content[:at] + some + content[at + len(some) :],
        lambda: content[:at] + content[at + len(piece) :],
        lambda: content[:at] + some + content[at:],
        lambda: content[:at] + piece + content[at:],
        lambda: content[:at] + content[other : other + 8] + content[at + 8 : other] + piece[:8] + content[other + 8 :],
        lambda: content[:at],
        lambda: content[at + 1 :],
        lambda: content + some,
    )
    return chance.choice(ways)()


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def somewhere(value: Json, chance: random.Random) -> Json | list[JsonValue]:
    """An object or array with something in it: the value itself or one below it, near the top likelier."""
    found: Json | list[JsonValue] = value
    while chance.random() < 0.75:
        inside = found.values() if isinstance(found, dict) else found
        below = [one for one in inside if isinstance(one, dict | list) and one]
        if not below:
            break
        found = chance.choice(below)
    return found


def other_scalar(value: JsonValue, chance: random.Random) -> JsonValue:
    """Something else in place of a value, often of the same kind."""
    others: list[JsonValue] = [None, True, 0, 1, "", "QZB", [], {}, 0.5, "2026-11-20T09:30:00Z"]
    match value:
        case bool():
            others += [not value] * 10
        case int():
            others += [value + 1, value - 1, -value, value * 2] * 3
        case str() if value:
            place = chance.randrange(len(value))
            others += [value[:place] + chance.choice("0123456789abcdefZ ") + value[place + 1 :]] * 5
            others += [value[:place] + value[place + 1 :], value.upper(), value[::-1], f"{value} "]
        case _:
            pass
    return chance.choice(others)


def _change_object(members: Json, chance: random.Random) -> None:
    name, other = chance.choice(list(members)), chance.choice(list(members))
    match chance.randrange(6):
        case 0:
            del members[name]
        case 1:
            members[chance.choice(("note", f"{name}_", "state", "salt", "events"))] = chance.choice((None, 1, "x"))
        case 2:
            members[f"{name}x"] = members.pop(name)
        case 3:
            members[name], members[other] = members[other], members[name]
        case _:
            members[name] = other_scalar(members[name], chance)


def _change_array(items: list[JsonValue], chance: random.Random) -> None:
    place, other = chance.randrange(len(items)), chance.randrange(len(items))
    match chance.randrange(6):
        case 0:
            del items[place]
        case 1:
            items.insert(place, copy.deepcopy(items[other]))
        case 2:
            items[place], items[other] = items[other], items[place]
        case 3:
            items.reverse()
        case 4:
            items.append({} if isinstance(items[place], dict) else "x")
        case _:
            items[place] = other_scalar(items[place], chance)


def changed_structure(value: Json, chance: random.Random) -> bytes:
    """A member or an element taken out, put in, renamed, exchanged or replaced; canonical again."""
    new = copy.deepcopy(value)
    for _ in range(chance.choice((1, 1, 1, 3))):
        one = somewhere(new, chance)
        if isinstance(one, dict):
            _change_object(one, chance)
        else:
            _change_array(one, chance)
    return canonical(new)


def changed_spelling(value: Json, chance: random.Random) -> bytes:
    """The same content, written in another way, or with a member twice."""
    content = canonical(value)
    at = chance.choice([place for place in range(len(content)) if content[place : place + 1] in {b",", b":", b"{"}])
    members = list(value.items())
    chance.shuffle(members)
    name, held = chance.choice(members)
    twice = json.dumps({name: chance.choice((held, "x", None))}, separators=(",", ":"))[1:-1].encode()
    ways = (
        content[: at + 1] + chance.choice((b" ", b"\n", b"\t")) + content[at + 1 :],
        json.dumps(value, indent=chance.choice((None, 1, 2))).encode(),
        json.dumps(dict(members), separators=(",", ":"), ensure_ascii=False).encode(),
        content[:1] + twice + b"," + content[1:],
        content[:-1] + b"," + twice + b"}",
        b"\xef\xbb\xbf" + content,
        content + b"\n",
        content.decode().encode("utf-16"),
        content.replace(b'Z"', b'+00:00"', 1),
        content.replace(b"a", b"\\u0061", 1),
    )
    return chance.choice(ways)


# ── what a forger would try ──────────────────────────────────────────────────────────────────────────────────────────


def forged_seal(one: Books, other: Books, chance: random.Random) -> bytes:
    """An event from elsewhere, the content of another revision or state, or digests mended halfway."""
    seal = copy.deepcopy(one.sealed[chance.randrange(2)])
    strange = copy.deepcopy(other.sealed[chance.randrange(2)])
    twin = one.sealed[1] if seal == one.sealed[0] else one.sealed[0]
    match chance.randrange(7):
        case 0:
            seal["event"] = chance.choice([*one.events, *other.events])
        case 1:
            seal["snapshot"] = chance.choice((strange, twin))["snapshot"]
        case 2:
            seal["state"] = strange["state"]
        case 3:
            seal["snapshot"], seal["digest"] = strange["snapshot"], strange["digest"]
        case 4:
            seal["event"], seal["digest"] = twin["event"], twin["digest"]
        case 5:
            _mend(seal, chance)
        case _:
            event = cast("Json", seal["event"])
            event[chance.choice(list(event))] = chance.choice(list(cast("Json", strange["event"]).values()))
    return canonical(seal)


def _mend(seal: Json, chance: random.Random) -> None:
    """Change an answer, and mend the digests up to one before the last."""
    content = cast("Json", seal["snapshot"])
    answers = cast("list[Json]", cast("Json", content["export"])["answers"])
    chance.choice(answers)["level"] = chance.choice((5, 6, 7))
    digest = sha256(canonical(content))
    if chance.random() < 0.7:
        seal["digest"] = digest
    if chance.random() < 0.7:
        cast("Json", seal["event"])["digest"] = digest


def forged_log(one: Books, other: Books, chance: random.Random) -> bytes:
    """Events exchanged, taken from another state, left out, or a fork, its followers bound to it or not."""
    events = copy.deepcopy(one.events)
    place, elsewhere = chance.randrange(len(events)), chance.randrange(len(events))
    match chance.randrange(6):
        case 0:
            events[place], events[elsewhere] = events[elsewhere], events[place]
        case 1:
            events[place] = other.events[elsewhere]
        case 2:
            events[place:] = other.events[place:]
        case 3:
            del events[place + 1 :]
        case 4:
            events = _forked(events, place, followed=chance.random() < 0.5)
        case _:
            del events[place]
            events = chained("QZA", [{**event, "number": n} for n, event in enumerate(events, 1)])
    return canonical({**one.log, "events": cast("list[JsonValue]", events)})


def _forked(events: list[Json], place: int, *, followed: bool) -> list[Json]:
    """Another history from this place on: one event with a right hash, and those after it bound to it or left."""
    events[place]["subject"] = "/v1/assessments/elsewhere"
    previous = str(events[place]["previous"])
    new = chained("QZA", events[place:], previous=previous)
    return [*events[:place], *new] if followed else [*events[:place], new[0], *events[place + 1 :]]


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


def seal_mutation(one: Books, other: Books, chance: random.Random) -> bytes:
    """Some change of the first sealed file."""
    seal = one.sealed[0]
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: changed_bytes(canonical(seal), chance),
        lambda: changed_structure(seal, chance),
        lambda: changed_spelling(seal, chance),
        lambda: forged_seal(one, other, chance),
    )
    return chance.choice(ways)()


def log_mutation(one: Books, other: Books, chance: random.Random) -> bytes:
    """Some change of the log."""
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: changed_bytes(canonical(one.log), chance),
        lambda: changed_structure(one.log, chance),
        lambda: changed_spelling(one.log, chance),
        lambda: forged_log(one, other, chance),
    )
    return chance.choice(ways)()
