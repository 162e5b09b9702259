/** @file `forgetting.json` of a run: the raw results of both models by item, and the outcome. */

import type { ForgettingPoint, ModelFigures, PromptDivergence, RowLoss } from "@tunewise/core/run";
import { readTextFile } from "@tunewise/core/untrusted";
import { type RunFolder, writeWholeFile } from "@tunewise/tracker";
import type { ForgettingPrompts } from "../prepare/index.ts";
import type { ForgettingOutcome } from "./forgetting-outcome.ts";

/** Contents of the file. */
export interface ForgettingRecord {
  readonly base: ModelFigures;
  /** Added at the end of a run. */
  readonly end: {
    readonly step: number;
    readonly tuned: ModelFigures;
    readonly prompts: readonly PromptDivergence[];
    readonly outcome: ForgettingOutcome;
    readonly curve: readonly ForgettingPoint[];
  } | null;
}

const formatVersion = 1;

/** Writes the complete file. Non-finite numbers become `null`. */
export async function writeForgetting(
  folder: Pick<RunFolder, "forgetting">,
  material: ForgettingPrompts,
  { base, end }: ForgettingRecord,
): Promise<void> {
  const document = {
    format_version: formatVersion,
    material: {
      fingerprint: material.fingerprint,
      documents: material.texts.length,
      questions: material.choices.length,
      prompts: material.prompts.length,
      regression_prompts: material.regressionPrompts.length,
    },
    base: figuresDocument(base),
    ...(end && {
      step: end.step,
      tuned: figuresDocument(end.tuned),
      divergence: end.prompts.map(({ sum, positions }) => ({ kl_sum: sum, positions })),
      outcome: snakeKeys(end.outcome),
      curve: snakeKeys(end.curve),
    }),
  };
  await writeWholeFile(folder.forgetting, `${JSON.stringify(document)}\n`);
}

/** Reads the base model's results of an earlier session. Returns `null` if there are none for the same data. */
export async function readBaseFigures(
  folder: Pick<RunFolder, "forgetting">,
  material: ForgettingPrompts,
): Promise<ModelFigures | null> {
  const text = await readTextFile(folder.forgetting).catch(() => "");
  try {
    const document = JSON.parse(text) as { format_version?: unknown; material?: unknown; base?: unknown };
    const { fingerprint } = document.material as { fingerprint?: unknown };
    if (document.format_version !== formatVersion || fingerprint !== material.fingerprint) return null;
    return figuresFrom(document.base, material);
  } catch {
    return null; // missing or damaged: the base model is measured again
  }
}

/** The complete record as JSON for `show`, or `null` if there is none. */
export async function readForgettingDocument(folder: RunFolder): Promise<unknown> {
  const text = await readTextFile(folder.forgetting).catch(() => null);
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function figuresDocument({ texts, choices, answers }: ModelFigures): object {
  return {
    documents: texts.map(({ nll, labelledTokens }) => ({ nll, tokens: labelledTokens })),
    choices_nll: choices,
    answers,
  };
}

function figuresFrom(
  value: unknown,
  { texts, choices, regressionPrompts }: ForgettingPrompts,
): ModelFigures | null {
  const { documents, choices_nll, answers } = value as Record<string, unknown[]>;
  const losses = (documents as { nll?: unknown; tokens?: unknown }[]).map(
    ({ nll, tokens }): RowLoss => ({ nll: Number(nll ?? Number.NaN), labelledTokens: Number(tokens) }),
  );
  const nll = (choices_nll as unknown[][]).map((item) => item.map((loss) => Number(loss ?? Number.NaN)));
  const isComplete =
    losses.length === texts.length &&
    nll.length === choices.length &&
    answers?.length === regressionPrompts.length &&
    nll.every((item, at) => item.length === choices[at]?.rows.length) &&
    [...losses.map((loss) => loss.nll), ...nll.flat()].every(Number.isFinite);
  return isComplete ? { texts: losses, choices: nll, answers: answers.map(String) } : null;
}

/** Converts keys to snake_case. */
function snakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll("-", "_"),
    snakeKeys(item),
  ]);
  return Object.fromEntries(entries);
}
