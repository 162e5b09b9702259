/** @file The sentence about trained turns: absent if every row has one answer, otherwise with all reasons. */
import { expect, test } from "vitest";
import type { EncodeStatistics, TurnCounts } from "../../encode/index.ts";
import { reasoningText, trainedTurnsText } from "./trained-turns.ts";

function split(name: string, rows: number, turns: Partial<TurnCounts>) {
  const counts = { trained: rows, weightZero: 0, beforeLast: 0, changed: 0, ...turns };
  return { name, statistics: { rows, turns: counts } as EncodeStatistics };
}

test.each<[string, Parameters<typeof trainedTurnsText>[0], string]>([
  ["one answer each", { splits: [split("train", 48, {})], trainOn: "all" }, ""],
  [
    "several answers",
    { splits: [split("train", 40, { trained: 80 }), split("test", 4, { trained: 8 })], trainOn: "all" },
    "With loss (data.train_on: all): train 80 answers in 40 rows, test 8 answers in 4 rows",
  ],
  [
    "each reason",
    {
      splits: [
        split("train", 4, { beforeLast: 3, weightZero: 2 }),
        split("test", 1, { weightZero: 1, changed: 1 }),
      ],
      trainOn: "last",
    },
    "With loss (data.train_on: last): train 4 answers in 4 rows, test 1 answer in 1 row; " +
      "answers without loss: 3 of weight 0, 3 before the last, 1 that the chat template rewrites",
  ],
])("%s", (_, check, text) => {
  expect(trainedTurnsText(check)).toBe(text);
});

test.each([
  ["train", 40, "Reasoning (data.reasoning: train): 40 of 100 tokens with loss"],
  ["mask", 40, "Reasoning (data.reasoning: mask): 40 tokens without loss"],
  ["train", 0, ""],
] as const)("reasoning: %s, %i tokens", (reasoning, reasoningTokens, text) => {
  const statistics = { reasoningTokens, labelledTokens: 100 } as EncodeStatistics;
  expect(reasoningText({ splits: [{ name: "train", statistics }], reasoning })).toBe(text);
});
