"""QR codes as drawings."""

from io import BytesIO

import segno


def svg(text: str) -> str:
    """The text as a QR code that survives 15 % of damage, in SVG without any text of its own."""
    drawing = BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing, kind="svg", xmldecl=False, svgns=True, border=4, omitsize=True, nl=False
    )
    return drawing.getvalue().decode()
