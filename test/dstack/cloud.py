"""`python cloud.py FOLDER PORT TOKEN`: a real dstack server with a simulated cloud.

The server, its REST API, its database and its state machine are dstack's own. Its Vast.ai back end provides simulated
machines: each is an `sshd` on a loopback port and a simulated dstack runner, which runs the job's commands as processes
on this computer. Only one machine runs at a time, because runners listen on a fixed port. `machines.jsonl` logs when
machines start and end. `faults.json` sets faults: `{"terminate": 3}` makes that many calls fail, and
`{"ignoreDeadline": 1}` makes the simulated runner ignore `max_duration`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER, PORT, TOKEN = Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3]
SSHD = os.environ.get("TUNEWISE_SSHD", "/usr/sbin/sshd")
RUNNER_PORT = 10999
PRICE, SPOT_PRICE = 1.86, 0.93

(FOLDER / "server").mkdir(parents=True, exist_ok=True)
(FOLDER / "home").mkdir(exist_ok=True)
os.environ.update(HOME=str(FOLDER / "home"), DSTACK_SERVER_DIR=str(FOLDER / "server"))
os.environ.update(DSTACK_SERVER_ADMIN_TOKEN=TOKEN, DSTACK_DO_NOT_UPDATE_DEFAULT_PROJECT="1")
(FOLDER / "server" / "config.yml").write_text(
    "projects:\n- name: main\n  backends:\n  - type: vastai\n    creds: {type: api_key, api_key: none}\n"
)

import gpuhunt  # noqa: E402
from dstack._internal.core.backends.base.authorized_keys import build_authorized_keys  # noqa: E402
from dstack._internal.core.backends.vastai.compute import VastAICompute  # noqa: E402
from dstack._internal.core.backends.vastai.configurator import VastAIConfigurator  # noqa: E402
from dstack._internal.core.models import instances as models  # noqa: E402
from dstack._internal.core.models.backends.base import BackendType  # noqa: E402
from dstack._internal.core.models.runs import JobProvisioningData  # noqa: E402
from dstack._internal.server.services.docker import ImageConfigObject  # noqa: E402
from dstack._internal.server.services.jobs.configurators import base as jobs  # noqa: E402


class Machine:
    """A machine: an `sshd` and the processes of a job."""

    def __init__(self, name: str, keys: list[str]) -> None:
        self.name = name
        self.home = FOLDER / "machines" / name
        self.home.mkdir(parents=True)
        (self.home / "authorized_keys").write_text("\n".join(keys) + "\n")
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.home / "host_key")], check=True
        )
        self.port = free_port()
        options = {
            "Port": self.port,
            "ListenAddress": "127.0.0.1",
            "HostKey": self.home / "host_key",
            "AuthorizedKeysFile": self.home / "authorized_keys",
            "SetEnv": f"HOME={self.home}",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "yes",
        }
        (self.home / "sshd_config").write_text("".join(f"{key} {value}\n" for key, value in options.items()))
        os.makedirs("/run/sshd", exist_ok=True)
        self.sshd = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(self.home / "sshd_config")],
            stdout=subprocess.DEVNULL,
            stderr=open(self.home / "sshd.log", "w"),
        )
        self.job: subprocess.Popen | None = None
        self.spec: dict = {}
        self.states: list[dict] = []
        self.deadline = float("inf")
        self.runner = ThreadingHTTPServer(("127.0.0.1", RUNNER_PORT), handler_of(self))
        threading.Thread(target=self.runner.serve_forever, daemon=True).start()
        note(self.name, "created")

    def run(self) -> None:
        commands = self.spec["commands"]
        self.job = subprocess.Popen(
            commands,
            cwd=self.home,
            env={"PATH": os.environ["PATH"], "HOME": str(self.home)},
            stdin=subprocess.DEVNULL,
            stdout=open(self.home / "job.log", "w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.deadline = time.monotonic() + (self.spec.get("max_duration") or float("inf"))
        self.say("running")

    def look(self) -> None:
        """Does the runner's periodic work: reports the end of the job, and ends the job at its deadline."""
        if self.job is None or self.states[-1]["state"] != "running":
            return
        code = self.job.poll()
        if code is not None:
            reason = "done_by_runner" if code == 0 else "container_exited_with_error"
            self.say("done" if code == 0 else "failed", reason, code)
        elif time.monotonic() > self.deadline and not fault("ignoreDeadline"):
            self.end_job()
            self.say("terminated", "max_duration_exceeded")

    def say(self, state: str, reason: str | None = None, code: int | None = None) -> None:
        stamp = int(time.time() * 1000)
        self.states.append({"timestamp": stamp, "state": state, "termination_reason": reason, "exit_status": code})

    def end_job(self) -> None:
        if self.job is not None and self.job.poll() is None:
            os.killpg(self.job.pid, signal.SIGKILL)
            self.job.wait()

    def end(self) -> None:
        self.end_job()
        self.sshd.kill()
        self.sshd.wait()
        self.runner.shutdown()
        self.runner.server_close()
        note(self.name, "ended")


