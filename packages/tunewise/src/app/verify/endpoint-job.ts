/** @file What is asked of a server of models. */
import type { TemplateVariables } from "@tunewise/engine/tokenize";
import { problem } from "../../problem/index.ts";
import type { EndpointClient } from "./endpoint-client.ts";
import type { Expected } from "./expected.ts";

/** A job for a server. */
export interface EndpointJob {
  readonly expected: Expected;
  readonly conversations: readonly TemplateVariables[];
  readonly answerTokens: number;
  /** Name of the model at the server; `null`: the only one, or that of the run. */
  readonly model: string | null;
  /** Id of the run, by which `tunewise model serve` names its model; `null` if there is none. */
  readonly runId: string | null;
}

/**
 * The log probability of a token among alternatives by text. A token that is missing is less likely than all of them,
 * and gets the lowest value.
 *
 * @returns `null` if the text cannot be compared
 */
export function scoreAmong(
  next: string | null,
  alternatives: readonly (readonly [string, number])[],
): number | null {
  if (next === null || alternatives.length === 0) return null;
  // tokenizers of sentencepiece write a word with or without its space
  const bare = (text: string): string => text.trim() || text;
  const own = alternatives.filter(([text]) => bare(text) === bare(next)).map(([, score]) => score);
  return own.length > 0 ? Math.max(...own) : Math.min(...alternatives.map(([, score]) => score));
}

/** Whether any score belongs to a token that was found: otherwise the server writes tokens in another form. */
export function isAnyFound(
  next: string | null,
  alternatives: readonly (readonly [string, number])[],
): boolean {
  return next !== null && alternatives.some(([text]) => text.trim() === next.trim());
}

/**
 * Chooses the model by name, then by the run, then the only one.
 *
 * @throws {TunewiseError} `VERIFY_MODEL_UNKNOWN`
 */
export function chooseModel(
  { address }: EndpointClient,
  { model, runId }: Pick<EndpointJob, "model" | "runId">,
  names: readonly string[],
): string {
  const chosen = model ?? names.find((name) => name === runId) ?? (names.length === 1 ? names[0] : undefined);
  if (chosen !== undefined && names.includes(chosen)) return chosen;
  const about = { runtime: address.name, model: model ?? "none", known: names.join(", ") || "none" };
  throw problem("VERIFY_MODEL_UNKNOWN", { ...about, first: names[0] ?? "NAME" });
}
