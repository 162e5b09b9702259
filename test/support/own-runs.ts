/**
 * @file Runs of this engine for tests of comparisons: completed, with scores and answers by row, in the store and in
 * folders.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, recordStore, runFolderAt, runsPath } from "@tunewise/tracker";
import {
  effectiveConfiguration,
  hyperparametersOf,
  readRecipe,
} from "../../packages/tunewise/src/recipe/index.ts";
import { run as ownRun } from "./sample-records.ts";

/** An answered row. */
export interface AnsweredRow {
  readonly question: string;
  readonly reference: string;
  readonly answer: string;
}

/** The run to create. */
export interface OwnRun {
  readonly id: string;
  readonly name?: string;
  /** Lines of its recipe, without model and data. */
  readonly recipe?: string;
  readonly status?: "completed" | "failed";
  /** `null`: no answers were saved. */
  readonly rows: readonly AnsweredRow[] | null;
}

/** Rows of which the first `right` are answered correctly. */
export function answeredRows(count: number, right: number, prefix = "question"): AnsweredRow[] {
  return Array.from({ length: count }, (_, at) => ({
    question: `${prefix} ${at}`,
    reference: `label ${at}`,
    answer: at < right ? `label ${at}` : "label something else",
  }));
}

/** Writes a run. */
export async function addOwnRun(database: Database, output: string, made: OwnRun): Promise<void> {
  const { id, name = id, recipe: lines = "", status = "completed", rows } = made;
  const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
  if (!recipe) throw new Error(`the recipe of ${id} does not read`);
  const store = recordStore(database);
  await store.createRun(
    ownRun(id, {
      name,
      configuration: effectiveConfiguration(recipe),
      project: recipe.name,
      params: hyperparametersOf(recipe),
    }),
  );
  const right = rows?.filter(({ reference, answer }) => reference === answer).length ?? 0;
  const value = rows ? right / rows.length : 0;
  const score = { runId: id, metric: "exact_match", rows: rows?.length ?? 0, low: null, high: null };
  await store.record({
    run: { id, change: { status, endedAt: "2026-11-24T21:45:12.000Z" } },
    ...(rows ? { scores: [{ ...score, arm: "tuned", value }] } : {}),
  });
  const folder = runFolderAt(join(runsPath(output), id)).path;
  mkdirSync(folder, { recursive: true });
  if (rows) writeFileSync(join(folder, "answers.jsonl"), rows.map(lineOf).join(""));
}

function lineOf({ question, reference, answer }: AnsweredRow): string {
  const outcomes = { exact_match: { value: reference === answer ? 1 : 0, weight: 1 } };
  const row = {
    prompt: question,
    reference,
    tuned: answer,
    base: null,
    outcomes: { tuned: outcomes, base: null },
  };
  return `${JSON.stringify(row)}\n`;
}
