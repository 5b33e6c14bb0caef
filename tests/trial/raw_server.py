"""A server on 127.0.0.1 in a process of its own, whose answers are written byte by byte.

It stops by itself, whatever becomes of whoever started it.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

#: Seconds after which a server ends, used or not.
LIFE = 90


@dataclass(frozen=True)
class Request:
    """What a client asked: its path, its headers (names in lower case), and the server's port."""

    path: str
    headers: dict[str, str]
    port: int


Answer = Callable[[socket.socket, Request], None]


@dataclass(frozen=True)
class Server:
    """A running server: `url` is its root, without a slash at the end."""

    pid: int
    url: str

    def stop(self) -> None:
        """Kill it and wait for its end."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


def serve(answer: Answer) -> Server:
    """Start a server that gives this answer to every request."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=32)
    port = listening.getsockname()[1]
    pid = os.fork()
    if pid:
        listening.close()
        return Server(pid, f"http://127.0.0.1:{port}")
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LIFE)
    while True:
        accepted, _ = listening.accept()
        threading.Thread(target=_one, args=(accepted, answer, port), daemon=True).start()


def _one(accepted: socket.socket, answer: Answer, port: int) -> None:
    with accepted, suppress(OSError):  # the client hung up first
        answer(accepted, _request(accepted, port))


def _request(accepted: socket.socket, port: int) -> Request:
    read = b""
    while b"\r\n\r\n" not in read and len(read) < 1 << 16:
        block = accepted.recv(1 << 14)
        if not block:
            break
        read += block
    first, *lines = read.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Request([*first.split(" "), "", ""][1], headers, port)


def reply(
    body: bytes = b"", status: str = "200 OK", length: int | None = -1, **headers: str
) -> bytes:
    """The bytes of an answer; `length`: as announced, the true one by default, None for none."""
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def always(answer: bytes) -> Answer:
    """These bytes to everybody."""
    return lambda to, _: to.sendall(answer)
