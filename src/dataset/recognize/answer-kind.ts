/**
 * @file What kind of task a set of answers makes: labels, JSON values, or text.
 */

/** What answers are, with what it rests on. */
export type AnswerKind =
  | {
      readonly kind: "classify";
      readonly labels: readonly { readonly label: string; readonly rows: number }[];
    }
  | { readonly kind: "json" | "text" };

/** Longest label in characters and in words: a label is a name, not a sentence. */
const labelLength = 80;
const labelWords = 7;
/** Most labels. */
const mostLabels = 300;
/** Rows that a label has on average, at the least. */
const rowsPerLabel = 3;
/** Share of answers that must be JSON. */
const jsonShare = 0.95;

/** The kind of task, from the answers of all rows that were looked at. */
export function tellAnswerKind(answers: readonly string[]): AnswerKind {
  const filled = answers.map((answer) => answer.trim()).filter((answer) => answer !== "");
  if (filled.length === 0) return { kind: "text" };
  const json = filled.filter(isJson).length;
  if (json >= jsonShare * filled.length) return { kind: "json" };
  const counts = new Map<string, number>();
  for (const answer of filled) {
    if (!isLabelLike(answer)) return { kind: "text" };
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
    if (counts.size > mostLabels) return { kind: "text" };
  }
  if (counts.size < 2 || counts.size * rowsPerLabel > filled.length) return { kind: "text" };
  const labels = [...counts].map(([label, rows]) => ({ label, rows })).sort((a, b) => b.rows - a.rows);
  return { kind: "classify", labels };
}

/** Whether a text is short enough to be a label. */
export function isLabelLike(text: string): boolean {
  return text.length <= labelLength && !text.includes("\n") && text.split(/\s+/).length <= labelWords;
}

/** An object or a list; a bare number or word is no task of JSON. */
function isJson(text: string): boolean {
  if (!/^[[{]/.test(text) || text.length > 1_000_000) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
