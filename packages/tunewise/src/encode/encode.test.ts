/** @file Tests loss masks, truncation and findings of encoded rows, with real and artificial tokenizers. */
import { readFileSync } from "node:fs";
import type { EncodedRow, Example, Message } from "@tunewise/core/rows";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { createTokenizer } from "@tunewise/engine/tokenize";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { problem } from "../problem/index.ts";
import { type EncodeOptions, encodeExamples } from "./encode.ts";

const golden = new URL("../../../../test/conformance/golden/tokenizer/", import.meta.url);
function trained(name: string, endToken?: string): Tokenizer {
  const { tokenizer, config } = JSON.parse(readFileSync(new URL(`${name}.json`, golden), "utf8"));
  const plain = createTokenizer({ tokenizer, config, chatTemplate: null, endIds: [] });
  if (endToken === undefined) return plain;
  const endIds = plain.encode(endToken, { addSpecialTokens: false });
  return createTokenizer({ tokenizer, config, chatTemplate: null, endIds });
}
const smollm = trained("smollm");
const gemma = trained("gemma", "<end_of_turn>");
const mistral = trained("mistral");

const plain: EncodeOptions = {
  maxLength: 1_000,
  overflow: "truncate",
  loss: "completion",
  trainOn: "all",
  reasoning: "train",
};
const example = (...contents: string[]): Example => ({
  messages: contents.map(
    (content, index): Message => ({ role: index % 2 === 0 ? "user" : "assistant", content }),
  ),
  file: "d.jsonl",
  row: 3,
  line: 3,
});
/** The text of the tokens with loss. */
const learned = (tokenizer: Tokenizer, row: EncodedRow | undefined): string =>
  tokenizer.decode([...(row?.ids ?? [])].filter((_, at) => row?.labelled[at] === 1));

/** A tokenizer with one token per character, end token `E`, BOS token `B`, and a function as template. */
function letters(render: Tokenizer["render"], change: Partial<Tokenizer> = {}): Tokenizer {
  const encode = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
  return {
    vocabularySize: 65_536,
    endIds: [69],
    beginId: 66,
    padId: null,
    hasChatTemplate: true,
    specialTokens: new Map(),
    encode,
    encodeAt: (text, at) => ({ ids: encode(text), index: at }),
    decode: (ids) => String.fromCharCode(...Array.from(ids)),
    tokenBytes: () => Array.from({ length: 128 }, (_, id) => Uint8Array.of(id)),
    stream: () => ({ add: (id) => String.fromCharCode(id), end: () => "" }),
    render,
    ...change,
  };
}
const simple: Tokenizer["render"] = ({ messages }, { addGenerationPrompt }) =>
  messages.map(({ role, content }) => (role === "user" ? `[${content}]` : `${content}E\n`)).join("") +
  (addGenerationPrompt ? "" : "");

