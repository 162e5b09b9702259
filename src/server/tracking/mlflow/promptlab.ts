/**
 * @file A run that pages of MLflow's make of one try of a prompt: its parameters, and a table with what was answered.
 * MLflow adds a pickled model that asks a gateway; there is none here, so that nothing of the kind is kept.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, create_promptlab_run_handler; mlflow/utils/promptlab_utils.py
 */
import { Readable } from "node:stream";
import { settleRun, type TrackingContext } from "../../../app/tracking/index.ts";
import {
  changeTrackedRun,
  endWork,
  type Fact,
  findProject,
  findTrackedRun,
  logBatch,
  type TrackedRun,
} from "../../../track/index.ts";
import type { Route } from "../route.ts";
import { readFacts } from "./batch.ts";
import { type Fields, invalid, listField, textField } from "./fields.ts";
import { cutValue, lettersMost } from "./key-rules.ts";
import type { ModelParts } from "./model-parts.ts";
import { type ArtifactPlaces, runKey } from "./places.ts";
import { MlflowError } from "./refuse.ts";
import { jsonText, postPair } from "./route-pair.ts";
import { runTexts } from "./run-text.ts";
import { createRun } from "./runs.ts";
import { spacedJson } from "./spaced-json.ts";
import { aboutExperiment } from "./subjects.ts";

const table = "eval_results_table.json";
/** In the order in which MLflow asks for them. */
const needed = [
  "experiment_id",
  "prompt_template",
  "prompt_parameters",
  "model_route",
  "model_input",
  "mlflow_version",
] as const;

/** Parameters of one request. */
const factsMost = 100;

/** The route, under both prefixes. */
export function promptlabRoutes(desk: TrackingContext, places: ArtifactPlaces, models: ModelParts): Route[] {
  const about = aboutExperiment(desk);
  return postPair("mlflow/runs/create-promptlab-run", "write", about, async (fields, { caller }) => {
    demandAll(fields);
    const prompt = readPrompt(fields);
    const id = await createRun(desk, fields, caller);
    const run = await fill(desk, await findTrackedRun(desk.database, id), prompt);
    return jsonText(`{"run":${(await runTexts(desk, places, [run], models))[0]}}`);
  });
}

function demandAll(fields: Fields): void {
  for (const name of needed) {
    const value = fields[name];
    if (value !== undefined && value !== null && value !== "" && !isEmptyList(value)) continue;
    const message = `CreatePromptlabRun request must specify ${name}.`;
    throw new MlflowError("INVALID_PARAMETER_VALUE", message);
  }
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What was tried. */
interface Prompt {
  readonly params: readonly Fact[];
  /** The table's text. */
  readonly results: string;
}

function readPrompt(fields: Fields): Prompt {
  const [asked, settings, measured] = [
    factsOf(fields, "prompt_parameters"),
    factsOf(fields, "model_parameters"),
    factsOf(fields, "model_output_parameters"),
  ];
  const text = (name: string): string => cutValue(textField(fields, name) ?? "", lettersMost.param, name);
  const params = [
    ...settings,
    ...["model_route", "prompt_template"].map((key) => ({ key, value: text(key) })),
  ];
  const columns = [...asked.map(({ key }) => key), "prompt", "output", ...measured.map(({ key }) => key)];
  const output = textField(fields, "model_output") ?? null;
  const row = [
    ...asked.map(({ value }) => value),
    textField(fields, "model_input"),
    output,
    ...measured.map(({ value }) => value),
  ];
  return { params, results: spacedJson({ columns, data: [row] }) };
}

/** Pages send numbers too; they are kept as texts. */
function factsOf(fields: Fields, name: string): Fact[] {
  const list = listField(fields, name);
  if (list.length > factsMost) throw invalid(name, list.length, `at most ${factsMost} at once`);
  const texts = list.map((item) => {
    const value = (item as Fields | null)?.["value"];
    return typeof value === "number" ? { ...(item as Fields), value: String(value) } : item;
  });
  return readFacts(texts, name, lettersMost.param);
}

/** Logs what was tried and ends the run. */
async function fill(
  desk: TrackingContext,
  run: TrackedRun,
  { params, results }: Prompt,
): Promise<TrackedRun> {
  const project = await findProject(desk.database, { number: run.project });
  const hasTable = project?.artifactRoot === null;
  if (hasTable) await desk.artifacts.put(`${runKey(run)}/${table}`, Readable.from([Buffer.from(results)]));
  const tags = [
    { key: "mlflow.runSourceType", value: "PROMPT_ENGINEERING" },
    ...(hasTable
      ? [{ key: "mlflow.loggedArtifacts", value: spacedJson([{ path: table, type: "table" }]) }]
      : []),
  ];
  await desk.write(async (transaction) => {
    await logBatch(transaction, run.id, { metrics: [], params, tags }, desk.now());
    await changeTrackedRun(transaction, run.number, { status: "completed", endedMs: desk.now() });
    await endWork(transaction, run.number);
    await settleRun(transaction, run.number, desk);
  });
  return findTrackedRun(desk.database, run.id);
}
