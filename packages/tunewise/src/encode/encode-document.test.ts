/** @file Tests documents as tokens: blocks in which each token is predicted once, special tokens, and counts. */
import { readFileSync } from "node:fs";
import type { Example } from "@tunewise/core/rows";
import { createTokenizer, type Tokenizer } from "@tunewise/engine/tokenize";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type EncodeOptions, encodeExamples } from "./encode.ts";
import { predictedText } from "./encode-document.ts";

function tokenizerOf(name: string): Tokenizer {
  const golden = new URL(`../../../../test/conformance/golden/tokenizer/${name}.json`, import.meta.url);
  const { tokenizer, config } = JSON.parse(readFileSync(golden, "utf8"));
  return createTokenizer({ tokenizer, config, chatTemplate: null, endIds: [] });
}

/** Without and with a begin token. */
const [smollm, llama] = [tokenizerOf("smollm"), tokenizerOf("llama2")];
const end = smollm.endIds[0] as number;

const document = (content: string): Example => ({
  messages: [{ role: "assistant", content }],
  isDocument: true,
  file: "a.txt",
  row: 1,
});
const options: EncodeOptions = {
  maxLength: 8,
  overflow: "truncate",
  loss: "completion",
  trainOn: "all",
  reasoning: "train",
};

test("every token except the first is predicted once, whatever the length of blocks", () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 200 }),
      fc.integer({ min: 2, max: 40 }),
      (text, maxLength) => {
        const whole = smollm.encode(text);
        const { rows, statistics, refused } = encodeExamples([document(text)], smollm, {
          ...options,
          maxLength,
        });
        if (whole.length === 0) return expect(refused).toHaveLength(1);
        const predicted = rows.flatMap(({ ids, labelled }) => [...ids].filter((_, at) => labelled[at] === 1));
        expect([whole[0], ...predicted]).toEqual([...whole, end]);
        expect(rows.every(({ ids, labelled }) => ids.length <= maxLength && labelled[0] === 0)).toBe(true);
        for (const [at, { ids }] of rows.entries()) if (at > 0) expect(ids[0]).toBe(rows[at - 1]?.ids.at(-1));
        expect(statistics).toMatchObject({ documents: 1, rows: rows.length, labelledTokens: whole.length });
      },
    ),
  );
});

test("the tokenizer's begin token precedes the text once, and no template is needed", () => {
  const { rows, findings } = encodeExamples([document("Hello there")], llama, { ...options, maxLength: 100 });
  expect(findings).toEqual([]);
  const [row] = rows;
  expect(row?.ids[0]).toBe(llama.beginId);
  expect(row?.ids.at(-1)).toBe(llama.endIds[0]);
  expect([...(row?.ids ?? [])].slice(0, -1)).toEqual(llama.encode("Hello there"));
});

test("a text that ends with the end token has it once", () => {
  const text = smollm.specialTokens.get(end) ?? "";
  const { rows } = encodeExamples([document(`Done.${text}`)], smollm, { ...options, maxLength: 100 });
  expect([...(rows[0]?.ids ?? [])]).toEqual([...smollm.encode("Done."), end]);
});

test("a document without tokens is a finding", () => {
  const { findings, rows } = encodeExamples([document("")], smollm, options);
  expect(rows).toEqual([]);
  const about = findings.map(({ code, severity }) => [code, severity]);
  expect(about).toContainEqual(["DATA_TEXT_INVALID", "error"]);
});

test("the scored text leaves out the first token, unless a begin token predicts it", () => {
  const [first = 0] = smollm.encode("Hello there");
  expect(smollm.decode([first]) + predictedText(document("Hello there"), smollm)).toBe("Hello there");
  expect(predictedText(document("Hello there"), smollm).length).toBeLessThan("Hello there".length);
  expect(predictedText(document("Hello there"), llama)).toBe("Hello there");
});
