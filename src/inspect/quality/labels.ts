/** @file Label balance: whether each label occurs often enough, and in training at all. */
import { placesShown } from "../../problem/index.ts";
import { type Observation, observe } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** Maximum class imbalance that is not reported: ratio of the most to the least frequent label. */
const balancedRatio = 10;

/** `DATA_LABELS_UNBALANCED`, `DATA_LABEL_UNSEEN`. */
export function judgeLabels(rows: Readonly<Record<Part, readonly Row[]>>): Observation[] {
  const counts = new Map<string, number>();
  for (const { answer } of rows.train) counts.set(answer.trim(), (counts.get(answer.trim()) ?? 0) + 1);
  return [
    ...balance(counts, rows.train),
    ...unseen(counts, "validation", rows.validation),
    ...unseen(counts, "test", rows.test),
  ];
}

function balance(counts: ReadonlyMap<string, number>, train: readonly Row[]): Observation[] {
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  const [most, least] = [sorted[0], sorted.at(-1)];
  if (most === undefined || least === undefined || most[1] <= balancedRatio * least[1]) return [];
  const about = {
    ...{ split: "train", labels: counts.size },
    ...{ most: shortLabel(most[0]), mostCount: most[1] },
    ...{ least: shortLabel(least[0]), leastCount: least[1] },
  };
  const rare = train.filter(({ answer }) => answer.trim() === least[0]);
  const evidence = rare.map(({ place }) => ({ place, reason: `one of few with ${shortLabel(least[0])}` }));
  return [observe("DATA_LABELS_UNBALANCED", "warning", about, evidence)];
}

function unseen(counts: ReadonlyMap<string, number>, part: Part, rows: readonly Row[]): Observation[] {
  const found = rows.filter(({ answer }) => !counts.has(answer.trim()));
  if (found.length === 0) return [];
  const labels = [...new Set(found.map(({ answer }) => answer.trim()))];
  const more = labels.length > placesShown ? `, and ${labels.length - placesShown} more` : "";
  const names = labels.slice(0, placesShown).map(shortLabel).join(", ") + more;
  const evidence = found.map(({ place, answer }) => ({
    place,
    reason: `${shortLabel(answer.trim())} is no label of training`,
  }));
  return [observe("DATA_LABEL_UNSEEN", "warning", { split: part, names }, evidence)];
}

/** A label shortened for display. */
export function shortLabel(label: string): string {
  return label.length > 40 ? `${label.slice(0, 40)}...` : label;
}
