/**
 * @file What a run's client sends while it goes on: rows of history and of system metrics, lines of its console, the
 * summary, and at last how it ended.
 */
import type { Target, Transaction } from "../database/database.ts";
import { noteWorked } from "../ledger/meter-run.ts";
import type { RunPoint } from "../points/point.ts";
import { writePoints } from "../points/write-points.ts";
import { changeTrackedRun, touchRun } from "../tracking/runs.ts";
import { isInstant, isObject, keepable, numberIn, readLooseObject } from "./loose-json.ts";
import { dropSummaryPoints, joinSummaries, keepSummary } from "./summary.ts";
import { findWandbRun, type WandbRun } from "./wandb-run.ts";

/** Lines that follow one another, the first being line `offset`. */
export interface Lines {
  readonly offset: number;
  readonly content: readonly string[];
}

/** What comes at once; empty for a sign of life. */
export interface StreamPart {
  readonly history: Lines | null;
  readonly events: Lines | null;
  readonly console: Lines | null;
  /** JSON of all of it. */
  readonly summary: string | null;
  /** Of the process, where the run is over. */
  readonly exitCode: number | null;
  /** Whether other clients write the same run, so that the summary has the values of this one alone. */
  readonly isShared?: boolean;
}

const rowTarget: Target = {
  table: "wandb_rows",
  columns: { run: "integer", kind: "text", line: "integer", step: "integer", content: "text" },
};

const consoleTarget: Target = {
  table: "console_lines",
  columns: { run: "integer", line: "integer", content: "text" },
};

/** A line may be long; what is beyond is of no use to a reader. */
const maxConsoleChars = 100_000;
/** A longer row is no use for going on: the client asks it for the step alone. */
const maxTailChars = 100_000;
/** No client worked for longer, in seconds: ten years. */
const maxRuntime = 315_360_000;
/** What is logged that much after its own time was sent by a run that is over. */
const lateMs = 600_000;

/**
 * Writes a part, all of it or nothing; a part that comes again changes nothing.
 *
 * @param number of the run
 */
export async function writeStream(
  transaction: Transaction,
  number: number,
  part: StreamPart,
  nowMs: number,
): Promise<void> {
  const run = await findWandbRun(transaction, { number });
  if (!run) throw new Error("Internal: a stream without its run");
  const history = part.history ? await writeRows(transaction, run, "history", part.history, nowMs) : [];
  const events = part.events ? await writeRows(transaction, run, "events", part.events, nowMs) : [];
  if (part.console) await writeConsole(transaction, number, part.console);
  if (part.summary !== null) {
    const whole = part.isShared ? joinSummaries(run.summary, part.summary) : part.summary;
    await keepSummary(transaction, number, whole, nowMs);
  }
  await advance(transaction, run, part, [...history, ...events]);
  if (part.exitCode !== null) await end(transaction, number, part.exitCode, nowMs);
  await touchRun(transaction, number, nowMs);
}

/** Lines that were there before replace what they said then. */
async function writeRows(
  transaction: Transaction,
  run: WandbRun,
  kind: "history" | "events",
  { offset, content }: Lines,
  nowMs: number,
): Promise<Row[]> {
  const known = kind === "history" ? run.historyLines : run.eventLines;
  const points: Record<"add" | "replace", RunPoint[]> = { add: [], replace: [] };
  const rests: (number | string)[][] = [];
  const rows: Row[] = [];
  for (const [at, text] of content.entries()) {
    const line = offset + at;
    const row = readRow(text, line);
    if (!row) continue;
    rows.push(row);
    // The system's rows have no steps of their own; their lines count them.
    const step = kind === "history" ? row.step : line;
    const ms = row.ms ?? nowMs;
    for (const [key, value] of row.numbers) {
      const name = kind === "history" ? key : `system/${key.replace(/^system\./, "")}`;
      points[line < known ? "replace" : "add"].push({ run: run.run.number, key: name, step, ms, value });
    }
    if (row.rest !== null) rests.push([run.run.number, kind, line, step, row.rest]);
  }
  if (offset < known) {
    const sql = "DELETE FROM wandb_rows WHERE run = ? AND kind = ? AND line >= ? AND line < ?";
    await transaction.run(sql, run.run.number, kind, offset, offset + content.length);
  }
  if (kind === "history" && run.summary !== "") {
    const keys = new Set([...points.replace, ...points.add].map(({ key }) => key));
    await dropSummaryPoints(transaction, run.run.number, keys);
  }
  await writePoints(transaction, points.replace, "replace");
  await writePoints(transaction, points.add);
  await transaction.insert(rowTarget, rests);
  return rows;
}

async function writeConsole(transaction: Transaction, run: number, lines: Lines): Promise<void> {
  const rows = lines.content.map((text, at) => [
    run,
    lines.offset + at,
    keepable(text).slice(0, maxConsoleChars),
  ]);
  await transaction.insert(
    consoleTarget,
    rows,
    "ON CONFLICT (run, line) DO UPDATE SET content = excluded.content",
  );
}

