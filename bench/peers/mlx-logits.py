"""Logits of rows by mlx-lm over Hugging Face folders with adapters in mlx-lm's layout.

    python mlx-logits.py JOBS.json OUT.json

JOBS.json: [{"folder": path, "adapter": path, "rows": [[id, ...], ...]}, ...]
OUT.json: [{"rows": [base64 of float32 [T, V], ...]}, ...]
"""

import base64
import json
import sys
from pathlib import Path

import mlx.core as mx
import numpy as np
from mlx_lm.tuner.utils import load_adapters
from mlx_lm.utils import load_model


def judge(job):
    model, _ = load_model(Path(job["folder"]))
    model = load_adapters(model, job["adapter"])
    model.eval()
    rows = []
    for row in job["rows"]:
        logits = np.array(model(mx.array([row]))[0].astype(mx.float32)).astype("<f4")
        rows.append(base64.b64encode(logits.tobytes()).decode("ascii"))
    return {"rows": rows}


def main():
    jobs_path, out_path = sys.argv[1:]
    mx.set_default_device(mx.cpu)
    with open(jobs_path, encoding="utf-8") as file:
        jobs = json.load(file)
    judged = [judge(job) for job in jobs]
    with open(out_path, "w", encoding="ascii") as file:
        json.dump(judged, file)


if __name__ == "__main__":
    main()
