/**
 * @file Routes that create, find, rename, delete and tag experiments.
 *
 * @source mlflow/mlflow mlflow/protos/service.proto, mlflow/server/handlers.py
 */

import { z } from "zod";
import type { AllowedCall, Caller, Route } from "../../http/index.ts";
import type { TrackingContext } from "../../index.ts";
import {
  addProject,
  changeProject,
  deleteProject,
  dropProjectTag,
  grantMaker,
  type KeyValue,
  listProjects,
  type Project,
  projectCondition,
  putProjectTags,
  recordAudit,
  restoreProject,
  type Transaction,
} from "../../index.ts";
import { factKey, readFact } from "./batch.ts";
import { endpoint } from "./endpoint.ts";
import {
  field,
  fieldsOf,
  listOf,
  pageSize,
  requiredText,
  storable,
  text,
  textBy,
  textsBy,
  ValidationError,
  viewType,
} from "./fields.ts";
import { readExperimentFilter, readExperimentOrder } from "./filter/experiment-filter.ts";
import {
  type ExperimentFields,
  experimentFields,
  findActiveExperiment,
  findExperiment,
  findNamedExperiment,
} from "./find.ts";
import { maxLength, tooLong } from "./key-rules.ts";
import { offset, pageOf } from "./pages.ts";
import { type ArtifactPlaces, chosenPlace, experimentPlace, type MlflowContext } from "./places.ts";
import { notFound } from "./refuse.ts";
import { aboutExperiment, aboutExperimentName } from "./subjects.ts";

/** Routes of experiments. */
export function experimentRoutes(context: MlflowContext): Route[] {
  const { database, places } = context;
  const found = (project: Project): object => ({ experiment: experimentOf(places, project) });
  return [
    ...endpoint({
      method: "POST",
      path: "mlflow/experiments/create",
      policy: "write",
      about: "new-project",
      summary: "Create an experiment.",
      gives: "experiment_id!",
      reads: createFields,
      answer: (fields, call) => create(context, fields, call),
    }),
    ...endpoint({
      method: "GET",
      path: "mlflow/experiments/get",
      policy: "read",
      about: aboutExperiment(context),
      summary: "Get an experiment by id.",
      gives: "experiment:Experiment",
      reads: z.object(experimentFields),
      answer: async (fields) => found(await findExperiment(database, fields)),
    }),
    ...endpoint({
      method: "GET",
      path: "mlflow/experiments/get-by-name",
      policy: "read",
      summary: "Get an experiment by name.",
      gives: "experiment:Experiment",
      about: aboutExperimentName(context),
      reads: z.object({ experiment_name: requiredText }),
      answer: async ({ experiment_name }) => found(await findNamedExperiment(database, experiment_name)),
    }),
    ...(["GET", "POST"] as const).flatMap((method) =>
      endpoint({
        method,
        path: "mlflow/experiments/search",
        policy: "read",
        about: "readable",
        summary: "Search experiments with a filter.",
        reads: searchFields,
        gives: "experiments:Experiment[] next_page_token",
        answer: (fields, call) => searchExperiments(context, fields, call),
      }),
    ),
    ...changeRoutes(context),
  ];
}

function changeRoutes(context: TrackingContext): Route[] {
  const about = aboutExperiment(context);
  const base = { method: "POST", about } as const;
  const tagged = { ...base, policy: "write" } as const;
  const changed = async (change: (transaction: Transaction) => Promise<void>): Promise<object> => {
    await context.write(change);
    return {};
  };
  return [
    ...endpoint({
      ...tagged,
      path: "mlflow/experiments/update",
      summary: "Rename an experiment.",
      reads: z.object({ ...experimentFields, new_name: experimentName("new_name") }),
      answer: ({ new_name, ...fields }, { caller: { name: person } }) =>
        changed(async (transaction) => {
          const { number, name } = await findActiveExperiment(transaction, fields);
          const ms = context.now();
          await changeProject(transaction, number, { name: new_name }, ms);
          if (name === new_name) return;
          const line = { ms, person, action: "project-renamed", subject: name } as const;
          await recordAudit(transaction, { ...line, detail: `to ${new_name}` });
        }),
    }),
    ...endpoint({
      ...base,
      policy: "admin",
      path: "mlflow/experiments/delete",
      reads: z.object(experimentFields),
      summary: "Delete an experiment; it can be restored.",
      answer: (fields, { caller }) => setStage(context, fields, "deleted", caller),
    }),
    ...endpoint({
      ...base,
      policy: "admin",
      path: "mlflow/experiments/restore",
      reads: z.object(experimentFields),
      summary: "Restore an experiment.",
      answer: (fields, { caller }) => setStage(context, fields, "active", caller),
    }),
    ...endpoint({
      ...tagged,
      path: "mlflow/experiments/set-experiment-tag",
      summary: "Set a tag of an experiment.",
      reads: z.object({ ...experimentFields, key: factKey, value: tagValue }),
      answer: ({ key, value, ...fields }) =>
        changed(async (transaction) => {
          const { number } = await findActiveExperiment(transaction, fields);
          await putProjectTags(transaction, number, [{ key, value }]);
        }),
    }),
    ...endpoint({
      ...tagged,
      path: "mlflow/experiments/delete-experiment-tag",
      summary: "Delete a tag of an experiment.",
      reads: z.object({ ...experimentFields, key: requiredText }),
      answer: ({ key, ...fields }) =>
        changed(async (transaction) => {
          const { number } = await findActiveExperiment(transaction, fields);
          if (await dropProjectTag(transaction, number, key)) return;
          throw notFound(`No tag with name: ${key} in experiment with id ${number}`);
        }),
    }),
  ];
}