/** Counts lines, keeps the last ones, and moves the run's start back where its rows are older than the run here. */
async function advance(
  transaction: Transaction,
  run: WandbRun,
  { history, events, console, summary }: StreamPart,
  rows: readonly Row[],
): Promise<void> {
  const counted = (known: number, lines: Lines | null): number =>
    lines ? Math.max(known, lines.offset + lines.content.length) : known;
  const tail = (before: string, lines: Lines | null): string => {
    const last = lines?.content.at(-1);
    return last === undefined || last.length > maxTailChars ? before : keepable(last);
  };
  let loggedMs = run.loggedMs;
  let startedMs = run.run.startedMs;
  let workedSeconds = runtimeIn(summary);
  for (const { ms, runtimeSeconds } of rows) {
    if (runtimeSeconds !== null && runtimeSeconds < maxRuntime)
      workedSeconds = Math.max(workedSeconds, runtimeSeconds);
    if (ms === null) continue;
    loggedMs = Math.max(loggedMs, ms);
    if (runtimeSeconds !== null && runtimeSeconds >= 0)
      startedMs = Math.min(startedMs, Math.max(0, Math.round(ms - runtimeSeconds * 1000)));
  }
  await transaction.run(
    `UPDATE wandb_runs SET history_lines = ?, event_lines = ?, console_lines = ?, history_tail = ?, events_tail = ?,
       logged_ms = ? WHERE run = ?`,
    ...[counted(run.historyLines, history), counted(run.eventLines, events)],
    ...[counted(run.consoleLines, console), tail(run.historyTail, history), tail(run.eventsTail, events)],
    ...[loggedMs, run.run.number],
  );
  if (workedSeconds > 0) await noteWorked(transaction, run.run.number, workedSeconds * 1000);
  if (startedMs < run.run.startedMs)
    await transaction.run("UPDATE runs SET started_ms = ? WHERE number = ?", startedMs, run.run.number);
}

/** Seconds that a client counts in its summary: without what lies between two sessions. */
function runtimeIn(summary: string | null): number {
  const own = summary === null ? null : readLooseObject(summary)?.["_wandb"];
  const runtime = isObject(own) ? numberIn(own["runtime"]) : null;
  return runtime !== null && runtime > 0 && runtime < maxRuntime ? runtime : 0;
}

/** A run that was sent long after it ended has ended with its last row. */
async function end(transaction: Transaction, number: number, exitCode: number, nowMs: number): Promise<void> {
  const run = await findWandbRun(transaction, { number });
  const loggedMs = run?.loggedMs ?? 0;
  await changeTrackedRun(transaction, number, {
    status: exitCode === 0 ? "completed" : run?.run.stopMs != null ? "stopped" : "failed",
    endedMs: loggedMs > 0 && nowMs - loggedMs > lateMs ? loggedMs : nowMs,
  });
}

/** What a row says. */
interface Row {
  readonly step: number;
  /** Milliseconds since 1970, or `null` where the row does not say. */
  readonly ms: number | null;
  readonly numbers: readonly (readonly [key: string, value: number])[];
  /** Histograms, media, texts: what is no number, as JSON; `null` where there is nothing. */
  readonly rest: string | null;
  /** Seconds since the run's start, as the client counts. */
  readonly runtimeSeconds: number | null;
}

/** Longer keys stay in the rest: an index of the database holds keys whole. */
const maxKeyBytes = 1000;
/** Deeper objects stay in the rest. */
const maxDepth = 16;

/** Keys that are the row's place, and no metrics. */
const places: ReadonlySet<string> = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

/**
 * Reads a row.
 *
 * @param line its place among the rows, which is the step where the row names none
 * @returns `null` where it is no JSON object
 */
export function readRow(text: string, line: number): Row | null {
  const row = readLooseObject(text);
  if (!row) return null;
  const numbers = new Map<string, number>();
  const rest = takeNumbers(row, "", 0, numbers);
  const step = row["_step"];
  const timestamp = numberIn(row["_timestamp"]);
  return {
    step: typeof step === "number" && Number.isSafeInteger(step) ? step : line,
    ms: timestamp !== null && isInstant(timestamp) ? Math.round(timestamp * 1000) : null,
    numbers: [...numbers],
    rest: rest ? JSON.stringify(rest) : null,
    runtimeSeconds: numberIn(row["_runtime"]),
  };
}

/** Moves numbers out, nested ones under keys with dots; gives what is left, if anything is. */
function takeNumbers(
  from: Readonly<Record<string, unknown>>,
  prefix: string,
  depth: number,
  numbers: Map<string, number>,
): Record<string, unknown> | null {
  const rest: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(from)) {
    if (depth === 0 && places.has(name)) continue;
    const key = keepable(prefix + name);
    const number = numberIn(value);
    if (number !== null && key !== "" && Buffer.byteLength(key) <= maxKeyBytes) numbers.set(key, number);
    else if (isObject(value) && value["_type"] === undefined && depth < maxDepth) {
      const left = takeNumbers(value, `${key}.`, depth + 1, numbers);
      if (left || Object.keys(value).length === 0) rest[name] = left ?? {};
    } else rest[name] = value;
  }
  return Object.keys(rest).length > 0 ? rest : null;
}
