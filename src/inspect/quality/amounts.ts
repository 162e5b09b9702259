/**
 * @file Whether there are enough rows to learn from.
 */
import { promptKey } from "../exact.ts";
import { type Observation, observe } from "../observation.ts";
import type { Row } from "../row.ts";

/** With fewer clean rows tuning seldom beats a good prompt. */
const leastTraining = 100;

/** `DATA_TOO_FEW_ROWS`: different prompts of training without a fault. */
export function trainingAmount(train: readonly Row[], faulty: ReadonlySet<Row>): Observation[] {
  const [first] = train;
  const clean = new Set(train.filter((row) => !faulty.has(row)).map(promptKey)).size;
  if (first === undefined || clean >= leastTraining) return [];
  const about = { clean, total: train.length, least: leastTraining };
  const evidence = [{ place: { file: first.place.file }, reason: `${clean} different clean rows` }];
  return [observe("DATA_TOO_FEW_ROWS", "warning", about, evidence)];
}
