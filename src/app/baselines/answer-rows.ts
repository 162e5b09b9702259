/**
 * @file Lets several arms answer the same rows, in turns of a few rows each, so that whatever ends it early leaves all
 *   of them equally far.
 */

import type { Arm } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { type AnswerLog, type ArmAnswer, askedKey } from "./answer-log.ts";
import type { AnswerQuestions, ArmQuestion } from "./answer-questions.ts";
import type { QuestionMaker } from "./questions.ts";
import { isBeyondHelp, notAsked, unansweredRows } from "./void-arm.ts";

/** Rows that one arm answers at least before the next has its turn. */
const turnLeast = 16;

/** What answering takes. */
export interface AnswerWork {
  readonly arms: readonly Arm[];
  readonly set: ArmAnswer["set"];
  readonly rows: readonly Example[];
  /** Answers that this machine makes together: a turn is not cut smaller. */
  readonly together: number;
  readonly logOf: (arm: Arm) => AnswerLog;
  readonly ask: QuestionMaker;
  readonly speak: AnswerQuestions;
  readonly onTurn: (arm: Arm, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * All answers of each arm, by its id, in the order of the rows. Answers that the log has are taken from it.
 *
 * @throws the signal's reason, after what was answered is on disk
 */
export async function answerRows(work: AnswerWork): Promise<ReadonlyMap<string, readonly ArmAnswer[]>> {
  const { arms, rows, signal, together } = work;
  const turnRows = Math.max(turnLeast, together);
  const all = new Map<string, ArmAnswer[]>(arms.map(({ id }) => [id, []]));
  const total = rows.length * arms.length;
  const failed = new Map<string, number>();
  for (let start = 0; start < rows.length; start += turnRows) {
    for (const arm of arms) {
      signal.throwIfAborted();
      const end = Math.min(rows.length, start + turnRows);
      const lost = failed.get(arm.id) ?? 0;
      const answers = isBeyondHelp(lost, rows.length)
        ? passedOver(work.set, start, end)
        : await takeTurn(work, arm, start, end);
      failed.set(arm.id, lost + unansweredRows(answers).length);
      const own = all.get(arm.id) ?? [];
      own.push(...answers);
      const done = [...all.values()].reduce((sum, { length }) => sum + length, 0);
      work.onTurn(arm, done, total);
    }
  }
  return all;
}

/** Rows that an arm is not asked any more. They are not written down: the same try again asks them. */
function passedOver(set: ArmAnswer["set"], start: number, end: number): ArmAnswer[] {
  const nothing = { promptTokens: 0, answerTokens: 0, seconds: 0, microUsd: 0, paidMicroUsd: 0 };
  return Array.from({ length: end - start }, (_, at) => ({
    ...{ set, row: start + at, asked: "", answer: "", ...nothing },
    ...{ isKept: false, passages: [], remarks: [], failed: notAsked },
  }));
}

async function takeTurn(work: AnswerWork, arm: Arm, start: number, end: number): Promise<ArmAnswer[]> {
  const { rows, set, ask, speak, logOf } = work;
  const log = logOf(arm);
  const questions: (ArmQuestion & { readonly asked: string })[] = [];
  for (let row = start; row < end; row++) {
    const question = await ask(arm, rows[row] as Example, row);
    questions.push({ ...question, asked: askedKey(question.messages) });
  }
  const open = questions.filter(({ row, asked }) => log.find(set, row, asked) === undefined);
  const spoken = open.length === 0 ? [] : await speak(arm, open);
  const fresh = open.map(
    ({ row, asked, shown }, at): ArmAnswer => ({
      ...{ set, row, asked, passages: shown.passages.map(({ title }) => title) },
      ...(spoken[at] as NonNullable<(typeof spoken)[number]>),
    }),
  );
  await log.add(fresh);
  const byRow = new Map(fresh.map((answer) => [answer.row, answer]));
  return questions.map(({ row, asked }) => (byRow.get(row) ?? log.find(set, row, asked)) as ArmAnswer);
}
