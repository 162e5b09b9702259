/** @file Counts the turns of conversations that are trained on, and those that are not. */

import { countOf } from "@tunewise/core/quantity";
import type { TurnCounts } from "../../encode/index.ts";
import type { DataCheck } from "./topics.ts";

const reasons: Readonly<Record<Exclude<keyof TurnCounts, "trained">, string>> = {
  weightZero: "of weight 0",
  beforeLast: "before the last",
  changed: "that the chat template rewrites",
};

/** One sentence about reasoning in the trained turns, or "" without any. */
export function reasoningText({ splits, reasoning }: Pick<DataCheck, "splits" | "reasoning">): string {
  const total = (kind: "reasoningTokens" | "labelledTokens"): number =>
    splits.reduce((sum, { statistics }) => sum + statistics[kind], 0);
  const tokens = total("reasoningTokens");
  if (tokens === 0) return "";
  return reasoning === "mask"
    ? `Reasoning (data.reasoning: mask): ${countOf(tokens, "token")} without loss`
    : `Reasoning (data.reasoning: ${reasoning}): ${tokens} of ${countOf(total("labelledTokens"), "token")} with loss`;
}

/** One sentence, or "" if every row has one answer, which is trained on. */
export function trainedTurnsText({ splits, trainOn }: Pick<DataCheck, "splits" | "trainOn">): string {
  const total = (kind: keyof TurnCounts): number =>
    splits.reduce((sum, { statistics }) => sum + statistics.turns[kind], 0);
  const left = (Object.keys(reasons) as (keyof typeof reasons)[]).filter((kind) => total(kind) > 0);
  const hasTurns = splits.some(({ statistics }) => statistics.turns.trained > statistics.rows);
  if (!hasTurns && left.length === 0) return "";
  const trained = splits.map(
    ({ name, statistics }) =>
      `${name} ${countOf(statistics.turns.trained, "answer")} in ${countOf(statistics.rows, "row")}`,
  );
  const without = left.map((kind) => `${total(kind)} ${reasons[kind]}`);
  return (
    `With loss (data.train_on: ${trainOn}): ${trained.join(", ")}` +
    (without.length === 0 ? "" : `; answers without loss: ${without.join(", ")}`)
  );
}
