/** @file The questions of a frozen reference: test rows of a recipe, new prompts and prompts of logs. */
import { resolve } from "node:path";
import type { Answer, JsonObject, Message } from "@tunewise/core/rows";
import { isLeak } from "@tunewise/datacheck";
import { readPromptRows } from "@tunewise/datacheck/dataset";
import { type LoadedRecipe, readRows } from "../../prepare/index.ts";
import { type Finding, placeText } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FrozenSource, questionKey } from "../../scoring/index.ts";

/** A question to freeze. */
export interface FrozenQuestion {
  /** See `questionKey`. */
  readonly key: string;
  readonly source: FrozenSource;
  /** Number of the row in its source, from 1. */
  readonly row: number;
  readonly messages: readonly Message[];
  readonly tools: readonly JsonObject[];
  readonly reference: Answer | null;
}

/** Distinct questions, and what was left out. */
export interface CollectedQuestions {
  readonly questions: readonly FrozenQuestion[];
  /** Questions that repeat another one. */
  readonly repeated: number;
  /** Test rows that training rows repeat. */
  readonly leaked: number;
  /** Warnings about rows of prompts and logs. */
  readonly findings: readonly Finding[];
}

/** Where questions come from. Paths are relative to the working directory. */
export interface QuestionSources {
  /** Its test rows are asked; `null`: none. */
  readonly recipe: LoadedRecipe | null;
  readonly prompts: string | null;
  readonly logs: string | null;
}

/** Max. questions from one file; a frozen reference holds a million answers. */
const maxRows = 300_000;

/**
 * Collects the questions of all sources: test rows first, then prompts, then logs. Leaked test rows are left out, as in
 * `tunewise try`.
 *
 * @throws {TunewiseError} those of `readRows` and `readPromptRows`
 */
export async function collectQuestions(
  { recipe, prompts, logs }: QuestionSources,
  runtime: Runtime,
): Promise<CollectedQuestions> {
  const test = recipe === null ? { questions: [], leaked: 0 } : await testQuestions(recipe, runtime);
  const files = [
    prompts === null ? null : await fileQuestions("prompts", prompts, runtime),
    logs === null ? null : await fileQuestions("logs", logs, runtime),
  ].filter((one) => one !== null);
  const all = [...test.questions, ...files.flatMap(({ questions }) => questions)];
  const distinct = new Map<string, FrozenQuestion>();
  for (const one of all) if (!distinct.has(one.key)) distinct.set(one.key, one);
  return {
    questions: [...distinct.values()],
    repeated: all.length - distinct.size,
    leaked: test.leaked,
    findings: files.flatMap(({ findings }) => findings),
  };
}

async function testQuestions(
  loaded: LoadedRecipe,
  runtime: Runtime,
): Promise<{ readonly questions: FrozenQuestion[]; readonly leaked: number }> {
  const { examples, observations } = await readRows(loaded, runtime);
  const leaks = observations.filter(({ finding }) => isLeak(finding));
  const places = new Set(leaks.flatMap(({ evidence }) => evidence.map(({ place }) => placeText(place))));
  const clean = examples.test.filter((row) => !places.has(placeText(row)));
  const { rows } = loaded.recipe.evaluation;
  const taken = rows === null ? clean : clean.slice(0, rows);
  const questions = taken.map(({ messages, tools, row }) => {
    const { content, toolCalls } = messages.at(-1) ?? { content: "" };
    const reference = { content, ...(toolCalls !== undefined && { toolCalls }) };
    return questionFrom("test", row, { messages: messages.slice(0, -1), tools, reference });
  });
  return { questions, leaked: examples.test.length - clean.length };
}

async function fileQuestions(
  source: "prompts" | "logs",
  path: string,
  { cwd }: Runtime,
): Promise<{ readonly questions: FrozenQuestion[]; readonly findings: readonly Finding[] }> {
  const { rows, findings } = await readPromptRows(resolve(cwd, path), path, maxRows);
  return { questions: rows.map((row) => questionFrom(source, row.at.row, row)), findings };
}

function questionFrom(
  source: FrozenSource,
  row: number,
  {
    messages,
    tools,
    reference,
  }: {
    readonly messages: readonly Message[];
    readonly tools?: readonly JsonObject[] | undefined;
    readonly reference: Answer | null;
  },
): FrozenQuestion {
  const key = questionKey({ messages, ...(tools !== undefined && { tools }) });
  return { key, source, row, messages, tools: tools ?? [], reference };
}
