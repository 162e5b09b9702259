/**
 * @file Whether there are enough rows to learn from, and enough to measure by.
 */
import { promptKey } from "../exact.ts";
import { type Observation, observe } from "../observation.ts";
import type { Row } from "../row.ts";

/** With fewer clean rows tuning seldom beats a good prompt. */
const leastTraining = 100;

/** Share of test rows on which two models differ, assumed before either is measured. */
const differing = 0.2;

/** Differences that a test set should be able to tell: beyond the first a note, beyond the second a warning. */
const wanted = { note: 0.05, warning: 0.1 };

/** `DATA_TOO_FEW_ROWS`: different prompts of training without a fault. */
export function trainingAmount(train: readonly Row[], faulty: ReadonlySet<Row>): Observation[] {
  const [first] = train;
  const clean = new Set(train.filter((row) => !faulty.has(row)).map(promptKey)).size;
  if (first === undefined || clean >= leastTraining) return [];
  const about = { clean, total: train.length, least: leastTraining };
  const evidence = [{ place: { file: first.place.file }, reason: `${clean} different clean rows` }];
  return [observe("DATA_TOO_FEW_ROWS", "warning", about, evidence)];
}

/** `DATA_TEST_TOO_SMALL`: what the test set can tell from chance. */
export function testAmount(test: readonly Row[]): Observation[] {
  const [first] = test;
  if (first === undefined) return [];
  const effect = smallestEffect(test.length, differing);
  if (effect <= wanted.note) return [];
  const points = (100 * effect).toFixed(effect < wanted.warning ? 1 : 0);
  const evidence = [{ place: { file: first.place.file }, reason: `${test.length} rows` }];
  const about = { rows: test.length, points, needed: rowsFor(wanted.note, differing) };
  return [observe("DATA_TEST_TOO_SMALL", effect > wanted.warning ? "warning" : "note", about, evidence)];
}

/**
 * The smallest difference of two models' accuracies that n paired rows tell from chance with 80 % power at 5 %.
 *
 * @param rows n
 * @param share p_d, of the rows on which they differ; no difference can be greater
 * @returns as a share; the root of p_d where even that is too few rows
 * @source McNemar's test: n = ((1.96 sqrt(p_d) + 0.84 sqrt(p_d - d^2)) / d)^2, solved for d; Connor 1987
 */
export function smallestEffect(rows: number, share: number): number {
  let [low, high] = [0, Math.sqrt(share)];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (needed(middle, share) > rows) low = middle;
    else high = middle;
  }
  return high;
}

function rowsFor(effect: number, share: number): number {
  return Math.ceil(needed(effect, share));
}

function needed(effect: number, share: number): number {
  const root = 1.96 * Math.sqrt(share) + 0.84 * Math.sqrt(Math.max(0, share - effect ** 2));
  return (root / effect) ** 2;
}
