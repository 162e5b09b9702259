/** @file `tunewise check`: all findings about the recipe, rows and tokens before training starts. */

import { relative } from "node:path";
import type { Placement } from "@tunewise/core/run";
import { memoryShare, redactor } from "@tunewise/datacheck";
import { measurePadding } from "../../encode/index.ts";
import { testRowsAdvice } from "../../plan/index.ts";
import { gradeFindings, type LoadedRecipe, type OnDownload, rowEmbedder } from "../../prepare/index.ts";
import type { Finding, Severity } from "../../problem/index.ts";
import { withSources } from "../../recipe/index.ts";
import { type DataCheck, excerptsOf, weightOf } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { evaluationNeeds, planRecipe, refusalsOf } from "../plan/index.ts";
import { stampsOf } from "./file-stamps.ts";
import type { CleanedData } from "./fix-data.ts";

/**
 * Checks a recipe's data with the model's own tokenizer.
 *
 * @param by what will run the training; defaults to the engine
 */
export async function checkData(
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  by?: Placement["kind"],
): Promise<DataCheck> {
  const stamps = await stampsOf(loaded.recipe.data, loaded.folder);
  const embed = rowEmbedder(loaded.recipe, loaded.folder, runtime);
  const planned = await planRecipe(loaded, runtime, onDownload, { isRough: true, embed });
  const { prepared } = planned;
  const { recipe, encoded, model } = prepared;
  const tested = encoded.test.statistics.rows;
  const testRows = testRowsAdvice(evaluationNeeds(recipe, tested).detectableEffect, tested);
  const redact = redactor(recipe.data.split.seed, true);
  const lengths = encoded.train.rows.map((row) => row.ids.length);
  const { batchSize, seed } = recipe.training;
  return {
    name: recipe.name,
    recipe: relative(runtime.cwd, loaded.path),
    model: recipe.model.source,
    origin: model.origin,
    dataFingerprint: prepared.dataFingerprint,
    splits: (["train", "validation", "test"] as const)
      .filter((name) => encoded[name].statistics.rows > 0 || name === "train")
      .map((name) => ({ name, statistics: encoded[name].statistics })),
    trainOn: recipe.data.trainOn,
    reasoning: recipe.data.reasoning,
    padding:
      lengths.length === 0
        ? null
        : measurePadding(lengths, { batchSize, maxLength: recipe.data.maxLength, seed }),
    findings: worstFirst([
      ...prepared.findings,
      ...gradeFindings(testRows, recipe.checks),
      ...refusalsOf(planned, by).filter((refusal) => !prepared.findings.includes(refusal)),
    ]),
    observations: prepared.observations,
    refused: [encoded.train, encoded.validation, encoded.test].flatMap(({ refused }) => refused),
    memory: memoryShare(prepared.observations, prepared.examples.test),
    stamps,
    excerpt: excerptsOf(prepared.examples, (text) => redact(text).text),
  };
}

/** Checks a cleaned copy as a run of the recipe would read it. */
export async function checkCopy(
  loaded: LoadedRecipe,
  runtime: Runtime,
  { files }: Pick<CleanedData, "files">,
  by?: Placement["kind"],
): Promise<DataCheck> {
  const { recipe } = loaded;
  const copies = files.map(({ to }) => to);
  const data = withSources(recipe.data, copies);
  return checkData({ ...loaded, recipe: { ...recipe, data } }, runtime, undefined, by);
}

/** Sorts findings: errors first, then warnings. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };
  return findings.toSorted(
    (a, b) => rank[a.severity] - rank[b.severity] || weightOf(b.code) - weightOf(a.code),
  );
}

/** Whether any finding is at least as severe as `from`. */
export function blocks(findings: readonly Finding[], from: Exclude<Severity, "note">): boolean {
  return findings.some(
    ({ severity }) => severity === "error" || (from === "warning" && severity === "warning"),
  );
}
