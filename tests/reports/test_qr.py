import re

from service.reports.qr import svg


def test_a_code_is_a_drawing_without_text() -> None:
    drawing = svg("3f2a9c1e|17|national|" + "0" * 64)
    assert drawing.startswith("<svg ")
    assert "<text" not in drawing
    assert re.search(r'viewBox="0 0 (\d+) \1"', drawing)


def test_other_texts_give_other_codes() -> None:
    assert svg("a") != svg("b")
    assert svg("a") == svg("a")
