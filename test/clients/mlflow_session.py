"""Typical user scripts with MLflow's own Python client; prints one JSON line with what it read back."""

import json
import math
import os
import subprocess
import sys
import tempfile
import time

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException

url = sys.argv[1]
mlflow.set_tracking_uri(url)
client = MlflowClient(url)
seen = {"version": mlflow.__version__}


def refusal(work):
    try:
        work()
    except MlflowException as error:
        return error.error_code
    return None


# The fluent API, as most training scripts use it.
experiment = mlflow.set_experiment("tickets")
seen["again"] = mlflow.set_experiment("tickets").experiment_id == experiment.experiment_id
with mlflow.start_run(run_name="parent", tags={"team": "search"}) as parent:
    mlflow.log_param("rate", 0.1)
    mlflow.log_params({"layers": 4, "model": "small model", "empty": ""})
    mlflow.log_metric("loss", 2.0, step=0)
    mlflow.log_metrics({"loss": 1.5, "accuracy": 0.25}, step=1)
    mlflow.log_metric("odd", float("nan"))
    mlflow.log_metric("above", float("inf"))
    mlflow.log_metric("below", -float("inf"))
    mlflow.log_metric("val/loss at 1", 0.003)
    mlflow.log_metric("tiny", 3e-300)
    mlflow.set_tag("note", "zwei\nZeilen äöü 漢字")
    mlflow.set_tags({"a": "1", "b": "2"})
    mlflow.delete_tag("b")
    for step in range(2500):
        mlflow.log_metric("async", step / 2, step=step, synchronous=False)
    mlflow.log_params({f"p{at}": at for at in range(250)}, synchronous=False)
    mlflow.flush_async_logging()
    seen["changed"] = refusal(lambda: mlflow.log_param("rate", 0.2))
    mlflow.log_param("rate", 0.1)
    with mlflow.start_run(run_name="child", nested=True) as child:
        mlflow.log_metric("loss", 9.0)
    mlflow.log_text("hello", "notes/hello world.txt")
    mlflow.log_dict({"a": [1, 2]}, "config.json")
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "deep", "er"))
        open(os.path.join(folder, "deep", "er", "empty.bin"), "wb").close()
        with open(os.path.join(folder, "big.bin"), "wb") as file:
            file.write(os.urandom(3_000_000))
        mlflow.log_artifacts(folder, "files")
        with open(os.path.join(folder, "big.bin"), "rb") as file:
            big = file.read()
    mlflow.log_table({"question": ["a", "b"], "answer": ["c", "d"]}, "table.json")
    import pandas

    frame = pandas.DataFrame({"x": [1, 2, 3]})
    mlflow.log_input(mlflow.data.from_pandas(frame, name="rows"), context="training")

run = client.get_run(parent.info.run_id)
seen["status"] = run.info.status
seen["name"] = run.info.run_name
seen["ended"] = run.info.end_time >= run.info.start_time
metrics = run.data.metrics
seen["loss"] = metrics["loss"]
seen["odd"] = math.isnan(metrics["odd"])
seen["above"] = metrics["above"] >= 1.7e308
seen["below"] = metrics["below"] <= -1.7e308
seen["tiny"] = metrics["tiny"]
seen["async"] = metrics["async"]
seen["params"] = len(run.data.params)
seen["tags"] = {key: run.data.tags.get(key) for key in ["team", "note", "a", "b"]}
seen["parent"] = client.get_run(child.info.run_id).data.tags["mlflow.parentRunId"] == parent.info.run_id
seen["history"] = [len(client.get_metric_history(parent.info.run_id, key)) for key in ["loss", "async", "none"]]
seen["input"] = [
    [one.dataset.name, one.dataset.source_type, [[tag.key, tag.value] for tag in one.tags]]
    for one in run.inputs.dataset_inputs
]
seen["table"] = mlflow.load_table("table.json", run_ids=[parent.info.run_id]).shape
seen["text"] = mlflow.artifacts.load_text(run.info.artifact_uri + "/notes/hello world.txt")
with tempfile.TemporaryDirectory() as folder:
    local = mlflow.artifacts.download_artifacts(run_id=parent.info.run_id, dst_path=folder)
    with open(os.path.join(local, "files", "big.bin"), "rb") as file:
        seen["big"] = file.read() == big
    seen["empty"] = os.path.getsize(os.path.join(local, "files", "deep", "er", "empty.bin"))
