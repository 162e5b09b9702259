/** @file What came out of a run, as figures for trackers that know no scores and no money. */
import type { ScoreEntry } from "../store.ts";

/** A name and a number. */
export type Figure = readonly [key: string, value: number];

/** What a run scored, took and cost. */
export interface RunResult {
  readonly scores: readonly Pick<ScoreEntry, "arm" | "metric" | "value">[];
  readonly wallSeconds: number;
  readonly spentMicroUsd: number;
}

/** Scores of each arm, seconds and dollars. */
export function resultFigures({ scores, wallSeconds, spentMicroUsd }: RunResult): Figure[] {
  return [
    ...scores.map(({ arm, metric, value }): Figure => [`test/${arm}/${metric}`, value]),
    ["wall_seconds", wallSeconds],
    ["spent_usd", spentMicroUsd / 1_000_000],
  ];
}

/** Where the validation loss was lowest. */
export function bestFigures({ step, loss }: { readonly step: number; readonly loss: number }): Figure[] {
  return [
    ["best_step", step],
    ["best_validation_loss", loss],
  ];
}
