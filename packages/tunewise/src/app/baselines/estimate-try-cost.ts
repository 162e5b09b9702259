/**
 * @file Estimates a try's API cost before any request. The test rows stay sealed, so their cost is extrapolated from
 * the validation rows.
 */

import { promptOf } from "@tunewise/datacheck/dataset";
import type { Arm, ArmLine } from "../../baselines/index.ts";
import type { ArmQuestion } from "./answer-log.ts";
import type { ApiModel } from "./api-answers.ts";
import type { TryRows } from "./held-out-test-set.ts";
import type { Judge } from "./open-judge.ts";
import type { Retrieval } from "./open-retrieval.ts";
import type { QuestionMaker } from "./questions.ts";

/** Expected and maximum cost in dollars. */
export async function estimateTryCost(
  lines: readonly ArmLine[],
  rows: TryRows,
  {
    api,
    retrieval,
    judge,
    ask,
  }: {
    readonly api: ApiModel;
    readonly judge: Pick<Judge, "price"> | null;
    readonly retrieval: Pick<Retrieval, "price"> | null;
    readonly ask: QuestionMaker;
  },
): Promise<{ readonly expected: number; readonly most: number }> {
  const total = { ...(await estimateVectorCost(lines, rows, retrieval)) };
  if (judge !== null) {
    const judging = await judge.price(rows.validation, lines.length * rows.heldOut.count);
    total.expected += judging.expected;
    total.most += judging.most;
  }
  if (!api.isNeeded) return total;
  for (const { candidates } of lines) {
    for (const arm of candidates) {
      if (arm.model !== "api") continue;
      const { expected, most } = await api.price(arm, await questionsOf(arm, rows, ask));
      // if there are several candidates, each answers the validation rows and one answers the test rows
      const times =
        (candidates.length > 1 ? 1 : 0) +
        rows.heldOut.count / Math.max(1, rows.validation.length) / candidates.length;
      total.expected += expected * times;
      total.most +=
        most * (candidates.length > 1 ? 1 + rows.heldOut.count / Math.max(1, rows.validation.length) : times);
    }
  }
  return total;
}

/** Cost to embed the passages, and the questions once, or twice if oracle arms also retrieve by question and answer. */
async function estimateVectorCost(
  lines: readonly ArmLine[],
  { validation, heldOut }: TryRows,
  retrieval: Pick<Retrieval, "price"> | null,
): Promise<{ readonly expected: number; readonly most: number }> {
  const looking = lines.flatMap(({ candidates }) => candidates.filter(({ passages }) => passages > 0));
  if (retrieval === null) return { expected: 0, most: 0 };
  const ways = Number(looking.some(({ oracle }) => oracle)) + Number(looking.some(({ oracle }) => !oracle));
  const rounds = ways * (1 + heldOut.count / Math.max(1, validation.length));
  return retrieval.price(validation.map(promptOf), rounds);
}

async function questionsOf(arm: Arm, { validation }: TryRows, ask: QuestionMaker): Promise<ArmQuestion[]> {
  const questions: ArmQuestion[] = [];
  for (const [row, example] of validation.entries()) questions.push(await ask(arm, example, row));
  return questions;
}
