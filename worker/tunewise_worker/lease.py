"""The lease of an execution whose controller connects over a network.

Every message from the controller renews it. Only time that passes on this machine counts; clocks of different machines
are never compared. The lease file shows renewals to the watch, which outlives the worker.
"""

import os
import time
from pathlib import Path

RELEASED, DETACHED, SUPERSEDED, ENDED = "released", "detached", "superseded", "ended"
"""Contents of the lease file: released by the controller, suspended, another execution follows, kill the worker."""


def lease_file(folder: Path) -> Path:
    """:param folder: the execution's folder"""
    return folder / "lease"


class Lease:
    """How long the controller may be away. Reading threads renew it."""

    def __init__(self, folder: Path, seconds: float) -> None:
        """:param folder: the execution's folder"""
        self.seconds = seconds
        self._path = lease_file(folder)
        self._heard = time.monotonic()
        self._touched = float("-inf")

    def renew(self) -> None:
        """Restart the lease."""
        self._heard = time.monotonic()
        if self._heard - self._touched < 0.5:
            return
        self._touched = self._heard
        try:
            os.utime(self._path)
        except OSError:
            pass  # a full disk: the worker continues, and the watch counts from an earlier renewal

    def is_over(self) -> bool:
        """Whether the lease has expired."""
        return time.monotonic() - self._heard > self.seconds

    def is_silent(self, heard: float) -> bool:
        """Whether a controller last heard at this time has missed three keep-alive messages."""
        return time.monotonic() - heard > min(15.0, 0.75 * self.seconds)

    def note(self, text: str) -> None:
        """Tell the watch: `detached` while the execution may continue without a lease, within its time limit."""
        try:
            if self._path.read_text() != text:
                self._path.write_text(text)
        except OSError:
            pass
