"""A wire over a local socket, as `multiprocessing.connection.Connection` is one, whose loading a click would wait for.

The length of a message goes before it, in four bytes of network order. Not for Windows, where the wire is a named pipe.
"""

from __future__ import annotations

import select
import socket

_LENGTH = 4  # bytes; a longer message than these count (2 GB) is nobody's


class SocketWire:
    """The end of a wire that calls. OSError where nobody listens at `address` and takes the call within `seconds`."""

    def __init__(self, address: str, seconds: float) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.settimeout(seconds)
            self._socket.connect(address)
            self._socket.settimeout(None)
        except OSError:
            self._socket.close()
            raise

    def __enter__(self) -> SocketWire:
        return self

    def __exit__(self, *fault: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def poll(self, seconds: float | None = 0.0) -> bool:
        """Whether there is something to hear, or the other end has hung up, within `seconds` (None: wait)."""
        return bool(select.select([self._socket], [], [], seconds)[0])

    def send_bytes(self, message: bytes) -> None:
        """Send a message."""
        self._socket.sendall(len(message).to_bytes(_LENGTH, "big") + message)

    def recv_bytes(self, most: int | None = None) -> bytes:
        """The next message, waited for; EOFError where the other end has hung up, OSError for one over `most` bytes."""
        length = int.from_bytes(self._taken(_LENGTH), "big", signed=True)
        if length < 0 or (most is not None and length > most):
            raise OSError("a message too long")
        return self._taken(length)

    def _taken(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            part = self._socket.recv(length - len(found))
            if not part:
                raise EOFError
            found += part
        return found
