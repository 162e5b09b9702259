/** @file Reference data of old skills, tokenized for EWC and replay. */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { linearCongruential, randomBelow } from "@tunewise/core/math";
import type { EncodedRow } from "@tunewise/core/rows";
import { type LocatedText, readSplits, readTexts, spread } from "@tunewise/datacheck/dataset";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import { packageFile } from "../catalog/index.ts";
import { encodeExamples, encodeTexts } from "../encode/index.ts";
import { type Finding, problem } from "../problem/index.ts";
import type { Recipe } from "../recipe/index.ts";
import type { LoadedRecipe } from "./load-recipe.ts";

/** Reference data for `keep`. */
export interface KeepReference {
  readonly rows: readonly EncodedRow[];
  /** SHA-256 of the tokens. */
  readonly dataKey: string;
  readonly findings: readonly Finding[];
}

const shipped = "data/general/text.jsonl";

/** Number of sequences below which importance estimates are noisy, and the required minimum. */
const [minExamples, requiredRows] = [16, 2];

/**
 * Reads the reference data. Returns `null` if the recipe needs none.
 *
 * Excludes the shipped texts on which forgetting is measured, since the evaluation would otherwise test on training
 * data.
 *
 * @throws {TunewiseError} `REGULARIZATION_REFERENCE_EMPTY`, and those of the readers
 */
export async function readReference(
  { recipe, folder }: LoadedRecipe,
  tokenizer: Tokenizer,
  limits: { readonly contextLength: number; readonly vocabulary: number },
): Promise<KeepReference | null> {
  const { regularization } = recipe;
  if (regularization.method !== "ewc" && regularization.method !== "replay") return null;
  const read = isText(regularization.reference)
    ? await readDocuments(recipe, folder, tokenizer, limits)
    : await readOldRows(recipe, folder, tokenizer);
  const usable = read.rows.filter(({ labelled }) => labelled.includes(1));
  const rows = regularization.method === "ewc" ? spread(usable, regularization.examples) : usable;
  if (rows.length < requiredRows) {
    throw problem("REGULARIZATION_REFERENCE_EMPTY", {
      file: regularization.reference,
      found: rows.length,
      needed: requiredRows,
    });
  }
  const hash = createHash("sha256");
  for (const { ids, labelled } of rows) hash.update(`${ids.join(" ")}|${labelled.join("")}\n`);
  const isFew = regularization.method === "ewc" && rows.length < minExamples;
  const findings = isFew ? [...read.findings, fewExamples(recipe, rows.length)] : read.findings;
  return { rows, dataKey: hash.digest("hex"), findings };
}

/** Training rows with replayed reference rows, sampled by the seed. */
export function mixReplayRows(
  train: readonly EncodedRow[],
  old: readonly EncodedRow[],
  { regularization, training }: Recipe,
): readonly EncodedRow[] {
  const count = Math.round((train.length * regularization.share) / (1 - regularization.share));
  const next = linearCongruential(training.seed);
  const random = (): number => next() / 2 ** 32;
  const chosen = Array.from({ length: count }, () => old[randomBelow(random, old.length)] as EncodedRow);
  return [...train, ...chosen.map((row, at) => ({ ...row, example: train.length + at }))];
}

function isText(reference: string): boolean {
  return reference === "general" || /\.txt$/i.test(reference);
}

interface ReadReference {
  readonly rows: readonly EncodedRow[];
  readonly findings: readonly Finding[];
}

async function readDocuments(
  { regularization, forgetting, data }: Recipe,
  folder: string,
  tokenizer: Tokenizer,
  limits: { readonly contextLength: number; readonly vocabulary: number },
): Promise<ReadReference> {
  const isShipped = regularization.reference === "general";
  const path = isShipped ? packageFile(shipped) : resolve(folder, regularization.reference);
  const { items, findings } = await readTexts(path, isShipped ? "text.jsonl" : regularization.reference);
  const judged = new Set<LocatedText>(
    isShipped && forgetting.measure && forgetting.text === "general"
      ? spread(items, forgetting.rows.text)
      : [],
  );
  const rest = items.filter((item) => !judged.has(item));
  const most = regularization.method === "ewc" ? regularization.length : data.maxLength;
  const shorter = { ...limits, contextLength: Math.min(limits.contextLength, most) };
  const encoded = encodeTexts(rest.length > 0 ? rest : items, regularization.reference, tokenizer, shorter);
  // documents are intentionally truncated to `regularization.length`
  const others = encoded.findings.filter(({ code }) => code !== "FORGETTING_TEXT_CUT");
  return { rows: encoded.items, findings: [...findings, ...others] };
}

async function readOldRows(
  { regularization, data }: Recipe,
  folder: string,
  tokenizer: Tokenizer,
): Promise<ReadReference> {
  const none = { train: null, validation: null, test: null };
  const source = {
    ...data,
    train: regularization.reference,
    mix: null,
    validation: null,
    test: null,
    rows: none,
    split: { ...data.split, validation: 0, test: 0 },
  };
  const { splits, findings } = await readSplits({ ...source, folder });
  const maxLength =
    regularization.method === "ewc" ? Math.min(regularization.length, data.maxLength) : data.maxLength;
  const encoded = encodeExamples(splits.train, tokenizer, { ...data, maxLength, overflow: "truncate" });
  return { rows: encoded.rows, findings };
}

function fewExamples({ regularization }: Recipe, found: number): Finding {
  return {
    code: "REGULARIZATION_FEW_EXAMPLES",
    severity: "warning",
    title: "too few sequences to estimate importance",
    detail: `${regularization.reference} contains ${found} of ${regularization.examples} sequences; with fewer than ${minExamples}, importance is mostly chance.`,
    where: [],
    count: 1,
    fix: "Name a longer text under regularization.reference.",
  };
}
