/** @file Calls and tools in texts: in front of them tags, beside them text that is no call, and lists of definitions. */
import type { Message } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { readCallsInTexts } from "./calls-in-texts.ts";
import { listedTools } from "./listed-tools.ts";

const definition = { name: "find", description: "Finds.", parameters: { type: "object", properties: {} } };
const tools = [{ type: "function", function: definition }] as const;
const asked = (answer: string, system = ""): Message[] => [
  ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
  { role: "user", content: "Where?" },
  { role: "assistant", content: answer },
];

test.each([
  ['[{"name": "find", "arguments": {"x": 1}}]'],
  ['<functioncall> {"name": "find", "arguments": \'{"x": 1}\'}'],
  ['<tool>{"name": "find", "arguments": {"x": 1}}</tool>'],
  ['[TOOL_CALLS] [{"name": "find", "arguments": {"x": 1}}]'],
  ["[find(x=1)]"],
])("%s is a call of an offered tool", (answer) => {
  const { messages } = readCallsInTexts({ messages: asked(answer), tools });
  expect(messages.at(-1)).toMatchObject({ content: "", toolCalls: [{ name: "find" }] });
  expect(JSON.stringify(messages.at(-1)?.toolCalls)).toContain("x");
  // without the offer it is an answer like any other
  expect(readCallsInTexts({ messages: asked(answer) }).messages.at(-1)?.content).toBe(answer);
});

test.each(['[{"name": "other", "arguments": {}}]', '{"x": 1}', "[1, 2]", "[find(x=1)] I called it."])(
  "%s stays text",
  (answer) => {
    expect(readCallsInTexts({ messages: asked(answer), tools }).messages.at(-1)?.content).toBe(answer);
  },
);

test("tools that the system text lists are offered, and its paragraphs about them are dropped", () => {
  const system = `Be kind.\n\nYou may use these functions: ${JSON.stringify([definition])}.`;
  const read = readCallsInTexts({ messages: asked("[find(x=1)]", system) });
  expect(read.messages[0]).toEqual({ role: "system", content: "Be kind." });
  expect(read.tools).toEqual(tools);
  const without = readCallsInTexts({ messages: asked("I do not know.", system) });
  expect(without.messages[0]?.content).toBe(system);
});

test.each([
  [
    "a mention before the list",
    `within <tools> </tools> tags.\n<tools>\n${JSON.stringify(tools)}\n</tools>`,
    1,
  ],
  [
    "definitions one after another",
    `Use -\n${JSON.stringify(definition, null, 2)}\n\n${JSON.stringify(definition)}\n`,
    2,
  ],
  ["brackets within texts", `[{"name": "a", "description": "}]["}] and more`, 1],
  ["other JSON", 'Answer as [{"id": 1}] or {"x": 2}', 0],
  ["names alone", '[{"name": "Ada"}]', 0],
  ["an open list", '[{"name": "a", "description": "b"', 0],
])("%s", (_, text, count) => expect(listedTools(text)?.length ?? 0).toBe(count));
