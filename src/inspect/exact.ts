/** @file Rows that repeat another one but for case, spaces and marks: within a part, and across parts. */
import { normalizeText } from "../dataset/index.ts";
import { placeText } from "../problem/index.ts";
import { type Evidence, type Observation, observe, type Remedy } from "./observation.ts";
import type { Part, Row } from "./row.ts";

/** What two prompts must share to count as the same; prompts without a letter or digit are compared as written. */
export function promptKey({ prompt }: Row): string {
  return normalizeText(prompt) || prompt;
}

/** `DATA_DUPLICATE_ROWS`: rows of a part whose prompt an earlier one has. */
export function duplicates(part: Part, rows: readonly Row[]): Observation[] {
  const firstOf = new Map<string, Row>();
  const repeated: Pair[] = [];
  for (const row of rows) {
    const key = promptKey(row);
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, row);
    else repeated.push({ row, other: first });
  }
  return pairs("DATA_DUPLICATE_ROWS", repeated, rows.length, { split: part });
}

/** `DATA_LEAK`: rows of a held-out part or a benchmark whose prompt another part has. */
export function leaks(part: string, rows: readonly Row[], other: Part, known: readonly Row[]): Observation[] {
  const seen = new Map(known.map((row) => [promptKey(row), row]));
  const leaked = rows.flatMap((row) => {
    const first = seen.get(promptKey(row));
    return first === undefined ? [] : [{ row, other: first }];
  });
  return pairs("DATA_LEAK", leaked, rows.length, { split: part, other });
}

interface Pair {
  readonly row: Row;
  readonly other: Row;
}

function pairs(
  code: "DATA_DUPLICATE_ROWS" | "DATA_LEAK",
  found: readonly Pair[],
  total: number,
  about: Readonly<Record<string, string>>,
): Observation[] {
  const [shown] = found;
  if (shown === undefined) return [];
  const percent = ((100 * found.length) / total).toFixed(1);
  const first = `${placeText(shown.row.place)} as ${placeText(shown.other.place)}`;
  const evidence = found.map(({ row, other }): Evidence => {
    const reason = `the prompt of ${placeText(other.place)}`;
    const remedy = remedyOf(code, row, other);
    return { place: row.place, reason, other: other.place, ...(remedy ? { remedy } : {}) };
  });
  return [observe(code, "warning", { ...about, percent, first }, evidence)];
}

/** Training rows go; held-out rows stay as they were published. */
function remedyOf(code: string, row: Row, other: Row): Remedy | null {
  if (code === "DATA_DUPLICATE_ROWS") return row.part === "train" ? "drop" : null;
  return other.part === "train" ? "drop-other" : null;
}
