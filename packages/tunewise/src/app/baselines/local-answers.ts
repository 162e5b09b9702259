/** @file Answers arms on this machine: with the base model, tuned models, llama.cpp, or a nearest-neighbor vote. */

import type { Usd } from "@tunewise/core/quantity";
import type { Adapter, LanguageModel } from "@tunewise/engine";
import { needsOwnVectors, type ShownExamples } from "../../baselines/index.ts";
import {
  answeringWork,
  choosePrecision,
  defaultStorage,
  loadTuned,
  openPreparedBase,
  type Prepared,
} from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type DecodingModel, decodeAnswers, measuredModel, type UsedModel } from "../../scoring/index.ts";
import { computeForRun } from "../runs/index.ts";
import type { AnswerQuestions, ArmQuestion, GeneratedAnswer } from "./answer-log.ts";
import type { FoundArms } from "./find-arms.ts";
import type { LlamaModel } from "./llama-cpp.ts";

/** Inputs of local arms. */
export interface LocalModels {
  readonly model: UsedModel;
  readonly decoder: Omit<DecodingModel, "model">;
  /** Adapter of the run that a tuned arm uses, by the arm's id. */
  readonly adapters: ReadonlyMap<string, Adapter>;
  readonly runtime: Pick<Runtime, "elapsedSeconds">;
  readonly usdPerHour: Usd;
}

/**
 * Answers with the local model. An answer's time is its share of the batch's time, and its cost is the machine's price
 * for that time.
 */
export function answerLocally({
  model,
  decoder,
  adapters,
  runtime,
  usdPerHour,
}: LocalModels): AnswerQuestions {
  return async (arm, questions) => {
    const start = runtime.elapsedSeconds();
    const adapter = arm.model === "tuned" ? (adapters.get(arm.id) ?? null) : null;
    const prompts = questions.map(({ ids, messages, example: { tools } }) => ({
      ids,
      messages,
      ...(tools && { tools }),
    }));
    const answers = await decodeAnswers({ ...decoder, model: measuredModel(model, adapter) }, prompts);
    const share = (runtime.elapsedSeconds() - start) / Math.max(1, questions.length);
    return questions.map((question, at) => generatedAnswer(question, answers[at], share, usdPerHour));
  };
}

/** Answers with llama.cpp, one question at a time. The cost is the machine's price for the time. */
export function answerByLlama(
  models: ReadonlyMap<string, LlamaModel>,
  maxTokens: number,
  {
    runtime,
    usdPerHour,
  }: { readonly runtime: Pick<Runtime, "elapsedSeconds" | "signal">; readonly usdPerHour: Usd },
): AnswerQuestions {
  return async (arm, questions) => {
    const model = models.get(arm.file ?? "");
    if (model === undefined) throw new Error("Internal: an arm whose model is not open");
    const answers: GeneratedAnswer[] = [];
    for (const question of questions) {
      runtime.signal.throwIfAborted();
      const start = runtime.elapsedSeconds();
      const answer = await model.answer(question.ids, maxTokens, runtime.signal);
      answers.push(generatedAnswer(question, answer, runtime.elapsedSeconds() - start, usdPerHour));
    }
    return answers;
  };
}

/** Answers by a vote of the rows most similar to the question. */
export function answerByVote(
  examples: ShownExamples,
  { runtime, usdPerHour }: Pick<LocalModels, "runtime" | "usdPerHour">,
): AnswerQuestions {
  return async (arm, questions) =>
    questions.map((question) => {
      const start = runtime.elapsedSeconds();
      const text = examples.vote(question.example, arm.examples);
      const answer = { text, answerTokens: 0 };
      return generatedAnswer(question, answer, runtime.elapsedSeconds() - start, usdPerHour);
    });
}

function generatedAnswer(
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
    microUsd: (usdPerHour * took) / 3600, // not rounded, because one answer may cost far less than a micro-dollar
    paidMicroUsd: 0,
    isKept: false,
    notes: [],
    failed: answer === undefined ? "no answer" : null,
  };
}

/** The base model and its adapters. */
export interface LocalModel {
  readonly model: LanguageModel;
  /** Adapters by the tuned arm's id. */
  readonly adapters: ReadonlyMap<string, Adapter>;
}

/** Whether an arm or retrieval needs the recipe's model. */
export function needsModel({ lines }: Pick<FoundArms, "lines">, { retrieval }: Recipe): boolean {
  if (needsOwnVectors(retrieval)) return true;
  return lines.some(({ candidates }) =>
    candidates.some(({ model: who }) => who === "base" || who === "tuned"),
  );
}

/**
 * The precision that all runs can share: float32 if one of them used it, otherwise bf16. An explicit precision in the
 * recipe replaces bf16. Without runs, the recipe's precision.
 */
async function commonCompute(
  { recipe, model }: Prepared,
  runs: FoundArms["runs"],
  runtime: Runtime,
): Promise<"fp32" | "bf16"> {
  const each = [...runs.values()].map((found) => computeForRun(found, recipe, model.config, runtime));
  const ofRuns = await Promise.all(each);
  if (ofRuns.includes("fp32")) return "fp32";
  if (ofRuns.length > 0 && recipe.training.precision === "auto") return "bf16";
  return (await choosePrecision(recipe, runtime, answeringWork(model.config, recipe))).compute;
}

/**
 * Opens the model. The caller closes it.
 *
 * @throws {TunewiseError} `RUN_WITHOUT_ADAPTER`, and those of opening a model
 */
export async function openLocalModel(
  prepared: Prepared,
  { runs }: Pick<FoundArms, "runs">,
  runtime: Runtime,
): Promise<LocalModel> {
  const { recipe } = prepared;
  const holding = defaultStorage(recipe, await commonCompute(prepared, runs, runtime));
  const model = await openPreparedBase(prepared, holding, runtime, prepared.dataFingerprint);
  try {
    const byRun = new Map<string, Adapter>();
    const adapters = new Map<string, Adapter>();
    for (const [arm, { run, folder }] of runs) {
      const adapter = byRun.get(run.id) ?? (await loadTuned(model, prepared.recipe, folder, run));
      byRun.set(run.id, adapter);
      adapters.set(arm, adapter);
    }
    return { model, adapters };
  } catch (error) {
    await model.close();
    throw error;
  }
}
