/**
 * @file What a result is asked to see whether it became less safe: tasks for code, requests that should be declined.
 */
import { resolve } from "node:path";
import { packageFile } from "../catalog/index.ts";
import {
  type EncodedPrompt,
  type Example,
  encodeQuestions,
  type LocatedText,
  type ModelLimits,
  type ProbeRequest,
  readPrompts,
  readRequests,
  spread,
  type Tokenizer,
} from "../dataset/index.ts";
import { holdsCode } from "../inspect/index.ts";
import type { Finding } from "../problem/index.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** A prompt as text and as tokens. */
export type Asked<Item extends LocatedText> = Item & { readonly ids: Int32Array };

/** What will be asked; an empty list: nothing of that kind. */
export interface SafetyPrompts {
  readonly code: readonly Asked<LocatedText>[];
  readonly refusals: readonly Asked<ProbeRequest>[];
  readonly findings: readonly Finding[];
}

/** Longest answer to a request, in tokens: whether it declines shows at its beginning. */
export const refusalTokens = 48;

/** Share of training answers with code from which on the result is asked for code. */
const codeShare = 0.05;

const shipped = "data/safety/";

/**
 * Reads and encodes the material of a recipe.
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
    code: joined(tasks, encodedCode.items),
    refusals: joined(requests, encodedRequests.items),
    findings: [code, refusals, encodedCode, encodedRequests].flatMap(({ findings }) => findings),
  };
}

function joined<Item extends LocatedText>(
  items: readonly Item[],
  encoded: readonly EncodedPrompt[],
): Asked<Item>[] {
  return encoded.map(({ ids, item }) => ({ ...(items[item] as Item), ids }));
}

/** Rows whose answers are looked at to see whether training teaches code. */
const sampled = 200;

function wantsCode(wish: "auto" | "on" | "off", train: readonly Example[]): boolean {
  if (wish !== "auto") return wish === "on";
  const rows = spread(train, sampled);
  const withCode = rows.filter(({ messages }) => holdsCode(messages.at(-1)?.content ?? "")).length;
  return rows.length > 0 && withCode >= codeShare * rows.length;
}
