import { readFileSync } from "node:fs";
import type { Message } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import { encodeExamples } from "../encode/index.ts";
import { problem } from "../problem/index.ts";
import { readRecipe } from "../recipe/index.ts";
import { decodingOf, withChoices } from "./label-set.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/", import.meta.url);
function trained(name: string, endToken?: string): Tokenizer {
  const { tokenizer, config } = JSON.parse(readFileSync(new URL(`${name}.json`, golden), "utf8"));
  const plain = createTokenizer({ tokenizer, config, chatTemplate: null, endIds: [] });
  if (endToken === undefined) return plain;
  const endIds = plain.encode(endToken, { addSpecialTokens: false });
  return createTokenizer({ tokenizer, config, chatTemplate: null, endIds });
}

const labels = ["card arrival", "card", "card lost", " refund", "top-up\nfailed", "été"];

function encoded(tokenizer: Tokenizer, messages: readonly Message[], answer: string): number[] {
  const row = {
    messages: [...messages, { role: "assistant" as const, content: answer }],
    file: "a",
    row: 1,
  };
  const options = {
    maxLength: 1000,
    overflow: "truncate",
    loss: "completion",
    trainOn: "all",
    reasoning: "train",
  } as const;
  const [whole] = encodeExamples([row], tokenizer, options).rows;
  return [...(whole?.ids ?? [])].filter((_, at) => whole?.labelled[at] === 1);
}

const asked = (...texts: string[]): { ids: Int32Array; messages: Message[] }[] =>
  texts.map((content) => ({ ids: Int32Array.of(1, 2, 3), messages: [{ role: "user", content }] }));

describe("tokens of labels", () => {
  test.each([
    ["ChatML", trained("smollm")],
    ["Gemma", trained("gemma", "<end_of_turn>")],
    ["Mistral", trained("mistral")],
  ])("%s: those that training rows have, end token aside", (_, tokenizer) => {
    const prompts = asked("Where is it?", "hm", "ends in a blank ");
    const found = withChoices(prompts, labels, tokenizer) ?? [];
    for (const [row, { messages }] of prompts.entries()) {
      const expected = labels.map((label) => encoded(tokenizer, messages, label).slice(0, -1));
      expect(found[row]?.choices).toEqual(expected);
    }
    expect(found[1]?.choices).toBe(found[0]?.choices); // prompts with the same ending share one encoding
  });

  test("where prompt and label share a token, each prompt has its own labels and ends before that token", () => {
    const pairs = pairwise();
    const prompts = [
      { ids: Int32Array.from([11, 22, 3]), messages: [{ role: "user" as const, content: "11223" }] },
      { ids: Int32Array.from([11, 2]), messages: [{ role: "user" as const, content: "112" }] },
      { ids: Int32Array.from([11, 22]), messages: [{ role: "user" as const, content: "1122" }] },
    ];
    const found = withChoices(prompts, ["45", "6"], pairs) ?? [];
    expect(found.map(({ prompt }) => [...prompt])).toEqual([[11, 22], [11], [11, 22]]);
    expect(found.map(({ choices }) => choices)).toEqual([
      [[34, 5], [36]],
      [[24, 5], [26]],
      [[45], [6]],
    ]);
  });
});

/** A tokenizer with two digits per token, from the start of the text; `E` is the end token. */
function pairwise(): Tokenizer {
  const tokens = (text: string): string[] => text.match(/E|\d\d?/g) ?? [];
  const encode = (text: string): number[] => tokens(text).map((one) => (one === "E" ? 999 : Number(one)));
  return {
    vocabularySize: 1000,
    endIds: [999],
    beginId: null,
    padId: null,
    hasChatTemplate: true,
    specialTokens: new Map(),
    encode,
    encodeAt: (text, at) => {
      let end = 0;
      const index = tokens(text).findIndex((one) => {
        end += one.length;
        return end > at;
      });
      return { ids: encode(text), index: index < 0 ? encode(text).length : index };
    },
    decode: (ids) => Array.from(ids).join(""),
    tokenBytes: () => Array.from({ length: 100 }, (_, id) => Buffer.from(`${id}`)),
    stream: () => ({ add: String, end: () => "" }),
    render: ({ messages }, { addGenerationPrompt }) =>
      messages.map(({ content }) => content).join("") + (addGenerationPrompt ? "" : "E"),
  };
}

test("a schema or tokenizer that cannot be used leaves answers free, and says why", () => {
  const tokenizer = pairwise();
  const { recipe } = readRecipe(
    "model: a/b\ndata: { train: a.jsonl }\ntask: { kind: json }\nevaluation: { decoding: constrained }\n",
    "r.yaml",
  );
  if (!recipe) throw new Error("the recipe does not read");
  expect(
    decodingOf(recipe, [], { properties: { a: { type: "string", pattern: "x" } } }, tokenizer, []),
  ).toEqual({
    kind: "free",
    reason: "the schema's #/properties/a/pattern is not a supported keyword",
  });
  expect(decodingOf(recipe, [], null, tokenizer, [])).toEqual({ kind: "json", schema: null });
  const tokenBytes = (): never => {
    throw problem("CONSTRAINT_TOKENIZER", { found: "WordPiece" });
  };
  expect(decodingOf(recipe, [], null, { ...tokenizer, tokenBytes }, [])).toEqual({
    kind: "free",
    reason: "Answers under a schema need a byte-level BPE or SentencePiece tokenizer; found WordPiece",
  });
});

describe("how answers are decoded", () => {
  const recipe = (lines: string) => {
    const { recipe } = readRecipe(`model: a/b\ndata: { train: a.jsonl }\n${lines}\n`, "r.yaml");
    if (!recipe) throw new Error("the recipe does not read");
    return recipe;
  };
  const classify = "task: { kind: classify }";
  const many = Array.from({ length: 5000 }, (_, at) => `label ${at}`);

  test.each<[string, string, string[], unknown]>([
    ["labels of the training rows, trimmed", classify, ["a ", "b", "a", ""], { labels: ["a", "b"] }],
    [
      "labels of the recipe before those",
      "task: { kind: classify, labels: [x, y] }",
      ["a"],
      { labels: ["x", "y"] },
    ],
    ["one label", classify, ["a"], { kind: "free", reason: "there are fewer than two labels" }],
    ["too many", classify, many, { kind: "free", reason: "5000 labels are more than 4096" }],
    ["texts", classify, ["a", "b".repeat(2000)], { reason: "labels of up to 2000 letters are too long" }],
    ["free by choice", `${classify}\nevaluation: { decoding: free }`, ["a", "b"], { reason: null }],
    [
      "JSON that keeps to the schema",
      "task: { kind: json }\nevaluation: { decoding: constrained }",
      [],
      { kind: "json", schema: { type: "object" } },
    ],
    ["JSON where nothing is said", "task: { kind: json }", [], { kind: "free", reason: null }],
    ["another task", "task: { kind: text }", ["a", "b"], { kind: "free", reason: null }],
  ])("%s", (_, lines, known, expected) => {
    expect(
      decodingOf(recipe(lines), known, { type: "object", properties: {} }, pairwise(), []),
    ).toMatchObject(expected as object);
  });
});
