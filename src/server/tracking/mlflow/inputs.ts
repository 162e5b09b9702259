/**
 * @file What runs were given: datasets, and models where somebody keeps them.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, LogInputs, SearchDatasets; mlflow/utils/validation.py for
 *   the limits
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { addInputs, type Dataset, type Fact, listDatasets, type RunInput } from "../../../track/index.ts";
import type { AllowedCall, Reply, Route } from "../route.ts";
import {
  type Fields,
  fieldsOf,
  invalid,
  listField,
  missing,
  neededText,
  textField,
  textsField,
} from "./fields.ts";
import { experimentNumber, findActiveRun } from "./find.ts";
import type { ModelParts } from "./model-parts.ts";
import { MlflowError } from "./refuse.ts";
import { json, postPair } from "./route-pair.ts";
import { aboutRun, amongExperiments } from "./subjects.ts";

/** A dataset's profile may have 16 MiB. */
const bodyBytesMost = 20_000_000;
const datasetsMost = 1000;
const lettersMost = {
  name: 500,
  digest: 36,
  source_type: 500,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
} as const;

/** The tag that says what data was used for. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const contextTag = "mlflow.data.context";

/** Routes of inputs. */
export function inputRoutes(desk: TrackingContext, models: ModelParts): Route[] {
  return [
    ...postPair(
      "mlflow/runs/log-inputs",
      "write",
      aboutRun(desk),
      (fields) => logInputs(desk, fields, models),
      bodyBytesMost,
    ),
    ...postPair("mlflow/experiments/search-datasets", "read", amongExperiments, (fields, call) =>
      searchDatasets(desk, fields, call),
    ),
  ];
}

async function logInputs(desk: TrackingContext, fields: Fields, parts: ModelParts): Promise<Reply> {
  const datasets = listField(fields, "datasets");
  const models = listField(fields, "models");
  if (datasets.length > datasetsMost) throw invalid("datasets", datasets.length, "There are too many.");
  const inputs = datasets.map((item, at) => inputFrom(fieldsOf(item), `datasets[${at}]`));
  await desk.write(async (transaction) => {
    const run = await findActiveRun(transaction, fields);
    if (datasets.length === 0 && models.length === 0) throw missing("datasets");
    await addInputs(transaction, run, inputs);
    if (models.length > 0) await parts.addInputs(transaction, run, models);
  });
  return json({});
}

function inputFrom(fields: Fields, path: string): RunInput {
  const about = fields["dataset"];
  if (about === undefined || about === null) throw missing(`${path}.dataset`);
  const tags = listField(fields, "tags").map((tag) => tagFrom(fieldsOf(tag), path));
  const context = tags.find(({ key }) => key === contextTag)?.value ?? "";
  return { dataset: datasetFrom(fieldsOf(about), `${path}.dataset`), context, tags };
}

function tagFrom(fields: Fields, path: string): Fact {
  const tag = { key: neededText(fields, "key"), value: textField(fields, "value") ?? "" };
  demandLength(tag.key, lettersMost.tagKey, `${path}.tags.key`);
  demandLength(tag.value, lettersMost.tagValue, `${path}.tags.value`);
  return tag;
}

function datasetFrom(fields: Fields, path: string): Dataset {
  const read = (
    name: "name" | "digest" | "source_type" | "source" | "schema" | "profile",
  ): string | undefined => {
    const text = textField(fields, name);
    if (text !== undefined) demandLength(text, lettersMost[name], `${path}.${name}`);
    return text;
  };
  const needed = (name: "name" | "digest"): string => {
    const text = read(name);
    if (!text) throw missing(`${path}.${name}`);
    return text;
  };
  return {
    name: needed("name"),
    digest: needed("digest"),
    sourceType: read("source_type") ?? "",
    source: read("source") ?? "",
    schema: read("schema") ?? null,
    profile: read("profile") ?? null,
  };
}

function demandLength(text: string, most: number, path: string): void {
  if (text.length <= most) return;
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `'${path}' exceeds the maximum length of ${most} characters`,
  );
}

const experimentsMost = 20;
const summariesMost = 1000;

async function searchDatasets(desk: TrackingContext, fields: Fields, { scope }: AllowedCall): Promise<Reply> {
  const ids = textsField(fields, "experiment_ids");
  const refused = (what: string): MlflowError =>
    new MlflowError("INVALID_PARAMETER_VALUE", `SearchDatasets request ${what}`);
  if (ids.length === 0) throw refused("must specify at least one experiment_id.");
  if (ids.length > experimentsMost) {
    throw refused(
      `cannot specify more than ${experimentsMost} experiment_ids. Received ${ids.length} experiment_ids.`,
    );
  }
  for (const id of ids) experimentNumber(id, "experiment_ids");
  const { projects } = scope;
  const found = projects.length === 0 ? [] : await listDatasets(desk.database, projects, summariesMost);
  return json({
    dataset_summaries: found.map(({ project, name, digest, context }) => ({
      experiment_id: String(project),
      name,
      digest,
      ...(context === "" ? {} : { context }),
    })),
  });
}
