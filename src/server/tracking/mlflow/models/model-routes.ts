/**
 * @file Routes about logged models: what a run trained, and its files.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
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
  type Reader,
  searchLoggedModels,
} from "../../../../track/index.ts";
import type { Route } from "../../route.ts";
import { type Fields, invalid, listField, missing } from "../fields.ts";
import type { ArtifactPlaces } from "../places.ts";
import { MlflowError } from "../refuse.ts";
import { amongExperiments } from "../subjects.ts";
import { boundedText, facts, idOrNull, modelId, someText } from "./checks.ts";
import { type Endpoint, routesOf } from "./endpoint.ts";
import { modelFileRoutes } from "./model-files.ts";
import { readModelSearch } from "./model-filter.ts";
import { outputEndpoints } from "./output-routes.ts";
import { pageOf, readPage } from "./page.ts";
import { modelAddress } from "./places.ts";
import { aboutModel, aboutNewModel } from "./subjects.ts";
import { loggedModelBody, statusNames } from "./wire.ts";

/** All of them. */
export function modelRoutes(desk: TrackingContext, places: ArtifactPlaces): Route[] {
  const endpoints = [...modelEndpoints(desk, places), ...tagEndpoints(desk), ...outputEndpoints(desk)];
  return [...routesOf(endpoints), ...modelFileRoutes(desk, places)];
}

function modelEndpoints(desk: TrackingContext, places: ArtifactPlaces): Endpoint[] {
  const { database, write, now } = desk;
  const path = "logged-models/:id";
  const about = aboutModel(desk);
  return [
    {
      ...{ method: "POST", path: "logged-models", policy: "write", about: aboutNewModel(desk) },
      answer: async ({ fields }) => ({ model: await createModel(desk, places, fields) }),
    },
    {
      ...{ method: "POST", path: "logged-models/search", policy: "read", about: amongExperiments },
      answer: ({ fields, call }) => search(database, places, fields, call.scope.projects),
    },
    {
      ...{ method: "GET", path, policy: "read", about },
      answer: async ({ call }) => {
        const stages =
          call.query.get("allow_deleted") === "true" ? (["active", "deleted"] as const) : undefined;
        return {
          model: await bodyOf(database, places, await findLoggedModel(database, modelId(call.words), stages)),
        };
      },
    },
    {
      ...{ method: "PATCH", path, policy: "write", about },
      answer: async ({ fields, call }) => {
        const change = { status: statusOf(fields["status"]) };
        const model = await write((transaction) =>
          changeLoggedModel(transaction, modelId(call.words), change, now()),
        );
        return { model: await bodyOf(database, places, model) };
      },
    },
    {
      ...{ method: "DELETE", path, policy: "write", about },
      answer: async ({ call }) => {
        await write((transaction) =>
          changeLoggedModel(transaction, modelId(call.words), { stage: "deleted" }, now()),
        );
        return {};
      },
    },
  ];
}

function tagEndpoints(desk: TrackingContext): Endpoint[] {
  const { write } = desk;
  const about = aboutModel(desk);
  return [
    {
      ...{ method: "PATCH", path: "logged-models/:id/tags", policy: "write", about },
      answer: async ({ fields, call }) => {
        const tags = facts(fields, "tags", false);
        await write((transaction) => putLoggedModelTags(transaction, modelId(call.words), tags));
        return {};
      },
    },
    {
      // clients put the key into the path as it is, slashes included
      ...{ method: "DELETE", path: "logged-models/:id/tags/*key", policy: "write", about },
      answer: async ({ call }) => {
        const id = modelId(call.words);
        const key = someText(call.words, "key", 250);
        if (await write((transaction) => dropLoggedModelTag(transaction, id, key))) return {};
        throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `No tag with key '${key}' found for model '${id}'.`);
      },
    },
    {
      ...{ method: "POST", path: "logged-models/:id/params", policy: "write", about },
      answer: async ({ fields, call }) => {
        const params = facts(fields, "params", false);
        await write((transaction) => addLoggedModelParams(transaction, modelId(call.words), params));
        return {};
      },
    },
  ];
}

async function createModel(
  { write, now, newId, database }: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
): Promise<object> {
  const experiment = someText(fields, "experiment_id", 64);
  const id = `m-${newId()}`;
  const model = {
    id,
    name: modelName(fields) ?? `model-${id.slice(2, 10)}`,
    kind: boundedText(fields, "model_type", 500) ?? "",
    sourceRun: idOrNull(fields, "source_run_id"),
    tags: facts(fields, "tags", false),
    params: facts(fields, "params", false),
    createdMs: now(),
  };
  const added = await write(async (transaction) => {
    const project = projectNumber(experiment);
    const found = project === null ? null : await findProject(transaction, { number: project });
    if (!found) {
      throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `No Experiment with id=${experiment} exists`);
    }
    if (found.stage === "deleted") {
      throw new MlflowError("INVALID_PARAMETER_VALUE", `Experiment ${experiment} is deleted.`);
    }
    return addLoggedModel(transaction, { ...model, project: found.number });
  });
  return bodyOf(database, places, added);
}

/** Letters that stand for something in the addresses of models are none of a name's. */
function modelName(fields: Fields): string | undefined {
  const name = boundedText(fields, "name", 500);
  if (name === undefined || name === "") return undefined;
  if (!/[/:.%"']/.test(name)) return name;
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `Invalid model name ('${name}') provided. Names cannot contain any of / : . % " '`,
  );
}

/** `null` for what is no number of a project. */
function projectNumber(id: string): number | null {
  return /^\d{1,15}$/.test(id) ? Number(id) : null;
}

/** A status by its name in the protocol or by its number there. */
function statusOf(value: unknown): ModelStatus {
  if (value === undefined || value === null) throw missing("status");
  const found = statusNames.find(([, name], number) => value === name || value === number);
  if (!found) throw invalid("status", value);
  return found[0];
}

const experimentsMost = 1000;

async function search(
  reader: Reader,
  places: ArtifactPlaces,
  fields: Fields,
  projects: readonly number[],
): Promise<object> {
  if (fields["experiment_ids"] === undefined) throw missing("experiment_ids");
  const ids = listField(fields, "experiment_ids");
  if (ids.length > experimentsMost) throw invalid("experiment_ids", ids.length, `at most ${experimentsMost}`);
  const page = readPage(fields, { usual: 50, refusedAbove: 1_000_000, most: 1000 });
  const found = await searchLoggedModels(reader, {
    ...readModelSearch(fields),
    ...{ projects, limit: page.limit + 1, offset: page.offset },
  });
  const { items, token } = pageOf(page, found);
  return {
    models: await Promise.all(items.map((model) => bodyOf(reader, places, model))),
    next_page_token: token,
  };
}

async function bodyOf(reader: Reader, places: ArtifactPlaces, model: LoggedModel): Promise<object> {
  const project = await findProject(reader, { number: model.project });
  if (!project) throw new Error("Internal: a model without its project");
  return loggedModelBody(model, modelAddress(places, project, model.id));
}