def handler_of(machine: Machine) -> type[BaseHTTPRequestHandler]:
    """The part of the runner's HTTP API that the server uses."""

    class Runner(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/api/healthcheck"):
                self.answer({"service": "dstack-runner", "version": "0.22.5"})
            elif self.path.startswith("/api/pull"):
                machine.look()
                since = int(self.path.rpartition("timestamp=")[2] or 0)
                states = [one for one in machine.states if one["timestamp"] > since]
                last = machine.states[-1]["timestamp"] if machine.states else 0
                self.answer({"job_states": states, "job_logs": [], "runner_logs": [], "last_updated": last})
            else:
                self.send_error(404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if self.path.startswith("/api/submit"):
                machine.spec = json.loads(body)["job_spec"]
            elif self.path.startswith("/api/run"):
                machine.run()
                return self.answer({"working_dir": str(machine.home), "username": "root"})
            elif self.path.startswith("/api/stop"):
                machine.end_job()
            self.answer({})

        def answer(self, value: dict) -> None:
            text = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    return Runner


MACHINES: dict[str, Machine] = {}


def get_offers(self, requirements, full_offers, unallocated_resources):
    for name, price, spot in (("17.L40S", PRICE, False), ("18.L40S", SPOT_PRICE, True)):
        if requirements.spot is not None and requirements.spot != spot:
            continue
        if requirements.max_price is not None and price > requirements.max_price:
            continue
        resources = models.Resources(
            cpus=8,
            memory_mib=64 << 10,
            gpus=[models.Gpu(name="L40S", memory_mib=48 << 10)],
            spot=spot,
            disk=models.Disk(size_mib=100 << 10),
        )
        offer = models.InstanceOffer(
            backend=BackendType.VASTAI,
            instance=models.InstanceType(name=name, resources=resources),
            region="us-east",
            price=price,
        )
        yield offer.with_availability(
            availability=models.InstanceAvailability.AVAILABLE, instance_runtime=models.InstanceRuntime.RUNNER
        )


def run_job(self, run, job, instance_offer, project_ssh_public_key, project_ssh_private_key, volumes, *rest):
    keys = build_authorized_keys(project_ssh_public_key, rest[-1])
    name = f"{job.job_spec.job_name}-{int(time.time())}"
    MACHINES[name] = Machine(name, keys)
    return JobProvisioningData(
        backend=instance_offer.backend,
        instance_type=instance_offer.instance,
        instance_id=name,
        region=instance_offer.region,
        price=instance_offer.price,
        username="root",
        hostname="127.0.0.1",
        ssh_port=MACHINES[name].port,
        dockerized=False,
    )


def terminate_instance(self, instance_id, region, backend_data=None):
    if fault("terminate") > 0:
        note(instance_id, "termination failed")
        raise RuntimeError("the cloud answers 500")
    machine = MACHINES.pop(instance_id, None)
    if machine is not None:
        machine.end()


def fault(name: str) -> int:
    """The remaining number of faults of a kind; `terminate` counts down with each call."""
    path = FOLDER / "faults.json"
    faults = json.loads(path.read_text()) if path.exists() else {}
    count = faults.get(name, 0)
    if count > 0 and name == "terminate":
        path.write_text(json.dumps({**faults, name: count - 1}))
    return count


def note(name: str, what: str) -> None:
    with open(FOLDER / "machines.jsonl", "a") as file:
        file.write(json.dumps({"name": name, "what": what, "ms": int(time.time() * 1000)}) + "\n")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def image_config(image: str, auth: object) -> tuple[ImageConfigObject, set]:
    """Replaces the look-up in a registry: no image is ever pulled."""
    return ImageConfigObject(architecture="amd64", os="linux"), {gpuhunt.CPUArchitecture.X86}


jobs.get_image_config_and_cpu_architectures = image_config
VastAICompute.get_offers = get_offers
VastAICompute.run_job = run_job
VastAICompute.terminate_instance = terminate_instance
VastAICompute.update_provisioning_data = lambda self, *_: None
VastAIConfigurator._validate_vastai_creds = lambda self, key: None


def stop(*_: object) -> None:
    for machine in MACHINES.values():
        machine.end()
    os._exit(0)


if __name__ == "__main__":
    sys.argv = ["dstack", "server", "--host", "127.0.0.1", "--port", str(PORT)]
    from dstack._internal.cli.main import main

    threading.Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()
    main()
