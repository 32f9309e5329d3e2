"""Make any text printable: what the page cannot show is replaced and counted, what could mislead is dropped.

One character without a glyph fails a whole PDF/A report, so nothing enters a document but through here.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

Json = str | int | bool | None | Sequence["Json"] | Mapping[str, "Json"]
"""Plain data: what a document is made of."""

CAP = 10_000
"""Characters a text may have; the rest is cut and marked."""
TOKEN = 60
"""Characters without a space after which a line may break."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
CUT = " […]"

_NEWLINES = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # controls; tab and newline are spaces, below
    "\u00ad\u034f\u061c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, or turning text round
    "\ufe00-\ufe0f\U000e0000-\U000e0fff]"  # selectors and tags
)
_BLANKS = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]{2,}|[\t\u1680]")
_AROUND_LINES = re.compile(" *\n *")
_EMPTY_LINES = re.compile("\n{3,}")
_LONG = re.compile(rf"[^\s\u200b]{{{TOKEN}}}(?=[^\s\u200b])")
_MARKS = 8
"""Combining marks one letter may carry; more only slow the setting."""


class Cleaner:
    """Cleans texts against the characters of the fonts and counts what it had to replace."""

    def __init__(self, covered: AbstractSet[int]) -> None:
        self._covered = covered
        self.replaced = 0

    def text(self, text: str) -> str:
        """The text as it can be printed; cleaning it again changes nothing."""
        cut = text[: 4 * CAP]  # bounds the work on hostile lengths before anything looks at them
        cut = unicodedata.normalize("NFC", cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        cut = _DROPPED.sub("", _NEWLINES.sub("\n", cut))
        cut = _BLANKS.sub(" ", cut)
        cut = _EMPTY_LINES.sub("\n\n", _AROUND_LINES.sub("\n", cut)).strip()
        shown = self._shown(cut)
        if len(shown) > CAP or len(text) > 4 * CAP:
            shown = shown[: CAP - len(CUT)].rstrip() + CUT
        return _LONG.sub("\\g<0>\u200b", shown)

    def every(self, data: Mapping[str, Json]) -> dict[str, Json]:
        """The same data with every string in it cleaned; keys are ours and stay."""
        return {key: self._clean(value) for key, value in data.items()}

    def _clean(self, data: Json) -> Json:
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, Mapping):
            return self.every(data)
        if isinstance(data, Sequence):
            return [self._clean(value) for value in data]
        return data

    def _shown(self, text: str) -> str:
        if text.isascii():
            return text
        out: list[str] = []
        marks = 0
        for character in text:
            marks = marks + 1 if unicodedata.combining(character) else 0
            if marks > _MARKS:
                continue
            shown = character == "\n" or (character != REPLACEMENT and ord(character) in self._covered)
            self.replaced += not shown
            out.append(character if shown else REPLACEMENT)
        return "".join(out)
