/**
 * @file `tunewise check`: everything that can be said of recipe, rows and tokens before anything is computed.
 */
import { relative } from "node:path";
import { type EncodeStatistics, measurePadding, type PaddingStatistics } from "../../dataset/index.ts";
import { type Observation, redactor } from "../../inspect/index.ts";
import { testRowsAdvice } from "../../plan/index.ts";
import type { Finding, Severity } from "../../problem/index.ts";
import type { Host } from "../host.ts";
import type { LoadedRecipe } from "../load-recipe.ts";
import { judgingNeeds, planRecipe } from "../plan-recipe.ts";
import type { OnDownload } from "../prepare.ts";
import { refusalsOf } from "../refusals.ts";
import { type Excerpts, excerptsOf } from "./excerpt.ts";
import { type FileStamps, stampsOf } from "./file-stamps.ts";
import { gradeFindings } from "./grade.ts";
import { weightOf } from "./meaning.ts";
import { type MemoryShare, memoryShare } from "./memory-share.ts";

/** What a check found. */
export interface DataCheck {
  readonly name: string;
  /** The recipe's file, from where the user stands. */
  readonly recipe: string;
  readonly model: string;
  /** How the model was found. */
  readonly origin: string;
  readonly dataFingerprint: string;
  readonly splits: readonly { readonly name: string; readonly statistics: EncodeStatistics }[];
  /** Share of padding at the recipe's batch size, by way of batching. */
  readonly padding: PaddingStatistics | null;
  readonly findings: readonly Finding[];
  /** Findings of rows with all the rows they rest on; their findings are among `findings`. */
  readonly observations: readonly Observation[];
  /** `null`: there are no test rows. */
  readonly memory: MemoryShare | null;
  /** The files as they were before they were read. */
  readonly stamps: FileStamps;
  /** What stands in a row, masked. */
  readonly excerpt: Excerpts;
}

/** Checks a recipe's data with the model's own tokenizer. */
export async function checkData(
  loaded: LoadedRecipe,
  host: Host,
  onDownload?: OnDownload,
): Promise<DataCheck> {
  const stamps = await stampsOf(loaded.recipe.data, loaded.folder);
  const planned = await planRecipe(loaded, host, onDownload, { isRough: true });
  const { prepared } = planned;
  await prepared.model.weights.close();
  const { recipe, encoded, model } = prepared;
  const tested = encoded.test.statistics.rows;
  const testRows = testRowsAdvice(judgingNeeds(recipe, tested).detectableEffect, tested);
  const redact = redactor(recipe.data.split.seed);
  const lengths = encoded.train.rows.map((row) => row.ids.length);
  const { batchSize, seed } = recipe.training;
  return {
    name: recipe.name,
    recipe: relative(host.cwd, loaded.path),
    model: recipe.model.source,
    origin: model.origin,
    dataFingerprint: prepared.dataFingerprint,
    splits: (["train", "validation", "test"] as const)
      .filter((name) => encoded[name].statistics.rows > 0 || name === "train")
      .map((name) => ({ name, statistics: encoded[name].statistics })),
    padding:
      lengths.length === 0
        ? null
        : measurePadding(lengths, { batchSize, maxLength: recipe.data.maxLength, seed }),
    findings: worstFirst([
      ...prepared.findings,
      ...gradeFindings(testRows, recipe.checks),
      ...refusalsOf(planned).filter((refusal) => !prepared.findings.includes(refusal)),
    ]),
    observations: prepared.observations,
    memory: memoryShare(prepared.observations, prepared.examples.test),
    stamps,
    excerpt: excerptsOf(prepared.examples, (text) => redact(text).text),
  };
}

function worstFirst(findings: readonly Finding[]): Finding[] {
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
