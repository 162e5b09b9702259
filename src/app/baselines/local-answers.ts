/**
 * @file Arms that this machine answers: the base model, results of runs beside it, and rows that vote.
 */

import type { ShownExamples } from "../../baselines/index.ts";
import type { Adapter } from "../../engine/index.ts";
import type { Usd } from "../../quantity/index.ts";
import type { Host } from "../../runtime/index.ts";
import { type DecodingModel, decodeAnswers } from "../../scoring/index.ts";
import type { AnswerQuestions, ArmQuestion, GeneratedAnswer } from "./answer-questions.ts";
import type { LlamaModel } from "./llama-cpp.ts";

/** What local arms need. */
export interface LocalAdapters {
  readonly speaker: DecodingModel;
  /** Result of the run behind a tuned arm, by the arm's id. */
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly host: Pick<Host, "elapsedSeconds">;
  readonly usdPerHour: Usd;
}

/** Asks the model; an answer's time is its share of the batch's, and its price that time on this machine. */
export function answerLocally({ speaker, adapters, host, usdPerHour }: LocalAdapters): AnswerQuestions {
  return async (arm, questions) => {
    const start = host.elapsedSeconds();
    const adapter = arm.who === "tuned" ? (adapters.get(arm.id) ?? null) : null;
    const answers = await decodeAnswers(speaker, adapter, questions);
    const share = (host.elapsedSeconds() - start) / Math.max(1, questions.length);
    return questions.map((question, at) => spoken(question, answers[at], share, usdPerHour));
  };
}

/** Asks models that llama.cpp holds, one question after the other; time costs what this machine costs. */
export function answerByLlama(
  models: ReadonlyMap<string, LlamaModel>,
  tokensMost: number,
  { host, usdPerHour }: { readonly host: Pick<Host, "elapsedSeconds" | "signal">; readonly usdPerHour: Usd },
): AnswerQuestions {
  return async (arm, questions) => {
    const model = models.get(arm.model ?? "");
    if (model === undefined) throw new Error("Internal: an arm whose model is not open");
    const answers: GeneratedAnswer[] = [];
    for (const question of questions) {
      host.signal.throwIfAborted();
      const start = host.elapsedSeconds();
      const answer = await model.answer(question.ids, tokensMost, host.signal);
      answers.push(spoken(question, answer, host.elapsedSeconds() - start, usdPerHour));
    }
    return answers;
  };
}

/** Lets the rows most alike to a question vote. */
export function answerByVote(
  examples: ShownExamples,
  { host, usdPerHour }: Pick<LocalAdapters, "host" | "usdPerHour">,
): AnswerQuestions {
  return async (arm, questions) =>
    questions.map((question) => {
      const start = host.elapsedSeconds();
      const text = examples.vote(question.example, arm.examples);
      const answer = { text, answerTokens: 0 };
      return spoken(question, answer, host.elapsedSeconds() - start, usdPerHour);
    });
}

function spoken(
  { ids }: ArmQuestion,
  answer: { readonly text: string; readonly answerTokens: number } | undefined,
  took: number,
  usdPerHour: Usd,
): GeneratedAnswer {
  return {
    answer: answer?.text ?? "",
    promptTokens: ids.length,
    answerTokens: answer?.answerTokens ?? 0,
    seconds: took,
    microUsd: (usdPerHour * took) / 3600, // of one answer: far below a millionth, so it is not rounded
    paidMicroUsd: 0,
    isKept: false,
    remarks: [],
    failed: answer === undefined ? "no answer" : null,
  };
}
