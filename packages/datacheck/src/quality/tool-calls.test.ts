/** @file Tests findings about calls: tools, arguments, results and calls as text. */
import type { JsonObject, Message } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import type { Row } from "../row.ts";
import { toolCallFaults } from "./tool-calls.ts";

const weather: JsonObject = {
  type: "function",
  function: {
    name: "weather",
    parameters: {
      type: "object",
      properties: { city: { type: "string" }, unit: { enum: ["C", "F"] } },
      required: ["city"],
      additionalProperties: false,
    },
  },
};
const user: Message = { role: "user", content: "Rain?" };
const call = (given: JsonObject | string, name = "weather", id = "1"): Message => ({
  role: "assistant",
  content: "",
  toolCalls: [{ id, name, arguments: given }],
});
const result = (toolCallId?: string): Message => ({
  role: "tool",
  content: "no",
  ...(toolCallId && { toolCallId }),
});
const answer: Message = { role: "assistant", content: "No." };

function found(...messages: readonly Message[]): string[] {
  const row = {
    part: "train",
    place: { file: "r.jsonl", line: 1 },
    prompt: "",
    answer: "",
    messages,
    tools: [weather],
  };
  return toolCallFaults("train", [row as Row]).map(
    ({ finding, evidence }) => `${finding.code} ${evidence[0]?.reason}`,
  );
}

test("a row with fitting calls and results has no finding", () => {
  expect(found(user, call({ city: "Paris", unit: "C" }), result("1"), answer)).toEqual([]);
  expect(found(user, call({ city: "Paris" }), result(), answer, user, call({ city: "Rome" }))).toEqual([]);
});

test.each<[string, readonly Message[], string]>([
  ["another tool", [user, call({}, "news")], "DATA_TOOL_UNKNOWN turn 2 calls news; offered are weather"],
  ["a missing argument", [user, call({})], "DATA_TOOL_ARGUMENTS_INVALID turn 2, weather: city is missing"],
  [
    "a wrong type",
    [user, call({ city: 1 })],
    "DATA_TOOL_ARGUMENTS_INVALID turn 2, weather: city is 1, not of type string",
  ],
  [
    "an unknown argument",
    [user, call({ city: "a", day: 1 })],
    "DATA_TOOL_ARGUMENTS_INVALID turn 2, weather: day is not among the properties",
  ],
  [
    "a value outside of an enum",
    [user, call({ city: "a", unit: "K" })],
    'DATA_TOOL_ARGUMENTS_INVALID turn 2, weather: unit is "K", not allowed by the schema',
  ],
  [
    "arguments that are no JSON",
    [user, call("city=Paris")],
    "DATA_TOOL_ARGUMENTS_INVALID turn 2: the arguments of weather are not a JSON object",
  ],
  [
    "a result without a call",
    [user, result("1"), answer],
    "DATA_TOOL_RESULT_UNMATCHED turn 2 is a result with the id 1, and no call is open",
  ],
  [
    "another id",
    [user, call({ city: "a" }), result("2"), answer],
    "DATA_TOOL_RESULT_UNMATCHED turn 3 is a result with the id 2; the open call has the id 1",
  ],
  [
    "a call without a result",
    [user, call({ city: "a" }), user, answer],
    "DATA_TOOL_RESULT_UNMATCHED the call of weather in turn 2 has no result",
  ],
  [
    "a call as text",
    [user, { role: "assistant", content: "<tool_call>weather(Paris)</tool_call>" }],
    "DATA_TOOL_CALL_TEXT turn 2: weather(Paris)",
  ],
])("%s", (_, messages, expected) => {
  expect(found(...messages)).toEqual([expected]);
});
