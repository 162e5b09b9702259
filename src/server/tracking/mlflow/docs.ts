/**
 * @file What is said about MLflow's routes: the fields that this server reads, and what it gives.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, model_registry.proto, mlflow_artifacts.proto
 */
import type { ProtocolDocs, RouteDoc } from "../openapi/doc.ts";
import { modelRouteDocs } from "./models/docs.ts";

const experiment = "experiment_id!";
const run = "run_id! run_uuid";
const page = "max_results:int page_token";
const metric = "key! value!:any timestamp!:int step:int model_id dataset_name dataset_digest";
const file = "application/octet-stream";
const notOffered: RouteDoc = {
  summary: "Not offered: answered with 501, and clients send files whole.",
  status: 501,
};

const experimentDocs: Readonly<Record<string, RouteDoc>> = {
  "POST mlflow/experiments/create": {
    summary: "Makes an experiment.",
    reads: "name! artifact_location tags:Fact[]",
    gives: "experiment_id!",
  },
  "GET mlflow/experiments/get": {
    summary: "An experiment by its id.",
    reads: experiment,
    gives: "experiment:Experiment",
  },
  "GET mlflow/experiments/get-by-name": {
    summary: "An experiment by its name.",
    reads: "experiment_name!",
    gives: "experiment:Experiment",
  },
  "GET mlflow/experiments/search": {
    summary: "Experiments that fit a filter.",
    reads: `filter order_by:text[] view_type:ViewType ${page}`,
    gives: "experiments:Experiment[] next_page_token",
  },
  "POST mlflow/experiments/search": {
    summary: "Experiments that fit a filter.",
    reads: `filter order_by:text[] view_type:ViewType ${page}`,
    gives: "experiments:Experiment[] next_page_token",
  },
  "POST mlflow/experiments/update": { summary: "Renames an experiment.", reads: `${experiment} new_name!` },
  "POST mlflow/experiments/delete": {
    summary: "Deletes an experiment; it can be restored.",
    reads: experiment,
  },
  "POST mlflow/experiments/restore": { summary: "Restores an experiment.", reads: experiment },
  "POST mlflow/experiments/set-experiment-tag": { summary: "Sets a tag.", reads: `${experiment} key! value` },
  "POST mlflow/experiments/delete-experiment-tag": { summary: "Removes a tag.", reads: `${experiment} key!` },
  "POST mlflow/experiments/search-datasets": {
    summary: "Datasets that the runs of experiments used.",
    reads: "experiment_ids!:text[]",
    gives: "dataset_summaries:DatasetSummary[]",
  },
};

const runDocs: Readonly<Record<string, RouteDoc>> = {
  "POST mlflow/runs/create": {
    summary: "Makes a run, which is at work from then on.",
    reads: `${experiment} user_id run_name start_time:int tags:Fact[]`,
    gives: "run:Run",
  },
  "GET mlflow/runs/get": { summary: "A run by its id.", reads: run, gives: "run:Run" },
  "POST mlflow/runs/update": {
    summary: "Changes a run's state, end or name.",
    reads: `${run} status:RunStatus end_time:int run_name`,
    gives: "run_info:RunInfo",
  },
  "POST mlflow/runs/delete": { summary: "Deletes a run; it can be restored.", reads: run },
  "POST mlflow/runs/restore": { summary: "Restores a run.", reads: run },
  "POST mlflow/runs/search": {
    summary: "Runs of experiments that fit a filter, page by page.",
    reads: `experiment_ids!:text[] filter order_by:text[] run_view_type:ViewType ${page}`,
    gives: "runs:Run[] next_page_token",
  },
  "POST mlflow/runs/create-promptlab-run": {
    summary: "A run of one try of a prompt, with a table of what was answered.",
    reads:
      `${experiment} prompt_template! prompt_parameters!:Fact[] model_route! model_input! mlflow_version! run_name ` +
      "user_id start_time:int tags:Fact[] model_parameters:Fact[] model_output model_output_parameters:Fact[]",
    gives: "run:Run",
  },
  "POST mlflow/runs/log-batch": {
    summary: "Logs metrics, parameters and tags: at most 1,000 in all, whole or not at all.",
    reads: `${run} metrics:Metric[] params:Fact[] tags:Fact[]`,
  },
  "POST mlflow/runs/log-metric": { summary: "Logs one point of a metric.", reads: `${run} ${metric}` },
  "POST mlflow/runs/log-parameter": {
    summary: "Logs a parameter, which cannot change later.",
    reads: `${run} key! value`,
  },
  "POST mlflow/runs/set-tag": { summary: "Sets a tag.", reads: `${run} key! value` },
  "POST mlflow/runs/delete-tag": { summary: "Removes a tag.", reads: `${run} key!` },
  "POST mlflow/runs/log-inputs": {
    summary: "Says which datasets and models a run used.",
    reads: `${run} datasets:DatasetInput[] models:object[]`,
  },
};

