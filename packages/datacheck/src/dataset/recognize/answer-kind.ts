/** @file Detects the task from the answers: classification, JSON output, calls of tools, or text. */

import { parseAnswerText } from "@tunewise/core/rows";

/** Kind of answers, with the labels if they are classes. */
export type AnswerKind =
  | {
      readonly kind: "classify";
      readonly labels: readonly { readonly label: string; readonly rows: number }[];
    }
  | { readonly kind: "json" | "tools" | "text" };

/** Max. length of a label in characters and words: a label is a name, not a sentence. */
const maxLabelLength = 80;
const maxLabelWords = 7;
/** Max. distinct labels. */
const maxLabels = 300;
/** Min. average rows per label. */
const minRowsPerLabel = 3;
/** Min. share of JSON answers. */
const minJsonShare = 0.95;
/** Min. share of answers with calls; the others are texts after the results, or where no tool is needed. */
const minCallShare = 0.1;

/** Detects the kind of answers from those of all sampled rows. */
export function detectAnswerKind(answers: readonly string[]): AnswerKind {
  const filled = answers.map((answer) => answer.trim()).filter((answer) => answer !== "");
  if (filled.length === 0) return { kind: "text" };
  const calls = filled.filter((answer) => parseAnswerText(answer).toolCalls !== undefined).length;
  if (calls >= minCallShare * filled.length) return { kind: "tools" };
  const json = filled.filter(isJson).length;
  if (json >= minJsonShare * filled.length) return { kind: "json" };
  const counts = new Map<string, number>();
  for (const answer of filled) {
    if (!isLabelLike(answer)) return { kind: "text" };
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
    if (counts.size > maxLabels) return { kind: "text" };
  }
  if (counts.size < 2 || counts.size * minRowsPerLabel > filled.length) return { kind: "text" };
  const labels = [...counts].map(([label, rows]) => ({ label, rows })).sort((a, b) => b.rows - a.rows);
  return { kind: "classify", labels };
}

/** Whether a text is short enough to be a label. */
export function isLabelLike(text: string): boolean {
  return text.length <= maxLabelLength && !text.includes("\n") && text.split(/\s+/).length <= maxLabelWords;
}

/** Whether a text is a JSON object or list; bare numbers and words do not count as JSON output. */
function isJson(text: string): boolean {
  if (!/^[[{]/.test(text) || text.length > 1_000_000) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
