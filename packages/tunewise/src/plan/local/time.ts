/** @file Wall time as a sum of parts, each with an explanation. */

import { countOf, type Range, type Seconds, seconds } from "@tunewise/core/quantity";
import type { ModelDescription } from "../../catalog/index.ts";
import type { PlannedAdapter } from "../adapter.ts";
import {
  answerConstants,
  floatBytes,
  holdingConstants,
  speedConstants as k,
  workConstants,
} from "../constants.ts";
import type { MachineFacts, PlanInput, RowLength } from "../input.ts";
import type { Schedule, TimeEstimate, TimePart, TimePartName } from "../plan.ts";
import {
  certain,
  dividedBy,
  type Factor,
  largerOf,
  mapRange,
  rangeOf,
  sumRanges,
  times,
} from "../range-arithmetic.ts";
import { bytesPerWeight } from "./base-storage.ts";
import { type Batches, planBatches, planLossBatches } from "./batches.ts";
import { importancePart } from "./importance.ts";
import { decodeFlops, forwardFlops } from "./work.ts";

/** Passes over the weights per batch: forward and backward, plus another forward pass with recomputation. */
const passes = { none: 2, layer: 3 } as const;

/** Speeds, measured if available. */
export interface Speeds {
  /** FLOP/s of a step, including elementwise work. */
  readonly flops: Factor;
  /** FLOP/s of matrix products only. */
  readonly bareFlops: Factor;
  readonly bytes: Factor;
}

/** Returns the speeds of a machine: measured values, else priors. */
export function speedsOf({ flopsPerSecond, memoryBytesPerSecond, threads }: MachineFacts): Speeds {
  const bare =
    flopsPerSecond === null
      ? mapRange(k.priorFlopsPerThread, (rate) => rate * threads)
      : certain(flopsPerSecond);
  return {
    flops: times(bare, k.shareOfRate),
    bareFlops: bare,
    bytes: memoryBytesPerSecond === null ? k.priorBytesPerSecond : certain(memoryBytesPerSecond),
  };
}

/** Inputs of the time estimate. */
interface TimeNeeds {
  readonly input: PlanInput;
  readonly adapter: PlannedAdapter;
  readonly schedule: Schedule;
  readonly flopsTrain: number;
}

/**
 * Seconds = work / (rate x share), but at least the time to stream the weights from memory; plus calls, updates,
 * evaluation, saving and startup.
 *
 * @source Williams, Waterman and Patterson 2009, "Roofline", CACM 52(4)
 */
export function estimateTime(needs: TimeNeeds): TimeEstimate {
  const { input, adapter, schedule } = needs;
  const { recipe, lengths, judging, machine } = input;
  const speeds = speedsOf(machine);
  const testRows = lengths.test.slice(0, recipe.evaluation.rows ?? lengths.test.length);
  const test = (name: TimePartName, arm: PlannedAdapter | null): TimePart[] =>
    testRows.length > 0 && (judging.answers || judging.loss)
      ? [testPart(name, input, testRows, arm, speeds)]
      : [];
  const training = trainSeconds(needs, speeds);
  const parts = [
    startPart(input.model),
    ...importancePart(input, adapter, speeds),
    part("train", training, `${countOf(schedule.steps, "step")}, ${countOf(schedule.tokens, "token")}`),
    ...validationPart(needs, speeds),
    part(
      "save",
      dividedBy(certain(schedule.checkpoints * 3 * floatBytes * adapter.parameters), k.saveBytesPerSecond),
      `${countOf(schedule.checkpoints, "checkpoint")} of adapter and moments`,
    ),
    ...(recipe.evaluation.base ? test("test-base", null) : []),
    ...test("test-tuned", adapter),
  ];
  return {
    parts,
    seconds: rangeOf(sumRanges(parts.map((one) => one.seconds)), seconds),
    flopsPerSecond: speeds.bareFlops,
    isRateMeasured: machine.flopsPerSecond !== null,
    isProbed: false,
    trainTokensPerSecond: training.low > 0 ? dividedBy(certain(schedule.tokens), training) : certain(0),
  };
}

function trainSeconds({ input, adapter, schedule, flopsTrain }: TimeNeeds, speeds: Speeds): Factor {
  const { layers, parameters } = input.model;
  const batches = schedule.microBatchesPerEpoch * schedule.epochs;
  const count = passes[schedule.recompute];
  return sumRanges([
    largerOf(
      dividedBy(certain(flopsTrain), speeds.flops),
      dividedBy(certain(batches * count * floatBytes * parameters.linear), speeds.bytes),
    ),
    times(certain(batches * 2 * layers), k.secondsPerCall),
    widenSeconds(input, schedule, batches * count),
    times(certain(schedule.steps * adapter.parameters), k.secondsPerUpdate),
  ]);
}