const historyDocs: Readonly<Record<string, RouteDoc>> = {
  "GET mlflow/metrics/get-history": {
    summary: "All points of a metric, or a page of them.",
    reads: `${run} metric_key! ${page}`,
    gives: "metrics:Metric[] next_page_token",
  },
  "GET mlflow/metrics/get-history-bulk": {
    summary: "Points of a metric of up to 100 runs.",
    reads: "run_id!:text[] metric_key! max_results:int",
    gives: "metrics:Metric[]",
  },
  "GET mlflow/metrics/get-history-bulk-interval": {
    summary: "Points of a metric of up to 100 runs, thinned for a chart with its extremes kept.",
    reads: "run_ids!:text[] metric_key! start_step:int end_step:int max_results:int",
    gives: "metrics:Metric[]",
  },
};

const fileDocs: Readonly<Record<string, RouteDoc>> = {
  "GET mlflow/artifacts/list": {
    summary: "A run's files in one folder.",
    reads: `${run} path`,
    gives: "root_uri files:File[]",
  },
  "GET /get-artifact": { summary: "A run's file.", reads: `${run} path!`, type: file },
  "POST mlflow/upload-artifact": {
    summary: "Takes a file of a page's, of at most 10 MiB.",
    query: "run_uuid! path!",
    bodyType: file,
  },
  "GET mlflow-artifacts/artifacts": {
    summary: "Files in one folder.",
    reads: "path!",
    gives: "files:File[]",
  },
  "GET mlflow-artifacts/artifacts/*path": { summary: "A file, or the part that Range names.", type: file },
  "PUT mlflow-artifacts/artifacts/*path": { summary: "Takes a file as a stream.", bodyType: file },
  "DELETE mlflow-artifacts/artifacts/*path": { summary: "Removes a file, or a folder with all in it." },
  "POST mlflow-artifacts/mpu/create/*path": notOffered,
  "POST mlflow-artifacts/mpu/complete/*path": notOffered,
  "POST mlflow-artifacts/mpu/abort/*path": notOffered,
  "GET mlflow-artifacts/presigned/*path": notOffered,
  "POST mlflow/artifacts/presigned-download-url": notOffered,
};

const aboutDocs: Readonly<Record<string, RouteDoc>> = {
  "GET /health": { summary: "OK, while the server takes requests.", type: "text/plain" },
  "GET /version": { summary: "The version of MLflow whose routes these are.", type: "text/plain" },
  "GET mlflow/server-info": {
    summary: "What this server can do.",
    gives:
      "store_type artifact_serving_enabled:bool workspaces_enabled:bool trace_archival_enabled:bool " +
      "multipart_uploads_enabled:bool multipart_downloads_enabled:bool artifacts_presigned_only:bool",
  },
};

/** All of MLflow's. */
export const mlflowDocs: ProtocolDocs = {
  about: "MLflow's REST API; each route answers below /api and, for pages, below /ajax-api.",
  error: "error_code! message!",
  prefixes: ["/api/2.0", "/ajax-api/2.0", "/api/3.0", "/ajax-api/3.0"],
  routes: { ...aboutDocs, ...experimentDocs, ...runDocs, ...historyDocs, ...fileDocs, ...modelRouteDocs },
  shapes: {
    Fact: "key! value",
    Metric: `${metric} run_id`,
    ViewType: { type: "string", enum: ["ACTIVE_ONLY", "DELETED_ONLY", "ALL"] },
    RunStatus: { type: "string", enum: ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] },
    Experiment:
      "experiment_id! name! artifact_location lifecycle_stage creation_time:int last_update_time:int tags:Fact[]",
    Run: "info!:RunInfo data:RunData inputs:RunInputs outputs:object",
    RunInfo:
      "run_id! run_uuid experiment_id! run_name user_id status:RunStatus start_time:int end_time:int artifact_uri " +
      "lifecycle_stage",
    RunData: "metrics:Metric[] params:Fact[] tags:Fact[]",
    RunInputs: "dataset_inputs:DatasetInput[] model_inputs:object[]",
    DatasetInput: "tags:Fact[] dataset!:Dataset",
    Dataset: "name! digest! source_type! source! schema profile",
    DatasetSummary: "experiment_id name digest context",
    File: "path! is_dir:bool file_size:int",
    LoggedModel: "info:LoggedModelInfo data:LoggedModelData",
    LoggedModelInfo:
      "model_id! experiment_id name creation_timestamp_ms:int last_updated_timestamp_ms:int artifact_uri status " +
      "model_type source_run_id tags:Fact[]",
    LoggedModelData: "params:Fact[] metrics:Metric[]",
    ModelOrder: "field_name! ascending:bool dataset_name dataset_digest",
    RegisteredModel:
      "name! creation_timestamp:int last_updated_timestamp:int description latest_versions:ModelVersion[] " +
      "tags:Fact[] aliases:ModelAlias[]",
    ModelAlias: "alias! version!",
    ModelVersion:
      "name! version! creation_timestamp:int last_updated_timestamp:int user_id current_stage description source " +
      "run_id status tags:Fact[] run_link aliases:text[] model_id",
  },
};
