"""``make messages``: the sentences of the code as ``messages.pot``, and the ``.po`` files of translators up to date.

A sentence stands in ``mark(…)``, ``Message(…)``, ``.text(…)`` or ``.count(…, …)``, in the second place of ``Place``, or
in the first of a problem. One that is put together from pieces cannot be translated and is refused.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from service.languages.words import CATALOGUES

SERVICE = Path(__file__).parents[1]
PLURALS: Mapping[str, str] = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "es": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "zh": "nplurals=1; plural=0;",
}
"""The languages translated into, with gettext's plural rule of each; Babel's for Arabic has the last two swapped."""
ENGLISH = frozenset({"WrongChecklist", "WrongLock", "PublishedDiffers", "WrongCatalog", "WrongProfile"})
"""Problems that only authors of checklists meet, at the command line."""
_PLACES: Mapping[str, int] = {"mark": 0, "Message": 0, "Place": 1}
"""Where each call has its sentence; a problem has it first."""
_MAY_PASS_ON = frozenset({"mark", "text", "Message", "Place"})
_ONE_VALUE = re.compile(r"\{\w+\}")
_HEADER = """\
# {title}
#
# Written by `make messages`, which adds what is new and drops what is gone. Translate each msgstr; what stands in
# {{braces}} and every code stays as it is. A plural has one msgstr for each form of the language. Forms parted by | are
# one for each plural category of the language (CLDR), in the order zero, one, two, few, many, other.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""


class NotWhole(ValueError):
    """A sentence that is put together from pieces."""


@dataclass(frozen=True, slots=True)
class Source:
    """One module of the service."""

    name: str
    tree: ast.Module


def sources(root: Path = SERVICE) -> list[Source]:
    """The service's modules."""
    return [
        Source(path.relative_to(root.parent).as_posix(), ast.parse(path.read_text(encoding="utf-8")))
        for path in sorted(root.rglob("*.py"))
    ]


def problems(modules: Iterable[Source]) -> frozenset[str]:
    """The names of the classes that derive from Problem, and its own."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for module in modules
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"Problem"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


def template(modules: Iterable[Source]) -> Catalog:
    """Every sentence of these modules, by file."""
    known = list(modules)
    places = {**dict.fromkeys(problems(known) - ENGLISH, 0), **_PLACES}
    catalog = Catalog(charset="utf-8")
    for module in known:
        calls = [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            for sentence in _sentences(call, places, module):
                catalog.add(sentence, locations=[(module.name, 1)])
    return catalog


def _sentences(call: ast.Call, places: Mapping[str, int], module: Source) -> Iterator[str | tuple[str, str]]:
    match call:
        case ast.Call(func=ast.Attribute(attr="text"), args=[sentence]):
            given = _written(sentence, "text", module)
        case ast.Call(
            func=ast.Attribute(attr="count"),
            args=[ast.Constant(value=str(one)), ast.Constant(value=str(many)), *_],
        ):
            yield one, many
            return
        case ast.Call(func=ast.Name(id=name), args=arguments) if name in places and len(arguments) > places[name]:
            given = _written(arguments[places[name]], name, module)
        case _:
            return
    if given and not _ONE_VALUE.fullmatch(given):
        yield given


def _written(argument: ast.expr, caller: str, module: Source) -> str | None:
    """The sentence that stands here; none where a call may pass on one that is written elsewhere."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    pieces = isinstance(argument, ast.JoinedStr | ast.BinOp)
    if pieces or caller not in _MAY_PASS_ON or (caller == "Place" and isinstance(argument, ast.Name)):
        raise NotWhole(f"{module.name}:{argument.lineno}: give {caller} one sentence with named places, and the values")
    return None


def written(catalog: Catalog, title: str) -> bytes:
    """A catalogue as a file: sorted by module, no dates, no line numbers."""
    body = BytesIO()
    write_po(body, catalog, width=0, omit_header=True, sort_by_file=True, include_lineno=False, ignore_obsolete=True)
    language = catalog.locale_identifier or ""
    return _HEADER.format(title=title, language=language, plurals=PLURALS.get(language, "")).encode() + body.getvalue()


def files() -> dict[Path, bytes]:
    """Every file of the catalogues as it has to be: translations that stand are kept."""
    found = template(sources())
    wanted = {CATALOGUES / "messages.pot": written(found, "Every sentence of the service, in English.")}
    for language in PLURALS:
        path = CATALOGUES / f"{language}.po"
        catalog = Catalog(locale=language, charset="utf-8")
        if path.is_file():
            with path.open("rb") as standing:
                catalog = read_po(standing, locale=language)
        catalog.update(found, no_fuzzy_matching=True)
        wanted[path] = written(catalog, f"The service's sentences, language {language}.")
    return wanted


def main() -> None:
    """Write what has to be written."""
    for path, data in files().items():
        path.write_bytes(data)


if __name__ == "__main__":
    main()
