/** @file Answers are parsed as their template writes them; what is cut, changed or hostile stays text. */
import { mulberry32, type Random } from "@tunewise/core/math";
import type { JsonObject, JsonValue, ToolCall } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import { answerWritten, callTemplates, rendererOf } from "../../../../../test/support/call-templates.ts";
import { callingTurn } from "../../../../../test/support/random-conversations.ts";
import { learnToolCallSyntax } from "./learn.ts";
import { createToolCallParser, parseToolCalls, type ToolCallEvent } from "./parser.ts";
import type { ToolCallSyntax } from "./syntax.ts";

const written = Object.entries(callTemplates).filter(([name]) => name !== "plain");
const cases = written.map(([name, template]) => {
  const renderer = rendererOf(template);
  return [name, renderer, learnToolCallSyntax(renderer) as ToolCallSyntax] as const;
});

const namesAndArguments = (toolCalls: readonly ToolCall[] = []): JsonValue =>
  toolCalls.map((call) => [call.name, call.arguments]);

describe.each(cases)("%s", (_, renderer, syntax) => {
  test("what the template writes is parsed back", () => {
    for (let seed = 0; seed < 60; seed++) {
      const { tools, answer } = callingTurn(mulberry32(seed));
      if (!syntax.hasSeveral && (answer.toolCalls?.length ?? 0) > 1) continue;
      const text = answerWritten(renderer, answer);
      const parsed = parseToolCalls(text, syntax, tools);
      expect({ ...parsed, toolCalls: namesAndArguments(parsed.toolCalls) }, `seed ${seed}: ${text}`).toEqual({
        content: text.includes(answer.content) ? answer.content : "",
        toolCalls: namesAndArguments(answer.toolCalls),
        malformed: null,
      });
    }
  });

  test("in pieces of any size the result is the same, also for cut and changed answers", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = mulberry32(seed);
      const { tools, answer } = callingTurn(random);
      if (!syntax.hasSeveral && (answer.toolCalls?.length ?? 0) > 1) continue;
      const text = damaged(answerWritten(renderer, answer), random);
      const whole = parseToolCalls(text, syntax, tools);
      const parser = createToolCallParser(syntax, tools);
      const events: ToolCallEvent[] = [];
      for (let at = 0; at < text.length; ) {
        const size = 1 + Math.floor(random() * 6);
        events.push(...parser.push(text.slice(at, at + size)));
        at += size;
      }
      events.push(...parser.end());
      const content = events.map((one) => (one.kind === "text" || one.kind === "malformed" ? one.text : ""));
      const names = events.flatMap((one, at) => {
        if (one.kind !== "call-begin") return [];
        const end = events.slice(at).find(({ kind }) => kind === "call-end" || kind === "malformed");
        return end?.kind === "call-end" ? [one.name] : [];
      });
      expect([content.join(""), names], `seed ${seed}: ${text}`).toEqual([
        whole.content,
        whole.toolCalls.map(({ name }) => name),
      ]);
    }
  });
});

/** A text that is cut, or has a piece left out, doubled or replaced; or unchanged. */
function damaged(text: string, random: Random): string {
  const at = Math.floor(random() * text.length);
  const length = Math.floor(random() * 8);
  const rest = text.slice(at + length);
  const kind = Math.floor(random() * 5);
  if (kind === 0) return text.slice(0, at);
  if (kind === 1) return text.slice(0, at) + rest;
  if (kind === 2) return text.slice(0, at + length) + text.slice(at);
  if (kind === 3) return `${text.slice(0, at)}]}"<|x|>${rest}`;
  return text;
}

const syntaxOf = (name: string): ToolCallSyntax =>
  learnToolCallSyntax(rendererOf(callTemplates[name] ?? "")) as ToolCallSyntax;

