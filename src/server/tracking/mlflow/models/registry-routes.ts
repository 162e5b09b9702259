/**
 * @file Routes of the model registry about names; those about versions are beside.
 *
 * @source mlflow/mlflow mlflow/protos/model_registry.proto, mlflow/server/handlers.py
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
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
} from "../../../../track/index.ts";
import type { Route } from "../../route.ts";
import { type Fields, listField } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import {
  aliasName,
  boundedText,
  facts,
  newAlias,
  registeredName,
  tagKey,
  versionNumber,
  versionStage,
} from "./checks.ts";
import { type Endpoint, routesOf } from "./endpoint.ts";
import { versionFileRoute } from "./model-files.ts";
import { pageOf, readPage } from "./page.ts";
import { nameColumns, nameOrders, readOrder, readRegistryFilter } from "./registry-filter.ts";
import { aboutAlias, aboutVersion, aboutVersions } from "./subjects.ts";
import { neededModel, neededVersion, versionEndpoints } from "./version-routes.ts";
import { modelVersionBody, registeredModelBody } from "./wire.ts";

/** All of them. */
export function registryRoutes(desk: TrackingContext, places: ArtifactPlaces): Route[] {
  const endpoints = routesOf([
    ...readEndpoints(desk),
    ...changeEndpoints(desk),
    ...tagEndpoints(desk),
    ...aliasEndpoints(desk),
    ...versionEndpoints(desk, places),
  ]);
  return [...endpoints, versionFileRoute(desk, places)];
}

function readEndpoints({ database }: TrackingContext): Endpoint[] {
  const latest: Omit<Endpoint, "method"> = {
    ...{ path: "registered-models/get-latest-versions", policy: "read", about: "registry" },
    answer: async ({ fields }) => {
      const { latest } = await neededModel(database, registeredName(fields));
      const asked = listField(fields, "stages").map((stage) => versionStage(String(stage)));
      const found = latest.filter(({ stage }) => asked.length === 0 || asked.includes(stage));
      return { model_versions: found.map(modelVersionBody) };
    },
  };
  return [
    { ...latest, method: "GET" },
    { ...latest, method: "POST" },
    {
      ...{ method: "GET", path: "registered-models/get", policy: "read", about: "registry" },
      answer: async ({ fields }) => {
        const model = await neededModel(database, registeredName(fields));
        return { registered_model: registeredModelBody(model) };
      },
    },
    {
      ...{ method: "GET", path: "registered-models/search", policy: "read", about: "registry" },
      answer: async ({ fields }) => {
        const page = readPage(fields, { usual: 100, refusedAbove: 1000, most: 1000 });
        const found = await searchRegisteredModels(database, {
          ...readRegistryFilter(fields, nameColumns),
          order: readOrder(fields, nameOrders),
          ...{ limit: page.limit + 1, offset: page.offset },
        });
        const { items, token } = pageOf(page, found);
        return { registered_models: items.map(registeredModelBody), next_page_token: token };
      },
    },
  ];
}

function changeEndpoints(desk: TrackingContext): Endpoint[] {
  const { write, now } = desk;
  const whole = aboutVersions(desk, () => "all");
  const changed =
    (change: (fields: Fields) => { name?: string; description?: string }): Endpoint["answer"] =>
    async ({ fields }) => {
      const [name, what] = [registeredName(fields), change(fields)];
      const model = await write(async (transaction) => {
        const found = await neededModel(transaction, name);
        if (what.name !== undefined && what.name !== name) await demandFree(transaction, what.name);
        return changeRegisteredModel(transaction, found, what, now());
      });
      return { registered_model: registeredModelBody(model) };
    };
  return [
    {
      ...{ method: "POST", path: "registered-models/create", policy: "write", about: "registry" },
      answer: async ({ fields }) => {
        const name = registeredName(fields);
        const description = boundedText(fields, "description") ?? null;
        const about = { name, description, tags: facts(fields, "tags", true), nowMs: now() };
        const model = await write((transaction) => addRegisteredModel(transaction, about));
        if (!model) throw taken(name);
        return { registered_model: registeredModelBody(model) };
      },
    },
    {
      ...{ method: "POST", path: "registered-models/rename", policy: "write", about: whole },
      answer: changed((fields) => ({ name: registeredName(fields, "new_name") })),
    },
    {
      ...{ method: "PATCH", path: "registered-models/update", policy: "write", about: "registry" },
      answer: changed((fields) => ({ description: boundedText(fields, "description") ?? "" })),
    },
    {
      ...{ method: "DELETE", path: "registered-models/delete", policy: "write", about: whole },
      answer: async ({ fields }) => {
        const name = registeredName(fields);
        await write(async (transaction) =>
          dropRegisteredModel(transaction, await neededModel(transaction, name)),
        );
        return {};
      },
    },
  ];
}

async function demandFree(reader: Reader, name: string): Promise<void> {
  if (await findRegisteredModel(reader, name)) throw taken(name);
}

function taken(name: string): MlflowError {
  return new MlflowError("RESOURCE_ALREADY_EXISTS", `Registered Model (name=${name}) already exists.`);
}

function tagEndpoints({ write }: TrackingContext): Endpoint[] {
  return [
    {
      ...{ method: "POST", path: "registered-models/set-tag", policy: "write", about: "registry" },
      answer: async ({ fields }) => {
        const name = registeredName(fields);
        const tag = { key: tagKey(fields), value: boundedText(fields, "value") ?? "" };
        await write(async (transaction) =>
          putRegisteredModelTags(transaction, await neededModel(transaction, name), [tag]),
        );
        return {};
      },
    },
    {
      ...{ method: "DELETE", path: "registered-models/delete-tag", policy: "write", about: "registry" },
      answer: async ({ fields }) => {
        const [name, key] = [registeredName(fields), tagKey(fields)];
        await write(async (transaction) =>
          dropRegisteredModelTag(transaction, await neededModel(transaction, name), key),
        );
        return {};
      },
    },
  ];
}

function aliasEndpoints(desk: TrackingContext): Endpoint[] {
  const { database, write } = desk;
  const path = "registered-models/alias";
  return [
    {
      ...{ method: "POST", path, policy: "write", about: aboutVersion(desk) },
      answer: async ({ fields }) => {
        const [name, alias, number] = [registeredName(fields), newAlias(fields), versionNumber(fields)];
        await write(async (transaction) => {
          const version = await neededVersion(transaction, name, number);
          await putModelAlias(transaction, await neededModel(transaction, name), alias, version);
        });
        return {};
      },
    },
    {
      ...{ method: "DELETE", path, policy: "write", about: aboutAlias(desk) },
      answer: async ({ fields }) => {
        const [name, alias] = [registeredName(fields), aliasName(fields)];
        await write(async (transaction) =>
          dropModelAlias(transaction, await neededModel(transaction, name), alias),
        );
        return {};
      },
    },
    {
      ...{ method: "GET", path, policy: "read", about: "registry" },
      answer: async ({ fields }) => {
        const model = await neededModel(database, registeredName(fields));
        return { model_version: await aliased(database, model, aliasName(fields)) };
      },
    },
  ];
}

/** `latest` is an alias that every model has. */
async function aliased(reader: Reader, { name }: RegisteredModel, alias: string): Promise<object> {
  const isLatest = alias.toLowerCase() === "latest";
  const version = await findModelVersion(reader, name, isLatest ? { newest: "any" } : { alias });
  if (version) return modelVersionBody(version);
  if (isLatest)
    throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Latest version not found for model ${name}.`);
  throw new MlflowError("INVALID_PARAMETER_VALUE", `Registered model alias ${alias} not found.`);
}
