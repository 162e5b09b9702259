/** @file Prompts for measuring safety: coding tasks, and requests that should be declined. */
import { resolve } from "node:path";
import type { Example } from "@tunewise/core/rows";
import { holdsCode } from "@tunewise/datacheck";
import {
  answerOf,
  type LocatedText,
  type ProbeRequest,
  readPrompts,
  readRequests,
  spread,
} from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { packageFile } from "../catalog/index.ts";
import { type EncodedPrompt, encodeQuestions, type ModelLimits } from "../encode/index.ts";
import type { Finding } from "../problem/index.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** A prompt with its tokens. */
export type WithTokens<Item extends LocatedText> = Item & { readonly ids: Int32Array };

/** Prompts by kind; an empty list if that kind is not measured. */
export interface SafetyPrompts {
  readonly code: readonly WithTokens<LocatedText>[];
  readonly refusals: readonly WithTokens<ProbeRequest>[];
  readonly findings: readonly Finding[];
}

/** Token limit of an answer to a request; a refusal is visible at its start. */
export const refusalTokens = 48;

/** Fraction of training answers with code from which code safety is measured. */
const codeShare = 0.05;

const shipped = "data/safety/";

/**
 * Reads and tokenizes the safety prompts of a recipe.
 *
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY`, `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export async function readSafety(
  { recipe, folder }: LoadedRecipe,
  train: readonly Example[],
  tokenizer: Tokenizer,
  limits: ModelLimits,
): Promise<SafetyPrompts> {
  const { safety, data } = recipe;
  const pathOf = (source: string, name: string): string =>
    source === "general" ? packageFile(shipped + name) : resolve(folder, source);
  const none = { items: [], findings: [] };
  const code = wantsCode(safety.code, train)
    ? await readPrompts(pathOf(safety.codePrompts, "code.jsonl"), safety.codePrompts)
    : none;
  const isChat = recipe.task.kind === "text" && tokenizer.hasChatTemplate;
  const refusals =
    safety.refusals === "on" || (safety.refusals === "auto" && isChat)
      ? await readRequests(pathOf(safety.refusalPrompts, "refusals.jsonl"), safety.refusalPrompts)
      : none;
  const tasks = spread<LocatedText>(code.items, safety.rows.code);
  const requests = spread<ProbeRequest>(refusals.items, safety.rows.refusals);
  const system = data.system;
  const forCode = { ...limits, system, room: safety.maxNewTokens };
  const encodedCode = encodeQuestions(tasks, safety.codePrompts, tokenizer, forCode);
  const forRequests = { ...limits, system, room: refusalTokens };
  const encodedRequests = encodeQuestions(requests, safety.refusalPrompts, tokenizer, forRequests);
  return {
    code: withTokens(tasks, encodedCode.items),
    refusals: withTokens(requests, encodedRequests.items),
    findings: [code, refusals, encodedCode, encodedRequests].flatMap(({ findings }) => findings),
  };
}

function withTokens<Item extends LocatedText>(
  items: readonly Item[],
  encoded: readonly EncodedPrompt[],
): WithTokens<Item>[] {
  return encoded.map(({ ids, item }) => ({ ...(items[item] as Item), ids }));
}

/** Number of training rows sampled to detect code. */
const sampledRows = 200;

function wantsCode(wish: "auto" | "on" | "off", train: readonly Example[]): boolean {
  if (wish !== "auto") return wish === "on";
  const rows = spread(train, sampledRows);
  const withCode = rows.filter((row) => holdsCode(answerOf(row))).length;
  return rows.length > 0 && withCode >= codeShare * rows.length;
}
