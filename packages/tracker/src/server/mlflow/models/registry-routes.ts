/**
 * @file Routes of the model registry about registered models; `version-routes.ts` has those about versions.
 *
 * @source mlflow/mlflow mlflow/protos/model_registry.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { HttpError, Route } from "../../../http/index.ts";
import type { TrackingContext } from "../../../index.ts";
import {
  addRegisteredModel,
  changeRegisteredModel,
  dropModelAlias,
  dropRegisteredModel,
  dropRegisteredModelTag,
  findModelVersion,
  findRegisteredModel,
  putModelAlias,
  putRegisteredModelTags,
  type Reader,
  type RegisteredModel,
  searchRegisteredModels,
  type Transaction,
} from "../../../index.ts";
import { endpoint } from "../endpoint.ts";
import { list, pageSize } from "../fields.ts";
import { offset, pageOf } from "../pages.ts";
import type { MlflowContext } from "../places.ts";
import { invalidParameter, mlflowRefusal, notFound } from "../refuse.ts";
import { aboutVersion, aboutVersions, versionSubjects } from "../subjects.ts";
import {
  aliasName,
  boundedText,
  facts,
  newAlias,
  registeredName,
  tagKey,
  tagValue,
  versionFields,
  versionStage,
} from "./checks.ts";
import { versionFileRoute } from "./model-files.ts";
import { nameColumns, nameOrders, readOrder, readRegistryFilter } from "./registry-filter.ts";
import { neededModel, neededVersion, versionRoutes } from "./version-routes.ts";
import { modelVersionBody, registeredModelBody } from "./wire.ts";

const maxBodyBytes = 2_000_000;
const nameFields = { name: registeredName };

/** Routes about registered models. */
export function registryRoutes(context: MlflowContext): Route[] {
  return [
    ...readRoutes(context),
    ...changeRoutes(context),
    ...tagRoutes(context),
    ...aliasRoutes(context),
    ...versionRoutes(context),
    versionFileRoute(context),
  ];
}

const searchFields = z.object({
  filter: boundedText(20_000),
  order_by: list({ items: { type: "string" } }, (items) => readOrder(items, nameOrders)),
  max_results: pageSize(100, 1000, "it must be from 1 to 1000"),
  page_token: offset,
});

const latestFields = z.object({
  ...nameFields,
  stages: list({ items: { type: "string" } }, (stages) => stages.map((stage) => versionStage(String(stage)))),
});

function readRoutes({ database }: TrackingContext): Route[] {
  const base = { method: "GET", policy: "read", about: "registry", maxBodyBytes } as const;
  return [
    ...(["GET", "POST"] as const).flatMap((method) =>
      endpoint({
        ...base,
        method,
        path: "mlflow/registered-models/get-latest-versions",
        reads: latestFields,
        summary: "List the latest version in each stage.",
        gives: "model_versions:ModelVersion[]",
        answer: async ({ name, stages }) => {
          const { latest } = await neededModel(database, name);
          const found = latest.filter(({ stage }) => stages.length === 0 || stages.includes(stage));
          return { model_versions: found.map(modelVersionBody) };
        },
      }),
    ),
    ...endpoint({
      ...base,
      path: "mlflow/registered-models/get",
      reads: z.object(nameFields),
      summary: "Get a registered model.",
      gives: "registered_model:RegisteredModel",
      answer: async ({ name }) => ({
        registered_model: registeredModelBody(await neededModel(database, name)),
      }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/registered-models/search",
      reads: searchFields,
      summary: "Search registered models with a filter, page by page.",
      gives: "registered_models:RegisteredModel[] next_page_token",
      answer: async ({ filter, order_by: order, max_results: limit, page_token }) => {
        const found = await searchRegisteredModels(database, {
          ...readRegistryFilter(filter, nameColumns),
          order,
          limit: limit + 1,
          offset: page_token,
        });
        const { items, token } = pageOf(found, limit, page_token);
        return { registered_models: items.map(registeredModelBody), next_page_token: token };
      },
    }),
  ];
}

const newFields = z.object({ ...nameFields, description: boundedText(), tags: facts("tags", true) });

function changeRoutes(context: TrackingContext): Route[] {
  const { write, now } = context;
  const base = { policy: "write", maxBodyBytes, gives: "registered_model:RegisteredModel" } as const;
  const change = async (name: string, what: { name?: string; description?: string }): Promise<object> => {
    const model = await write(async (transaction) => {
      const found = await neededModel(transaction, name);
      if (what.name !== undefined && what.name !== name) await requireFree(transaction, what.name);
      return changeRegisteredModel(transaction, found, what, now());
    });
    return { registered_model: registeredModelBody(model) };
  };
  return [
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/registered-models/create",
      about: "registry",
      summary: "Create a registered model.",
      reads: newFields,
      answer: async ({ description = null, ...fields }) => {
        const added = { ...fields, description, nowMs: now() };
        const model = await write((transaction) => addRegisteredModel(transaction, added));
        if (!model) throw taken(fields.name);
        return { registered_model: registeredModelBody(model) };
      },
    }),
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/registered-models/rename",
      about: aboutVersions(context),
      summary: "Rename a registered model.",
      reads: z.object({ ...nameFields, new_name: registeredName }),
      answer: ({ name, new_name }) => change(name, { name: new_name }),
    }),
    ...endpoint({
      ...base,
      method: "PATCH",
      path: "mlflow/registered-models/update",
      about: "registry",
      summary: "Update the description of a registered model.",
      reads: z.object({ ...nameFields, description: boundedText() }),
      answer: ({ name, description = "" }) => change(name, { description }),
    }),
    ...endpoint({
      method: "DELETE",
      path: "mlflow/registered-models/delete",
      policy: "write",
      maxBodyBytes,
      about: aboutVersions(context),
      summary: "Delete a registered model.",
      reads: z.object(nameFields),
      answer: ({ name }) => changed(context, name, dropRegisteredModel),
    }),
  ];
}