describe("labels", () => {
  test.each<[string, Tokenizer, string]>([
    ["ChatML", smollm, "blue.<|im_end|>"],
    ["Gemma", gemma, "blue.<end_of_turn>"],
    ["Mistral", mistral, "blue.</s>"],
  ])("%s: the answer and its end token, nothing behind", (_, tokenizer, text) => {
    const { rows, findings } = encodeExamples([example("What color?", "blue.")], tokenizer, plain);
    expect(learned(tokenizer, rows[0])).toBe(text);
    expect(findings.filter(({ severity }) => severity !== "note")).toEqual([]);
  });

  test("loss on all but position 0", () => {
    const { rows } = encodeExamples([example("a", "b")], smollm, { ...plain, loss: "all" });
    expect([...(rows[0]?.labelled ?? [])]).toEqual(rows[0] && [0, ...Array(rows[0].ids.length - 1).fill(1)]);
  });

  test("a forged end in the prompt or the answer moves nothing", () => {
    const { rows } = encodeExamples([example("x <|im_end|> y", "p <|im_end|> q")], smollm, plain);
    expect(learned(smollm, rows[0])).toBe("p <|im_end|> q<|im_end|>");
  });

  test("a token joined of prompt and answer is trained on, and told", () => {
    const pairs = letters(simple, {
      // Two characters per token: "[a]xE\n" is "[a", "]x", "E\n"; offset 3 is inside the second token.
      encodeAt: (text, at) => ({
        ids: text.match(/..?/gs)?.map((pair) => (pair[0] === "E" ? 69 : 1)) ?? [],
        index: at >> 1,
      }),
    });
    const { rows, findings } = encodeExamples([example("a", "x")], pairs, plain);
    expect([...(rows[0]?.labelled ?? [])]).toEqual([0, 1, 1]);
    expect(findings.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      "warning DATA_PROMPT_NOT_PREFIX",
    ]);
  });

  test("a prompt that is no prefix: the answer is found by its text", () => {
    const changing: Tokenizer["render"] = (conversation, options) =>
      `${conversation.messages.length}${simple(conversation, options)}`.replace("  x  ", "x");
    const { rows, findings } = encodeExamples([example("a", "  x  ")], letters(changing), plain);
    expect(learned(smollmLetters, rows[0])).toBe("xE");
    expect(findings).toEqual([]);
  });

  test("an answer that is nowhere makes the row unusable, unless all is trained", () => {
    const changing: Tokenizer["render"] = ({ messages }) => `${messages.length}[?]!E`;
    const run = (loss: "completion" | "all"): ReturnType<typeof encodeExamples> =>
      encodeExamples([example("a", "x")], letters(changing), { ...plain, loss });
    expect(run("completion").findings.map(({ code }) => code)).toEqual(["DATA_BOUNDARY_UNCLEAR"]);
    expect(run("completion").statistics).toMatchObject({ rows: 0, unusable: 1 });
    expect(run("all").rows).toHaveLength(1);
  });
});

const smollmLetters = letters(simple);

describe("cutting", () => {
  // Tokens: "[aaaa]" 6, "bb" 2, "E\n" 2.
  const rows = [example("aaaa", "bb"), example("a", "b")];
  test.each<[EncodeOptions["overflow"], number, string[], string[]]>([
    ["truncate", 10, ["[aaaa]bbE\n", "[a]bE\n"], []],
    ["truncate", 7, ["[aaaa]b", "[a]bE\n"], ["warning DATA_ROW_TRUNCATED 1"]],
    ["truncate", 6, ["[a]bE\n"], ["warning DATA_ANSWER_CUT 1"]],
    ["drop", 7, ["[a]bE\n"], ["warning DATA_ROW_DROPPED 1"]],
    ["error", 7, ["[a]bE\n"], ["error DATA_ROW_TOO_LONG 1"]],
  ])("%s at %i", (overflow, maxLength, texts, found) => {
    const encoded = encodeExamples(rows, smollmLetters, { ...plain, maxLength, overflow });
    expect(encoded.rows.map(({ ids }) => smollmLetters.decode(ids))).toEqual(texts);
    expect(encoded.findings.map(({ severity, code, count }) => `${severity} ${code} ${count}`)).toEqual(
      found,
    );
    for (const { fix } of encoded.findings) expect(fix).toBe("data.max_length: 10");
  });

  test("statistics count rows before cutting, tokens after", () => {
    const { statistics } = encodeExamples(rows, smollmLetters, { ...plain, maxLength: 7 });
    expect(statistics).toMatchObject({
      rows: 2,
      truncated: 1,
      dropped: 0,
      answerCut: 0,
      unusable: 0,
      tokens: 13,
      labelledTokens: 3,
      total: { max: 10, min: 6 },
      answer: { max: 3, min: 2 },
    });
  });
});

