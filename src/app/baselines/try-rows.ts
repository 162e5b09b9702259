/**
 * @file Rows for a try: what choices are made on, what examples come from, and the sealed test rows.
 */
import { createHash } from "node:crypto";
import { answerOf } from "../../baselines/index.ts";
import { type Example, spread } from "../../dataset/index.ts";
import type { Observation } from "../../inspect/index.ts";
import { placeText, problem } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { HeldOutTestSet } from "./held-out-test-set.ts";

/** Rows by what they may be used for; no row stands in two of them. */
export interface TryRows {
  /** Solved rows that may be shown, or that vote. */
  readonly examples: readonly Example[];
  /** Rows that numbers of examples and passages are chosen on. */
  readonly choosing: readonly Example[];
  readonly sealed: HeldOutTestSet;
  /** Test rows left out because training rows repeat them: every arm that sees those would be flattered. */
  readonly leaked: number;
  /** Answers that training rows give, for tasks with labels. */
  readonly knownLabels: readonly string[];
}

/** Of test rows that stand in the training rows. */
export const leakCode = "DATA_LEAK";

/**
 * Divides the rows of a recipe. Without validation rows, some training rows are set aside to choose on.
 *
 * @throws {TunewiseError} `DATA_SPLIT_EMPTY` where there is no test row
 */
export function rowsOfTry(
  splits: { readonly [Part in "train" | "validation" | "test"]: readonly Example[] },
  { decision, evaluation, data }: Recipe,
  observations: readonly Observation[],
): TryRows {
  const clean = withoutLeaked(splits.test, observations);
  const test = evaluation.rows === null ? clean : clean.slice(0, evaluation.rows);
  if (test.length === 0) {
    const fix =
      "Give data.test a file, or data.split.test a share above 0, with rows that training does not have";
    throw problem("DATA_SPLIT_EMPTY", { split: "test", file: data.test ?? "-", have: "0 usable rows", fix });
  }
  const pool = splits.validation.length > 0 ? splits.validation : splits.train;
  const choosing = spread(pool, Math.min(decision.judgeRows, Math.ceil(pool.length / 2)));
  const aside = new Set(splits.validation.length > 0 ? [] : choosing);
  return {
    examples: splits.train.filter((row) => !aside.has(row)),
    choosing,
    sealed: new HeldOutTestSet(test, fingerprintOf(test)),
    leaked: splits.test.length - clean.length,
    knownLabels: [...new Set(splits.train.map(answerOf))],
  };
}

function withoutLeaked(test: readonly Example[], observations: readonly Observation[]): readonly Example[] {
  const leaks = observations.filter(({ finding }) => finding.code === leakCode);
  const named = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  return test.filter((row) => !named.has(placeText(row)));
}

function fingerprintOf(rows: readonly Example[]): string {
  const hash = createHash("sha256");
  for (const { messages } of rows) hash.update(`${JSON.stringify(messages)}\n`);
  return hash.digest("hex");
}
