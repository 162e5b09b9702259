/** @file Calls of tools in answers, as they are received and as text. */
import type { JsonObject, ToolCall } from "@tunewise/core/rows";
import { parseJson } from "@tunewise/core/untrusted";
import type { ReceivedCall } from "./received.ts";

/** Names and arguments of calls as text, to count its tokens. */
export function callsText(calls: readonly ToolCall[]): string {
  return calls.map(({ name, arguments: given }) => name + argumentsText(given)).join("");
}

/** Arguments as the text that endpoints exchange. */
export function argumentsText(given: ToolCall["arguments"]): string {
  return typeof given === "string" ? given : JSON.stringify(given);
}

/** Complete calls. Those without a name, which a broken stream may leave, are dropped. */
export function completeCalls(received: readonly ReceivedCall[]): ToolCall[] {
  // `flatMap` skips the holes of a stream that left out a position
  return received.flatMap(({ id, name, pieces }) =>
    name === "" ? [] : [{ ...(id !== null && { id }), name, arguments: argumentsOf(pieces.join("")) }],
  );
}

/** Arguments as an object; the text as it is if it is not a JSON object. */
function argumentsOf(text: string): ToolCall["arguments"] {
  if (text.trim() === "") return {};
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : text;
  } catch {
    return text;
  }
}
