/**
 * @file Routes of the model registry about versions.
 *
 * @source mlflow/mlflow mlflow/protos/model_registry.proto, mlflow/server/handlers.py
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
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
} from "../../../../track/index.ts";
import type { Fields } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import { boundedText, registeredName, someText, tagKey, versionNumber, versionStage } from "./checks.ts";
import { createVersion } from "./create-version.ts";
import type { Endpoint } from "./endpoint.ts";
import { pageOf, readPage } from "./page.ts";
import { readOrder, readRegistryFilter, versionColumnNames, versionOrders } from "./registry-filter.ts";
import { aboutNewVersion, aboutVersion, aboutVersions } from "./subjects.ts";
import { modelVersionBody } from "./wire.ts";

/** The registered model, or the error for a name that there is not. */
export async function neededModel(reader: Reader, name: string): Promise<RegisteredModel> {
  const model = await findRegisteredModel(reader, name);
  if (model) return model;
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Registered Model with name=${name} not found`);
}

/** The version, or the error for one that there is not. */
export async function neededVersion(reader: Reader, name: string, version: number): Promise<ModelVersion> {
  const found = await findModelVersion(reader, name, { version });
  if (found) return found;
  const message = `Model Version (name=${name}, version=${version}) not found`;
  throw new MlflowError("RESOURCE_DOES_NOT_EXIST", message);
}

/** All of them. */
export function versionEndpoints(desk: TrackingContext, places: ArtifactPlaces): Endpoint[] {
  return [...readEndpoints(desk), ...changeEndpoints(desk, places), ...tagEndpoints(desk)];
}

function readEndpoints({ database }: TrackingContext): Endpoint[] {
  return [
    {
      ...{ method: "GET", path: "model-versions/get", policy: "read", about: "registry" },
      answer: async ({ fields }) => ({ model_version: modelVersionBody(await asked(database, fields)) }),
    },
    {
      ...{ method: "GET", path: "model-versions/get-download-uri", policy: "read", about: "registry" },
      answer: async ({ fields }) => ({ artifact_uri: (await asked(database, fields)).address }),
    },
    {
      ...{ method: "GET", path: "model-versions/search", policy: "read", about: "registry" },
      answer: async ({ fields }) => {
        const page = readPage(fields, { usual: 10_000, refusedAbove: 200_000, most: 10_000 });
        const order = readOrder(fields, versionOrders);
        const found = await searchModelVersions(database, {
          ...readRegistryFilter(fields, versionColumnNames),
          order: order.length > 0 ? order : [{ column: "changed_ms", ascending: false }],
          ...{ limit: page.limit + 1, offset: page.offset },
        });
        const { items, token } = pageOf(page, found);
        return { model_versions: items.map(modelVersionBody), next_page_token: token };
      },
    },
  ];
}

async function asked(reader: Reader, fields: Fields): Promise<ModelVersion> {
  return neededVersion(reader, registeredName(fields), versionNumber(fields));
}

function changeEndpoints(desk: TrackingContext, places: ArtifactPlaces): Endpoint[] {
  const { write, now } = desk;
  const about = aboutVersion(desk);
  // The other versions of the name may be archived with it.
  const moved = aboutVersions(desk, (fields) =>
    fields["archive_existing_versions"] === true ? "all" : versionNumber(fields),
  );
  return [
    {
      ...{
        method: "POST",
        path: "model-versions/create",
        policy: "write",
        about: aboutNewVersion(desk, places),
      },
      answer: async ({ fields, call }) => ({
        model_version: modelVersionBody(await createVersion(desk, places, fields, call.caller.name)),
      }),
    },
    {
      ...{ method: "PATCH", path: "model-versions/update", policy: "write", about },
      answer: async ({ fields }) => {
        const description = boundedText(fields, "description") ?? null;
        const version = await write(async (transaction) =>
          changeModelVersion(transaction, await asked(transaction, fields), { description }, now()),
        );
        return { model_version: modelVersionBody(version) };
      },
    },
    {
      ...{ method: "POST", path: "model-versions/transition-stage", policy: "write", about: moved },
      answer: async ({ fields }) => {
        const version = await write((transaction) => moveVersion(transaction, fields, now()));
        return { model_version: modelVersionBody(version) };
      },
    },
    {
      ...{ method: "DELETE", path: "model-versions/delete", policy: "write", about },
      answer: async ({ fields }) => {
        await write(async (transaction) =>
          dropModelVersion(transaction, await asked(transaction, fields), now()),
        );
        return {};
      },
    },
  ];
}

async function moveVersion(transaction: Transaction, fields: Fields, nowMs: number): Promise<ModelVersion> {
  const stage = versionStage(someText(fields, "stage", 100));
  const archives = fields["archive_existing_versions"] === true;
  if (archives && stage !== "Staging" && stage !== "Production") {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `Other versions are archived only for the stages Staging and Production, not for '${stage}'.`,
    );
  }
  const moved = await changeModelVersion(transaction, await asked(transaction, fields), { stage }, nowMs);
  if (archives) await archiveOthers(transaction, moved, nowMs);
  return moved;
}

function tagEndpoints(desk: TrackingContext): Endpoint[] {
  const { write } = desk;
  const about = aboutVersion(desk);
  return [
    {
      ...{ method: "POST", path: "model-versions/set-tag", policy: "write", about },
      answer: async ({ fields }) => {
        const tag = { key: tagKey(fields), value: boundedText(fields, "value") ?? "" };
        await write(async (transaction) =>
          putModelVersionTags(transaction, await asked(transaction, fields), [tag]),
        );
        return {};
      },
    },
    {
      ...{ method: "DELETE", path: "model-versions/delete-tag", policy: "write", about },
      answer: async ({ fields }) => {
        const key = tagKey(fields);
        await write(async (transaction) =>
          dropModelVersionTag(transaction, await asked(transaction, fields), key),
        );
        return {};
      },
    },
  ];
}