/** An experiment in MLflow's format. */
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

/** @param name of the field, for its error */
function experimentName(name: "name" | "new_name"): z.ZodType<string> {
  return textBy((value) => {
    if (!value) throw new ValidationError(undefined);
    if (value.length > maxLength.experimentName) throw tooLong(name, maxLength.experimentName);
    return storable(name, value);
  }, true);
}

const createFields = z.object({
  name: experimentName("name"),
  artifact_location: text,
  tags: field(listOf("Fact"), (tags = []) => {
    if (!Array.isArray(tags)) throw new ValidationError(tags);
    return tags.map((tag, at) =>
      experimentTag(readFact(fieldsOf(tag), maxTag, `tags[${at}].`), `tags[${at}].`),
    );
  }),
});

async function create(
  context: MlflowContext,
  { name, artifact_location, tags }: z.infer<typeof createFields>,
  { caller }: AllowedCall,
): Promise<object> {
  const artifactRoot = chosenPlace(context.places, artifact_location);
  const nowMs = context.now();
  const project = await context.write(async (transaction) => {
    const made = await addProject(transaction, { name, artifactRoot, tags, nowMs });
    await grantMaker(transaction, made, { name: caller.name, ms: nowMs });
    return made;
  });
  return { experiment_id: String(project.number) };
}

/** Unlike other tags, values of experiments' tags are refused if too long, not truncated. */
const maxTag = maxLength.experimentTag + 1;

function experimentTag(tag: KeyValue, path: string): KeyValue {
  if (tag.value.length < maxTag) return tag;
  throw tooLong(`${path}value`, maxLength.experimentTag);
}

const tagValue = textBy((value = "") => experimentTag(readFact({ key: "x", value }, maxTag), "").value);

const searchFields = z.object({
  filter: textBy((filter = "") => readExperimentFilter(filter)),
  order_by: textsBy(readExperimentOrder),
  view_type: viewType,
  max_results: pageSize(1000, 50_000),
  page_token: offset,
});

async function searchExperiments(
  { database, places }: MlflowContext,
  { filter, order_by, view_type, max_results, page_token }: z.infer<typeof searchFields>,
  { scope }: AllowedCall,
): Promise<object> {
  const found = await listProjects(database, {
    stages: view_type,
    conditions: [
      ...(scope.readable ? [scope.readable] : []),
      ...filter.map((condition) => projectCondition(database.dialect, condition)),
    ],
    order: order_by,
    limit: max_results + 1,
    offset: page_token,
  });
  const { items, token } = pageOf(found, max_results, page_token);
  return { experiments: items.map((project) => experimentOf(places, project)), next_page_token: token };
}

async function setStage(
  context: TrackingContext,
  fields: ExperimentFields,
  stage: "active" | "deleted",
  { name: person }: Caller,
): Promise<object> {
  await context.write(async (transaction) => {
    const project = await findExperiment(transaction, fields);
    if (project.stage === stage) {
      const other = stage === "deleted" ? "active" : "deleted";
      throw notFound(`No ${other} experiment with id=${project.number} exists`);
    }
    const change = stage === "deleted" ? deleteProject : restoreProject;
    const ms = context.now();
    const runs = await change(transaction, project, ms);
    const action = stage === "deleted" ? "projects-deleted" : "projects-restored";
    const detail = `with ${runs} ${runs === 1 ? "run" : "runs"}`;
    await recordAudit(transaction, { ms, person, action, subject: project.name, detail });
  });
  return {};
}
