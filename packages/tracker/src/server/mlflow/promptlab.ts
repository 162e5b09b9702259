/**
 * @file Creates the run of MLflow's prompt lab: its parameters, and a table with the answer. Unlike MLflow, does not
 * store a pickled model that calls a gateway, since this server has none.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, create_promptlab_run_handler; mlflow/utils/promptlab_utils.py
 */
import { Readable } from "node:stream";
import { z } from "zod";
import type { Route } from "../../http/index.ts";
import {
  endClientRun,
  findProject,
  findTrackedRun,
  type KeyValue,
  logBatch,
  type TrackedRun,
  type TrackingContext,
} from "../../index.ts";
import { readFacts } from "./batch.ts";
import { endpoint } from "./endpoint.ts";
import { type Fields, field, invalid, list, listOf, storable, text, textBy } from "./fields.ts";
import { cutValue, maxLength } from "./key-rules.ts";
import { type MlflowContext, runKey } from "./places.ts";
import { invalidParameter } from "./refuse.ts";
import { runTexts } from "./run-text.ts";
import { createRun, newRunFields } from "./runs.ts";
import { spacedJson } from "./spaced-json.ts";
import { aboutExperiment } from "./subjects.ts";

const table = "eval_results_table.json";
/** Required fields, in the order in which MLflow checks them. */
const required = [
  "experiment_id",
  "prompt_template",
  "prompt_parameters",
  "model_route",
  "model_input",
  "mlflow_version",
] as const;

/** Maximum parameters of a request. */
const maxFacts = 100;

const promptFields = z.object({
  ...newRunFields,
  prompt_template: cutText("prompt_template"),
  model_route: cutText("model_route"),
  model_input: textBy((value = "") => storable("model_input", value), true),
  model_output: text,
  mlflow_version: field({ type: "string" }, () => null, true),
  prompt_parameters: facts("prompt_parameters", true),
  model_parameters: facts("model_parameters"),
  model_output_parameters: facts("model_output_parameters"),
});

/** The route, under both prefixes. */
export function promptlabRoutes(context: MlflowContext): Route[] {
  return endpoint({
    method: "POST",
    path: "mlflow/runs/create-promptlab-run",
    policy: "write",
    gives: "run:Run",
    summary: "Create a run for one prompt evaluation, with a table of its answers.",
    about: aboutExperiment(context),
    reads: z.preprocess(requireAll, promptFields),
    answer: async (fields, { caller }) => {
      const id = await createRun(context, fields, caller);
      const run = await fill(context, await findTrackedRun(context.database, id), readPrompt(fields));
      return `{"run":${(await runTexts(context, [run]))[0]}}`;
    },
  });
}

function requireAll(input: unknown, issues: z.RefinementCtx): unknown {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  const absent = required.find((name) => {
    const value = (input as Fields)[name] ?? "";
    return value === "" || (Array.isArray(value) && value.length === 0);
  });
  if (absent === undefined) return input;
  const error = invalidParameter(`CreatePromptlabRun request must specify ${absent}.`);
  issues.addIssue({ code: "custom", message: error.message, path: [absent], params: { error } });
  return z.NEVER;
}

function cutText(name: string): z.ZodType<string> {
  return textBy((value = "") => cutValue(value, maxLength.param, name), true);
}

/** Parsed fields of the request. */
interface Prompt {
  readonly params: readonly KeyValue[];
  /** Text of the table. */
  readonly results: string;
}

function readPrompt(fields: z.infer<typeof promptFields>): Prompt {
  const {
    prompt_parameters: asked,
    model_output_parameters: measured,
    model_route,
    prompt_template,
  } = fields;
  const params = [
    ...fields.model_parameters,
    ...[
      { key: "model_route", value: model_route },
      { key: "prompt_template", value: prompt_template },
    ],
  ];
  const columns = [...asked.map(({ key }) => key), "prompt", "output", ...measured.map(({ key }) => key)];
  const row = [
    ...asked.map(({ value }) => value),
    fields.model_input,
    fields.model_output ?? null,
    ...measured.map(({ value }) => value),
  ];
  return { params, results: spacedJson({ columns, data: [row] }) };
}

/** Parses parameters; numbers are stored as texts. */
function facts(name: string, isRequired = false): z.ZodType<KeyValue[]> {
  return list(
    listOf("Fact"),
    (items) => {
      if (items.length > maxFacts) throw invalid(name, items.length, `at most ${maxFacts} at once`);
      const texts = items.map((item) => {
        const value = (item as Fields | null)?.["value"];
        return typeof value === "number" ? { ...(item as Fields), value: String(value) } : item;
      });
      return readFacts(texts, name, maxLength.param);
    },
    isRequired,
  );
}

/** Logs parameters and table, and ends the run. */
async function fill(
  context: TrackingContext,
  run: TrackedRun,
  { params, results }: Prompt,
): Promise<TrackedRun> {
  const project = await findProject(context.database, { number: run.project });
  const hasTable = project?.artifactRoot === null;
  if (hasTable) await context.artifacts.put(`${runKey(run)}/${table}`, Readable.from([Buffer.from(results)]));
  const tags = [
    { key: "mlflow.runSourceType", value: "PROMPT_ENGINEERING" },
    ...(hasTable
      ? [{ key: "mlflow.loggedArtifacts", value: spacedJson([{ path: table, type: "table" }]) }]
      : []),
  ];
  await context.write(async (transaction) => {
    await logBatch(transaction, run.id, { metrics: [], params, tags }, context.now());
    const change = { status: "completed", endedMs: context.now() } as const;
    await endClientRun(transaction, run.number, change, context);
  });
  return findTrackedRun(context.database, run.id);
}
