/**
 * @file Answers that contradict each other, are empty of content or echo the prompt, and conversations with odd turns.
 */
import type { Message } from "@tunewise/core/rows";
import { normalizeText } from "../dataset/index.ts";
import { promptKey } from "../exact.ts";
import { type Hit, hitsIn, type Observation, observeHits } from "../observation.ts";
import { placeText } from "../problem/index.ts";
import type { Part, Row } from "../row.ts";

/** `DATA_ANSWERS_DIFFER`: one prompt with several answers; each prompt counts once. */
export function differingAnswers(part: Part, rows: readonly Row[]): Observation[] {
  const byPrompt = new Map<string, Row>();
  const differing = new Map<string, Hit>();
  for (const row of rows) {
    const key = promptKey(row);
    const first = byPrompt.get(key);
    if (first === undefined) byPrompt.set(key, row);
    else if (first.answer.trim() !== row.answer.trim() && !differing.has(key)) {
      differing.set(key, { row, other: first, reason: `another answer than ${placeText(first.place)}` });
    }
  }
  const hits = [...differing.values()];
  const [shown] = hits;
  const first = shown?.other ? `${placeText(shown.other.place)} and ${placeText(shown.row.place)}` : "";
  return observeHits("DATA_ANSWERS_DIFFER", "warning", part, hits, rows.length, { first });
}

/**
 * `DATA_ANSWER_SHORT`: answers without a letter or digit. If answers are labels, symbols such as `+` may be intended.
 */
export function shortAnswers(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const hits = hitsIn(rows, ({ answer }) => {
    const said = areLabels ? answer.trim() : normalizeText(answer);
    return said === "" && !/\p{Extended_Pictographic}/u.test(answer)
      ? "no letter or digit in the answer"
      : null;
  });
  const first = hits[0] === undefined ? "" : placeText(hits[0].row.place);
  return observeHits("DATA_ANSWER_SHORT", "warning", part, hits, rows.length, { first });
}

/** Min length of a repeated system prompt or question; shorter ones may be repeated by chance. */
const minRepeated = 30;

/** `DATA_TURNS_ODD`, `DATA_ANSWER_ECHO`. */
export function oddTurns(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const echoes = areLabels ? [] : hitsIn(rows, echoOf);
  const isHabit = 2 * echoes.length > rows.length;
  return [
    ...observeHits(
      "DATA_TURNS_ODD",
      "warning",
      part,
      hitsIn(rows, ({ messages }) => oddIn(messages)),
      rows.length,
    ),
    ...observeHits("DATA_ANSWER_ECHO", isHabit ? "note" : "warning", part, echoes, rows.length),
  ];
}

function oddIn(messages: readonly Message[]): string | null {
  for (const [index, { role, content }] of messages.entries()) {
    const before = messages[index - 1]?.role;
    if (role === "system" && index > 0) return `turn ${index + 1} is the system's`;
    if (role === before && (role === "user" || role === "assistant")) {
      return `turns ${index} and ${index + 1} are both ${role}`;
    }
    if (role === "assistant" && (before === undefined || before === "system"))
      return "the assistant speaks first";
    if (content.trim() === "" && role === "user") return `turn ${index + 1} is empty`;
  }
  return null;
}

/** The text that the answer copies: the instructions or the question. */
function echoOf({ messages, prompt, answer }: Row): string | null {
  const said = squeezed(answer);
  const asked = squeezed(prompt);
  if (asked.length >= minRepeated && said === asked) return "the answer is the prompt";
  const system = squeezed(messages[0]?.role === "system" ? messages[0].content : "");
  if (system.length >= minRepeated && said.includes(system)) return "the answer contains the system prompt";
  if (asked.length >= minRepeated && said.startsWith(asked)) return "the answer begins with the prompt";
  return null;
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
