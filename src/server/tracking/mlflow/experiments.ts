/**
 * @file Experiments: made, found, renamed, deleted, tagged.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import {
  addProject,
  changeProject,
  deleteProject,
  dropProjectTag,
  findProject,
  grantMaker,
  listProjects,
  type Project,
  projectCondition,
  putProjectTags,
  restoreProject,
} from "../../../track/index.ts";
import type { AllowedCall, Reply, Route } from "../route.ts";
import { readFact } from "./batch.ts";
import {
  type Fields,
  fieldsOf,
  invalid,
  listField,
  neededText,
  textField,
  textsField,
  wholeField,
} from "./fields.ts";
import { readExperimentFilter, readExperimentOrder } from "./filter/experiment-filter.ts";
import { findActiveExperiment, findExperiment } from "./find.ts";
import { lettersMost } from "./key-rules.ts";
import { offsetToken, readOffset } from "./page-token.ts";
import { type ArtifactPlaces, chosenPlace, experimentPlace } from "./places.ts";
import { MlflowError } from "./refuse.ts";
import { getPair, json, postPair } from "./route-pair.ts";
import { aboutExperiment, aboutExperimentName } from "./subjects.ts";
import { stagesOf } from "./view-type.ts";

/** Routes of experiments. */
export function experimentRoutes(desk: TrackingContext, places: ArtifactPlaces): Route[] {
  const found = (project: Project): Reply => json({ experiment: experimentOf(places, project) });
  const search = (fields: Fields, call: AllowedCall): Promise<Reply> =>
    searchExperiments(desk, places, fields, call);
  const one = aboutExperiment(desk);
  return [
    ...postPair("mlflow/experiments/create", "write", "new-project", (fields, call) =>
      create(desk, places, fields, call),
    ),
    ...getPair("mlflow/experiments/get", one, async (fields) =>
      found(await findExperiment(desk.database, fields)),
    ),
    ...getPair("mlflow/experiments/get-by-name", aboutExperimentName(desk), async (fields) => {
      const name = neededText(fields, "experiment_name");
      const project = await findProject(desk.database, { name });
      if (project) return found(project);
      throw new MlflowError("RESOURCE_DOES_NOT_EXIST", `Could not find experiment with name '${name}'`);
    }),
    ...getPair("mlflow/experiments/search", "readable", search),
    ...postPair("mlflow/experiments/search", "read", "readable", search),
    ...postPair("mlflow/experiments/update", "write", one, (fields) => rename(desk, fields)),
    ...postPair("mlflow/experiments/delete", "admin", one, (fields) => setStage(desk, fields, "deleted")),
    ...postPair("mlflow/experiments/restore", "admin", one, (fields) => setStage(desk, fields, "active")),
    ...postPair("mlflow/experiments/set-experiment-tag", "write", one, (fields) => setTag(desk, fields)),
    ...postPair("mlflow/experiments/delete-experiment-tag", "write", one, (fields) =>
      deleteTag(desk, fields),
    ),
  ];
}

/** An experiment in MLflow's words. */
function experimentOf(places: ArtifactPlaces, project: Project): object {
  return {
    experiment_id: String(project.number),
    name: project.name,
    artifact_location: experimentPlace(places, project),
    lifecycle_stage: project.stage,
    creation_time: project.createdMs,
    last_update_time: project.changedMs,
    tags: Object.entries(project.tags).map(([key, value]) => ({ key, value })),
  };
}

async function create(
  desk: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
  { caller }: AllowedCall,
): Promise<Reply> {
  const name = nameField(fields, "name");
  const artifactRoot = chosenPlace(places, textField(fields, "artifact_location"));
  if (typeof fields["tags"] === "string") throw invalid("tags", fields["tags"]);
  const tags = listField(fields, "tags").map((tag, at) => experimentTag(fieldsOf(tag), `tags[${at}].`));
  const nowMs = desk.now();
  const project = await desk.write(async (transaction) => {
    const made = await addProject(transaction, { name, artifactRoot, tags, nowMs });
    await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
    return made;
  });
  return json({ experiment_id: String(project.number) });
}

function nameField(fields: Fields, field: string): string {
  const name = neededText(fields, field);
  if (name.length > lettersMost.experimentName) {
    throw new MlflowError(
      "INVALID_PARAMETER_VALUE",
      `'${field}' exceeds the maximum length of ${lettersMost.experimentName} characters`,
    );
  }
  return name;
}

/** Values of experiments' tags are refused where they are too long, not cut. */
function experimentTag(fields: Fields, path = ""): { key: string; value: string } {
  const tag = readFact(fields, lettersMost.experimentTag + 1, path);
  if (tag.value.length <= lettersMost.experimentTag) return tag;
  throw new MlflowError(
    "INVALID_PARAMETER_VALUE",
    `'${path}value' exceeds the maximum length of ${lettersMost.experimentTag} characters`,
  );
}

const experimentsMost = 50_000;

async function searchExperiments(
  desk: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
  { scope }: AllowedCall,
): Promise<Reply> {
  const asked = wholeField(fields, "max_results") ?? 1000;
  if (asked < 1 || asked > experimentsMost) throw invalid("max_results", fields["max_results"]);
  const offset = readOffset(textField(fields, "page_token"));
  const found = await listProjects(desk.database, {
    stages: stagesOf(fields, "view_type"),
    conditions: [
      ...(scope.readable ? [scope.readable] : []),
      ...readExperimentFilter(textField(fields, "filter") ?? "").map((condition) =>
        projectCondition(desk.database.dialect, condition),
      ),
    ],
    order: readExperimentOrder(textsField(fields, "order_by")),
    limit: asked + 1,
    offset,
  });
  const page = found.slice(0, asked);
  const next = found.length > asked ? { next_page_token: offsetToken(offset + asked) } : {};
  return json({ experiments: page.map((project) => experimentOf(places, project)), ...next });
}

async function rename(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const name = nameField(fields, "new_name");
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    await changeProject(transaction, number, { name }, desk.now());
  });
  return json({});
}

async function setStage(desk: TrackingContext, fields: Fields, stage: "active" | "deleted"): Promise<Reply> {
  await desk.write(async (transaction) => {
    const project = await findExperiment(transaction, fields);
    if (project.stage === stage) {
      const other = stage === "deleted" ? "active" : "deleted";
      throw new MlflowError(
        "RESOURCE_DOES_NOT_EXIST",
        `No ${other} experiment with id=${project.number} exists`,
      );
    }
    const change = stage === "deleted" ? deleteProject : restoreProject;
    await change(transaction, project, desk.now());
  });
  return json({});
}

async function setTag(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const tag = experimentTag(fields);
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    await putProjectTags(transaction, number, [tag]);
  });
  return json({});
}

async function deleteTag(desk: TrackingContext, fields: Fields): Promise<Reply> {
  const key = neededText(fields, "key");
  await desk.write(async (transaction) => {
    const { number } = await findActiveExperiment(transaction, fields);
    if (await dropProjectTag(transaction, number, key)) return;
    throw new MlflowError(
      "RESOURCE_DOES_NOT_EXIST",
      `No tag with name: ${key} in experiment with id ${number}`,
    );
  });
  return json({});
}
