/**
 * @file What is said about the routes of logged models and of the model registry.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, model_registry.proto
 */
import type { RouteDoc } from "../../openapi/doc.ts";

const page = "max_results:int page_token";
const version = "name! version!";
const model = "model:LoggedModel";
const file = "application/octet-stream";
const latest: RouteDoc = {
  summary: "The latest version of each stage.",
  reads: "name! stages:text[]",
  gives: "model_versions:ModelVersion[]",
};

const loggedModelDocs: Readonly<Record<string, RouteDoc>> = {
  "POST mlflow/logged-models": {
    summary: "Makes a logged model, whose files are to come.",
    reads: "experiment_id! name model_type source_run_id params:Fact[] tags:Fact[]",
    gives: model,
  },
  "POST mlflow/logged-models/search": {
    summary: "Logged models that fit a filter, page by page.",
    reads: `experiment_ids!:text[] filter datasets:object[] order_by:ModelOrder[] ${page}`,
    gives: "models:LoggedModel[] next_page_token",
  },
  "GET mlflow/logged-models/:id": { summary: "A logged model.", reads: "allow_deleted:bool", gives: model },
  "PATCH mlflow/logged-models/:id": {
    summary: "Says how a logged model stands.",
    reads: "status!:any",
    gives: model,
  },
  "DELETE mlflow/logged-models/:id": { summary: "Deletes a logged model." },
  "PATCH mlflow/logged-models/:id/tags": { summary: "Sets tags.", reads: "tags!:Fact[]" },
  "DELETE mlflow/logged-models/:id/tags/*key": { summary: "Removes a tag." },
  "POST mlflow/logged-models/:id/params": { summary: "Adds parameters.", reads: "params!:Fact[]" },
  "POST mlflow/runs/outputs": { summary: "Says which models a run made.", reads: "run_id! models!:object[]" },
  "POST mlflow/runs/log-model": {
    summary: "The same, as older clients say it.",
    reads: "run_id! model_json!",
  },
  "GET mlflow/logged-models/:id/artifacts/directories": {
    summary: "A logged model's files in one folder.",
    reads: "artifact_directory_path",
    gives: "root_uri files:File[]",
  },
  "GET mlflow/logged-models/:id/artifacts/files": {
    summary: "A logged model's file.",
    reads: "artifact_file_path!",
    type: file,
  },
};

const nameDocs: Readonly<Record<string, RouteDoc>> = {
  "GET mlflow/registered-models/get-latest-versions": latest,
  "POST mlflow/registered-models/get-latest-versions": latest,
  "GET mlflow/registered-models/get": {
    summary: "A registered model.",
    reads: "name!",
    gives: "registered_model:RegisteredModel",
  },
  "GET mlflow/registered-models/search": {
    summary: "Registered models that fit a filter, page by page.",
    reads: `filter order_by:text[] ${page}`,
    gives: "registered_models:RegisteredModel[] next_page_token",
  },
  "POST mlflow/registered-models/create": {
    summary: "Registers a name.",
    reads: "name! description tags:Fact[]",
    gives: "registered_model:RegisteredModel",
  },
  "POST mlflow/registered-models/rename": {
    summary: "Renames a registered model.",
    reads: "name! new_name!",
    gives: "registered_model:RegisteredModel",
  },
  "PATCH mlflow/registered-models/update": {
    summary: "Describes a registered model.",
    reads: "name! description",
    gives: "registered_model:RegisteredModel",
  },
  "DELETE mlflow/registered-models/delete": { summary: "Removes a registered model.", reads: "name!" },
  "POST mlflow/registered-models/set-tag": { summary: "Sets a tag.", reads: "name! key! value" },
  "DELETE mlflow/registered-models/delete-tag": { summary: "Removes a tag.", reads: "name! key!" },
  "POST mlflow/registered-models/alias": { summary: "Gives a version an alias.", reads: `${version} alias!` },
  "DELETE mlflow/registered-models/alias": { summary: "Removes an alias.", reads: "name! alias!" },
  "GET mlflow/registered-models/alias": {
    summary: "The version that has an alias.",
    reads: "name! alias!",
    gives: "model_version:ModelVersion",
  },
};

const versionDocs: Readonly<Record<string, RouteDoc>> = {
  "GET mlflow/model-versions/get": {
    summary: "A version.",
    reads: version,
    gives: "model_version:ModelVersion",
  },
  "GET mlflow/model-versions/get-download-uri": {
    summary: "The address of a version's files.",
    reads: version,
    gives: "artifact_uri",
  },
  "GET mlflow/model-versions/search": {
    summary: "Versions that fit a filter, page by page.",
    reads: `filter order_by:text[] ${page}`,
    gives: "model_versions:ModelVersion[] next_page_token",
  },
  "POST mlflow/model-versions/create": {
    summary: "Makes a version from files of this server.",
    reads: "name! source! run_id model_id description run_link tags:Fact[]",
    gives: "model_version:ModelVersion",
  },
  "PATCH mlflow/model-versions/update": {
    summary: "Describes a version.",
    reads: `${version} description`,
    gives: "model_version:ModelVersion",
  },
  "POST mlflow/model-versions/transition-stage": {
    summary: "Moves a version to a stage.",
    reads: `${version} stage! archive_existing_versions:bool`,
    gives: "model_version:ModelVersion",
  },
  "DELETE mlflow/model-versions/delete": { summary: "Removes a version.", reads: version },
  "POST mlflow/model-versions/set-tag": { summary: "Sets a tag.", reads: `${version} key! value` },
  "DELETE mlflow/model-versions/delete-tag": { summary: "Removes a tag.", reads: `${version} key!` },
  "GET /model-versions/get-artifact": { summary: "A version's file.", reads: `${version} path!`, type: file },
};

/** All of them. */
export const modelRouteDocs: Readonly<Record<string, RouteDoc>> = {
  ...loggedModelDocs,
  ...nameDocs,
  ...versionDocs,
};
