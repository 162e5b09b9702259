"""What every peer reports beside its result: memory, threads, versions."""

import importlib.metadata
import os
import platform

PACKAGES = ("torch", "transformers", "peft", "trl")


def peak_bytes():
    """Peak resident memory of this process since its start or the last `forget_peak` (Linux: VmHWM)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    raise SystemExit("no VmHWM in /proc/self/status")


def forget_peak():
    """Sets the peak back to what is resident now, so that a later peak is that of the work alone."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as switch:
        switch.write("5")


def versions():
    found = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **found}


def set_threads(count):
    """Compute threads of PyTorch; before the first operation."""
    os.environ["OMP_NUM_THREADS"] = str(count)
    os.environ["MKL_NUM_THREADS"] = str(count)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch

    torch.set_num_threads(count)
