/**
 * @file Routes of the model registry about versions of registered models.
 *
 * @source mlflow/mlflow mlflow/protos/model_registry.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { Route } from "../../../http/index.ts";
import type { TrackingContext } from "../../../index.ts";
import {
  archiveOthers,
  changeModelVersion,
  dropModelVersion,
  dropModelVersionTag,
  findModelVersion,
  findRegisteredModel,
  type ModelVersion,
  putModelVersionTags,
  type Reader,
  type RegisteredModel,
  searchModelVersions,
  type Transaction,
} from "../../../index.ts";
import { endpoint } from "../endpoint.ts";
import { field, list, pageSize } from "../fields.ts";
import { offset, pageOf } from "../pages.ts";
import type { MlflowContext } from "../places.ts";
import { invalidParameter, notFound } from "../refuse.ts";
import { aboutVersion, versionSubjects } from "../subjects.ts";
import { boundedText, someText, tagKey, tagValue, versionFields, versionStage } from "./checks.ts";
import { createVersion, newVersionFields, sourceProjects } from "./create-version.ts";
import { readOrder, readRegistryFilter, versionColumnNames, versionOrders } from "./registry-filter.ts";
import { modelVersionBody } from "./wire.ts";

/** Finds a registered model. @throws {HttpError} 404 */
export async function neededModel(reader: Reader, name: string): Promise<RegisteredModel> {
  const model = await findRegisteredModel(reader, name);
  if (model) return model;
  throw notFound(`Registered Model with name=${name} not found`);
}

/** Finds a version. @throws {HttpError} 404 */
export async function neededVersion(reader: Reader, name: string, version: number): Promise<ModelVersion> {
  const found = await findModelVersion(reader, name, { version });
  if (found) return found;
  throw notFound(`Model Version (name=${name}, version=${version}) not found`);
}

const maxBodyBytes = 2_000_000;

const searchFields = z.object({
  filter: boundedText(20_000),
  order_by: list({ items: { type: "string" } }, (items) => readOrder(items, versionOrders)),
  max_results: pageSize(10_000, 200_000, "it must be from 1 to 200000"),
  page_token: offset,
});

/** Routes about versions. */
export function versionRoutes(context: MlflowContext): Route[] {
  return [...readRoutes(context), ...changeRoutes(context), ...changedRoutes(context)];
}

