/**
 * @file Routes about logged models, which are models that runs trained, and their files.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { About, Route } from "../../../http/index.ts";
import type { TrackingContext } from "../../../index.ts";
import {
  addLoggedModel,
  addLoggedModelParams,
  changeLoggedModel,
  dropLoggedModelTag,
  findLoggedModel,
  findProject,
  type LoggedModel,
  type ModelStatus,
  putLoggedModelTags,
  readProjectsOf,
  searchLoggedModels,
} from "../../../index.ts";
import { endpoint } from "../endpoint.ts";
import { field, itemField, pageSize, textBy, ValidationError } from "../fields.ts";
import { experimentFields, experimentNumbers, findExperiment } from "../find.ts";
import { offset, pageOf } from "../pages.ts";
import { type MlflowContext, modelAddress } from "../places.ts";
import { invalidParameter, notFound } from "../refuse.ts";
import { aboutModel, amongExperiments } from "../subjects.ts";
import { boundedText, facts, idOrNull, keyText, modelId } from "./checks.ts";
import { modelFileRoutes } from "./model-files.ts";
import { modelSearchFields, readModelSearch } from "./model-filter.ts";
import { outputRoutes } from "./output-routes.ts";
import { loggedModelBody, statusNames } from "./wire.ts";

/** Maximum body size, for texts of prompts and descriptions; files use other routes. */
const maxBodyBytes = 2_000_000;

/** Routes about logged models. */
export function modelRoutes(context: MlflowContext): Route[] {
  return [
    ...collectionRoutes(context),
    ...oneModelRoutes(context),
    ...tagRoutes(context),
    ...outputRoutes(context),
    ...modelFileRoutes(context),
  ];
}

function collectionRoutes(context: MlflowContext): Route[] {
  const base = { method: "POST", maxBodyBytes } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/logged-models",
      policy: "write",
      about: newModel(context),
      summary: "Create a logged model. Its files are uploaded afterwards.",
      gives: "model:LoggedModel",
      reads: newModelFields,
      answer: async (fields) => ({ model: await createModel(context, fields) }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/logged-models/search",
      policy: "read",
      about: amongExperiments,
      summary: "Search logged models with a filter, page by page.",
      reads: searchFields,
      gives: "models:LoggedModel[] next_page_token",
      answer: (fields, { scope }) => search(context, fields, scope.projects),
    }),
  ];
}

function oneModelRoutes(context: MlflowContext): Route[] {
  const { database, write, now } = context;
  const base = { path: "mlflow/logged-models/:id", about: aboutModel(context), maxBodyBytes } as const;
  return [
    ...endpoint({
      ...base,
      method: "GET",
      policy: "read",
      summary: "Get a logged model.",
      gives: "model:LoggedModel",
      reads: z.object({
        allow_deleted: field({ type: "boolean" }, (value) => value === "true" || value === true),
      }),
      answer: async ({ allow_deleted }, { params }) => {
        const stages = allow_deleted ? (["active", "deleted"] as const) : undefined;
        return {
          model: await bodyOf(context, await findLoggedModel(database, modelId(params), stages)),
        };
      },
    }),
    ...endpoint({
      ...base,
      method: "PATCH",
      policy: "write",
      summary: "Update the status of a logged model.",
      reads: z.object({ status: field({}, statusOf, true) }),
      gives: "model:LoggedModel",
      answer: async (change, { params }) => {
        const model = await write((transaction) =>
          changeLoggedModel(transaction, modelId(params), change, now()),
        );
        return { model: await bodyOf(context, model) };
      },
    }),
    ...endpoint({
      ...base,
      method: "DELETE",
      policy: "write",
      summary: "Delete a logged model.",
      reads: nothing,
      answer: async (_, { params }) => {
        await write((transaction) =>
          changeLoggedModel(transaction, modelId(params), { stage: "deleted" }, now()),
        );
        return {};
      },
    }),
  ];
}

const nothing = z.object({});

