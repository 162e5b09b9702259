/** @file Held-out rows whose long, rare answer also belongs to a known row. */
import { normalizeText } from "../dataset/index.ts";
import type { ParaphrasePair } from "./pair.ts";

/** Min length in normalized characters. Shorter answers are labels, numbers and phrases that many questions share. */
const shortestAnswer = 40;
/** Max known rows with the answer. A more frequent answer is a set phrase, such as a refusal. */
const maxRows = 4;

/**
 * Held-out rows whose long, rare answer also belongs to a known row with a similar enough question.
 *
 * @param answers by row
 * @param held rows to check
 * @param known rows to search
 * @param likeness similarity of two rows' questions, 0 to 1
 * @param least minimum similarity
 */
export function sameAnswers(
  answers: readonly string[],
  held: readonly number[],
  known: readonly number[],
  likeness: (row: number, other: number) => number,
  least: number,
): ParaphrasePair[] {
  const wanted = new Map<string, number[]>();
  const keyOf = (row: number): string => normalizeText(answers[row] ?? "");
  const keys = held.map(keyOf);
  for (const key of keys) if (key.length >= shortestAnswer) wanted.set(key, []);
  if (wanted.size === 0) return [];
  for (const row of known) wanted.get(keyOf(row))?.push(row);
  const pairs: ParaphrasePair[] = [];
  for (const [at, row] of held.entries()) {
    const rows = wanted.get(keys[at] ?? "") ?? [];
    if (rows.length > maxRows) continue;
    let best: ParaphrasePair | null = null;
    for (const other of rows) {
      const score = likeness(row, other);
      if (score >= Math.max(least, best?.score ?? 0)) {
        best = { row, other, kind: "same-answer", score, maskedScore: score };
      }
    }
    if (best !== null) pairs.push(best);
  }
  return pairs;
}
