"""Drives a check of rows that is divided among the nodes of a Ray cluster.

Standard input is the request as a line of JSON, the Node.js program that executes the tasks, and then keep-alive bytes
from the client. Standard output is lines of JSON: progress, then the findings or the problem that ended the check.
Tasks exchange files on storage that all nodes share. Completed tasks are not repeated.

This file is sent as text and runs in a Python that has Ray but not this package.
"""

import ctypes
import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError

SAID_NO = 3
"""Exit code of the program for a problem that a retry does not fix."""

UNHEARD_CODE = 75
"""Exit code of a check whose client went silent."""

PDEATHSIG = 1
"""`PR_SET_PDEATHSIG` of prctl(2)."""

STDERR_CHARACTERS = 1500
LINES_AT_ONCE = 200

UNHEARD_SECONDS = 120.0
"""How long the check continues without hearing from its client. Its tasks end with it."""


def end_unheard(source: Any, seconds: float) -> None:
    """Exit after this many seconds without input. An input that has ended counts as silent."""
    heard = [time.monotonic()]

    def wait() -> None:
        while time.monotonic() - heard[0] < seconds:
            time.sleep(min(1.0, seconds / 4))
        os._exit(UNHEARD_CODE)

    threading.Thread(target=wait, daemon=True).start()
    while source.read(1):
        heard[0] = time.monotonic()


def end_with_parent() -> None:
    """End the program when Ray ends the process of its task."""
    ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL)


def run_program(request: dict[str, Any], words: list[str], text: str) -> dict[str, Any]:
    """Run the program on this node. Returns its problem or its output; raises errors that may be retried."""
    program = request["program"]
    if not os.path.exists(program):
        node = ray.util.get_node_ip_address()
        return {"problem": {"code": "STORAGE_NOT_SHARED", "params": {"path": program, "node": node}}}
    command = [request["node"], f"--max-old-space-size={request['megabytes']}", program, *words]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=False, preexec_fn=end_with_parent
        )
    except OSError as error:
        reason = f"{request['node']} does not start on node {ray.util.get_node_ip_address()}: {error.strerror}"
        return {"problem": {"code": "CHECK_BLOCK_FAILED", "params": {"task": " ".join(words[-2:]), "reason": reason}}}
    if done.returncode == SAID_NO:
        return {"problem": json.loads(done.stdout)}
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-STDERR_CHARACTERS:] or f"it exited with code {done.returncode}")
    return {"output": done.stdout}


class Ended(Exception):
    """A problem that ends the check."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["code"])
        self.problem = problem


def main() -> None:
    source = sys.stdin.buffer
    request = json.loads(source.readline())
    program = source.read(request.pop("bytes"))
    threading.Thread(target=end_unheard, args=(source, UNHEARD_SECONDS), daemon=True).start()
    place = Path(request["job"]["storage"]) / "checks" / "programs" / f"{hashlib.sha256(program).hexdigest()}.mjs"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{os.getpid()}")
        draft.write_bytes(program)
        os.replace(draft, place)
    except OSError as error:
        say(problem={"code": "CHECK_BLOCK_FAILED", "params": {"task": "the start", "reason": str(error)}})
        return
    request["program"] = str(place)
    # Ray removes the agent's working folder when the first driver that was started in it ends
    os.chdir(place.parent)
    os.environ.pop("RAY_JOB_CONFIG_JSON_ENV_VAR", None)
    ray.init(address="auto", log_to_driver=False, logging_level="ERROR")
    try:
        check(request)
    except Ended as error:
        say(problem=error.problem)


def check(request: dict[str, Any]) -> None:
    """Execute all steps in order and report the findings."""
    job = json.dumps(request["job"])
    planned = json.loads(finish(request, "plan", [["plan"]], job)[0])
    folder = planned["folder"]
    done = Path(folder) / "done"
    for step, tasks in planned["steps"]:
        left = [index for index in range(tasks) if not (done / f"{step}-{index}").exists()]
        if (done / "findings-0").exists():
            break
        finish(request, step, [[folder, step, str(index)] for index in left], "")
    say(result=json.loads((Path(folder) / "result.json").read_text(encoding="utf-8")), folder=folder)
    if request["show"] is not None:
        show(Path(folder) / "observations.jsonl", request["show"])


def finish(request: dict[str, Any], step: str, tasks: list[list[str]], text: str) -> list[str]:
    """Execute all tasks of a step, on any nodes with a free core. Returns their outputs.

    :raises Ended: for the first problem
    """
    task = ray.remote(num_cpus=1, max_retries=3, retry_exceptions=True)(run_program)
    say(step=step, tasks=len(tasks), done=0)
    references = [task.remote(request, words, text) for words in tasks]
    waiting = list(references)
    while waiting:
        done, waiting = ray.wait(waiting, num_returns=1)
        try:
            found = ray.get(done[0])
        except RayError as error:
            number = references.index(done[0])
            reason = str(getattr(error, "cause", None) or error).strip()[-STDERR_CHARACTERS:]
            params = {"task": f"{step} {number}", "reason": reason}
            raise Ended({"code": "CHECK_BLOCK_FAILED", "params": params}) from None
        if "problem" in found:
            raise Ended(found["problem"])
        say(step=step, tasks=len(tasks), done=len(tasks) - len(waiting))
    return [one["output"] for one in ray.get(references)]


def show(path: Path, code: str) -> None:
    """Report the rows of findings with a code; `*` means every code."""
    lines: list[Any] = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if code in ("*", row["code"]):
                lines.append(row)
            if len(lines) == LINES_AT_ONCE:
                say(rows=lines)
                lines = []
    say(rows=lines)


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
