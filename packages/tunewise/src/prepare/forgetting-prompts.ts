/**
 * @file Data for measuring forgetting before and after training: shipped prompts or the user's files, sampled and
 * tokenized.
 */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { EncodedRow } from "@tunewise/core/rows";
import {
  type ChoiceItem,
  type LocatedText,
  type ReadItems,
  type RegressionPrompt,
  readChoices,
  readPrompts,
  readRegressionPrompts,
  readTexts,
  spread,
} from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { packageFile } from "../catalog/index.ts";
import {
  type EncodedChoice,
  type EncodedPrompt,
  encodeChoices,
  encodePrompts,
  encodeRegressionPrompts,
  encodeTexts,
  type ModelLimits,
} from "../encode/index.ts";
import { type Finding, problem } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** Items before tokenization, only those that will be used. */
export interface RawForgettingPrompts {
  readonly texts: readonly LocatedText[];
  readonly choices: readonly ChoiceItem[];
  readonly prompts: readonly LocatedText[];
  readonly regressionPrompts: readonly RegressionPrompt[];
  readonly findings: readonly Finding[];
}

/** Tokenized items. The sample for the forgetting curve is a subset, by index. */
export interface ForgettingPrompts {
  readonly texts: readonly EncodedRow[];
  readonly choices: readonly EncodedChoice[];
  readonly prompts: readonly EncodedPrompt[];
  readonly regressionPrompts: readonly EncodedMust[];
  readonly sample: {
    readonly texts: readonly number[];
    readonly choices: readonly number[];
    readonly prompts: readonly number[];
  };
  /** SHA-256 of everything that determines the base model's results, except the model. */
  readonly fingerprint: string;
  /** Findings of reading and encoding. */
  readonly findings: readonly Finding[];
}

/** A tokenized regression prompt. */
export interface EncodedMust extends RegressionPrompt {
  readonly ids: Int32Array;
}

const shipped = "data/general/";

/**
 * Reads the forgetting data of a recipe. Returns `null` if forgetting is not measured.
 *
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY`, `DATA_FILE_NOT_FOUND`, `DATA_FILE_UNREADABLE`
 */
export async function readForgettingPrompts({
  recipe,
  folder,
}: LoadedRecipe): Promise<RawForgettingPrompts | null> {
  const { measure, text, tasks, prompts, regressionPrompts, rows } = recipe.forgetting;
  if (!measure) return null;
  const nothing = { items: [], findings: [] };
  const read = async <Item>(
    source: string | null,
    name: string,
    reader: (path: string, shown: string) => Promise<ReadItems<Item>>,
  ): Promise<ReadItems<Item>> => {
    if (source === null || source === "none") return nothing;
    const isShipped = source === "general";
    return reader(isShipped ? packageFile(shipped + name) : resolve(folder, source), source);
  };
  const parts = {
    texts: await read(text, "text.jsonl", readTexts),
    choices: await read(tasks, "choices.jsonl", readChoices),
    prompts: await read(prompts, "prompts.jsonl", readPrompts),
    regressionPrompts: await read(regressionPrompts, "", readRegressionPrompts),
  };
  return {
    texts: spread(parts.texts.items, rows.text),
    choices: spread(parts.choices.items, rows.tasks),
    prompts: spread(parts.prompts.items, rows.prompts),
    regressionPrompts: spread(parts.regressionPrompts.items, rows.regressionPrompts),
    findings: Object.values(parts).flatMap(({ findings }) => findings),
  };
}

/**
 * Tokenizes the forgetting data.
 *
 * @throws {TunewiseError} `FORGETTING_FILE_EMPTY` if no document remains that the model can process
 */
export function encodeForgettingPrompts(
  raw: RawForgettingPrompts,
  tokenizer: Tokenizer,
  limits: ModelLimits,
  { forgetting, data }: Recipe,
): ForgettingPrompts {
  const {
    text,
    tasks,
    prompts: asked,
    regressionPrompts: regressionFile,
    curveRows,
    maxNewTokens,
  } = forgetting;
  const texts = encodeTexts(raw.texts, text, tokenizer, limits);
  const choices = encodeChoices(raw.choices, tasks, tokenizer, limits);
  const prompts = encodePrompts(raw.prompts, asked, tokenizer, limits);
  const withRoom = { ...limits, system: data.system, room: maxNewTokens };
  const regressionPrompts = encodeRegressionPrompts(
    raw.regressionPrompts,
    regressionFile ?? "",
    tokenizer,
    withRoom,
  );
  if (!texts.items.some(({ labelled }) => labelled.includes(1))) {
    const reason = texts.findings[0]?.detail ?? "not one has two tokens";
    throw problem("FORGETTING_FILE_EMPTY", { file: text, what: "documents", reason });
  }
  const encoded = {
    texts: texts.items,
    choices: choices.items,
    prompts: prompts.items,
    regressionPrompts: regressionPrompts.items.map(({ ids, item }) => ({
      ...(raw.regressionPrompts[item] as RegressionPrompt),
      ids,
    })),
  };
  const indices = (items: readonly unknown[], count: number): readonly number[] =>
    spread([...items.keys()], count);
  return {
    ...encoded,
    sample: {
      texts: indices(encoded.texts, curveRows.text),
      choices: indices(encoded.choices, curveRows.tasks),
      prompts: indices(encoded.prompts, curveRows.prompts),
    },
    fingerprint: fingerprintOf(encoded, maxNewTokens),
    findings: [raw, texts, choices, prompts, regressionPrompts].flatMap(({ findings }) => findings),
  };
}

function fingerprintOf(
  { texts, choices, regressionPrompts }: Pick<ForgettingPrompts, "texts" | "choices" | "regressionPrompts">,
  maxNewTokens: number,
): string {
  const rows = [...texts, ...choices.flatMap((choice) => choice.rows)];
  const hash = createHash("sha256");
  for (const { ids, labelled } of rows) hash.update(`${ids.join(" ")}|${labelled.join("")}\n`);
  for (const { ids } of regressionPrompts) hash.update(`must ${ids.join(" ")}\n`);
  return hash.update(String(maxNewTokens)).digest("hex");
}
