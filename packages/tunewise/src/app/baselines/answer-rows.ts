/**
 * @file Answers the same rows with several arms and measures latency. Arms take turns in batches of rows, so that all
 * arms have answered about equally many rows if the try ends early. Latency is measured on questions asked one at a
 * time.
 */

import type { Example } from "@tunewise/core/rows";
import type { Arm } from "../../baselines/index.ts";
import { questionKey } from "../../scoring/index.ts";
import type { AnswerLog, AnswerQuestions, ArmAnswer, ArmQuestion } from "./answer-log.ts";
import { hasTooManyFailures, unansweredRows, unsent } from "./invalid-arm.ts";
import { conversationOf, type QuestionMaker } from "./questions.ts";

/** Minimum number of rows per turn of an arm. */
const minTurnRows = 16;

/** Inputs of `answerRows`. */
export interface AnswerWork {
  readonly arms: readonly Arm[];
  readonly set: ArmAnswer["set"];
  readonly rows: readonly Example[];
  /** Batch size of this machine. A turn has at least this many rows. */
  readonly batchSize: number;
  readonly logOf: (arm: Arm) => AnswerLog;
  readonly ask: QuestionMaker;
  readonly respond: AnswerQuestions;
  readonly onTurn: (arm: Arm, done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/**
 * Returns the answers of each arm by the arm's id, in row order. Reuses logged answers.
 *
 * @throws the signal's reason, after finished answers are on disk
 */
export async function answerRows(work: AnswerWork): Promise<ReadonlyMap<string, readonly ArmAnswer[]>> {
  const { arms, rows, signal, batchSize } = work;
  const turnRows = Math.max(minTurnRows, batchSize);
  const all = new Map<string, ArmAnswer[]>(arms.map(({ id }) => [id, []]));
  const total = rows.length * arms.length;
  const failed = new Map<string, number>();
  for (let start = 0; start < rows.length; start += turnRows) {
    for (const arm of arms) {
      signal.throwIfAborted();
      const end = Math.min(rows.length, start + turnRows);
      const lost = failed.get(arm.id) ?? 0;
      const answers = hasTooManyFailures(lost, rows.length)
        ? skippedRows(work.set, start, end)
        : await answerTurn(work, arm, start, end);
      failed.set(arm.id, lost + unansweredRows(answers).length);
      const own = all.get(arm.id) ?? [];
      own.push(...answers);
      const done = [...all.values()].reduce((sum, { length }) => sum + length, 0);
      work.onTurn(arm, done, total);
    }
  }
  return all;
}

/**
 * Placeholder answers for rows that an arm is not asked. They are not logged, so that the same try can ask them later.
 */
function skippedRows(set: ArmAnswer["set"], start: number, end: number): ArmAnswer[] {
  const nothing = { promptTokens: 0, answerTokens: 0, seconds: 0, microUsd: 0, paidMicroUsd: 0 };
  return Array.from({ length: end - start }, (_, at) => ({
    set,
    row: start + at,
    asked: "",
    answer: "",
    ...nothing,
    isKept: false,
    passages: [],
    notes: [],
    failed: unsent,
  }));
}

async function answerTurn(work: AnswerWork, arm: Arm, start: number, end: number): Promise<ArmAnswer[]> {
  const { rows, set, ask, respond, logOf } = work;
  const log = logOf(arm);
  const questions: (ArmQuestion & { readonly asked: string })[] = [];
  for (let row = start; row < end; row++) {
    const question = await ask(arm, rows[row] as Example, row);
    questions.push({ ...question, asked: questionKey(conversationOf(question)) });
  }
  const open = questions.filter(({ row, asked }) => log.find(set, row, asked) === undefined);
  const responses = open.length === 0 ? [] : await respond(arm, open);
  const added = open.map(
    ({ row, asked, shown }, at): ArmAnswer => ({
      set,
      row,
      asked,
      passages: shown.passages.map(({ title }) => title),
      ...(responses[at] as NonNullable<(typeof responses)[number]>),
    }),
  );
  await log.add(added);
  const byRow = new Map(added.map((answer) => [answer.row, answer]));
  return questions.map(({ row, asked }) => (byRow.get(row) ?? log.find(set, row, asked)) as ArmAnswer);
}

/** Maximum number of questions in a latency measurement, per arm. */
const maxQuestions = 8;
/** Time in seconds after which a latency measurement asks no further question. */
const maxSeconds = 20;

/** Whether an arm answers in batches. */
export function isBatched({ model }: Pick<Arm, "model">): boolean {
  return model === "base" || model === "tuned";
}

/**
 * Answers the first rows one at a time, to measure the latency that a single user sees. Batching hides it. Reuses
 * logged answers.
 */
export async function answerAlone(
  arm: Arm,
  rows: readonly Example[],
  by: {
    readonly log: AnswerLog;
    readonly ask: QuestionMaker;
    readonly respond: AnswerQuestions;
    readonly signal: AbortSignal;
  },
): Promise<readonly ArmAnswer[]> {
  const answers: ArmAnswer[] = [];
  let spent = 0;
  for (const [row, example] of rows.slice(0, maxQuestions).entries()) {
    if (spent >= maxSeconds) break;
    by.signal.throwIfAborted();
    const question = await by.ask(arm, example, row);
    const asked = questionKey(conversationOf(question));
    let answer = by.log.find("alone", row, asked);
    if (answer === undefined) {
      const [response] = await by.respond(arm, [question]);
      if (response === undefined) throw new Error("Internal: a question without an answer");
      const passages = question.shown.passages.map(({ title }) => title);
      answer = { set: "alone", row, asked, passages, ...response };
      await by.log.add([answer]);
    }
    answers.push(answer);
    spent += answer.seconds;
  }
  return answers;
}
