"""What a running service would log, written down."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from service.http import logs


@contextmanager
def heard(stream: io.StringIO) -> Iterator[None]:
    """Write every line of the service's log to this stream, beside what pytest catches."""
    handler, ours = logging.StreamHandler(stream), logging.getLogger("stocktake")
    handler.setFormatter(logs.Lines())
    before = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield
    finally:
        ours.removeHandler(handler)
        ours.setLevel(before)
