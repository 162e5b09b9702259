"""The lease of an execution on a machine that its controller reaches over a network.

Every message of the controller renews it. Only the time that has passed on this machine counts: no clock is compared
with another machine's. The file of the lease tells the watch, which outlives the worker, that it was renewed.
"""

import os
import time
from pathlib import Path

RELEASED, DETACHED, SUPERSEDED, ENDED = "released", "detached", "superseded", "ended"
"""What the file of the lease may say: given back, not counted for now, another execution follows, end the worker."""


def lease_file(folder: Path) -> Path:
    """:param folder: the execution's folder"""
    return folder / "lease"


class Lease:
    """How long the controller may be away. Renewed by the threads that read."""

    def __init__(self, folder: Path, seconds: float) -> None:
        """:param folder: the execution's folder"""
        self.seconds = seconds
        self._path = lease_file(folder)
        self._heard = time.monotonic()
        self._touched = float("-inf")

    def renew(self) -> None:
        """Start the lease again."""
        self._heard = time.monotonic()
        if self._heard - self._touched < 0.5:
            return
        self._touched = self._heard
        try:
            os.utime(self._path)
        except OSError:
            pass  # a full disk: the worker goes on, and the watch counts from an earlier renewal

    def is_over(self) -> bool:
        """Whether nobody has renewed it in time."""
        return time.monotonic() - self._heard > self.seconds

    def is_silent(self, heard: float) -> bool:
        """Whether a controller last heard at this time has let three signs of life pass."""
        return time.monotonic() - heard > min(15.0, 0.75 * self.seconds)

    def note(self, text: str) -> None:
        """Tell the watch: `detached` while the execution may go on without a lease, within its limit of time."""
        try:
            if self._path.read_text() != text:
                self._path.write_text(text)
        except OSError:
            pass
