"""Preemption notices, from a server that answers like the clouds' metadata services."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tunewise_worker.control import Control
from tunewise_worker.preemption import Metadata, Preemption
from tunewise_worker.world import World


class Service:
    """A metadata service: replies by method and path, for requests with the required header."""

    def __init__(self) -> None:
        self.replies: dict[tuple[str, str], tuple[str, int, str]] = {}
        service = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                header, status, text = service.replies.get((self.command, self.path), ("", 404, ""))
                if header and header.partition(": ")[2] != self.headers.get(header.partition(": ")[0], ""):
                    status, text = 400, "a header is missing"
                self.send_response(status)
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_PUT = answer

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    found = Service()
    yield found
    found.server.shutdown()
    found.server.server_close()


def as_aws(service: Service) -> None:
    ttl = "X-aws-ec2-metadata-token-ttl-seconds: 60"
    service.replies[("PUT", "/latest/api/token")] = (ttl, 200, "AQAEAH==")


def test_a_notice_of_aws(service: Service) -> None:
    as_aws(service)
    metadata = Metadata(service.address)
    assert (metadata.cloud, metadata.is_preempted()) == ("aws", False)
    action = json.dumps({"action": "terminate", "time": "2026-11-28T23:20:00Z"})
    path = ("GET", "/latest/meta-data/spot/instance-action")
    service.replies[path] = ("X-aws-ec2-metadata-token: AQAEAH==", 200, action)
    assert metadata.is_preempted()
    for odd in ("{}", "terminate", '{"action": 7}', "[" * 100_000):
        service.replies[path] = ("", 200, odd)
        assert not metadata.is_preempted()


def test_a_notice_of_google(service: Service) -> None:
    path = ("GET", "/computeMetadata/v1/instance/preempted")
    service.replies[path] = ("Metadata-Flavor: Google", 200, "FALSE")
    metadata = Metadata(service.address)
    assert (metadata.cloud, metadata.is_preempted()) == ("google", False)
    service.replies[path] = ("Metadata-Flavor: Google", 200, "TRUE")
    assert metadata.is_preempted()


def test_a_notice_of_azure_is_about_the_machines_that_it_names(service: Service) -> None:
    name = ("GET", "/metadata/instance/compute/name?api-version=2021-02-01&format=text")
    service.replies[name] = ("Metadata: true", 200, "group_3")
    metadata = Metadata(service.address)
    assert (metadata.cloud, metadata.is_preempted()) == ("azure", False)
    path = ("GET", "/metadata/scheduledevents?api-version=2020-07-01")
    for event, resource, expected in (
        ("Preempt", "group_4", False),
        ("Reboot", "group_3", False),
        ("Preempt", "group_3", True),
    ):
        events = {"DocumentIncarnation": 1, "Events": [{"EventType": event, "Resources": [resource]}]}
        service.replies[path] = ("Metadata: true", 200, json.dumps(events))
        assert metadata.is_preempted() is expected


def test_elsewhere_nobody_answers(service: Service) -> None:
    assert Metadata(service.address).cloud is None
    service.server.shutdown()
    service.server.server_close()
    assert Metadata(service.address).cloud is None


@pytest.mark.parametrize(("on_cluster", "asked"), [(True, "checkpoint"), (False, "stop")])
def test_a_machine_that_will_go_saves_first(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch, on_cluster: bool, asked: str
) -> None:
    as_aws(service)
    monkeypatch.setenv("TUNEWISE_METADATA", service.address)
    preemption = Preemption(tmp_path, 0.05)

    class Told:
        """A controller that sends no commands."""

        def __init__(self) -> None:
            self.events: list[str] = []

        def report(self, kind: str, **fields: object) -> None:
            self.events.append(kind)

        def take_commands(self) -> list:
            return []

    told = Told()
    control = Control(told, World("cpu"), float("inf"))  # type: ignore[arg-type]
    control.watch_preemption(preemption, is_shared=on_cluster)
    assert control.commands() == []
    action = json.dumps({"action": "terminate", "time": "2026-11-28T23:20:00Z"})
    service.replies[("GET", "/latest/meta-data/spot/instance-action")] = ("", 200, action)
    limit = time.monotonic() + 10
    while not preemption.is_noticed() and time.monotonic() < limit:
        time.sleep(0.02)
    assert control.commands() == [{"kind": asked}]
    assert told.events == ["finding"]
    assert control.commands() == []  # once
    preemption.close()
