"""Uses logged models and the model registry with MLflow's client. Run by mlflow-registry.test.ts."""

import math
import sys

import mlflow
import requests
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput
from mlflow.exceptions import MlflowException

url, part = sys.argv[1:3]
mlflow.set_tracking_uri(url)
client = MlflowClient(url)
run_id = "a" * 32


def refused(work, code):
    try:
        work()
    except MlflowException as error:
        assert error.error_code == code, error
    else:
        raise AssertionError(f"not refused with {code}")


def log():
    model = client.create_logged_model(
        "0", name="tickets", source_run_id=run_id, tags={"team": "search"}, params={"lr": "0.1"}, model_type="llm"
    )
    assert model.status == "PENDING" and model.artifact_location == f"mlflow-artifacts:/0/models/{model.model_id}/artifacts"
    client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 3)])
    client.log_model_params(model.model_id, {"rank": "8"})
    client.set_logged_model_tags(model.model_id, {"a/b": "1", "c": "2"})
    client.delete_logged_model_tag(model.model_id, "a/b")
    ready = client.finalize_logged_model(model.model_id, "READY")
    assert ready.status == "READY"
    print(model.model_id)


def check(id):
    model = client.get_logged_model(id)
    assert model.params == {"lr": "0.1", "rank": "8"} and model.tags == {"team": "search", "c": "2"}, model
    metrics = {metric.key: metric for metric in model.metrics}
    assert metrics["acc"].value == 0.75 and metrics["acc"].dataset_name == "squad"
    assert metrics["acc"].run_id == run_id and metrics["acc"].model_id == id and math.isnan(metrics["loss"].value)
    other = client.create_logged_model("0")
    search = client.search_logged_models
    ids = lambda **more: [found.model_id for found in search(experiment_ids=["0"], **more)]
    assert ids() == [other.model_id, id]
    assert ids(filter_string="name = 'tickets' AND params.lr = '0.1' AND tags.`team` LIKE 's%'") == [id]
    assert ids(filter_string="metrics.acc > 0.5", datasets=[{"dataset_name": "squad"}]) == [id]
    assert ids(filter_string="status IN ('PENDING')") == [other.model_id]
    assert ids(order_by=[{"field_name": "metrics.acc", "ascending": False}]) == [id, other.model_id]
    first = search(experiment_ids=["0"], max_results=1)
    second = search(experiment_ids=["0"], max_results=1, page_token=first.token)
    assert [first[0].model_id, second[0].model_id, second.token] == [other.model_id, id, None]
    assert len(mlflow.search_logged_models(experiment_ids=["0"], output_format="list")) == 2
    client.delete_logged_model(other.model_id)
    refused(lambda: client.get_logged_model(other.model_id), "RESOURCE_DOES_NOT_EXIST")
    refused(lambda: search(experiment_ids=["0"], filter_string="name = 'a' OR name = 'b'"), "INVALID_PARAMETER_VALUE")
    base = f"{url}/ajax-api/2.0/mlflow/logged-models/{id}/artifacts"
    listed = requests.get(f"{base}/directories", params={"artifact_directory_path": "sub"}).json()
    assert listed["files"] == [{"path": "sub/a.txt", "is_dir": False, "file_size": 5}], listed
    assert requests.get(f"{base}/files", params={"artifact_file_path": "sub/a.txt"}).text == "hello"
    print("ok")


