"""A training script on a server with users. Prints one JSON line: its results, or the refusal and its duration."""

import json
import sys
import time

import mlflow

began = time.monotonic()
seen = {"version": mlflow.__version__}
try:
    mlflow.set_experiment(sys.argv[1])
    with mlflow.start_run() as run:
        mlflow.log_param("rank", 8)
        mlflow.log_metric("loss", 0.5)
        mlflow.log_text("hello", "notes/a.txt")
    text = mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/a.txt")
    found = mlflow.search_runs(experiment_names=[sys.argv[1]])
    client = mlflow.MlflowClient()
    seen.update(
        run=run.info.run_id,
        user=client.get_run(run.info.run_id).info.user_id,
        text=text,
        found=len(found),
        experiments=sorted(one.name for one in client.search_experiments()),
    )
except mlflow.exceptions.MlflowException as error:
    seen.update(code=error.error_code, message=str(error))
seen["seconds"] = time.monotonic() - began
print("SEEN " + json.dumps(seen), flush=True)
