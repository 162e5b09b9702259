"""`python -m tunewise_worker.on_ray RUN_FOLDER`: computes a run with processes on a Ray cluster, one per GPU.

This is the driver: it reserves resources for each process, starts the processes, and restarts all of them from the
newest checkpoint if one is lost. The run's folder must be on storage that all nodes share.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.placement_group import PlacementGroup, placement_group, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from .controller import failure_of
from .problems import Problem
from .wire import dumps, loads

ATTEMPTS = 3
"""Maximum number of consecutive attempts that get no further than the ones before."""

PLACE_SECONDS = 600.0
"""How long the cluster may take to provide resources: adding a node takes minutes."""

AGAIN_SECONDS, FEWER_SECONDS = 60.0, 15.0
"""The same after losing a process, and for each smaller number of processes."""


class Process:
    """A Ray actor that runs one process of the run."""

    def __init__(self, run: str) -> None:
        self._run = Path(run)

    def place(self) -> dict[str, Any]:
        """This node's id and address, a free port, and whether the run's folder is visible here."""
        with socket.socket() as found:
            found.bind(("", 0))
            port = found.getsockname()[1]
        return {
            "node": ray.get_runtime_context().get_node_id(),
            "ip": ray.util.get_node_ip_address(),
            "port": port,
            "shared": (self._run / "execution" / "spec.json").exists(),
        }

    def compute(self, environment: dict[str, str]) -> int:
        """Run the worker and return its exit code. It ends with this process, whose pipe is its standard input."""
        rank = environment["RANK"]
        with open(self._run / "execution" / ("worker.log" if rank == "0" else f"worker-{rank}.log"), "ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "tunewise_worker", str(self._run)],
                env={**os.environ, **environment},
                cwd=str(self._run),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
            return worker.wait()


Rank: Any = ray.remote(max_restarts=0, max_task_retries=0)(Process)


def main(run: Path) -> int:
    """Compute the run to its end. Returns the exit code."""
    folder = run / "execution"
    spec = loads((folder / "spec.json").read_text(encoding="utf-8"))
    placement, limit = spec["placement"], spec["limits"]["seconds"]
    # the processes do not need the agent's working folder; without it, idle workers of Ray can run them at once
    os.environ.pop("RAY_JOB_CONFIG_JSON_ENV_VAR", None)
    ray.init(address="auto", log_to_driver=False, logging_level="ERROR")
    try:
        failures, reached, start = 0, -1, time.monotonic()
        while True:
            seconds = PLACE_SECONDS if failures == 0 else AGAIN_SECONDS
            # waiting for resources counts toward the limit, like computing
            left = seconds if limit is None else limit - (time.monotonic() - start)
            group = reserve(placement, max(0.0, min(seconds, left)))
            code = attempt(run, placement, group, time.monotonic() - start)
            remove_placement_group(group)
            if code == 0 or (folder / "end.json").exists() or is_trained(folder):
                return code
            step = max((int(one.name[5:]) for one in run.glob("checkpoints/step-*")), default=0)
            failures = failures + 1 if step <= reached else 1
            reached = max(step, reached)
            if failures >= ATTEMPTS:
                return code
            print(f"a process was lost; all begin again from step {step}", file=sys.stderr, flush=True)
    except Problem as error:
        end = {"kind": "failure", "failure": failure_of(error)}
        draft = folder / "end.json.draft"
        draft.write_text(dumps(end) + "\n", encoding="utf-8")
        os.replace(draft, folder / "end.json")
        return 1


def reserve(placement: dict[str, Any], seconds: float) -> PlacementGroup:
    """Reserve resources for each process, on few nodes if possible; for fewer processes if the cluster is too small.

    :raises Problem: `CLUSTER_TOO_SMALL`
    """
    needed = {"CPU": 1.0, **({"GPU": 1.0} if placement["device"] == "cuda" else {})}
    least = placement["host"].get("minProcesses", placement["processes"])
    for count in range(placement["processes"], least - 1, -1):
        group = placement_group([needed] * count, strategy="PACK")
        # a cluster that can run fewer processes reserves them at once
        if group.wait(seconds if count == placement["processes"] else FEWER_SECONDS):
            return group
        remove_placement_group(group)
    found = {name: int(ray.available_resources().get(name, 0)) for name in needed}
    raise Problem(
        "CLUSTER_TOO_SMALL",
        processes=placement["processes"],
        needed="a GPU and a CPU core" if "GPU" in needed else "a CPU core",
        found=", ".join(f"{count} {name}" for name, count in found.items()),
        seconds=int(seconds),
    )


def attempt(run: Path, placement: dict[str, Any], group: PlacementGroup, spent: float) -> int:
    """Start all processes once. Returns 0, or the exit code of the first that failed.

    :param spent: seconds that the execution has already used, which count toward its time limit

    :raises Problem: `STORAGE_NOT_SHARED`
    """
    ranks = []
    for index in range(group.bundle_count):
        strategy = PlacementGroupSchedulingStrategy(group, placement_group_bundle_index=index)
        gpus = 1 if placement["device"] == "cuda" else 0
        ranks.append(Rank.options(num_cpus=1, num_gpus=gpus, scheduling_strategy=strategy).remote(str(run)))
    try:
        places = ray.get([one.place.remote() for one in ranks], timeout=PLACE_SECONDS)
        for place in places:
            if not place["shared"]:
                raise Problem("STORAGE_NOT_SHARED", path=str(run), node=place["ip"])
        # the earlier attempt has ended; its lock names a process of a machine that may be gone
        (run / "execution" / "lock").unlink(missing_ok=True)
        waiting = [
            one.compute.remote({**environment_of(rank, places), "TUNEWISE_SPENT_SECONDS": str(spent)})
            for rank, one in enumerate(ranks)
        ]
        return first_failure(waiting)
    except RayError as error:
        print(str(error)[-2000:], file=sys.stderr, flush=True)
        return 1
    finally:
        for one in ranks:
            ray.kill(one)
        time.sleep(1)  # their workers notice the end of standard input


def environment_of(rank: int, places: list[dict[str, Any]]) -> dict[str, str]:
    """The variables that `torchrun` would set. A process sees only its own GPU, as device 0."""
    package = str(Path(__file__).resolve().parent.parent)
    return {
        "RANK": str(rank),
        "WORLD_SIZE": str(len(places)),
        "LOCAL_RANK": "0",
        "MASTER_ADDR": places[0]["ip"],
        "MASTER_PORT": str(places[0]["port"]),
        "TUNEWISE_NODE_IP": places[rank]["ip"],
        "PYTHONPATH": package,
        "PYTHONDONTWRITEBYTECODE": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "TOKENIZERS_PARALLELISM": "false",
    }


def first_failure(waiting: list[Any]) -> int:
    """Wait until all have ended or one has failed. Returns 0 or its exit code."""
    while waiting:
        done, waiting = ray.wait(waiting, num_returns=1)
        code = ray.get(done[0])
        if code != 0:
            return code if code > 0 else 128 - code
    return 0


def is_trained(folder: Path) -> bool:
    """Whether the training has ended. The controller that resumes the run then repeats its queries about the result."""
    try:
        lines = (folder / "events.jsonl").read_bytes().split(b"\n")
    except OSError:
        return False
    return any(b'"training-end"' in line and json.loads(line)["event"]["kind"] == "training-end" for line in lines)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
