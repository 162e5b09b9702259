/**
 * @file What APIs will take for a try, before a question is asked. The test rows stay sealed: their price is that of as
 *   many validation rows.
 */

import { type Arm, type ArmLine, questionOf } from "../../baselines/index.ts";
import type { ArmQuestion } from "./answer-questions.ts";
import type { ApiModel } from "./api-model.ts";
import type { Judge } from "./open-judge.ts";
import type { Retrieval } from "./open-retrieval.ts";
import type { QuestionMaker } from "./questions.ts";
import type { TryRows } from "./try-rows.ts";

/** Dollars, expected and at most. */
export async function priceOf(
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
  const total = { ...(await priceOfVectors(lines, rows, retrieval)) };
  if (judge !== null) {
    const judging = await judge.price(rows.choosing, lines.length * rows.sealed.count);
    total.expected += judging.expected;
    total.most += judging.most;
  }
  if (!api.isNeeded) return total;
  for (const { candidates } of lines) {
    for (const arm of candidates) {
      if (arm.who !== "api") continue;
      const { expected, most } = await api.price(arm, await questionsOf(arm, rows, ask));
      // a line with a choice asks the validation rows by every candidate, and the test rows by one of them
      const times =
        (candidates.length > 1 ? 1 : 0) +
        rows.sealed.count / Math.max(1, rows.choosing.length) / candidates.length;
      total.expected += expected * times;
      total.most +=
        most * (candidates.length > 1 ? 1 + rows.sealed.count / Math.max(1, rows.choosing.length) : times);
    }
  }
  return total;
}

/** Vectors of passages, and of each question once: twice, where it is looked up with its answer too. */
async function priceOfVectors(
  lines: readonly ArmLine[],
  { choosing, sealed }: TryRows,
  retrieval: Pick<Retrieval, "price"> | null,
): Promise<{ readonly expected: number; readonly most: number }> {
  const looking = lines.flatMap(({ candidates }) => candidates.filter(({ passages }) => passages > 0));
  if (retrieval === null) return { expected: 0, most: 0 };
  const ways = Number(looking.some(({ oracle }) => oracle)) + Number(looking.some(({ oracle }) => !oracle));
  const rounds = ways * (1 + sealed.count / Math.max(1, choosing.length));
  return retrieval.price(choosing.map(questionOf), rounds);
}

async function questionsOf(arm: Arm, { choosing }: TryRows, ask: QuestionMaker): Promise<ArmQuestion[]> {
  const questions: ArmQuestion[] = [];
  for (const [row, example] of choosing.entries()) questions.push(await ask(arm, example, row));
  return questions;
}
