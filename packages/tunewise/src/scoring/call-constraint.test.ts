/** @file Calls of evaluated answers keep to the tools of their row, or decoding is free and says why. */
import type { JsonObject } from "@tunewise/core/rows";
import type { DecodeOptions, TokenConstraint } from "@tunewise/engine";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { expect, test } from "vitest";
import { tokenizerWith } from "../../../../test/support/scripted-model.ts";
import { problem } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import { decodeAnswers } from "./decode-answers.ts";
import { decodingOf } from "./label-set.ts";

const hermes =
  "{{ m.content }}" +
  "{% for c in m.tool_calls %}<tool_call>\n{{ c.function | tojson }}\n</tool_call>{% endfor %}";
const keyed =
  "{{ m.content }}{% for c in m.tool_calls %}" +
  "<tool_call>{{ c.function.name }}{% for k, v in c.function.arguments.items() %}" +
  "<arg_key>{{ k }}</arg_key><arg_value>{{ v }}</arg_value>{% endfor %}</tool_call>{% endfor %}";

const recipe = {
  evaluation: { decoding: "constrained", maxNewTokens: 99, temperature: 0, topP: 1, batchSize: 2 },
  training: { seed: 1 },
  task: { kind: "tools", metrics: ["tool_calls"] },
} as unknown as Recipe;

function toolOf(name: string, value: JsonObject): JsonObject {
  const parameters = { type: "object", properties: { a: value }, required: ["a"] };
  return { type: "function", function: { name, parameters } };
}

/** A tokenizer whose template does not write definitions of tools. */
function withoutTools(tokenizer: Tokenizer): Tokenizer {
  return {
    ...tokenizer,
    render: ({ messages }, options) => tokenizer.render({ messages }, options),
  };
}

/** The part of a text that a constraint allows. */
function allowedPart(
  constraint: TokenConstraint | null | undefined,
  text: string,
  tokenizer: Tokenizer,
): string {
  const state = constraint?.begin();
  const kept: number[] = [];
  for (const id of tokenizer.encode(text, { addSpecialTokens: false })) {
    if (!state?.allows(id)) break;
    state.add(id);
    kept.push(id);
  }
  return tokenizer.decode(kept);
}

test("each answer has the tools of its own row", async () => {
  const tokenizer = tokenizerWith(hermes);
  const offered = [[toolOf("f", { type: "integer" })], [toolOf("g", { enum: ["x"] })]];
  expect(decodingOf(recipe, [], null, tokenizer, offered)).toEqual({ kind: "calls" });
  const given: DecodeOptions[] = [];
  const model = {
    generate: (prompts: readonly Int32Array[], options: DecodeOptions) => {
      given.push(options);
      return Promise.resolve(prompts.map(() => [...tokenizer.encode("No.", { addSpecialTokens: false })]));
    },
    choose: () => Promise.reject(new Error("unused")),
  };
  const rows = [...offered, undefined].map((tools) => ({
    ids: Int32Array.of(5),
    messages: [],
    ...(tools && { tools }),
  }));
  const by = { model, tokenizer, recipe, signal: new AbortController().signal };
  const answers = await decodeAnswers({ ...by, decoding: { kind: "calls" } }, rows);
  expect(answers.map(({ text }) => text)).toEqual(["No.", "No.", "No."]);
  const call = (name: string, value: string): string =>
    `Yes. <tool_call>\n{"name": "${name}", "arguments": {"a":${value}}}\n</tool_call>`;
  const part = (row: number, text: string): string =>
    allowedPart(given[0]?.constraintOf?.(row), text, tokenizer);
  expect(part(0, call("f", "12"))).toBe(call("f", "12"));
  expect(part(1, call("g", '"x"'))).toBe(call("g", '"x"'));
  expect(part(0, call("g", '"x"'))).toMatch(/^Yes. <tool_call>\n{"name": "$/);
  expect(part(0, call("f", '"x"'))).toMatch(/{"a":?$/);
  expect(part(2, call("f", "12"))).toMatch(/^Yes. <tool_?c?a?l?l?$/);
  expect(given[0]?.constraint).toBeUndefined();
  await decodeAnswers({ ...by, decoding: { kind: "free", reason: null } }, rows);
  expect(given[1]?.constraintOf).toBeUndefined();
});

test.each<[string, Tokenizer, JsonObject, string]>([
  [
    "a schema",
    tokenizerWith(hermes),
    { pattern: "x" },
    "of the tools, #/tools/0/function/parameters/properties/a",
  ],
  ["a syntax", tokenizerWith(keyed), {}, "do not write arguments as one JSON object"],
  ["a template without calls", tokenizerWith("{{ m.content }}"), {}, "does not show how calls are written"],
  ["a template without tools", withoutTools(tokenizerWith(hermes)), {}, "definitions of tools"],
  [
    "a tokenizer",
    {
      ...tokenizerWith(hermes),
      tokenBytes: () => {
        throw problem("CONSTRAINT_TOKENIZER", { found: "WordPiece" });
      },
    },
    {},
    "found WordPiece",
  ],
])("%s that cannot be kept to leaves answers free, and says why", (_, tokenizer, value, reason) => {
  expect(decodingOf(recipe, [], null, tokenizer, [[toolOf("f", value)]])).toEqual({
    kind: "free",
    reason: expect.stringContaining(reason),
  });
});
