/** @file Answers are free until a call begins, and the call then keeps to an offered tool and its schema. */
import type { JsonObject } from "@tunewise/core/rows";
import { describe, expect, test } from "vitest";
import type { ToolCallSyntax } from "../tokenize/index.ts";
import { type AnswerConstraint, constrainCallsInText } from "./constraint.ts";
import { TokenVocabulary } from "./vocabulary.ts";

/** A token per byte, and a few of several bytes; the last has no text. */
const longer = [
  "<tool_call>",
  "</tool_call>",
  "all>\n{",
  'all>\n{"name": "g',
  "<think>",
  "</think>",
  "call>",
];
const vocabulary = new TokenVocabulary([
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...longer.map((text) => Buffer.from(text)),
  null,
]);
const special = 256 + longer.length;
const token = (text: string): number => 256 + longer.indexOf(text);

const base: ToolCallSyntax = {
  preamble: "",
  open: "",
  before: "<tool_call>\n",
  form: {
    kind: "object",
    argumentsPath: ["arguments"],
    namePath: ["name"],
    idPath: null,
    isEncoded: false,
    parts: [
      { kind: "text", text: '{"name": "' },
      { kind: "name" },
      { kind: "text", text: '", "arguments": ' },
      { kind: "arguments" },
      { kind: "text", text: "}" },
    ],
  },
  after: "\n</tool_call>",
  separator: "\n",
  close: "",
  hasSeveral: true,
  followsText: true,
  takesText: false,
  reasoning: null,
  literals: [],
};
const parameters = {
  type: "object",
  properties: { a: { type: "integer" } },
  required: ["a"],
  additionalProperties: false,
};
const functions: JsonObject[] = [{ name: "f", parameters }];

function begin(syntax: Partial<ToolCallSyntax> = {}, offered = functions): AnswerConstraint {
  const calls = { syntax: { ...base, ...syntax }, functions: offered, isParallel: true };
  return constrainCallsInText(calls, vocabulary).begin();
}

/** Adds a text byte by byte; returns the part that was allowed. */
function written(state: AnswerConstraint, text: string): string {
  let count = 0;
  const bytes = Buffer.from(text);
  for (const byte of bytes) {
    expect(state.allowed()[byte]).toBe(state.allows(byte) ? 1 : 0);
    if (!state.allows(byte)) break;
    state.add(byte);
    count++;
  }
  return bytes.subarray(0, count).toString();
}

const call = '<tool_call>\n{"name": "f", "arguments": {"a": 1}}\n</tool_call>';

describe("an answer with calls", () => {
  test.each([
    ["text", 'No {"name": "g"} <tool> is called.', null],
    ["a call", call, null],
    ["text and a call", `Wait, a <b>\n${call}`, null],
    ["two calls", `${call}\n${call}`, null],
    ["an unknown tool", '<tool_call>\n{"name": "g"', "g"],
    ["arguments of another type", '<tool_call>\n{"name": "f", "arguments": {"a": "x"', '"x"'],
    ["an unknown argument", '<tool_call>\n{"name": "f", "arguments": {"b', "b"],
    ["text behind the marker", "<tool_call> f", " f"],
    ["text behind the call", `${call}\nDone`, "Done"],
    ["a marker in reasoning", "<think>\n<tool_call> or not</think>\nNo.", null],
    ["a call behind reasoning", "<think>x</think>\n<tool_call>\n{}", "}"],
    ["a beginning that repeats", "<tool_<tool_call>x", "x"],
  ])("%s", (_, text, refused) => {
    const state = begin();
    const expected = refused === null ? text : text.slice(0, text.lastIndexOf(refused));
    expect(written(state, text)).toBe(expected);
    expect(state.mayEnd).toBe(refused === null || text.includes("Done"));
  });

  test("no call is left open, and none follows the last", () => {
    const state = begin();
    written(state, call.slice(0, -1));
    expect(state.mayEnd).toBe(false);
    written(state, ">");
    expect([state.mayEnd, state.isComplete]).toEqual([true, false]);
    const single = begin({ hasSeveral: false });
    written(single, call);
    expect(single.isComplete).toBe(true);
  });

  test("tokens that reach across the beginning of a call are judged by what follows in them", () => {
    const state = begin();
    written(state, "Hm <tool_c");
    const allowed = state.allowed();
    const ids = ["all>\n{", 'all>\n{"name": "g', "<tool_call>", "</tool_call>"].map(token);
    expect(ids.map((id) => state.allows(id))).toEqual([true, false, true, true]);
    expect(ids.map((id) => allowed[id])).toEqual([1, 0, 1, 1]);
    state.add(token("all>\n{"));
    expect(written(state, '"name": "g')).toBe('"name": "');
  });

  test("special tokens without text change nothing before a call, and are refused inside", () => {
    const state = begin();
    expect(state.allowed()[special]).toBe(1);
    written(state, "<tool_");
    state.add(special);
    expect(written(state, "call>x")).toBe("call>");
    expect([state.allows(special), state.allowed()[special]]).toEqual([false, 0]);
  });

  test("without tools no call begins", () => {
    const state = begin({}, []);
    expect(written(state, "Well <tool_call>")).toBe("Well <tool_call");
    expect(state.mayEnd).toBe(true);
    expect(state.allows(token("<tool_call>"))).toBe(false);
  });

  test("behind a prompt that opens the reasoning, calls begin after its end", () => {
    const state = begin({ reasoning: { open: "<think>", close: "</think>", isOpenInPrompt: true } });
    expect(written(state, "<tool_call> x</think><tool_call> x")).toBe("<tool_call> x</think><tool_call>");
  });

  test("where a call is the whole answer, a brace begins it", () => {
    const whole = { before: "", after: "", separator: "; " };
    expect(written(begin(whole), ' {"name": "f", "arguments": {"a": 12}}; x')).toBe(
      ' {"name": "f", "arguments": {"a": 12}}; ',
    );
    expect(written(begin(whole), "<think>{x</think>{x")).toBe("<think>{x</think>{");
    expect(written(begin(whole), 'Use {"name": "g"}')).toBe('Use {"name": "g"}');
  });

  test("a list of calls begins at its marker, and a single call of it too", () => {
    const listed = {
      open: "<calls>\n",
      before: "<call>",
      after: "</call>",
      close: "\n</calls>",
      separator: "\n",
    };
    const one = '<call>{"name": "f", "arguments": {"a": 1}}</call>';
    expect(written(begin(listed), `<calls>\n${one}\n${one}\n</calls>x`)).toBe(
      `<calls>\n${one}\n${one}\n</calls>`,
    );
    expect(written(begin(listed), `So: ${one}x`)).toBe(`So: ${one}`);
    expect(written(begin(listed), "<calls>\n\n")).toBe("<calls>\n");
  });
});

test.each([
  ["one by one", { kind: "keyed" }],
  ["as a text", { ...base.form, isEncoded: true }],
])("arguments %s cannot be restricted", (_, form) => {
  expect(() => begin({ form: { head: [], ...form } as unknown as ToolCallSyntax["form"] })).toThrow(
    expect.objectContaining({ code: "SCHEMA_UNSUPPORTED" }),
  );
});

test("calls that begin like any text cannot be restricted", () => {
  const form = { kind: "named", head: [{ kind: "name" }], language: "json" } as const;
  expect(() => begin({ before: "", form })).toThrow(expect.objectContaining({ code: "SCHEMA_UNSUPPORTED" }));
});
