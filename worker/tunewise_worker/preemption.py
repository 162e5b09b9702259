"""Detects that the cloud is about to preempt a spot machine, from the notice that it gives seconds to minutes before.

A machine polls its cloud's metadata service at a link-local address. AWS gives two minutes' notice, Google and Azure
30 seconds.
"""

import http.client
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

ADDRESS = "169.254.169.254:80"
"""The same in all three clouds. `TUNEWISE_METADATA` overrides it."""

POLL_SECONDS = 5.0
"""As AWS recommends. @source Amazon EC2 User Guide, Spot Instance interruption notices, read 28 November 2026"""

REPLY_BYTES = 1 << 16
DETECT_SECONDS, REPLY_SECONDS = 2.0, 10.0
"""Outside these clouds nothing answers at that address. Inside them, Azure's first answer may take long."""


class Metadata:
    """The metadata service of this machine's cloud. Ignores proxy settings: it is never behind a proxy."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._timeout = DETECT_SECONDS
        self._name: str | None = None
        self._cloud = self._detect()
        self._timeout = REPLY_SECONDS

    @property
    def cloud(self) -> str | None:
        """`aws`, `google` or `azure`; `None` if no service answers as theirs do."""
        return self._cloud

    def is_preempted(self) -> bool:
        """Whether this machine is about to be preempted. A failed request counts as no."""
        if self._cloud == "aws":
            token = self._token()
            status, text = self._ask("GET", "/latest/meta-data/spot/instance-action", {"X-aws-ec2-metadata-token": token})
            return status == 200 and _of(text, "action") in ("terminate", "stop", "hibernate")
        if self._cloud == "google":
            status, text = self._ask("GET", "/computeMetadata/v1/instance/preempted", {"Metadata-Flavor": "Google"})
            return status == 200 and text.strip() == "TRUE"
        if self._cloud == "azure":
            status, text = self._ask("GET", "/metadata/scheduledevents?api-version=2020-07-01", {"Metadata": "true"})
            events = _of(text, "Events") if status == 200 else None
            return isinstance(events, list) and any(self._is_own(one) for one in events)
        return False

    def _detect(self) -> str | None:
        if self._token():
            return "aws"
        status, text = self._ask("GET", "/computeMetadata/v1/instance/preempted", {"Metadata-Flavor": "Google"})
        if status == 200 and text.strip() in ("TRUE", "FALSE"):
            return "google"
        name = "/metadata/instance/compute/name?api-version=2021-02-01&format=text"
        status, text = self._ask("GET", name, {"Metadata": "true"})
        if status == 200 and text:
            self._name = text.strip()
            return "azure"
        return None

    def _token(self) -> str:
        """A token of AWS, requested each time because it is cheap and expires; empty if there is none."""
        status, text = self._ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        return text if status == 200 and text.isascii() and text.isprintable() else ""

    def _is_own(self, event: object) -> bool:
        """Whether an event of Azure preempts this machine: events may name other machines of the same group."""
        if not isinstance(event, dict) or event.get("EventType") != "Preempt":
            return False
        resources = event.get("Resources")
        return isinstance(resources, list) and self._name in resources

    def _ask(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and text of a reply; status 0 if there is none."""
        connection = http.client.HTTPConnection(self._address, timeout=self._timeout)
        try:
            connection.request(method, path, headers=dict(headers))
            reply = connection.getresponse()
            return reply.status, reply.read(REPLY_BYTES).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            connection.close()


class Preemption:
    """Whether a machine of this run is about to be preempted. One process of each machine polls, in a thread."""

    def __init__(self, folder: Path, poll_seconds: float = POLL_SECONDS) -> None:
        """:param folder: the execution's folder, which all machines of the run see"""
        # restarted processes have another port, so they do not read the files of earlier ones
        self._path = folder / f"preempted-{os.environ.get('MASTER_PORT', '0')}"
        self._poll_seconds = poll_seconds
        self._is_over = threading.Event()
        if os.environ.get("LOCAL_RANK", "0") == "0":
            threading.Thread(target=self._watch, daemon=True).start()

    def is_noticed(self) -> bool:
        """Whether any machine of the run has received a notice."""
        return self._path.exists()

    def close(self) -> None:
        """Stop polling."""
        self._is_over.set()

    def _watch(self) -> None:
        metadata = Metadata(os.environ.get("TUNEWISE_METADATA", ADDRESS))
        if metadata.cloud is None:
            return
        while True:
            try:
                if metadata.is_preempted():
                    self._path.write_text(f"{metadata.cloud}\n")
                    return
            except OSError:
                pass  # a full disk: the next poll tries again
            if self._is_over.wait(self._poll_seconds):
                return


def _of(text: str, key: str) -> object:
    """A field of a JSON object; `None` if it is missing."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value.get(key) if isinstance(value, dict) else None
