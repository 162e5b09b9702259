"""Notices that the cloud takes a spot machine away: it tells the machine itself, seconds to minutes before.

Every machine of a cloud can ask its metadata service, at an address that leads nowhere else. AWS gives two minutes,
Google and Azure 30 seconds.
"""

import http.client
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path

ADDRESS = "169.254.169.254:80"
"""The same in the three clouds. `TUNEWISE_METADATA` names another one."""

POLL_SECONDS = 5.0
"""As AWS recommends. @source Amazon EC2 User Guide, Spot Instance interruption notices, read 28 November 2026"""

REPLY_BYTES = 1 << 16
DETECT_SECONDS, REPLY_SECONDS = 2.0, 10.0
"""Elsewhere nobody listens at that address; where somebody does, the first answer of Azure may take long."""


class Metadata:
    """The metadata service of this machine's cloud. Proxies of the environment are passed by: it is never behind one."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._timeout = DETECT_SECONDS
        self._name: str | None = None
        self._cloud = self._detect()
        self._timeout = REPLY_SECONDS

    @property
    def cloud(self) -> str | None:
        """`aws`, `google` or `azure`; `None` if nobody answers as they do."""
        return self._cloud

    def is_preempted(self) -> bool:
        """Whether this machine will be taken away. An answer that cannot be had says nothing."""
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
        """Of AWS; it is asked for each time, as it is cheap and runs out."""
        status, text = self._ask("PUT", "/latest/api/token", {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        return text if status == 200 and text.isascii() and text.isprintable() else ""

    def _is_own(self, event: object) -> bool:
        """Events of Azure name the machines that they are about, which may be other ones of the same group."""
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
    """Whether a machine of this run will be taken away. One process of each machine looks, in a thread of its own."""

    def __init__(self, folder: Path, poll_seconds: float = POLL_SECONDS) -> None:
        """:param folder: the execution's folder, which all machines of the run see"""
        # processes that are started again have another port, so that they do not read what the ones before wrote
        self._path = folder / f"preempted-{os.environ.get('MASTER_PORT', '0')}"
        self._poll_seconds = poll_seconds
        self._is_over = threading.Event()
        if os.environ.get("LOCAL_RANK", "0") == "0":
            threading.Thread(target=self._watch, daemon=True).start()

    def is_noticed(self) -> bool:
        """Whether any of the machines has been told so."""
        return self._path.exists()

    def close(self) -> None:
        """Look no more."""
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
                pass  # a full disk: the next look may find room
            if self._is_over.wait(self._poll_seconds):
                return


def _of(text: str, key: str) -> object:
    """A field of a JSON object; `None` where there is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value.get(key) if isinstance(value, dict) else None
