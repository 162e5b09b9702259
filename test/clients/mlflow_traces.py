"""Unusual file names, registry links and traces with MLflow's own Python client; prints what it read as JSON."""

import io
import json
import logging
import os
import sys
import tempfile
import time

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"

import mlflow
import numpy
from mlflow.exceptions import MlflowException

url = sys.argv[1]
mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient(url)
experiment = mlflow.set_experiment("traced").experiment_id
is_third = mlflow.__version__.startswith("3")
seen = {}

with mlflow.start_run() as run:
    for step in (0, 12, 33):
        mlflow.log_image(numpy.zeros((4, 4, 3), dtype=numpy.uint8), key="dog", step=step, synchronous=True)
    folder = tempfile.mkdtemp()
    for name in ("a:b.txt", 'a"*<>|.txt', "dots.."):
        with open(os.path.join(folder, name), "w") as file:
            file.write(name)
    mlflow.log_artifacts(folder, "odd")
id = run.info.run_id
seen["images"] = len(client.list_artifacts(id, "images"))
seen["odd"] = sorted(file.path[4:] for file in client.list_artifacts(id, "odd"))
with open(mlflow.artifacts.download_artifacts(run_id=id, artifact_path="odd/a:b.txt")) as file:
    seen["back"] = file.read()

client.create_registered_model("linked")
version = client.create_model_version("linked", "s3://bucket/model", id)
seen["link"] = [version.source, client.get_model_version_download_uri("linked", version.version)]
try:
    client.create_model_version("linked", "ftp://models.example/model")
except MlflowException as error:
    seen["refused"] = error.error_code

log = io.StringIO()
handler = logging.StreamHandler(log)
handler.setLevel(logging.WARNING)
logging.getLogger("mlflow").addHandler(handler)


@mlflow.trace(name="answer")
def answer(q):
    with mlflow.start_span(name="inner") as span:
        span.set_inputs({"q": q})
    return q.upper()


def search(**more):
    where = {"locations": [experiment]} if is_third else {"experiment_ids": [experiment]}
    return list(client.search_traces(**where, **more))


with mlflow.start_run() as run:
    answer("hello")
    answer("there")
try:
    mlflow.trace(lambda: 1 / 0, name="bad")()
except ZeroDivisionError:
    pass
time.sleep(0.5)
# Some OpenTelemetry releases break the exporter of MLflow 2 before it sends anything.
from opentelemetry.version import __version__ as telemetry

seen["exports"] = is_third or tuple(map(int, telemetry.split(".")[:2])) < (1, 30)
if seen["exports"]:
    found = search()
    first = [trace for trace in found if len(trace.data.spans) == 2][0]
    trace = first.info.trace_id if is_third else first.info.request_id
    spans = sorted(span.name for span in mlflow.get_trace(trace).data.spans)
    client.set_trace_tag(trace, "color", "red")
    by_tag = [len(search(filter_string="tags.color = 'red'"))]
    client.delete_trace_tag(trace, "color")
    by_tag.append(len(search(filter_string="tags.color = 'red'")))
    by_name = len(search(filter_string="attributes.name = 'answer' AND attributes.status = 'OK'"))
    by_run = len(search(run_id=run.info.run_id))
    if is_third:
        feedback = mlflow.log_feedback(trace_id=trace, name="good", value=True)
        mlflow.override_feedback(trace_id=trace, assessment_id=feedback.assessment_id, value=0.5)
        said = mlflow.get_trace(trace).info.assessments
        seen["assessed"] = [[one.name, one.value, one.valid] for one in said]
    client.delete_traces(experiment, **{"trace_ids" if is_third else "request_ids": [trace]})
    seen["traces"] = {
        **{"found": len(found), "spans": spans, "byTag": by_tag, "byName": by_name, "byRun": by_run},
        "left": len(search()),
    }
    seen["warnings"] = log.getvalue()
else:
    seen["traces"] = False
    seen["warnings"] = ""

if is_third:
    from mlflow.genai import scorer

    @scorer
    def same(outputs, expectations):
        return outputs == expectations["expected_response"]

    rows = [
        {"inputs": {"q": "a"}, "expectations": {"expected_response": "A"}},
        {"inputs": {"q": "b"}, "expectations": {"expected_response": "C"}},
    ]
    result = mlflow.genai.evaluate(data=rows, predict_fn=lambda q: answer(q), scorers=[same])
    seen["evaluated"] = {key: float(value) for key, value in result.metrics.items()}
    seen["refusals"] = []
    for call in (
        lambda: mlflow.genai.datasets.create_dataset(name="rows", experiment_id=experiment),
        lambda: client.create_webhook(name="w", url="https://example.com", events=["registered_model.created"]),
        lambda: same.register(name="same"),
    ):
        try:
            call()
        except MlflowException as error:
            seen["refusals"].append(str(error))

print("SEEN", json.dumps(seen))
