"""Reads a server with MLflow's own client. Prints one JSON line: every run of an experiment with all its data."""

import json
import sys

from mlflow.tracking import MlflowClient

uri, experiment = sys.argv[1:]
client = MlflowClient(uri)
found = client.get_experiment_by_name(experiment)
seen = []
for run in client.search_runs([found.experiment_id]):
    points = []
    for key in run.data.metrics:
        history = client.get_metric_history(run.info.run_id, key)
        points += [[key, p.step, p.timestamp, p.value] for p in history]
    seen.append(
        {
            "name": run.info.run_name,
            "status": run.info.status,
            "times": [run.info.start_time, run.info.end_time],
            "params": run.data.params,
            "tags": run.data.tags,
            "points": points,
        }
    )
print("SEEN " + json.dumps(seen), flush=True)
