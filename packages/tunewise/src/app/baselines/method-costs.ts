/** @file Compares the costs of a full and a LoRA run on the same rows, if both were recorded. */
import { existsSync } from "node:fs";
import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import { isTraining, type Run, trainingOf } from "@tunewise/core/run";
import { openRuns, storePath } from "@tunewise/tracker";
import type { MethodCost } from "../../evaluate/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { effectiveConfiguration, type MethodSection, readConfiguration } from "../../recipe/index.ts";
import { settingsOf } from "../runs/index.ts";

/** Maximum number of runs to examine. */
const maxRuns = 1000;

/** Variation of cost and peak memory between identical runs, as fractions. */
const variation = { money: 0.2, memory: 0.03 } as const;

/** Returns the newest pair of completed runs that differ only in method, learning rate and seed, or `null`. */
export async function compareMethodCosts(
  { model, dataFingerprint }: Pick<Prepared, "model" | "dataFingerprint">,
  output: string,
): Promise<{ readonly full: MethodCost; readonly lora: MethodCost } | null> {
  if (!existsSync(storePath(output))) return null;
  const store = await openRuns(output);
  try {
    const runs = await store.listRuns({ status: "completed", dataFingerprint, limit: maxRuns });
    return pairOf(runs.filter((run) => isTraining(run) && run.modelRevision === model.revision));
  } finally {
    await store.close();
  }
}

function pairOf(runs: readonly Run[]): { full: MethodCost; lora: MethodCost } | null {
  const known = runs.flatMap((run) => {
    const about = methodOf(run);
    return about === null ? [] : [{ run, ...about }];
  });
  for (const full of known.filter(({ kind }) => kind === "full")) {
    const lora = known.find(({ kind, basis }) => kind === "lora" && basis === full.basis);
    if (lora) return { full: costOf(full.run), lora: costOf(lora.run) };
  }
  return null;
}

/** A run's method, and all other settings that affect its training cost, as text. */
function methodOf({ configuration }: Run): { kind: MethodSection["kind"]; basis: string } | null {
  const { recipe } = readConfiguration(configuration, "configuration.json");
  if (recipe === null) return null;
  const own = /^(method\.|training\.(learning_rate|seed)$)/;
  const settings = Object.entries(settingsOf(effectiveConfiguration(recipe))).filter(
    ([path]) => !own.test(path),
  );
  return { kind: recipe.method.kind, basis: JSON.stringify(settings) };
}

function costOf(run: Run): MethodCost {
  const peak = trainingOf(run)?.memory_bytes_peak ?? 0;
  return {
    usd: run.spentMicroUsd > 0 ? aroundUsd(run.spentMicroUsd / 1e6) : null,
    memoryBytesPeak: peak > 0 ? around(peak, variation.memory) : null,
  };
}

function aroundUsd(amount: number): Range<Usd> {
  const { low, expected, high } = around(amount, variation.money);
  return { low: usd(low), expected: usd(expected), high: usd(high) };
}

function around(amount: number, swing: number): Range<number> {
  return { low: amount * (1 - swing), expected: amount, high: amount * (1 + swing) };
}
