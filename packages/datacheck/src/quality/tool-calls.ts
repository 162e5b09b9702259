/** @file Calls that do not fit the tools of their row, and calls and results that do not match. */

import { type Message, parseAnswerText, type ToolCall } from "@tunewise/core/rows";
import { type JsonSchema, schemaProblem, schemaViolation, toolDefinition } from "../dataset/index.ts";
import { hitsIn, type Observation, observeHits } from "../observation.ts";
import type { ProblemCode } from "../problem/index.ts";
import type { Part, Row } from "../row.ts";

/** Each code and the reason why it applies to a row, or `null`. */
const checks: readonly (readonly [ProblemCode, (row: Row) => string | null])[] = [
  ["DATA_TOOL_UNKNOWN", unknownTool],
  ["DATA_TOOL_ARGUMENTS_INVALID", invalidArguments],
  ["DATA_TOOL_RESULT_UNMATCHED", ({ messages }) => unmatchedResult(messages)],
  ["DATA_TOOL_CALL_TEXT", ({ messages }) => callAsText(messages)],
];

/** `DATA_TOOL_UNKNOWN`, `DATA_TOOL_ARGUMENTS_INVALID`, `DATA_TOOL_RESULT_UNMATCHED`, `DATA_TOOL_CALL_TEXT`. */
export function toolCallFaults(part: Part, rows: readonly Row[]): Observation[] {
  return checks.flatMap(([code, reasonFor]) =>
    observeHits(code, "warning", part, hitsIn(rows, reasonFor), rows.length),
  );
}

/** Calls with the number of their turn, from 1. */
function* callsIn(messages: readonly Message[]): Generator<readonly [call: ToolCall, turn: number]> {
  for (const [at, { toolCalls = [] }] of messages.entries())
    for (const call of toolCalls) yield [call, at + 1];
}

function unknownTool({ messages, tools }: Row): string | null {
  if (tools === undefined) return null;
  const names = tools.map((tool) => toolDefinition(tool).name);
  for (const [{ name }, turn] of callsIn(messages)) {
    if (!names.includes(name))
      return `turn ${turn} calls ${name}; offered are ${names.slice(0, 5).join(", ")}`;
  }
  return null;
}

function invalidArguments({ messages, tools = [] }: Row): string | null {
  for (const [{ name, arguments: given }, turn] of callsIn(messages)) {
    if (typeof given === "string") return `turn ${turn}: the arguments of ${name} are not a JSON object`;
    const parameters = tools.map(toolDefinition).find((tool) => tool.name === name)?.parameters;
    if (parameters === undefined || schemaProblem(parameters) !== null) continue;
    const reason = schemaViolation(given, parameters as JsonSchema);
    if (reason !== null) return `turn ${turn}, ${name}: ${reason}`;
  }
  return null;
}

/** Compares the results after each turn with its calls. The calls of the last turn need none. */
function unmatchedResult(messages: readonly Message[]): string | null {
  let open: ToolCall[] = [];
  let calling = 0;
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      const { toolCallId: id } = message;
      const found = open.findIndex((call) => id === undefined || call.id === undefined || call.id === id);
      if (found < 0) {
        const which = id === undefined ? "" : ` with the id ${id}`;
        return open.length === 0
          ? `turn ${at + 1} is a result${which}, and no call is open`
          : `turn ${at + 1} is a result${which}; the open call has the id ${open[0]?.id}`;
      }
      open.splice(found, 1);
      continue;
    }
    if (open.length > 0) return `the call of ${open[0]?.name} in turn ${calling} has no result`;
    open = [...(message.toolCalls ?? [])];
    calling = at + 1;
  }
  return null;
}

function callAsText(messages: readonly Message[]): string | null {
  for (const [at, { role, content, toolCalls }] of messages.entries()) {
    if (role !== "assistant" || toolCalls) continue;
    const { malformed } = parseAnswerText(content);
    if (malformed !== null) return `turn ${at + 1}: ${malformed.slice(0, 60)}`;
  }
  return null;
}
