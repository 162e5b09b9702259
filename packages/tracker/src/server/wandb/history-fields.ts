/**
 * @file A run's history as fields of W&B's schema: JSON lines of a window of steps or sampled, or values of some keys.
 *
 * @source wandb/wandb wandb/apis/public/history.py, runs.py; core/internal/runhistoryreader
 */

import { createGate } from "@tunewise/core/untrusted";
import {
  allSteps,
  type HistoryRow,
  looseJson,
  looseJsonObject,
  maxRowValues,
  type RowKind,
  type RowWindow,
  readConsole,
  readHistoryKeys,
  readLooseObject,
  readRows,
  sampleRows,
  type WandbRun,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { connection, countOf, type Fields, pageOf, textsOf } from "./fields.ts";
import { wandbRefusal } from "./refuse.ts";

/** Maximum rows of a reply. */
const maxSamples = 10_000;
/** Maximum sampling specs of a request. */
const maxSpecs = 100;
/** Maximum characters of a sampling spec. */
const maxSpecLetters = 100_000;
/** Maximum console lines of a reply. */
const maxConsoleLines = 10_000;

/** Limits concurrent reads of rows, which take memory. */
const gate = createGate(2);

/** Fields of a run with its logged data. */
export function historyFields(run: WandbRun): Fields {
  const { number } = run.run;
  return {
    history: (args: Fields, call: WandbCall) => linesOf(run, call, "history", args),
    events: (args: Fields, call: WandbCall) => linesOf(run, call, "events", args),
    sampledHistory: ({ specs }: Fields, call: WandbCall) => sampledHistory(run, call, textsOf(specs)),
    // history is only in the store, never in Parquet files
    parquetHistory: { parquetUrls: [], liveData: [] },
    historyKeys: async (_: Fields, { context }: WandbCall) => {
      const { keys, lastStep } = await readHistoryKeys(context.database, number, "history");
      const about = keys.map(({ key, count, last }) => [
        key,
        { typeCounts: [{ type: "number", count }], monotonic: false, previousValue: plain(last) },
      ]);
      return { sets: [], keys: Object.fromEntries(about), lastStep };
    },
    systemMetrics: async (_: Fields, { context }: WandbCall) => {
      const { keys } = await readHistoryKeys(context.database, number, "events");
      return looseJsonObject(keys.map(({ key, last }) => [key, last]));
    },
    logLines: (args: Fields, call: WandbCall) => logLines(run, call, args),
  };
}

async function linesOf(run: WandbRun, call: WandbCall, kind: RowKind, args: Fields): Promise<string[]> {
  const samples = Math.min(countOf(args["samples"]) ?? 500, maxSamples);
  const rows = await rowsFor(run, call, kind, windowIn(args), samples);
  return rows.map((row) => looseJsonObject(entriesOf(run, row)));
}

/** @throws {HttpError} for a window with too many values */
async function rowsFor(
  { run, historyLines, eventLines }: WandbRun,
  { context: { database } }: WandbCall,
  kind: RowKind,
  window: AskedWindow,
  samples: number,
): Promise<HistoryRow[]> {
  const of = { number: run.number, rows: kind === "history" ? historyLines : eventLines };
  const rows = await gate(() =>
    window.isPage
      ? readRows(database, run.number, kind, window)
      : sampleRows(database, of, kind, window, samples),
  );
  if (rows) return rows;
  throw wandbRefusal(
    `These rows of run ${run.id} have more than ${maxRowValues} values: ask with a smaller page_size, ` +
      "fewer samples, or for some keys.",
  );
}

/** A window with both ends given is a page of a scan, which returns every row in it. */
type AskedWindow = RowWindow & { readonly isPage: boolean };

function windowIn({ minStep, maxStep }: Fields): AskedWindow {
  const [from, to] = [countOf(minStep), countOf(maxStep)];
  return { from: from ?? allSteps.from, to: to ?? allSteps.to, isPage: from !== null && to !== null };
}

/**
 * The window of a sampling spec, which includes its last step. Clients up to 0.2x name the step after it, and request
 * as many samples as the page has steps, like newer ones, which limits the page.
 */
function scannedIn(spec: Fields, samples: number): AskedWindow {
  const { from, to, isPage } = windowIn(spec);
  if (!isPage) return { from, to: Math.min(to, allSteps.to - 1) + 1, isPage };
  return to - from > samples
    ? { from, to: to + 1, isPage: false }
    : { from, to: Math.min(to + 1, from + samples), isPage };
}

/** Entries of a row with step, time and runtime, as its client logged it. */
function* entriesOf({ run }: WandbRun, { step, ms, values }: HistoryRow): Generator<[string, unknown]> {
  yield ["_step", step];
  if (ms !== null) {
    yield ["_timestamp", ms / 1000];
    yield ["_runtime", Math.max(0, (ms - run.startedMs) / 1000)];
  }
  yield* values;
}

const places: ReadonlySet<string> = new Set(["_step", "_timestamp", "_runtime"]);

/** Returns for each sampling spec the rows that have all of its keys. */
async function sampledHistory(run: WandbRun, call: WandbCall, specs: readonly string[]): Promise<object[][]> {
  if (specs.length > maxSpecs) throw wandbRefusal(`At most ${maxSpecs} questions at once.`);
  const lists: object[][] = [];
  for (const text of specs) {
    const spec = text.length > maxSpecLetters ? null : readLooseObject(text);
    if (!spec) throw wandbRefusal("A question for samples is JSON with keys in it.");
    const keys = textsOf(spec["keys"]);
    const metrics = keys.filter((key) => !places.has(key));
    const samples = Math.min(countOf(spec["samples"]) ?? 500, maxSamples);
    const window = { ...scannedIn(spec, samples), ...(metrics.length > 0 && { keys: metrics }) };
    const rows = await rowsFor(run, call, "history", window, samples);
    lists.push(rows.flatMap((row) => partOf(run, row, keys) ?? []));
  }
  return lists;
}

/** Converts NaN and the infinities to strings, since a reply is JSON. */
function plain(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? looseJson(value) : value;
}

function partOf(run: WandbRun, row: HistoryRow, keys: readonly string[]): object | null {
  const all = new Map(entriesOf(run, row));
  if (!keys.every((key) => all.has(key))) return null;
  return Object.fromEntries(keys.map((key) => [key, plain(all.get(key))]));
}

/** Lines of the console: the last ones, or a page. */
async function logLines(run: WandbRun, { context }: WandbCall, args: Fields): Promise<Fields> {
  const last = countOf(args["last"]);
  const { limit, after } = pageOf(args, maxConsoleLines);
  const number = /^\d{1,15}$/.test(after ?? "") ? Number(after) : -1;
  const from = last === null ? number + 1 : Math.max(0, run.consoleLines - Math.min(last, maxConsoleLines));
  const wanted = last === null ? limit : maxConsoleLines;
  const { lines } = await readConsole(context.database, run.run.number, { from, limit: wanted + 1 });
  const edges = lines.slice(0, wanted).map(({ line, text: printed }) => {
    const [, error, time = null, text = printed] =
      /^(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z?) (.*)$/s.exec(printed) ?? [];
    const level = error === undefined ? "info" : "error";
    const timestamp = time === null ? null : `${time.replace(/Z$/, "")}Z`;
    return { node: { number: line, timestamp, level, label: null, line: text }, cursor: String(line) };
  });
  return connection(edges, lines.length > wanted, { totalCount: run.consoleLines });
}
