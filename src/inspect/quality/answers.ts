/**
 * @file Answers that contradict each other or say nothing.
 */
import { normalizeText } from "../../dataset/index.ts";
import { placeText } from "../../problem/index.ts";
import { promptKey } from "../exact.ts";
import { type Observation, observe } from "../observation.ts";
import type { Part, Row } from "../row.ts";

/** `DATA_ANSWERS_DIFFER`: one prompt, several answers; a prompt counts once. */
export function differingAnswers(part: Part, rows: readonly Row[]): Observation[] {
  const byPrompt = new Map<string, Row>();
  const differing = new Map<string, { first: Row; other: Row }>();
  for (const row of rows) {
    const key = promptKey(row);
    const first = byPrompt.get(key);
    if (first === undefined) byPrompt.set(key, row);
    else if (first.answer.trim() !== row.answer.trim() && !differing.has(key)) {
      differing.set(key, { first, other: row });
    }
  }
  const found = [...differing.values()];
  const [shown] = found;
  if (shown === undefined) return [];
  const evidence = found.map(({ first, other }) => {
    const reason = `another answer than ${placeText(first.place)}`;
    return { place: other.place, reason, other: first.place };
  });
  const first = `${placeText(shown.first.place)} and ${placeText(shown.other.place)}`;
  return [observe("DATA_ANSWERS_DIFFER", "warning", { split: part, first }, evidence)];
}

/** `DATA_ANSWER_SHORT`: answers without a letter or digit; where answers are labels, signs such as `+` may be meant. */
export function shortAnswers(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const short = rows.filter(({ answer }) => (areLabels ? answer.trim() : normalizeText(answer)) === "");
  const [shown] = short;
  if (shown === undefined) return [];
  const evidence = short.map(({ place }) => ({ place, reason: "no letter or digit in the answer" }));
  return [observe("DATA_ANSWER_SHORT", "warning", { split: part, first: placeText(shown.place) }, evidence)];
}
