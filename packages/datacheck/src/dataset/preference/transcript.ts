/** @file Conversations as one text, whose turns begin with `Human:` and `Assistant:`. */
import type { Message } from "@tunewise/core/rows";

/** Begins a turn: at the start of the text or after an empty line. */
const opening = /(?:^|\n\n)(Human|Assistant):/;

/**
 * Reads the turns of a transcript; `null` for any other text. An assistant's turn without text at the end is dropped:
 * it asks for the answer.
 *
 * @source the data set Anthropic/hh-rlhf
 */
export function transcriptTurns(text: string): Message[] | null {
  const [before = "", ...parts] = text.split(opening);
  if (before.trim() !== "" || !parts.includes("Assistant")) return null;
  const turns: Message[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    const content = (parts[at + 1] ?? "").trim();
    turns.push({ role: parts[at] === "Human" ? "user" : "assistant", content });
  }
  const last = turns.at(-1);
  return last?.role === "assistant" && last.content === "" ? turns.slice(0, -1) : turns;
}
