/** @file Tests the tokenization of forgetting prompts: loss mask, truncation and skipped items. */
import { readFileSync } from "node:fs";
import type { EncodedRow } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { createTokenizer } from "@tunewise/engine/tokenize";
import { describe, expect, test } from "vitest";
import { encodeChoices, encodePrompts, encodeRegressionPrompts, encodeTexts } from "./encode-prompts.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/", import.meta.url);
function trained(name: string): Tokenizer {
  const { tokenizer, config } = JSON.parse(readFileSync(new URL(`${name}.json`, golden), "utf8"));
  return createTokenizer({ tokenizer, config, chatTemplate: null, endIds: [] });
}
const smollm = trained("smollm");
const gemma = trained("gemma");
const wide = { contextLength: 4096, vocabulary: 1_000_000 };
const text = (content: string) => ({ text: content, line: 1 });

/** The text of the tokens with loss. */
const scored = (tokenizer: Tokenizer, row: EncodedRow | undefined): string =>
  tokenizer.decode([...(row?.ids ?? [])].filter((_, at) => row?.labelled[at] === 1));

describe("documents", () => {
  test("carry loss on all but the first token", () => {
    const [row] = encodeTexts([text("The sky is dark at night.")], "a.txt", smollm, wide).items;
    expect(row?.labelled[0]).toBe(0);
    expect([...(row?.labelled ?? [])].slice(1).every((label) => label === 1)).toBe(true);
  });

  test("begin with the beginning token where the tokenizer puts one", () => {
    const [row] = encodeTexts([text("night")], "a.txt", gemma, wide).items;
    expect(row?.ids[0]).toBe(gemma.beginId);
    expect(scored(gemma, row)).toBe("night");
  });

  test("are cut at the context or at 512 tokens, and that is said", () => {
    const long = text("word ".repeat(2000));
    const short = encodeTexts([long], "a.txt", smollm, { ...wide, contextLength: 16 });
    expect(short.items[0]?.ids).toHaveLength(16);
    const { items, findings } = encodeTexts([text("brief"), long], "a.txt", smollm, wide);
    expect(items[1]?.ids).toHaveLength(512);
    expect(findings).toMatchObject([{ code: "FORGETTING_TEXT_CUT", severity: "note", count: 1 }]);
    expect(findings[0]?.detail).toContain("of which the first 512 are read");
  });

  test("with tokens outside of the vocabulary are left out", () => {
    const { items, findings } = encodeTexts([text("night")], "a.txt", smollm, { ...wide, vocabulary: 3 });
    expect(items).toEqual([]);
    expect(findings).toMatchObject([{ code: "FORGETTING_TOKEN_OUTSIDE", severity: "warning" }]);
  });
});

describe("questions", () => {
  const item = (question: string, choices: string[]) => ({ question, choices, answer: 0, line: 1 });

  test.each([
    ["smollm", smollm],
    ["gemma", gemma],
  ])("%s: the loss lies on the choice alone", (_, tokenizer) => {
    const { items } = encodeChoices(
      [item("The capital of France is", ["Paris", "Rome"])],
      "c",
      tokenizer,
      wide,
    );
    // This Gemma tokenizer merges "is" with the space after it. The merged token has loss, equally in every choice.
    const texts = items[0]?.rows.map((row) => scored(tokenizer, row).replace(/^is/, "").trim());
    expect(texts).toEqual(["Paris", "Rome"]);
    expect(items[0]?.characters).toEqual([5, 4]);
  });

  test("a question mark asks for an answer, anything else is gone on from", () => {
    const whole = (question: string): string => {
      const [one] = encodeChoices([item(question, ["x", "y"])], "c", smollm, wide).items;
      return smollm.decode(one?.rows[0]?.ids ?? []);
    };
    expect(whole("What is it?")).toBe("Question: What is it?\nAnswer: x");
    expect(whole("It is")).toBe("It is x");
  });

  test("characters are counted as readers do", () => {
    const { items } = encodeChoices([item("A", ["né", "🙂🙂"])], "c", smollm, wide);
    expect(items[0]?.characters).toEqual([2, 2]);
  });

  test("longer than the context they are left out", () => {
    const limits = { ...wide, contextLength: 3 };
    const { items, findings } = encodeChoices([item("one two three four", ["x", "y"])], "c", smollm, limits);
    expect(items).toEqual([]);
    expect(findings).toMatchObject([{ code: "FORGETTING_ROW_TOO_LONG" }]);
  });
});

test("texts of which a tokenizer leaves nothing are listed", () => {
  const mute: Tokenizer = {
    ...smollm,
    encodeAt: (content) => (content === "a" ? smollm.encodeAt("a", 0) : { ids: [], index: 0 }),
  };
  for (const encode of [encodeTexts, encodePrompts]) {
    const { items, findings } = encode([text("\u200b")], "a.txt", mute, wide);
    expect(items).toEqual([]);
    expect(findings).toMatchObject([{ code: "DATA_TEXT_INVALID", count: 1 }]);
  }
});

test("prompts are cut at 64 tokens", () => {
  const { items } = encodePrompts([text("a b c"), text("word ".repeat(500))], "p", smollm, wide);
  expect(items.map(({ ids, item }) => [ids.length <= 64, item])).toEqual([
    [true, 0],
    [true, 1],
  ]);
  expect(items[1]?.ids).toHaveLength(64);
});

describe("regression prompts", () => {
  const must = (prompt: string, system: string | null = null) => ({
    prompt,
    system,
    expected: { contains: "x" },
    line: 1,
  });
  const ask = (tokenizer: Tokenizer, room = 64, contextLength = 4096, system: string | null = "Be kind.") =>
    encodeRegressionPrompts([must("Hello?"), must("Hello?", "Be brief.")], "m", tokenizer, {
      vocabulary: 1_000_000,
      contextLength,
      system,
      room,
    });

  test("go through the chat template, with the recipe's system message or their own", () => {
    const texts = ask(smollm).items.map(({ ids }) => smollm.decode(ids));
    expect(texts[0]).toContain("Be kind.");
    expect(texts[1]).toContain("Be brief.");
    expect(texts[0]).toMatch(/Hello\?<\|im_end\|>\n<\|im_start\|>assistant\n$/);
  });

  test("stand as they are without one", () => {
    const bare: Tokenizer = { ...smollm, hasChatTemplate: false };
    expect(ask(bare).items.map(({ ids }) => bare.decode(ids))).toEqual(["Hello?", "Hello?"]);
  });

  test("need room for the answer", () => {
    const { items, findings } = ask(smollm, 100, 104);
    expect(items).toEqual([]);
    expect(findings).toMatchObject([{ code: "FORGETTING_ROW_TOO_LONG", count: 2 }]);
  });
});
