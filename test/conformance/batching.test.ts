/** Continuous batching: an answer does not depend on the other prompts of its pass or on when its slot became free. */

import { randomBelow, xoshiro128From } from "@tunewise/core/math";
import { describe, expect, test } from "vitest";
import { goldenModels, openGolden } from "./golden-model.ts";

const common = { topP: 1, seed: 3 } as const;

describe.each(goldenModels.filter((name) => name !== "llama-dynamic-rope"))("%s", (name) => {
  test("more prompts than slots, answers of any length, rows of several pages", async () => {
    const model = await openGolden(name);
    const random = xoshiro128From(4);
    const some = (count: number) => Array.from({ length: count }, () => 3 + randomBelow(random, 90));
    const prompts = [40, 3, 17, 9, 30, 5, 12, 33, 8].map((length) => Int32Array.from(some(length)));
    for (const temperature of [0, 0.8]) {
      const options = { ...common, temperature, maxNewTokens: 14 };
      // with one slot, prompts are answered one at a time
      const alone = await model.generate(null, prompts, { ...options, batchSize: 1, endIds: [] });
      const endIds = [...new Set(alone.map((ids, at) => ids[at] ?? 0))];
      const expected = alone.map((ids) => {
        const end = ids.findIndex((id) => endIds.includes(id));
        return end < 0 ? ids : ids.slice(0, end);
      });
      const ended: number[] = [];
      for (const batchSize of [3, 4, 9]) {
        const onAnswer = (index: number): number => ended.push(index);
        const answers = await model.generate(null, prompts, { ...options, batchSize, endIds, onAnswer });
        expect(answers).toEqual(expected);
        expect(ended.splice(0).sort((a, b) => a - b)).toEqual([...prompts.keys()]);
      }
    }
    await model.close();
  });
});
