"""The worker on a graphics card: traced memory against the card's, and seconds a step beside PEFT's plain loop and TRL.

    python bench/gpu/run.py OUT.json [--minutes 9] [--device cuda] [--tiny]

Needs torch, transformers, peft and accelerate, and no network: weights are random, made on the card. Rows that need
bitsandbytes or trl say `skipped` where these are missing. A row is a process of its own, so that one that runs out of
memory ends alone. What tells most comes first, OUT.json is written after each row, and OUT.md is the same as a table.
`--device cpu --tiny` tries the program itself, without a card.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from settings import Setting, described, settings

HERE = Path(__file__).parent
ROW_SECONDS = 150
"""A row that takes longer is given up."""
LEAST_SECONDS = 15
"""With less left no row is begun."""
PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes", "trl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="models of two layers")
    parser.add_argument("--rows", type=int, default=1000, help="at most so many rows")
    given = parser.parse_args()
    end = time.monotonic() + 60 * given.minutes
    card = card_of(given.device)
    dtype = "float32" if given.device == "cpu" else "bfloat16"
    chosen = settings(given.tiny, dtype)[: given.rows]
    report: dict[str, Any] = {
        "command": f"python bench/gpu/run.py OUT.json --minutes {given.minutes:g} --device {given.device}"
        + (" --tiny" if given.tiny else ""),
        "card": card,
        "versions": versions(),
        "isFinished": False,
        "rows": [described(one) for one in chosen],
    }
    # traces need the processor alone, and are made while the card computes
    with ThreadPoolExecutor(1 if given.device == "cpu" else 4) as pool, tempfile.TemporaryDirectory() as folder:
        traces = [pool.submit(traced, one, card, Path(folder) / f"{at}.json", end) for at, one in enumerate(chosen)]
        for at, one in enumerate(chosen):
            left = end - time.monotonic()
            row = report["rows"][at]
            if left < LEAST_SECONDS:
                row["measured"] = {"skipped": "no time was left"}
                traces[at].cancel()
                continue
            row["measured"] = child([str(HERE / "row.py"), json.dumps(described(one)), given.device], left)
            for row, trace in zip(report["rows"], traces):
                if trace.done() and not trace.cancelled():
                    row["traced"] = trace.result()
            write(given.out, report)
            print(f"{one.name:24} {one.program:7} {json.dumps(report['rows'][at]['measured'])[:150]}", flush=True)
        for row, trace in zip(report["rows"], traces):
            if not trace.cancelled():
                row["traced"] = trace.result()
    report["isFinished"] = True
    write(given.out, report)


def traced(setting: Setting, card: dict[str, Any], path: Path, end: float) -> dict[str, Any] | None:
    """What the worker says of the step without computing it; TRL's is not traced."""
    if setting.program == "trl":
        return None
    left = end - time.monotonic()
    if left < LEAST_SECONDS:
        return {"skipped": "no time was left"}
    given = {key: card[key] for key in ("capability", "memoryBytes") if key in card}
    path.write_text(json.dumps(setting.request(given)))
    found = child(["-m", "tunewise_worker.trace", str(path)], left)
    if "moments" not in found:
        return found
    steps = [one["peakBytes"] for name, one in found["moments"].items() if name != "load"]
    return {
        "allocatedBytes": max(steps),
        "reservedBytes": found["peakReservedBytes"],
        "missingBytes": found["missingBytes"],
        "seconds": found["cost"]["seconds"],
    }


def child(arguments: list[str], seconds: float) -> dict[str, Any]:
    """What a Python process prints last, as JSON; or why there is nothing."""
    environment = os.environ | {"PYTHONPATH": str(HERE.parents[1] / "worker"), "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, env=environment, text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        try:
            output, errors = process.communicate(timeout=min(seconds, ROW_SECONDS))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return {"failed": f"no end after {min(seconds, ROW_SECONDS):.0f} s"}
    try:
        return json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"failed": errors.strip()[-400:] or f"exit code {process.returncode}"}


def card_of(device: str) -> dict[str, Any]:
    """The card, as a trace is told of it. Asked in a process of its own, which frees it again."""
    if device == "cpu":
        return {"name": platform.processor() or platform.machine()}
    script = """import json, torch
one = torch.cuda.get_device_properties(0)
free, _ = torch.cuda.mem_get_info()
print(json.dumps({"name": one.name, "capability": f"{one.major}.{one.minor}", "memoryBytes": free}))"""
    found = child(["-c", script], 120)
    if "failed" in found:
        sys.exit(f"no card answers: {found['failed']}")
    return found


def versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = None
    return found


def write(path: Path, report: dict[str, Any]) -> None:
    """The report, and the same as a table beside it."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(report, indent=1) + "\n")
    draft.replace(path)
    path.with_suffix(".md").write_text(table(report))


def table(report: dict[str, Any]) -> str:
    """Markdown: a line for each row that was begun."""
    named = ", ".join(f"{name} {one}" for name, one in report["versions"].items() if one)
    lines = [f"{report['card']['name']}; {named}. `{report['command']}`", ""]
    heads = ["model, method, length x rows", "program", "s a step", "tokens/s"]
    heads += ["allocated GB", "traced", "reserved GB", "traced"]
    lines += [_line(heads), _line(["---"] * len(heads))]
    for row in report["rows"]:
        found, traced = row.get("measured"), row.get("traced") or {}
        if found is None:
            continue
        name = f"{row['model']} {row['method']} {row['length']} x {row['rows']}"
        told = [found.get("secondsPerStep"), found.get("tokensPerSecond")]
        for key in ("allocatedBytes", "reservedBytes"):
            told += [_gb(found.get(key)), _against(traced.get(key), found.get(key))]
        reason = next((f"{key}: {found[key]}" for key in ("skipped", "failed", "outOfMemory") if key in found), None)
        if reason is not None:
            missing = traced.get("missingBytes")
            told = [reason.splitlines()[-1][:80], "", "", f"{_gb(missing)} missing" if missing else "", "", ""]
        lines.append(_line([name, row["program"], *told]))
    return "\n".join(lines) + "\n"


def _line(cells: list[Any]) -> str:
    return "| " + " | ".join("" if one is None else str(one) for one in cells) + " |"


def _gb(value: int | None) -> str | None:
    return None if value is None else f"{value / 1e9:.2f}"


def _against(traced: int | None, found: int | None) -> str | None:
    if traced is None or found is None:
        return _gb(traced)
    return f"{_gb(traced)} ({100 * (traced / found - 1):+.1f} %)"


if __name__ == "__main__":
    main()
