/**
 * @file Routes of runs' inputs: datasets and logged models.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, LogInputs, SearchDatasets; mlflow/utils/validation.py for
 *   the limits
 */

import { z } from "zod";
import type { HttpError, Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import { addInputs, type KeyValue, listDatasets, type RunInput } from "../../index.ts";
import { readModels } from "./batch.ts";
import { endpoint } from "./endpoint.ts";
import { type Fields, fieldsOf, invalid, itemField, list, listOf, missing, text } from "./fields.ts";
import { experimentNumbers, findActiveRun, runFields } from "./find.ts";
import { tooLong } from "./key-rules.ts";
import { addGivenModels } from "./models/parts.ts";
import { invalidParameter } from "./refuse.ts";
import { aboutRun, amongExperiments } from "./subjects.ts";

/** Maximum body size, since a dataset's profile may have 16 MiB. */
const maxBodyBytes = 20_000_000;
const maxDatasets = 1000;
const maxLength = {
  name: 500,
  digest: 36,
  source_type: 500,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
  tagKey: 255,
  tagValue: 500,
} as const;

/** The tag for the purpose of a dataset. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const contextTag = "mlflow.data.context";

const inputFields = z.object({
  ...runFields,
  datasets: list(listOf("DatasetInput"), (items) => {
    if (items.length > maxDatasets) throw invalid("datasets", items.length, "There are too many.");
    return items.map((item, at) => inputFrom(fieldsOf(item), `datasets[${at}]`));
  }),
  models: list({ items: { type: "object" } }, (models) => models),
});

/** Routes of inputs. */
export function inputRoutes(context: TrackingContext): Route[] {
  const { database } = context;
  return [
    ...endpoint({
      method: "POST",
      path: "mlflow/runs/log-inputs",
      policy: "write",
      maxBodyBytes,
      summary: "Log the datasets and models that a run used.",
      reads: inputFields,
      about: aboutRun(context, ({ models }: { readonly models: readonly unknown[] }) =>
        readModels(models, "read"),
      ),
      answer: async ({ datasets, models, ...fields }) => {
        await context.write(async (transaction) => {
          const run = await findActiveRun(transaction, fields);
          if (datasets.length === 0 && models.length === 0) throw missing("datasets");
          await addInputs(transaction, run, datasets);
          if (models.length > 0) await addGivenModels(transaction, run.number, models);
        });
        return {};
      },
    }),
    ...endpoint({
      method: "POST",
      path: "mlflow/experiments/search-datasets",
      policy: "read",
      summary: "List datasets that runs of the experiments used.",
      about: amongExperiments,
      reads: datasetFields,
      gives: "dataset_summaries:DatasetSummary[]",
      answer: async (_, { scope: { projects } }) => {
        const found = projects.length === 0 ? [] : await listDatasets(database, projects, maxSummaries);
        return {
          dataset_summaries: found.map(({ project, name, digest, context: use }) => ({
            experiment_id: String(project),
            name,
            digest,
            ...(use === "" ? {} : { context: use }),
          })),
        };
      },
    }),
  ];
}

const tagList = list(listOf("Fact"), (tags) => tags);

function inputFrom(fields: Fields, path: string): RunInput {
  const about = fields["dataset"];
  if (about === undefined || about === null) throw missing(`${path}.dataset`);
  const tags = itemField(fields, "tags", tagList).map((tag) => tagFrom(fieldsOf(tag), path));
  const context = tags.find(({ key }) => key === contextTag)?.value ?? "";
  return { dataset: datasetFrom(fieldsOf(about), `${path}.dataset`), context, tags };
}

function tagFrom(fields: Fields, path: string): KeyValue {
  const key = itemField(fields, "key", text);
  if (!key) throw missing("key");
  const tag = { key, value: itemField(fields, "value", text) ?? "" };
  requireLength(tag.key, maxLength.tagKey, `${path}.tags.key`);
  requireLength(tag.value, maxLength.tagValue, `${path}.tags.value`);
  return tag;
}

function datasetFrom(fields: Fields, path: string): RunInput["dataset"] {
  const read = (
    name: "name" | "digest" | "source_type" | "source" | "schema" | "profile",
  ): string | undefined => {
    const value = itemField(fields, name, text);
    if (value !== undefined) requireLength(value, maxLength[name], `${path}.${name}`);
    return value;
  };
  const required = (name: "name" | "digest"): string => {
    const value = read(name);
    if (!value) throw missing(`${path}.${name}`);
    return value;
  };
  return {
    name: required("name"),
    digest: required("digest"),
    sourceType: read("source_type") ?? "",
    source: read("source") ?? "",
    schema: read("schema") ?? null,
    profile: read("profile") ?? null,
  };
}

function requireLength(text: string, max: number, path: string): void {
  if (text.length > max) throw tooLong(path, max);
}

const maxExperiments = 20;
const maxSummaries = 1000;

const datasetFields = z.object({
  experiment_ids: experimentNumbers((count) => {
    const refused = (what: string): HttpError => invalidParameter(`SearchDatasets request ${what}`);
    if (!count) throw refused("must specify at least one experiment_id.");
    if (count <= maxExperiments) return;
    throw refused(
      `cannot specify more than ${maxExperiments} experiment_ids. Received ${count} experiment_ids.`,
    );
  }, true),
});
