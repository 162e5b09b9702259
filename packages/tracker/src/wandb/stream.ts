/**
 * @file Processes what a client sends while its run is active: rows of history and system metrics, console lines, the
 * summary, and finally how the run ended.
 */
import type { Target, Transaction } from "../database/database.ts";
import { noteWorked } from "../ledger/meter-run.ts";
import type { RunPoint } from "../points/point.ts";
import { writePoints } from "../points/write-points.ts";
import { changeTrackedRun, touchRun } from "../tracking/runs.ts";
import { isInstant, isObject, keepable, numberIn, readLooseObject } from "./loose-json.ts";
import { dropSummaryPoints, joinSummaries, keepSummary } from "./summary.ts";
import { findWandbRun, type WandbRun } from "./wandb-run.ts";

/** Consecutive lines; the first one has the number `offset`. */
export interface Lines {
  readonly offset: number;
  readonly content: readonly string[];
}

/** The data of one request; empty for a heartbeat. */
export interface StreamPart {
  readonly history: Lines | null;
  readonly events: Lines | null;
  readonly console: Lines | null;
  /** The complete summary as JSON. */
  readonly summary: string | null;
  /** Exit code of the process, once the run has ended. */
  readonly exitCode: number | null;
  /** Whether several clients write to the run, so that the summary contains only this client's values. */
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

/** Maximum length of a console line; the rest is cut off. */
const maxConsoleChars = 100_000;
/** Longer rows are not kept as the last row. A client that resumes only needs its step. */
const maxTailChars = 100_000;
/** Maximum plausible running time in seconds: ten years. */
const maxRuntime = 315_360_000;
/** Data received this long after it was logged is from a run that has already ended. */
const lateMs = 600_000;

/**
 * Writes a part atomically. Writing it again changes nothing.
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

/** Lines that already exist are replaced. */
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
    // System rows have no steps; their line numbers are used instead.
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

/** Updates line counts and last rows, and moves the run's start back if its rows are older. */
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

/** The running time that the client reports in its summary, without the time between sessions. */
function runtimeIn(summary: string | null): number {
  const own = summary === null ? null : readLooseObject(summary)?.["_wandb"];
  const runtime = isObject(own) ? numberIn(own["runtime"]) : null;
  return runtime !== null && runtime > 0 && runtime < maxRuntime ? runtime : 0;
}

/** A run that was sent long after it ended gets the time of its last row as its end. */
async function end(transaction: Transaction, number: number, exitCode: number, nowMs: number): Promise<void> {
  const run = await findWandbRun(transaction, { number });
  const loggedMs = run?.loggedMs ?? 0;
  await changeTrackedRun(transaction, number, {
    status: exitCode === 0 ? "completed" : run?.run.stopMs != null ? "stopped" : "failed",
    endedMs: loggedMs > 0 && nowMs - loggedMs > lateMs ? loggedMs : nowMs,
  });
}

/** A parsed row. */
interface Row {
  readonly step: number;
  /** Milliseconds since 1970, or `null` if the row has no time. */
  readonly ms: number | null;
  readonly numbers: readonly (readonly [key: string, value: number])[];
  /** The non-numeric values (histograms, media, texts) as JSON; `null` if there are none. */
  readonly rest: string | null;
  /** Seconds since the run's start, as counted by the client. */
  readonly runtimeSeconds: number | null;
}

/** Longer keys stay in `rest`, because keys are part of a database index. */
const maxKeyBytes = 1000;
/** Objects nested deeper stay in `rest`. */
const maxDepth = 16;

/** Keys that describe the row's position and are not metrics. */
const places: ReadonlySet<string> = new Set(["_step", "_timestamp", "_runtime", "_wandb"]);

/**
 * Parses a row.
 *
 * @param line number of the row, used as its step if the row has none
 * @returns `null` if it is not a JSON object
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

/** Moves numbers from an object to `numbers`, with nested keys joined by dots. Returns the rest, or `null`. */
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
