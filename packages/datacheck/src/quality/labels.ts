/** @file Labels: whether each occurs often enough and in training, and whether one has several spellings. */

import { hitsIn, type Observation, observe, observeHits } from "../observation.ts";
import { placesShown } from "../problem/index.ts";
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
    split: "train",
    labels: counts.size,
    most: shortLabel(most[0]),
    mostCount: most[1],
    least: shortLabel(least[0]),
    leastCount: least[1],
  };
  const rare = train.filter(({ answer }) => answer.trim() === least[0]);
  const evidence = rare.map(({ place }) => ({ place, reason: `one of few with ${shortLabel(least[0])}` }));
  return [observe("DATA_LABELS_UNBALANCED", "warning", about, evidence)];
}

function unseen(counts: ReadonlyMap<string, number>, part: Part, rows: readonly Row[]): Observation[] {
  const isUnseen = ({ answer }: Row): boolean => !counts.has(answer.trim());
  const hits = hitsIn(rows, (row) =>
    isUnseen(row) ? `${shortLabel(row.answer.trim())} is not a label in training` : null,
  );
  const labels = [...new Set(rows.filter(isUnseen).map(({ answer }) => answer.trim()))];
  const more = labels.length > placesShown ? `, and ${labels.length - placesShown} more` : "";
  const names = labels.slice(0, placesShown).map(shortLabel).join(", ") + more;
  return observeHits("DATA_LABEL_UNSEEN", "warning", part, hits, rows.length, { names });
}

/** A label shortened for display. */
export function shortLabel(label: string): string {
  return label.length > 40 ? `${label.slice(0, 40)}...` : label;
}

/** If there are more labels than this share of the rows, the answers are not labels. */
const maxLabels = 0.5;

/** A plural or typo is reported if it is at most this share as frequent as the other spelling. */
const slipShare = 0.25;

/** Min length of labels; shorter ones may differ in one character and mean different things. */
const minPlural = 4;
const minSlip = 8;

/** With more labels, only different spellings of the same letters are reported. */
const maxCompared = 2_000;

/** `DATA_LABEL_SPELLINGS`, `DATA_LABEL_RARE`; on training rows. */
export function labelNames(rows: readonly Row[]): Observation[] {
  const counts = new Map<string, number>();
  for (const { answer } of rows) counts.set(answer, (counts.get(answer) ?? 0) + 1);
  if (counts.size < 2 || counts.size > maxLabels * rows.length) return [];
  const meant = new Map<string, string>();
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  sameLetters(sorted, meant);
  if (counts.size <= maxCompared) slips(sorted, meant);
  const spelled = rows.flatMap((row) => {
    const usual = meant.get(row.answer);
    if (usual === undefined) return [];
    return [{ row, reason: `"${shortLabel(row.answer)}" beside "${shortLabel(usual)}"` }];
  });
  const once = rows.filter(({ answer }) => counts.get(answer) === 1 && !meant.has(answer));
  const rare = once.map((row) => ({ row, reason: `the only row labelled ${shortLabel(row.answer.trim())}` }));
  return [
    ...observeHits("DATA_LABEL_SPELLINGS", "warning", "train", spelled, rows.length),
    ...observeHits("DATA_LABEL_RARE", "note", "train", rare, rows.length),
  ];
}

/** Labels with the same letters and digits: the most frequent spelling is intended. */
function sameLetters(sorted: readonly (readonly [string, number])[], meant: Map<string, string>): void {
  const usual = new Map<string, string>();
  for (const [label] of sorted) {
    const key = lettersOf(label);
    const known = usual.get(key);
    if (known === undefined || key === "") usual.set(key, label);
    else meant.set(label, known);
  }
}

/** A plural beside its singular, or a one-character typo. */
function slips(sorted: readonly (readonly [string, number])[], meant: Map<string, string>): void {
  const known = sorted
    .filter(([label]) => !meant.has(label))
    .map(([label, count]) => ({
      label,
      count,
      letters: lettersOf(label),
    }));
  for (const [index, rare] of known.entries()) {
    const usual = known
      .slice(0, index)
      .find(({ letters, count }) => rare.count <= slipShare * count && isSlip(letters, rare.letters));
    if (usual !== undefined) meant.set(rare.label, usual.label);
  }
}

function isSlip(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false;
  const shorter = Math.min(one.length, other.length);
  if (shorter >= minPlural && (`${one}s` === other || `${other}s` === one)) return true;
  return shorter >= minSlip && digitsOf(one) === digitsOf(other) && isOneEdit(one, other);
}

/** Damerau-Levenshtein distance 1: one character inserted, deleted or replaced, or two adjacent ones swapped. */
function isOneEdit(one: string, other: string): boolean {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  if (one.length === other.length) {
    if (one.slice(start + 1) === other.slice(start + 1)) return true;
    return (
      one[start] === other[start + 1] &&
      one[start + 1] === other[start] &&
      one.slice(start + 2) === other.slice(start + 2)
    );
  }
  const [long, short] = one.length > other.length ? [one, other] : [other, one];
  return long.slice(start + 1) === short.slice(start);
}

function lettersOf(label: string): string {
  return label
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}+]/gu, "");
}

function digitsOf(label: string): string {
  return label.replace(/\P{N}/gu, "");
}