function tagRoutes(context: TrackingContext): Route[] {
  const { write } = context;
  const base = { policy: "write", about: aboutModel(context), maxBodyBytes } as const;
  return [
    ...endpoint({
      ...base,
      method: "PATCH",
      path: "mlflow/logged-models/:id/tags",
      summary: "Set tags of a logged model.",
      reads: z.object({ tags: facts("tags", false, true) }),
      answer: async ({ tags }, { params }) => {
        await write((transaction) => putLoggedModelTags(transaction, modelId(params), tags));
        return {};
      },
    }),
    ...endpoint({
      // clients put the key into the path unencoded, including slashes
      ...base,
      method: "DELETE",
      path: "mlflow/logged-models/:id/tags/*key",
      reads: nothing,
      summary: "Delete a tag of a logged model.",
      answer: async (_, { params }) => {
        const [id, key] = [modelId(params), itemField(params, "key", keyText)];
        if (await write((transaction) => dropLoggedModelTag(transaction, id, key))) return {};
        throw notFound(`No tag with key '${key}' found for model '${id}'.`);
      },
    }),
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/logged-models/:id/params",
      summary: "Log parameters of a logged model.",
      reads: z.object({ params: facts("params", false, true) }),
      answer: async (fields, { params }) => {
        await write((transaction) => addLoggedModelParams(transaction, modelId(params), fields.params));
        return {};
      },
    }),
  ];
}

/** Subjects of a new model: its experiment, and the run that it names as its source. */
function newModel({ database }: MlflowContext): About<z.infer<typeof newModelFields>> {
  return {
    all: async (fields) => {
      const { number } = await findExperiment(database, fields);
      const run = fields.source_run_id;
      const runs = run === null ? new Map() : await readProjectsOf(database, "run", [run]);
      return [number, ...runs.values()].map((project) => ({ project }));
    },
  };
}

const newModelFields = z.object({
  ...experimentFields,
  name: textBy((name) => {
    // names may not contain characters with a meaning in models' addresses
    if (!name || (name.length <= 500 && !/[/:.%"'\0]/.test(name))) return name || undefined;
    if (name.length > 500) throw new ValidationError(name, "it has more than 500 letters");
    if (name.includes("\0")) throw new ValidationError(name, "it holds a NUL letter");
    throw invalidParameter(
      `Invalid model name ('${name}') provided. Names cannot contain any of / : . % " '`,
    );
  }),
  model_type: boundedText(500),
  source_run_id: idOrNull,
  tags: facts("tags", false),
  params: facts("params", false),
});

async function createModel(context: MlflowContext, fields: z.infer<typeof newModelFields>): Promise<object> {
  const { write, now, newId } = context;
  const { name, model_type: kind = "", source_run_id: sourceRun, tags, params } = fields;
  const id = `m-${newId()}`;
  const model = { id, name: name ?? `model-${id.slice(2, 10)}`, kind, sourceRun, tags, params };
  const added = await write(async (transaction) => {
    const { number, stage } = await findExperiment(transaction, fields);
    if (stage === "deleted") throw invalidParameter(`Experiment ${number} is deleted.`);
    return addLoggedModel(transaction, { ...model, createdMs: now(), project: number });
  });
  return bodyOf(context, added);
}

/** Parses a status, by its name or number in the protocol. */
function statusOf(value: unknown): ModelStatus {
  const found = statusNames.find(([, name], number) => value === name || value === number);
  if (!found) throw new ValidationError(value);
  return found[0];
}

const maxExperiments = 1000;

const searchFields = z.object({
  experiment_ids: experimentNumbers((count) => {
    if (count === null) throw new ValidationError(undefined);
    if (count > maxExperiments) throw new ValidationError(count, `at most ${maxExperiments}`);
  }, true),
  ...modelSearchFields,
  max_results: pageSize(50, 1_000_000, "it must be from 1 to 1000000"),
  page_token: offset,
});

async function search(
  context: MlflowContext,
  fields: z.infer<typeof searchFields>,
  projects: readonly number[],
): Promise<object> {
  const limit = Math.min(fields.max_results, 1000);
  const found = await searchLoggedModels(context.database, {
    ...readModelSearch(fields),
    projects,
    limit: limit + 1,
    offset: fields.page_token,
  });
  const { items, token } = pageOf(found, limit, fields.page_token);
  return {
    models: await Promise.all(items.map((model) => bodyOf(context, model))),
    next_page_token: token,
  };
}

async function bodyOf({ database, places }: MlflowContext, model: LoggedModel): Promise<object> {
  const project = await findProject(database, { number: model.project });
  if (!project) throw new Error("Internal: a model without its project");
  return loggedModelBody(model, modelAddress(places, project, model.id));
}
