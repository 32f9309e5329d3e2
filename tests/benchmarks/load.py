"""Servers in processes of their own, connections that stay open, and the CPU time a process has used."""

import multiprocessing
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

SPAWN = multiprocessing.get_context("spawn")


def _serve(listener: socket.socket, make: Callable[..., FastAPI], arguments: tuple[object, ...]) -> None:
    """What the process runs; the same settings for the service and the raw routes."""
    config = uvicorn.Config(make(*arguments), loop="uvloop", http="httptools", log_level="warning", access_log=False)
    config.server_header = False
    config.timeout_keep_alive = 600  # seconds: the other side's turn may take long
    uvicorn.Server(config).run(sockets=[listener])


class Server:
    """One running server process."""

    def __init__(self, pid: int, port: int) -> None:
        self.pid = pid
        self.port = port
        self._sockets: list[socket.socket] = []

    def cpu(self) -> float:
        """Seconds of CPU its threads have used so far, to the nanosecond: Linux's clock of another process."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def connect(self, count: int) -> None:
        """Open so many connections, that later requests share."""
        for _ in range(count):
            opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(opened)

    def close(self) -> None:
        for opened in self._sockets:
            opened.close()

    def send(self, requests: Sequence[bytes]) -> bytes:
        """Send them all, as many at once as there are connections; the last answer's body. All must succeed."""
        body = b""
        for start in range(0, len(requests), len(self._sockets)):
            batch = list(zip(self._sockets, requests[start : start + len(self._sockets)], strict=False))
            for opened, request in batch:
                opened.sendall(request)
            for opened, _ in batch:
                body = _receive(opened)
        return body


def _receive(opened: socket.socket) -> bytes:
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += _some(opened)
    head = bytes(data[:end]).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    while len(data) < end + 4 + length:
        data += _some(opened)
    body = bytes(data[end + 4 :])
    if not head.startswith(b"http/1.1 2"):
        raise SystemExit(f"{head.splitlines()[0].decode()}: {body[:500].decode()}")
    return body


def _some(opened: socket.socket) -> bytes:
    got = opened.recv(65536)
    if not got:
        raise SystemExit("The server closed the connection.")
    return got


@contextmanager
def serving(make: Callable[..., FastAPI], *arguments: object) -> Iterator[Server]:
    """A server for as long as the block runs."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        process = SPAWN.Process(target=_serve, args=(listener, make, arguments), daemon=True)
        process.start()
        server = Server(process.pid or 0, listener.getsockname()[1])
        try:
            yield server
        finally:
            server.close()
            process.terminate()
            process.join(10)
            process.kill()
