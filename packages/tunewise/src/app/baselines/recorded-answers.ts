/**
 * @file Reuses answers that a training run recorded when it was scored. A try that asks the same model the same
 * question in the same way reuses them, so that an adapter has only one score on the same rows. Otherwise rounding
 * would differ with the batch size.
 */
import { type Recipe, readConfiguration, templateKey } from "../../recipe/index.ts";
import { questionKey, readRecordedAnswers } from "../../scoring/index.ts";
import type { FoundRun } from "../runs/index.ts";
import type { AnswerQuestions, GeneratedAnswer } from "./answer-log.ts";
import type { FoundArms } from "./find-arms.ts";
import { conversationOf } from "./questions.ts";

/** Recorded answers, by the arm's id and the question's key. */
export type RecordedAnswers = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Finds the answers that the arms' runs recorded with this recipe's decoding settings. */
export async function findRecordedAnswers(
  { lines, runs }: Pick<FoundArms, "lines" | "runs">,
  recipe: Recipe,
): Promise<RecordedAnswers> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  const byRun = new Map<string, Awaited<ReturnType<typeof recordOf>>>();
  for (const one of runs.values())
    if (!byRun.has(one.run.id)) byRun.set(one.run.id, await recordOf(one, recipe));
  const [anyBase] = [...byRun.values()].map(({ base }) => base).filter(({ size }) => size > 0);
  for (const arm of lines.flatMap(({ candidates }) => candidates)) {
    const run = runs.get(arm.id)?.run.id;
    if (arm.model === "tuned" && run !== undefined) found.set(arm.id, byRun.get(run)?.tuned ?? new Map());
    if (arm.model === "base" && anyBase !== undefined) found.set(arm.id, anyBase);
  }
  return found;
}

async function recordOf(
  { run, folder }: FoundRun,
  recipe: Recipe,
): Promise<{ readonly tuned: ReadonlyMap<string, string>; readonly base: ReadonlyMap<string, string> }> {
  const own = readConfiguration(run.configuration, "configuration.json").recipe;
  if (own === null || decodingSettings(own) !== decodingSettings(recipe))
    return { tuned: new Map(), base: new Map() };
  return readRecordedAnswers(folder);
}

/** Everything besides the question that affects an answer. Sampled answers also depend on their position in a batch. */
function decodingSettings({ evaluation, task, training, model }: Recipe): string {
  const { maxNewTokens, decoding, temperature, topP, batchSize } = evaluation;
  const isSampled = temperature > 0;
  const sampling = isSampled ? [topP, training.seed, batchSize, evaluation.rows] : [];
  return JSON.stringify([
    maxNewTokens,
    decoding,
    temperature,
    task.kind,
    task.labels,
    sampling,
    templateKey(model),
  ]);
}

/**
 * Reuses recorded answers. The first batch of an arm is computed anyway, to measure what an answer costs. Recorded
 * answers of later batches get the mean of that batch.
 */
export function withRecorded(respond: AnswerQuestions, recorded: RecordedAnswers): AnswerQuestions {
  const typical = new Map<string, GeneratedAnswer>();
  return async (arm, questions) => {
    const known = questions.map((question) =>
      recorded.get(arm.id)?.get(questionKey(conversationOf(question))),
    );
    const usual = typical.get(arm.id);
    const open = questions.filter((_, at) => usual === undefined || known[at] === undefined);
    const computed = open.length === 0 ? [] : await respond(arm, open);
    const first = computed[0];
    if (usual === undefined && first !== undefined) typical.set(arm.id, meanOf(computed, first));
    const byQuestion = new Map(open.map((question, at) => [question, computed[at]]));
    return questions.map((question, at) => {
      const own = byQuestion.get(question);
      const answer = known[at];
      if (answer === undefined) return own as GeneratedAnswer;
      const costs = own ?? { ...(usual as GeneratedAnswer), promptTokens: question.ids.length, isKept: true };
      return { ...costs, answer, failed: null, notes: [] };
    });
  };
}

function meanOf(answers: readonly GeneratedAnswer[], first: GeneratedAnswer): GeneratedAnswer {
  const mean = (of: (one: GeneratedAnswer) => number): number =>
    answers.reduce((sum, one) => sum + of(one), 0) / answers.length;
  return {
    ...first,
    answerTokens: Math.round(mean((one) => one.answerTokens)),
    seconds: mean((one) => one.seconds),
    microUsd: mean((one) => one.microUsd),
    paidMicroUsd: 0,
  };
}
