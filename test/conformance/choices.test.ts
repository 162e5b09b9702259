/**
 * An answer chosen from a set is the one with the highest likelihood, compared with scoring every choice separately.
 */

import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import type { LanguageModel } from "@tunewise/engine";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goldenModels, openGolden } from "./golden-model.ts";

const endIds = [2, 5];

// Dynamic scaling changes only rows beyond the trained context, and the engine refuses those.
describe.each(goldenModels.filter((name) => name !== "llama-dynamic-rope"))("%s", (name) => {
  let model: LanguageModel;
  beforeAll(async () => {
    model = await openGolden(name);
  });
  afterAll(() => model.close());

  test("prompts of any length together, labels that begin alike", async () => {
    const random = xoshiro128From(5);
    const some = (count: number): number[] =>
      Array.from({ length: count }, () => 6 + randomBelow(random, 80));
    const stem = some(10);
    const prompts = [3, 9, 1, 12, 3].map((length) => Int32Array.from([...stem, ...some(length)]));
    const start = some(2);
    const choices = [start, [...start, 7], [...start, 7, 9, 11], [...start, 8], ...[1, 2, 3, 4].map(some)];
    for (const batchSize of [1, 3]) {
      const found = await model.choose(null, prompts, choices, { batchSize, endIds });
      for (const [row, prompt] of prompts.entries()) {
        const scores: number[] = [];
        for (const choice of choices) scores.push(await scoreOf(model, prompt, choice));
        const best = scores.indexOf(Math.max(...scores));
        expect(found[row]?.choice).toBe(best);
        expect(found[row]?.logProbability).toBeCloseTo(scores[best] as number, 3);
      }
    }
  });
});

/** log P(choice, then one of the end tokens | prompt), from the logits of the whole sequence. */
async function scoreOf(model: LanguageModel, prompt: Int32Array, choice: readonly number[]): Promise<number> {
  const logits = await model.logits(null, Int32Array.from([...prompt, ...choice]));
  const at = (place: number): Float32Array =>
    logits.subarray(place * model.vocabularySize, (place + 1) * model.vocabularySize);
  let score = 0;
  for (let step = 0; step <= choice.length; step++) {
    const own = at(prompt.length - 1 + step);
    const most = Math.max(...own);
    const total = own.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
    const wanted = step < choice.length ? [choice[step] as number] : endIds;
    const part = wanted.reduce((sum, id) => sum + Math.exp((own[id] as number) - most), 0);
    score += Math.log(part / total);
  }
  return score;
}

test("it ends where nobody waits any more, and refuses a prompt that fills the context", async () => {
  const model = await openGolden("llama");
  const controller = new AbortController();
  controller.abort(new Error("enough"));
  const prompts = [Int32Array.from([1, 2, 3])];
  const signal = controller.signal;
  await expect(model.choose(null, prompts, [[7]], { batchSize: 1, endIds, signal })).rejects.toThrow(
    "enough",
  );
  const long = [new Int32Array(model.contextLength).fill(7)];
  await expect(model.choose(null, long, [[7]], { batchSize: 1, endIds })).rejects.toMatchObject({
    code: "ENGINE_ROW_TOO_LONG",
  });
  await model.close();
});
