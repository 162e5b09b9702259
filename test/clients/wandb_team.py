"""A training script on a server with users. Prints one JSON line: its results, or the refusal and its duration."""

import json
import os
import sys
import time

import wandb

began = time.monotonic()
seen = {"version": wandb.__version__}
try:
    run = wandb.init(project=sys.argv[1], settings=wandb.Settings(init_timeout=60))
    run.log({"loss": 0.5})
    artifact = wandb.Artifact("notes", type="text")
    with artifact.new_file("a.txt") as file:
        file.write("hello")
    run.log_artifact(artifact).wait()
    text = open(os.path.join(run.use_artifact("notes:latest").download(), "a.txt")).read()
    run.finish()
    seen.update(run=run.id, text=text)
except Exception as error:
    seen.update(error=type(error).__name__, message=str(error))
seen["seconds"] = time.monotonic() - began
print("SEEN " + json.dumps(seen), flush=True)
