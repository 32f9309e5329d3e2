"""What only a real connection shows."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sdk_faces import done
from stocktake import AsyncClient, Client, Retries, TimedOut, Unreachable

Act = Callable[[socket.socket], None]


@contextmanager
def server(act: Act) -> Iterator[str]:
    """One that acts on every connection once it has read a request."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                try:
                    act(connection)
                except OSError:  # the client went away, as it should
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(10)


def drip(connection: socket.socket) -> None:
    """Send an answer that never gets done, though a piece of it always comes in time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b" ")
        time.sleep(0.05)


def silence(connection: socket.socket) -> None:
    connection.recv(1)


def cut(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{")


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    ("act", "error", "words"),
    [(drip, TimedOut, "still coming"), (silence, TimedOut, "ReadTimeout"), (cut, Unreachable, "RemoteProtocolError")],
)
def test_a_call_ends_by_its_deadline_whatever_the_service_does(
    kind: type[Client] | type[AsyncClient], act: Act, error: type[Exception], words: str
) -> None:
    with server(act) as url:
        client = kind(url, "stk_a", retries=Retries(times=1, first=0.0, deadline=0.6))
        start = time.monotonic()
        with pytest.raises(error, match=words):
            done(client.states.get("QZA"))
        assert time.monotonic() - start < 3.0  # without the deadline: 5 seconds of drip, 30 of silence
        if isinstance(client, Client):
            client.close()


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_closed_door_is_unreachable_and_nothing_was_sent(kind: type[Client] | type[AsyncClient]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = kind(f"http://127.0.0.1:{port}", "stk_a", retries=Retries(first=0.0))
    with pytest.raises(Unreachable) as raised:
        done(client.states.get("QZA"))
    assert raised.value.sent is False
    if isinstance(client, Client):
        client.close()
