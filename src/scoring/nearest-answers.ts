/**
 * @file The answer of the training row that is most alike to each test row: what a look-up would say.
 */
import type { Example } from "../dataset/index.ts";
import { buildLexicalIndex, searchLexical } from "../retrieve/index.ts";

/** Training rows that are looked through, and test rows that are looked for; more would take minutes. */
const rowsMost = 50_000;

/**
 * One answer per question, by BM25 over the words of the prompts; of a question that shares no word with any training
 * row an empty one. Empty where there is nothing to look through, or too much to look for.
 */
export function nearestAnswers(train: readonly Example[], questions: readonly Example[]): string[] {
  const rows = train.slice(0, rowsMost);
  if (rows.length === 0 || questions.length > rowsMost) return [];
  const index = buildLexicalIndex(
    rows.map((row) => ({ document: row.file, title: "", place: null, text: promptOf(row) })),
  );
  return questions.map((question) => {
    const [hit] = searchLexical(index, promptOf(question), { most: 1 });
    return hit === undefined ? "" : (rows[hit.passage]?.messages.at(-1)?.content ?? "");
  });
}

function promptOf({ messages }: Example): string {
  return messages.at(-2)?.content ?? "";
}
