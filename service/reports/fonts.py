"""The fonts a report is set in: where their packages put them, and which characters they have."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.ttLib import TTFont

PACKAGES = {
    "fontpkg_noto_sans": "files/NotoSans[[]wdth,wght].ttf",
    "fontpkg_ibm_plex_sans_arabic": "files/IBMPlexSansArabic-Regular.ttf",
    "manimgx_fonts_cjk": "NotoSansCJK-VF.otf.ttc",
}
"""Package → the file whose characters count, as a glob; its sisters differ in weight and slope only."""


def folders() -> tuple[Path, ...]:
    """The folders of the three font packages, found without importing them."""
    return tuple(_files(package, pattern)[0].parent for package, pattern in PACKAGES.items())


@cache
def covered() -> frozenset[int]:
    """Every code point that one of the fonts can show."""
    points: set[int] = set()
    for package, pattern in PACKAGES.items():
        for file in _files(package, pattern):
            with TTFont(file, fontNumber=0, lazy=True) as font:
                points.update(font.getBestCmap())
    return frozenset(points)


def _files(package: str, pattern: str) -> list[Path]:
    """The font files of one package; LookupError when the package is not installed or not what it was."""
    spec = find_spec(package)
    found = [file for place in (spec and spec.submodule_search_locations) or () for file in Path(place).glob(pattern)]
    if not found:
        raise LookupError(f"the font package {package} is missing or holds no {pattern}")
    return found
