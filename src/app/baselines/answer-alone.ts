/**
 * @file A few questions asked one at a time: how long one person waits, which answers made in batches do not tell.
 */

import type { Arm } from "../../baselines/index.ts";
import type { Example } from "../../dataset/index.ts";
import { type AnswerLog, type ArmAnswer, askedKey } from "./answer-log.ts";
import type { AnswerQuestions } from "./answer-questions.ts";
import type { QuestionMaker } from "./questions.ts";

/** Questions asked of an arm, and ... */
const questionsMost = 8;
/** ... seconds after which no further one is. */
const secondsMost = 20;

/** Whether an arm's answers are made in batches. */
export function isBatched({ who }: Pick<Arm, "who">): boolean {
  return who === "base" || who === "tuned";
}

/** Answers to the first rows, each made alone; those that the log has are taken from it. */
export async function answerAlone(
  arm: Arm,
  rows: readonly Example[],
  by: {
    readonly log: AnswerLog;
    readonly ask: QuestionMaker;
    readonly speak: AnswerQuestions;
    readonly signal: AbortSignal;
  },
): Promise<readonly ArmAnswer[]> {
  const answers: ArmAnswer[] = [];
  let spent = 0;
  for (const [row, example] of rows.slice(0, questionsMost).entries()) {
    if (spent >= secondsMost) break;
    by.signal.throwIfAborted();
    const question = await by.ask(arm, example, row);
    const asked = askedKey(question.messages);
    let answer = by.log.find("alone", row, asked);
    if (answer === undefined) {
      const [spoken] = await by.speak(arm, [question]);
      if (spoken === undefined) throw new Error("Internal: a question without an answer");
      const passages = question.shown.passages.map(({ title }) => title);
      answer = { set: "alone", row, asked, passages, ...spoken };
      await by.log.add([answer]);
    }
    answers.push(answer);
    spent += answer.seconds;
  }
  return answers;
}
