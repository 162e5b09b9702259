/**
 * @file Detects when a client's run repeats an earlier one: the same parameters, data and code, as far as the client
 * sent them. Nothing is refused; the repetition is detected when the run ends, and reported.
 *
 * If a run states its seed, the same seed is enough. Without a seed, only equal results show that nothing else, such as
 * an unlogged seed, differed.
 */
import { createHash } from "node:crypto";
import type { Reader, SqlRow, Transaction } from "../database/database.ts";
import { putTags, readParams, readTags } from "./facts.ts";
import { findTrackedRunOrNull, runColumns, trackedRunFrom } from "./runs.ts";
import type { TrackedRun } from "./types.ts";

/** The tag of a run that repeats another one; its value is a sentence for display. */
export const repeatsTag = "tunewise.repeats";

/**
 * Parameters that name a path or a run and do not affect the result.
 *
 * @source huggingface/transformers src/transformers/training_args.py, whose arguments the Trainer's callbacks log
 */
const withoutEffect: ReadonlySet<string> = new Set([
  ...["output_dir", "logging_dir", "log_dir", "run_name", "hub_model_id", "report_to", "disable_tqdm"],
]);
const seedKey = /(^|[._/-])(seed|random_state)$/i;
/** Metrics that measure time, which differ between any two runs. */
const timingKey = /time|second|duration|latency|throughput|runtime|per_s\b|^system\//i;
/** Tags in which MLflow and W&B clients record the code. @source mlflow/mlflow mlflow/utils/mlflow_tags.py */
const codeTags = ["mlflow.source.git.commit", "mlflow.source.name", "wandb.commit", "wandb.program"] as const;
const commitTags: ReadonlySet<string> = new Set(["mlflow.source.git.commit", "wandb.commit"]);

/** What identifies a run. */
interface Identity {
  readonly digest: string;
  /** Which parts the client sent: `parameters`, `data`, `code`. */
  readonly parts: readonly string[];
  readonly namesSeed: boolean;
}

/**
 * When a client's run completes, finds the earliest completed run of its project that it repeats, and records that.
 * Skips runs with a fingerprint and runs of a command, which were checked before they began.
 */
export async function noteRepetition(transaction: Transaction, number: number): Promise<void> {
  const run = await findTrackedRunOrNull(transaction, { number });
  if (run?.status !== "completed" || run.fingerprint !== null || run.launchedBy !== null) return;
  const tags = await readTags(transaction, number);
  const identity = await identityOf(transaction, run, tags);
  await transaction.run(
    "UPDATE runs SET identity = ?, repeats = NULL WHERE number = ?",
    identity?.digest ?? null,
    number,
  );
  if (identity === null) return;
  const earlier = await earliestLike(transaction, run, identity, tags.get(parentTag));
  if (earlier === null) return;
  await transaction.run(
    "UPDATE runs SET repeats = ?, document = NULL WHERE number = ?",
    earlier.number,
    number,
  );
  const what = listText(identity.parts);
  const results = identity.namesSeed ? "" : ", and so are the results";
  const value = `The same as run ${earlier.id}: ${what} are equal${results}.`;
  await putTags(transaction, number, [{ key: repeatsTag, value }]);
}

const parentTag = "mlflow.parentRunId";

/** `null` if a run logged no parameters, because nothing then distinguishes it from others. */
async function identityOf(
  reader: Reader,
  run: TrackedRun,
  tags: ReadonlyMap<string, string>,
): Promise<Identity | null> {
  const params = Object.entries(await readParams(reader, run.number)).filter(
    ([key]) => !withoutEffect.has(key),
  );
  if (params.length === 0) return null;
  const data = await dataOf(reader, run.number);
  const code = codeTags.flatMap((key) => (tags.has(key) ? [[key, tags.get(key)]] : []));
  const content = JSON.stringify([run.project, run.client, params.sort(byKey), data, code]);
  return {
    digest: createHash("sha256").update(content).digest("hex"),
    parts: [
      "parameters",
      ...(data.length > 0 ? ["data"] : []),
      ...(code.some(([key]) => commitTags.has(key ?? "")) ? ["code"] : []),
    ],
    namesSeed: params.some(([key, value]) => seedKey.test(key) && /\d/.test(value)),
  };
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Datasets of MLflow clients and artifacts of W&B clients, by name and digest. */
async function dataOf(reader: Reader, run: number): Promise<readonly string[]> {
  const rows = await reader.all(
    `SELECT datasets.name, datasets.digest, inputs.context FROM inputs
       JOIN datasets ON datasets.number = inputs.dataset WHERE inputs.run = ?
     UNION ALL SELECT used.collection, used.digest, '' FROM wandb_uses
       JOIN wandb_artifacts used ON used.number = wandb_uses.artifact WHERE wandb_uses.run = ?`,
    ...[run, run],
  );
  return rows.map(({ name, digest, context }) => JSON.stringify([name, digest, context])).sort();
}

/** Maximum number of earlier runs whose results are compared. */
const maxCandidates = 20;

async function earliestLike(
  reader: Reader,
  run: TrackedRun,
  { digest, namesSeed }: Identity,
  parent: string | undefined,
): Promise<TrackedRun | null> {
  const rows = await reader.all(
    `SELECT ${runColumns} FROM runs WHERE identity = ? AND stage = 'active' AND status = 'completed'
       AND (started_ms, number) < (?, ?) ORDER BY started_ms, number LIMIT ?`,
    ...[digest, run.startedMs, run.number, maxCandidates],
  );
  for (const earlier of rows.map(trackedRunFrom)) {
    const siblingOf = parent && (await readTags(reader, earlier.number)).get(parentTag);
    // Runs with the same parent, such as folds, may differ in something that was not logged.
    if (siblingOf && siblingOf === parent) continue;
    if (namesSeed || (await haveEqualResults(reader, run.number, earlier.number))) return earlier;
  }
  return null;
}

/** Maximum number of metrics compared. */
const maxMetrics = 1_000;

/** Whether two runs logged the same metrics with the same last values; `false` for runs without metrics. */
async function haveEqualResults(reader: Reader, a: number, b: number): Promise<boolean> {
  const lastOf = async (run: number): Promise<readonly string[]> => {
    const sql = "SELECT key, last_value, last_special FROM series WHERE run = ? ORDER BY key LIMIT ?";
    return (await reader.all(sql, run, maxMetrics)).flatMap((row) => lastText(row) ?? []);
  };
  const [own, other] = [await lastOf(a), await lastOf(b)];
  return own.length > 0 && own.length === other.length && own.every((text, at) => text === other[at]);
}

function lastText({ key, last_value: value, last_special: special }: SqlRow): string | null {
  return timingKey.test(String(key)) ? null : JSON.stringify([key, Number(value), special]);
}

/** `a, b and c`. */
function listText(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
