/**
 * @file Conversations whose turns do not take turns, and answers that repeat what was said to the model.
 */
import type { Message } from "../../dataset/index.ts";
import type { Observation } from "../observation.ts";
import type { Part, Row } from "../row.ts";
import { hitsIn, tell } from "./tell.ts";

/** Shorter system prompts or questions may be repeated by chance. */
const leastRepeated = 30;

/** `DATA_TURNS_ODD`, `DATA_ANSWER_ECHO`. */
export function oddTurns(part: Part, rows: readonly Row[], areLabels: boolean): Observation[] {
  const echoes = areLabels ? [] : hitsIn(rows, echoOf);
  const isHabit = 2 * echoes.length > rows.length;
  return [
    ...tell(
      "DATA_TURNS_ODD",
      "warning",
      part,
      hitsIn(rows, ({ messages }) => oddIn(messages)),
      rows.length,
    ),
    ...tell("DATA_ANSWER_ECHO", isHabit ? "note" : "warning", part, echoes, rows.length),
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

/** Where a model copies: its instructions, or the question it was asked. */
function echoOf({ messages, prompt, answer }: Row): string | null {
  const said = squeezed(answer);
  const asked = squeezed(prompt);
  if (asked.length >= leastRepeated && said === asked) return "the answer is the prompt";
  const system = squeezed(messages[0]?.role === "system" ? messages[0].content : "");
  if (system.length >= leastRepeated && said.includes(system)) return "the answer holds the system prompt";
  if (asked.length >= leastRepeated && said.startsWith(asked)) return "the answer begins with the prompt";
  return null;
}

function squeezed(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
