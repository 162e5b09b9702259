/**
 * @file Answers of several runs to the same rows, side by side. Returns pages of all rows or of those on which the runs
 * disagree.
 */
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { createGate } from "@tunewise/core/untrusted";
import { readLines, type TrackedRun } from "@tunewise/tracker";
import { type DiffPart, diffWords } from "../../report/index.ts";
import { answersPath } from "../../scoring/index.ts";
import type { ShownText } from "./bounds.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";
import { answerLineChars, rowOf } from "./run-answers.ts";

/** Row filter: all shared rows, those whose scores differ, or those whose answers differ. */
export type RowChoice = "all" | "scores" | "answers";

/** Request for a page. */
export interface BesideRequest {
  /** The first run determines the order of the rows. */
  readonly runs: readonly TrackedRun[];
  readonly only: RowChoice;
  readonly offset: number;
  readonly limit: number;
  /** Whether to compare answers word by word with the first run's answer. */
  readonly marks: boolean;
}

/** The answer of one run's model. */
export interface BesideAnswer {
  readonly text: ShownText | null;
  readonly isRight: boolean | null;
  /**
   * Word differences from the first run's answer; `null` for the first run, if not requested, or if the answers have
   * too little in common.
   */
  readonly parts: readonly DiffPart[] | null;
  readonly scores: readonly { readonly metric: string; readonly value: number | null }[];
}

/** A row that all of the runs answered. */
export interface BesideRow {
  /** Line of the row in the first run's file. */
  readonly row: number;
  readonly question: ShownText;
  readonly reference: ShownText;
  /** In the order of the runs. */
  readonly answers: readonly BesideAnswer[];
}

/** A page of rows, and the number of rows per filter. */
export interface BesidePage {
  /** Ids of the runs that have answers to shared rows. */
  readonly runs: readonly string[];
  readonly leftOut: readonly { readonly run: string; readonly reason: string }[];
  readonly counts: Readonly<Record<RowChoice, number>>;
  readonly rows: readonly BesideRow[];
}

/** Maximum bytes of an answers file. */
const maxFileBytes = 64 * 1024 ** 2;
/** Maximum rows of all cached indexes. A row takes about 200 bytes. */
const maxKeptRows = 200_000;
/** Rows to compare before yielding to other requests. */
const rowsOfTurn = 10_000;
const maxWaiting = 16;
const textChars = 1_000;

/** Reads a page. Returns `null` if too many requests are waiting. */
export type ReadAnswersBeside = (request: BesideRequest) => Promise<BesidePage | null>;

/** Creates a reader of pages that caches the indexes of recently read files. */
export function createAnswersBeside(context: DashboardContext): ReadAnswersBeside {
  const gate = createGate(1, maxWaiting);
  const kept = new Map<string, Promise<AnswerIndex>>();
  return (request) => gate(() => readPage(context, kept, request));
}

/** Index of a file's lines, without their texts. */
interface AnswerIndex {
  /**
   * Digest of question and reference, followed by the number of earlier lines with the same digest. Empty for a line
   * that cannot be read.
   */
  readonly keys: readonly string[];
  readonly lineOf: ReadonlyMap<string, number>;
  /** Digests of scores and answers. Equal digests mean equal values. */
  readonly scores: readonly string[];
  readonly answers: readonly string[];
}

interface IndexedRun {
  readonly id: string;
  readonly path: string;
  readonly index: AnswerIndex;
}

async function readPage(
  context: DashboardContext,
  kept: Map<string, Promise<AnswerIndex>>,
  { runs, only, offset, limit, marks }: BesideRequest,
): Promise<BesidePage> {
  const found: IndexedRun[] = [];
  const leftOut: { run: string; reason: string }[] = [];
  for (const run of runs) {
    const indexed = await indexRun(context, kept, run);
    const [first] = found;
    if (typeof indexed === "string") leftOut.push({ run: run.id, reason: indexed });
    else if (first && !first.index.keys.some((key) => key !== "" && indexed.index.lineOf.has(key)))
      leftOut.push({ run: run.id, reason: "it answered other rows" });
    else found.push(indexed);
  }
  const chosen = await sharedRows(found);
  const page = chosen[only].slice(offset, offset + limit);
  const { all, scores, answers } = chosen;
  const counts = { all: all.length, scores: scores.length, answers: answers.length };
  return { runs: found.map(({ id }) => id), leftOut, counts, rows: await readRows(found, page, marks) };
}

/** Line numbers of a row, one for the file of each run. */
type SharedRow = readonly number[];

