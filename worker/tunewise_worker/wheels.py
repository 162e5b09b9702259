"""`python wheels.py LOCK [TORCH_INDEX]`: the wheels that an installation of pinned packages would take, and their size.

Uses only the standard library and pip. It queries the configured package index and prints one line of JSON:

    {"isTorchIndexReachable": true, "torch": "torch-2.15.0+cpu-cp312-...whl", "bytes": 812345678, "unknown": 0}

`bytes` is the total download size; `unknown` counts packages whose size the index does not state.
"""

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SECONDS = 8.0
"""How long an index may take to answer."""

MAX_BYTES = 64 << 20
JSON_TYPE = "application/vnd.pypi.simple.v1+json"
CUDA_ONLY = re.compile(r"nvidia-|cuda-|triton$")
"""Packages that only PyTorch's CUDA build needs."""

Wheel = dict[str, Any]


def main(lock: str, torch_index: str | None) -> dict[str, Any]:
    """Summarize what would be installed."""
    with ThreadPoolExecutor(16) as pool:
        own = None if torch_index is None else pool.submit(_page, torch_index, "torch")
        pins = _pins(lock)
        usual = _usual_index()
        pages = {name: pool.submit(_page, usual, name) for name, _ in pins}
        extra = [] if own is None else own.result()
        total, unknown, torch = 0, 0, None
        for name, version in pins:
            if extra and CUDA_ONLY.match(name):
                continue
            wheel = _best([*pages[name].result(), *(extra if name == "torch" else [])], version)
            if name == "torch" and wheel is not None:
                torch = wheel["filename"]
            size = wheel.get("size") if wheel else None
            total, unknown = total + (size or 0), unknown + (size is None)
    return {
        "isTorchIndexReachable": torch_index is None or bool(extra),
        "torch": torch,
        "bytes": total,
        "unknown": unknown,
    }


def _usual_index() -> str:
    """The package index that pip or uv is configured with; PyPI by default."""
    named = os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL")
    if named:
        return named
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return "https://pypi.org/simple"
    return done.stdout.strip().split("\n")[-1] or "https://pypi.org/simple"


def _page(index: str, name: str) -> list[Wheel]:
    """The files of a package; empty if the index does not answer."""
    address = f"{index.rstrip('/')}/{name}/"
    request = urllib.request.Request(address, headers={"Accept": f"{JSON_TYPE}, text/html;q=0.1"})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            text = answer.read(MAX_BYTES).decode("utf-8", "replace")
            if JSON_TYPE in answer.headers.get("Content-Type", ""):
                return list(json.loads(text)["files"])
    except (OSError, ValueError, KeyError):
        return []
    return [{"filename": urllib.parse.unquote(one)} for one in re.findall(r">\s*([^<>\s]+\.whl)\s*</a>", text)]


def _pins(lock: str) -> list[tuple[str, str]]:
    """Names and versions of the lock file's requirements that apply to this system."""
    from pip._vendor.packaging.requirements import Requirement

    pins = []
    with open(lock, encoding="utf-8") as file:
        for line in file:
            text = line.split("#")[0].strip()
            if not text or text.startswith("-"):
                continue
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate():
                pins.append((requirement.name, next(iter(requirement.specifier)).version))
    return pins


def _best(files: list[Wheel], version: str) -> Wheel | None:
    """The wheel that pip selects: the newest local version, such as `+cpu`, then the best tag for this system."""
    from pip._vendor.packaging.tags import sys_tags
    from pip._vendor.packaging.utils import parse_wheel_filename
    from pip._vendor.packaging.version import Version

    ranks = {tag: at for at, tag in enumerate(sys_tags())}
    found = []
    for file in files:
        try:
            _, own, _, tags = parse_wheel_filename(file["filename"])
        except (ValueError, KeyError):
            continue
        fits = [ranks[tag] for tag in tags if tag in ranks]
        if fits and Version(own.public) == Version(version):
            found.append((own, -min(fits), file))
    return max(found, key=lambda one: one[:2])[2] if found else None


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)))
