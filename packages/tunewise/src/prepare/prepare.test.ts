import { readFileSync } from "node:fs";
import { createTokenizer } from "@tunewise/engine/tokenize";
import type { StoredType, WeightInfo } from "@tunewise/engine/weights";
import { describe, expect, test } from "vitest";
import { readRecipe } from "../recipe/index.ts";
import { epochRows, quantizedTwice, unreadableCalls, withRepeats } from "./prepare.ts";

function codes(kind: string, stored: StoredType): string[] {
  const { recipe } = readRecipe(
    `model: owner/name\ndata: { train: a.jsonl }\nmethod: { kind: ${kind} }\n`,
    "r.yaml",
  );
  if (!recipe) throw new Error("the recipe does not read");
  const info: WeightInfo = { name: "model.layers.0.mlp.up_proj.weight", shape: [2, 2], stored };
  const norm: WeightInfo = { name: "model.norm.weight", shape: [2], stored: "F32" };
  const files = {
    metadata: new Map(),
    weights: new Map([info, norm].map((one) => [one.name, one])),
    read: () => Promise.reject(new Error("nothing is read")),
    readStored: () => Promise.reject(new Error("nothing is read")),
    fingerprint: async () => "",
    close: async () => undefined,
  };
  return quantizedTwice(recipe, { weights: files }).map(({ code }) => code);
}

describe("a model that is quantized already", () => {
  test.each([
    ["qlora", "Q4_1", ["MODEL_QUANTIZED_TWICE"]],
    ["qlora", "Q6_K", ["MODEL_QUANTIZED_TWICE"]],
    ["qlora", "BF16", []],
    ["qlora", "NF4", []],
    ["lora", "Q4_1", []],
    ["full", "Q4_1", []],
  ] as const)("%s on %s: %j", (kind, stored, expected) => {
    expect(codes(kind, stored)).toEqual(expected);
  });
});

describe("calls that the metric cannot read", () => {
  const golden = new URL("../../../../test/conformance/golden/tokenizer/smollm.json", import.meta.url);
  const { tokenizer, config } = JSON.parse(readFileSync(golden, "utf8"));
  const templateWith = (call: string): string =>
    `{% for m in messages %}{{ m.content }}{% for c in m.tool_calls %}${call}{% endfor %}{% endfor %}`;
  test.each([
    ["tools", "<tool_call>{{ c.function | tojson }}</tool_call>", []],
    ["tools", "[TOOL_CALLS]{{ c.function | tojson }}", []],
    ["tools", "<call>{{ c.function.arguments | tojson }}</call>", ["METRIC_CALLS_UNREADABLE error"]],
    ["text", "<call>{{ c.function.arguments | tojson }}</call>", []],
  ])("kind %s, template %s: %j", (kind, call, expected) => {
    const { recipe } = readRecipe(
      `model: owner/name\ndata: { train: a.jsonl }\ntask: { kind: ${kind} }\n`,
      "r.yaml",
    );
    if (!recipe) throw new Error("the recipe does not read");
    const made = createTokenizer({ tokenizer, config, chatTemplate: templateWith(call), endIds: [] });
    expect(unreadableCalls(recipe, made).map(({ code, severity }) => `${code} ${severity}`)).toEqual(
      expected,
    );
  });
});

describe("rows that an epoch repeats", () => {
  test("come in rounds", () => {
    expect(epochRows(["a", "b", "c"], Uint32Array.of(1, 3, 2))).toEqual(["a", "b", "c", "b", "c", "b"]);
    expect(epochRows(["a", "b"], null)).toEqual(["a", "b"]);
  });

  test("stay with their examples if encoding dropped some", () => {
    const row = (example: number) => ({
      ids: new Int32Array(1),
      labelled: new Uint8Array(1),
      promptLength: 0,
      example,
    });
    const none = { rows: [], findings: [], refused: [], statistics: {} as never };
    const encoded = { train: { ...none, rows: [row(0), row(2)] }, validation: none, test: none };
    const { train } = withRepeats(encoded, Uint32Array.of(1, 5, 3));
    expect(train.rows.map(({ example }) => example)).toEqual([0, 2, 2, 2]);
  });
});