describe("answers that deviate", () => {
  test.each<[string, string, string, JsonObject | null, RegExp | null]>([
    [
      "hermes",
      "as JSON without spaces",
      '<tool_call>{"name":"f","arguments":{"a":1}}</tool_call>',
      { a: 1 },
      null,
    ],
    [
      "hermes",
      "with keys in another order",
      '<tool_call>{"arguments":{"a":1},"name":"f"}</tool_call>',
      { a: 1 },
      null,
    ],
    [
      "hermes",
      "without its end, which the end token cut",
      '<tool_call>\n{"name": "f", "arguments": {"a": 1}}',
      { a: 1 },
      null,
    ],
    [
      "hermes",
      "cut in the arguments",
      '<tool_call>\n{"name": "f", "arguments": {"a": 1',
      null,
      /ends inside/,
    ],
    [
      "hermes",
      "not JSON",
      '<tool_call>\n{"name": "f", "arguments": {"a": b}}\n</tool_call>',
      null,
      /not valid JSON/,
    ],
    [
      "hermes",
      "with a list of arguments",
      '<tool_call>{"name": "f", "arguments": [1]}</tool_call>',
      null,
      /not a JSON object/,
    ],
    ["hermes", "without a name", '<tool_call>{"arguments": {}}</tool_call>', null, /no name/],
    [
      "hermes",
      "with a sentence as name",
      '<tool_call>{"name": "a b", "arguments": {}}</tool_call>',
      null,
      /no tool can have/,
    ],
    [
      "hermes",
      "nested beyond any schema",
      `<tool_call>{"name": "f", "arguments": {"a": ${"[".repeat(99)}`,
      null,
      /levels deep/,
    ],
    ["llama", "as text that begins like JSON", '{"city": "Paris"} is the answer', null, null],
    ["llama", "as text", "No call.", null, null],
    [
      "mistral",
      "with one call outside of a list",
      '[TOOL_CALLS]{"name": "f", "arguments": {"a": 1}}',
      null,
      /./,
    ],
    ["hermes", "behind marks", '> >\n<tool_call>{"name": "f", "arguments": {"a": 1}}', { a: 1 }, null],
    ["functionary", "as text with the same characters", "3 >>> 2", null, null],
    [
      "coder",
      "with an unknown parameter",
      "<tool_call>\n<function=f>\n<parameter=a>\n1\n</parameter>\n</function>\n</tool_call>",
      { a: 1 },
      null,
    ],
    ["thinking", "with a call in the reasoning", "<think>\n<call>f {}</call>\n</think>\n\nNo.", null, null],
  ])("%s %s", (name, _, text, given, reason) => {
    const { content, toolCalls, malformed } = parseToolCalls(text, syntaxOf(name));
    expect(toolCalls.map((call) => call.arguments)).toEqual(given === null ? [] : [given]);
    if (reason === null) expect(malformed).toBeNull();
    else expect(malformed).toMatch(reason);
    expect(content).toBe(given === null ? text : text.startsWith(">") ? "> >" : "");
  });
});

test.each([
  ["hermes", "<tool_call>\n"],
  ["minimax", '<invoke name="'],
  ["functionary", ">>>a"],
  ["llama", "["],
  ["coder", "<tool_call>\n<function=f>\n<parameter=a>\n</parameter>\n"],
] as const)(
  "%s: a megabyte of beginnings of calls takes seconds",
  (name, piece) => {
    const text = piece.repeat(2 ** 20 / piece.length);
    expect(parseToolCalls(text, syntaxOf(name)).toolCalls).toEqual([]);
  },
  20_000,
);

test("schemas say whether raw text is a text or another value", () => {
  const text = "<tool_call>\n<function=f>\n<parameter=a>\n12\n</parameter>\n</function>\n</tool_call>";
  const typed = (type: JsonValue): JsonObject[] => [
    { type: "function", function: { name: "f", parameters: { properties: { a: { type } } } } },
  ];
  const valueWith = (type: JsonValue): unknown =>
    parseToolCalls(text, syntaxOf("coder"), typed(type)).toolCalls.map((call) => call.arguments);
  expect(["string", "integer", ["string", "null"], ["integer", "string"]].map(valueWith)).toEqual([
    [{ a: "12" }],
    [{ a: 12 }],
    [{ a: "12" }],
    [{ a: 12 }],
  ]);
});