/** Rows that all runs answered, in the order of the first run, and those on which the runs disagree. */
async function sharedRows(runs: readonly IndexedRun[]): Promise<Record<RowChoice, SharedRow[]>> {
  const found: Record<RowChoice, SharedRow[]> = { all: [], scores: [], answers: [] };
  const [first] = runs;
  if (!first || runs.length < 2) return found;
  for (const [at, key] of first.index.keys.entries()) {
    if (at % rowsOfTurn === rowsOfTurn - 1) await setImmediate();
    const lines = key === "" ? [] : runs.flatMap(({ index }) => index.lineOf.get(key) ?? []);
    if (lines.length < runs.length) continue;
    found.all.push(lines);
    if (differ(runs, lines, "scores")) found.scores.push(lines);
    if (differ(runs, lines, "answers")) found.answers.push(lines);
  }
  return found;
}

function differ(runs: readonly IndexedRun[], lines: SharedRow, of: "scores" | "answers"): boolean {
  return new Set(runs.map(({ index }, at) => index[of][lines[at] ?? 0])).size > 1;
}

/**
 * Reads or reuses the index of a run's answers.
 *
 * @returns the reason as a string if there are no answers
 */
async function indexRun(
  context: DashboardContext,
  kept: Map<string, Promise<AnswerIndex>>,
  run: TrackedRun,
): Promise<IndexedRun | string> {
  const folder = folderOf(context, run);
  const path = folder && answersPath(folder);
  const file = path === null ? null : await stat(path).catch(() => null);
  if (path === null || !file?.isFile()) return "its answers by row are not on this server";
  if (file.size > maxFileBytes)
    return `its answers are too large for the page (${Math.round(file.size / 1e6)} MB)`;
  const key = `${path} ${file.mtimeMs} ${file.size}`;
  const index = await (kept.get(key) ?? readIndex(path)).catch(() => null);
  if (index === null) return "its answers cannot be read";
  kept.delete(key);
  kept.set(key, Promise.resolve(index));
  await dropOldest(kept);
  return { id: run.id, path, index };
}

async function dropOldest(kept: Map<string, Promise<AnswerIndex>>): Promise<void> {
  let rows = 0;
  for (const [key, index] of [...kept].reverse()) {
    rows += (await index).keys.length;
    if (rows > maxKeptRows) kept.delete(key);
  }
}

/** Maximum number of distinct score digests to share. Most rows repeat a few, such as right and wrong. */
const maxSame = 1_000;

async function readIndex(path: string): Promise<AnswerIndex> {
  const [keys, scores, answers]: [string[], string[], string[]] = [[], [], []];
  const [seen, same] = [new Map<string, number>(), new Map<string, string>()];
  for await (const lines of readLines(path, answerLineChars)) {
    for (const { text } of lines) {
      const row = text === null ? null : rowOf(text, keys.length, answerLineChars);
      const question = row === null ? "" : digest([row.question.text, row.reference.text]);
      const before = seen.get(question) ?? 0;
      seen.set(question, before + 1);
      keys.push(row === null ? "" : `${question} ${before}`);
      const scored = digest(row?.scores.map(({ metric, tuned }) => [metric, tuned]) ?? null);
      scores.push(same.get(scored) ?? scored);
      if (same.size < maxSame) same.set(scored, scored);
      answers.push(row === null ? "" : digest(row.tuned?.text ?? null));
    }
  }
  return { keys, lineOf: new Map(keys.map((key, line) => [key, line])), scores, answers };
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("base64").slice(0, 22);
}

async function readRows(
  runs: readonly IndexedRun[],
  page: readonly SharedRow[],
  marks: boolean,
): Promise<BesideRow[]> {
  const texts: ReadonlyMap<number, string>[] = [];
  for (const [at, { path }] of runs.entries())
    texts.push(await readSome(path, new Set(page.map((lines) => lines[at] ?? -1))));
  return page.flatMap((lines) => {
    const rows = lines.map((line, at) => rowOf(texts[at]?.get(line) ?? "", line, textChars));
    const [first] = rows;
    if (!first || rows.includes(null)) return []; // the file has changed since it was indexed
    const answers = rows.map((row) => ({
      text: row?.tuned ?? null,
      isRight: row?.tunedIsRight ?? null,
      parts: marks && row !== first ? partsOf(first.tuned, row?.tuned ?? null) : null,
      scores: (row?.scores ?? []).map(({ metric, tuned }) => ({ metric, value: tuned })),
    }));
    return [{ row: first.row, question: first.question, reference: first.reference, answers }];
  });
}

function partsOf(from: ShownText | null, to: ShownText | null): readonly DiffPart[] | null {
  return from === null || to === null ? null : diffWords(from.text, to.text);
}

/** Reads lines of a file by number. */
async function readSome(path: string, wanted: ReadonlySet<number>): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  if (wanted.size === 0) return found;
  let line = 0;
  for await (const lines of readLines(path, answerLineChars)) {
    for (const { text } of lines) {
      if (wanted.has(line) && text !== null) found.set(line, text);
      line++;
    }
    if (found.size === wanted.size) break;
  }
  return found;
}