def registry(id):
    name = "ticket model"
    client.create_registered_model(name, tags={"team": "search"}, description="what it does")
    refused(lambda: client.create_registered_model(name), "RESOURCE_ALREADY_EXISTS")
    registered = mlflow.register_model(f"models:/{id}", name, await_registration_for=0)
    assert (str(registered.version), registered.run_id) == ("1", run_id), registered
    address = f"mlflow-artifacts:/0/models/{id}/artifacts"
    assert client.get_model_version_download_uri(name, "1") == address
    assert '"version": 1' in client.get_logged_model(id).tags["mlflow.modelVersions"].replace('":1', '": 1')
    second = client.create_model_version(name, f"runs:/{run_id}/model", run_id, tags={"ok": "yes"}, description="d")
    assert client.get_model_version_download_uri(name, second.version) == f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    copied = client.copy_model_version(f"models:/{name}/1", "copy")
    assert copied.source == f"models:/{name}/1" and client.get_model_version_download_uri("copy", "1") == address
    client.create_model_version(name, f"mlflow-artifacts:/0/{run_id}/artifacts/model", run_id)
    refused(lambda: client.create_model_version(name, "file:///etc"), "INVALID_PARAMETER_VALUE")

    client.set_registered_model_alias(name, "champion", "1")
    assert str(client.get_model_version_by_alias(name, "champion").version) == "1"
    assert client.get_registered_model(name).aliases == {"champion": "1"}
    client.delete_registered_model_alias(name, "champion")
    refused(lambda: client.get_model_version_by_alias(name, "champion"), "INVALID_PARAMETER_VALUE")
    assert str(client.get_model_version_by_alias(name, "latest").version) == "3"

    client.transition_model_version_stage(name, "1", "production")
    client.transition_model_version_stage(name, "2", "Production", archive_existing_versions=True)
    assert client.get_model_version(name, "1").current_stage == "Archived"
    stages = {v.current_stage: str(v.version) for v in client.get_latest_versions(name)}
    assert stages == {"Archived": "1", "Production": "2", "None": "3"}, stages
    assert [str(v.version) for v in client.get_latest_versions(name, ["Production"])] == ["2"]

    client.set_model_version_tag(name, "1", "quality", "high")
    client.delete_model_version_tag(name, "2", "ok")
    assert client.get_model_version(name, "1").tags == {"quality": "high"}
    assert client.update_model_version(name, "1", "new words").description == "new words"
    versions = lambda text, **more: [int(v.version) for v in client.search_model_versions(text, **more)]
    assert versions(f"name = '{name}'", order_by=["version_number ASC"]) == [1, 2, 3]
    assert versions(f"run_id IN ('{run_id}') and version_number > 2") == [3]
    assert versions("tags.quality ILIKE 'HIGH'") == [1]
    assert versions(f"source_path = 'runs:/{run_id}/model'") == [2]
    client.delete_model_version(name, "3")
    refused(lambda: client.get_model_version(name, "3"), "RESOURCE_DOES_NOT_EXIST")

    client.set_registered_model_tag(name, "k", "v")
    client.delete_registered_model_tag(name, "k")
    assert client.update_registered_model(name, "other words").description == "other words"
    names = lambda text=None, **more: [found.name for found in client.search_registered_models(text, **more)]
    assert names() == ["copy", name] and names("name LIKE 'ticket%'") == [name] and names("tags.team = 'search'") == [name]
    assert names(order_by=["name DESC"], max_results=1) == [name]
    client.rename_registered_model(name, "renamed")
    assert int(client.get_model_version("renamed", "2").version) == 2
    client.delete_registered_model("renamed")
    refused(lambda: client.get_registered_model("renamed"), "RESOURCE_DOES_NOT_EXIST")
    print("ok")


def prompts():
    prompt = mlflow.genai.register_prompt("greeting", "Hello {{name}}", tags={"tone": "warm"})
    assert prompt.version == 1
    assert mlflow.genai.load_prompt("prompts:/greeting/1").template == "Hello {{name}}"
    assert [found.name for found in client.search_registered_models()] == ["copy"]
    assert [found.name for found in mlflow.genai.search_prompts()] == ["greeting"]
    refused(lambda: client.create_model_version("copy", "models:/greeting/1"), "INVALID_PARAMETER_VALUE")
    print("ok")


{"log": log, "check": check, "registry": registry, "prompts": prompts}[part](*sys.argv[3:])