seen["listed"] = sorted(item.path for item in client.list_artifacts(parent.info.run_id, "files"))

# Searches.
here = [experiment.experiment_id]


def names(text, **more):
    return [one.info.run_name for one in client.search_runs(here, text, **more)]


seen["search"] = {
    text: sorted(names(text))
    for text in [
        "",
        "metrics.loss < 2",
        "metrics.`val/loss at 1` > 0",
        'params."model" = \'small model\'',
        "params.model LIKE 'small%' and tags.team ILIKE 'SEARCH'",
        "attributes.status = 'FINISHED' AND attributes.run_name != 'child'",
        f"run_id IN ('{parent.info.run_id}', 'other')",
        "dataset.name = 'rows' AND dataset.context = 'training'",
        "attributes.start_time > 0",
        "tags.`mlflow.parentRunId` LIKE '%'",
    ]
}
seen["order"] = [names("", order_by=["metrics.loss ASC"]), names("", order_by=["metrics.loss DESC"])]
seen["refused"] = refusal(lambda: names("metrics.loss < 'two'"))
frame = mlflow.search_runs(experiment_names=["tickets"], filter_string="params.layers = '4'")
seen["frame"] = [len(frame), str(frame["params.rate"][0])]
for at in range(7):
    client.create_run(here[0], start_time=1000 + at, run_name=f"page {at}")
pages, token = [], None
while True:
    page = client.search_runs(here, "run_name LIKE 'page%'", max_results=3, page_token=token)
    pages.append([one.info.run_name for one in page])
    token = page.token
    if not token:
        break
seen["pages"] = pages

# Deleting and restoring.
gone = client.create_run(here[0], run_name="gone").info.run_id
client.delete_run(gone)
seen["deleted"] = [
    client.get_run(gone).info.lifecycle_stage,
    refusal(lambda: client.log_metric(gone, "loss", 1.0)),
    names("", run_view_type=ViewType.DELETED_ONLY),
]
client.restore_run(gone)
client.set_terminated(gone, "KILLED")
client.log_metric(gone, "late", 1.0)
client.update_run(gone, name="renamed")
renamed = client.get_run(gone)
seen["restored"] = [renamed.info.status, renamed.info.run_name, renamed.data.tags["mlflow.runName"], renamed.data.metrics]
client.log_batch(
    gone,
    metrics=[Metric("m", float(at), int(time.time() * 1000), at) for at in range(1000)],
)
client.log_batch(gone, params=[Param("k", "v")], tags=[RunTag("t", "u")])
client.log_inputs(gone, [DatasetInput(Dataset("d", "1", "local", "{}"), [InputTag("mlflow.data.context", "eval")])])

other = client.create_experiment("other", tags={"kind": "try"})
client.set_experiment_tag(other, "kind", "trial")
client.rename_experiment(other, "another")
seen["experiments"] = [
    [one.name for one in client.search_experiments(filter_string="tags.kind = 'trial'")],
    [one.name for one in client.search_experiments(filter_string="name ILIKE 'TICK%'", order_by=["name ASC"])],
    len(client.search_experiments(max_results=1)),
]
client.delete_experiment(other)
seen["taken"] = refusal(lambda: client.create_experiment("another"))
client.restore_experiment(other)
seen["none"] = [refusal(lambda: client.get_run("0" * 32)), client.get_experiment_by_name("nobody's")]

# The command line.
environment = {**os.environ, "MLFLOW_TRACKING_URI": url}


def command(*words):
    done = subprocess.run(
        [sys.executable, "-m", "mlflow", *words], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


command("experiments", "create", "--experiment-name", "by hand")
seen["commands"] = [
    "by hand" in command("experiments", "search"),
    "parent" in command("runs", "list", "--experiment-id", here[0]),
    json.loads(command("runs", "describe", "--run-id", gone))["info"]["run_id"] == gone,
    "config.json" in command("artifacts", "list", "--run-id", parent.info.run_id),
]

print("SEEN " + json.dumps(seen))
