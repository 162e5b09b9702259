/** @file Rows with the same prompt apart from case, spaces and punctuation: within a part, and across parts. */
import { normalizeText } from "./dataset/index.ts";
import { type Hit, type Observation, observeHits, type Remedy } from "./observation.ts";
import { placeText } from "./problem/index.ts";
import type { Part, Row } from "./row.ts";

/** The key under which prompts count as the same. Prompts without a letter or digit are compared verbatim. */
export function promptKey({ prompt }: Row): string {
  return normalizeText(prompt) || prompt;
}

/** `DATA_DUPLICATE_ROWS`: rows whose prompt occurs earlier in their part. The remedy drops training rows. */
export function duplicates(part: Part, rows: readonly Row[]): Observation[] {
  const firstOf = new Map<string, Row>();
  const repeated: Hit[] = [];
  for (const row of rows) {
    const key = promptKey(row);
    const first = firstOf.get(key);
    if (first === undefined) firstOf.set(key, row);
    else repeated.push(repeatOf(row, first, row.part === "train" ? "drop" : null));
  }
  return observeHits("DATA_DUPLICATE_ROWS", "warning", part, repeated, rows.length);
}

/**
 * `DATA_LEAK`: rows of a held-out part or a benchmark whose prompt occurs in another part. The remedy drops training
 * rows and leaves held-out rows as published.
 */
export function leaks(part: string, rows: readonly Row[], other: Part, known: readonly Row[]): Observation[] {
  const seen = new Map(known.map((row) => [promptKey(row), row]));
  const leaked = rows.flatMap((row) => {
    const first = seen.get(promptKey(row));
    return first === undefined ? [] : [repeatOf(row, first, first.part === "train" ? "drop-other" : null)];
  });
  return observeHits("DATA_LEAK", "warning", part, leaked, rows.length, { other });
}

function repeatOf(row: Row, other: Row, remedy: Remedy | null): Hit {
  return { row, other, reason: `the prompt of ${placeText(other.place)}`, remedy };
}
