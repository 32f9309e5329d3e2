"""The hash of an event is that of its canonical JSON (RFC 8785), whatever its texts hold."""

from dataclasses import asdict
from hashlib import sha256

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service.audit.chain import Event, hashed

TEXT = st.text(max_size=60)
EVENTS = st.builds(
    Event, number=st.integers(1, 2**53 - 1), at=TEXT, actor=TEXT, action=TEXT, subject=TEXT,
    digest=st.none() | TEXT, previous=TEXT, hash=TEXT,
)  # fmt: skip


@given(TEXT, EVENTS)
def test_an_event_is_hashed_as_canonical_json(state: str, event: Event) -> None:
    content = {name: value for name, value in asdict(event).items() if name != "hash"}
    assert hashed(state, event) == sha256(rfc8785.dumps({"state": state, **content})).hexdigest()
