/** @file This machine as one of the plan's placements. */

import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import type { Recipe } from "../recipe/index.ts";
import { freeRun, type RunSpend, type SpendOutcome } from "./money/simulate.ts";
import type { PlaceEstimate } from "./place/place.ts";
import type { MemoryEstimate, Schedule, TimeEstimate, TimePartName } from "./plan.ts";
import { type Factor, sumRanges } from "./range-arithmetic.ts";

/** Time and price of one run on this machine, for the simulation. */
export function runHere(usdPerHour: Usd, time: TimeEstimate, steps: number, { plan }: Recipe): RunSpend {
  const start = secondsOf(time, ["start", "importance"]);
  const train = secondsOf(time, ["train", "save"]);
  const smokeShare = steps > 0 ? Math.min(plan.smokeSteps, steps) / steps : 0;
  return {
    ...freeRun,
    usdPerHour: usdPerHour / 1e6,
    train,
    judge: secondsOf(time, ["validate", "forgetting", "test-base", "test-tuned"]),
    start,
    smoke: smokeShare > 0 ? start.expected + smokeShare * train.expected : 0,
  };
}

function secondsOf({ parts }: TimeEstimate, names: readonly TimePartName[]): Factor {
  return sumRanges(parts.filter(({ name }) => names.includes(name)).map(({ seconds }) => seconds));
}

/** Inputs of `placeHere`. */
interface HereNeeds {
  readonly recipe: Recipe;
  readonly memory: MemoryEstimate;
  readonly time: TimeEstimate;
  readonly schedule: Schedule;
  readonly usdPerHour: Usd;
  readonly money: Range<Usd>;
  readonly total: SpendOutcome;
}

/** Returns the placement on this machine. */
export function placeHere({
  recipe,
  memory,
  time,
  schedule,
  usdPerHour,
  money,
  total,
}: HereNeeds): PlaceEstimate {
  const peak = memory.phases.find(({ name }) => name === memory.peakPhase);
  return {
    kind: "here",
    name: "this machine",
    provider: "own",
    instance: "this machine",
    region: "",
    pricing: "own",
    device: "CPU",
    deviceCount: 1,
    usdPerHour: usd(usdPerHour / 1e6),
    price: { name: recipe.machine.source || "recipe", asOf: null, isUserOwn: true },
    memory: {
      bytes: memory.peakBytes,
      usableBytes: memory.usableBytes,
      hostBytes: memory.peakBytes.expected,
      hostUsableBytes: memory.usableBytes,
      biggestTerm: memory.biggestTerm,
      phase: memory.peakPhase,
      terms: (peak?.terms ?? []).map(({ name, bytes, reason }) => ({ name, bytes: bytes.expected, reason })),
    },
    restsOn: null,
    fits: memory.fits,
    change: changeHere(memory, schedule, recipe),
    layout: {
      rows: recipe.training.batchSize,
      microBatches: recipe.training.gradientAccumulationSteps,
      recompute: schedule.recompute,
      sharding: "none",
    },
    seconds: time.seconds,
    runUsd: money,
    total: memory.fits !== "no" ? total : null,
  };
}

function changeHere(
  memory: MemoryEstimate,
  schedule: Schedule,
  { method, training, data }: Recipe,
): string | null {
  if (memory.fits === "yes") return null;
  if (method.kind === "full" && memory.biggestTerm === "adapter") {
    return training.optimizerState === "memory" ? "training.optimizer_state: disk" : "method.kind: qlora";
  }
  if (memory.biggestTerm === "weights" && method.kind === "lora") return "method.kind: qlora";
  if (schedule.recompute === "none") return "training.gradient_checkpointing: layer";
  return training.batchSize > 1
    ? `training.batch_size: ${Math.max(1, Math.floor(training.batchSize / 2))}`
    : `data.max_length: ${Math.max(16, Math.floor(data.maxLength / 2))}`;
}
