/**
 * @file `tunewise plan`: what a recipe will take on this machine, before anything is spent.
 */
import { createHash } from "node:crypto";
import { describeModel } from "../catalog/index.ts";
import type { EncodedRow } from "../dataset/index.ts";
import { measureMatrixRate } from "../engine/index.ts";
import { metricKinds, minimumDetectableEffect } from "../evaluate/index.ts";
import { type JudgingNeeds, type Plan, planRun, rowLengths } from "../plan/index.ts";
import { type Finding, problem } from "../problem/index.ts";
import { bytes } from "../quantity/index.ts";
import { effectiveConfiguration, type Recipe } from "../recipe/index.ts";
import type { Host } from "./host.ts";
import type { LoadedRecipe } from "./load-recipe.ts";
import { type OnDownload, type Prepared, prepare } from "./prepare.ts";

/** A plan with what it was made from. */
export interface PlannedRecipe {
  readonly plan: Plan;
  readonly prepared: Prepared;
  /** Of data and plan. */
  readonly findings: readonly Finding[];
}

/**
 * Plans a recipe. The matrix rate of the machine is measured on the way, in well under a second.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID`
 */
export async function planRecipe(
  loaded: LoadedRecipe,
  host: Host,
  onDownload?: OnDownload,
): Promise<PlannedRecipe> {
  const prepared = await prepare(loaded, host, onDownload);
  const { recipe, encoded, model } = prepared;
  const described = describeModel(model.config);
  if (described.model === null) {
    const [first] = described.findings;
    throw problem("MODEL_CONFIG_INVALID", { detail: first?.detail ?? "the architecture is not known" });
  }
  const threads = recipe.machine.threads ?? host.cores;
  const plan = planRun({
    recipe,
    model: described.model,
    lengths: {
      train: rowLengths(encoded.train.rows),
      validation: rowLengths(encoded.validation.rows),
      test: rowLengths(encoded.test.rows),
    },
    sharedPrefixTokens: commonPrefix(encoded.train.rows),
    machine: {
      memoryBytes: bytes(host.memoryBytes),
      threads,
      flopsPerSecond: await measureMatrixRate({ threads }, host.elapsedSeconds),
      memoryBytesPerSecond: null,
    },
    judging: judgingNeeds(recipe, encoded.test.rows.length),
    basis: {
      recipeFingerprint: createHash("sha256").update(effectiveConfiguration(recipe)).digest("hex"),
      dataFingerprint: prepared.dataFingerprint,
      modelRevision: model.revision,
    },
  });
  return { plan, prepared, findings: [...prepared.findings, ...plan.findings] };
}

function judgingNeeds({ task }: Recipe, rows: number): JudgingNeeds {
  const kinds = task.metrics.map((metric) => metricKinds[metric]);
  return {
    answers: kinds.some(({ needs }) => needs === "answers"),
    loss: kinds.some(({ needs }) => needs === "loss"),
    detectableEffect: kinds.some(({ isYesNo }) => isYesNo) ? minimumDetectableEffect(rows) : null,
  };
}

/** Tokens that all rows begin with. */
function commonPrefix(rows: readonly EncodedRow[]): number {
  const [first] = rows;
  if (!first || rows.length < 2) return 0;
  let length = first.ids.length;
  for (const { ids } of rows) {
    let at = 0;
    while (at < length && ids[at] === first.ids[at]) at++;
    length = at;
  }
  return length;
}
