/** @file Answers of a run's models by row: question, reference, answers of the base and tuned model, and scores. */
import { existsSync } from "node:fs";
import { readLines, type TrackedRun } from "@tunewise/tracker";
import { metricKinds } from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import { answersPath } from "../../scoring/index.ts";
import { type ShownText, shownText } from "./bounds.ts";
import { type DashboardContext, folderOf } from "./dashboard-context.ts";

/** An answered row. */
export interface AnswerRow {
  readonly row: number;
  readonly question: ShownText;
  readonly reference: ShownText;
  /** `null` if the model was not asked. */
  readonly base: ShownText | null;
  readonly tuned: ShownText | null;
  /** By the first yes/no metric; `null` if there is none, or if the row could not be scored. */
  readonly baseIsRight: boolean | null;
  readonly tunedIsRight: boolean | null;
  /** One entry per metric. */
  readonly scores: readonly {
    readonly metric: string;
    readonly base: number | null;
    readonly tuned: number | null;
  }[];
}

/** A page of answered rows. */
export interface AnswerPage {
  readonly rows: readonly AnswerRow[];
  readonly total: number;
  /** Number of rows that are too long or malformed. They are counted but not shown. */
  readonly unreadable: number;
}

/** Request for answers. */
export interface AnswersRequest {
  readonly offset: number;
  readonly limit: number;
  /** A single row with longer texts, instead of a page. */
  readonly row: number | null;
}

/** Maximum characters of a line. Longer lines are not read. */
export const answerLineChars = 4_000_000;
const textChars = { page: 1_000, row: 200_000 };
const maxMetrics = 50;
const nameChars = 200;

/** Reads the answers of a run of this engine. Returns `null` if this server has none. */
export async function readAnswers(
  context: DashboardContext,
  run: TrackedRun,
  { offset, limit, row }: AnswersRequest,
): Promise<AnswerPage | null> {
  const folder = folderOf(context, run);
  if (folder === null || !existsSync(answersPath(folder))) return null;
  const [from, to] = row === null ? [offset, offset + limit] : [row, row + 1];
  const chars = row === null ? textChars.page : textChars.row;
  const rows: AnswerRow[] = [];
  let [total, unreadable] = [0, 0];
  for await (const lines of readLines(answersPath(folder), answerLineChars)) {
    for (const { text } of lines) {
      const at = total++;
      if (at < from || at >= to) continue;
      const found = text === null ? null : rowOf(text, at, chars);
      if (found) rows.push(found);
      else unreadable++;
    }
  }
  return { rows, total, unreadable };
}

/** Parses a line of the file; `null` if it is not valid JSON. @param chars maximum characters of each text */
export function rowOf(text: string, row: number, chars: number): AnswerRow | null {
  let value: Readonly<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  const shown = (one: unknown): ShownText =>
    shownText(typeof one === "string" ? one : JSON.stringify(one ?? ""), chars);
  const answer = (one: unknown): ShownText | null => (one == null ? null : shown(one));
  const outcomes = (value["outcomes"] ?? {}) as Readonly<Record<string, unknown>>;
  const [base, tuned] = [scoresOf(outcomes["base"]), scoresOf(outcomes["tuned"])];
  const metrics = [...new Set([...tuned.keys(), ...base.keys()])].slice(0, maxMetrics);
  return {
    row,
    question: shown(value["prompt"]),
    reference: shown(value["reference"]),
    base: answer(value["base"]),
    tuned: answer(value["tuned"]),
    baseIsRight: isRight(outcomes["base"]),
    tunedIsRight: isRight(outcomes["tuned"]),
    scores: metrics.map((metric) => ({
      metric: metric.slice(0, nameChars),
      base: base.get(metric) ?? null,
      tuned: tuned.get(metric) ?? null,
    })),
  };
}

/** Whether an answer is right by the recipe's first yes/no metric; `null` if the row has no such score. */
function isRight(outcomes: unknown): boolean | null {
  for (const [metric, outcome] of Object.entries(outcomes ?? {})) {
    if (!Object.hasOwn(metricKinds, metric) || !metricKinds[metric as MetricName].isYesNo) continue;
    const { value, weight } = (outcome ?? {}) as { readonly value?: unknown; readonly weight?: unknown };
    return typeof weight === "number" && weight > 0 ? value === 1 : null;
  }
  return null;
}

/** Scores of one row by metric, in the metric's unit; a row that could not be scored has none. */
function scoresOf(outcomes: unknown): ReadonlyMap<string, number> {
  const scores = new Map<string, number>();
  for (const [metric, outcome] of Object.entries(outcomes ?? {})) {
    const { value, weight } = (outcome ?? {}) as { readonly value?: unknown; readonly weight?: unknown };
    if (typeof value !== "number" || typeof weight !== "number" || weight <= 0) continue;
    const mean = value / weight;
    const isPerplexity =
      Object.hasOwn(metricKinds, metric) && metricKinds[metric as MetricName].unit === "perplexity";
    const score = isPerplexity ? Math.exp(mean) : mean;
    if (Number.isFinite(score)) scores.set(metric, score);
  }
  return scores;
}