describe("findings", () => {
  test.each<[string, Tokenizer, Example, string[]]>([
    ["no end token", letters(simple, { endIds: [1] }), example("a", "b"), ["DATA_END_MISSING"]],
    ["padding by the end token", letters(simple, { padId: 69 }), example("a", "b"), ["DATA_PAD_IS_END"]],
    ["two beginnings", letters((m, o) => `BB${simple(m, o)}`), example("a", "b"), ["DATA_BOS_DOUBLED"]],
    ["one beginning", letters((m, o) => `B${simple(m, o)}`), example("a", "b"), []],
    ["nothing left of the answer", letters(() => "[a]"), example("a", "b"), ["DATA_ANSWER_EMPTY"]],
  ])("%s", (_, tokenizer, row, codes) => {
    expect(encodeExamples([row], tokenizer, plain).findings.map(({ code }) => code)).toEqual(codes);
  });

  test("a row the template refuses is left out and told with its reason", () => {
    const system: Example = {
      ...example("a", "b"),
      messages: [{ role: "system", content: "s" }, ...example("a", "b").messages],
    };
    const { rows, findings, refused } = encodeExamples([system, example("a", "b")], gemma, plain);
    expect(rows.map((row) => row.example)).toEqual([1]);
    expect(findings[0]).toMatchObject({ code: "DATA_TEMPLATE_REFUSED", severity: "error", count: 1 });
    expect(findings[0]?.detail).toContain("d.jsonl:3: message 1 (system): System role not supported");
    expect(refused).toMatchObject([{ code: "DATA_TEMPLATE_REFUSED", place: { file: "d.jsonl", row: 3 } }]);
    const severityOf = (some: readonly Example[]): string | undefined =>
      encodeExamples(some, gemma, { ...plain, badRows: "skip" }).findings[0]?.severity;
    expect([severityOf([system, example("a", "b")]), severityOf([system])]).toEqual(["warning", "error"]);
  });

  test("the first message that breaks the template's order is named", () => {
    const { messages } = example("a", "b");
    const odd: Example = { ...example("a", "b"), messages: [...messages, ...messages.slice(1), ...messages] };
    const [finding] = encodeExamples([odd], gemma, plain).findings;
    expect(finding?.detail).toContain("message 3 (assistant): Conversation roles must alternate");
    expect(finding?.fix).toContain("check --fix");
  });

  test("what is wrong with the model is thrown", () => {
    const none = letters(() => {
      throw problem("TOKENIZER_TEMPLATE_MISSING", { detail: "" });
    });
    expect(() => encodeExamples([example("a", "b")], none, plain)).toThrow(/no chat template/);
  });
});

const text = fc.string({
  unit: fc.constantFrom("a", "the ", " ", "\n", "é", "😀", "你", "<|im_end|>", "1", "\u0301"),
  maxLength: 12,
});

test.each([
  ["smollm", smollm],
  ["gemma", gemma],
  ["mistral", mistral],
])("invariants of rows, %s", (_, tokenizer) => {
  fc.assert(
    fc.property(
      text,
      text,
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom("completion", "all"),
      (prompt, answer, maxLength, loss) => {
        const row = example(prompt, `${answer}.`);
        const whole = encodeExamples([row], tokenizer, { ...plain, loss }).rows[0] as EncodedRow;
        const full = tokenizer.render(row, { addGenerationPrompt: false });
        expect([...whole.ids]).toEqual(tokenizer.encode(full, { addSpecialTokens: false }));
        expect(whole.labelled).toHaveLength(whole.ids.length);
        expect(whole.labelled[0]).toBe(0);
        const { rows, statistics } = encodeExamples([row], tokenizer, { ...plain, maxLength, loss });
        expect(rows.length + statistics.answerCut).toBe(1);
        for (const cut of rows) {
          expect(cut.ids).toEqual(whole.ids.slice(0, maxLength));
          expect(cut.labelled).toEqual(whole.labelled.slice(0, maxLength));
          expect(cut.labelled.includes(1)).toBe(true);
          expect(cut.promptLength).toBeLessThanOrEqual(cut.ids.length);
        }
      },
    ),
    { numRuns: 60 },
  );
});
