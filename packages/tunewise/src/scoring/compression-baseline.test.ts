/** @file Tests the compressor as a baseline: what it knows from training documents costs few bits. */
import type { Example } from "@tunewise/core/rows";
import { expect, test } from "vitest";
import { compareWithCompression, scorePredictions } from "../evaluate/index.ts";
import { compressedBitsPerByte } from "./compression-baseline.ts";

const document = (content: string): Example => ({
  messages: [{ role: "assistant", content }],
  isDocument: true,
  file: "a",
  row: 1,
});
/** Text that no other part predicts. */
const random = (seed: number, length: number): string => {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCharCode(97 + ((state >>> 24) % 26));
  }).join("");
};

test("text of 26 equally likely letters takes log2(26) bits a byte, and nothing once it is known", async () => {
  const text = random(7, 20_000);
  const unknown = await compressedBitsPerByte([document(random(9, 20_000))], [text]);
  expect(unknown).toBeGreaterThan(Math.log2(26));
  expect(unknown).toBeLessThan(1.05 * Math.log2(26));
  expect(await compressedBitsPerByte([document(text)], [text])).toBeLessThan(0.05);
  expect(await compressedBitsPerByte([], [""])).toBeNull();
});

test("the verdict follows from the interval of the tuned score", () => {
  const references = ["abcd", "efgh", "ijkl"];
  const losses = [3, 3.3, 2.9].map((bits) => ({ nll: 4 * bits * Math.LN2, labelledTokens: 2 }));
  const [score] = scorePredictions(["bits_per_byte"], { losses }, references);
  if (score === undefined) throw new Error("no score");
  expect(score.value).toBeCloseTo((3 + 3.3 + 2.9) / 3, 12);
  const verdicts = [3.5, 3.1, 2.5].map((value) => compareWithCompression(score, value)?.verdict);
  expect(verdicts).toEqual(["better", "unclear", "worse"]);
  expect(compareWithCompression({ ...score, metric: "perplexity" }, 1)).toBeNull();
});
