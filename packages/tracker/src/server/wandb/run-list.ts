/** @file The field `runs(filters, order, first, after)` of a project: filters, sorts and pages its runs. */
import { setImmediate } from "node:timers/promises";
import {
  listWandbRuns,
  readLooseJson,
  readTagsOf,
  readWandbRuns,
  readWandbTexts,
  type WandbRunLine,
} from "../../index.ts";
import type { WandbCall } from "./call.ts";
import { connection, type Fields, pageOf, textOf } from "./fields.ts";
import { keptList } from "./kept-lists.ts";
import { wandbRefusal } from "./refuse.ts";
import { runFields, runStates } from "./run-fields.ts";
import { fittingRuns, type RunFilter, readRunFilter } from "./run-filter.ts";
import { type RunField, type RunValues, readRunField, valuesOf } from "./run-values.ts";

/** Maximum runs of a page. */
const maxPage = 1_000;
/** Maximum characters of configurations and summaries of a page, which ends early at the limit. */
const maxPageLetters = 32 * 1024 * 1024;
/** Runs filtered before the event loop serves other requests. */
const runsAtOnce = 100;

/** Numbers of the matching runs, in order. */
type RunNumbers = readonly number[];

/** The fields of a project that list its runs. */
export function runLists(project: number): Fields {
  return {
    runCount: async ({ filters }: Fields, call: WandbCall) =>
      (await chosen(call, { project, filters: textOf(filters), order: null }, false)).length,
    runs: (args: Fields, call: WandbCall) => listRuns(call, project, args),
    buckets: (args: Fields, call: WandbCall) => listRuns(call, project, args),
  };
}

async function listRuns(call: WandbCall, project: number, args: Fields): Promise<Fields> {
  const { limit, after } = pageOf(args, maxPage);
  const question = { project, filters: textOf(args["filters"]), order: textOf(args["order"]) };
  const numbers = await chosen(call, question, after !== null);
  return pageOfRuns(call, numbers, limit, after);
}

async function pageOfRuns(
  call: WandbCall,
  numbers: RunNumbers,
  limit: number,
  after: string | null,
): Promise<Fields> {
  const from = placeAfter(numbers, after);
  const wanted = numbers.slice(from, from + limit);
  const edges: { node: Fields; cursor: string }[] = [];
  let [letters, read] = [0, 0];
  for (; read < wanted.length && letters < maxPageLetters; read += runsAtOnce) {
    for (const run of await readWandbRuns(call.context.database, wanted.slice(read, read + runsAtOnce))) {
      letters += run.config.length + run.summary.length;
      const { number } = run.run;
      edges.push({ node: runFields(run), cursor: cursorOf(numbers.indexOf(number, from), number) });
    }
  }
  return connection(edges, from + Math.min(read, wanted.length) < numbers.length);
}

/** Cursor with an index of the list and the run at it, since the list may change. */
function cursorOf(at: number, number: number): string {
  return Buffer.from(`${at}:${number}`).toString("base64");
}

function placeAfter(numbers: RunNumbers, after: string | null): number {
  if (after === null) return 0;
  const [, at, number] = /^(\d{1,9}):(\d{1,15})$/.exec(Buffer.from(after, "base64").toString("latin1")) ?? [];
  if (at === undefined) throw wandbRefusal("That is no cursor of a list of runs.");
  const place = numbers[Number(at)] === Number(number) ? Number(at) : numbers.indexOf(Number(number));
  return (place < 0 ? Number(at) : place) + 1;
}

interface Question {
  readonly project: number;
  readonly filters: string | null;
  readonly order: string | null;
}

/** Returns the matching runs; further pages use the list of the first page. */
function chosen(call: WandbCall, question: Question, goesOn: boolean): Promise<RunNumbers> {
  const { database, now } = call.context;
  const key = JSON.stringify(["runs", question.project, question.filters, question.order]);
  return keptList(database, key, { goesOn, nowMs: now() }, () => choose(call, question));
}

async function choose(call: WandbCall, { project, filters, order }: Question): Promise<RunNumbers> {
  const filter = readRunFilter(filters);
  const [field, isDescending] = orderOf(order);
  const lines = await listWandbRuns(call.context.database, project);
  const isByStart = field.of === "plain" && field.field === "created_at";
  if (filter.fields.length === 0 && isByStart) {
    const numbers = lines.map(({ number }) => number);
    return isDescending ? numbers.reverse() : numbers;
  }
  const fitting: { readonly number: number; readonly value: unknown }[] = [];
  const asked = [...filter.fields, field];
  for (let from = 0; from < lines.length; from += runsAtOnce) {
    if (from > 0) await setImmediate();
    const runs = await valuesOfRuns(call, lines.slice(from, from + runsAtOnce), asked);
    for (const run of fittingRuns(filter, runs))
      fitting.push({ number: run.number, value: valuesOf(run, field) });
  }
  const turn = isDescending ? -1 : 1;
  return fitting.sort((a, b) => comparedMissingLast(a.value, b.value, turn)).map(({ number }) => number);
}

/** Parses an order such as `+created_at` or `-summary_metrics.loss`; ascending without a sign. */
function orderOf(order: string | null): [field: RunField, isDescending: boolean] {
  const [, sign, name = ""] = /^([+-]?)\s*(.*)$/s.exec(order ?? "+created_at") ?? [];
  return [readRunField(name), sign === "-"];
}

/** Compares values: numbers before texts before others. Missing values come last in either direction. */
function comparedMissingLast(a: unknown, b: unknown, turn: number): number {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) return kindA === missing || kindB === missing ? kindA - kindB : turn * (kindA - kindB);
  if (typeof a === "number" && typeof b === "number") return turn * (a - b);
  const [textA, textB] = [String(a), String(b)];
  if (kindA === missing || textA === textB) return 0;
  return textA < textB ? -turn : turn;
}

const missing = 9;

function kindOf(value: unknown): number {
  if (value === undefined || value === null) return missing;
  return typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2;
}

/** Reads only the values that the requested fields need. */
async function valuesOfRuns(
  { context: { database } }: WandbCall,
  lines: readonly WandbRunLine[],
  asked: RunFilter["fields"],
): Promise<(RunValues & { readonly number: number })[]> {
  const numbers = lines.map(({ number }) => number);
  const needs = (of: RunField["of"]): boolean => asked.some((field) => field.of === of);
  const none: ReadonlyMap<number, string> = new Map();
  const configs = needs("config") ? await readWandbTexts(database, numbers, "config") : none;
  const summaries = needs("summary") ? await readWandbTexts(database, numbers, "summary") : none;
  const tags = needs("tag") ? await readTagsOf(database, numbers) : null;
  return lines.map((line) => ({
    number: line.number,
    plain: {
      name: line.name,
      display_name: line.displayName,
      state: runStates[line.status],
      created_at: new Date(line.startedMs).toISOString(),
      heartbeat_at: new Date(line.seenMs).toISOString(),
      username: line.person,
    },
    tags: tags && new Map(tags.get(line.number)?.map(({ key, value }) => [key, value])),
    config: readLooseJson(configs.get(line.number) ?? "{}"),
    summary: readLooseJson(summaries.get(line.number) ?? "{}"),
  }));
}
