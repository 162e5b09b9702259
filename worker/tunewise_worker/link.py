"""A connection to a controller."""

import socket
import struct
import time

SENDING_SECONDS = 30
"""How long the other side may take to read before the connection counts as dead."""


class Link:
    """One controller's connection and the state of delivery over it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # for sending only: reading may wait for a long time
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SENDING_SECONDS, 0))
        self.reader = connection.makefile("rb")
        self.is_closed = False
        self.cancelled: set[int] = set()
        self.delivered: int | None = None
        """Number of the last delivered event; `None` until the controller asks for events."""
        self.heard = time.monotonic()
        """Monotonic time of the last message."""
        self.waiting = 0
        """Messages that the controller has not processed yet."""

    def ask(self, line: bytes) -> None:
        """Send a line that the controller acknowledges with `next` after processing it."""
        self.waiting += 1
        self.send(line)

    def send(self, line: bytes) -> None:
        try:
            self._connection.sendall(line)
        except OSError:
            self.close()  # the reading thread notices that it is closed

    def close(self) -> None:
        self.is_closed = True
        try:
            self._connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
