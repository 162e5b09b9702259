/** @file Preference rows that contradict themselves or each other, and the length of chosen answers. */
import { wilsonInterval } from "@tunewise/core/math";
import type { Comparison } from "@tunewise/core/rows";
import { promptKey } from "../exact.ts";
import { type Hit, hitsIn, type Observation, observe, observeHits } from "../observation.ts";
import { placeText } from "../problem/index.ts";
import { type Part, parts, type Row } from "../row.ts";

type ComparedRow = Row & { readonly compared: Comparison };

/** `DATA_SIDES_EQUAL`, `DATA_PREFERENCE_CONTRADICTED`, `DATA_PREFERENCE_LENGTH`; none without preference rows. */
export function preferenceFaults(rows: Readonly<Record<Part, readonly Row[]>>): Observation[] {
  const compared = (part: Part): ComparedRow[] =>
    rows[part].filter((row): row is ComparedRow => row.compared !== undefined);
  const all = parts.flatMap(compared);
  const rejections = rejectionsIn(all);
  return all.length === 0 ? [] : parts.flatMap((part) => faultsOf(part, compared(part), rejections));
}

function faultsOf(
  part: Part,
  rows: readonly ComparedRow[],
  rejections: ReadonlyMap<string, ComparedRow>,
): Observation[] {
  const equal = rows.filter(({ compared }) => isRejected(compared.chosen, compared));
  const reason = "the chosen answer is also rejected";
  const equalHits = equal.map((row): Hit => ({ row, reason }));
  const doubtful = [...contradicted(rows, rejections), ...scoredBelow(rows)];
  return [
    ...observeHits("DATA_SIDES_EQUAL", "warning", part, equalHits, rows.length),
    ...observeHits("DATA_PREFERENCE_CONTRADICTED", "warning", part, doubtful, rows.length),
    ...lengthBias(part, rows),
  ];
}

function isRejected(answer: string, { rejected }: Comparison): boolean {
  return rejected.some((other) => other.trim() === answer.trim());
}

function answerKey(row: Row, answer: string): string {
  return `${promptKey(row)}\n${answer.trim()}`;
}

/** The first row that rejects each answer, by prompt and answer. */
function rejectionsIn(rows: readonly ComparedRow[]): Map<string, ComparedRow> {
  const first = new Map<string, ComparedRow>();
  for (const row of rows) {
    for (const answer of row.compared.rejected) {
      const key = answerKey(row, answer);
      if (!first.has(key)) first.set(key, row);
    }
  }
  return first;
}

/** Rows whose chosen answer another row rejects. */
function contradicted(rows: readonly ComparedRow[], rejections: ReadonlyMap<string, ComparedRow>): Hit[] {
  return rows.flatMap((row) => {
    const other = rejections.get(answerKey(row, row.compared.chosen));
    if (other === undefined || other === row || isRejected(row.compared.chosen, row.compared)) return [];
    return [{ row, other, reason: `${placeText(other.place)} rejects its answer` }];
  });
}

function scoredBelow(rows: readonly ComparedRow[]): Hit[] {
  return hitsIn(rows, ({ compared }) => {
    const [chosen, rejected] = compared?.scores ?? [1, 0];
    return chosen > rejected
      ? null
      : `the chosen answer has the score ${chosen}, the rejected one ${rejected}`;
  });
}

/** Bounds of the share beyond which the finding is a warning. */
const [lowShare, highShare] = [0.4, 0.6];

/** How often the longer answer is chosen. */
function lengthBias(part: Part, rows: readonly ComparedRow[]): Observation[] {
  const differences = rows
    .flatMap(({ compared }) => compared.rejected.map((other) => compared.chosen.length - other.length))
    .filter((difference) => difference !== 0);
  const [first, pairs] = [rows[0], differences.length];
  if (first === undefined || pairs === 0) return [];
  const longer = differences.filter((difference) => difference > 0).length;
  const { low, high } = wilsonInterval(longer, pairs);
  const percent = (share: number): string => (100 * share).toFixed(1);
  const about = {
    split: part,
    share: percent(longer / pairs),
    pairs,
    low: percent(low),
    high: percent(high),
  };
  const severity = low > highShare || high < lowShare ? "warning" : "note";
  const evidence = [{ place: { file: first.place.file }, reason: `${about.share} % of ${pairs} pairs` }];
  return [observe("DATA_PREFERENCE_LENGTH", severity, about, evidence)];
}