function readRoutes({ database }: TrackingContext): Route[] {
  const base = { method: "GET", policy: "read", about: "registry", maxBodyBytes } as const;
  const reads = z.object(versionFields);
  return [
    ...endpoint({
      ...base,
      path: "mlflow/model-versions/get",
      reads,
      summary: "Get a model version.",
      gives: "model_version:ModelVersion",
      answer: async ({ name, version }) => ({
        model_version: modelVersionBody(await neededVersion(database, name, version)),
      }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/model-versions/get-download-uri",
      reads,
      summary: "Get the URI of the files of a model version.",
      gives: "artifact_uri",
      answer: async ({ name, version }) => ({
        artifact_uri: (await neededVersion(database, name, version)).address,
      }),
    }),
    ...endpoint({
      ...base,
      path: "mlflow/model-versions/search",
      reads: searchFields,
      summary: "Search model versions with a filter, page by page.",
      gives: "model_versions:ModelVersion[] next_page_token",
      answer: async ({ filter, order_by: order, max_results, page_token }) => {
        const limit = Math.min(max_results, 10_000);
        const found = await searchModelVersions(database, {
          ...readRegistryFilter(filter, versionColumnNames),
          order: order.length > 0 ? order : [{ column: "changed_ms", ascending: false }],
          limit: limit + 1,
          offset: page_token,
        });
        const { items, token } = pageOf(found, limit, page_token);
        return { model_versions: items.map(modelVersionBody), next_page_token: token };
      },
    }),
  ];
}

const moveFields = z.object({
  ...versionFields,
  stage: someText(100).transform(versionStage),
  archive_existing_versions: field({ type: "boolean" }, (value) => value === true),
});

/** Routes that change a version and return it. */
function changeRoutes(context: MlflowContext): Route[] {
  const { write, now } = context;
  const base = { policy: "write", maxBodyBytes, gives: "model_version:ModelVersion" } as const;
  return [
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/model-versions/create",
      reads: newVersionFields,
      summary: "Create a model version from files on this server.",
      about: {
        registryAnd: async (fields) =>
          (await sourceProjects(context, fields)).map((project) => ({ project })),
      },
      answer: async (fields, { caller }) => ({
        model_version: modelVersionBody(await createVersion(context, fields, caller.name)),
      }),
    }),
    ...endpoint({
      ...base,
      method: "PATCH",
      path: "mlflow/model-versions/update",
      about: aboutVersion(context),
      summary: "Update the description of a model version.",
      reads: z.object({ ...versionFields, description: boundedText() }),
      answer: async ({ name, version, description = null }) => {
        const changed = await write(async (transaction) => {
          const found = await neededVersion(transaction, name, version);
          return changeModelVersion(transaction, found, { description }, now());
        });
        return { model_version: modelVersionBody(changed) };
      },
    }),
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/model-versions/transition-stage",
      reads: moveFields,
      summary: "Move a model version to a stage.",
      // the change may also archive the name's other versions
      about: {
        registryAnd: ({ name, version, archive_existing_versions: all }) =>
          versionSubjects(context, name, all ? null : version),
      },
      answer: async (fields) => {
        const moved = await write((transaction) => moveVersion(transaction, fields, now()));
        return { model_version: modelVersionBody(moved) };
      },
    }),
  ];
}

async function moveVersion(
  transaction: Transaction,
  { name, version, stage, archive_existing_versions: archives }: z.infer<typeof moveFields>,
  nowMs: number,
): Promise<ModelVersion> {
  if (archives && stage !== "Staging" && stage !== "Production") {
    throw invalidParameter(
      `Other versions are archived only for the stages Staging and Production, not for '${stage}'.`,
    );
  }
  const found = await neededVersion(transaction, name, version);
  const moved = await changeModelVersion(transaction, found, { stage }, nowMs);
  if (archives) await archiveOthers(transaction, moved, nowMs);
  return moved;
}

/** Routes that return an empty body. */
function changedRoutes(context: TrackingContext): Route[] {
  const { write, now } = context;
  const base = { policy: "write", about: aboutVersion(context), maxBodyBytes } as const;
  const changed = async (
    fields: { readonly name: string; readonly version: number },
    change: (transaction: Transaction, version: ModelVersion) => Promise<unknown>,
  ): Promise<object> => {
    await write(async (transaction) =>
      change(transaction, await neededVersion(transaction, fields.name, fields.version)),
    );
    return {};
  };
  return [
    ...endpoint({
      ...base,
      method: "DELETE",
      path: "mlflow/model-versions/delete",
      summary: "Delete a model version.",
      reads: z.object(versionFields),
      answer: (fields) =>
        changed(fields, (transaction, version) => dropModelVersion(transaction, version, now())),
    }),
    ...endpoint({
      ...base,
      method: "POST",
      path: "mlflow/model-versions/set-tag",
      summary: "Set a tag of a model version.",
      reads: z.object({ ...versionFields, key: tagKey, value: tagValue }),
      answer: ({ key, value, ...fields }) =>
        changed(fields, (transaction, version) =>
          putModelVersionTags(transaction, version, [{ key, value }]),
        ),
    }),
    ...endpoint({
      ...base,
      method: "DELETE",
      path: "mlflow/model-versions/delete-tag",
      summary: "Delete a tag of a model version.",
      reads: z.object({ ...versionFields, key: tagKey }),
      answer: ({ key, ...fields }) =>
        changed(fields, (transaction, version) => dropModelVersionTag(transaction, version, key)),
    }),
  ];
}