/** Changes an existing registered model, and returns an empty body. */
async function changed(
  { write }: TrackingContext,
  name: string,
  change: (transaction: Transaction, model: RegisteredModel) => Promise<unknown>,
): Promise<object> {
  await write(async (transaction) => change(transaction, await neededModel(transaction, name)));
  return {};
}

async function requireFree(reader: Reader, name: string): Promise<void> {
  if (await findRegisteredModel(reader, name)) throw taken(name);
}

function taken(name: string): HttpError {
  return mlflowRefusal("RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
}

function tagRoutes(context: TrackingContext): Route[] {
  const base = { policy: "write", about: "registry", maxBodyBytes } as const;
  return [
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/registered-models/set-tag",
      summary: "Set a tag of a registered model.",
      reads: z.object({ ...nameFields, key: tagKey, value: tagValue }),
      answer: ({ name, ...tag }) =>
        changed(context, name, (transaction, model) => putRegisteredModelTags(transaction, model, [tag])),
    }),
    ...endpoint({
      ...base,
      method: "DELETE",
      path: "mlflow/registered-models/delete-tag",
      summary: "Delete a tag of a registered model.",
      reads: z.object({ ...nameFields, key: tagKey }),
      answer: ({ name, key }) =>
        changed(context, name, (transaction, model) => dropRegisteredModelTag(transaction, model, key)),
    }),
  ];
}

function aliasRoutes(context: TrackingContext): Route[] {
  const { database, write } = context;
  const base = { path: "mlflow/registered-models/alias", maxBodyBytes } as const;
  const reads = z.object({ ...nameFields, alias: aliasName });
  return [
    ...endpoint({
      ...base,
      method: "POST",
      policy: "write",
      about: aboutVersion(context),
      summary: "Set an alias of a model version.",
      reads: z.object({ ...versionFields, alias: newAlias }),
      answer: async ({ name, alias, version }) => {
        await write(async (transaction) => {
          const found = await neededVersion(transaction, name, version);
          await putModelAlias(transaction, await neededModel(transaction, name), alias, found);
        });
        return {};
      },
    }),
    ...endpoint({
      ...base,
      method: "DELETE",
      policy: "write",
      reads,
      summary: "Delete an alias.",
      about: {
        registryAnd: async ({ name, alias }) => {
          const found = await findModelVersion(database, name, { alias });
          return found ? versionSubjects(context, name, found.version) : [];
        },
      },
      answer: ({ name, alias }) =>
        changed(context, name, (transaction, model) => dropModelAlias(transaction, model, alias)),
    }),
    ...endpoint({
      ...base,
      method: "GET",
      policy: "read",
      about: "registry",
      reads,
      summary: "Get the model version with an alias.",
      gives: "model_version:ModelVersion",
      answer: async ({ name, alias }) => ({
        model_version: await aliased(database, await neededModel(database, name), alias),
      }),
    }),
  ];
}

/** Finds a version by alias; every model has the alias `latest`. */
async function aliased(reader: Reader, { name }: RegisteredModel, alias: string): Promise<object> {
  const isLatest = alias.toLowerCase() === "latest";
  const version = await findModelVersion(reader, name, isLatest ? { newest: "any" } : { alias });
  if (version) return modelVersionBody(version);
  if (isLatest) throw notFound(`Latest version not found for model ${name}.`);
  throw invalidParameter(`Registered model alias ${alias} not found.`);
}
