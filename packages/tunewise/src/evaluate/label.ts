/** @file Reads labels from answers, and computes precision, recall and macro-F1 from labels. */
import type { Confusion, LabelScore, LabelTable, RowOutcome } from "./score.ts";

const confusionsShown = 10;
/** Maximum number of labels for which the full confusion matrix is returned. */
const maxMatrixLabels = 100;
/** Punctuation that a model may put around or after a label without changing its meaning. */
const marks = new Set(`"'\`*.,;:! \t\r\n`);

/** Returns the index of the label that an answer names, or -1. Created once per set of labels. */
export type LabelReader = (answer: string) => number;

/**
 * Creates a reader that maps an answer to the index of its label, or -1.
 *
 * The answer may contain white space, quotes, emphasis, a final period, different case, or further lines after the
 * label. A label inside a sentence does not count, because the answer would have to be searched for it.
 */
export function labelReader(labels: readonly string[]): LabelReader {
  const exact = new Map<string, number>();
  const folded = new Map<string, number>();
  labels.forEach((label, index) => {
    exact.set(label.trim(), index);
    const key = stripMarks(label).toLowerCase();
    // Labels that differ only in case must be compared by case.
    folded.set(key, folded.has(key) ? -1 : index);
  });
  return (answer) => {
    const answered = answer.trim();
    const firstLine = (answered.split("\n", 1)[0] ?? "").trim();
    for (const candidate of [answered, firstLine]) {
      const bare = stripMarks(candidate);
      const found = exact.get(candidate) ?? exact.get(bare) ?? folded.get(bare.toLowerCase()) ?? -1;
      if (found >= 0) return found;
    }
    return -1;
  };
}

/** Labels declared in the recipe first, then those that only occur in the references, in order of appearance. */
export function labelsOf(declared: readonly string[], references: readonly string[]): string[] {
  return [...new Set([...declared, ...references].map((label) => label.trim()))];
}

/**
 * Computes precision, recall and F1 of every label that occurs, the most frequent confusions, and the number of
 * answers that are not a label.
 *
 * @param outcomes rows with their `pair`; rows without one are skipped
 * @source van Rijsbergen 1979, Information Retrieval, chapter 7: F1 = 2 P R / (P + R)
 */
export function labelTable(outcomes: readonly RowOutcome[], labels: readonly string[]): LabelTable {
  const support: number[] = [];
  const answered: number[] = [];
  const right: number[] = [];
  const mixUps = new Map<string, { pair: readonly [number, number]; count: number }>();
  let unknown = 0;
  for (const { pair } of outcomes) {
    if (!pair) continue;
    const [expected, given] = pair;
    support[expected] = (support[expected] ?? 0) + 1;
    if (given < 0) unknown++;
    else answered[given] = (answered[given] ?? 0) + 1;
    if (expected === given) right[expected] = (right[expected] ?? 0) + 1;
    else {
      const key = `${expected} ${given}`;
      mixUps.set(key, { pair, count: (mixUps.get(key)?.count ?? 0) + 1 });
    }
  }
  const all = labels.map((label, index): LabelScore => {
    const counts = { support: support[index] ?? 0, answered: answered[index] ?? 0 };
    return { label, ...precisionRecall(right[index] ?? 0, counts.answered, counts.support), ...counts };
  });
  const occurring = all.flatMap(({ support, answered }, index) => (support + answered > 0 ? [index] : []));
  return {
    labels: occurring.map((index) => all[index] as LabelScore),
    confusions: worstFirst([...mixUps.values()], labels),
    unknown,
    matrix: occurring.length > maxMatrixLabels ? null : matrixOf(outcomes, occurring),
  };
}

/** Rows are expected labels, columns answered labels; the last column counts answers that are not a label. */
function matrixOf(outcomes: readonly RowOutcome[], labels: readonly number[]): number[][] {
  const places = new Map(labels.map((label, place) => [label, place]));
  const matrix = labels.map(() => new Array<number>(labels.length + 1).fill(0));
  for (const { pair } of outcomes) {
    if (!pair) continue;
    const row = matrix[places.get(pair[0]) as number] as number[];
    const column = places.get(pair[1]) ?? labels.length;
    row[column] = (row[column] as number) + 1;
  }
  return matrix;
}

/**
 * Mean F1 over the labels that occur, as expected or as answered, among the drawn rows.
 *
 * Equals scikit-learn's `f1_score(average="macro", labels=...)` with those labels. An answer that is not a label
 * lowers recall; it is not a class of its own, so it does not lower the mean a second time.
 *
 * @param rows indices into `outcomes`, repeats allowed; `null` takes each row once
 * @source scikit-learn sklearn/metrics/_classification.py, version 1.7
 */
export function macroF1(outcomes: readonly RowOutcome[], rows: Int32Array | null): number {
  const counts = new Map<number, { right: number; support: number; answered: number }>();
  const at = (label: number) => {
    const count = counts.get(label) ?? { right: 0, support: 0, answered: 0 };
    counts.set(label, count);
    return count;
  };
  const size = rows?.length ?? outcomes.length;
  for (let i = 0; i < size; i++) {
    const { pair } = outcomes[rows ? (rows[i] as number) : i] as RowOutcome;
    if (!pair) continue;
    at(pair[0]).support++;
    if (pair[1] >= 0) at(pair[1]).answered++;
    if (pair[0] === pair[1]) at(pair[0]).right++;
  }
  let sum = 0;
  for (const { right, support, answered } of counts.values()) {
    sum += precisionRecall(right, answered, support).f1;
  }
  return counts.size ? sum / counts.size : Number.NaN;
}

/**
 * Precision, recall and F1 from counts; 0 if a denominator is 0.
 *
 * @source van Rijsbergen 1979, Information Retrieval, chapter 7
 */
export function precisionRecall(
  right: number,
  answered: number,
  expected: number,
): { precision: number; recall: number; f1: number } {
  return {
    precision: answered ? right / answered : 0,
    recall: expected ? right / expected : 0,
    f1: answered + expected ? (2 * right) / (answered + expected) : 0,
  };
}

function worstFirst(
  mixUps: { pair: readonly [number, number]; count: number }[],
  labels: readonly string[],
): Confusion[] {
  return mixUps
    .sort((a, b) => b.count - a.count || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
    .slice(0, confusionsShown)
    .map(({ pair, count }) => ({
      expected: labels[pair[0]] ?? "",
      answered: pair[1] < 0 ? null : (labels[pair[1]] ?? ""),
      count,
    }));
}

/** Strips marks from both ends; by index, because a regular expression would be quadratic on hostile text. */
function stripMarks(text: string): string {
  let start = 0;
  let end = text.length;
  while (marks.has(text[start] ?? "")) start++;
  while (marks.has(text[end - 1] ?? "")) end--;
  return text.slice(start, end);
}