/** Time to convert weights to float32 and to read them, for `count` passes over all layers. */
function widenSeconds({ model, recipe, machine }: PlanInput, { base }: Schedule, count: number): Factor {
  // in full fine-tuning all weights are float32
  if (base.format === "float32" || recipe.method.kind === "full") return certain(0);
  const widening = base.compute === "bf16" ? certain(0) : holdingConstants.widenSecondsPerWeight;
  const weights = count * model.parameters.linear;
  const bytes = bytesPerWeight(base, machine.storedWeightBytes, recipe.method.doubleQuantization);
  return sumRanges([
    times(certain(weights), widening),
    base.place === "disk"
      ? dividedBy(certain(weights * bytes), holdingConstants.readBytesPerSecond)
      : certain(0),
  ]);
}

function validationPart({ input, adapter, schedule }: TimeNeeds, speeds: Speeds): TimePart[] {
  const rows = input.lengths.validation;
  if (rows.length === 0 || schedule.evaluations === 0) return [];
  const once = forwardSeconds(input.model, adapter, evaluationBatches(input, rows), speeds);
  const all = times(certain(schedule.evaluations), once);
  return [part("validate", all, `loss of ${countOf(rows.length, "row")}, ${schedule.evaluations} times`)];
}

function testPart(
  name: TimePartName,
  input: PlanInput,
  rows: readonly RowLength[],
  arm: PlannedAdapter | null,
  speeds: Speeds,
): TimePart {
  const { answers, loss } = input.judging;
  const work: Factor[] = [];
  if (loss) work.push(forwardSeconds(input.model, arm, evaluationBatches(input, rows), speeds));
  if (answers) work.push(generateSeconds(input, rows, arm, speeds));
  const what = [loss ? "loss" : "", answers ? "answers" : ""].filter(Boolean).join(" and ");
  return part(
    name,
    sumRanges(work),
    `${what} of ${countOf(rows.length, "row")} by the ${arm ? "tuned" : "base"} model`,
  );
}

/** Groups rows into the engine's batches for computing losses. */
function evaluationBatches({ recipe, sharedPrefixTokens }: PlanInput, rows: readonly RowLength[]): Batches {
  return planLossBatches(rows, workConstants.evaluationCells, recipe.data.maxLength, sharedPrefixTokens);
}

/** Seconds of forward passes over batches, with the head on labeled tokens. */
export function forwardSeconds(
  model: ModelDescription,
  arm: PlannedAdapter | null,
  batches: Batches,
  speeds: Speeds,
): Factor {
  return sumRanges([
    largerOf(
      dividedBy(certain(forwardFlops(model, arm, batches)), speeds.flops),
      dividedBy(certain(batches.count * floatBytes * model.parameters.linear), speeds.bytes),
    ),
    times(certain(batches.count * model.layers), k.secondsPerCall),
  ]);
}

/** Seconds of generation: prefill, then one step per token of each group's longest answer. */
export function generateSeconds(
  input: PlanInput,
  rows: readonly RowLength[],
  arm: PlannedAdapter | null,
  speeds: Speeds,
): Factor {
  const { model, recipe } = input;
  const { batchSize } = recipe.evaluation;
  const prompts = rows.map(({ promptTokens }) => ({ tokens: promptTokens, labelledTokens: 1, promptTokens }));
  const groups = planBatches(
    prompts,
    { batchSize, batching: "length" },
    recipe.data.maxLength,
    input.sharedPrefixTokens,
  );
  const prefill = forwardSeconds(model, arm, groups, speeds);
  const steps = answerSteps(rows, recipe.evaluation, arm !== null);
  const cached = rows.reduce((sum, { tokens }) => sum + tokens, 0) / rows.length;
  const together = Math.min(batchSize, rows.length);
  const weights = floatBytes * (model.parameters.linear + model.hidden * model.vocabulary);
  const perStep = sumRanges([
    largerOf(
      dividedBy(certain(together * decodeFlops(model, cached)), speeds.flops),
      dividedBy(certain(weights), speeds.bytes),
    ),
    times(certain(model.layers + 1), k.secondsPerCall),
  ]);
  return sumRanges([prefill, times(steps, perStep)]);
}

/** Decoding steps of all groups: each group's longest reference answer, or up to the limit for an untuned model. */
function answerSteps(
  rows: readonly RowLength[],
  { batchSize, maxNewTokens }: PlanInput["recipe"]["evaluation"],
  isTuned: boolean,
): Factor {
  let expected = 0;
  const groups = Math.ceil(rows.length / batchSize);
  for (let start = 0; start < rows.length; start += batchSize) {
    const answers = rows
      .slice(start, start + batchSize)
      .map(({ tokens, promptTokens }) => tokens - promptTokens);
    expected += Math.min(
      maxNewTokens,
      answers.reduce((a, b) => Math.max(a, b), 1),
    );
  }
  const limit = groups * maxNewTokens;
  return isTuned
    ? mapRange(answerConstants.tunedFactor, (factor) => Math.min(limit, factor * expected))
    : mapRange(answerConstants.baseReach, (reach) => expected + reach * (limit - expected));
}

function startPart(model: ModelDescription): TimePart {
  const load = dividedBy(certain(floatBytes * model.parameters.total), k.loadBytesPerSecond);
  return part("start", sumRanges([load, k.startSeconds]), "reading weights, making programs; no download");
}

function part(name: TimePartName, time: Factor, reason: string): TimePart {
  const total: Range<Seconds> = rangeOf(time, seconds);
  return { name, seconds: total, reason };
}
