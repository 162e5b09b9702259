"""Logs and reads a history with MLflow itself, before a move. Prints one JSON line: runs, points, parameters, tags."""

import json
import os
import sys

import mlflow
from mlflow.tracking import MlflowClient

uri = sys.argv[1]


def write():
    mlflow.set_tracking_uri(uri)
    mlflow.set_experiment("tickets")
    with mlflow.start_run(run_name="parent") as run:
        mlflow.log_params({f"p{n}": f"value {n}" for n in range(120)})
        for step in range(40):
            mlflow.log_metric("loss", 1.0 / (step + 1), step=step)
        mlflow.log_metric("odd", float("nan"), step=1)
        mlflow.log_metric("odd", float("inf"), step=2)
        mlflow.log_metric("odd", float("-inf"), step=-3)
        mlflow.log_metric("eval/f1", 3e-300, step=7)
        mlflow.set_tags({"note": "zwei\nZeilen: äöü 漢字", "team": "search"})
        mlflow.log_text("hello", "deep/hello.txt")
        import pandas

        rows = mlflow.data.from_pandas(pandas.DataFrame({"x": [1, 2]}), name="rows")
        mlflow.log_input(rows, context="training")
        with mlflow.start_run(run_name="child", nested=True):
            mlflow.log_metric("loss", 2.5, step=1)
    client = MlflowClient()
    try:
        with mlflow.start_run(run_name="broken"):
            raise ValueError("no")
    except ValueError:
        pass
    with mlflow.start_run(run_name="gone") as gone:
        mlflow.log_metric("loss", 9)
    client.delete_run(gone.info.run_id)
    trash = client.create_experiment("trash")
    client.create_run(trash, run_name="thrown away")
    client.delete_experiment(trash)
    client.create_registered_model("registered", tags={"k": "v"}, description="for the test")
    for number in range(2):
        version = client.create_model_version("registered", f"{run.info.artifact_uri}/deep", run.info.run_id)
    client.delete_model_version("registered", "1")
    client.set_registered_model_alias("registered", "best", version.version)
    if hasattr(mlflow, "genai"):
        mlflow.genai.register_prompt("greeting", "Hello {{name}}")
        with mlflow.start_span(name="answer"):
            pass
        mlflow.flush_trace_async_logging()
    if hasattr(client, "create_logged_model"):
        model = client.create_logged_model(
            run.info.experiment_id, name="tuned", source_run_id=run.info.run_id, tags={"a": "b"}, params={"r": "8"}
        )
        client.finalize_logged_model(model.model_id, "READY")


def read():
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    seen = {}
    for experiment in client.search_experiments(view_type=3):
        for run in client.search_runs([experiment.experiment_id], run_view_type=3):
            points = []
            for key in run.data.metrics:
                history = client.get_metric_history(run.info.run_id, key)
                points += [[key, p.step, p.timestamp, repr(clamped(p.value))] for p in history]
            seen[run.info.run_id] = {
                "experiment": experiment.name,
                "name": run.info.run_name,
                "status": run.info.status,
                "stage": run.info.lifecycle_stage,
                "times": [run.info.start_time, run.info.end_time],
                "params": run.data.params,
                "tags": run.data.tags,
                "points": sorted(points),
                "inputs": [[i.dataset.name, i.dataset.digest, i.tags[0].value] for i in run.inputs.dataset_inputs],
            }
    names = {}
    for model in registered(client):
        versions = client.search_model_versions(f"name='{model.name}'")
        names[model.name] = {
            "tags": model.tags,
            "description": model.description or "",
            "aliases": {alias: int(version) for alias, version in model.aliases.items()},
            "versions": sorted([int(v.version), v.run_id or "", v.tags] for v in versions),
        }
    print("SEEN " + json.dumps({"runs": seen, "names": names}), flush=True)


def registered(client):
    """Registered models and, if the release has them, prompts: a search returns only one of the two."""
    found = list(client.search_registered_models())
    if hasattr(mlflow, "genai"):
        found += client.search_registered_models(filter_string="tags.`mlflow.prompt.is_prompt` = 'true'")
    return found


def clamped(value):
    """MLflow's databases store infinities as the largest finite numbers."""
    return max(-1.7976931348623157e308, min(1.7976931348623157e308, value)) if value == value else value


for step in sys.argv[2:]:
    {"write": write, "read": read}[step]()
